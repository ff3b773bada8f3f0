// The operations of the admin API, each a line or two around what can be done in Go.

package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// How long a call may wait for others.
const (
	waitNormal = 10 * time.Second
	waitLimit  = 25 * time.Second
)

var errTimeout = errors.New("the calls did not come in time")

func adminRoutes() map[string]func(*adminCall) (int, any, error) {
	return map[string]func(*adminCall) (int, any, error){
		"getHealth": func(*adminCall) (int, any, error) {
			return http.StatusOK, map[string]string{"status": "ok"}, nil
		},
		"getCredentials": func(c *adminCall) (int, any, error) { return http.StatusOK, c.sandbox.Credentials(), nil },
		"getState":       func(c *adminCall) (int, any, error) { return http.StatusOK, c.sandbox.State(), nil },
		"reset":          (*adminCall).reset,
		"addFixtures":    (*adminCall).addFixtures,
		"listCalls":      (*adminCall).listCalls,
		"listFaults": func(c *adminCall) (int, any, error) {
			return http.StatusOK, map[string]any{"faults": c.sandbox.Faults()}, nil
		},
		"addFault": (*adminCall).addFault,
		"clearFaults": func(c *adminCall) (int, any, error) {
			c.sandbox.ClearFaults()
			return http.StatusNoContent, nil, nil
		},
		"removeFault": (*adminCall).removeFault,
		"getClock": func(c *adminCall) (int, any, error) {
			return http.StatusOK, c.sandbox.Clock().State(), nil
		},
		"setClock":           (*adminCall).setClock,
		"changeFinAPIUser":   (*adminCall).changeFinAPIUser,
		"changeFinAPIClient": (*adminCall).changeFinAPIClient,
		"verifyEmbedToken":   (*adminCall).verifyEmbedToken,
		"verifyBridgeToken":  (*adminCall).verifyBridgeToken,
	}
}

// read decodes the body, which the document has seen.
func (c *adminCall) read(v any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return invalid("body", "has a value that does not fit: %s", cut(err.Error()))
	}
	return nil
}

func (c *adminCall) reset() (int, any, error) {
	var request struct {
		Seed *int64 `json:"seed"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	if request.Seed != nil {
		c.sandbox.ResetSeed(*request.Seed)
	} else {
		c.sandbox.Reset()
	}
	return http.StatusOK, c.sandbox.Credentials(), nil
}

func (c *adminCall) addFixtures() (int, any, error) {
	var request Fixtures
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, c.sandbox.Add(request)
}

func (c *adminCall) listCalls() (int, any, error) {
	query := c.URL.Query()
	filter := CallFilter{
		Provider: query.Get("provider"), Operation: query.Get("operation"), RequestID: query.Get("request_id"),
		Refused: query.Get("refused") == "true",
	}
	filter.Status, _ = strconv.Atoi(query.Get("status")) // numbers, says the document
	filter.After, _ = strconv.ParseUint(query.Get("after"), 10, 64)
	count, _ := strconv.Atoi(query.Get("count"))
	patience, err := time.ParseDuration(cmp.Or(query.Get("timeout"), waitNormal.String()))
	if err != nil || patience < 0 || patience > waitLimit {
		return 0, nil, invalid("timeout", "must be between 0 and %s", waitLimit)
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	calls, err := c.sandbox.WaitForCalls(ctx, filter, count)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %d of %d", errTimeout, len(calls), count)
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	limit = cmp.Or(limit, pageLimit)
	page := calls[:min(len(calls), limit)]
	return http.StatusOK, map[string]any{"calls": page, "more": len(page) < len(calls), "dropped": c.sandbox.DroppedCalls()}, nil
}

// pageLimit is how many calls an answer has at most, and unless it is asked for less.
const pageLimit = 1000

func (c *adminCall) addFault() (int, any, error) {
	var request Fault
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	added, err := c.sandbox.AddFault(request)
	return http.StatusCreated, added, err
}

func (c *adminCall) removeFault() (int, any, error) {
	if !c.sandbox.RemoveFault(c.segment()) {
		return 0, nil, fmt.Errorf("the rule %w", errNotThere)
	}
	return http.StatusNoContent, nil, nil
}

// segment is the last segment of the path as its parameter.
func (c *adminCall) segment() string {
	escaped := c.URL.EscapedPath()
	for i := len(escaped) - 1; i >= 0; i-- {
		if escaped[i] == '/' {
			plain, _ := url.PathUnescape(escaped[i+1:]) // the URL was parsed before
			return plain
		}
	}
	return ""
}

func (c *adminCall) setClock() (int, any, error) {
	var request struct {
		Mode    string    `json:"mode"`
		Now     time.Time `json:"now"`
		Advance Duration  `json:"advance"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	clock := c.sandbox.Clock()
	err := clock.change(request.Mode, request.Now, time.Duration(request.Advance))
	return http.StatusOK, clock.State(), err
}

// changeFinAPIUser checks all of a change before it makes the first part of it.
func (c *adminCall) changeFinAPIUser() (int, any, error) {
	var request struct {
		Password *string `json:"password"`
		Verified *bool   `json:"verified"`
		Locked   *bool   `json:"locked"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	name := c.segment()
	switch {
	case !c.sandbox.hasFinAPIUser(name):
		return 0, nil, fmt.Errorf("the user %w", errNotThere)
	case request.Verified != nil && !*request.Verified:
		return 0, nil, invalid("verified", "can only become true")
	case request.Locked != nil && !*request.Locked:
		return 0, nil, invalid("locked", "can only become true; a new password unlocks")
	}
	var errs []error
	if request.Password != nil {
		errs = append(errs, c.sandbox.ChangeFinAPIPassword(name, *request.Password))
	}
	if request.Verified != nil {
		errs = append(errs, c.sandbox.VerifyFinAPIUser(name))
	}
	if request.Locked != nil {
		errs = append(errs, c.sandbox.LockFinAPIUser(name))
	}
	return http.StatusNoContent, nil, errors.Join(errs...)
}

func (c *adminCall) changeFinAPIClient() (int, any, error) {
	var request struct {
		ClientSecret string `json:"client_secret"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	if err := c.sandbox.ChangeFinAPIClientSecret(c.segment(), request.ClientSecret); err != nil {
		return 0, nil, fmt.Errorf("the client %w", errNotThere) // the document has seen the secret
	}
	return http.StatusNoContent, nil, nil
}

func (c *adminCall) verifyEmbedToken() (int, any, error) {
	var request struct {
		Token        string `json:"token"`
		ParentOrigin string `json:"parent_origin"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	made, err := c.sandbox.VerifyEmbedToken(request.Token, request.ParentOrigin)
	return http.StatusOK, made, notFound(err)
}

func (c *adminCall) verifyBridgeToken() (int, any, error) {
	var request struct {
		Token string `json:"token"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	made, err := c.sandbox.VerifyBridgeToken(request.Token)
	return http.StatusOK, made, notFound(err)
}

// notFound makes a 404 of what a token is not.
func notFound(err error) error {
	var why *InvalidError
	if !errors.As(err, &why) {
		return err
	}
	return fmt.Errorf("%w: %s %s", errNotThere, why.Field, why.Rule)
}

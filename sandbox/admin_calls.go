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

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// How long a call may wait for others.
const (
	waitNormal = 10 * time.Second
	waitLimit  = 25 * time.Second
)

var errTimeout = errors.New("the calls did not come in time")

// adminRoutes are operations by their id in the document.
type adminRoutes map[string]func(*adminCall) (int, any, error)

var generalRoutes = adminRoutes{
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
	"setClock": (*adminCall).setClock,
}

// read decodes the body, which the document has seen.
func (c *adminCall) read(v any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return engine.Invalid("body", "has a value that does not fit: %s", engine.Cut(err.Error()))
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
	patience, err := patienceOf(query)
	if err != nil {
		return 0, nil, err
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
	err := c.sandbox.engine.ChangeClock(request.Mode, request.Now, time.Duration(request.Advance))
	return http.StatusOK, c.sandbox.Clock().State(), err
}

// notFound makes a 404 of what a token is not.
func notFound(err error) error {
	var why *InvalidError
	if !errors.As(err, &why) {
		return err
	}
	return fmt.Errorf("%w: %s %s", errNotThere, why.Field, why.Rule)
}

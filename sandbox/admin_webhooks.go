// The operations of the admin API that are about webhooks, and the button on the page.

package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

var webhookRoutes = adminRoutes{
	"listWebhooks": func(c *adminCall) (int, any, error) {
		return http.StatusOK, map[string]any{"webhooks": c.sandbox.Webhooks()}, nil
	},
	"addWebhook":     (*adminCall).addWebhook,
	"changeWebhook":  (*adminCall).changeWebhook,
	"removeWebhook":  (*adminCall).removeWebhook,
	"listDeliveries": (*adminCall).listDeliveries,
	"sendAgain":      (*adminCall).sendAgain,
	"sendEvent":      (*adminCall).sendEvent,
}

func (c *adminCall) addWebhook() (int, any, error) {
	var request Webhook
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	if err := c.mayReach(request.URL); err != nil {
		return 0, nil, err
	}
	added, err := c.sandbox.AddWebhook(request)
	return http.StatusCreated, added, err
}

// mayReach keeps those on other machines who were let in from reaching what listens on this one alone.
func (c *adminCall) mayReach(target string) error {
	remote, _ := netip.ParseAddrPort(c.RemoteAddr) // in memory, and through a Unix socket, there is none
	u, _ := url.Parse(target)                      // nil is refused later
	if remote.IsValid() && !remote.Addr().Unmap().IsLoopback() && u != nil && engine.LoopbackName(u.Hostname()) {
		return engine.Invalid("url", "must not be at a loopback host when another machine asks for it")
	}
	return nil
}

var errNoWebhook = fmt.Errorf("the webhook %w", errNotThere)

func (c *adminCall) changeWebhook() (int, any, error) {
	var request struct {
		Off bool `json:"off"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	if !c.sandbox.SwitchWebhook(c.segment(), request.Off) {
		return 0, nil, errNoWebhook
	}
	return http.StatusNoContent, nil, nil
}

func (c *adminCall) removeWebhook() (int, any, error) {
	if !c.sandbox.RemoveWebhook(c.segment()) {
		return 0, nil, errNoWebhook
	}
	return http.StatusNoContent, nil, nil
}

func (c *adminCall) listDeliveries() (int, any, error) {
	query := c.URL.Query()
	filter := DeliveryFilter{
		Webhook: query.Get("webhook"), Provider: query.Get("provider"), Type: query.Get("type"), EventID: query.Get("event_id"),
		State: DeliveryState(query.Get("state")), Answered: query.Get("answered") == "true",
	}
	filter.After, _ = strconv.ParseUint(query.Get("after"), 10, 64) // numbers, says the document
	count, _ := strconv.Atoi(query.Get("count"))
	patience, err := patienceOf(query)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	found, err := c.sandbox.WaitForDeliveries(ctx, filter, count)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %d of %d", errTimeout, len(found), count)
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	page := found[:min(len(found), cmp.Or(limit, pageLimit))]
	return http.StatusOK, map[string]any{"deliveries": page, "more": len(page) < len(found)}, nil
}

// patienceOf returns how long a call waits for others.
func patienceOf(query url.Values) (time.Duration, error) {
	patience, err := time.ParseDuration(cmp.Or(query.Get("timeout"), waitNormal.String()))
	if err != nil || patience < 0 || patience > waitLimit {
		return 0, engine.Invalid("timeout", "must be between 0 and %s", waitLimit)
	}
	return patience, nil
}

func (c *adminCall) sendAgain() (int, any, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, adminPrefix+"/deliveries/"), "/")
	sent, err := c.sandbox.SendAgain(id)
	var why *InvalidError
	if errors.As(err, &why) && why.Rule == engine.NoDelivery {
		err = fmt.Errorf("the delivery %w", errNotThere)
	}
	return http.StatusAccepted, sent, err
}

func (c *adminCall) sendEvent() (int, any, error) {
	var request struct {
		Provider string          `json:"provider"`
		Type     string          `json:"type"`
		Data     json.RawMessage `json:"data"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	made, err := c.sandbox.SendEvent(request.Provider, request.Type, request.Data)
	return http.StatusCreated, map[string]any{
		"id": made.ID, "provider": made.Provider, "account": made.Account, "type": made.Type, "time": made.Time,
	}, err
}

// button sends a delivery again for a person who looks at the page, and shows the page again. Only the page itself may ask:
// a browser says where a form comes from.
func (a *admin) button(w http.ResponseWriter, r *http.Request) {
	origin, err := url.Parse(r.Header.Get("Origin"))
	ours := r.Header.Get("Sec-Fetch-Site") == "same-origin" || err == nil && origin.Host != "" && origin.Host == r.Host
	r.Body = http.MaxBytesReader(w, r.Body, 1024)
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		a.send(w, http.StatusMethodNotAllowed, adminError{Error: "the path has no such method"})
		return
	case !ours:
		a.send(w, http.StatusForbidden, adminError{Error: "only the button of the page leads here; use the admin API"})
		return
	}
	if _, err := a.sandbox.SendAgain(r.PostFormValue("delivery")); err != nil {
		status, body := statusOf(err)
		a.send(w, status, body)
		return
	}
	w.Header().Set("Location", "/#webhooks")
	w.WriteHeader(http.StatusSeeOther)
}

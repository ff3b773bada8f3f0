// One attempt to deliver an event.

package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// oldTimestamp is how long ago FaultOldTimestamp was signed, which no usual tolerance allows.
const oldTimestamp = time.Hour

// holdTime is how long a delivery waits for another one to overtake it.
const holdTime = time.Minute

// deliver makes an attempt, or lets a fault put it off.
func (h *hooks) deliver(d *delivery, late bool) {
	var fault *firing
	if !late {
		fault = h.engine.rules.takeEvent(d.Provider, d.Type)
	}
	switch {
	case fault.is(FaultWebhookLate):
		h.postpone(d, fault.wait, false, fault.ID)
		return
	case fault.is(FaultWebhookOutOfOrder):
		h.postpone(d, holdTime, true, fault.ID)
		return
	}
	ctx, cancel := context.WithTimeout(d.to.ctx, h.engine.scheme(d.Provider).Timeout)
	defer cancel()
	status, failure := h.send(ctx, d, fault)
	if fault.is(FaultWebhookTwice) {
		status, failure = h.send(ctx, d, fault)
	}
	h.done(d, status, failure, fault.id())
}

// send sends an event once and returns the status of the answer, and why it counts as a failure, if it does.
func (h *hooks) send(ctx context.Context, d *delivery, fault *firing) (status int, failure string) {
	defer func() {
		if recover() != nil { // of a handler in memory, which a server would survive as well
			status, failure = 0, "the handler panicked"
		}
	}()
	r, err := h.request(ctx, d, fault)
	if err != nil {
		return 0, err.Error()
	}
	client := &http.Client{Transport: h.sender, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if d.to.Handler != nil {
		client.Transport = RoundTripper(d.to.Handler)
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, failureOf(ctx, err)
	}
	_, _ = io.CopyN(io.Discard, response.Body, reasonLimit) // as much as a server may want to be rid of
	_ = response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return response.StatusCode, fmt.Sprintf("the answer was %d, and not 2xx", response.StatusCode)
	}
	return response.StatusCode, ""
}

// failureOf words why there was no answer, without the URL.
func failureOf(ctx context.Context, err error) string {
	var of *url.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "there was no answer in time"
	case errors.As(err, &of):
		err = of.Err
	}
	return cutAt(err.Error(), reasonLimit)
}

// request makes the request of an attempt, signed now.
func (h *hooks) request(ctx context.Context, d *delivery, fault *firing) (*http.Request, error) {
	e, scheme := h.engine, h.engine.scheme(d.Provider)
	body, err := json.Marshal(scheme.Body(d.event))
	if err != nil {
		return nil, err
	}
	if fault.is(FaultWebhookHuge) {
		body = append(body, bytes.Repeat([]byte(" "), max(0, fault.length()-len(body)))...) // is still the same JSON
	}
	secrets, at := d.to.Secrets, e.config.Now()
	if len(secrets) == 0 {
		secrets = []string{scheme.Secret(e.Fake(d.Provider))}
	}
	if fault.is(FaultWebhookOldTimestamp) {
		at = at.Add(-oldTimestamp)
	}
	header := scheme.Sign(secrets, d.event, at, body)
	if fault.is(FaultWebhookWrongSignature) {
		header = scheme.Sign(secrets, d.event, at, append(body, ' ')) // of another body
	}
	target := d.to.URL
	if d.to.Handler != nil {
		target = "http://localhost/"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, header)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", issuer)
	return r, nil
}

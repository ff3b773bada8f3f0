// Which endpoints are possible: the Sandbox sends to this machine, and to hosts that were named at the start.

package engine

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"syscall"
)

// eventType is the form of the type of an event.
var eventType = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// checkWebhook says what is wrong with an endpoint.
func (e *Engine) checkWebhook(w *Webhook) error {
	scheme := e.scheme(w.Provider)
	switch {
	case w.ID != "":
		return Invalid("id", "must be empty; the sandbox makes one")
	case w.Off:
		return Invalid("off", "must be false: a new endpoint is on")
	case scheme == nil:
		return Invalid("provider", "must be %s", Choice(e.Telling()...))
	case w.Handler != nil && w.URL != "":
		return Invalid("url", "must be empty where a handler is called")
	case len(w.Secrets) > 5:
		return Invalid("secrets", "must be at most 5")
	}
	for _, kind := range w.Events {
		if !slices.Contains(scheme.Events, kind) {
			return Invalid("events", "must be of %s", Choice(scheme.Events...))
		}
	}
	for _, secret := range w.Secrets {
		if !scheme.ValidSecret(secret) {
			return Invalid("secrets", "must have the form of a signing secret of %s", w.Provider)
		}
	}
	if w.Handler != nil {
		return nil
	}
	return e.checkTarget(w.URL)
}

// checkTarget says whether a URL may be sent to.
func (e *Engine) checkTarget(text string) error {
	if text == "" {
		return Invalid("url", "is required")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return Invalid("url", "must be an absolute URL with http or https")
	case len(text) > 2048:
		return Invalid("url", "must have at most 2048 characters")
	case u.User != nil:
		return Invalid("url", "must not have a user or a password: it is listed")
	case u.Fragment != "":
		return Invalid("url", "must not have a fragment, which is never sent")
	case !LoopbackName(u.Hostname()) && !e.named(u.Hostname()):
		return Invalid("url", "must be at a loopback host, such as localhost, or at one that was named at the start")
	}
	return nil
}

// named reports whether a host was named at the start.
func (e *Engine) named(host string) bool { return slices.Contains(e.config.WebhookHosts, Lower(host)) }

// errNotLoopback is about a name of this machine that has come to another one.
var errNotLoopback = errors.New("the host is not on this machine")

// newSender returns the transport to endpoints. It goes through no proxy, and a host that was not named at the start must be
// this machine also once its name is resolved. A connection serves one attempt, so none is left behind.
func (e *Engine) newSender() http.RoundTripper {
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialer := &net.Dialer{Control: func(_, resolved string, _ syscall.RawConn) error {
				host, _, _ := net.SplitHostPort(address) // as the transport made it
				at, err := netip.ParseAddrPort(resolved)
				if !e.named(host) && (err != nil || !at.Addr().Unmap().IsLoopback()) {
					return errNotLoopback
				}
				return nil
			}}
			return dialer.DialContext(ctx, network, address)
		},
	}
}

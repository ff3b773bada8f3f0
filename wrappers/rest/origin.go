package rest

import (
	"net/url"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// ParseBaseURL checks raw and returns it, with its host in lower case and without the port that its scheme stands for. It
// must be an absolute https URL without user-info, query and fragment; plain http is for loopback hosts alone (RFC 6749
// §3.2, §10.3). Its host must be plain ASCII: an international one is written as its xn-- name. The error names field.
func ParseBaseURL(field, raw string) (*url.URL, error) {
	u, rule := web.ParseURL(raw)
	if rule != "" {
		return nil, invalid(field, rule)
	}
	return u, nil
}

// IsLoopback reports whether host is this machine, by the name localhost or by address.
func IsLoopback(host string) bool { return web.IsLoopback(host) }

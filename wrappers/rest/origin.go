package rest

import (
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// ParseBaseURL checks raw and returns it. It has to be an absolute https URL without user-info, query and fragment;
// plain http is for loopback hosts alone (RFC 6749 §3.2, §10.3). The error names field.
func ParseBaseURL(field, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, invalid(field, "has to be an absolute URL")
	}
	switch {
	case u.User != nil:
		return nil, invalid(field, "must not hold user-info")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, invalid(field, "must not have a query")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, invalid(field, "must not have a fragment")
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && IsLoopback(u.Hostname()):
		return u, nil
	}
	return nil, invalid(field, "has to be https; plain http is for loopback hosts only")
}

// IsLoopback reports whether host is this machine, by the name localhost or by address.
func IsLoopback(host string) bool { return web.IsLoopback(host) }

package rest

import (
	"net"
	"net/url"
	"strings"
)

// ParseBaseURL checks raw and returns it. It has to be an absolute https URL without user-info, query and fragment;
// plain http is for loopback hosts alone (RFC 6749 §3.2, §10.3). The error names field.
func ParseBaseURL(field, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
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
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// origin returns scheme, host and port of u in one spelling (RFC 6454 §4).
func origin(u *url.URL) string {
	return strings.ToLower(u.Scheme) + "://" + strings.ToLower(net.JoinHostPort(u.Hostname(), portOf(u)))
}

// portOf returns the port of u, or the one that its scheme stands for.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
}

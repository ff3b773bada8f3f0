package finogates

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// maxOrigin is the longest origin that the provider takes, in characters.
const maxOrigin = 255

// checkOrigin refuses what is not an origin exactly as a browser would write it (RFC 6454 §6.2). Anything else would
// silently never match, and the result of the iframe would get lost.
func checkOrigin(field, value string, loopbackHTTP bool) error {
	bad := func(rule string) error { return rest.Invalid(field, rule) }
	switch {
	case value == "":
		return bad("is required")
	case len(value) > maxOrigin:
		return bad("has to have at most 255 characters")
	case value == "null":
		return bad("must not be the opaque origin null")
	case strings.Contains(value, "*"):
		return bad("must not hold a wildcard")
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("has to be plain ASCII without spaces; write an international host as its xn-- name")
	}
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return bad("has to be an origin: scheme, host and, if it is not the default, port")
	}
	switch {
	case u.User != nil:
		return bad("must not hold user-info")
	case u.RawQuery != "" || u.ForceQuery:
		return bad("must not have a query")
	case u.Fragment != "" || strings.HasSuffix(value, "#"):
		return bad("must not have a fragment")
	case u.Path == "/":
		return bad("must not end with a slash")
	case u.Path != "":
		return bad("must not have a path")
	case value != strings.ToLower(value):
		return bad("has to be lower case")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("has to begin with https://")
	case u.Scheme == "http" && !(loopbackHTTP && rest.IsLoopback(u.Hostname())):
		return bad("has to be https; plain http is for loopback hosts in the sandbox only")
	}
	if rule := hostRule(u.Hostname()); rule != "" {
		return bad(rule)
	}
	if rule := portRule(u); rule != "" {
		return bad(rule)
	}
	return nil
}

// hostRule returns what a host breaks, or "".
func hostRule(host string) string {
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		if err != nil || a.Zone() != "" || a.String() != host {
			return "has to name an IPv6 address in its shortest form"
		}
		return ""
	}
	if len(host) > 253 {
		return "has a host that is too long"
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r) }) {
			return "has to have a host name as its host"
		}
	}
	return ""
}

// portRule returns what the port breaks, or "".
func portRule(u *url.URL) string {
	port := u.Port()
	switch {
	case port == "" && strings.HasSuffix(u.Host, ":"):
		return "must not have an empty port"
	case port == "":
		return ""
	case u.Scheme == "https" && port == "443", u.Scheme == "http" && port == "80":
		return "must not name the default port"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "has to have a port from 1 to 65535"
	}
	return ""
}

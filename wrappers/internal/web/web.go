// Package web holds the few rules about where a credential may go that the token source and the HTTP chain share. It
// sends nothing.
package web

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// IsLoopback reports whether host is this machine, by the name localhost or by address.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ParseURL returns the URL in raw, or the rule that it breaks. It must be an absolute https URL without user-info, query
// and fragment; plain http is for loopback hosts (RFC 6749 §3.2, §10.3) and for the insecure ones, which have passed
// [InsecureHostsRule]. The host comes back in lower case and without the port that the scheme stands for, and is one that
// every resolver, proxy and certificate reads alike.
func ParseURL(raw string, insecure []string) (u *url.URL, rule string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return nil, "must be an absolute URL"
	case u.User != nil:
		return nil, "must not hold user-info"
	case u.RawQuery != "" || u.ForceQuery:
		return nil, "must not have a query"
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, "must not have a fragment"
	}
	u.Host = Lower(u.Host)
	if rule := hostRule(u); rule != "" {
		return nil, rule
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && (IsLoopback(u.Hostname()) || lists(insecure, u))) {
		return nil, "must be https; plain http is for loopback hosts and InsecureHosts only"
	}
	u.Host = strings.TrimSuffix(u.Host, ":"+defaultPort[u.Scheme])
	return u, ""
}

// defaultPort is the port that a scheme stands for.
var defaultPort = map[string]string{"https": "443", "http": "80"}

// Port returns the port of u, or the one that its scheme stands for.
func Port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return defaultPort[u.Scheme]
}

// hostRule returns what the host and the port of u break, or "". net/http takes more: it translates international names,
// and leaves the rest to the resolver.
func hostRule(u *url.URL) string {
	host, port := u.Hostname(), u.Port()
	text := host
	switch {
	case strings.Contains(host, ":"):
		if a, err := netip.ParseAddr(host); err != nil || a.Zone() != "" {
			return "must name an IPv6 address without a zone"
		}
		text = "[" + host + "]"
	case strings.ContainsFunc(host, func(r rune) bool { return r > '~' }):
		return "must have a host in ASCII; write an international one as its xn-- name"
	case !isName(host):
		return "must have a host of letters, digits, hyphens and single dots"
	}
	if port != "" {
		text += ":" + port
	}
	if n, err := strconv.ParseUint(port, 10, 16); text != u.Host || port != "" && (err != nil || n == 0 || port[0] == '0') {
		return "must have a port from 1 to 65535, or none"
	}
	return ""
}

// isName reports whether host is a name in lower case, or an IPv4 address.
func isName(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

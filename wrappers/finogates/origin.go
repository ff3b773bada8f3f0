package finogates

import (
	"fmt"
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
	ours := func(rule string) error { return rest.OurRule(field, rule) }
	switch {
	case value == "":
		return bad("is required")
	case len(value) > maxOrigin:
		return bad("must have at most 255 characters")
	case value == "null":
		return bad("must not be the opaque origin null")
	case strings.Contains(value, "*"):
		return bad("must not hold a wildcard")
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("must be plain ASCII without spaces; write an international host as its xn-- name")
	}
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return bad("must be an origin: scheme, host and, if it is not the default, port")
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
		return ours("must be lower case, as browsers write it")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("must begin with https://")
	case u.Scheme == "http" && !(loopbackHTTP && rest.IsLoopback(u.Hostname())):
		return ours("must be https; plain http is for loopback hosts in the sandbox only")
	}
	if rule := hostRule(u.Hostname()); rule != "" {
		return bad(rule)
	}
	if rule := portRule(u); rule != "" {
		return bad(rule)
	}
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return ours("must not name the default port, which browsers leave out")
	}
	return nil
}

// hostRule returns what a host breaks, or "".
func hostRule(host string) string {
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		if err != nil || a.Zone() != "" || ipv6Text(a) != host {
			return "must name an IPv6 address in its shortest form"
		}
		return ""
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r) }) {
			return "must have a host name as its host"
		}
	}
	if !endsInNumber(host) {
		return ""
	}
	if a, err := netip.ParseAddr(host); err != nil || a.String() != host {
		return "must name an IPv4 address as four numbers; browsers take a host that ends in a number for one"
	}
	return ""
}

// ipv6Text writes an address as browsers do. They have no dotted form for the ones that hold an IPv4 address.
func ipv6Text(a netip.Addr) string {
	if !a.Is4In6() {
		return a.String()
	}
	b := a.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
}

// endsInNumber reports whether browsers take the host for an IPv4 address, however it is written: they do if its last
// label is a number, decimal, octal or hexadecimal (URL Standard, "ends in a number").
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return !strings.ContainsFunc(hex, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
	}
	return !strings.ContainsFunc(last, func(r rune) bool { return r < '0' || r > '9' })
}

// portRule returns what the port breaks, or "".
func portRule(u *url.URL) string {
	port := u.Port()
	switch {
	case port == "" && strings.HasSuffix(u.Host, ":"):
		return "must not have an empty port"
	case port == "":
		return ""
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "must have a port from 1 to 65535"
	}
	return ""
}

// What a bare web origin is.

package sandbox

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// originFault says what keeps a text from being a bare origin that a browser would report in exactly this spelling:
// scheme, lower-case host and a port that is not the default, nothing else. It returns "" for a good one. Plain http
// is for pages on the developer's own machine. A host outside ASCII has to come as the browser reports it, in its
// xn-- form.
func originFault(origin string) string {
	scheme, host, ok := strings.Cut(origin, "://")
	if !ok || (scheme != "https" && scheme != "http") {
		return "has to begin with https://"
	}
	host, port, hasPort := cutPort(host)
	if hasPort && !plainPort(scheme, port) {
		return "has a port that is the default or no port number"
	}
	if !plainHost(host) {
		return "has to be scheme, lower-case host and port only"
	}
	if scheme == "http" && !loopback(host) {
		return "may use http on a loopback host only"
	}
	return ""
}

// cutPort splits at the last colon outside the brackets of an IPv6 address.
func cutPort(host string) (string, string, bool) {
	colon := strings.LastIndexByte(host, ':')
	if colon < strings.IndexByte(host, ']') || colon < 0 {
		return host, "", false
	}
	return host[:colon], host[colon+1:], true
}

func plainPort(scheme, port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	standard := map[string]uint64{"https": 443, "http": 80}[scheme]
	return err == nil && n != 0 && n != standard && strconv.FormatUint(n, 10) == port
}

// hostName is a name of lower-case labels; a last label that begins with a digit would make it an address.
var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z_]([a-z0-9_-]*[a-z0-9_])?$`)

func plainHost(host string) bool {
	if hostName.MatchString(host) {
		return true
	}
	address, ok := addressOf(host)
	return ok && spelled(address) == host
}

// addressOf reads an IPv4 address, or an IPv6 address in its brackets.
func addressOf(host string) (netip.Addr, bool) {
	inner, bracketed := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	address, err := netip.ParseAddr(inner)
	return address, err == nil && bracketed == closed && bracketed == address.Is6() && address.Zone() == ""
}

// spelled is the one way to write an address in an origin.
func spelled(address netip.Addr) string {
	if address.Is4() {
		return address.String()
	}
	return "[" + address.String() + "]"
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, ok := addressOf(host)
	return ok && address.IsLoopback()
}

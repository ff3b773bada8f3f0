// What a bare web origin is.

package finogates

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// webOrigin is a bare origin as a browser reports it: in lower case, and without a port that is the default.
type webOrigin struct{ scheme, host, port string }

func (o webOrigin) String() string {
	if o.port == "" {
		return o.scheme + "://" + o.host
	}
	return o.scheme + "://" + o.host + ":" + o.port
}

// originOf reads a bare origin: scheme, host and port, nothing else. Where the text is none, it says why. A host outside
// ASCII must come as the browser reports it, in its xn-- form.
func originOf(text string) (o webOrigin, fault string) {
	scheme, host, ok := strings.Cut(engine.Lower(text), "://")
	if !ok || (scheme != "https" && scheme != "http") {
		return o, "must begin with https://"
	}
	host, port, hasPort := cutPort(host)
	if hasPort && !isPort(port) {
		return o, "has no port number behind its colon"
	}
	if !plainHost(host) {
		return o, "must be scheme, host and port only"
	}
	if port == defaultPorts[scheme] {
		port = ""
	}
	return webOrigin{scheme, host, port}, ""
}

var defaultPorts = map[string]string{"https": "443", "http": "80"}

// note says what of an origin that was written as text is odd, and not forbidden.
func (o webOrigin) note(text string) string {
	switch {
	case o.String() != text:
		return "is not written as browsers report it: in lower case, without the port that is the default"
	case o.scheme == "http" && !engine.LoopbackName(o.host):
		return "is plain http, on a host that is not this machine"
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

func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n != 0 && strconv.FormatUint(n, 10) == port
}

func plainHost(host string) bool {
	if engine.HostName.MatchString(host) {
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

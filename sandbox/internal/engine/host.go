// Names of hosts.

package engine

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// HostName is a name of lower-case labels; a last label that begins with a digit would make it an address.
var HostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z_]([a-z0-9_-]*[a-z0-9_])?$`)

// LoopbackName reports whether a host is this machine, by name or by address.
func LoopbackName(host string) bool {
	host = Lower(host)
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.Unmap().IsLoopback()
}

// HostOf returns the host that a call names, without its port.
func HostOf(r *http.Request) string {
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		return name
	}
	return r.Host
}

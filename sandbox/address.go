// What a server is called by.

package sandbox

import (
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// networkOf returns what listens at a host: an IPv4 address means IPv4 and nothing else, also where it stands for all of
// them. Go would listen to both families.
func networkOf(host string) string {
	if address, err := netip.ParseAddr(host); err == nil && address.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// place is where something is served, and what this machine can be called by.
type place struct {
	asked   string     // the host that was asked for: a name, an address or nothing
	at      netip.Addr // what that came to
	given   []string   // the hosts that the options name
	machine string     // the name of this machine, or nothing
	own     []netip.Addr
}

func (s *Server) place(asked string, at netip.Addr) place {
	name, _ := os.Hostname() // without one, the addresses will do
	p := place{asked: engine.Lower(asked), at: at.Unmap(), given: s.sandbox.config.hosts, machine: engine.Lower(name)}
	interfaces, _ := net.InterfaceAddrs()
	for _, i := range interfaces {
		if prefix, err := netip.ParsePrefix(i.String()); err == nil && prefix.Addr().IsGlobalUnicast() {
			p.own = append(p.own, prefix.Addr())
		}
	}
	return p
}

// host returns what stands in URLs: a name that was given, the name that was asked for, or the address. For all addresses
// stands one that others reach, of IPv4 if there is one, and that of this machine alone where there is no network.
func (p place) host() string {
	switch {
	case len(p.given) > 0:
		return p.given[0]
	case engine.HostName.MatchString(p.asked) && !engine.LoopbackName(p.asked):
		return p.asked
	case !p.at.IsUnspecified():
		return p.at.String()
	}
	for _, four := range []bool{true, false} {
		i := slices.IndexFunc(p.own, func(a netip.Addr) bool { return a.Is4() == four && (four || p.at.Is6()) })
		if i >= 0 {
			return p.own[i].String()
		}
	}
	return "127.0.0.1"
}

// hosts returns all names and addresses that a certificate must have.
func (p place) hosts() []string {
	all := append([]string{"localhost", "127.0.0.1", "::1"}, p.given...)
	if engine.HostName.MatchString(p.asked) {
		all = append(all, p.asked)
	}
	if !p.at.IsUnspecified() {
		return unique(append(all, p.at.String()))
	}
	if engine.HostName.MatchString(p.machine) {
		all = append(all, p.machine)
	}
	for _, address := range p.own {
		all = append(all, address.String())
	}
	return unique(all)
}

// unique returns the texts without those that were there before.
func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// isHost reports whether text is the name of a host, or an address, without a port.
func isHost(text string) bool {
	address, err := netip.ParseAddr(text)
	return engine.HostName.MatchString(text) || err == nil && address.Zone() == ""
}

package sandbox

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirement J139: URLs are such that others can call them.
func TestHostInURLs(t *testing.T) {
	t.Parallel()
	own := []netip.Addr{netip.MustParseAddr("fd00::2"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("198.51.100.2")}
	for want, p := range map[string]place{
		"127.0.0.1":   {asked: "localhost", at: netip.MustParseAddr("127.0.0.1")},
		"127.8.9.10":  {asked: "127.8.9.10", at: netip.MustParseAddr("127.8.9.10"), own: own},
		"192.0.2.7":   {asked: "192.0.2.7", at: netip.MustParseAddr("192.0.2.7"), own: own},
		"::1":         {asked: "::1", at: netip.MustParseAddr("::1"), own: own},
		"192.0.2.2":   {asked: "0.0.0.0", at: netip.MustParseAddr("0.0.0.0"), own: own, machine: "box"},
		"192.0.2.200": {asked: "::", at: netip.MustParseAddr("::"), own: []netip.Addr{own[0], netip.MustParseAddr("192.0.2.200")}},
		"fd00::2":     {asked: "", at: netip.MustParseAddr("::"), own: own[:1]},
		"box.example": {asked: "box.example", at: netip.MustParseAddr("192.0.2.2"), own: own},
		"sandbox":     {asked: "box.example", at: netip.MustParseAddr("192.0.2.2"), given: []string{"sandbox", "other"}},
	} {
		assert.Equal(t, want, p.host())
	}
	assert.Equal(t, "127.0.0.1", place{at: netip.MustParseAddr("0.0.0.0"), own: own[:1]}.host(), "no address of IPv6 where IPv4 is listened to")
	assert.Equal(t, "127.0.0.1", place{at: netip.MustParseAddr("::")}.host())
}

func TestHostsOfCertificates(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]place{
		"127.0.0.1 ::1 localhost":                       {asked: "localhost", at: netip.MustParseAddr("127.0.0.1"), machine: "box", own: []netip.Addr{netip.MustParseAddr("192.0.2.2")}},
		"127.0.0.1 192.0.2.2 ::1 box.example localhost": {asked: "box.example", at: netip.MustParseAddr("192.0.2.2"), machine: "box"},
		"127.0.0.1 192.0.2.2 ::1 box fd00::2 localhost other": {
			asked: "0.0.0.0", at: netip.MustParseAddr("0.0.0.0"), machine: "box", given: []string{"other"},
			own: []netip.Addr{netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("fd00::2")},
		},
		"127.0.0.1 192.0.2.2 ::1 localhost": {at: netip.MustParseAddr("::"), machine: "3f2a", own: []netip.Addr{netip.MustParseAddr("192.0.2.2")}},
	} {
		assert.Equal(t, want, strings.Join(p.hosts(), " "))
	}
}

// Requirement J139: what is listened to is the family of addresses that was asked for.
func TestFamilyOfAddresses(t *testing.T) {
	t.Parallel()
	for host, network := range map[string]string{"0.0.0.0": "tcp4", "127.0.0.1": "tcp4", "::": "tcp", "::1": "tcp", "": "tcp", "localhost": "tcp"} {
		assert.Equal(t, network, networkOf(host), host)
	}
	server, err := Listen("0.0.0.0:0", AllowRemote())
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	assert.True(t, strings.HasPrefix(server.listeners[0].addr.String(), "0.0.0.0:"), "both families are [::]")
	assert.NotContains(t, server.URL(), "0.0.0.0")
	assert.NotContains(t, server.URL(), "[")
}

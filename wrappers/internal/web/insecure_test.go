package web

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Requirement A135: what a list of insecure hosts must not hold.
func TestInsecureHostsRule(t *testing.T) {
	const (
		whole    = "must be a host, with or without a port, and nothing else of a URL"
		wildcard = "must not be a wildcard; name each host"
		name     = "must have a host of letters, digits, hyphens and single dots"
		port     = "must have a port from 1 to 65535, or none"
		provider = "must not be a host of a provider: what is sent to "
	)
	for host, rule := range map[string]string{
		"":                          "must not be empty",
		"*":                         wildcard,
		"*.example.com":             wildcard,
		"http://sandbox":            whole,
		"sandbox/":                  whole,
		"sandbox?":                  whole,
		"sandbox#":                  whole,
		"me@sandbox":                whole,
		"sand box":                  "must be a host as in a URL, with or without a port",
		"sandbox:x":                 "must be a host as in a URL, with or without a port",
		"fd00::1":                   "must have an IPv6 address in brackets",
		"s\u00e4ndbox":              "must have a host in ASCII; write an international one as its xn-- name",
		"\u017fandbox":              "must have a host in ASCII; write an international one as its xn-- name",
		"sandbox,other":             name,
		"sandbox.":                  name,
		".":                         name,
		":80":                       name,
		"sandbox:":                  port,
		"sandbox:0":                 port,
		"sandbox:65536":             port,
		"[fd00::1%25eth0]":          "must name an IPv6 address without a zone",
		"sandbox.finapi.io":         provider + "finapi.io is always encrypted",
		"live.finapi.io:80":         provider + "finapi.io is always encrypted",
		"webform-dev.finapi.io":     provider + "finapi.io is always encrypted",
		"FINAPI.IO":                 provider + "finapi.io is always encrypted",
		"Api-Sandbox.Finogates.com": provider + "finogates.com is always encrypted",
		"production.straddle.com":   provider + "straddle.com is always encrypted",
		"a.b.straddle.com:4010":     provider + "straddle.com is always encrypted",
	} {
		at, got := InsecureHostsRule([]string{"sandbox", host})
		assert.Equal(t, rule, got, host)
		assert.Equal(t, 1, at, host)
	}
	_, rule := InsecureHostsRule([]string{
		"sandbox", "Sandbox:4010", "192.0.2.1", "[fd00::1]", "[fd00::1]:4010", "a_b.internal", "localhost",
		"notstraddle.com", "straddle.com.example", "finapi.example",
	})
	assert.Empty(t, rule)
	at, rule := InsecureHostsRule(nil)
	assert.Zero(t, at)
	assert.Empty(t, rule)
}

// Requirement A135: an entry opens what it names and nothing beside it.
func TestParseURLOfInsecureHosts(t *testing.T) {
	list := []string{"Sandbox", "other.internal:4010", "web:80", "[fd00::1]", "192.0.2.1:80"}
	for raw, opens := range map[string]bool{
		"http://sandbox":             true,
		"http://SANDBOX:1":           true,
		"http://sandbox:80/straddle": true,
		"http://other.internal:4010": true,
		"http://web":                 true,
		"http://web:80":              true,
		"http://[FD00::1]:9":         true,
		"http://192.0.2.1":           true,
		"http://sandbox.internal":    false,
		"http://a.sandbox":           false,
		"http://sandbo":              false,
		"http://other.internal":      false,
		"http://other.internal:401":  false,
		"http://web:4010":            false,
		"http://[fd00::2]":           false,
		"http://192.0.2.1:81":        false,
		"ftp://sandbox":              false,
		"ws://sandbox":               false,
	} {
		u, rule := ParseURL(raw, list)
		assert.Equal(t, opens, u != nil, raw)
		if !opens {
			assert.Equal(t, "must be https; plain http is for loopback hosts and InsecureHosts only", rule, raw)
		}
	}
	for raw, want := range map[string]string{
		"http://u@sandbox": "must not hold user-info", "http://sandbox?a": "must not have a query", "http://sandbox.": "must have a host of letters, digits, hyphens and single dots",
	} {
		_, rule := ParseURL(raw, list)
		assert.Equal(t, want, rule, "the other rules stay")
	}
}

package rest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirements A1, A4 and A127: https or loopback; no user-info, query or fragment; a host that is read alike everywhere.
func TestParseBaseURL(t *testing.T) {
	for _, c := range []struct{ raw, rule string }{
		{"https://api.example.com", ""},
		{"https://api.example.com:8443/base/", ""},
		{"http://localhost:4010", ""},
		{"http://127.0.0.1:1/x", ""},
		{"http://[::1]:1", ""},
		{"http://127.8.9.10", ""},
		{"", "must be an absolute URL"},
		{"api.example.com", "must be an absolute URL"},
		{"/path", "must be an absolute URL"},
		{"https:", "must be an absolute URL"},
		{"mailto:a@example.com", "must be an absolute URL"},
		{"https://a b", "must be an absolute URL"},
		{"https://u:p@api.example.com", "must not hold user-info"},
		{"https://u@api.example.com", "must not hold user-info"},
		{"https://api.example.com?a=b", "must not have a query"},
		{"https://api.example.com?", "must not have a query"},
		{"https://api.example.com#f", "must not have a fragment"},
		{"https://api.example.com#", "must not have a fragment"},
		{"http://api.example.com", "must be https; plain http is for loopback hosts and InsecureHosts only"},
		{"http://localhost.example.com", "must be https; plain http is for loopback hosts and InsecureHosts only"},
		{"https://sandbox.fİnapi.io", "must have a host in ASCII; write an international one as its xn-- name"},
		{"https://api.example.com.", "must have a host of letters, digits, hyphens and single dots"},
		{"https://api.example.com:0443", "must have a port from 1 to 65535, or none"},
		{"http://10.0.0.1", "must be https; plain http is for loopback hosts and InsecureHosts only"},
		{"ftp://api.example.com", "must be https; plain http is for loopback hosts and InsecureHosts only"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			u, err := ParseBaseURL("BaseURL", c.raw)
			if c.rule == "" {
				require.NoError(t, err)
				assert.Equal(t, c.raw, u.String())
				return
			}
			e := failure(t, err)
			assert.Equal(t, "BaseURL", e.Field)
			assert.Equal(t, c.rule, e.Message)
			assert.ErrorIs(t, err, ErrInvalid)
		})
	}
}

func FuzzParseBaseURL(f *testing.F) {
	for _, s := range []string{
		"https://api.example.com", "https://u@h", "https://h?", "https://h#", "http://127.0.0.1", "http://[::1%25x]", "//h",
		"https://h:99999", "https:///x", "http://localhost@evil.example", "https://h\\@evil", "http://127.0.0.1.evil",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseBaseURL("BaseURL", raw)
		if err != nil {
			assert.ErrorIs(t, err, ErrInvalid)
			return
		}
		assert.True(t, u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname()))
		assert.Nil(t, u.User)
		assert.Empty(t, u.RawQuery+u.Fragment)
		assert.NotEmpty(t, u.Host)
		again, err := ParseBaseURL("BaseURL", u.String())
		if assert.NoError(t, err) {
			assert.Equal(t, u, again)
		}
	})
}

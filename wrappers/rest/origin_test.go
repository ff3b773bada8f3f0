package rest

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// Requirements A1 and A4: https or loopback; no user-info, query or fragment.
func TestParseBaseURL(t *testing.T) {
	for _, c := range []struct{ raw, rule string }{
		{"https://api.example.com", ""},
		{"https://api.example.com:8443/base/", ""},
		{"http://localhost:4010", ""},
		{"http://127.0.0.1:1/x", ""},
		{"http://[::1]:1", ""},
		{"http://127.8.9.10", ""},
		{"", "has to be an absolute URL"},
		{"api.example.com", "has to be an absolute URL"},
		{"/path", "has to be an absolute URL"},
		{"https:", "has to be an absolute URL"},
		{"mailto:a@example.com", "has to be an absolute URL"},
		{"https://a b", "has to be an absolute URL"},
		{"https://u:p@api.example.com", "must not hold user-info"},
		{"https://u@api.example.com", "must not hold user-info"},
		{"https://api.example.com?a=b", "must not have a query"},
		{"https://api.example.com?", "must not have a query"},
		{"https://api.example.com#f", "must not have a fragment"},
		{"https://api.example.com#", "must not have a fragment"},
		{"http://api.example.com", "has to be https; plain http is for loopback hosts only"},
		{"http://localhost.example.com", "has to be https; plain http is for loopback hosts only"},
		{"http://10.0.0.1", "has to be https; plain http is for loopback hosts only"},
		{"ftp://api.example.com", "has to be https; plain http is for loopback hosts only"},
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

// Requirements B18 and B19: another port and a sub-domain are other origins.
func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example.com", "https://a.example.com/x?y", true},
		{"https://a.example.com", "https://A.Example.COM:443", true},
		{"HTTPS://a.example.com", "https://a.example.com", true},
		{"http://a.example.com", "http://a.example.com:80", true},
		{"https://a.example.com", "https://a.example.com:8443", false},
		{"https://a.example.com", "https://b.a.example.com", false},
		{"https://a.example.com", "https://example.com", false},
		{"https://a.example.com", "http://a.example.com", false},
		{"https://a.example.com:443", "http://a.example.com:443", false},
		{"https://[::1]", "https://[::1]:443", true},
		{"https://[::1]:2", "https://[::1:2]", false},
	} {
		a, err := url.Parse(c.a)
		require.NoError(t, err)
		b, err := url.Parse(c.b)
		require.NoError(t, err)
		assert.Equal(t, c.same, web.Origin(a) == web.Origin(b), "%s %s", c.a, c.b)
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
			assert.Equal(t, web.Origin(u), web.Origin(again))
		}
	})
}

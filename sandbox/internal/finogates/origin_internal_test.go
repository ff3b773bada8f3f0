package finogates

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOriginOf(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://app.example.com", "https://app.example.com:8443", "https://xn--bcher-kva.example", "https://intranet",
		"https://a_b.example", "https://192.0.2.1", "https://192.0.2.1:80", "https://[2001:db8::1]", "https://[2001:db8::1]:8443",
		"http://localhost", "http://localhost:3000", "http://app.localhost:3000", "http://127.0.0.1:443", "http://[::1]:3000",
	} {
		origin, fault := originOf(text)
		assert.Empty(t, fault, text)
		assert.Equal(t, text, origin.String())
		assert.Empty(t, origin.note(text), text)
	}
	for text, want := range map[string]string{
		"https://App.example.com": "https://app.example.com", "HTTPS://app.example.com": "https://app.example.com",
		"https://app.example.com:443": "https://app.example.com", "http://localhost:80": "http://localhost",
		"https://[2001:DB8::1]:443": "https://[2001:db8::1]",
		"http://app.example.com":    "http://app.example.com", "http://192.0.2.1": "http://192.0.2.1", "http://notlocalhost": "http://notlocalhost",
		"http://[2001:db8::1]": "http://[2001:db8::1]",
	} {
		origin, fault := originOf(text)
		assert.Empty(t, fault, text)
		assert.Equal(t, want, origin.String())
		assert.NotEmpty(t, origin.note(text), text)
	}
	for _, origin := range []string{
		"", "null", "*", "app.example.com", "//app.example.com", "file://", "ftp://app.example.com", "https://", "https:app.example.com",
		"https://*.example.com", "https://user@app.example.com", "https://user:pass@app.example.com", "https://app.example.com/",
		"https://app.example.com/path", "https://app.example.com?x", "https://app.example.com#x", "https://app.example.com ",
		"https://bücher.example", "https://app.example.com.", "https://app..example.com", "https://-app.example.com",
		"https://app.example.com:", "https://app.example.com:0", "https://app.example.com:080", "https://app.example.com:65536",
		"https://app.example.com:8443:1", "https://127.1", "https://1.2.3.4.5", "https://0x7f.1", "https://[::1", "https://::1",
		"https://[2001:db8:0::1]", "https://[fe80::1%25eth0]", "https://[127.0.0.1]", "https://app.example.1",
		"https://]:[",
	} {
		_, fault := originOf(origin)
		assert.NotEmpty(t, fault, origin)
	}
}

package sandbox_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
	"github.com/fintoken/fintoken-go/sandbox"
)

func TestPage(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			empty := w.do(http.MethodGet, "/", nil, "")
			assert.Contains(t, empty.text, "None yet")
			w.userToken()
			w.embedded(w.finogatesBearer(), nil)
			w.bridge(object{"customer_id": "me"})
			w.do(http.MethodGet, "/<script>alert(1)</script>", nil, "")
			w.do(http.MethodGet, "/{{credentials}}", nil, "")
			w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultResetAfter, Message: ""})
			w.sand.Clock().Freeze()
			page := w.do(http.MethodGet, "/", nil, "")
			assert.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
			assert.Equal(t, "no-store", page.header.Get("Cache-Control"))
			assert.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
			for _, part := range []string{
				"2026-01-05 10:00:00 UTC", "frozen", "getToken", "must have the format uuid", "reset_after", "https://app.example.com",
				w.creds.Straddle.APIKey, "grant_type=client_credentials", "active", "not verified",
			} {
				assert.Contains(t, page.text, part)
			}
			assert.NotContains(t, page.text, "<script", "no script, and what a caller chose is escaped")
			assert.Equal(t, 1, strings.Count(page.text, "V1 client"), "and is no part of the page")
			assert.Equal(t, 1, strings.Count(page.text, "{{"))
			assert.NotContains(t, page.text, "sandbox_at_", "no token")
			assert.NotRegexp(t, `(src|href)="(https?:)?//`, page.text, "no byte of a third party")
			assert.NotContains(t, page.text, "style=")

			style := w.do(http.MethodGet, "/_sandbox/page.css", nil, "")
			assert.Equal(t, "text/css; charset=utf-8", style.header.Get("Content-Type"))
			assert.NotContains(t, style.text, "url(")
			assert.NotContains(t, style.text, "@import")
			assert.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodPost, "/", nil, "").status)
			assert.Equal(t, http.StatusOK, w.do(http.MethodHead, "/", nil, "").status)
			for _, call := range w.sand.Calls() {
				assert.NotEqual(t, "/", call.Path, "the page is no call")
			}
		})
	}
}

// TestPageCommands runs the commands of the page in a shell.
func TestPageCommands(t *testing.T) {
	t.Parallel()
	testenv.Programs(t, "curl", "sh")
	w := overHTTP(t)
	page := w.do(http.MethodGet, "/", nil, "").text
	token := w.finogatesBearer()
	ran := 0
	for _, part := range strings.Split(page, "<pre tabindex=\"0\"><code>")[1:] {
		command, _, _ := strings.Cut(part, "</code>")
		command = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&#43;", "+").Replace(command)
		if strings.Contains(command, "/_sandbox/") {
			command += " -f"
		}
		shell := exec.CommandContext(t.Context(), "sh", "-c", command+" -sS -w ' %{http_code}'")
		shell.Env = append(shell.Environ(), "BEARER="+token)
		out, err := shell.CombinedOutput()
		require.NoError(t, err, "%s: %s", command, out)
		assert.Regexp(t, ` 20\d$`, string(out), command)
		ran++
	}
	assert.Greater(t, ran, 2*len(sandbox.Providers()), "commands of each provider and of the sandbox itself")
}

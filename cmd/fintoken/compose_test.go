package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// composed is what counts of a Compose file.
type composed struct {
	Services map[string]struct {
		Command     []string
		Environment map[string]string
		Healthcheck struct{ Test []string }
	}
}

// TestCompose: the services in docs/compose.md start, are healthy, and are called as it says.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "compose.md"))
	require.NoError(t, err)
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "\n```")
		var file composed
		require.NoError(t, yaml.Unmarshal([]byte(block), &file))
		box, shop := file.Services["sandbox"], file.Services["shop"]
		ca := filepath.Join(t.TempDir(), "ca.pem")
		here := func(words []string, port string) []string {
			line := strings.NewReplacer(":4010", ":"+port, "/ca/ca.pem", ca).Replace(strings.Join(words, " "))
			return strings.Fields(line)
		}
		w := newWorld(t)
		require.Equal(t, "sandbox", box.Command[0])
		s := w.open("Ctrl-C ends", here(box.Command[1:], "0")...)
		w.exports(s)
		for variable, value := range shop.Environment {
			if strings.HasSuffix(variable, "_BASE_URL") {
				assert.Equal(t, strings.Replace(value, ":4010", ":"+port(w.env[variable]), 1), w.env[variable])
			}
		}
		printed, ok := w.env["FINTOKEN_INSECURE_HOSTS"]
		assert.Equal(t, strings.Replace(shop.Environment["FINTOKEN_INSECURE_HOSTS"], "4010", port(w.env["STRADDLE_BASE_URL"]), 1), printed)
		assert.Equal(t, !ok, box.Environment["FINTOKEN_CA_FILE"] != "")
		if !ok {
			w.env["FINTOKEN_CA_FILE"] = here([]string{box.Environment["FINTOKEN_CA_FILE"]}, "")[0]
			assert.FileExists(t, here([]string{shop.Environment["SSL_CERT_FILE"]}, "")[0])
		}
		require.Equal(t, []string{"CMD", "/fintoken"}, box.Healthcheck.Test[:2])
		r := w.run("", here(box.Healthcheck.Test[2:], port(w.env["STRADDLE_BASE_URL"]))...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.Equal(t, 0, s.end().code)
	}
}

// port returns the port in a URL.
func port(url string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(url, "http://"), "https://"), ":")
	port, _, _ := strings.Cut(rest, "/")
	return port
}

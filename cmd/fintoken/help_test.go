package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/sandbox"
)

// variables returns the names of variables in a text, sorted.
func variables(text string) []string {
	providers := strings.ToUpper(strings.Join(sandbox.Providers(), "|"))
	found := regexp.MustCompile(`\b(`+providers+`|FINTOKEN|DBUS|XDG|NO|HTTPS)_[A-Z_]+\b|\bTERM\b`).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestVariables: the README and `fintoken help environment` list the same variables, and they agree about which of them
// only `fintoken demo --live` reads.
func TestVariables(t *testing.T) {
	w := newWorld(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Environment variables\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var always, live strings.Builder
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) == 5 {
			always.WriteString(cells[2])
			live.WriteString(cells[3])
		}
	}
	topic := w.run("", "help", "environment").stdout
	topic, demo, found := strings.Cut(topic, "Read by `fintoken demo --live` alone:")
	require.True(t, found)
	assert.Equal(t, variables(topic), variables(always.String()))
	assert.Equal(t, variables(demo), variables(live.String()))
	assert.Subset(t, variables(w.run("", "demo", "--help").stdout), variables(demo))
}

// TestVariablesAreAllTold: what the program asks the environment for is in the list, whatever it is told to do.
func TestVariablesAreAllTold(t *testing.T) {
	w := newWorld(t)
	listed := variables(w.run("", "help", "environment").stdout)
	delete(w.env, "FINTOKEN_KEYRING")
	var asked sync.Map // the doctor asks at several places at once
	for _, line := range []string{
		"straddle bridge initialize --customer-id " + pageCustomer, "finogates auth token", "finapi token --grant-type password --cache",
		"finapi token --grant-type refresh_token", "finapi revoke", "sandbox journal", "demo", "demo --live", "doctor --offline",
		"keyring delete straddle/sandbox/api-key", "spec list", "help environment",
	} {
		var out, errs bytes.Buffer
		system := w.system(strings.NewReader(""), &out, &errs)
		system.Getenv = func(name string) string {
			asked.Store(name, true)
			if line == "demo --live" {
				return "" // names all that is missing, and calls nobody
			}
			return w.env[name]
		}
		cli.Run(t.Context(), strings.Fields(line), system)
	}
	n := 0
	asked.Range(func(name, _ any) bool {
		assert.Contains(t, listed, name)
		n++
		return true
	})
	assert.Greater(t, n, 15)
}

// TestEveryErrorHelps: an error of the command line, or of the settings, says what to do next.
func TestEveryErrorHelps(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	initialize := "straddle bridge initialize --customer-id " + pageCustomer
	for line, variable := range map[string]string{
		initialize + " --base-url unix:":                              "",
		initialize + " --base-url ftp://x":                            "",
		initialize + " --base-url https://user@example.com":           "",
		initialize + " --api-key-file /nowhere":                       "",
		initialize + " --api-key-file " + file:                        "",
		initialize + " --api-key -":                                   "",
		initialize:                                                    "STRADDLE_ENVIRONMENT=live",
		initialize + " --quiet":                                       "STRADDLE_BASE_URL=unix:",
		initialize + " --debug":                                       "STRADDLE_API_KEY=a\nb",
		"finapi token --api-version V3":                               "",
		"finapi token":                                                "FINAPI_API_VERSION=V3",
		"finapi token --cache":                                        "XDG_CACHE_HOME=relative",
		"finapi token --cache --quiet":                                "XDG_CACHE_HOME=/dev/null",
		"finogates embed-token create --iframe --format raw":          "",
		"sandbox --refresh-token-rotation maybe":                      "",
		"sandbox --fixtures {straddle:{customers:[{customer_id:x}]}}": "",
		"sandbox clock":                                               "FINTOKEN_SANDBOX_URL=unix:",
		"spec validate /nowhere":                                      "",
		"keyring delete straddle/sandbox/api-key":                     "",
		"demo --live --provider straddle":                             "STRADDLE_API_KEY=",
	} {
		w := newWorld(t)
		if name, value, ok := strings.Cut(variable, "="); ok {
			w.env[name] = value
		}
		r := w.run("", strings.Fields(line)...)
		assert.Contains(t, []int{2, 10}, r.code, line)
		assert.Regexp(t, `\n  next: .+\n$`, r.stderr, line)
	}
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The ways in which a command can go.
const (
	goes    = iota // as it should
	refused        // what it asks says no: the provider, the sandbox, the keyring, the system
	misused        // the command line is wrong
	offline        // nobody answers, or the address cannot be had
)

// formats are what --format and --format-error take.
var formats = []string{"auto", "json", "jsonl", "yaml", "pretty", "raw"}

// line is the command line of one way, without the format; nil if the scene has none.
func (s scene) line(way int) []string {
	switch {
	case way == goes:
		return s.good
	case way == refused:
		return s.refused
	case way == misused:
		return s.misuse
	case s.offline != nil || s.local:
		return s.offline
	}
	return with(s.good, "--base-url", "http://127.0.0.1:1", "--retries", "0")
}

// play runs one way of a scene in a world of its own and returns what there is to see.
func (s scene) play(w *world, way int, flags ...string) string {
	if s.prepare != nil {
		s.prepare(w, way)
	}
	args, stdin := with(s.line(way), flags...), ""
	if s.fetch != "" {
		stdin = w.run("", strings.Fields(s.fetch)...).stdout
	}
	var r result
	switch {
	case way == goes && s.serves:
		r = w.serve(args...)
	case s.live && (way == refused || way == offline):
		r = w.process(stdin, args...)
	default:
		r = w.run(stdin, args...)
	}
	line := strings.Join(args, " ")
	for _, secret := range w.secrets() {
		line = strings.ReplaceAll(line, secret, "{secret}")
		if !s.secret {
			assert.NotContains(w.t, r.stdout+r.stderr, secret)
		}
	}
	return w.normal(fmt.Sprintf("$ fintoken %s\n%s%sexit %d\n\n", line, mark("1", r.stdout), mark("2", r.stderr), r.code))
}

// flags returns the flags that one way is played with, one after the other.
func (s scene) flags(way int) [][]string {
	flag, values := "--format", formats
	switch {
	case way != goes:
		flag = "--format-error"
	case s.plain:
		return [][]string{nil}
	case s.formats != nil:
		values = s.formats
	}
	var out [][]string
	for _, value := range values {
		out = append(out, []string{flag, value})
	}
	return out
}

// TestGolden runs every command in every way and in every format, several at once: no run may know of another one. Only
// the keyring in memory is shared.
func TestGolden(t *testing.T) {
	for i, s := range scenes(newWorld(t)) {
		t.Run(s.name, func(t *testing.T) {
			if !strings.HasPrefix(s.name, "keyring-") {
				t.Parallel()
			}
			var text strings.Builder
			for way := goes; way <= offline; way++ {
				for _, flags := range s.flags(way) {
					w := newWorld(t)
					if scene := scenes(w)[i]; scene.line(way) != nil {
						text.WriteString(scene.play(w, way, flags...))
					}
				}
			}
			golden(t, s.name+".txt", text.String())
		})
	}
}

// mark puts the number of the stream in front of each line.
func mark(stream, text string) string {
	if text == "" {
		return ""
	}
	return stream + "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+stream+"  ") + "\n"
}

// TestGoldenManual holds two of the manual pages: a group's and a command's. The others are made of the same parts.
func TestGoldenManual(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "man1")
	require.Equal(t, 0, w.run("", "man", dir).code)
	for _, name := range []string{"fintoken.1", "fintoken-straddle-bridge-initialize.1"} {
		page, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		golden(t, "text/"+name, string(page))
	}
}

// TestGoldenTexts holds what does not depend on a provider.
func TestGoldenTexts(t *testing.T) {
	for name, line := range map[string]string{
		"root":                "",
		"help":                "straddle bridge initialize --help",
		"help-group":          "finapi --help",
		"help-topic":          "help exit-codes",
		"help-environment":    "help environment",
		"spec-list":           "spec list",
		"spec-list-json":      "spec list --format json",
		"doctor-offline":      "doctor --offline",
		"doctor-offline-json": "doctor --offline --format jsonl",
		"version":             "--version",
		"nothing-set":         "straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
		"unknown-command":     "strddle bridge initialize",
		"unknown-nested":      "straddle bridge initialyze --customer-id x",
		"unknown-group":       "straddle brige initialize --customer-id x",
		"unknown-flag":        "straddle bridge initialize --customerid x",
		"unknown-help":        "help sandbx",
		"useless-flag":        "spec list --dry-run",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if name == "nothing-set" {
				delete(w.env, "STRADDLE_API_KEY")
			}
			r := w.run("", strings.Fields(line)...)
			golden(t, "text/"+name+".txt", w.normal(fmt.Sprintf("$ fintoken %s\n%s%sexit %d\n", line, mark("1", r.stdout), mark("2", r.stderr), r.code)))
		})
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// scene is a command and one way for it to go well or wrong each.
type scene struct {
	name                  string
	good, refused, misuse []string // without the format
	fetch                 string   // what gets a token for stdin, if the command needs one
	local                 bool     // calls nobody, so there is no network to be missing
}

func scenes(w *world) []scene {
	const unknown = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	straddle := []string{"straddle", "bridge", "initialize"}
	embed := []string{"finogates", "embed-token", "create", "--parent-origin", "https://app.example.com"}
	v2 := []string{"--api-version", "V2", "--client-id", w.c.FinAPI.V2ClientID, "--client-secret", w.c.FinAPI.V2ClientSecret}
	with := func(base []string, more ...string) []string { return append(append([]string{}, base...), more...) }
	return []scene{
		{
			name: "straddle-bridge-initialize", good: with(straddle, "--customer-id", w.c.Straddle.CustomerID),
			refused: with(straddle, "--customer-id", unknown), misuse: with(straddle, "--customer-id", "7"),
		},
		{
			name: "finogates-auth-token", good: []string{"finogates", "auth", "token"},
			refused: []string{"finogates", "auth", "token", "--client-secret", "a wrong secret"},
			misuse:  []string{"finogates", "auth", "tokens"},
		},
		{
			name: "finogates-embed-token-create", good: with(embed, "--user-id", w.c.Finogates.UserID),
			refused: with(embed, "--user-id", unknown), misuse: with(embed, "--user-id", w.c.Finogates.UserID, "--scope", "add_cards"),
		},
		{
			name: "finapi-token", good: []string{"finapi", "token"},
			refused: []string{"finapi", "token", "--client-secret", "a wrong secret"},
			misuse:  []string{"finapi", "token", "--grant-type", "implicit"},
		},
		{
			name: "finapi-token-password", good: []string{"finapi", "token", "--grant-type", "password"},
			refused: []string{"finapi", "token", "--grant-type", "password", "--password", "a wrong password"},
			misuse:  []string{"finapi", "token", "--grant-type", "password", "--user", "jane"},
		},
		{
			name: "finapi-token-v2", good: with(with([]string{"finapi", "token"}, v2...), "--grant-type", "password"),
			refused: with([]string{"finapi", "token"}, v2[2:]...), // in V1
			misuse:  []string{"finapi", "token", "--api-version", "V3"},
		},
		{
			name: "finapi-revoke", good: []string{"finapi", "revoke", "--token", "-", "--token-type-hint", "access_token"},
			refused: []string{"finapi", "revoke", "--token", "x", "--client-secret", "a wrong secret"},
			misuse:  []string{"finapi", "revoke", "--token", "x", "--token-type-hint", "both"},
			fetch:   "finapi token --grant-type password --format raw",
		},
		{
			name: "sandbox-clock", good: []string{"sandbox", "clock", "set", "2090-01-01T00:00:00Z", "--transform", "frozen"},
			refused: []string{"sandbox", "clock", "set", "2001-01-01T00:00:00Z"}, misuse: []string{"sandbox", "clock", "set", "tomorrow"},
		},
		{
			name: "sandbox-faults-add", good: []string{"sandbox", "faults", "add", "--provider", "straddle", "--status", "503"},
			refused: []string{"sandbox", "faults", "add", "--provider", "acme"}, misuse: []string{"sandbox", "faults", "add", "--nth", "first"},
		},
		{
			name: "sandbox-faults", good: []string{"sandbox", "faults"},
			refused: []string{"sandbox", "faults", "remove", "nope"}, misuse: []string{"sandbox", "faults", "lst"},
		},
		{name: "sandbox-journal", good: []string{"sandbox", "journal"}, misuse: []string{"sandbox", "journal", "--count", "some"}},
		{name: "sandbox-state", good: []string{"sandbox", "state", "--transform", "finapi.users.#"}, misuse: []string{"sandbox", "state", "all"}},
		{name: "sandbox-reset", good: []string{"sandbox", "reset", "--redact"}, misuse: []string{"sandbox", "reset", "all"}},
		{name: "sandbox-credentials", good: []string{"sandbox", "credentials", "--redact"}, misuse: []string{"sandbox", "credentials", "all"}},
		{
			name: "sandbox-add", good: []string{"sandbox", "add", "{straddle: {customers: [{customer_id: " + unknown + "}]}}"},
			refused: []string{"sandbox", "add", "{straddle: {customers: [{customer_id: 7}]}}"}, misuse: []string{"sandbox", "add"},
		},
		{name: "spec-list", good: []string{"spec", "list"}, misuse: []string{"spec", "lst"}, local: true},
		{
			name: "spec-validate", good: []string{"spec", "validate", "../../specs/straddle.yaml"},
			refused: []string{"spec", "validate", "../../tools/oapi-codegen/straddle.yaml"}, misuse: []string{"spec", "validate"}, local: true,
		},
		{name: "doctor", good: []string{"doctor", "--offline"}, misuse: []string{"doctor", "--offlin"}, local: true},
	}
}

// TestGolden runs every command in every format: as it should go, refused by the provider, misused, without a network.
func TestGolden(t *testing.T) {
	for i, s := range scenes(newWorld(t)) {
		t.Run(s.name, func(t *testing.T) {
			var text strings.Builder
			for _, format := range []string{"auto", "json", "jsonl", "yaml", "pretty", "raw"} {
				for kind := range 4 {
					w := newWorld(t)
					scene := scenes(w)[i]
					args := append([]string{}, [][]string{scene.good, scene.refused, scene.misuse, scene.good}[kind]...)
					if len(args) == 0 || kind == 3 && scene.local {
						continue
					}
					stdin := ""
					if scene.fetch != "" {
						stdin = w.run("", strings.Fields(scene.fetch)...).stdout
					}
					if kind == 0 {
						args = append(args, "--format", format)
					} else {
						args = append(args, "--format-error", format)
					}
					if kind == 3 {
						args = append(args, "--base-url", "http://127.0.0.1:1", "--retries", "0")
					}
					r := w.run(stdin, args...)
					for _, secret := range w.secrets() {
						assert.NotContains(t, r.stdout+r.stderr, secret)
						args = strings.Split(strings.ReplaceAll(strings.Join(args, "\x00"), secret, "{secret}"), "\x00")
					}
					text.WriteString(w.normal(fmt.Sprintf("$ fintoken %s\n%s%sexit %d\n\n",
						strings.Join(args, " "), mark("1", r.stdout), mark("2", r.stderr), r.code)))
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
		"unknown-flag":        "straddle bridge initialize --customer_id x",
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

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestCompletionValues: the shell is offered commands, flags and their values.
func TestCompletionValues(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string][]string{
		"str": {"straddle"},
		"straddle bridge initialize --config.sandbox-outcome ":   {"standard", "active", "rejected", "review"},
		"straddle bridge initialize --config.processing-method ": {"inline", "background", "skip"},
		"finapi token --grant-type ":                             {"client_credentials", "password", "refresh_token"},
		"finapi token --api-version ":                            {"V1", "V2"},
		"finapi revoke --token-type-hint ":                       {"access_token", "refresh_token"},
		"finogates embed-token create --scope ":                  {"add_card", "add_bank", "card_payment"},
		"finapi token --format ":                                 {"auto", "json", "jsonl", "yaml", "pretty", "raw"},
		"--environment ":                                         {"sandbox", "production"},
		"demo --format ":                                         {"table", "json", "jsonl"},
		"sandbox journal --operation ":                           {"getToken", "createEmbedToken", "createBridgeToken"},
		"sandbox faults add --provider straddle --operation ":    {"createBridgeToken"},
		"help ":                             {"straddle", "environment", "exit-codes"},
		"help straddle ":                    {"bridge"},
		"straddle bridge initialize --":     {"--body\t.*: text, @file, or - .*"},
		"spec show ":                        {"straddle", "finogates", "finapi-access"},
		"keyring set ":                      {"straddle/sandbox/api-key"},
		"straddle bridge initialize --cust": {"--customer-id"},
	} {
		r := w.run("", append([]string{"__complete"}, strings.Split(line, " ")...)...)
		assert.Equal(t, 0, r.code)
		assert.Contains(t, r.stdout, ":4\n", "no files")
		for _, word := range want {
			assert.Regexp(t, `(?m)^`+word+`(\t|$)`, r.stdout, line)
		}
	}
}

// TestCompletionOffersNothingElse: flags that the command refuses are not offered, nor files where none is meant.
func TestCompletionOffersNothingElse(t *testing.T) {
	w := newWorld(t)
	const noFiles, files, dirs = ":4\n", ":0\n", ":16\n"
	for line, c := range map[string]struct {
		without   []string
		directive string
	}{
		"completion bash --":            {[]string{"--format\t", "--environment", "--redact"}, noFiles},
		"doctor --":                     {[]string{"--dry-run", "--retries", "--debug"}, noFiles},
		"demo --":                       {[]string{"--base-url", "--transform\t", "--timeout"}, noFiles},
		"sandbox faults add --":         {[]string{"--environment"}, noFiles},
		"straddle bridge initialize --": {[]string{"`"}, noFiles},
		"sandbox faults add --provider straddle --operation ": {[]string{"getToken"}, noFiles},
		"help finapi token ":                 {nil, noFiles},
		"straddle bridge initialize ":        {nil, noFiles},
		"straddle nope ":                     {nil, noFiles},
		"finapi token --username ":           {nil, noFiles},
		"man here ":                          {nil, noFiles},
		"man ":                               {nil, dirs},
		"finapi token --client-secret-file ": {nil, files},
		"spec validate ":                     {nil, files},
	} {
		r := w.run("", append([]string{"__complete"}, strings.Split(line, " ")...)...)
		assert.Contains(t, r.stdout, c.directive, line)
		for _, word := range c.without {
			assert.NotContains(t, r.stdout, word, line)
		}
	}
	help := w.run("", "straddle", "bridge", "initialize", "--help")
	assert.Contains(t, help.stdout, "--environment name", "the help is as it was")
}

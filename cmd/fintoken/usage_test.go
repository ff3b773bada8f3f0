package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestUsageErrors holds what is refused before anything is sent.
func TestUsageErrors(t *testing.T) {
	w := newWorld(t)
	sent := 0
	w.server(func(http.ResponseWriter, *http.Request) { sent++ })
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		line, want string
		code       int
	}{
		{"straddle bridge initialize --format xml", "--format must be one of auto, json", 2},
		{"straddle bridge initialize --format-error xml", "--format-error must be one of", 2},
		{"straddle bridge initialize --environment live", "--environment must be sandbox or production", 2},
		{"straddle bridge initialize --timeout 0s", "--timeout must not be 0", 2},
		{"straddle bridge initialize --timeout -1s", "--timeout must not be negative", 2},
		{"straddle bridge initialize --timeout soon", "--timeout must be a duration such as 90s", 2},
		{"straddle bridge initialize --retries -1", "--retries must not be negative", 2},
		{"straddle bridge initialize", "customer_id: is required", 2},
		{"straddle bridge initialize extra", "takes no argument", 2},
		{"straddle bridge initialize --config [1]", "--config must be an object", 2},
		{"straddle bridge initialize --config null", "--config must be an object", 2},
		{"straddle bridge initialize --body @/nowhere", "no such file", 2},
		{"straddle bridge initialize --body {\"Config\":{}} --config {}", `the body has no member "Config"`, 2},
		{"straddle bridge initialize --body {\"cu\u017ftomer_id\":\"x\"} --customer-id " + pageCustomer, `the body has no member "cu`, 2},
		{"straddle bridge initialize --config {Sandbox_Outcome:active} --customer-id " + pageCustomer, `no member "config.Sandbox_Outcome`, 2},
		{"straddle bridge initialize --body {\"customer_id\":\"x\",\"customer_id\":\"y\"}", `has the member "customer_id" twice`, 2},
		{"straddle bridge initialize --body \xff", "--body must be UTF-8", 2},
		{"straddle bridge initialize --external-id \xff --customer-id " + pageCustomer, "external_id is not UTF-8", 2},
		{"straddle bridge initialize --base-url=", "--base-url is empty", 2},
		{"straddle bridge initialize --environment=", "--environment is empty", 2},
		{"finapi token --client-id=", "--client-id is empty", 2},
		{"straddle bridge initialize --retries 9223372036854775807", "--retries must not be more than 1000", 2},
		{"version", "did you mean `fintoken --version`?", 2},
		{"straddle bridge initialize --body {customer:1}", `no member "customer`, 2},
		{"straddle bridge initialize --body {\"customer_id\":1}", "customer_id must be text", 2},
		{"straddle bridge initialize --body {\"config\":1}", "config must be an object", 2},
		{"straddle bridge initialize --body - --config -", "cannot both read stdin", 2},
		{"straddle bridge initialize --body - --api-key -", "cannot both read stdin", 2},
		{"straddle bridge initialize --straddle-account-id é --customer-id " + pageCustomer, "see --straddle-account-id in the command's --help", 2},
		{"straddle bridge initialize --retries many", `--retries must be a whole number, not "many"`, 2},
		{"straddle bridge initialize --quiet=much", "--quiet must be true or false", 2},
		{"straddle bridge initialize --base-url unix: --customer-id " + pageCustomer, "--base-url unix: must be followed by the path of a socket", 2},
		{"straddle bridge initialize --config.sandbox-outcome good --customer-id " + pageCustomer, "config.sandbox_outcome", 2},
		{"straddle bridge initialize --idempotency-key short --customer-id " + pageCustomer, "10 to 40", 2},
		{"straddle bridge initialize --customer-id " + pageCustomer + " --base-url http://example.com", "--base-url must be https", 2},
		{"straddle bridge initialize --customer-id " + pageCustomer + " --api-key-file /nowhere", "no such file", 10},
		{"straddle bridge initialize --customer-id " + pageCustomer + " --api-key-file -", "is empty", 10},
		{"finapi token --username jane", "go with --grant-type password", 2},
		{"finapi token --refresh-token x", "goes with --grant-type refresh_token", 2},
		{"finapi token --grant-type refresh_token --cache --refresh-token x", "--cache keeps the refresh token itself", 2},
		{"finapi token --cache --request-id x", "does not go with --cache", 2},
		{"finapi token --request-id " + long, "--request-id: must have 1 to 255 characters", 2},
		{"finapi token --api-version V3", "must be V1 or V2", 2},
		{"finogates embed-token create --iframe --format raw", "--iframe prints a tag", 2},
		{"finogates embed-token create --user-id " + pageCustomer + " --parent-origin https://a.example/x", "parent_origin", 2},
		{"demo --format xml", "--format must be one of table, jsonl, json", 2},
		{"demo --provider nobody", "--provider must be one of finapi, finogates, straddle", 2},
		{"demo --live", "--live needs --provider", 2},
		{"demo x", "takes no argument", 2},
		{"demo --base-url http://localhost", "--base-url is of no use", 2},
		{"demo --live --provider straddle", "a live run needs STRADDLE_CUSTOMER_ID in the environment", 10},
		{"spec show", "takes one argument", 2},
		{"spec show stradle", "did you mean straddle?", 2},
		{"spec show nobody", "there is no document", 2},
		{"finapi revoke --token x --in-query --api-version V2", "--in-query is for V1 only", 2},
		{"sandbox state --unchecked", "--unchecked is of no use", 2},
		{"spec validate /nowhere", "no such file", 2},
		{"man", "takes one argument", 2},
		{"completion tcsh", "unknown command", 2},
		{"keyring set nobody", "the entry must be one of finapi/sandbox/client-secret", 2},
		{"keyring set straddle/sandbox/api-key", "switched off", 10},
		{"keyring delete straddle/sandbox/api-key", "switched off", 10},
		{"sandbox --listen 0.0.0.0:0", "loopback", 10},
		{"sandbox --listen unix:/nowhere/s", "choose another --listen", 10},
		{"sandbox --listen unix:", "--listen must be an address such as", 2},
		{"sandbox --listen 4010", "--listen must be an address such as", 2},
		{"sandbox --refresh-token-grace 1s", "--refresh-token-grace goes with rotation only", 2},
		{"sandbox snapshot --redact", "--redact is of no use", 2},
		{"sandbox faults add --status 500 --probability NaN", "--probability must be from 0 to 1", 2},
		{"sandbox faults add {\"probability\":.nan}", "a number that JSON has not", 2},
		{"sandbox faults add --status 500 --delay 5", "--delay must be a duration such as 90s", 2},
		{"sandbox add [", "FIXTURES must be an object", 2},
		{"sandbox faults add --probability half", "--probability must be a number", 2},
		{"sandbox journal --provider stradle", "--provider must be one of", 2},
		{"sandbox journal --count 10001", "--count must be between 1 and 10000", 2},
		{"sandbox journal --wait 5s", "--wait goes with --count", 2},
		{"sandbox journal --count 1 --wait 26s", "--wait must be between 0 and 25s", 2},
		{"keyring set straddle/sandbox/api_key", "did you mean straddle/sandbox/api-key?", 2},
		{"sandbox --host sandbox", "--host goes with --allow-remote", 2},
		{"sandbox --allow-remote --host a:1", "--host must have names or addresses of hosts", 2},
		{"sandbox --ca-file ca.pem", "--ca-file goes with --tls", 2},
		{"sandbox --tls --listen unix:s", "--tls goes with a port", 2},
		{"sandbox --access-token-life 1ms", "--access-token-life must be 0, or from one second to 596523h14m7s", 2},
		{"sandbox rest", `unknown command "rest" for "fintoken sandbox"`, 2},
		{"sandbox --prt 4010", "unknown flag: --prt", 2},
		{"sandbox --refresh-token-rotation maybe", "must be off, on or detects-reuse", 2},
		{"sandbox --fixtures {straddle:{customers:[{customer_id:x}]}}", "--fixtures", 2},
		{"sandbox --fixtures {a:1}", `no member "a`, 2},
		{"sandbox clock advance soon", "is not a duration such as", 2},
		{"sandbox clock set soon", "is not a time such as", 2},
		{"sandbox clock stop", "unknown command", 2},
		{"sandbox faults add {} {}", "takes one argument", 2},
		{"sandbox faults add [", "must be an object", 2},
		{"sandbox faults add {a:1}", `no member "a`, 2},
		{"sandbox faults add --provider finapi --nth 2", "it needs a --kind, a --status or a --delay", 2},
		{"sandbox faults remove", "takes one argument", 2},
		{"sandbox restore x", "must be an object", 2},
		{"sandbox add @/nowhere", "no such file", 2},
	} {
		t.Run(c.line[:min(len(c.line), 60)], func(t *testing.T) {
			stdin := map[bool]string{true: "external_id: x"}[strings.Contains(c.line, "--body -")]
			r := w.run(stdin, strings.Fields(c.line)...)
			assert.Equal(t, c.code, r.code, r.stderr)
			assert.Contains(t, r.stderr, c.want)
			assert.Contains(t, r.stderr, "\n  next: ")
			assert.Empty(t, r.stdout)
		})
	}
	assert.Zero(t, sent)
}

// TestErrorFlagsBehindAMistake: an error is printed as it was asked for, even where the mistake stands before that.
func TestErrorFlagsBehindAMistake(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"finapi token --user jane --format-error jsonl":                                        `{"error":{"message":"unknown flag: --user"},"exit_code":2,"next":"did you mean --username?"}`,
		"finapi token --retries x --format-error=jsonl --help":                                 `{"error":{"message":"--retries must be a whole number, not \"x\""},"exit_code":2,"next":"see ` + "`fintoken finapi token --help`" + `"}`,
		"finapi token -x --transform-error exit_code":                                          "2",
		"straddle bridge initialyze --customer-id x --transform-error next --format-error raw": "did you mean `fintoken straddle bridge initialize`?",
		"finapi token --user jane --format-error xml":                                          "fintoken: unknown flag: --user\n  next: did you mean --username?",
		"finapi token --user jane -- --format-error json":                                      "fintoken: unknown flag: --user\n  next: did you mean --username?",
	} {
		r := w.run("", strings.Fields(line)...)
		assert.Equal(t, result{"", want + "\n", 2}, r, line)
	}
}

// TestConfigErrors holds what is wrong with the environment.
func TestConfigErrors(t *testing.T) {
	for name, c := range map[string]struct{ variable, value, args, want string }{
		"base URL":     {"STRADDLE_BASE_URL", "ftp://x", "straddle bridge initialize --customer-id " + pageCustomer, "STRADDLE_BASE_URL must be https"},
		"environment":  {"STRADDLE_ENVIRONMENT", "live", "straddle bridge initialize --customer-id " + pageCustomer, "STRADDLE_ENVIRONMENT must be sandbox or production"},
		"version":      {"FINAPI_API_VERSION", "3", "finapi token", "must be V1 or V2"},
		"client id":    {"FINAPI_CLIENT_ID", "", "finapi token", "--client-id is missing, and so is FINAPI_CLIENT_ID"},
		"username":     {"FINAPI_USERNAME", "", "finapi token --grant-type password", "--username is missing"},
		"password":     {"FINAPI_PASSWORD", "", "finapi token --grant-type password", "the user's password is missing"},
		"short secret": {"FINOGATES_CLIENT_SECRET", "short", "finogates auth token", "FINOGATES_CLIENT_SECRET must have 10 to 255 characters"},
		"two lines":    {"STRADDLE_API_KEY", "a\nb", "straddle bridge initialize --customer-id " + pageCustomer, "STRADDLE_API_KEY must be one line"},
		"token":        {"FINAPI_TOKEN", "", "finapi revoke", "the token to revoke is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.env[c.variable] = c.value
			if c.variable == "STRADDLE_ENVIRONMENT" {
				delete(w.env, "STRADDLE_BASE_URL")
			}
			r := w.run("", strings.Fields(c.args)...)
			assert.Equal(t, 10, r.code, r.stderr)
			assert.Contains(t, r.stderr, c.want)
		})
	}
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// TestStrayWord: what stands in the wrong place is repeated only where it is nearly a command. It may be a secret whose
// flag was forgotten, or whose command was.
func TestStrayWord(t *testing.T) {
	w := newWorld(t)
	const secret = "sk_live_s3cret"
	for line, want := range map[string]string{
		"straddle bridge --api-key " + secret + " --customer-id x":            "--customer-id is a flag of commands such as `fintoken straddle bridge create-bank-account-paykey` and goes behind one of them",
		"straddle bridge " + secret:                                           `unknown command for "fintoken straddle bridge"`,
		"straddle " + secret + " --customer-id x":                             `unknown command for "fintoken straddle"`,
		"straddle bridge initialize --customer-id x --api-key= " + secret:     "takes no argument, and there is one",
		"straddle bridge initialize --customer-id x -- " + secret:             "takes no argument, and there is one",
		"straddle bridge initialize --customer-id x -" + secret:               "begins with a dash and is no flag",
		"straddle bridge initialize --customer-id x ---" + secret:             "begins with a dash and is no flag",
		"straddle bridge initialize --apikey " + secret:                       "did you mean --api-key?",
		"finapi --client-secret " + secret + " tokn --cache":                  "did you mean `fintoken finapi token`?",
		"finapi revoke " + secret:                                             "takes no argument, and there is one",
		"finapi --cache " + secret:                                            `unknown command for "fintoken finapi"`,
		"finapi --cache token":                                                "--cache is a flag of `fintoken finapi token` and goes behind that",
		"finapi --nothing " + secret + " tokn":                                "did you mean `fintoken finapi token`?",
		"finapi tokn --client-secret " + secret:                               "did you mean `fintoken finapi token`?",
		"finogates embed-token --client-secret=" + secret + " creat --iframe": "did you mean `fintoken finogates embed-token create`?",
		"keyring " + secret:                                                   `unknown command for "fintoken keyring"`,
		"keyring set " + secret:                                               "the entry must be one of",
		"help " + secret:                                                      `unknown command for "fintoken"`,
		secret:                                                                `unknown command for "fintoken"`,
		"--environment sandbox straddle brigde initialize --customer-id x":    `unknown command "brigde" for "fintoken straddle"`,
		"--format json finapi tokn --cache":                                   `unknown command "tokn" for "fintoken finapi"`,
		"straddle --customer-id x":                                            "unknown flag: --customer-id",
		"sandbox clock advance -1h":                                           "begins with a dash and is no flag",
		"environment x":                                                       "takes no argument",
		"exit-codes bogus":                                                    "takes no argument",
		"--quiet environment -- x":                                            "takes no argument",
	} {
		for _, format := range []string{"auto", "json", "raw"} {
			// In front: behind a -- it would be an argument.
			r := w.run("", append([]string{"--format-error", format}, strings.Fields(line)...)...)
			assert.Equal(t, 2, r.code, line)
			assert.NotContains(t, r.stdout+r.stderr, secret, line)
			assert.Contains(t, strings.ReplaceAll(r.stderr, `\"`, `"`), map[bool]string{false: want}[format == "raw"], line)
		}
	}
	assert.Equal(t, 0, w.run("", "exit-codes", "--quiet").code)
}

// TestErrorHoldsNoToken: a token in an answer that cannot be used gets onto stderr in no format and by no path
// (Requirement F77).
func TestErrorHoldsNoToken(t *testing.T) {
	const token = "t0ken-of-nobody"
	straddle := "straddle bridge initialize --customer-id " + pageCustomer
	embed := "finogates embed-token create --parent-origin https://a.example --user-id " + pageCustomer
	for name, c := range map[string]struct {
		line, answer string
		status       int
	}{
		"cut off":         {"finapi token", `{"access_token":"` + token + `","token_ty`, 200},
		"a member twice":  {"finapi token", `{"access_token":"` + token + `","access_token":"` + token + `"}`, 200},
		"no JSON":         {"finapi token", token, 200},
		"session token":   {straddle, `{"data":{"bridge_token":"` + token, 201},
		"error below 201": {straddle, `{"response_type":"error","data":{"bridge_token":"` + token + `","status":422}}`, 201},
		"embed token":     {embed, `{"status_code":200,"data":{"token":"` + token + `","embed_url":7}}`, 200},
		"a refusal":       {"finapi token", `{"errors":[{"message":"no","Access_Token":["` + token + `"]}]}`, 400},
		"a failure":       {straddle, `{"error":{"title":"no","token":{"x":"` + token + `"}}}`, 500},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.server(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				if strings.HasSuffix(r.URL.Path, "/auth/token") {
					_, _ = rw.Write([]byte(`{"status_code":200,"data":{"access_token":"bearer"}}`))
					return
				}
				rw.WriteHeader(c.status)
				_, _ = rw.Write([]byte(c.answer))
			})
			for _, flags := range []string{
				"--format-error raw", "--format-error json", "--format-error yaml", "--debug", "--transform-error answer",
				"--transform-error answer.data.@values", "--transform-error answer.data.[token,bridge_token]",
				"--transform-error @this|@flatten", "--transform-error answer.errors.0.@values", "--format-error raw --redact",
			} {
				r := w.run("", append(strings.Fields(c.line+" --retries 0"), strings.Fields(flags)...)...)
				assert.NotZero(t, r.code, r.stdout)
				assert.NotContains(t, r.stderr, token, flags)
				if c.status < 300 {
					assert.NotContains(t, r.stderr, "--format-error raw", "it would not help")
				}
			}
		})
	}
}

// TestRawErrorSaysWhy: of an answer of success the format raw tells what was wrong with it, and that it is withheld.
func TestRawErrorSaysWhy(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 0, w.run("", "sandbox", "faults", "add", "--provider", "finapi", "--kind", "wrong_length").code)
	r := w.run("", "finapi", "token", "--retries", "0", "--format-error", "raw")
	assert.Equal(t, 5, r.code)
	assert.Contains(t, r.stderr, "getToken: 200")
	assert.Contains(t, r.stderr, "the answer is withheld, as it may hold a token")
	assert.NotContains(t, r.stderr, "sandbox_at_")
}

// TestDryRunIsNoCode: a value that looks like the stand-in of a secret is quoted like any other.
func TestDryRunIsNoCode(t *testing.T) {
	testenv.Programs(t, "sh")
	w := newWorld(t)
	for _, value := range []string{"fintoken-dry-run-(echo broken >&2).", "fintoken-dry-run-HOME.", "$(echo broken >&2)", "`echo broken >&2`"} {
		r := w.initialize("--dry-run", "--external-id", value)
		require.Equal(t, 0, r.code, r.stderr)
		out, err := w.shell("sh", "-uc", "curl() { printf '%s\\n' \"$@\"; }; STRADDLE_API_KEY=the-key; "+r.stdout)
		require.NoError(t, err, out)
		assert.NotContains(t, out, "broken\n")
		assert.Contains(t, out, `"external_id":"`+strings.ReplaceAll(value, ">&", `\u003e\u0026`)+`"`)
		assert.Contains(t, out, "Authorization: Bearer the-key")
	}
}

// TestSandboxSecretsStay: with --redact no path prints a credential of the sandbox, and a dry run never does
// (Requirement F79).
func TestSandboxSecretsStay(t *testing.T) {
	w := newWorld(t)
	lines := []string{"credentials", "reset --seed 7"}
	for _, path := range []string{"@this", "straddle.@values", "straddle.[api_key]", "straddle.{k:api_key}", "*.@values|@flatten", "@values.@flatten.#.@values"} {
		lines = append(lines, "credentials --transform "+path, "reset --seed 7 --transform "+path)
	}
	require.Equal(t, 0, w.run("", "sandbox", "reset", "--seed", "7").code)
	w.c = w.s.Sandbox().Credentials()
	for _, line := range lines {
		for _, format := range []string{"json", "raw"} {
			r := w.run("", append(strings.Fields("sandbox "+line), "--redact", "--format", format)...)
			for _, secret := range w.secrets() {
				assert.NotContains(t, r.stdout, secret, line)
			}
		}
	}

	const users = "{finapi: {users: [{username: a, password: hunter22}, {username: b, password: hunter23}]}, " +
		"finogates: {tenants: [{live_client_secret: hunter24}]}, straddle: {api_keys: [{api_key: hunter25}]}}"
	r := w.run("", "sandbox", "add", users, "--dry-run")
	require.Equal(t, 0, r.code, r.stderr)
	assert.NotContains(t, r.stdout, "hunter2")
	for _, variable := range []string{`"$PASSWORD"`, `"$PASSWORD_2"`, `"$LIVE_CLIENT_SECRET"`, `"$API_KEY"`} {
		assert.Contains(t, r.stdout, variable)
	}
	snapshot := w.run("", "sandbox", "snapshot").stdout
	r = w.run(snapshot, "sandbox", "restore", "-", "--dry-run")
	assert.Equal(t, 0, r.code, r.stderr)
	assert.Contains(t, r.stdout, `--data "$SNAPSHOT"`)
	assert.Less(t, len(r.stdout), 300)
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
)

// TestAPI: a request of any kind is signed, goes where it is told to, and is sent again only where what is known of the
// operation allows it.
func TestAPI(t *testing.T) {
	for name, c := range map[string]struct {
		line, want string
		key        bool // an idempotency key is made
		attempts   int  // where the provider is out of order
	}{
		"a read":                   {`api GET /v1/customers?page_size=5 --field status=verified`, "GET /v1/customers?page_size=5&status=verified ", false, 3},
		"a read that nobody knows": {`api GET /v9/things`, "GET /v9/things ", false, 3},
		"a known write":            {`api POST /v1/charges --field amount=1 --field device.ip_address=0.0.0.0`, `POST /v1/charges {"amount":1,"device":{"ip_address":"0.0.0.0"}}`, true, 3},
		"with a body":              {`api PUT /v1/charges/7/hold --body {reason:\x20a} --field reason=b`, `PUT /v1/charges/7/hold {"reason":"b"}`, true, 3},
		"a write nobody knows":     {`api POST /v9/things --field a=null`, `POST /v9/things {"a":null}`, false, 1},
		"with a key":               {`api POST /v9/things --idempotency-key key-of-mine --header X-Mine:1`, `POST /v9/things `, true, 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var seen []string
			keys, status := map[string]bool{}, http.StatusOK
			w.server(func(rw http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				seen = append(seen, r.Method+" "+r.URL.String()+" "+string(body))
				keys[r.Header.Get("Idempotency-Key")] = true
				assert.Equal(t, "Bearer "+w.c.Straddle.APIKey, r.Header.Get("Authorization"))
				assert.Equal(t, strings.Contains(c.line, "X-Mine"), r.Header.Get("X-Mine") == "1")
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(status)
				_, _ = io.WriteString(rw, `{"data":{"id":"x"},"meta":{}}`)
			})
			args := strings.Fields(c.line)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], `\x20`, " ")
			}
			r := w.run("", args...)
			assert.Equal(t, 0, r.code, r.stderr)
			assert.JSONEq(t, `{"data":{"id":"x"},"meta":{}}`, r.stdout)
			assert.Equal(t, []string{c.want}, seen)
			assert.Equal(t, c.key, !keys[""])
			seen, status = nil, http.StatusServiceUnavailable
			clear(keys)
			r = w.run("", args...)
			assert.NotEqual(t, 0, r.code)
			assert.Len(t, seen, c.attempts, r.stderr)
			assert.Len(t, keys, 1, "all attempts share the key")
		})
	}
}

// TestAPIOfOthers: finAPI and Finogates get a bearer first.
func TestAPIOfOthers(t *testing.T) {
	w := newWorld(t)
	r := w.run("", "api", "POST", "/v1/platform/embed-tokens", "--provider", "finogates",
		"--field", "user_id="+w.c.Finogates.UserID, "--field", "parent_origin=https://app.example.com", "--transform", "data.mode", "--format", "raw")
	assert.Equal(t, result{"sandbox\n", "", 0}, r)
	r = w.run("", "api", "POST", "/v1/platform/embed-tokens", "--provider", "finogates", "--field", "user_id=7")
	assert.Equal(t, 5, r.code, r.stderr)
	r = w.run("", "api", "GET", "/api/v2/banks", "--provider", "finapi")
	assert.Equal(t, 3, r.code, r.stderr)
	r = w.run("", "api", "GET", "/", "--provider", "finapi", "--dry-run")
	assert.Equal(t, 0, r.code, r.stderr)
	assert.Contains(t, r.stdout, `'Authorization: Bearer '"$FINAPI_BEARER"`)
	delete(w.env, "FINOGATES_CLIENT_SECRET")
	r = w.run("", "api", "GET", "/", "--provider", "finogates")
	assert.Equal(t, 10, r.code)
	assert.Contains(t, r.stderr, "FINOGATES_CLIENT_SECRET")
}

// TestAPIIsChecked: what cannot be sent is refused by name.
func TestAPIIsChecked(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"api GET":                        "takes 2 arguments, METHOD and PATH",
		"api TRACE /":                    "METHOD must be one of",
		"api GET v1/customers":           "PATH must begin with one /",
		"api GET //example.com/":         "PATH must begin with one /",
		"api GET / --field status":       "--field must be name=value",
		"api GET / --field a={":          "--field must be name=value",
		"api GET / --header X-Mine":      "--header must be a name, a colon and a value",
		"api GET / --header Cookie:x":    "Cookie is not for this option",
		"api GET / --provider nobody":    "--provider must be one of " + strings.Join(sandbox.Providers(), ", "),
		"api POST / --idempotency-key é": "--idempotency-key",
		"api GET / --body [a]":           "--body must be an object",
		"api GET / --format xml":         "--format must be one of",
	} {
		r := w.run("", strings.Fields(line)...)
		assert.Equal(t, 2, r.code, line)
		assert.Contains(t, r.stderr, want, line)
	}
}

// TestSpecOperations: every operation of every document is a line, with the command that makes it.
func TestSpecOperations(t *testing.T) {
	w := newWorld(t)
	r := w.run("", "spec", "operations", "--format", "jsonl")
	require.Equal(t, 0, r.code, r.stderr)
	seen := map[string]bool{}
	for line := range strings.Lines(r.stdout) {
		var row map[string]string
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		for _, member := range []string{"provider", "document", "operation", "method", "path", "service", "command", "repeat", "evidence", "sandbox"} {
			assert.NotEmpty(t, row[member], line)
		}
		seen[row["document"]+".yaml "+row["operation"]+" "+row["method"]+" "+row["path"]] = true
	}
	var want int
	for _, d := range specs.All() {
		for _, op := range d.Operations() {
			want++
			assert.True(t, seen[d.Name()+" "+op.ID+" "+op.Method+" "+op.Path], "%s has no line", op.ID)
		}
	}
	assert.Len(t, seen, want)
	assert.Len(t, operations.All(), want)
	assert.Equal(t, want+1, strings.Count(w.run("", "spec", "operations").stdout, "\n"), "a table with a head")
	for _, d := range specs.All() {
		assert.Contains(t, w.run("", "spec", "list", "--format", "jsonl").stdout, fmt.Sprintf(`%q,"title":%q,"version":%q,"operations":%d}`, d.Name(), d.Title(), d.Version(), len(d.Operations())))
		assert.Contains(t, w.run("", "doctor", "--offline", "--format", "json").stdout, fmt.Sprintf("version %s, operations: %d\"", d.Version(), len(d.Operations())))
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// TestDoctor looks at hosts: reachable ones, one whose clock is off, one that does not answer.
func TestDoctor(t *testing.T) {
	w := newWorld(t)
	var late time.Duration
	date := httptest.NewServer(w.ordered(func(rw http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"))
		rw.Header()["Date"] = nil
		if late >= 0 {
			rw.Header().Set("Date", time.Now().Add(late).UTC().Format(http.TimeFormat))
		}
	}))
	t.Cleanup(date.Close)
	w.env["STRADDLE_BASE_URL"] = date.URL
	for _, c := range []struct {
		late  time.Duration
		state string
		code  int
	}{{0, "ok", 0}, {time.Minute, "warning", 0}, {time.Hour, "FAILED", 1}, {-1, "warning", 0}} {
		late = c.late
		r := w.run("", "doctor", "--format", "json", "--transform", `checks.#(topic=="straddle")#|#(check=="clock").state`)
		assert.Equal(t, c.code, r.code, r.stdout)
		assert.Equal(t, `"`+c.state+"\"\n", r.stdout)
	}
	w.env["STRADDLE_BASE_URL"] = "http://127.0.0.1:1"
	r := w.run("", "doctor")
	assert.Equal(t, 1, r.code)
	assert.Regexp(t, `FAILED +straddle +host +.*refused\n +next: check the address`, r.stdout)
	assert.Empty(t, r.stderr)
	w.env["STRADDLE_BASE_URL"] = "http://example.com"
	w.env["FINAPI_ENVIRONMENT"], w.env["FINAPI_CLIENT_ID"], w.env["FINAPI_CLIENT_SECRET"] = "live", "", ""
	r = w.run("", "doctor", "--offline")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.stdout, "must be https")
	assert.Contains(t, r.stdout, "FINAPI_ENVIRONMENT must be sandbox or production")
	delete(w.env, "FINAPI_ENVIRONMENT")
	delete(w.env, "FINTOKEN_KEYRING")
	r = w.run("", "doctor", "--offline")
	assert.Contains(t, r.stdout, "not in FINAPI_CLIENT_SECRET, and in the keyring: there is no session bus")
	for _, secret := range w.secrets() {
		assert.NotContains(t, r.stdout, secret)
	}
}

// TestDoctorLeavesNoTrace: the journal of a sandbox, which its user looks at, has no call in it that the doctor made: not
// behind paths, not behind ports of their own, not on a socket.
func TestDoctorLeavesNoTrace(t *testing.T) {
	w := newWorld(t)
	doctor := func() {
		t.Helper()
		r := w.run("", "doctor")
		require.Equal(t, 0, r.code, r.stdout)
		require.Equal(t, len(sandbox.Providers())+1, strings.Count(r.stdout, "answers in "), r.stdout)
		require.Empty(t, w.s.Sandbox().Calls())
	}
	doctor()
	for _, provider := range sandbox.Providers() {
		own, err := w.s.Expose(provider, "127.0.0.1:0")
		require.NoError(t, err)
		w.env[strings.ToUpper(provider)+"_BASE_URL"] = own
	}
	doctor()
	socket := "unix:" + filepath.Join(t.TempDir(), "s")
	var err error
	w.s, err = sandbox.Listen(socket)
	require.NoError(t, err)
	defer func() { assert.NoError(t, w.s.Close()) }()
	w.everywhere(socket)
	w.env["FINTOKEN_SANDBOX_URL"] = socket
	doctor()
}

// TestDoctorBelievesTheCommands: what a command refuses is no more than found, and each failure says what to do.
func TestDoctorBelievesTheCommands(t *testing.T) {
	for name, c := range map[string]struct {
		variable, value, args string
		command               string // that refuses it, too
		line, next            string
	}{
		"blank key":     {"STRADDLE_API_KEY", " ", "", "straddle bridge initialize --customer-id " + pageCustomer, `straddle +api-key +in STRADDLE_API_KEY, but must be visible ASCII`, "set STRADDLE_API_KEY to what"},
		"two lines":     {"STRADDLE_API_KEY", "a\nb", "", "straddle bridge initialize --customer-id " + pageCustomer, `straddle +api-key +STRADDLE_API_KEY must be one line`, "set STRADDLE_API_KEY to what"},
		"short secret":  {"FINOGATES_CLIENT_SECRET", "short", "", "finogates auth token", `finogates +client-secret +in FINOGATES_CLIENT_SECRET, but must have 10`, "set FINOGATES_CLIENT_SECRET to what"},
		"foreign id":    {"FINOGATES_CLIENT_ID", "fg_test_client", "--environment production", "finogates auth token", `finogates +FINOGATES_CLIENT_ID +set, but begins with fg_test_`, "set FINOGATES_CLIENT_ID to what"},
		"version":       {"FINAPI_API_VERSION", "V3", "", "finapi token", `finapi +FINAPI_API_VERSION +must be V1 or V2`, "set it to V1 or V2"},
		"environment":   {"STRADDLE_ENVIRONMENT", "live", "", "straddle bridge initialize --customer-id " + pageCustomer, `straddle +environment +STRADDLE_ENVIRONMENT must be`, "set it to one of them"},
		"address":       {"FINAPI_BASE_URL", "ftp://x", "", "finapi token", `finapi +address +the base URL: must be https`, "correct --base-url or FINAPI_BASE_URL"},
		"socket":        {"FINAPI_BASE_URL", "unix:", "", "finapi token", `finapi +address +FINAPI_BASE_URL unix: must be followed`, "correct --base-url or FINAPI_BASE_URL"},
		"sandbox":       {"FINTOKEN_SANDBOX_URL", "foo", "", "sandbox journal", `sandbox +FINTOKEN_SANDBOX_URL +the base URL: must be an absolute URL`, "start `fintoken sandbox`"},
		"sandbox, gone": {"FINTOKEN_SANDBOX_URL", "http://127.0.0.1:1", "", "sandbox journal --retries 0", `sandbox +host +.*refused`, "start `fintoken sandbox`"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.env[c.variable] = c.value
			args := strings.Fields(c.args)
			refused := w.run("", with(strings.Fields(c.command), args...)...)
			assert.NotZero(t, refused.code, refused.stdout)
			if !strings.HasSuffix(name, "gone") {
				args = with(args, "--offline")
			}
			r := w.run("", with([]string{"doctor"}, args...)...)
			assert.Equal(t, 1, r.code, r.stdout)
			assert.Regexp(t, `(?m)^FAILED +`+c.line+`.*\n +next: `+c.next, r.stdout)
			assert.Equal(t, 1, strings.Count(r.stdout, "FAILED"), r.stdout)
		})
	}
}

// TestDoctorWithoutASandbox: a sandbox that is not named is not missed, and one that is named is asked.
func TestDoctorWithoutASandbox(t *testing.T) {
	w := newWorld(t)
	r := w.run("", "doctor")
	assert.Equal(t, 0, r.code, r.stdout)
	assert.Regexp(t, `ok +sandbox +host +answers in`, r.stdout)
	delete(w.env, "FINTOKEN_SANDBOX_URL")
	assert.NotContains(t, w.run("", "doctor", "--offline").stdout, "FINTOKEN_SANDBOX_URL")
}

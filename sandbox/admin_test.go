package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
	"github.com/fintoken/fintoken-go/sandbox"
)

const adminPath = "/_sandbox/v1"

func (w *world) admin() *sandboxadmin.ClientWithResponses {
	w.t.Helper()
	client, err := sandboxadmin.NewClientWithResponses(w.base+adminPath, sandboxadmin.WithHTTPClient(w.client))
	require.NoError(w.t, err)
	return client
}

// TestAdmin does with the generated client what can be done in Go.
func TestAdmin(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			api, ctx := w.admin(), t.Context()

			health, err := api.GetHealthWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, "ok", health.JSON200.Status)

			creds, err := api.GetCredentialsWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, w.creds.FinAPI.V2ClientSecret, creds.JSON200.Finapi.V2ClientSecret)

			added, err := api.AddFixturesWithResponse(ctx, sandboxadmin.Fixtures{
				Finapi: &sandboxadmin.FinAPIFixtures{Users: []sandboxadmin.FinAPIUser{{Username: "alice@home", Password: "correct-horse"}}},
			})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, added.StatusCode(), string(added.Body))

			rule, err := api.AddFaultWithResponse(ctx, sandboxadmin.Fault{
				Provider: "finapi", Kind: sandboxadmin.FaultKindError, Status: 503, Times: 1,
				Delay: &sandboxadmin.Delay{Fixed: "1ms"}, Header: map[string]string{"X-Request-Id": "a"},
			})
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, rule.StatusCode(), string(rule.Body))
			rules, err := api.ListFaultsWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, []sandboxadmin.Fault{*rule.JSON201}, rules.JSON200.Faults)
			assert.Equal(t, "1ms", rules.JSON200.Faults[0].Delay.Fixed)
			assert.Equal(t, http.StatusOK, w.clientToken().status)
			assert.Equal(t, 503, w.form(tokenV1, headers{"X-Request-Id": "a"}, w.v1("grant_type", "client_credentials")...).status)

			status, count, timeout := 503, 1, "1s"
			calls, err := api.ListCallsWithResponse(ctx, &sandboxadmin.ListCallsParams{Status: &status, Count: &count, Timeout: &timeout})
			require.NoError(t, err)
			require.Len(t, calls.JSON200.Calls, 1)
			assert.Equal(t, rule.JSON201.ID, calls.JSON200.Calls[0].Fault)
			count, timeout = 2, "10ms"
			calls, err = api.ListCallsWithResponse(ctx, &sandboxadmin.ListCallsParams{Status: &status, Count: &count, Timeout: &timeout})
			require.NoError(t, err)
			assert.Equal(t, http.StatusRequestTimeout, calls.StatusCode())
			assert.Contains(t, calls.JSON408.Error, "1 of 2")

			for range 3 {
				w.login("alice@home", "wrong")
			}
			change, err := api.ChangeFinAPIUserWithResponse(ctx, "alice@home", sandboxadmin.FinAPIUserChange{Password: "another-one"})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, change.StatusCode(), string(change.Body))
			assert.Equal(t, http.StatusOK, w.login("alice@home", "another-one").status)
			yes := true
			change, err = api.ChangeFinAPIUserWithResponse(ctx, "alice@home", sandboxadmin.FinAPIUserChange{Locked: &yes, Verified: &yes})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, change.StatusCode())
			assert.Equal(t, http.StatusLocked, w.login("alice@home", "another-one").status)
			secret, err := api.ChangeFinAPIClientWithResponse(ctx, w.creds.FinAPI.ClientID, sandboxadmin.FinAPIClientChange{ClientSecret: "new"})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, secret.StatusCode())
			assert.Equal(t, http.StatusUnauthorized, w.clientToken().status)

			embed := w.embedded(w.finogatesBearer(), nil).at("data", "token").(string)
			iframe, err := api.VerifyEmbedTokenWithResponse(ctx, sandboxadmin.EmbedTokenCheck{Token: embed, ParentOrigin: "https://app.example.com"})
			require.NoError(t, err)
			assert.Equal(t, w.creds.Finogates.UserID, iframe.JSON200.UserID)
			bridge := w.bridge(w.customer()).at("data", "bridge_token").(string)
			widget, err := api.VerifyBridgeTokenWithResponse(ctx, sandboxadmin.BridgeTokenCheck{Token: bridge})
			require.NoError(t, err)
			assert.Equal(t, "standard", widget.JSON200.SandboxOutcome)

			clock, err := api.SetClockWithResponse(ctx, sandboxadmin.ClockChange{Mode: sandboxadmin.ClockChangeModeFreeze, Advance: "10m"})
			require.NoError(t, err)
			assert.True(t, clock.JSON200.Frozen)
			assert.Equal(t, start.Add(10*time.Minute), clock.JSON200.Now)
			iframe, err = api.VerifyEmbedTokenWithResponse(ctx, sandboxadmin.EmbedTokenCheck{Token: embed, ParentOrigin: "https://app.example.com"})
			require.NoError(t, err)
			assert.Contains(t, iframe.JSON404.Error, "has ended")
			later := start.Add(time.Hour)
			_, err = api.SetClockWithResponse(ctx, sandboxadmin.ClockChange{Mode: sandboxadmin.ClockChangeModeRun, Now: &later})
			require.NoError(t, err)
			read, err := api.GetClockWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, sandboxadmin.Clock{Now: later, Offset: "1h0m0s"}, *read.JSON200)

			state, err := api.GetStateWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, 1, state.JSON200.Counts["straddle.sessions"])

			taken, err := api.GetSnapshotWithResponse(ctx)
			require.NoError(t, err)
			reset, err := api.ResetWithResponse(ctx, sandboxadmin.Reset{})
			require.NoError(t, err)
			assert.Equal(t, w.creds.Straddle.APIKey, reset.JSON200.Straddle.APIKey)
			assert.Equal(t, http.StatusBadRequest, w.login("alice@home", "another-one").status)
			back, err := api.RestoreSnapshotWithResponse(ctx, *taken.JSON200)
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, back.StatusCode(), string(back.Body))
			assert.Equal(t, http.StatusUnauthorized, w.clientToken().status, "the new secret is back")
			seed := int64(7)
			seeded, err := api.ResetWithResponse(ctx, sandboxadmin.Reset{Seed: &seed})
			require.NoError(t, err)
			assert.Equal(t, inMemory(t, sandbox.Seed(7)).creds.Straddle.APIKey, seeded.JSON200.Straddle.APIKey)

			first, err := api.AddFaultWithResponse(ctx, sandboxadmin.Fault{Provider: "*", Drip: 1000})
			require.NoError(t, err)
			gone, err := api.RemoveFaultWithResponse(ctx, first.JSON201.ID)
			require.NoError(t, err)
			assert.Equal(t, http.StatusNoContent, gone.StatusCode())
			gone, err = api.RemoveFaultWithResponse(ctx, first.JSON201.ID)
			require.NoError(t, err)
			assert.Equal(t, http.StatusNotFound, gone.StatusCode())
			cleared, err := api.ClearFaultsWithResponse(ctx)
			require.NoError(t, err)
			assert.Equal(t, http.StatusNoContent, cleared.StatusCode())
		})
	}
}

func TestAdminRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			big := `{"finapi":"` + strings.Repeat("x", 11<<20) + `"}`
			state := w.sand.State()
			for name, tt := range map[string]struct {
				method, path, media, body string
				status                    int
				field                     string
			}{
				"unknown path":         {"GET", "/nothing", "", "", 404, ""},
				"below the prefix":     {"GET", "/../../_sandbox", "", "", 404, ""},
				"wrong method":         {"POST", "/state", "", "", 405, ""},
				"wrong media type":     {"POST", "/faults", "text/plain", "{}", 415, "Content-Type"},
				"no JSON":              {"POST", "/faults", "application/json", "{", 400, ""},
				"two values":           {"POST", "/faults", "application/json", "{}{}", 400, ""},
				"no body":              {"POST", "/faults", "application/json", "", 400, ""},
				"unknown member":       {"POST", "/faults", "application/json", `{"provider":"finapi","flood":1}`, 400, "flood"},
				"member twice":         {"POST", "/faults", "application/json", `{"provider":"finapi","provider":"*"}`, 400, "provider"},
				"unknown operation":    {"POST", "/faults", "application/json", `{"provider":"finapi","operation":"charge","kind":"html"}`, 400, "operation"},
				"no delay":             {"POST", "/faults", "application/json", `{"provider":"finapi","delay":{"fixed":"soon"}}`, 400, "delay.fixed"},
				"number out of range":  {"POST", "/faults", "application/json", `{"provider":"finapi","kind":"html","nth":1e300}`, 400, ""},
				"unknown query":        {"GET", "/calls?first=1", "", "", 400, "first"},
				"limit":                {"GET", "/calls?limit=1001", "", "", 400, "limit"},
				"limit of none":        {"GET", "/calls?limit=0", "", "", 400, "limit"},
				"count":                {"GET", "/calls?count=0", "", "", 400, "count"},
				"timeout":              {"GET", "/calls?timeout=1h", "", "", 400, "timeout"},
				"timeout, no time":     {"GET", "/calls?timeout=soon", "", "", 400, "timeout"},
				"clock goes back":      {"PUT", "/clock", "application/json", `{"now":"2020-01-01T00:00:00Z","mode":"freeze"}`, 400, "time"},
				"clock goes too far":   {"PUT", "/clock", "application/json", `{"advance":"999999h"}`, 400, "time"},
				"clock, no time":       {"PUT", "/clock", "application/json", `{"now":"soon"}`, 400, "now"},
				"other version":        {"PUT", "/snapshot", "application/json", `{"format":"fintoken-sandbox","version":99}`, 422, "snapshot.version"},
				"no snapshot":          {"PUT", "/snapshot", "application/json", `{"format":"x","version":1}`, 422, "snapshot.format"},
				"large body":           {"POST", "/seed", "application/json", big, 413, ""},
				"no JSON snapshot":     {"PUT", "/snapshot", "application/json", `{"format"`, 422, "snapshot"},
				"snapshot as a form":   {"PUT", "/snapshot", "text/plain", `{}`, 415, "Content-Type"},
				"snapshot, by query":   {"PUT", "/snapshot?force=1", "application/json", `{}`, 400, "force"},
				"snapshot, method":     {"DELETE", "/snapshot", "", "", 405, ""},
				"fixture":              {"POST", "/seed", "application/json", `{"finapi":{"users":[{"username":"a b","password":"123456"}]}}`, 400, "finapi.users[0].username"},
				"unknown user":         {"PATCH", "/finapi/users/nobody", "application/json", `{"verified":true}`, 404, ""},
				"unverify":             {"PATCH", "/finapi/users/" + w.creds.FinAPI.Username, "application/json", `{"verified":false,"password":"123456"}`, 400, "verified"},
				"unlock":               {"PATCH", "/finapi/users/" + w.creds.FinAPI.Username, "application/json", `{"locked":false}`, 400, "locked"},
				"nothing to change":    {"PATCH", "/finapi/users/" + w.creds.FinAPI.Username, "application/json", `{}`, 400, ""},
				"unknown client":       {"PATCH", "/finapi/clients/nobody", "application/json", `{"client_secret":"x"}`, 404, ""},
				"unknown fault":        {"DELETE", "/faults/fault-9", "", "", 404, ""},
				"unknown bridge token": {"POST", "/straddle/bridge-tokens/verify", "application/json", `{"token":"x"}`, 404, ""},
			} {
				t.Run(name, func(t *testing.T) {
					h := headers{"X-Anything": "goes", "Authorization": "Bearer whatever"}
					if tt.media != "" {
						h["Content-Type"] = tt.media
					}
					got := w.do(tt.method, adminPath+tt.path, h, tt.body)
					require.Equal(t, tt.status, got.status, got.text)
					assert.NotEmpty(t, got.body["error"])
					if tt.field != "" {
						assert.Equal(t, tt.field, got.body["field"])
					}
				})
			}
			assert.Equal(t, state, w.sand.State(), "state intact")
		})
	}
}

func TestAdminDocumentIsServed(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	got := w.do(http.MethodGet, adminPath+"/openapi.yaml", nil, "")
	assert.Equal(t, string(sandbox.AdminDocument().YAML()), got.text)
	assert.Equal(t, "application/yaml", got.header.Get("Content-Type"))
	assert.Equal(t, "sandbox-admin.yaml", sandbox.AdminDocument().Name())
}

// Requirement J119: admin calls need loopback, under a loopback name, and no page of the web may make one. Who lets other
// machines in keeps the rest: a host name must be named at the start, an address is none.
func TestAdminIsForThisMachine(t *testing.T) {
	t.Parallel()
	closed, err := sandbox.New()
	require.NoError(t, err)
	open, err := sandbox.New(sandbox.AllowRemoteAdmin())
	require.NoError(t, err)
	named, err := sandbox.New(sandbox.AllowRemoteAdmin("Sandbox", "sandbox.internal"))
	require.NoError(t, err)
	type fields = map[string]string
	for name, tt := range map[string]struct {
		remote, host        string
		header              fields
		closed, open, named int
	}{
		"this machine":            {"127.0.0.1:1", "127.0.0.1:4010", nil, 200, 200, 200},
		"by name":                 {"127.0.0.1:1", "localhost:4010", nil, 200, 200, 200},
		"by name, in capitals":    {"127.0.0.1:1", "LOCALHOST:4010", nil, 200, 200, 200},
		"IPv6":                    {"[::1]:1", "[::1]:4010", nil, 200, 200, 200},
		"IPv6, without a port":    {"[::1]:1", "[::1]", nil, 200, 200, 200},
		"mapped":                  {"[::ffff:127.0.0.1]:1", "localhost", nil, 200, 200, 200},
		"own page":                {"127.0.0.1:1", "localhost:4010", fields{"Origin": "http://localhost:4010", "Sec-Fetch-Site": "same-origin"}, 200, 200, 200},
		"another machine":         {"192.0.2.1:1", "192.0.2.9:4010", nil, 403, 200, 200},
		"another machine, IPv6":   {"[2001:db8::1]:1", "[2001:db8::9]:4010", nil, 403, 200, 200},
		"through a tunnel":        {"192.0.2.1:1", "localhost:4010", nil, 403, 200, 200},
		"odd address":             {"pipe", "localhost", nil, 403, 200, 200},
		"a name from the start":   {"192.0.2.1:1", "sandbox:4010", nil, 403, 403, 200},
		"another of them":         {"127.0.0.1:1", "SANDBOX.internal", nil, 403, 403, 200},
		"an address of this one":  {"127.0.0.1:1", "192.0.2.9:4010", nil, 403, 200, 200},
		"a name made for this":    {"127.0.0.1:1", "rebound.example:4010", nil, 403, 403, 403},
		"a name made for that":    {"192.0.2.1:1", "rebound.example:4010", nil, 403, 403, 403},
		"a name that looks alike": {"192.0.2.1:1", "sandbox.internal.example", nil, 403, 403, 403},
		"no name":                 {"192.0.2.1:1", "", nil, 403, 403, 403},
		"its own rebound page":    {"192.0.2.1:1", "rebound.example", fields{"Origin": "http://rebound.example", "Sec-Fetch-Site": "same-origin"}, 403, 403, 403},
		"a page of the web":       {"127.0.0.1:1", "localhost:4010", fields{"Sec-Fetch-Site": "cross-site"}, 403, 403, 403},
		"a page elsewhere":        {"192.0.2.1:1", "192.0.2.9:4010", fields{"Sec-Fetch-Site": "cross-site"}, 403, 403, 403},
		"a page next door":        {"192.0.2.1:1", "sandbox:4010", fields{"Sec-Fetch-Site": "same-site"}, 403, 403, 403},
		"an older browser":        {"127.0.0.1:1", "localhost:4010", fields{"Origin": "https://evil.example"}, 403, 403, 403},
		"a form":                  {"127.0.0.1:1", "localhost:4010", fields{"Content-Type": formType}, 415, 415, 415},
		"a form of text":          {"127.0.0.1:1", "localhost:4010", fields{"Content-Type": "text/plain"}, 415, 415, 415},
		"no type":                 {"127.0.0.1:1", "localhost:4010", fields{"Content-Type": ""}, 415, 415, 415},
	} {
		t.Run(name, func(t *testing.T) {
			for s, status := range map[*sandbox.Sandbox]int{closed: tt.closed, open: tt.open, named: tt.named} {
				r := httptest.NewRequest(http.MethodPost, adminPath+"/reset", strings.NewReader("{}"))
				r.RemoteAddr, r.Host = tt.remote, tt.host
				r.Header.Set("Content-Type", "application/json")
				for k, v := range tt.header {
					r.Header.Set(k, v)
				}
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				assert.Equal(t, status, w.Code, w.Body.String())
				if tt.header != nil {
					continue
				}
				page := httptest.NewRecorder()
				r = httptest.NewRequest(http.MethodGet, "/", nil)
				r.RemoteAddr, r.Host = tt.remote, tt.host
				s.ServeHTTP(page, r)
				assert.Equal(t, status, page.Code, "the page is as open")
			}
		})
	}
	r := httptest.NewRequest(http.MethodPost, tokenV1, strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", formType)
	w := httptest.NewRecorder()
	closed.ServeHTTP(w, r)
	assert.Equal(t, http.StatusBadRequest, w.Code, "the providers are open to all")
	for _, host := range []string{"", "sandbox:4010", "a b", "192.0.2.1", "-", "http://sandbox"} {
		_, err = sandbox.New(sandbox.AllowRemoteAdmin("sandbox", host))
		assert.ErrorContains(t, err, "must have names of hosts", host)
	}
}

// Requirement J137: that it serves, the sandbox tells everybody, under any name; and that is all it tells.
func TestHealthIsForEverybody(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New()
	require.NoError(t, err)
	call := func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.RemoteAddr, r.Host = "192.0.2.1:1", "any.example:4010"
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	got := call(http.MethodGet, adminPath+"/health")
	assert.Equal(t, http.StatusOK, got.Code)
	assert.JSONEq(t, `{"status":"ok"}`, got.Body.String())
	assert.Equal(t, "no-store", got.Header().Get("Cache-Control"))
	assert.Equal(t, http.StatusOK, call(http.MethodHead, adminPath+"/health").Code)
	for _, other := range []string{
		"POST /health", "DELETE /health", "GET /health/", "GET /healthy", "GET /state", "GET /credentials", "GET /openapi.yaml", "HEAD /state",
	} {
		method, path, _ := strings.Cut(other, " ")
		assert.Equal(t, http.StatusForbidden, call(method, adminPath+path).Code, other)
	}
	assert.Empty(t, s.Calls(), "it is no call of a provider's")
}

// The names by which others call the sandbox are good for its admin API as well, and a name that nobody gave is not.
func TestAdminUnderTheNamesOfTheStart(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.AllowRemote("Sandbox"), sandbox.AllowRemoteAdmin("other"))
	require.NoError(t, err)
	closed, err := sandbox.New(sandbox.AllowRemote("sandbox"))
	require.NoError(t, err)
	for host, status := range map[string]int{"sandbox:4010": http.StatusOK, "OTHER": http.StatusOK, "third": http.StatusForbidden} {
		for at, want := range map[*sandbox.Sandbox]int{s: status, closed: http.StatusForbidden} {
			r := httptest.NewRequest(http.MethodGet, adminPath+"/state", nil)
			r.RemoteAddr, r.Host = "192.0.2.1:1", host
			w := httptest.NewRecorder()
			at.ServeHTTP(w, r)
			assert.Equal(t, want, w.Code, host)
		}
	}
}

// Requirement J119: what changes something takes JSON and nothing else, so no form of a page can make such a call.
func TestAdminWritesAreJSON(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(sandbox.AdminDocument().YAML())
	require.NoError(t, err)
	w := inMemory(t)
	state := w.sand.State()
	writes := 0
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if method == http.MethodGet || method == http.MethodDelete { // which no form sends
				continue
			}
			writes++
			require.NotNil(t, operation.RequestBody, operation.OperationID)
			assert.True(t, operation.RequestBody.Value.Required, operation.OperationID)
			assert.Len(t, operation.RequestBody.Value.Content, 1, operation.OperationID)
			path := adminPath + strings.NewReplacer("{username}", w.creds.FinAPI.Username, "{client_id}", w.creds.FinAPI.ClientID).Replace(path)
			for _, media := range []string{"", formType, "text/plain", "multipart/form-data; boundary=x"} {
				for _, body := range []string{"", "{}", `{"advance":"1h","locked":true,"provider":"*","kind":"html"}`} {
					h := headers{}
					if media != "" {
						h["Content-Type"] = media
					}
					got := w.do(method, path, h, body)
					assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnsupportedMediaType}, got.status, "%s %s: %s", method, path, got.text)
				}
			}
		}
	}
	assert.Equal(t, 13, writes)
	assert.Equal(t, state, w.sand.State())
}

// FuzzAdmin looks for a call that makes the admin API fail or drift from its document.
func FuzzAdmin(f *testing.F) {
	s, err := sandbox.New(sandbox.Seed(1))
	require.NoError(f, err)
	for _, seed := range [][3]string{
		{"POST", "/faults", `{"provider":"*","kind":"error","status":500,"delay":{"median":"1ms","sigma":0.5}}`},
		{"PUT", "/clock", `{"mode":"freeze","advance":"1h"}`},
		{"POST", "/seed", `{"finapi":{"users":[{"username":"a","password":"123456"}]},"straddle":{"accounts":[]}}`},
		{"PATCH", "/finapi/users/a%20b", `{"locked":true}`},
		{"GET", "/calls?after=1&count=1&timeout=1ns", ""},
		{"POST", "/reset", `{"seed":-1}`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, "http://sandbox"+adminPath+path, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

// FuzzRestore looks for a snapshot that is taken although it does not hold together.
func FuzzRestore(f *testing.F) {
	s, err := sandbox.New(sandbox.Seed(1))
	require.NoError(f, err)
	empty, err := s.Snapshot()
	require.NoError(f, err)
	f.Add(empty)
	client := &http.Client{Transport: s.RoundTripper()}
	clients, err := s.Clients()
	require.NoError(f, err)
	_, err = clients.FinAPI.ClientTokens().Token(context.Background())
	require.NoError(f, err)
	_, err = clients.Finogates.ExchangeClientToken(context.Background())
	require.NoError(f, err)
	clients.FinAPI.Close()
	full, err := s.Snapshot()
	require.NoError(f, err)
	f.Add(full)
	f.Add([]byte(`{"format":"fintoken-sandbox","version":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := s.Snapshot()
		require.NoError(t, err)
		if s.Restore(data) != nil {
			after, err := s.Snapshot()
			require.NoError(t, err)
			require.True(t, bytes.Equal(before, after) || !json.Valid(data) || stripped(t, before) == stripped(t, after), "state intact")
			return
		}
		_ = s.State()
		again, err := s.Snapshot()
		require.NoError(t, err)
		require.NoError(t, s.Restore(again), "what was taken can be taken again")
		response, err := client.Post("http://sandbox/finapi/oauth/token", formType, strings.NewReader("grant_type=client_credentials"))
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, response.Body)
		require.NoError(t, s.Restore(full))
	})
}

// stripped is a snapshot without its clock, which runs.
func stripped(t *testing.T, data []byte) string {
	t.Helper()
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &all))
	delete(all, "clock")
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

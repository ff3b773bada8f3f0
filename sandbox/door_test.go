package sandbox_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

func TestDoorRefusals(t *testing.T) {
	t.Parallel()
	const large = 1<<20 + 1
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			for name, tt := range map[string]struct {
				method, path, media, body string
				want                      want
			}{
				"no provider":             {"POST", "/oauth/token", formType, "", want{404, "inferred", "does not begin with"}},
				"finAPI V1, path":         {"POST", "/finapi/oauth/tokens", formType, "", want{404, "inferred", `"code":"UNKNOWN_ENTITY"`}},
				"finAPI V2, path":         {"POST", "/finapi/api/v2/oauth/tokens", formType, "", want{404, "inferred", `"endpoint":"POST /api/v2/oauth/tokens"`}},
				"finAPI, method":          {"GET", tokenV1, "", "", want{405, "inferred", `"code":"METHOD_NOT_ALLOWED"`}},
				"finAPI, media type":      {"POST", tokenV1, "application/json", "{}", want{415, "inferred", `"code":"UNSUPPORTED_MEDIA_TYPE"`}},
				"finAPI, size":            {"POST", tokenV1, formType, strings.Repeat("x", large), want{413, "inferred", `"code":"BAD_REQUEST"`}},
				"Finogates, path":         {"POST", "/finogates/v1/platform/token", "application/json", "{}", want{404, "inferred", `"status_code":404`}},
				"Finogates, method":       {"DELETE", embedPath, "", "", want{405, "inferred", `"status_code":405`}},
				"Finogates, media type":   {"POST", exchangePath, formType, "a=b", want{415, "inferred", `"status_code":415`}},
				"Finogates, size":         {"POST", exchangePath, "application/json", strings.Repeat(" ", large), want{413, "inferred", `"status_code":413`}},
				"Straddle, path":          {"POST", "/straddle/v2/bridge/initialize", "application/json", "{}", want{404, "inferred", `"response_type":"error"`}},
				"Straddle, provider only": {"POST", "/straddle", "application/json", "{}", want{404, "inferred", `"response_type":"error"`}},
				"Straddle, method":        {"PUT", bridgePath, "application/json", "{}", want{405, "inferred", `"response_type":"error"`}},
				"Straddle, media type":    {"POST", bridgePath, "text/plain", "{}", want{415, "inferred", `"response_type":"error"`}},
				"Straddle, size":          {"POST", bridgePath, "application/json", strings.Repeat(" ", large), want{413, "inferred", `"response_type":"error"`}},
			} {
				t.Run(name, func(t *testing.T) {
					h := headers{}
					if tt.media != "" {
						h["Content-Type"] = tt.media
					}
					got := w.do(tt.method, tt.path, h, tt.body)
					got.require(t, tt.want)
					assert.NotNil(t, got.body, "a JSON object")
					if tt.want.status == http.StatusMethodNotAllowed {
						assert.Equal(t, "POST", got.header.Get("Allow"))
					}
				})
			}
		})
	}
}

func TestDoorTakesAWholeMebibyte(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	body := `{"customer_id":"` + w.creds.Straddle.CustomerID + `"`
	body += strings.Repeat(" ", 1<<20-len(body)-1) + "}"
	got := w.do(http.MethodPost, bridgePath, with(bearer(w.creds.Straddle.APIKey), "Content-Type", "application/json"), body)
	assert.Equal(t, http.StatusCreated, got.status, got.text)
}

// A form may have a file of 10 MiB in it, and no more.
func TestDoorTakesFiles(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	upload := func(size int) reply {
		file := "--b\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a.pdf\"\r\n\r\n" + strings.Repeat("x", size) + "\r\n--b--\r\n"
		return w.do(http.MethodPost, "/straddle/v1/charges/"+someone+"/authorization", with(bearer(w.creds.Straddle.APIKey), "Content-Type", "multipart/form-data; boundary=b"), file)
	}
	upload(10_485_760).require(t, want{404, "documented", "no such charge"})
	upload(10_485_761).require(t, want{400, "documented", "must have at most 10485760 bytes"})
	upload(11<<20).require(t, want{413, "inferred", "larger than 10 MiB"})
	upload(0).require(t, want{400, "documented", "must not be empty"})

	w.pays()
	charge := w.sand.State().Straddle.Payments[0]
	require.EqualValues(t, "charge", charge.PaymentType)
	form := "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\r\n--b--\r\n"
	w.do(http.MethodPost, "/straddle/v1/charges/"+charge.PaymentID+"/authorization", with(bearer(w.creds.Straddle.APIKey), "Content-Type", "multipart/form-data; boundary=b"), form).
		require(t, want{201, "documented", `"document_name":"a.pdf"`})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cable cut") }

func TestDoorBrokenBody(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.send(http.MethodPost, tokenV1, nil, broken{}).require(t, want{400, "inferred", "the body broke off"})
}

func TestJournal(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	assert.Empty(t, w.sand.Calls())
	w.form(tokenV1, headers{"X-Request-Id": "mine"}, w.v1("grant_type", "client_credentials")...)
	w.bridge(object{"customer_id": "me", "metadata": 1})
	w.do(http.MethodGet, "/elsewhere?token=canary", nil, "")
	calls := w.sand.Calls()
	require.Len(t, calls, 3)
	paths := "/" + strings.Join(sandbox.Providers(), ", /")
	last := strings.LastIndex(paths, ", ")
	assert.Equal(t, sandbox.Call{
		Seq: 1, Time: start, Provider: "finapi", Operation: "getToken", Method: "POST", Path: tokenV1, Status: 200, RequestID: "mine",
	}, calls[0])
	assert.NotEmpty(t, calls[1].RequestID)
	assert.Equal(t, "createBridgeToken", calls[1].Operation)
	assert.Contains(t, calls[1].Refused, "body /customer_id: must have the format uuid")
	assert.NotContains(t, calls[1].Refused, "metadata", "a name of the caller's choice")
	assert.Equal(t, sandbox.Call{
		Seq: 3, Time: start, Method: "GET", Path: "/elsewhere", Status: 404,
		Refused: "the path does not begin with " + paths[:last] + " or " + paths[last+2:],
	}, calls[2])
	calls[0].Path = "mine"
	assert.Equal(t, tokenV1, w.sand.Calls()[0].Path, "the slice is the caller's")
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	const more = 3
	for range 10_000 {
		w.do(http.MethodGet, "/early", nil, "")
	}
	for range more {
		w.do(http.MethodGet, "/late/"+strings.Repeat("x", 1000), nil, "")
	}
	calls := w.sand.Calls()
	assert.Len(t, calls, 10_000)
	assert.EqualValues(t, more, w.sand.DroppedCalls())
	assert.Equal(t, "/early", calls[0].Path)
	assert.Len(t, calls[len(calls)-1].Path, 256)
	assert.True(t, strings.HasPrefix(calls[len(calls)-more].Path, "/late/"))
}

// TestNoSecretComesBack sends a canary wherever a secret can go and looks for it in what is kept and in what is said.
func TestNoSecretComesBack(t *testing.T) {
	t.Parallel()
	const canary = "canary-0123456789-canary-0123456789-canary"
	w := inMemory(t)
	fin, fg := w.creds.FinAPI, w.creds.Finogates
	client, fgBearer := w.clientToken().text1("access_token"), w.finogatesBearer()
	replies := []reply{
		w.form(tokenV1, nil, "grant_type", "client_credentials", "client_id", fin.ClientID, "client_secret", canary),
		w.form(tokenV1, nil, "grant_type", canary, "client_id", canary, "client_secret", canary, canary, canary),
		w.do(http.MethodPost, tokenV1, headers{"Content-Type": formType}, "client_secret=a&"+canary+"&"+canary+"=x"),
		w.do(http.MethodPost, tokenV1, headers{"Content-Type": formType}, canary),
		w.do(http.MethodPost, tokenV1+"?"+canary+"="+canary, headers{"Content-Type": formType}, ""),
		w.login(fin.Username, canary), w.login(canary, canary), w.refresh(canary),
		w.form(revokeV1, bearer(canary), "token", canary),
		w.form(revokeV1, bearer(client), "token", canary),
		w.do(http.MethodPost, revokeV1+"?token="+canary, bearer(canary), ""),
		w.do(http.MethodPost, revokeV1+"?token="+canary, bearer(client), ""),
		w.json(exchangePath, nil, object{"client_id": fg.ClientID, "client_secret": canary}),
		w.json(exchangePath, nil, object{"client_id": fg.ClientID, "client_secret": canary, canary: canary}),
		w.do(http.MethodPost, exchangePath, headers{"Content-Type": "application/json"}, `"`+canary),
		w.embedded(canary, nil),
		w.embedded(fgBearer, object{"parent_origin": "https://" + canary + "@app.example.com", "scope": canary}),
		w.json(bridgePath, bearer(canary), w.customer()),
		w.bridge(object{"customer_id": canary}), w.bridge(object{canary: canary}, "Idempotency-Key", canary),
		w.do(http.MethodPost, "/nowhere?token="+canary, bearer(canary), canary),
	}
	for i, r := range replies {
		assert.NotContains(t, r.text, "canary", "reply %d", i)
	}
	for _, call := range w.sand.Calls() {
		assert.NotContains(t, call.Path+call.Refused+call.RequestID, "canary")
		for _, secret := range []string{fin.ClientSecret, fin.Password, fg.ClientSecret, w.creds.Straddle.APIKey, client, fgBearer} {
			assert.NotContains(t, call.Path+call.Refused+call.RequestID, secret)
		}
	}
}

// Requirement J114: without a seed, 128 bits and more of every token are random. In 64 sandboxes, a letter that is
// drawn from 32 is the same everywhere once in 32^63 times.
func TestTokensAreRandom(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	for range 64 {
		w := inMemory(t)
		user := w.userToken()
		seen["access_token"] = append(seen["access_token"], user.text1("access_token"))
		seen["refresh_token"] = append(seen["refresh_token"], user.text1("refresh_token"))
		bearer, bridge := w.finogatesBearer(), w.bridge(w.customer()).at("data", "bridge_token").(string)
		seen["bearer"] = append(seen["bearer"], bearer[strings.LastIndexByte(bearer, '.'):])
		seen["bridge_token"] = append(seen["bridge_token"], bridge[strings.LastIndexByte(bridge, '.'):])
	}
	for name, tokens := range seen {
		bits := 0
		for i := range len(tokens[0]) {
			if slices.ContainsFunc(tokens, func(other string) bool { return other[i] != tokens[0][i] }) {
				bits += 5
			}
		}
		assert.GreaterOrEqual(t, bits, 128, name)
	}
}

// Requirement J114: with a seed, everything is predictable.
func TestSeed(t *testing.T) {
	t.Parallel()
	talk := func(w *world) []string {
		return []string{
			w.userToken().text, w.userToken().header.Get("X-Request-Id"), w.exchange().text,
			w.embedded(w.finogatesBearer(), nil).text, w.bridge(w.customer()).text,
		}
	}
	a, b, c := inMemory(t, sandbox.Seed(7)), inMemory(t, sandbox.Seed(7)), inMemory(t, sandbox.Seed(8))
	assert.Equal(t, a.creds, b.creds)
	said := talk(a)
	assert.Equal(t, said, talk(b))
	assert.NotEqual(t, a.creds, c.creds)
	for i, other := range talk(c) {
		assert.NotEqual(t, said[i], other)
	}
	d, e := inMemory(t), inMemory(t)
	assert.NotEqual(t, d.creds, e.creds, "random without a seed")

	quiet, busy := inMemory(t, sandbox.Seed(7)), inMemory(t, sandbox.Seed(7))
	busy.exchange()
	assert.Equal(t, quiet.bridge(quiet.customer()).text, busy.bridge(busy.customer()).text, "providers do not move each other")
}

func TestOptionLimits(t *testing.T) {
	t.Parallel()
	for _, opt := range []sandbox.Option{
		sandbox.Clock(nil), sandbox.AccessTokenLife(-time.Hour), sandbox.AccessTokenLife(1), sandbox.RefreshTokenLife(1),
		sandbox.RefreshTokenRotation(9), sandbox.RefreshTokenGrace(time.Minute), sandbox.LoginAttempts(-1),
		sandbox.RefreshTokenGrace(2 * time.Hour), sandbox.RefreshTokenGrace(-1),
	} {
		_, err := sandbox.New(opt)
		require.ErrorContains(t, err, "sandbox: ")
		_, err = sandbox.Listen("127.0.0.1:0", opt)
		require.ErrorContains(t, err, "sandbox: ")
	}
}

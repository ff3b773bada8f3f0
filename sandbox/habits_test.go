package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// habit is something that clients do which nobody here wrote, and that no document forbids.
type habit struct {
	method, path string
	header       headers
	body         string
	status       int
	notes        string // of the journal; empty where the document itself has it
}

// habits are those of finAPI's clients of 2018, of OAuth libraries, of generated clients, and of the pages' own samples.
func habits(w *world) map[string]habit {
	fin, stKey := w.creds.FinAPI, w.creds.Straddle.APIKey
	grant := formed("grant_type", "client_credentials", "client_id", fin.ClientID, "client_secret", fin.ClientSecret)
	form := headers{"Content-Type": formType}
	customer := `{"customer_id":"` + w.creds.Straddle.CustomerID + `"}`
	at := func(h headers, media string) headers {
		return with(with(h, "Content-Type", media), "Authorization", "Bearer "+stKey)
	}
	embed := with(headers{"Content-Type": "application/json"}, "Authorization", "Bearer "+w.finogatesBearer())
	embedded := func(more string) string {
		return `{"user_id":"` + strings.ToUpper(w.creds.Finogates.UserID) + `","parent_origin":"https://app.example.com"` + more + `}`
	}
	const inURL = ": belongs in the form: what is in a URL ends in logs"
	return map[string]habit{
		"finAPI, parameters in the URL": {
			"POST", tokenV1 + "?" + grant, nil, "", 200,
			"query client_id" + inURL + "; query client_secret" + inURL + "; query grant_type" + inURL,
		},
		"finAPI, parameters in URL and form": {
			"POST", tokenV1 + "?grant_type=client_credentials", form, grant[:strings.LastIndex(grant, "&")], 200,
			"query grant_type" + inURL,
		},
		"finAPI, OAuth scopes":          {"POST", tokenV1, form, grant + "&scope=all", 200, "not in the document: form scope"},
		"finAPI, more OAuth parameters": {"POST", tokenV1, form, grant + "&audience=x&resource=y", 200, "not in the document: form audience; not in the document: form resource"},
		"finAPI, empty fields": {
			"POST", tokenV1, form, grant + "&username=&password=&refresh_token=", 200,
			"form username: is empty, and counts as left out; form password: is empty, and counts as left out; form refresh_token: is empty, and counts as left out",
		},
		"finAPI, a bearer on getToken": {
			"POST", tokenV1, with(form, "Authorization", "Bearer x"), grant, 200,
			"security Authorization: is not needed, as the operation takes no credentials",
		},
		"finAPI, a language":                {"POST", tokenV1, with(form, "Accept-Language", "de-DE"), grant, 200, ""},
		"finAPI, a header":                  {"POST", tokenV1, with(form, "X-Client", "1"), grant, 200, "not in the document: header X-Client"},
		"finAPI, a small bearer":            {"POST", revokeV1, with(form, "Authorization", "bearer "+w.clientToken().text1("access_token")), "token=x", 200, ""},
		"finAPI, more in the query":         {"POST", revokeV1 + "?locale=de", with(form, "Authorization", "Bearer "+w.clientToken().text1("access_token")), "token=x", 200, "not in the document: query locale"},
		"Straddle, text/json":               {"POST", bridgePath, at(nil, "text/json"), customer, 201, ""},
		"Straddle, JSON of a vendor":        {"POST", bridgePath, at(nil, "application/vnd.api+json; charset=utf-8"), customer, 201, ""},
		"Straddle, a small bearer":          {"POST", bridgePath, headers{"Content-Type": "application/json", "Authorization": "bearer  " + stKey}, customer, 201, ""},
		"Straddle, a long request id":       {"POST", bridgePath, at(headers{"Request-Id": strings.Repeat("r", 300)}, "application/json"), customer, 201, ""},
		"Straddle, a uuid of no version":    {"POST", bridgePath, at(nil, "application/json"), `{"customer_id":"FFFFFFFF-ffff-ffff-ffff-FFFFFFFFFFFF"}`, 422, ""},
		"Straddle, an account of the prose": {"POST", bridgePath, at(headers{"Straddle-Account-Id": "acct_0123456789"}, "application/json"), customer, 201, ""},
		"Straddle, headers of an SDK": {
			"POST", bridgePath, at(headers{"X-Stainless-Lang": "js"}, "application/json"), customer, 201,
			"not in the document: header X-Stainless-Lang",
		},
		"Finogates, more members": {"POST", embedPath, embed, embedded(`,"locale":"de"`), 200, "not in the document: body /locale"},
		"Finogates, an origin as people write it": {
			"POST", embedPath, embed,
			strings.Replace(embedded(""), "https://app.example.com", "HTTPS://App.example.com:443", 1), 200,
			"body /parent_origin: is not written as browsers report it: in lower case, without the port that is the default",
		},
		"Finogates, plain http": {
			"POST", embedPath, embed, strings.Replace(embedded(""), "https:", "http:", 1), 200,
			"body /parent_origin: is plain http, on a host that is not this machine",
		},
		"Finogates, a card for another scope": {"POST", embedPath, embed, embedded(`,"scope":"add_bank","card_processing_id":"` + w.creds.Finogates.UserID + `"`), 403, ""},
	}
}

func withAccount(t *testing.T, w *world) *world {
	t.Helper()
	require.NoError(t, w.sand.Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{Accounts: []string{"acct_0123456789"}}}))
	return w
}

// What no document forbids passes, and the journal says what of it no document has. A strict Sandbox refuses just that.
func TestForeignHabits(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w, strict := withAccount(t, open(t)), withAccount(t, open(t, sandbox.Strict()))
			for name, h := range habits(w) {
				got := w.do(h.method, h.path, h.header, h.body)
				assert.Equal(t, h.status, got.status, "%s: %s", name, got.text)
				assert.Equal(t, h.notes, w.last().Notes, name)
			}
			for name, h := range habits(strict) {
				got := strict.do(h.method, h.path, h.header, h.body)
				if h.notes == "" {
					assert.Equal(t, h.status, got.status, "%s: %s", name, got.text)
					continue
				}
				assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, got.status, "%s: %s", name, got.text)
				assert.Equal(t, "inferred", got.header.Get("Sandbox-Evidence"), name)
				assert.Empty(t, strict.last().Notes, name)
				assert.NotEmpty(t, strict.last().Refused, name)
			}
		})
	}
}

// last returns the last call of the journal.
func (w *world) last() sandbox.Call {
	calls := w.sand.Calls()
	return calls[len(calls)-1]
}

// Notes hold no secret, wherever it was sent.
func TestNotesHoldNoSecret(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	const canary = "canary-0123456789-secret"
	w.do(http.MethodPost, tokenV1+"?client_secret="+canary+"&"+canary+"=1&"+canary, headers{"Content-Type": formType, "X-Key": canary, canary: "1"},
		"grant_type=client_credentials&client_id=a&"+canary+"=1&x="+canary+"&"+canary)
	w.json(exchangePath, bearer(canary), object{"client_id": "client", "client_secret": canary, canary: canary, "more": canary})
	for _, call := range w.sand.Calls() {
		require.NotEmpty(t, call.Notes)
		assert.NotContains(t, strings.ToLower(call.Notes+call.Refused), "canary")
	}
}

// One idempotency key stands for one request, however JSON writes it.
func TestReplayOfAnotherOrder(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	key := with(with(bearer(w.creds.Straddle.APIKey), "Content-Type", "application/json"), "Idempotency-Key", "0123456789")
	id := `"customer_id":"` + w.creds.Straddle.CustomerID + `"`
	first := w.do(http.MethodPost, bridgePath, key, `{`+id+`,"external_id":"a","config":{"processing_method":"inline","sandbox_outcome":"active"}}`)
	require.Equal(t, http.StatusCreated, first.status, first.text)
	again := w.do(http.MethodPost, bridgePath, key, `{ "config": {"sandbox_outcome":"active", "processing_method":"inline"}, "external_id":"\u0061", `+id+` }`)
	assert.Equal(t, first.text, again.text)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	other := w.do(http.MethodPost, bridgePath, key, `{`+id+`,"external_id":"b"}`)
	assert.Equal(t, http.StatusConflict, other.status)
}

// An origin is compared as browsers report it, however it was written.
func TestOriginIsThatOfBrowsers(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	_, err := w.sand.AddFault(sandbox.Fault{Provider: "finogates", Operation: "createEmbedToken", Delay: &sandbox.Delay{Fixed: 1, Phase: sandbox.DelayBefore}})
	require.NoError(t, err)
	got := w.embedded(w.finogatesBearer(), object{"parent_origin": "HTTPS://App.example.com:443"})
	require.Equal(t, http.StatusOK, got.status, got.text)
	assert.Equal(t, 1, strings.Count(w.last().Notes, "parent_origin"), "a call that is judged twice is noted once: %s", w.last().Notes)
	_, err = w.sand.VerifyEmbedToken(got.at("data", "token").(string), "https://app.example.com")
	require.NoError(t, err)
}

// The page shows the notes of a call.
func TestNotesAreOnThePage(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.form(tokenV1, headers{"X-Own": "1"}, w.v1("grant_type", "client_credentials")...)
	require.Contains(t, w.last().Notes, "header X-Own")
	assert.Contains(t, w.do(http.MethodGet, "/", nil, "").text, "not in the document: header X-Own")
}

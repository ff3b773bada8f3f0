package sandbox_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	exchangePath = "/finogates/v1/platform/auth/token"
	embedPath    = "/finogates/v1/platform/embed-tokens"
)

type object = map[string]any

func (w *world) exchange() reply {
	return w.exchangeAs(w.creds.Finogates.ClientID, w.creds.Finogates.ClientSecret)
}

func (w *world) exchangeAs(id, secret string) reply {
	return w.json(exchangePath, nil, object{"client_id": id, "client_secret": secret})
}

func (w *world) finogatesBearer() string {
	token, _ := w.exchange().at("data", "access_token").(string)
	return token
}

// embedded asks for an embed token with the changes to a good request; nil takes a member out.
func (w *world) embedded(token string, changes object) reply {
	body := object{"user_id": w.creds.Finogates.UserID, "parent_origin": "https://app.example.com"}
	for name, value := range changes {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	return w.json(embedPath, bearer(token), body)
}

func requireMarkedJWT(t *testing.T, token string) {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"alg":"HS256","typ":"sandbox+jwt"}`, string(header))
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	assert.Contains(t, string(claims), `"iss":"fintoken-sandbox"`)
	assert.Contains(t, string(claims), `"exp":`)
}

// Requirements J111, J120: no cache keeps a token, and the bearer says that it is the sandbox's.
func TestFinogatesTokens(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			fg := w.creds.Finogates
			assert.Regexp(t, `^fg_test_cl_[a-z2-7]{22}$`, fg.ClientID)
			exchanged := w.exchange()
			exchanged.require(t, want{200, "inferred", "access_token"})
			assert.Equal(t, "no-store", exchanged.header.Get("Cache-Control"))
			assert.Equal(t, "no-cache", exchanged.header.Get("Pragma"))
			assert.EqualValues(t, 200, exchanged.body["status_code"])
			assert.EqualValues(t, start.UnixMilli(), exchanged.body["query_generated_time"])
			assert.Equal(t, "bearer", exchanged.at("data", "token_type"))
			assert.EqualValues(t, 900, exchanged.at("data", "expires_in"))
			token := exchanged.at("data", "access_token").(string)
			requireMarkedJWT(t, token)
			assert.NotEqual(t, token, w.finogatesBearer())

			for _, changes := range []object{
				nil,
				{"scope": "add_card"},
				{"scope": "add_card", "card_processing_id": strings.ToUpper(fg.CardProcessingID)},
				{"card_processing_id": fg.CardProcessingID, "user_id": strings.ToUpper(fg.UserID)},
				{"parent_origin": "http://localhost:3000"},
			} {
				made := w.embedded(token, changes)
				made.require(t, want{200, "inferred", "embed_url"})
				assert.Regexp(t, `^sandbox_et_[a-z2-7]{40}$`, made.at("data", "token"))
				assert.Equal(t, "sandbox", made.at("data", "mode"))
				assert.Equal(t, "2026-01-05T10:10:00Z", made.at("data", "expires_at"))
				assert.Equal(t, "no-store", made.header.Get("Cache-Control"))
			}
		})
	}
}

func TestFinogatesBearerEnds(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	token := w.finogatesBearer()
	w.clock.advance(15*time.Minute - time.Millisecond)
	assert.Equal(t, http.StatusOK, w.embedded(token, nil).status)
	w.clock.advance(time.Millisecond)
	w.embedded(token, nil).require(t, want{401, "inferred", "the bearer is unknown or has ended"})
}

func TestFinogatesExchangeRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			fg := w.creds.Finogates
			for name, tt := range map[string]struct {
				body string
				want want
			}{
				"wrong secret":      {`{"client_id":"` + fg.ClientID + `","client_secret":"fg_test_sk_wrong"}`, want{401, "inferred", "invalid client credentials"}},
				"unknown client":    {`{"client_id":"fg_test_cl_who","client_secret":"` + fg.ClientSecret + `"}`, want{401, "inferred", "invalid client credentials"}},
				"production client": {`{"client_id":"fg_live_cl_who","client_secret":"` + fg.ClientSecret + `"}`, want{401, "inferred", "production"}},
				"no secret":         {`{"client_id":"fg_test_cl_who"}`, want{422, "inferred", `"field":"client_secret","message":"is required"`}},
				"undeclared member": {`{"client_id":"fg_test_cl_who","client_secret":"fg_test_sk_wrong","grant_type":"x"}`, want{401, "inferred", "invalid client credentials"}},
				"trailing JSON":     {`{"client_id":"fg_test_cl_who","client_secret":"fg_test_sk_wrong"}{}`, want{422, "inferred", "nothing after it"}},
				"no JSON":           {`client_id=x`, want{422, "inferred", "must be JSON"}},
				"no body":           {``, want{422, "inferred", "is required"}},
			} {
				t.Run(name, func(t *testing.T) {
					got := w.do(http.MethodPost, exchangePath, headers{"Content-Type": "application/json"}, tt.body)
					got.require(t, tt.want)
					assert.EqualValues(t, tt.want.status, got.body["status_code"])
					assert.Contains(t, got.body, "data")
					assert.Contains(t, got.body, "query_generated_time")
				})
			}
		})
	}
}

func TestFinogatesEmbedRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			token, card, nobody := w.finogatesBearer(), w.creds.Finogates.CardProcessingID, "00000000-0000-4000-8000-000000000000"
			for name, tt := range map[string]struct {
				token   string
				changes object
				want    want
			}{
				"never issued bearer":       {"never", nil, want{401, "inferred", "bearer"}},
				"bad bearer and bad body":   {"never", object{"user_id": nil}, want{401, "inferred", "bearer"}},
				"unknown user":              {token, object{"user_id": nobody}, want{404, "inferred", "user not found"}},
				"no uuid":                   {token, object{"user_id": "me"}, want{422, "inferred", `"field":"user_id"`}},
				"no user":                   {token, object{"user_id": nil}, want{422, "inferred", `"field":"user_id"`}},
				"origin with a path":        {token, object{"parent_origin": "https://app.example.com/"}, want{422, "inferred", `"field":"parent_origin"`}},
				"plain http":                {token, object{"parent_origin": "http://app.example.com"}, want{200, "inferred", "token"}},
				"unknown card account":      {token, object{"card_processing_id": nobody}, want{404, "inferred", "card-processing account not found"}},
				"card account, other scope": {token, object{"scope": "add_bank", "card_processing_id": card}, want{403, "inferred", "not enabled"}},
				"other scope":               {token, object{"scope": "card_payment"}, want{403, "inferred", "not enabled"}},
				"unknown scope":             {token, object{"scope": "all"}, want{422, "inferred", `"field":"scope"`}},
				"undeclared member":         {token, object{"mode": "sandbox"}, want{200, "inferred", "token"}},
			} {
				t.Run(name, func(t *testing.T) { w.embedded(tt.token, tt.changes).require(t, tt.want) })
			}
			w.json(embedPath, nil, object{}).require(t, want{401, "inferred", "bearer"})
			w.json(embedPath+"?mode=live", bearer(token), object{"user_id": nobody, "parent_origin": "https://a.example"}).
				require(t, want{404, "inferred", "user not found"})
		})
	}
}

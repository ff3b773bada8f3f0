package sandbox_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

const bridgePath = "/straddle/v1/bridge/initialize"

// bridge calls with the API key, the headers in pairs.
func (w *world) bridge(body any, pairs ...string) reply {
	h := bearer(w.creds.Straddle.APIKey)
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	return w.json(bridgePath, h, body)
}

func (w *world) customer() object { return object{"customer_id": w.creds.Straddle.CustomerID} }

// Requirements J111, J120: no cache keeps a token, and the token says that it is the sandbox's.
func TestStraddleTokens(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			st := w.creds.Straddle
			for _, made := range []reply{
				w.bridge(w.customer()),
				w.bridge(object{"customer_id": strings.ToUpper(st.CustomerID)}, "Straddle-Account-Id", strings.ToUpper(st.AccountID)),
				w.bridge(object{
					"customer_id": st.CustomerID, "external_id": nil,
					"config": object{"sandbox_outcome": "review", "processing_method": "inline"},
				}, "X-Stainless-Lang", "go", "Correlation-Id", "c", "Request-Id", "r"),
			} {
				made.require(t, want{201, "documented", "bridge_token"})
				requireMarkedJWT(t, made.at("data", "bridge_token").(string))
				assert.Equal(t, "object", made.body["response_type"])
				assert.Equal(t, "2026-01-05T10:00:00.123Z", made.at("meta", "api_request_timestamp"))
				assert.Equal(t, "no-store", made.header.Get("Cache-Control"))
				assert.Equal(t, "no-cache", made.header.Get("Pragma"))
				assert.Empty(t, made.header.Get("Idempotent-Replayed"))
			}
		})
	}
}

func TestStraddleRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			const nobody = "00000000-0000-4000-8000-000000000000"
			for name, tt := range map[string]struct {
				body  any
				pairs []string
				kind  string
				want  want
			}{
				"wrong key":          {w.customer(), []string{"Authorization", "Bearer sk_test_wrong"}, "authentication_error", want{401, "documented", "API key"}},
				"basic credentials":  {w.customer(), []string{"Authorization", "Basic Zm9vOmJhcg=="}, "authentication_error", want{401, "documented", "API key"}},
				"wrong key, no body": {nil, []string{"Authorization", "Bearer sk_test_wrong"}, "authentication_error", want{401, "documented", "API key"}},
				"unknown account":    {w.customer(), []string{"Straddle-Account-Id", nobody}, "authentication_error", want{403, "documented", "no access"}},
				"account, no uuid":   {w.customer(), []string{"Straddle-Account-Id", "acct_0123456789"}, "authentication_error", want{403, "documented", "no access"}},
				"short key":          {w.customer(), []string{"Idempotency-Key", "123456789"}, "/bad-request", want{400, "documented", `"reference":"Idempotency-Key"`}},
				"long key":           {w.customer(), []string{"Idempotency-Key", strings.Repeat("k", 41)}, "/bad-request", want{400, "documented", "at most 40 characters"}},
				"unknown customer":   {object{"customer_id": nobody}, nil, "validation_error", want{422, "documented", "no such customer"}},
				"no customer":        {object{}, nil, "/bad-request", want{400, "documented", `"reference":"customer_id"`}},
				"unknown outcome":    {object{"customer_id": nobody, "config": object{"sandbox_outcome": "odd"}}, nil, "/bad-request", want{400, "documented", `"reference":"config.sandbox_outcome"`}},
				"undeclared member":  {object{"customer_id": nobody, "metadata": object{}}, nil, "/bad-request", want{400, "documented", `"reference":"metadata"`}},
			} {
				t.Run(name, func(t *testing.T) {
					got := w.bridge(tt.body, tt.pairs...)
					got.require(t, tt.want)
					assert.Equal(t, "error", got.body["response_type"])
					assert.Equal(t, tt.kind, got.at("error", "type"))
					assert.EqualValues(t, tt.want.status, got.at("error", "status"))
					assert.NotEmpty(t, got.at("meta", "api_request_id"))
				})
			}
		})
	}
}

func TestStraddleQuery(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.json(bridgePath+"?a=%zz", bearer(w.creds.Straddle.APIKey), w.customer()).require(t, want{400, "inferred", "must be well-formed"})
}

// Requirement J118: a key replays its answer, is refused for another body, and ends.
func TestStraddleReplay(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	first := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	require.Equal(t, http.StatusCreated, first.status, first.text)
	w.clock.advance(24*time.Hour - time.Millisecond)
	again := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	again.require(t, want{201, "documented", "bridge_token"})
	assert.Equal(t, first.text, again.text)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Equal(t, "no-store", again.header.Get("Cache-Control"))
	calls := w.sand.Calls()
	assert.Equal(t, calls[0].RequestID, calls[1].RequestID, "the journal has the id that the caller was told")

	w.bridge(object{"customer_id": w.creds.Straddle.CustomerID, "external_id": "x"}, "Idempotency-Key", "0123456789").
		require(t, want{409, "documented", "used for another request"})
	scoped := w.bridge(w.customer(), "Idempotency-Key", "0123456789", "Straddle-Account-Id", w.creds.Straddle.AccountID)
	assert.Equal(t, http.StatusCreated, scoped.status)
	assert.NotEqual(t, first.text, scoped.text, "each account has its own keys")

	w.clock.advance(time.Millisecond)
	late := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	assert.Equal(t, http.StatusCreated, late.status)
	assert.Empty(t, late.header.Get("Idempotent-Replayed"))
	assert.NotEqual(t, first.text, late.text)
}

func TestStraddleReplaysARefusal(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	nobody := object{"customer_id": "00000000-0000-4000-8000-000000000000"}
	first := w.bridge(nobody, "Idempotency-Key", "0123456789")
	again := w.bridge(nobody, "Idempotency-Key", "0123456789")
	assert.Equal(t, http.StatusUnprocessableEntity, again.status)
	assert.Equal(t, first.text, again.text)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
}

// Requirement J118: a replay has the headers of the first answer, also after a snapshot.
func TestStraddleReplaysTheHeaders(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		w := inMemory(t)
		magic := object{"customer_id": sandbox.MagicID(status)}
		first := w.bridge(magic, "Idempotency-Key", "0123456789")
		require.Equal(t, "1", first.header.Get("Retry-After"))
		good := w.bridge(w.customer(), "Idempotency-Key", "9876543210")
		taken, err := w.sand.Snapshot()
		require.NoError(t, err)
		for range 2 {
			again := w.bridge(magic, "Idempotency-Key", "0123456789")
			assert.Equal(t, status, again.status)
			assert.Equal(t, first.text, again.text)
			assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
			again.header.Del("Idempotent-Replayed")
			assert.Equal(t, first.header, again.header)
			again = w.bridge(w.customer(), "Idempotency-Key", "9876543210")
			again.header.Del("Idempotent-Replayed")
			assert.Equal(t, good.header, again.header)
			require.NoError(t, w.sand.Restore(taken))
		}
	}
}

func TestStraddleSpentKey(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	assert.Equal(t, http.StatusBadRequest, w.bridge(object{}, "Idempotency-Key", "0123456789").status)
	w.bridge(w.customer(), "Idempotency-Key", "0123456789").require(t, want{409, "documented", "was spent"})
	w.bridge(object{}, "Idempotency-Key", "0123456789").require(t, want{409, "documented", "was spent"})
}

func TestStraddleKeyLessCallsAreNotRepeats(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	first, second := w.bridge(w.customer()), w.bridge(w.customer())
	assert.NotEqual(t, first.text, second.text)
}

func TestStraddleConcurrentRepeats(t *testing.T) {
	t.Parallel()
	w := overHTTP(t)
	var originals, replays, conflicts atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			got := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
			switch {
			case got.status == http.StatusConflict:
				conflicts.Add(1)
			case got.status == http.StatusCreated && got.header.Get("Idempotent-Replayed") == "true":
				replays.Add(1)
			case got.status == http.StatusCreated:
				originals.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, originals.Load())
	assert.EqualValues(t, 49, replays.Load()+conflicts.Load())
}

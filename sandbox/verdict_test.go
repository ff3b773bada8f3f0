package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// Requirement J133: a fault waits for a call that would have been accepted.
func TestFaultsMeetAcceptedCallsOnly(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	require.NoError(t, w.sand.Add(fixtures()))
	fin, fg, st := w.creds.FinAPI, w.creds.Finogates, w.creds.Straddle
	client, user, other := w.clientToken().text1("access_token"), w.userToken(), w.form(tokenV2, nil, w.v2("grant_type", "client_credentials")...)
	token := w.finogatesBearer()
	w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	w.bridge(object{}, "Idempotency-Key", "spent-key-0")
	const nobody = "00000000-0000-4000-8000-000000000000"
	good := map[string]func() reply{
		"getToken":            w.clientToken,
		"revokeToken":         func() reply { return w.form(revokeV1, bearer(client), "token", "nothing") },
		"exchangeClientToken": w.exchange,
		"createEmbedToken":    func() reply { return w.embedded(token, nil) },
		"createBridgeToken":   func() reply { return w.bridge(w.customer()) },
	}
	grant := func(fields ...string) func() reply {
		return func() reply { return w.form(tokenV1, nil, w.v1(fields...)...) }
	}
	revoke := func(auth string, fields ...string) func() reply {
		return func() reply { return w.form(revokeV1, bearer(auth), fields...) }
	}
	embed := func(changes object) func() reply { return func() reply { return w.embedded(token, changes) } }
	bridge := func(body object, pairs ...string) func() reply {
		return func() reply { return w.bridge(body, pairs...) }
	}
	refusals := map[string]map[string]func() reply{
		"getToken": {
			"wrong secret": func() reply {
				return w.form(tokenV1, nil, "grant_type", "client_credentials", "client_id", fin.ClientID, "client_secret", "wrong")
			},
			"unknown client": func() reply {
				return w.form(tokenV1, nil, "grant_type", "client_credentials", "client_id", "who", "client_secret", "x")
			},
			"other version":     func() reply { return w.form(tokenV1, nil, w.v2("grant_type", "client_credentials")...) },
			"malformed":         grant("grant_type", "password"),
			"unknown user":      grant("grant_type", "password", "username", "who", "password", "x"),
			"wrong password":    grant("grant_type", "password", "username", "alice", "password", "wrong"),
			"locked user":       grant("grant_type", "password", "username", "carol", "password", "correct-horse"),
			"unverified user":   grant("grant_type", "password", "username", "bob", "password", "correct-horse"),
			"unknown refresh":   grant("grant_type", "refresh_token", "refresh_token", "never"),
			"refresh by access": grant("grant_type", "refresh_token", "refresh_token", client),
			"magic": func() reply {
				return w.form(tokenV1, nil, "grant_type", "client_credentials", "client_id", sandbox.MagicID(500), "client_secret", "x")
			},
		},
		"revokeToken": {
			"unknown bearer": revoke("never", "token", "x"),
			"user's bearer":  revoke(user.text1("access_token"), "token", "x"),
			"other version":  revoke(other.text1("access_token"), "token", "x"),
			"malformed":      revoke(client, "token", "x", "token_type_hint", "odd"),
			"no token":       revoke(client),
		},
		"exchangeClientToken": {
			"wrong secret": func() reply { return w.exchangeAs(fg.ClientID, "wrong-secret") },
			"production":   func() reply { return w.exchangeAs("fg_live_cl_shop", "fg_live_sk_shop") },
			"malformed":    func() reply { return w.json(exchangePath, nil, object{}) },
		},
		"createEmbedToken": {
			"unknown bearer": func() reply { return w.embedded("never", nil) },
			"malformed":      embed(object{"user_id": 7}),
			"magic":          embed(object{"user_id": sandbox.MagicID(503)}),
			"unknown user":   embed(object{"user_id": nobody}),
			"inactive user":  embed(object{"user_id": someAcct}),
			"unknown card":   embed(object{"card_processing_id": nobody}),
			"bad origin":     embed(object{"parent_origin": "https://app.example.com/"}),
			"other scope":    embed(object{"scope": "add_bank"}),
		},
		"createBridgeToken": {
			"wrong key":        bridge(w.customer(), "Authorization", "Bearer wrong"),
			"unknown account":  bridge(w.customer(), "Straddle-Account-Id", nobody),
			"malformed":        bridge(object{}),
			"magic":            bridge(object{"customer_id": sandbox.MagicID(429)}),
			"unknown customer": bridge(object{"customer_id": nobody}),
			"spent key":        bridge(w.customer(), "Idempotency-Key", "spent-key-0"),
			"key in use":       bridge(object{"customer_id": st.CustomerID, "external_id": "x"}, "Idempotency-Key", "0123456789"),
			"replayed refusal": bridge(object{"customer_id": nobody}, "Idempotency-Key", "refusal-key"),
		},
	}
	for operation, calls := range refusals {
		for name, call := range calls {
			for _, kind := range []sandbox.FaultKind{sandbox.FaultError, sandbox.FaultTruncate} {
				t.Run(operation+" "+name+" "+string(kind), func(t *testing.T) {
					f := sandbox.Fault{Provider: "*", Operation: operation, Kind: kind, Times: 1}
					if kind == sandbox.FaultError {
						f.Status = http.StatusTeapot
					}
					added := w.fault(f)
					got := call()
					require.GreaterOrEqual(t, got.status, 400)
					require.NotEqual(t, http.StatusTeapot, got.status)
					require.Len(t, w.sand.Faults(), 1, "a refused call does not use it up")
					assert.Zero(t, w.sand.Faults()[0].Seen, "nor does it count")
					if kind == sandbox.FaultError {
						assert.Equal(t, http.StatusTeapot, good[operation]().status)
						assert.Empty(t, w.sand.Faults())
					}
					w.sand.RemoveFault(added.ID)
				})
			}
		}
	}
	assert.Equal(t, 2, w.sand.State().FinAPI.Users[0].Failures, "a refused call is refused as always: wrong passwords count")
}

// A good answer that a key replays is an accepted call, and a fault can meet it.
func TestFaultMeetsAReplay(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	first := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 503, Times: 1})
	failed := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	assert.Equal(t, http.StatusServiceUnavailable, failed.status)
	assert.Empty(t, failed.header.Get("Idempotent-Replayed"))
	again := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	assert.Equal(t, first.text, again.text)
}

// A call that a fault kept from being processed leaves its key free.
func TestUnprocessedCallLeavesItsKey(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 400, Times: 1})
	assert.Equal(t, http.StatusBadRequest, w.bridge(w.customer(), "Idempotency-Key", "0123456789").status)
	again := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	again.require(t, want{201, "documented", "bridge_token"})
	assert.Empty(t, again.header.Get("Idempotent-Replayed"))
}

// Requirement J118: a delay before the call is processed holds its key, and nothing else.
func TestDelayBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t)
		w.fault(sandbox.Fault{Provider: "straddle", Times: 1, Delay: sandbox.FixedDelay(time.Minute).Before()})
		var first reply
		var wg sync.WaitGroup
		wg.Go(func() { first = w.bridge(w.customer(), "Idempotency-Key", "0123456789") })
		synctest.Wait()
		assert.Zero(t, w.sand.State().Counts["straddle.sessions"], "not processed yet")
		w.bridge(w.customer(), "Idempotency-Key", "0123456789").require(t, want{409, "documented", "An identical request is in progress"})
		assert.Equal(t, http.StatusCreated, w.bridge(w.customer()).status, "the others do not wait")
		begun := time.Now()
		wg.Wait()
		assert.Equal(t, time.Minute, time.Since(begun))
		require.Equal(t, http.StatusCreated, first.status, first.text)
		again := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
		assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		assert.Equal(t, first.text, again.text)
	})
}

// While a call waits, others change what it is about: it is judged by what holds when it is processed.
func TestDelayBeforeIsJudgedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t)
		client, token := w.clientToken().text1("access_token"), w.finogatesBearer()
		w.fault(sandbox.Fault{Provider: "*", Times: 3, Delay: sandbox.FixedDelay(time.Minute).Before()})
		var login, revoked, embedded reply
		var wg sync.WaitGroup
		wg.Go(func() { login = w.userToken() })
		wg.Go(func() { revoked = w.form(revokeV1, bearer(client), "token", "nothing") })
		wg.Go(func() { embedded = w.embedded(token, nil) })
		synctest.Wait()
		require.NoError(t, w.sand.LockFinAPIUser(w.creds.FinAPI.Username))
		assert.Equal(t, http.StatusOK, w.form(revokeV1, bearer(client), "token", client).status)
		w.clock.advance(time.Hour)
		wg.Wait()
		login.require(t, want{423, "documented", "LOCKED"})
		revoked.require(t, want{401, "inferred", "invalid_token"})
		embedded.require(t, want{401, "inferred", "has ended"})
	})
}

// A caller who leaves before the call is processed has done nothing.
func TestDelayBeforeEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			w.fault(sandbox.Fault{Provider: "straddle", Times: 1, Delay: sandbox.FixedDelay(time.Minute).Before()})
			ctx, leave := context.WithCancel(t.Context())
			go func() {
				for len(w.sand.Faults()) > 0 { // until the call has met it
					time.Sleep(time.Millisecond)
				}
				leave()
			}()
			r := w.bridgeRequest().WithContext(ctx)
			r.Header.Set("Idempotency-Key", "0123456789")
			_, _, err := w.raw(r)
			require.ErrorIs(t, err, context.Canceled)
			calls, err := w.sand.WaitForCalls(timeLimited(t, time.Minute), sandbox.CallFilter{Provider: "straddle"}, 1)
			require.NoError(t, err)
			assert.Zero(t, calls[0].Status)
			assert.Equal(t, "the caller left before the call was processed", calls[0].Refused)
			assert.NotEmpty(t, calls[0].Fault)
			assert.Zero(t, w.sand.State().Counts["straddle.sessions"])
			assert.Zero(t, w.sand.State().Counts["straddle.idempotency_keys"], "the key is free")
		})
	}
}

// A delay before goes with what happens after it.
func TestDelayBeforeAFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t)
		for _, f := range []sandbox.Fault{{Kind: sandbox.FaultError, Status: 503}, {Kind: sandbox.FaultTruncate}, {Drip: 1000}} {
			f.Provider, f.Times, f.Delay = "straddle", 1, sandbox.UniformDelay(time.Second, 2*time.Second).Before()
			w.fault(f)
			begun := time.Now()
			_, _, err := w.raw(w.bridgeRequest())
			took := time.Since(begun)
			assert.True(t, err == nil || strings.Contains(err.Error(), "unexpected EOF"), "%v", err)
			assert.GreaterOrEqual(t, took, time.Second, "once")
			assert.Less(t, took, 3*time.Second, "and not twice")
		}
	})
}

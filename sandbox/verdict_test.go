package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// Requirement J122: a fault waits for a call that would have been accepted.
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

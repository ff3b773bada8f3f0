package straddle_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// A repeat under the same key gets the first answer again.
func TestReplay(t *testing.T) {
	c, creds, _ := against(t)
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	var first, second rest.Info
	one, err := c.Bridge.Initialize(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Capture(&first))
	require.NoError(t, err)
	two, err := c.Bridge.Initialize(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Capture(&second))
	require.NoError(t, err)

	assert.True(t, one.Token.Equal(two.Token))
	assert.Equal(t, "order-2026-0042", second.IdempotencyKey)
	assert.Empty(t, first.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, "true", second.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, first.RequestID, second.RequestID, "the body is that of the first answer")
}

// Requirement F62: a key that belongs to another request is a conflict, and waiting does not mend it.
func TestConflict(t *testing.T) {
	c, creds, sand := against(t)
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	_, err := c.Bridge.Initialize(t.Context(), body, rest.IdempotencyKey("order-2026-0042"))
	require.NoError(t, err)
	body.ExternalID = "another"
	_, err = c.Bridge.Initialize(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Retries(0))
	e := provider.RequireFault(t, err, fault{
		Kind: rest.ErrConflict, Status: 409, Attempts: 1, RequestID: sand.Calls()[1].RequestID, Says: "was used for another request",
	})
	assert.Equal(t, "/conflict", e.Code)
	assert.Len(t, sand.Calls(), 2)
}

// A conflict under the caller's key is tried again, for the first call may be running, and if it stays it is the answer in
// the end. Under a key of ours nothing else can be running (requirement F63).
func TestConflictStays(t *testing.T) {
	for attempts, opts := range map[int][]rest.Option{1: nil, 3: {rest.IdempotencyKey("order-2026-0042")}} {
		synctest.Test(t, func(t *testing.T) {
			w := wiretest.Script(reply{Status: 409, Body: `{` + meta + `,"response_type":"error","error":{"status":409,"type":"/conflict","title":"Conflict"}}`})
			_, err := client(t, w).Bridge.Initialize(t.Context(), minimal, opts...)
			provider.RequireFault(t, err, fault{Kind: rest.ErrConflict, Status: 409, Attempts: attempts, RequestID: requestID, Says: "Conflict"})
			require.Len(t, w.Requests(), attempts)
			for _, s := range w.Requests() {
				assert.Equal(t, w.Requests()[0].Header["Idempotency-Key"], s.Header["Idempotency-Key"])
			}
		})
	}
}

// Requirement F60: all attempts of a call share one key, made if the caller gave none; the next call has another.
func TestOneKeyForAllAttempts(t *testing.T) {
	for name, given := range map[string][]rest.Option{"made": nil, "given": {rest.IdempotencyKey("order-2026-0042")}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(reply{Status: 503}, reply{Status: 503}, created("token"))
				c := client(t, w)
				var info, next rest.Info
				_, err := c.Bridge.Initialize(t.Context(), minimal, append(given, rest.Capture(&info))...)
				require.NoError(t, err)
				_, err = c.Bridge.Initialize(t.Context(), minimal, rest.Capture(&next))
				require.NoError(t, err)

				assert.Equal(t, 3, info.Attempts)
				sent := w.Requests()
				require.Len(t, sent, 4)
				for _, s := range sent[:3] {
					assert.Equal(t, info.IdempotencyKey, s.Header.Get("Idempotency-Key"))
					assert.Equal(t, sent[0].Body, s.Body)
				}
				assert.Equal(t, next.IdempotencyKey, sent[3].Header.Get("Idempotency-Key"))
				assert.NotEqual(t, info.IdempotencyKey, next.IdempotencyKey)
				assert.GreaterOrEqual(t, len(next.IdempotencyKey), 10)
				assert.LessOrEqual(t, len(next.IdempotencyKey), 40)
			})
		})
	}
}

var (
	refused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
)

// How often a call is sent, by what happens to it: under its key, whatever may pass is tried again.
func TestRepeats(t *testing.T) {
	errorBody := func(status int, detail string) reply {
		return reply{Status: status, Body: `{"response_type":"error",` + meta + `,"error":{"title":"x","type":"x","detail":"` + detail + `"}}`}
	}
	for name, c := range map[string]struct {
		first    reply
		attempts int // with an answer of 201 from the second on
	}{
		"connection refused":  {reply{Err: refused}, 2},
		"name not resolved":   {reply{Err: &net.DNSError{Name: "x"}}, 2},
		"connection reset":    {reply{Err: reset}, 2},
		"ended before status": {reply{Err: io.ErrUnexpectedEOF}, 2},
		"broke off":           {reply{Status: 201, Body: `{"data":{"bri`, Cut: true}, 2},
		"408":                 {reply{Status: 408}, 2},
		"409 under a new key": {errorBody(409, "An identical request is in progress"), 1},
		"429":                 {reply{Status: 429}, 2},
		"500":                 {reply{Status: 500}, 2},
		"501":                 {reply{Status: 501}, 1},
		"502":                 {reply{Status: 502, MIME: "text/html", Body: "<html>"}, 2},
		"503":                 {reply{Status: 503}, 2},
		"504":                 {reply{Status: 504}, 2},
		"400":                 {errorBody(400, ""), 1},
		"401":                 {errorBody(401, ""), 1},
		"403":                 {errorBody(403, ""), 1},
		"404":                 {errorBody(404, ""), 1},
		"415":                 {errorBody(415, ""), 1},
		"422":                 {errorBody(422, ""), 1},
		"redirect":            {reply{Status: 307, Header: map[string]string{"Location": "https://elsewhere.example.com/"}}, 1},
		"not JSON":            {reply{Status: 201, Body: "x", MIME: "text/plain"}, 1},
		"no token":            {reply{Status: 201, Body: `{"data":{}}`}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(c.first, created("token"))
				var info rest.Info
				token, err := client(t, w).Bridge.Initialize(t.Context(), minimal, rest.Capture(&info))
				assert.Len(t, w.Requests(), c.attempts)
				assert.Equal(t, c.attempts, info.Attempts)
				if c.attempts == 1 {
					assert.Error(t, err)
					assert.Nil(t, token)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, "token", token.Token.Reveal())
				assert.Equal(t, w.Requests()[0].Header["Idempotency-Key"], w.Requests()[1].Header["Idempotency-Key"])
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	slow := func(value string) reply { return reply{Status: 429, Header: map[string]string{"Retry-After": value}} }
	t.Run("is kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			_, err := client(t, wiretest.Script(slow("7"), created("token"))).Bridge.Initialize(t.Context(), minimal)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, time.Since(begun), 7*time.Second)
			assert.Less(t, time.Since(begun), 8*time.Second)
		})
	})
	t.Run("is told if it is too long", func(t *testing.T) {
		w := wiretest.Script(slow("86400"))
		_, err := client(t, w).Bridge.Initialize(t.Context(), minimal)
		e := provider.RequireFault(t, err, fault{Kind: rest.ErrRateLimited, Status: 429, Attempts: 1, Says: "retry after 24h"})
		assert.Equal(t, 24*time.Hour, e.RetryAfter)
		assert.Len(t, w.Requests(), 1)
	})
}

func TestRetriesCanBeTurnedOff(t *testing.T) {
	w := wiretest.Script(reply{Status: 503}, created("token"))
	_, err := client(t, w).Bridge.Initialize(t.Context(), minimal, rest.Retries(0))
	provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Status: 503, Attempts: 1, Says: "service unavailable"})
	assert.Len(t, w.Requests(), 1)
}

// An outage ends the call after the attempts that are allowed, and the error says what is known.
func TestOutage(t *testing.T) {
	for name, c := range map[string]struct {
		reply   reply
		want    fault
		inDoubt bool
	}{
		"refused": {reply{Err: refused}, fault{Kind: rest.ErrUnavailable, Says: "no connection could be made"}, false},
		"reset":   {reply{Err: reset}, fault{Kind: rest.ErrUnavailable, Says: "the connection failed"}, true},
		"HTML from a proxy": {
			reply{Status: 503, MIME: "text/html", Body: "<html>" + canary},
			fault{Kind: rest.ErrUnavailable, Status: 503, Says: "service unavailable"},
			true,
		},
		"broke off": {
			reply{Status: 201, Body: `{"data":{"` + canary, Cut: true},
			fault{Kind: rest.ErrBadResponse, Status: 201, Says: "broke off"},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(c.reply)
				_, err := client(t, w).Bridge.Initialize(t.Context(), minimal)
				c.want.Attempts = 3
				e := provider.RequireFault(t, err, c.want)
				wiretest.RequireKinds(t, err, c.want.Kind)
				assert.Equal(t, c.inDoubt, errors.Is(err, rest.ErrInDoubt))
				assert.Len(t, w.Requests(), 3)
				assert.Equal(t, c.reply.Body, string(e.RawBody()))
			})
		})
	}
}

// A status counts whatever the body is: HTML from a proxy under 502 is an outage, with its body kept for who asks.
func TestHTMLUnder502(t *testing.T) {
	w := wiretest.Script(reply{Status: 502, MIME: "text/html", Body: "<html>" + canary})
	_, err := client(t, w).Bridge.Initialize(t.Context(), minimal, rest.Retries(0))
	e := provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Status: 502, Attempts: 1, Says: "bad gateway"})
	wiretest.RequireKinds(t, err, rest.ErrUnavailable)
	assert.Equal(t, "<html>"+canary, string(e.RawBody()))
}

// Requirement B15: a redirect is not followed, so neither the key nor the body reaches another host.
func TestRedirect(t *testing.T) {
	w := wiretest.Script(reply{Status: 308, Header: map[string]string{"Location": "https://elsewhere.example.com/?token=" + canary}})
	_, err := client(t, w).Bridge.Initialize(t.Context(), minimal)
	provider.RequireFault(t, err, fault{Kind: rest.ErrBadResponse, Status: 308, Attempts: 1, Says: "redirects are not followed"})
	require.Len(t, w.Requests(), 1)
	assert.Equal(t, http.MethodPost, w.Requests()[0].Method)
}

// Requirement F69: a call ends with its context, and says so.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		begun := time.Now()
		_, err := client(t, wiretest.Script(reply{Hangs: true})).Bridge.Initialize(ctx, minimal)
		provider.RequireFault(t, err, fault{Kind: context.Canceled, Attempts: 1, Says: "the call was "})
		assert.Equal(t, 3*time.Second, time.Since(begun))
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := client(t, wiretest.Script(reply{Hangs: true})).Bridge.Initialize(t.Context(), minimal, rest.Timeout(4*time.Second))
		provider.RequireFault(t, err, fault{Kind: context.DeadlineExceeded, Attempts: 1, Says: "no answer in time"})
		wiretest.RequireKinds(t, err, rest.ErrUnavailable)
		assert.ErrorIs(t, err, rest.ErrInDoubt)
		assert.Equal(t, 4*time.Second, time.Since(begun))
	})
}

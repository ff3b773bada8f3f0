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
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// A repeat under the same key gets the first answer again.
func TestReplay(t *testing.T) {
	c, creds, _ := against(t)
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	var first, second rest.Info
	one, err := c.InitializeBridge(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Capture(&first))
	require.NoError(t, err)
	two, err := c.InitializeBridge(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Capture(&second))
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
	_, err := c.InitializeBridge(t.Context(), body, rest.IdempotencyKey("order-2026-0042"))
	require.NoError(t, err)
	body.ExternalID = "another"
	_, err = c.InitializeBridge(t.Context(), body, rest.IdempotencyKey("order-2026-0042"), rest.Retries(0))
	e := requireFault(t, err, fault{
		kind: rest.ErrConflict, status: 409, attempts: 1, requestID: sand.Calls()[1].RequestID, says: "was used for another request",
	})
	assert.Equal(t, "/conflict", e.Code)
	assert.Len(t, sand.Calls(), 2)
}

// A conflict that stays is the answer in the end, and every attempt had the key of the first.
func TestConflictStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scripted(reply{status: 409, body: `{` + meta + `,"response_type":"error","error":{"status":409,"type":"/conflict","title":"Conflict"}}`})
		_, err := client(t, w).InitializeBridge(t.Context(), minimal)
		requireFault(t, err, fault{kind: rest.ErrConflict, status: 409, attempts: len(w.requests()), requestID: requestID, says: "Conflict"})
		for _, s := range w.requests() {
			assert.Equal(t, w.requests()[0].header["Idempotency-Key"], s.header["Idempotency-Key"])
		}
	})
}

// Requirement F60: all attempts of a call share one key, made if the caller gave none; the next call has another.
func TestOneKeyForAllAttempts(t *testing.T) {
	for name, given := range map[string][]rest.Option{"made": nil, "given": {rest.IdempotencyKey("order-2026-0042")}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scripted(reply{status: 503}, reply{status: 503}, created("token"))
				c := client(t, w)
				var info, next rest.Info
				_, err := c.InitializeBridge(t.Context(), minimal, append(given, rest.Capture(&info))...)
				require.NoError(t, err)
				_, err = c.InitializeBridge(t.Context(), minimal, rest.Capture(&next))
				require.NoError(t, err)

				assert.Equal(t, 3, info.Attempts)
				sent := w.requests()
				require.Len(t, sent, 4)
				for _, s := range sent[:3] {
					assert.Equal(t, info.IdempotencyKey, s.header.Get("Idempotency-Key"))
					assert.Equal(t, sent[0].body, s.body)
				}
				assert.Equal(t, next.IdempotencyKey, sent[3].header.Get("Idempotency-Key"))
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
		return reply{status: status, body: `{"response_type":"error",` + meta + `,"error":{"title":"x","type":"x","detail":"` + detail + `"}}`}
	}
	for name, c := range map[string]struct {
		first    reply
		attempts int // with an answer of 201 from the second on
	}{
		"connection refused":  {reply{err: refused}, 2},
		"name not resolved":   {reply{err: &net.DNSError{Name: "x"}}, 2},
		"connection reset":    {reply{err: reset}, 2},
		"ended before status": {reply{err: io.ErrUnexpectedEOF}, 2},
		"broke off":           {reply{status: 201, body: `{"data":{"bri`, cut: true}, 2},
		"408":                 {reply{status: 408}, 2},
		"409 in progress":     {errorBody(409, "An identical request is in progress"), 2},
		"429":                 {reply{status: 429}, 2},
		"500":                 {reply{status: 500}, 2},
		"501":                 {reply{status: 501}, 1},
		"502":                 {reply{status: 502, mime: "text/html", body: "<html>"}, 2},
		"503":                 {reply{status: 503}, 2},
		"504":                 {reply{status: 504}, 2},
		"400":                 {errorBody(400, ""), 1},
		"401":                 {errorBody(401, ""), 1},
		"403":                 {errorBody(403, ""), 1},
		"404":                 {errorBody(404, ""), 1},
		"415":                 {errorBody(415, ""), 1},
		"422":                 {errorBody(422, ""), 1},
		"redirect":            {reply{status: 307, header: map[string]string{"Location": "https://elsewhere.example.com/"}}, 1},
		"not JSON":            {reply{status: 201, body: "x", mime: "text/plain"}, 1},
		"no token":            {reply{status: 201, body: `{"data":{}}`}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scripted(c.first, created("token"))
				var info rest.Info
				token, err := client(t, w).InitializeBridge(t.Context(), minimal, rest.Capture(&info))
				assert.Len(t, w.requests(), c.attempts)
				assert.Equal(t, c.attempts, info.Attempts)
				if c.attempts == 1 {
					assert.Error(t, err)
					assert.Nil(t, token)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, "token", token.Token.Reveal())
				assert.Equal(t, w.requests()[0].header["Idempotency-Key"], w.requests()[1].header["Idempotency-Key"])
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	slow := func(value string) reply { return reply{status: 429, header: map[string]string{"Retry-After": value}} }
	t.Run("is kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			_, err := client(t, scripted(slow("7"), created("token"))).InitializeBridge(t.Context(), minimal)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, time.Since(begun), 7*time.Second)
			assert.Less(t, time.Since(begun), 8*time.Second)
		})
	})
	t.Run("is told if it is too long", func(t *testing.T) {
		w := scripted(slow("86400"))
		_, err := client(t, w).InitializeBridge(t.Context(), minimal)
		e := requireFault(t, err, fault{kind: rest.ErrRateLimited, status: 429, attempts: 1, says: "retry after 24h"})
		assert.Equal(t, 24*time.Hour, e.RetryAfter)
		assert.Len(t, w.requests(), 1)
	})
}

func TestRetriesCanBeTurnedOff(t *testing.T) {
	w := scripted(reply{status: 503}, created("token"))
	_, err := client(t, w).InitializeBridge(t.Context(), minimal, rest.Retries(0))
	requireFault(t, err, fault{kind: rest.ErrUnavailable, status: 503, attempts: 1, says: "service unavailable"})
	assert.Len(t, w.requests(), 1)
}

// An outage ends the call after the attempts that are allowed, and the error says what is known.
func TestOutage(t *testing.T) {
	for name, c := range map[string]struct {
		reply   reply
		want    fault
		inDoubt bool
	}{
		"refused": {reply{err: refused}, fault{kind: rest.ErrUnavailable, says: "no connection could be made"}, false},
		"reset":   {reply{err: reset}, fault{kind: rest.ErrUnavailable, says: "the connection failed"}, true},
		"HTML from a proxy": {
			reply{status: 503, mime: "text/html", body: "<html>" + canary},
			fault{kind: rest.ErrUnavailable, status: 503, says: "service unavailable"},
			false,
		},
		"broke off": {
			reply{status: 201, body: `{"data":{"` + canary, cut: true},
			fault{kind: rest.ErrBadResponse, status: 201, says: "broke off"},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scripted(c.reply)
				_, err := client(t, w).InitializeBridge(t.Context(), minimal)
				c.want.attempts = 3
				e := requireFault(t, err, c.want)
				requireKinds(t, err, c.want.kind)
				assert.Equal(t, c.inDoubt, errors.Is(err, rest.ErrInDoubt))
				assert.Len(t, w.requests(), 3)
				assert.Equal(t, c.reply.body, string(e.RawBody()))
			})
		})
	}
}

// A status counts whatever the body is: HTML from a proxy under 502 is an outage, with its body kept for who asks.
func TestHTMLUnder502(t *testing.T) {
	w := scripted(reply{status: 502, mime: "text/html", body: "<html>" + canary})
	_, err := client(t, w).InitializeBridge(t.Context(), minimal, rest.Retries(0))
	e := requireFault(t, err, fault{kind: rest.ErrUnavailable, status: 502, attempts: 1, says: "bad gateway"})
	requireKinds(t, err, rest.ErrUnavailable)
	assert.Equal(t, "<html>"+canary, string(e.RawBody()))
}

// Requirement B15: a redirect is not followed, so neither the key nor the body reaches another host.
func TestRedirect(t *testing.T) {
	w := scripted(reply{status: 308, header: map[string]string{"Location": "https://elsewhere.example.com/?token=" + canary}})
	_, err := client(t, w).InitializeBridge(t.Context(), minimal)
	requireFault(t, err, fault{kind: rest.ErrBadResponse, status: 308, attempts: 1, says: "redirects are not followed"})
	require.Len(t, w.requests(), 1)
	assert.Equal(t, http.MethodPost, w.requests()[0].method)
}

// Requirement F69: a call ends with its context, and says so.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		begun := time.Now()
		_, err := client(t, scripted(reply{hangs: true})).InitializeBridge(ctx, minimal)
		requireFault(t, err, fault{kind: context.Canceled, attempts: 1, says: "the call was "})
		assert.Equal(t, 3*time.Second, time.Since(begun))
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := client(t, scripted(reply{hangs: true})).InitializeBridge(t.Context(), minimal, rest.Timeout(4*time.Second))
		requireFault(t, err, fault{kind: context.DeadlineExceeded, attempts: 1, says: "no answer in time"})
		requireKinds(t, err, rest.ErrUnavailable)
		assert.ErrorIs(t, err, rest.ErrInDoubt)
		assert.Equal(t, 4*time.Second, time.Since(begun))
	})
}

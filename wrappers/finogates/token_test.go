package finogates_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestExchangeClientToken(t *testing.T) {
	c, _, sand := against(t)
	var info rest.Info
	got, err := c.ExchangeClientToken(t.Context(), rest.Capture(&info))
	require.NoError(t, err)
	assert.Len(t, strings.Split(got.Access.Reveal(), "."), 3, "a JWT")
	assert.Equal(t, "bearer", got.Type)
	assert.Equal(t, 15*time.Minute, got.ExpiresIn)
	assert.True(t, got.Refresh.IsZero())
	assert.Equal(t, rest.Info{
		Provider: "finogates", Operation: "exchangeClientToken", Method: http.MethodPost, Path: exchangePath,
		Status: 200, Attempts: 1, Duration: info.Duration, Header: info.Header, Meta: rest.Meta{Time: info.Meta.Time},
	}, info)

	again, err := c.ExchangeClientToken(t.Context())
	require.NoError(t, err)
	assert.False(t, again.Same(got), "past the cache")
	assert.Equal(t, []string{"exchangeClientToken", "exchangeClientToken"}, operations(sand))
}

// Requirement D44: any number of callers cause one exchange.
func TestOneExchangeForAll(t *testing.T) {
	c, creds, sand := against(t)
	body := finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			_, err := c.EmbedTokens.Create(t.Context(), body)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	count := map[string]int{}
	for _, id := range operations(sand) {
		count[id]++
	}
	assert.Equal(t, map[string]int{"exchangeClientToken": 1, "createEmbedToken": 100}, count)
}

// Tokens gives the bearer that the calls use.
func TestTokens(t *testing.T) {
	w := wiretest.Script(bearer("b"), minted("t"))
	c := client(t, w)
	got, err := c.Tokens().Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "b", got.Access.Reveal())
	_, err = c.EmbedTokens.Create(t.Context(), minimal)
	require.NoError(t, err)
	assert.Equal(t, "Bearer b", w.At(embedPath)[0].Header.Get("Authorization"))
	assert.Len(t, w.At(exchangePath), 1)
}

// A bearer ends by the provider's clock: the next call renews it and does not fail.
func TestEndedBearerIsRenewed(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	c, creds, sand := against(t, sandbox.Clock(clock))
	body := finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}
	_, err := c.EmbedTokens.Create(t.Context(), body)
	require.NoError(t, err)
	mu.Lock()
	now = now.Add(time.Hour) // the sandbox has moved on, the client does not know
	mu.Unlock()
	var info rest.Info
	_, err = c.EmbedTokens.Create(t.Context(), body, rest.Capture(&info))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"exchangeClientToken", "createEmbedToken", "createEmbedToken", "exchangeClientToken", "createEmbedToken",
	}, operations(sand))
	assert.Equal(t, 2, info.Attempts)
}

// Requirement D49: a refused bearer is renewed once and the call made once more; a second refusal is the answer.
func TestRefusedBearer(t *testing.T) {
	refusal := reply{Status: 401, Body: `{` + frame + `,"data":{"message":"the bearer has ended"}}`}
	t.Run("once", func(t *testing.T) {
		w := wiretest.Script(bearer("old"), refusal, bearer("new"), minted("t"))
		_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal)
		require.NoError(t, err)
		embeds := w.At(embedPath)
		require.Len(t, embeds, 2)
		assert.Equal(t, "Bearer old", embeds[0].Header.Get("Authorization"))
		assert.Equal(t, "Bearer new", embeds[1].Header.Get("Authorization"))
		assert.Equal(t, embeds[0].Body, embeds[1].Body)
		assert.Len(t, w.At(exchangePath), 2)
	})
	t.Run("twice", func(t *testing.T) {
		w := wiretest.Script(bearer("old"), refusal, bearer("new"), refusal)
		_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal)
		provider.RequireFault(t, err, fault{Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 2, Says: "the bearer has ended"})
		assert.Len(t, w.Requests(), 4)
	})
}

// Wrong credentials do not become right: the provider is asked once, however many calls are made.
func TestWrongCredentials(t *testing.T) {
	server := sandbox.Start(t)
	c := dial(t, server, clientSecret)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, err := c.EmbedTokens.Create(t.Context(), minimal)
			assert.ErrorIs(t, err, rest.ErrUnauthenticated)
		})
	}
	all.Wait()
	_, err := c.EmbedTokens.Create(t.Context(), minimal)
	e := provider.RequireFault(t, err, fault{Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 1, Says: "invalid client credentials"})
	assert.Equal(t, "exchangeClientToken", e.Operation)
	assert.ErrorIs(t, err, token.ErrFinal)
	assert.ErrorIs(t, err, token.ErrBadClient)
	assert.Equal(t, []string{"exchangeClientToken"}, operations(server.Sandbox()))

	c.Tokens().Reset()
	_, err = c.EmbedTokens.Create(t.Context(), minimal)
	assert.ErrorIs(t, err, rest.ErrUnauthenticated)
	assert.Len(t, server.Sandbox().Calls(), 2)
}

// How the source goes on after an exchange that failed: not at all with wrong credentials, ever more rarely after what
// only somebody else can mend, soon after what passes. Repeated failures are said to lead to a block.
func TestFailedExchanges(t *testing.T) {
	final, held, passing := []time.Duration{0}, []time.Duration{0, time.Minute, 6 * time.Minute, 21 * time.Minute, 36 * time.Minute}, []time.Duration(nil)
	for name, c := range map[string]struct {
		reply reply
		at    []time.Duration // when it is sent in 40 minutes; nil if it is often
	}{
		"400":                {reply{Status: 400}, final},
		"401":                {reply{Status: 401}, final},
		"402":                {reply{Status: 402}, held},
		"403":                {reply{Status: 403}, held},
		"404":                {reply{Status: 404}, held},
		"405":                {reply{Status: 405}, held},
		"409":                {reply{Status: 409}, held},
		"410":                {reply{Status: 410}, held},
		"415":                {reply{Status: 415}, held},
		"422":                {reply{Status: 422, Body: `{"detail":[{"loc":["body","client_id"],"msg":"no"}]}`}, held},
		"423":                {reply{Status: 423}, held},
		"403, later":         {reply{Status: 403, Header: map[string]string{"Retry-After": "30"}}, held},
		"302":                {reply{Status: 302, Header: map[string]string{"Location": "/login"}}, held},
		"401 under 200":      {reply{Status: 200, Body: `{"status_code":401,"data":"no such client"}`}, held},
		"HTML":               {reply{Status: 200, MIME: "text/html", Body: "<html>"}, held},
		"408":                {reply{Status: 408}, passing},
		"429":                {reply{Status: 429}, passing},
		"500":                {reply{Status: 500}, passing},
		"503":                {reply{Status: 503}, passing},
		"broke off":          {reply{Status: 200, Body: "{", Cut: true}, passing},
		"reset":              {reply{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, passing},
		"connection refused": {reply{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, passing},
		"dial given up":      {reply{Err: &net.OpError{Op: "dial", Err: context.Canceled}}, passing},
		"101":                {reply{Status: 101}, passing},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(c.reply)
				cl := client(t, w, func(cfg *finogates.Config) { cfg.HTTP.MaxAttempts = 1 })
				var sent []time.Duration
				for begun := time.Now(); time.Since(begun) < 40*time.Minute && len(sent) < 10; time.Sleep(time.Second) {
					before := len(w.Requests())
					_, err := cl.Tokens().Token(t.Context())
					require.Error(t, err)
					assert.Equal(t, len(c.at) == 1, errors.Is(err, token.ErrFinal))
					if len(w.Requests()) > before {
						sent = append(sent, time.Since(begun))
					}
				}
				if c.at == nil {
					require.Len(t, sent, 10)
					assert.Less(t, sent[9], 2*time.Minute)
					return
				}
				assert.Equal(t, c.at, sent)
				assert.Equal(t, len(c.at) == 1, cl.Tokens().Stats().GaveUp)
			})
		})
	}
}

// A success ends the row of refusals, and so does a Reset.
func TestRefusedExchangesAreCountedInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		no, yes := reply{Status: 403}, bearer("b")
		w := wiretest.Script(no, no, yes, no, no, no, yes)
		tokens := client(t, w).Tokens()
		for i, pause := range []time.Duration{time.Minute, 5 * time.Minute, 0, time.Minute, 5 * time.Minute, time.Minute, 0} {
			_, err := tokens.Token(t.Context())
			assert.Equal(t, pause == 0, err == nil)
			assert.Len(t, w.Requests(), i+1)
			if pause == 0 {
				time.Sleep(time.Hour)
				continue
			}
			time.Sleep(pause - 1)
			_, err = tokens.Token(t.Context())
			require.ErrorIs(t, err, rest.ErrForbidden)
			assert.Len(t, w.Requests(), i+1)
			time.Sleep(time.Nanosecond)
			if i == 4 {
				tokens.Reset()
			}
		}
	})
}

// How long Finogates wants to be left alone counts, up to a bound.
func TestSourceWaitsAsLongAsAsked(t *testing.T) {
	for asked, want := range map[string]time.Duration{"60": time.Minute, "86400": 5 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := wiretest.Script(reply{Status: 429, Header: map[string]string{"Retry-After": asked}}, bearer("b"))
			tokens := client(t, w).Tokens()
			_, err := tokens.Token(t.Context())
			require.ErrorIs(t, err, rest.ErrRateLimited)
			time.Sleep(want - 1)
			_, err = tokens.Token(t.Context())
			require.ErrorIs(t, err, rest.ErrRateLimited)
			assert.Len(t, w.Requests(), 1)
			time.Sleep(time.Nanosecond)
			_, err = tokens.Token(t.Context())
			require.NoError(t, err)
		})
	}
}

// A secret that the provider echoes is masked.
func TestEchoedSecret(t *testing.T) {
	w := wiretest.Script(reply{Status: 401, Body: `{` + frame + `,"data":"wrong secret ` + clientSecret + `"}`})
	_, err := client(t, w).ExchangeClientToken(t.Context())
	provider.RequireFault(t, err, fault{Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 1, Says: "wrong secret [redacted]"})
}

// jwt returns what looks like a JWT with these claims.
func jwt(claims string) string {
	return "h." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".s"
}

// The bearer is found under either name or alone, and its life in expires_in, else in the JWT, else nowhere.
func TestShapesOfTheBearer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().Unix()
		in := func(seconds int64) int64 { return now + seconds }
		for name, c := range map[string]struct {
			data   string
			access string
			life   time.Duration
		}{
			"access_token":                {`{"access_token":"a","expires_in":900}`, "a", 15 * time.Minute},
			"token":                       {`{"token":"a","expires_in":900}`, "a", 15 * time.Minute},
			"both names":                  {`{"access_token":"a","token":"b"}`, "a", 0},
			"access_token empty":          {`{"access_token":"","token":"b"}`, "b", 0},
			"access_token null":           {`{"access_token":null,"token":"b"}`, "b", 0},
			"a text alone":                {`"a"`, "a", 0},
			"a JWT alone":                 {fmt.Sprintf(`%q`, jwt(fmt.Sprintf(`{"exp":%d}`, in(600)))), jwt(fmt.Sprintf(`{"exp":%d}`, in(600))), 10 * time.Minute},
			"life as text":                {`{"token":"a","expires_in":"900"}`, "a", 15 * time.Minute},
			"life null":                   {`{"token":"a","expires_in":null}`, "a", 0},
			"life zero":                   {`{"token":"a","expires_in":0}`, "a", 0},
			"Bearer in capitals":          {`{"token":"a","token_type":"BEARER"}`, "a", 0},
			"unknown members":             {`{"token":"a","refresh_token":"r","scope":["x"],"user":{}}`, "a", 0},
			"expires_in counts, not exp":  {fmt.Sprintf(`{"token":%q,"expires_in":60}`, jwt(fmt.Sprintf(`{"exp":%d}`, in(600)))), jwt(fmt.Sprintf(`{"exp":%d}`, in(600))), time.Minute},
			"exp with iat":                {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, in(-300), in(600)))), "", 10 * time.Minute},
			"our clock is behind":         {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, in(3600), in(4500)))), "", 15 * time.Minute},
			"our clock is ahead":          {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, in(-4500), in(-3600)))), "", 15 * time.Minute},
			"ended, and nobody knows":     {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"exp":%d}`, in(-60)))), "", 0},
			"exp before iat":              {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, in(900), in(600)))), "", 10 * time.Minute},
			"exp with a fraction":         {fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"exp":%d.5}`, in(600)))), "", 600500 * time.Millisecond},
			"exp as text":                 {fmt.Sprintf(`{"token":%q}`, jwt(`{"exp":"soon"}`)), "", 0},
			"exp in a far future":         {fmt.Sprintf(`{"token":%q}`, jwt(`{"exp":1e300}`)), "", 0},
			"exp in the year 2286":        {fmt.Sprintf(`{"token":%q}`, jwt(`{"exp":1e10}`)), "", 0},
			"exp negative":                {fmt.Sprintf(`{"token":%q}`, jwt(`{"exp":-1}`)), "", 0},
			"no exp":                      {fmt.Sprintf(`{"token":%q}`, jwt(`{}`)), "", 0},
			"payload is not JSON":         {fmt.Sprintf(`{"token":%q}`, jwt(`x`)), "", 0},
			"payload is not base64":       {`{"token":"a.*.c"}`, "", 0},
			"five parts, as in encrypted": {`{"token":"a.b.c.d.e"}`, "", 0},
		} {
			got, err := client(t, wiretest.Script(ok(c.data))).ExchangeClientToken(t.Context())
			if !assert.NoError(t, err, name) {
				continue
			}
			if c.access != "" {
				assert.Equal(t, c.access, got.Access.Reveal(), name)
			}
			assert.InDelta(t, c.life.Seconds(), got.ExpiresIn.Seconds(), 0.001, name)
		}
	})
}

// Requirement J120. The source goes by the JWT: it renews before the end without being told to.
func TestBearerIsRenewedByItsJWT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exp := time.Now().Add(10 * time.Minute).Unix()
		w := wiretest.Script(ok(fmt.Sprintf(`{"token":%q}`, jwt(fmt.Sprintf(`{"exp":%d}`, exp)))), bearer("second"))
		c := client(t, w)
		_, err := c.Tokens().Token(t.Context())
		require.NoError(t, err)
		time.Sleep(8 * time.Minute)
		_, err = c.Tokens().Token(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		assert.Len(t, w.Requests(), 1)
		time.Sleep(3 * time.Minute)
		got, err := c.Tokens().Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "second", got.Access.Reveal())
	})
}

// A bearer of unknown life is kept until it is refused.
func TestBearerOfUnknownLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wiretest.Script(ok(`{"token":"a"}`), minted("t"))
		c := client(t, w)
		for range 3 {
			_, err := c.EmbedTokens.Create(t.Context(), minimal)
			require.NoError(t, err)
			time.Sleep(24 * time.Hour)
		}
		assert.Len(t, w.At(exchangePath), 1)
	})
}

func TestRefusedExchange(t *testing.T) {
	var w *wiretest.Wire
	for name, opt := range map[string]rest.Option{
		"IdempotencyKey": rest.IdempotencyKey("0123456789"), "RequestID": rest.RequestID("r"), "Header": rest.Header("A", "b\n"),
	} {
		w = wiretest.Script(bearer("b"))
		_, err := client(t, w).ExchangeClientToken(t.Context(), opt)
		provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: name})
		assert.Empty(t, w.Requests())
	}
}

// A slice of options may be shared by calls that run at the same time.
func TestSharedOptions(t *testing.T) {
	shared := append(make([]rest.Option, 0, 8), rest.Header("X-Trace", "on"))
	c := client(t, wiretest.Script(bearer("b")))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := c.ExchangeClientToken(t.Context(), shared...)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Nil(t, shared[:2][1], "nothing was written behind the end of the slice")
}

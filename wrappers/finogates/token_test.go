package finogates_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
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
			_, err := c.CreateEmbedToken(t.Context(), body)
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
	_, err = c.CreateEmbedToken(t.Context(), minimal)
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
	_, err := c.CreateEmbedToken(t.Context(), body)
	require.NoError(t, err)
	mu.Lock()
	now = now.Add(time.Hour) // the sandbox has moved on, the client does not know
	mu.Unlock()
	var info rest.Info
	_, err = c.CreateEmbedToken(t.Context(), body, rest.Capture(&info))
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
		_, err := client(t, w).CreateEmbedToken(t.Context(), minimal)
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
		_, err := client(t, w).CreateEmbedToken(t.Context(), minimal)
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
			_, err := c.CreateEmbedToken(t.Context(), minimal)
			assert.ErrorIs(t, err, rest.ErrUnauthenticated)
		})
	}
	all.Wait()
	_, err := c.CreateEmbedToken(t.Context(), minimal)
	e := provider.RequireFault(t, err, fault{Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 1, Says: "invalid client credentials"})
	assert.Equal(t, "exchangeClientToken", e.Operation)
	assert.ErrorIs(t, err, token.ErrFinal)
	assert.ErrorIs(t, err, token.ErrBadClient)
	assert.Equal(t, []string{"exchangeClientToken"}, operations(server.Sandbox()))

	c.Tokens().Reset()
	_, err = c.CreateEmbedToken(t.Context(), minimal)
	assert.ErrorIs(t, err, rest.ErrUnauthenticated)
	assert.Len(t, server.Sandbox().Calls(), 2)
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
			_, err := c.CreateEmbedToken(t.Context(), minimal)
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

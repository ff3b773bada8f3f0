package edges

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// fetchOver gets its tokens from address over a client of its own. It sends ctx on, which has the values of the call
// that waits for the token.
func fetchOver(t *testing.T, address string) token.Fetch {
	t.Helper()
	other := signed(t, address, nil, rest.Config{})
	return func(ctx context.Context, _ *token.Token) (*token.Token, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("{}"))
		if err != nil {
			return nil, err
		}
		_, err = other.Do(req)
		return &token.Token{Access: secret.New("tok"), ExpiresIn: time.Hour}, err
	}
}

// identity is a server that gives tokens and keeps the header of the last request.
func identity(t *testing.T) (address string, seen *atomic.Pointer[http.Header]) {
	t.Helper()
	seen = new(atomic.Pointer[http.Header])
	s := jsonServer(t, func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Clone()
		seen.Store(&header)
		io.WriteString(w, `{"token":"tok"}`)
	})
	return s.URL, seen
}

// things is a server that has things.
func things(t *testing.T) string {
	t.Helper()
	return jsonServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"value":"x"}`) }).URL
}

// A fetch over another client is a call of its own: it takes no header, key or attempt from the call that waits.
func TestFetchOverAnotherClient(t *testing.T) {
	address, seen := identity(t)
	src := source(t, fetchOver(t, address))
	c := signed(t, things(t), src, rest.Config{})
	var info rest.Info
	_, err := post[thing](t.Context(), c, op(rest.RepeatByKey), rest.Header("X-Api-Secret", "for the API alone"),
		rest.IdempotencyKey("order-4711-a"), rest.Capture(&info))
	require.NoError(t, err)
	assert.Empty(t, seen.Load().Get("X-Api-Secret"), "the header of the call went to another origin")
	assert.Empty(t, seen.Load().Get("Idempotency-Key"))
	assert.Equal(t, 1, info.Attempts)
}

// Nor does it get the options that the call has from its context.
func TestFetchGetsNoOptionsOfTheContext(t *testing.T) {
	address, seen := identity(t)
	src := source(t, fetchOver(t, address))
	server := things(t)
	c := signed(t, server, src, rest.Config{})
	ctx := rest.WithOptions(t.Context(), rest.Header("X-Api-Secret", "for the API alone"))
	_, err := c.Do(request(ctx, t, http.MethodPost, server, strings.NewReader("{}")))
	require.NoError(t, err)
	assert.Empty(t, seen.Load().Get("X-Api-Secret"))
}

// The fetch of a source is for every caller: it gets no options of the one that begins it, nor does the callback that it
// asks for a password.
func TestSourceGetsNoOptionsOfItsCaller(t *testing.T) {
	address, seen := identity(t)
	body := `{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"all"}`
	grants := jsonServer(t, func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Clone()
		seen.Store(&header)
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			io.WriteString(w, `{"status_code":200,"data":`+body+`}`)
			return
		}
		io.WriteString(w, body)
	})
	fa, err := finapi.New(finapi.Config{
		ClientID: "the-client", ClientSecret: secret.New("the-secret"), BaseURL: grants.URL, Tokens: token.Config{OnEvent: quiet},
	})
	require.NoError(t, err)
	defer fa.Close()
	fg, err := finogates.New(finogates.Config{
		ClientID: "the-client", ClientSecret: secret.New("the-secret"), BaseURL: grants.URL, Tokens: token.Config{OnEvent: quiet},
	})
	require.NoError(t, err)
	defer fg.Close()
	vault := signed(t, address, nil, rest.Config{})
	user := fa.UserTokensFunc("someone", func(ctx context.Context) (secret.String, error) {
		_, err := vault.Do(request(ctx, t, http.MethodGet, address, nil))
		assert.Empty(t, seen.Load().Get("X-Mine"))
		return secret.New("password"), err
	})
	defer user.Close()
	for _, s := range []*token.Source{fa.ClientTokens(), user, fg.Tokens()} {
		seen.Store(nil)
		var info rest.Info
		_, err := s.Token(rest.WithOptions(t.Context(), rest.Header("X-Mine", "1"), rest.Capture(&info)))
		require.NoError(t, err)
		require.NotNil(t, seen.Load())
		assert.Empty(t, seen.Load().Get("X-Mine"))
		assert.Zero(t, info)
	}
}

// A fetch that outlives the call that began it touches nothing of that call: for the race detector.
func TestFetchOutlivesItsCall(t *testing.T) {
	arrived, release, fetched := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s := jsonServer(t, func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		io.WriteString(w, `{"token":"tok"}`)
	})
	fetch := fetchOver(t, s.URL)
	src := source(t, func(ctx context.Context, old *token.Token) (*token.Token, error) {
		defer close(fetched)
		return fetch(ctx, old)
	})
	c := signed(t, s.URL, src, rest.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	var info rest.Info
	_, err := post[thing](ctx, c, op(rest.RepeatByKey), rest.Capture(&info))
	assert.ErrorIs(t, err, context.Canceled)
	close(release)
	<-fetched
	assert.Zero(t, info.Attempts)
}

// The password of a user may come from a vault, called over another client within the call that needs it.
func TestVaultOverAnotherClient(t *testing.T) {
	ok := always(200, "application/json", `{}`)
	vault := signed(t, "https://vault.example.com", nil, rest.Config{HTTPClient: ok.client()})
	fa, err := finapi.New(finapi.Config{
		ClientID: "id", ClientSecret: secret.New("the-secret"), Tokens: token.Config{OnEvent: quiet},
		HTTP: rest.Config{HTTPClient: always(200, "application/json",
			`{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"all"}`).client()},
	})
	require.NoError(t, err)
	defer fa.Close()
	user := fa.UserTokensFunc("u", func(ctx context.Context) (secret.String, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://vault.example.com/p", http.NoBody)
		if err != nil {
			return secret.String{}, err
		}
		_, err = vault.Do(req)
		return secret.New("password"), err
	})
	defer user.Close()
	data := signed(t, base, user, rest.Config{HTTPClient: ok.client()})
	resp, err := data.Do(request(t.Context(), t, http.MethodGet, base+"/accounts", nil))
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
}

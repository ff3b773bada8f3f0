package finapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

type request = finapiaccess.GetTokenRequest

const (
	forClient  = finapiaccess.GrantTypeClientCredentials
	forUser    = finapiaccess.GrantTypePassword
	forRefresh = finapiaccess.GrantTypeRefreshToken
)

// grants are one good body for each grant.
var grants = map[string]request{
	"client_credentials": {GrantType: forClient},
	"password":           {GrantType: forUser, Username: username, Password: password},
	"refresh_token":      {GrantType: forRefresh, RefreshToken: refreshToken},
}

func TestGetToken(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		var info rest.Info
		own, err := w.GetToken(t.Context(), request{GrantType: forClient}, rest.Capture(&info))
		require.NoError(t, err)
		assert.NotEmpty(t, own.Access.Reveal())
		assert.True(t, own.Refresh.IsZero())
		assert.Equal(t, "bearer", own.Type)
		assert.Equal(t, "all", own.Scope)
		assert.Equal(t, time.Hour, own.ExpiresIn)
		assert.Equal(t, rest.Info{
			Provider: "finapi", Operation: versions[v].tokenOp, Method: http.MethodPost, Path: versions[v].tokenPath,
			RequestID: w.sand.Calls()[0].RequestID, Status: 200, Attempts: 1, Duration: info.Duration, Header: info.Header,
		}, info)
		assert.Equal(t, "no-store", info.Header.Get("Cache-Control"))

		user, err := w.GetToken(t.Context(), request{GrantType: forUser, Username: w.user, Password: w.password.Reveal()})
		require.NoError(t, err)
		assert.NotEmpty(t, user.Refresh.Reveal())
		assert.False(t, user.Same(own))

		renewed, err := w.GetToken(t.Context(), request{GrantType: forRefresh, RefreshToken: user.Refresh.Reveal()})
		require.NoError(t, err)
		assert.True(t, renewed.Same(user), "it is still alive")
		assert.Equal(t, []string{"client_credentials", "password", "refresh_token"}, w.grants(t))
	})
}

// What goes over the wire: the fields of the grant in the body, nothing empty, nothing in the URL, no credential in a
// header. Requirements A5, A6, A7.
func TestGrantsOnTheWire(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		for name, body := range grants {
			w := wiretest.Script(granted("a", "", "60"))
			_, err := client(t, v, w).GetToken(t.Context(), body, rest.RequestID("mine"))
			require.NoError(t, err)
			want := url.Values{"grant_type": {name}, "client_id": {clientID}, "client_secret": {clientSecret}}
			switch name {
			case "password":
				want["username"], want["password"] = []string{username}, []string{password}
			case "refresh_token":
				want["refresh_token"] = []string{refreshToken}
			}
			got := w.Requests()[0]
			assert.Equal(t, want, got.Form(t))
			assert.Equal(t, finapiaccess.ServerURLSandbox+versions[v].tokenPath, got.URL)
			assert.Equal(t, http.MethodPost, got.Method)
			assert.Equal(t, http.Header{
				"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"},
				"User-Agent": got.Header["User-Agent"], "X-Request-Id": {"mine"},
			}, got.Header)
		}
	})
}

// Requirement A8: a secret of any characters arrives as it is.
func TestOddSecretsArrive(t *testing.T) {
	for _, odd := range []string{"a b+c&d=e%f;g", "пароль ä€😀", "\x00\r\n\t", "100%", "+", strings.Repeat("x", 9000)} {
		w := wiretest.Script(granted("a", "", "60"))
		_, err := client(t, finapi.V1, w).GetToken(t.Context(), request{GrantType: forUser, Username: odd, Password: odd, ClientSecret: odd})
		require.NoError(t, err)
		form := w.Requests()[0].Form(t)
		assert.Equal(t, []string{odd, odd, odd}, []string{form.Get("username"), form.Get("password"), form.Get("client_secret")})
	}
}

// The credentials of the body go before those of the Config.
func TestOtherCredentials(t *testing.T) {
	w := served(t, finapi.V1)
	_, err := w.GetToken(t.Context(), request{GrantType: forClient, ClientID: "other", ClientSecret: "canary-other"})
	e := provider.RequireFault(t, err, fault{
		Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 1, RequestID: w.sand.Calls()[0].RequestID, Says: "invalid_client: Bad client credentials",
	})
	wiretest.RequireKinds(t, err, rest.ErrUnauthenticated)
	assert.Equal(t, "invalid_client", e.Code)
	assert.IsType(t, &finapiaccess.BadCredentialsError{}, e.Detail)
}

// While a token is alive the same one comes again, with the life that is left.
func TestSameToken(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		first, err := w.GetToken(t.Context(), request{GrantType: forClient})
		require.NoError(t, err)
		w.clock.advance(50 * time.Minute)
		second, err := w.GetToken(t.Context(), request{GrantType: forClient})
		require.NoError(t, err)
		assert.True(t, second.Same(first))
		assert.Equal(t, 10*time.Minute, second.ExpiresIn)
		w.clock.advance(10 * time.Minute)
		third, err := w.GetToken(t.Context(), request{GrantType: forClient})
		require.NoError(t, err)
		assert.False(t, third.Same(first))
		assert.Equal(t, time.Hour, third.ExpiresIn)
	})
}

// A life of 0 means that the token never ends.
func TestTokenThatNeverEnds(t *testing.T) {
	w := served(t, finapi.V1, sandbox.AccessTokenLife(0))
	got, err := w.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	assert.Zero(t, got.ExpiresIn)
	assert.Zero(t, got.Expiry)
}

// Requirement D40: a client has no refresh token, whatever comes.
func TestRefreshTokenOfAClientIsDropped(t *testing.T) {
	got, err := client(t, finapi.V1, wiretest.Script(granted("a", refreshToken, "60"))).GetToken(t.Context(), request{GrantType: forClient})
	require.NoError(t, err)
	assert.True(t, got.Refresh.IsZero())
}

// What the caller passes is checked before it is sent: the error names field and rule, and no byte leaves.
func TestRefusedBeforeSending(t *testing.T) {
	long := strings.Repeat("r", 256)
	for name, c := range map[string]struct {
		body        request
		opts        []rest.Option
		field, rule string
	}{
		"no grant":      {request{}, nil, "grant_type", "must be one of client_credentials, password, refresh_token"},
		"unknown grant": {request{GrantType: "authorization_code"}, nil, "grant_type", "must be one of"},
		"no username":   {request{GrantType: forUser, Password: password}, nil, "username", "is required for the grant password"},
		"no password":   {request{GrantType: forUser, Username: username}, nil, "password", "is required for the grant password"},
		"no refresh":    {request{GrantType: forRefresh}, nil, "refresh_token", "is required for the grant refresh_token"},
		"client with username": {
			request{GrantType: forClient, Username: username}, nil, "username", "is for the grant password only",
		},
		"client with password": {
			request{GrantType: forClient, Password: password}, nil, "password", "is for the grant password only",
		},
		"client with refresh": {
			request{GrantType: forClient, RefreshToken: refreshToken}, nil, "refresh_token", "is for the grant refresh_token only",
		},
		"user with refresh": {
			request{GrantType: forUser, Username: username, Password: password, RefreshToken: refreshToken},
			nil,
			"refresh_token", "is for the grant refresh_token only",
		},
		"refresh with password": {
			request{GrantType: forRefresh, RefreshToken: refreshToken, Password: password}, nil, "password", "is for the grant password only",
		},
		"long request id":    {grants["password"], []rest.Option{rest.RequestID(long)}, "RequestID", "must have 1 to 255 characters"},
		"empty request id":   {grants["password"], []rest.Option{rest.RequestID("")}, "RequestID", "must have 1 to 255 characters"},
		"request id, CR LF":  {grants["password"], []rest.Option{rest.RequestID("a\r\nb")}, "RequestID", "control characters"},
		"header with LF":     {grants["password"], []rest.Option{rest.Header("X-Trace", "a\nb")}, "Header", "control characters"},
		"request id header":  {grants["password"], []rest.Option{rest.Header("x-request-id", "a")}, "Header", "is not for this option"},
		"an idempotency key": {grants["password"], []rest.Option{rest.IdempotencyKey("0123456789")}, "IdempotencyKey", "is not an option of finapi"},
		"a correlation id":   {grants["password"], []rest.Option{rest.CorrelationID("c")}, "CorrelationID", "is not an option of finapi"},
		"an account":         {grants["password"], []rest.Option{rest.AccountID(clientID)}, "AccountID", "is not an option of finapi"},
	} {
		t.Run(name, func(t *testing.T) {
			bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
				w := wiretest.Script(granted("a", "", "60"))
				got, err := client(t, v, w).GetToken(t.Context(), c.body, c.opts...)
				assert.Nil(t, got)
				provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: c.field, Says: c.rule})
				wiretest.RequireKinds(t, err, rest.ErrInvalid)
				assert.ErrorContains(t, err, c.field)
				assert.Empty(t, w.Requests())
			})
		})
	}
}

// A slice of options may be shared by calls that run at the same time.
func TestSharedOptions(t *testing.T) {
	shared := append(make([]rest.Option, 0, 8), rest.RequestID("mine"))
	c := client(t, finapi.V1, wiretest.Script(granted("a", "", "60")))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := c.GetToken(t.Context(), grants["client_credentials"], shared...)
			assert.NoError(t, err)
			assert.NoError(t, c.RevokeToken(t.Context(), c2s("x"), finapi.HintNone, shared...))
		})
	}
	all.Wait()
	assert.Nil(t, shared[:2][1], "nothing was written behind the end of the slice")
}

// Refusals of the provider, as the sandbox words them.
func TestRefusals(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		good := w.password.Reveal()
		for _, c := range []struct {
			name string
			body request
			want fault
			code string
		}{
			{"wrong password", request{GrantType: forUser, Username: w.user, Password: "canary-1"}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Bad user credentials"}, "BAD_REQUEST"},
			{"unknown user", request{GrantType: forUser, Username: "nobody", Password: good}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Bad user credentials"}, "BAD_REQUEST"},
			{"dead refresh token", request{GrantType: forRefresh, RefreshToken: refreshToken}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Invalid refresh token"}, "BAD_REQUEST"},
			{"not verified", request{GrantType: forUser, Username: sandbox.UnverifiedUsername, Password: good}, fault{Kind: rest.ErrForbidden, Status: 403, Says: "not verified"}, "USER_NOT_VERIFIED"},
			{"wrong password, again", request{GrantType: forUser, Username: w.user, Password: "canary-2"}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Bad user credentials"}, "BAD_REQUEST"},
			{"wrong password, the last that is allowed", request{GrantType: forUser, Username: w.user, Password: "canary-3"}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Bad user credentials"}, "BAD_REQUEST"},
			{"wrong password, one too many", request{GrantType: forUser, Username: w.user, Password: "canary-4"}, fault{Kind: rest.ErrInvalid, Status: 400, Says: "Bad user credentials"}, "BAD_REQUEST"},
			{"locked", request{GrantType: forUser, Username: w.user, Password: good}, fault{Kind: rest.ErrLocked, Status: 423, Says: "The user is locked"}, "LOCKED"},
		} {
			got, err := w.GetToken(t.Context(), c.body)
			assert.Nil(t, got, c.name)
			calls := w.sand.Calls()
			c.want.RequestID, c.want.Attempts = calls[len(calls)-1].RequestID, 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, c.want.Kind)
			assert.Equal(t, c.code, e.Code, c.name)
			assert.Equal(t, versions[v].tokenOp, e.Operation)
			assert.IsType(t, &finapiaccess.ErrorMessage{}, e.Detail)
		}
		assert.Len(t, w.sand.Calls(), 8, "nothing was sent twice")
	})
}

// The id of the caller comes back in the error.
func TestRequestIDInErrors(t *testing.T) {
	w := served(t, finapi.V2)
	_, err := w.GetToken(t.Context(), grants["refresh_token"], rest.RequestID("req-2026-0042"))
	provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Status: 400, Attempts: 1, RequestID: "req-2026-0042", Says: "(request id req-2026-0042)"})
}

// A client that is bound to the other version is told which field to set.
func TestVersionMismatch(t *testing.T) {
	for v, other := range map[finapi.APIVersion]finapi.APIVersion{finapi.V1: finapi.V2, finapi.V2: finapi.V1} {
		server := sandbox.Start(t)
		w := newWorld(t, v, other, server.Sandbox(), &http.Transport{}, server.FinAPI())
		want := fault{
			Kind: rest.ErrVersionMismatch, Status: 403, Attempts: 1, Field: "Config.APIVersion",
			Says: "Config.APIVersion: this client is bound to another version of the API, set it to finapi." + versions[other].name,
		}
		_, err := w.GetToken(t.Context(), grants["client_credentials"])
		want.RequestID = server.Sandbox().Calls()[0].RequestID
		provider.RequireFault(t, err, want)
		wiretest.RequireKinds(t, err, rest.ErrVersionMismatch, rest.ErrForbidden)

		_, err = w.ClientTokens().Token(t.Context())
		require.ErrorIs(t, err, rest.ErrVersionMismatch)
		err = w.RevokeToken(t.Context(), c2s("x"), finapi.HintNone)
		require.ErrorIs(t, err, rest.ErrVersionMismatch)
		assert.Len(t, server.Sandbox().Calls(), 2, "the source does not ask again")
	}
}

// Any 403 is forbidden, but only what reads like it is a mismatch.
func TestWordsOfAVersionMismatch(t *testing.T) {
	for message, mismatch := range map[string]bool{
		"API Version mismatch":                                   true,
		"api version MISMATCH: limited to /api/v1":               true,
		"The client is limited to the scope /api/v1":             true,
		"The user is not verified":                               false,
		"Only app clients may do this":                           false,
		"The scope of this client does not include this service": false,
	} {
		_, err := client(t, finapi.V2, wiretest.Script(failed(403, "UNAUTHORIZED_ACCESS", message))).GetToken(t.Context(), grants["client_credentials"])
		assert.ErrorIs(t, err, rest.ErrForbidden)
		assert.Equal(t, mismatch, strings.Contains(err.Error(), "set it to finapi.V1"), message)
		if mismatch {
			assert.ErrorIs(t, err, rest.ErrVersionMismatch)
		} else {
			assert.NotErrorIs(t, err, rest.ErrVersionMismatch)
		}
	}
}

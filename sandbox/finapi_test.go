package sandbox_test

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

const (
	tokenV1  = "/finapi/oauth/token"
	tokenV2  = "/finapi/api/v2/oauth/token"
	revokeV1 = "/finapi/oauth/revoke"
	revokeV2 = "/finapi/api/v2/oauth/revoke"
)

func (w *world) v1(fields ...string) []string {
	return append([]string{"client_id", w.creds.FinAPI.ClientID, "client_secret", w.creds.FinAPI.ClientSecret}, fields...)
}

func (w *world) v2(fields ...string) []string {
	return append([]string{"client_id", w.creds.FinAPI.V2ClientID, "client_secret", w.creds.FinAPI.V2ClientSecret}, fields...)
}

func (w *world) clientToken() reply {
	return w.form(tokenV1, nil, w.v1("grant_type", "client_credentials")...)
}

func (w *world) userToken() reply {
	return w.login(w.creds.FinAPI.Username, w.creds.FinAPI.Password)
}

func (w *world) login(username, password string) reply {
	return w.form(tokenV1, nil, w.v1("grant_type", "password", "username", username, "password", password)...)
}

func (w *world) refresh(token string) reply {
	return w.form(tokenV1, nil, w.v1("grant_type", "refresh_token", "refresh_token", token)...)
}

func (r reply) text1(name string) string {
	value, _ := r.body[name].(string)
	return value
}

// alive reports whether finAPI takes the token as a bearer. A user's token is refused with 403, but it is known.
func (w *world) alive(token string) bool {
	w.t.Helper()
	return w.form(revokeV1, bearer(token), "token", "nothing").status != http.StatusUnauthorized
}

// Requirement J111: no cache keeps a token.
func TestFinAPITokens(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			first := w.clientToken()
			require.Equal(t, http.StatusOK, first.status, first.text)
			assert.Equal(t, "documented", first.header.Get("Sandbox-Evidence"))
			assert.Equal(t, "no-store", first.header.Get("Cache-Control"))
			assert.Equal(t, "no-cache", first.header.Get("Pragma"))
			assert.Equal(t, "application/json", first.header.Get("Content-Type"))
			assert.Regexp(t, `^selfgen-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first.header.Get("X-Request-Id"))
			assert.Regexp(t, `^sandbox_at_[a-z2-7]{40}$`, first.text1("access_token"))
			assert.Equal(t, "bearer", first.body["token_type"])
			assert.Equal(t, "all", first.body["scope"])
			assert.EqualValues(t, 3600, first.body["expires_in"])
			assert.NotContains(t, first.body, "refresh_token")

			w.clock.advance(90*time.Second + 200*time.Millisecond)
			again := w.form(tokenV1, headers{"X-Request-Id": "mine"}, w.v1("grant_type", "client_credentials")...)
			assert.Equal(t, "mine", again.header.Get("X-Request-Id"))
			assert.Equal(t, first.body["access_token"], again.body["access_token"], "the same token while it is alive")
			assert.EqualValues(t, 3509, again.body["expires_in"])

			user := w.login(strings.ToUpper(w.creds.FinAPI.Username), w.creds.FinAPI.Password)
			require.Equal(t, http.StatusOK, user.status, user.text)
			assert.Regexp(t, `^sandbox_rt_[a-z2-7]{40}$`, user.text1("refresh_token"))
			assert.NotEqual(t, first.body["access_token"], user.body["access_token"])

			v2 := w.form(tokenV2, nil, w.v2("grant_type", "client_credentials")...)
			require.Equal(t, http.StatusOK, v2.status, v2.text)
			assert.NotEqual(t, first.body["access_token"], v2.body["access_token"])
		})
	}
}

func TestFinAPILastSecond(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	first := w.clientToken()
	w.clock.advance(time.Hour - time.Millisecond)
	assert.EqualValues(t, 1, w.clientToken().body["expires_in"], "0 would mean for ever")
	w.clock.advance(time.Millisecond)
	assert.False(t, w.alive(first.text1("access_token")))
	assert.NotEqual(t, first.body["access_token"], w.clientToken().body["access_token"])
}

// expires_in is an int32, however long a token lives, or lives because the clock was set back.
func TestFinAPILongLives(t *testing.T) {
	t.Parallel()
	const longest = math.MaxInt32 * time.Second
	w := inMemory(t, sandbox.AccessTokenLife(longest))
	require.NoError(t, w.sand.Clock().Advance(90*365*24*time.Hour))
	first := w.clientToken()
	assert.EqualValues(t, math.MaxInt32, first.body["expires_in"])
	w.sand.Clock().Real()
	again := w.clientToken()
	require.Equal(t, http.StatusOK, again.status, again.text)
	assert.Equal(t, first.body["access_token"], again.body["access_token"])
	assert.EqualValues(t, math.MaxInt32, again.body["expires_in"])
	for _, option := range []sandbox.Option{sandbox.AccessTokenLife(longest + 1), sandbox.RefreshTokenLife(longest + 1)} {
		_, err := sandbox.New(option)
		assert.ErrorContains(t, err, "must be 0, or from one second to 596523h14m7s")
	}
}

func TestFinAPILives(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.AccessTokenLife(0), sandbox.RefreshTokenLife(time.Minute))
	user := w.userToken()
	assert.EqualValues(t, 0, user.body["expires_in"])
	w.clock.advance(time.Minute)
	assert.True(t, w.alive(user.text1("access_token")), "0 means for ever")
	assert.Equal(t, http.StatusBadRequest, w.refresh(user.text1("refresh_token")).status)
	again := w.userToken()
	assert.Equal(t, user.body["access_token"], again.body["access_token"])
	assert.NotEqual(t, user.body["refresh_token"], again.body["refresh_token"])
}

func TestFinAPIRefresh(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	user := w.userToken()
	early := w.refresh(user.text1("refresh_token"))
	require.Equal(t, http.StatusOK, early.status, early.text)
	assert.Equal(t, user.body["access_token"], early.body["access_token"], "the same token while it is alive")
	assert.NotContains(t, early.body, "refresh_token")

	w.clock.advance(time.Hour)
	late := w.refresh(user.text1("refresh_token"))
	require.Equal(t, http.StatusOK, late.status, late.text)
	assert.NotEqual(t, user.body["access_token"], late.body["access_token"])
	assert.Equal(t, user.body["refresh_token"], w.userToken().body["refresh_token"])
	w.clock.advance(23 * time.Hour)
	w.refresh(user.text1("refresh_token")).require(t, want{http.StatusBadRequest, "documented", "Invalid refresh token"})
}

func TestFinAPIRefreshRotates(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.RotateRefreshTokens())
	user := w.userToken()
	next := w.refresh(user.text1("refresh_token"))
	require.Equal(t, http.StatusOK, next.status, next.text)
	assert.NotEqual(t, user.body["refresh_token"], next.body["refresh_token"])
	assert.Equal(t, http.StatusBadRequest, w.refresh(user.text1("refresh_token")).status)
	assert.Equal(t, http.StatusOK, w.refresh(next.text1("refresh_token")).status)
}

// Requirements J112, J113: a field that is there twice is refused, and a wrong client as documented.
func TestFinAPITokenRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			fin := w.creds.FinAPI
			user := w.userToken()
			for name, tt := range map[string]struct {
				path   string
				fields []string
				want   want
			}{
				"wrong secret":                    {tokenV1, []string{"grant_type", "client_credentials", "client_id", fin.ClientID, "client_secret", "wrong"}, want{401, "documented", "invalid_client"}},
				"unknown client":                  {tokenV1, []string{"grant_type", "client_credentials", "client_id", "who", "client_secret", fin.ClientSecret}, want{401, "documented", "invalid_client"}},
				"V1 client at V2":                 {tokenV2, w.v1("grant_type", "client_credentials"), want{403, "documented", "API Version mismatch: this client is limited to the scope /api/v1"}},
				"V2 client at V1":                 {tokenV1, w.v2("grant_type", "client_credentials"), want{403, "documented", "API Version mismatch: this client is limited to the scope /api/v2"}},
				"unknown user":                    {tokenV1, w.v1("grant_type", "password", "username", "who", "password", "wrong"), want{400, "documented", "Bad user credentials"}},
				"unverified user":                 {tokenV1, w.v1("grant_type", "password", "username", sandbox.UnverifiedUsername, "password", fin.Password), want{403, "documented", "USER_NOT_VERIFIED"}},
				"no username":                     {tokenV1, w.v1("grant_type", "password", "password", fin.Password), want{400, "inferred", "username: is required"}},
				"no password":                     {tokenV1, w.v1("grant_type", "password", "username", fin.Username), want{400, "inferred", "password: is required"}},
				"no refresh token":                {tokenV1, w.v1("grant_type", "refresh_token"), want{400, "inferred", "refresh_token: is required"}},
				"never issued refresh token":      {tokenV1, w.v1("grant_type", "refresh_token", "refresh_token", "never"), want{400, "documented", "Invalid refresh token"}},
				"refresh with an access token":    {tokenV1, w.v1("grant_type", "refresh_token", "refresh_token", user.text1("access_token")), want{400, "documented", "Invalid refresh token"}},
				"refresh token of another client": {tokenV2, w.v2("grant_type", "refresh_token", "refresh_token", user.text1("refresh_token")), want{400, "documented", "Invalid refresh token"}},
				"unknown grant":                   {tokenV1, w.v1("grant_type", "magic"), want{400, "inferred", "grant_type: must be one of"}},
				"no client":                       {tokenV1, []string{"grant_type", "client_credentials"}, want{400, "inferred", "client_id: is required"}},
				"unknown field":                   {tokenV1, w.v1("grant_type", "client_credentials", "scope", "all"), want{200, "documented", "access_token"}},
				"repeated field":                  {tokenV1, w.v1("grant_type", "client_credentials", "grant_type", "password"), want{400, "inferred", "grant_type: must not be repeated"}},
				"empty field":                     {tokenV1, []string{"grant_type", "client_credentials", "client_id", "", "client_secret", fin.ClientSecret}, want{400, "inferred", "client_id: is required"}},
				"field in URL and body":           {tokenV1 + "?grant_type=password", w.v1("grant_type", "client_credentials"), want{400, "inferred", "grant_type: must not be repeated"}},
			} {
				t.Run(name, func(t *testing.T) {
					w.form(tt.path, nil, tt.fields...).require(t, tt.want)
				})
			}
		})
	}
}

func TestFinAPIErrorShapes(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	v1 := w.form(tokenV1, headers{"X-Request-Id": "mine"}, w.v2("grant_type", "client_credentials")...)
	assert.JSONEq(t, `{
		"errors": [{
			"message": "API Version mismatch: this client is limited to the scope /api/v2",
			"code": "UNAUTHORIZED_ACCESS", "type": "BUSINESS", "multiStepAuthentication": null
		}],
		"date": "2026-01-05 11:00:00.123", "requestId": "mine", "endpoint": "POST /oauth/token", "authContext": "1/0", "bank": null
	}`, v1.text)

	w.clock.advance(180 * 24 * time.Hour) // to summer
	v2 := w.form(tokenV2, headers{"X-Request-Id": "mine"}, w.v1("grant_type", "client_credentials")...)
	assert.JSONEq(t, `{
		"errors": [{
			"message": "API Version mismatch: this client is limited to the scope /api/v1",
			"code": "UNAUTHORIZED_ACCESS", "type": "BUSINESS"
		}],
		"date": "2026-07-04T12:00:00.123+02:00", "requestId": "mine", "endpoint": "POST /api/v2/oauth/token", "authContext": "1/0"
	}`, v2.text)
}

func TestFinAPIRequestID(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	fields := w.v1("grant_type", "client_credentials")
	assert.Equal(t, http.StatusOK, w.form(tokenV1, headers{"X-Request-Id": strings.Repeat("ü", 255)}, fields...).status)
	long := w.form(tokenV1, headers{"X-Request-Id": strings.Repeat("x", 256)}, fields...)
	long.require(t, want{400, "inferred", "X-Request-Id: must have at most 255 characters"})
	assert.Regexp(t, "^selfgen-", long.header.Get("X-Request-Id"))
	assert.Equal(t, long.header.Get("X-Request-Id"), long.body["requestId"])
}

func TestFinAPICredentialsWhereNoneBelong(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.form(tokenV1, bearer("token"), w.v1("grant_type", "client_credentials")...).require(t, want{200, "documented", "access_token"})
}

func TestFinAPILock(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	fin := w.creds.FinAPI
	user := w.userToken()
	other := w.form(tokenV2, nil, w.v2("grant_type", "password", "username", fin.Username, "password", fin.Password)...)
	require.Equal(t, http.StatusOK, other.status)

	for range 5 { // three wrong and a right one start the count again
		assert.Equal(t, http.StatusBadRequest, w.login(fin.Username, "wrong").status)
		assert.Equal(t, http.StatusBadRequest, w.login(fin.Username, "wrong").status)
		assert.Equal(t, http.StatusBadRequest, w.login(fin.Username, "wrong").status)
		assert.Equal(t, http.StatusOK, w.userToken().status)
	}
	for range 4 {
		w.login(fin.Username, "wrong").require(t, want{400, "documented", "Bad user credentials"})
	}
	w.userToken().require(t, want{423, "documented", "LOCKED"})
	w.login(fin.Username, "wrong").require(t, want{423, "documented", "LOCKED"})
	assert.False(t, w.alive(user.text1("access_token")))
	assert.False(t, w.alive(other.text1("access_token")), "the tokens that other clients hold go as well")
	assert.Equal(t, http.StatusBadRequest, w.refresh(user.text1("refresh_token")).status)
	assert.Equal(t, http.StatusOK, w.clientToken().status, "the client is not concerned")
}

func TestFinAPIRevokeHints(t *testing.T) {
	t.Parallel()
	type alive struct{ access, refresh bool }
	for name, tt := range map[string]struct {
		token, hint string
		left        alive
	}{
		"access token with its hint":   {"access_token", "access_token", alive{false, true}},
		"access token, another hint":   {"access_token", "refresh_token", alive{false, true}},
		"access token without a hint":  {"access_token", "", alive{false, false}},
		"refresh token with its hint":  {"refresh_token", "refresh_token", alive{false, false}},
		"refresh token without a hint": {"refresh_token", "", alive{false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inMemory(t)
			client, user := w.clientToken().text1("access_token"), w.userToken()
			fields := []string{"token", user.text1(tt.token)}
			if tt.hint != "" {
				fields = append(fields, "token_type_hint", tt.hint)
			}
			for range 2 { // a token that is gone is as good as revoked
				gone := w.form(revokeV1, bearer(client), fields...)
				gone.require(t, want{200, "documented", ""})
				assert.Empty(t, gone.text)
				assert.Empty(t, gone.header.Get("Content-Type"))
				assert.NotEmpty(t, gone.header.Get("X-Request-Id"))
			}
			left := alive{w.alive(user.text1("access_token")), w.refresh(user.text1("refresh_token")).status == http.StatusOK}
			assert.Equal(t, tt.left, left)
			assert.NotEqual(t, user.body["access_token"], w.userToken().body["access_token"])
		})
	}
}

func TestFinAPIRevokeWays(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	client := w.clientToken().text1("access_token")

	user := w.userToken().text1("access_token")
	byQuery := w.do(http.MethodPost, revokeV1+"?token="+user+"&token_type_hint=access_token", bearer(client), "")
	assert.Equal(t, http.StatusOK, byQuery.status, byQuery.text)
	assert.False(t, w.alive(user))

	v2 := w.form(tokenV2, nil, w.v2("grant_type", "client_credentials")...).text1("access_token")
	assert.Equal(t, http.StatusOK, w.form(revokeV2, bearer(v2), "token", client).status)
	assert.True(t, w.alive(client), "another client's token is not this client's to revoke")
	assert.Equal(t, http.StatusOK, w.form(revokeV2, bearer(v2), "token", v2).status)
	assert.False(t, w.alive(v2))
	assert.Equal(t, http.StatusOK, w.form(revokeV1, bearer(client), "token", "never issued").status)
}

func TestFinAPIRevokeRefusals(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			client := w.clientToken().text1("access_token")
			user := w.userToken()
			v2 := w.form(tokenV2, nil, w.v2("grant_type", "client_credentials")...).text1("access_token")
			for name, tt := range map[string]struct {
				path, auth, body string
				want             want
			}{
				"no bearer":                 {revokeV1, "", "token=x", want{401, "inferred", "invalid_token"}},
				"no bearer and no token":    {revokeV1, "", "", want{401, "inferred", "invalid_token"}},
				"never issued bearer":       {revokeV1, "Bearer never", "token=x", want{401, "inferred", "invalid_token"}},
				"basic credentials":         {revokeV1, "Basic Zm9vOmJhcg==", "token=x", want{401, "inferred", "invalid_token"}},
				"refresh token as a bearer": {revokeV1, "Bearer " + user.text1("refresh_token"), "token=x", want{401, "inferred", "invalid_token"}},
				"the user's bearer":         {revokeV1, "Bearer " + user.text1("access_token"), "token=x", want{403, "documented", "Only the client"}},
				"V1 client at V2":           {revokeV2, "Bearer " + client, "token=x", want{403, "documented", "API Version mismatch"}},
				"V2 client at V1":           {revokeV1, "Bearer " + v2, "token=x", want{403, "documented", "API Version mismatch"}},
				"query and body":            {revokeV1 + "?token=x", "Bearer " + client, "token=x", want{400, "inferred", "not in both"}},
				"neither":                   {revokeV1, "Bearer " + client, "", want{400, "inferred", "There is no token"}},
				"a hint alone":              {revokeV1 + "?token_type_hint=access_token", "Bearer " + client, "", want{400, "inferred", "There is no token"}},
				"empty query token":         {revokeV1 + "?token=", "Bearer " + client, "", want{400, "inferred", "query token"}},
				"repeated query token":      {revokeV1 + "?token=x&token=y", "Bearer " + client, "", want{400, "inferred", "must not be repeated"}},
				"unknown hint":              {revokeV1, "Bearer " + client, "token=x&token_type_hint=id_token", want{400, "inferred", "token_type_hint: must be one of"}},
				"V2 by query and body":      {revokeV2 + "?token=x", "Bearer " + v2, "token=x", want{400, "inferred", "must not be repeated"}},
				"V2 without a body":         {revokeV2, "Bearer " + v2, "", want{400, "inferred", "body: is required"}},
			} {
				t.Run(name, func(t *testing.T) {
					h := headers{"Content-Type": formType}
					if tt.auth != "" {
						h["Authorization"] = tt.auth
					}
					w.do(http.MethodPost, tt.path, h, tt.body).require(t, tt.want)
				})
			}
		})
	}
}

func TestFinAPISameTokenForAll(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	var seen sync.Map
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() { seen.Store(w.userToken().text1("access_token"), true) })
	}
	wg.Wait()
	count := 0
	seen.Range(func(token, _ any) bool {
		assert.NotEmpty(t, token)
		count++
		return true
	})
	assert.Equal(t, 1, count)
}

package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

func TestRotationDetectsReuse(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.RefreshTokenRotation(sandbox.RotationDetectsReuse))
	user := w.userToken()
	first := user.text1("refresh_token")
	second := w.refresh(first).text1("refresh_token")
	third := w.refresh(second)
	require.Equal(t, http.StatusOK, third.status, third.text)
	w.refresh(first).require(t, want{400, "documented", "Invalid refresh token"})
	assert.False(t, w.alive(third.text1("access_token")), "the whole family is gone")
	assert.Equal(t, http.StatusBadRequest, w.refresh(third.text1("refresh_token")).status)
	again := w.userToken()
	require.Equal(t, http.StatusOK, again.status, "the password still opens")
	w.refresh(second)
	assert.True(t, w.alive(again.text1("access_token")), "an old token of a dead family does no more harm")
}

// Requirement J116: rotation with a grace window.
func TestRotationGrace(t *testing.T) {
	t.Parallel()
	for _, rotation := range []sandbox.RefreshRotation{sandbox.RotationOn, sandbox.RotationDetectsReuse} {
		w := inMemory(t, sandbox.RefreshTokenRotation(rotation), sandbox.RefreshTokenGrace(30*time.Second))
		first := w.userToken().text1("refresh_token")
		second := w.refresh(first)
		w.clock.advance(30*time.Second - time.Millisecond)
		again := w.refresh(first)
		require.Equal(t, http.StatusOK, again.status, again.text)
		assert.Equal(t, second.text1("refresh_token"), again.text1("refresh_token"), "the current one once more")
		w.clock.advance(time.Millisecond)
		assert.Equal(t, http.StatusBadRequest, w.refresh(first).status)
		dead := w.refresh(second.text1("refresh_token")).status == http.StatusBadRequest
		assert.Equal(t, rotation == sandbox.RotationDetectsReuse, dead, "after the window a reuse takes the family")
	}
}

// Requirement J115: also a voided refresh token is of use to its own client alone.
func TestReuseByAnotherClientHarmsNobody(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.RefreshTokenRotation(sandbox.RotationDetectsReuse), sandbox.RefreshTokenGrace(time.Minute))
	first := w.userToken().text1("refresh_token")
	second := w.refresh(first).text1("refresh_token")
	assert.Equal(t, http.StatusBadRequest, w.form(tokenV2, nil, w.v2("grant_type", "refresh_token", "refresh_token", first)...).status)
	assert.Equal(t, http.StatusOK, w.refresh(second).status)
}

func TestFinAPIPasswordChange(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	fin := w.creds.FinAPI
	user := w.userToken()
	other := w.form(tokenV2, nil, w.v2("grant_type", "password", "username", fin.Username, "password", fin.Password)...)
	for range 4 {
		w.login(fin.Username, "wrong")
	}
	w.userToken().require(t, want{423, "documented", "LOCKED"})
	require.NoError(t, w.sand.ChangeFinAPIPassword(strings.ToUpper(fin.Username), "new-password"))
	w.userToken().require(t, want{400, "documented", "Bad user credentials"})
	fresh := w.login(fin.Username, "new-password")
	require.Equal(t, http.StatusOK, fresh.status, "unlocked")
	assert.NotEqual(t, user.body["access_token"], fresh.body["access_token"])
	for _, token := range []string{user.text1("access_token"), other.text1("access_token")} {
		assert.False(t, w.alive(token), "every client's tokens of the user are gone")
	}
	require.ErrorContains(t, w.sand.ChangeFinAPIPassword("nobody", "new-password"), "username: is not a user")
	require.ErrorContains(t, w.sand.ChangeFinAPIPassword(fin.Username, "short"), "password: must have 6 to 128")
}

func TestFinAPIUserAndClientChanges(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	fin := w.creds.FinAPI
	w.login(sandbox.UnverifiedUsername, fin.Password).require(t, want{403, "documented", "USER_NOT_VERIFIED"})
	require.NoError(t, w.sand.VerifyFinAPIUser(sandbox.UnverifiedUsername))
	assert.Equal(t, http.StatusOK, w.login(sandbox.UnverifiedUsername, fin.Password).status)

	user := w.userToken().text1("access_token")
	require.NoError(t, w.sand.LockFinAPIUser(fin.Username))
	w.userToken().require(t, want{423, "documented", "LOCKED"})
	assert.False(t, w.alive(user))

	client := w.clientToken().text1("access_token")
	kept := w.login(sandbox.UnverifiedUsername, fin.Password).text1("access_token")
	require.NoError(t, w.sand.ChangeFinAPIClientSecret(fin.ClientID, "another secret"))
	w.clientToken().require(t, want{401, "documented", "invalid_client"})
	assert.False(t, w.alive(client), "the client's own tokens are gone")
	assert.True(t, w.alive(kept), "its users' stay")
	require.Error(t, w.sand.ChangeFinAPIClientSecret("nobody", "x"))
	require.Error(t, w.sand.ChangeFinAPIClientSecret(fin.ClientID, ""))
}

func TestLoginAttempts(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.LoginAttempts(0))
	for range 20 {
		w.login(w.creds.FinAPI.Username, "wrong").require(t, want{400, "documented", "Bad user credentials"})
	}
	assert.Equal(t, http.StatusOK, w.userToken().status)
}

const (
	someone  = "11111111-1111-4111-8111-111111111111"
	someCard = "22222222-2222-4222-8222-222222222222"
	someAcct = "33333333-3333-4333-8333-333333333333"
)

func fixtures() sandbox.Fixtures {
	return sandbox.Fixtures{
		FinAPI: sandbox.FinAPIFixtures{
			Clients: []sandbox.FinAPIClient{{ClientID: "shop", ClientSecret: "shop-secret", APIVersion: "V2"}},
			Users: []sandbox.FinAPIUser{
				{Username: "Alice", Password: "correct-horse"},
				{Username: "bob", Password: "correct-horse", Unverified: true},
				{Username: "carol", Password: "correct-horse", Locked: true},
			},
		},
		Finogates: sandbox.FinogatesFixtures{
			Tenants: []sandbox.FinogatesTenant{{
				ClientID: "fg_test_cl_shop", ClientSecret: "fg_test_sk_shop", LiveClientID: "fg_live_cl_shop", LiveClientSecret: "fg_live_sk_shop",
			}},
			Users: []sandbox.FinogatesUser{
				{Tenant: "fg_live_cl_shop", UserID: someone, CardProcessingIDs: []string{someCard}},
				{UserID: someAcct, Inactive: true},
			},
		},
		Straddle: sandbox.StraddleFixtures{
			Accounts:  []string{someAcct},
			APIKeys:   []sandbox.StraddleAPIKey{{APIKey: "sk_test_shop", Accounts: []string{someAcct}}},
			Customers: []sandbox.StraddleCustomer{{CustomerID: someone, AccountID: someAcct}},
		},
	}
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	require.NoError(t, w.sand.Add(fixtures()))

	shop := []string{"client_id", "shop", "client_secret", "shop-secret"}
	assert.Equal(t, http.StatusOK, w.form(tokenV2, nil, append(shop, "grant_type", "client_credentials")...).status)
	w.form(tokenV1, nil, append(shop, "grant_type", "client_credentials")...).require(t, want{403, "documented", "/api/v2"})
	assert.Equal(t, http.StatusOK, w.login("ALICE", "correct-horse").status)
	w.login("bob", "correct-horse").require(t, want{403, "documented", "USER_NOT_VERIFIED"})
	w.login("carol", "correct-horse").require(t, want{423, "documented", "LOCKED"})

	st := w.creds.Straddle
	w.bridge(object{"customer_id": someone}).require(t, want{422, "documented", "no such customer"})
	assert.Equal(t, http.StatusCreated, w.bridge(object{"customer_id": someone}, "Straddle-Account-Id", someAcct).status)
	key := "Bearer sk_test_shop"
	w.bridge(object{"customer_id": someone}, "Authorization", key, "Straddle-Account-Id", st.AccountID).require(t, want{403, "documented", "no access"})
	assert.Equal(t, http.StatusCreated, w.bridge(object{"customer_id": someone}, "Authorization", key, "Straddle-Account-Id", someAcct).status)
}

// Capitals of ASCII make no difference, and letters that other alphabets fold into ASCII do.
func TestNamesAreFoldedInASCII(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	require.NoError(t, w.sand.Add(fixtures()))
	assert.Equal(t, http.StatusOK, w.login("aLICE", "correct-horse").status)
	for _, stranger := range []string{"alİce", "al\u0131ce", "alice\u0307"} {
		w.login(stranger, "correct-horse").require(t, want{400, "documented", "Bad user credentials"})
	}
	for range 5 {
		w.login("alİce", "wrong")
	}
	assert.Zero(t, w.sand.State().FinAPI.Users[0].Failures, "nothing of another user's is alice's")
	assert.Equal(t, http.StatusOK, w.login("alice", "correct-horse").status)
	require.Error(t, w.sand.LockFinAPIUser("alİce"))
	for host, mode := range map[string]string{"API.Finogates.COM": "this is production", "api.finogate\u017f.com": "invalid client credentials"} {
		w.base = "http://" + host
		w.exchangeAs("fg_test_cl_shop", "wrong-secret").require(t, want{401, "inferred", mode})
	}
}

// TestFinogatesModes: the host and the prefix of the client id must agree, and each tenant has its own users.
func TestFinogatesModes(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	require.NoError(t, w.sand.Add(fixtures()))
	exchange := func(base, id, secret string) reply {
		w.base = base
		return w.exchangeAs(id, secret)
	}
	const test, live = "http://sandbox.test", "http://api.finogates.com"
	exchange(test, "fg_live_cl_shop", "fg_live_sk_shop").require(t, want{401, "inferred", "this is a sandbox"})
	exchange(live, "fg_test_cl_shop", "fg_test_sk_shop").require(t, want{401, "inferred", "this is production"})
	testToken := exchange(test, "fg_test_cl_shop", "fg_test_sk_shop").at("data", "access_token").(string)
	liveToken := exchange("http://live.localhost:4010", "fg_live_cl_shop", "fg_live_sk_shop").at("data", "access_token").(string)

	w.base = live
	w.embedded(testToken, object{"user_id": someone}).require(t, want{401, "inferred", "the other mode"})
	made := w.embedded(liveToken, object{"user_id": someone, "card_processing_id": someCard})
	made.require(t, want{200, "inferred", "embed_url"})
	assert.Equal(t, "production", made.at("data", "mode"))
	w.embedded(liveToken, nil).require(t, want{404, "inferred", "user not found"})
	w.base = test
	assert.Equal(t, "sandbox", w.embedded(testToken, object{"user_id": someone}).at("data", "mode"))
	w.embedded(w.finogatesBearer(), object{"user_id": someone}).require(t, want{404, "inferred", "user not found"})
	w.embedded(w.finogatesBearer(), object{"user_id": someAcct}).require(t, want{404, "inferred", "user not found"})
}

func TestImpossibleFixtures(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	for name, tt := range map[string]struct {
		change func(f *sandbox.Fixtures)
		field  string
	}{
		"version":              {func(f *sandbox.Fixtures) { f.FinAPI.Clients[0].APIVersion = "V3" }, "finapi.clients[0].api_version"},
		"client id":            {func(f *sandbox.Fixtures) { f.FinAPI.Clients[0].ClientID = "" }, "finapi.clients[0].client_id"},
		"client secret":        {func(f *sandbox.Fixtures) { f.FinAPI.Clients[0].ClientSecret = "" }, "finapi.clients[0].client_secret"},
		"magic client":         {func(f *sandbox.Fixtures) { f.FinAPI.Clients[0].ClientID = sandbox.MagicID(500) }, "finapi.clients[0].client_id"},
		"client there":         {func(f *sandbox.Fixtures) { f.FinAPI.Clients[0].ClientID = w.creds.FinAPI.ClientID }, "finapi.clients[0].client_id"},
		"username":             {func(f *sandbox.Fixtures) { f.FinAPI.Users[1].Username = "b b" }, "finapi.users[1].username"},
		"magic user":           {func(f *sandbox.Fixtures) { f.FinAPI.Users[1].Username = sandbox.LockedUsername }, "finapi.users[1].username"},
		"user there":           {func(f *sandbox.Fixtures) { f.FinAPI.Users[1].Username = sandbox.UnverifiedUsername }, "finapi.users[1].username"},
		"user twice":           {func(f *sandbox.Fixtures) { f.FinAPI.Users[1].Username = "ALICE" }, "finapi.users[1].username"},
		"password":             {func(f *sandbox.Fixtures) { f.FinAPI.Users[1].Password = "12345" }, "finapi.users[1].password"},
		"no tenant's client":   {func(f *sandbox.Fixtures) { f.Finogates.Tenants[0] = sandbox.FinogatesTenant{} }, "finogates.tenants[0].client_id"},
		"prefix":               {func(f *sandbox.Fixtures) { f.Finogates.Tenants[0].ClientID = "fg_live_cl_two" }, "finogates.tenants[0].client_id"},
		"live secret":          {func(f *sandbox.Fixtures) { f.Finogates.Tenants[0].LiveClientSecret = "" }, "finogates.tenants[0].live_client_secret"},
		"unknown tenant":       {func(f *sandbox.Fixtures) { f.Finogates.Users[1].Tenant = "who" }, "finogates.users[1].tenant"},
		"user id":              {func(f *sandbox.Fixtures) { f.Finogates.Users[1].UserID = "who" }, "finogates.users[1].user_id"},
		"magic end user":       {func(f *sandbox.Fixtures) { f.Finogates.Users[1].UserID = sandbox.MagicID(404) }, "finogates.users[1].user_id"},
		"card":                 {func(f *sandbox.Fixtures) { f.Finogates.Users[0].CardProcessingIDs[0] = "x" }, "finogates.users[0].card_processing_ids[0]"},
		"account":              {func(f *sandbox.Fixtures) { f.Straddle.Accounts[0] = " x" }, "straddle.accounts[0]"},
		"key":                  {func(f *sandbox.Fixtures) { f.Straddle.APIKeys[0].APIKey = " a" }, "straddle.api_keys[0].api_key"},
		"key, unknown account": {func(f *sandbox.Fixtures) { f.Straddle.APIKeys[0].Accounts[0] = someone }, "straddle.api_keys[0].accounts[0]"},
		"customer":             {func(f *sandbox.Fixtures) { f.Straddle.Customers[0].CustomerID = "x" }, "straddle.customers[0].customer_id"},
		"customer's account":   {func(f *sandbox.Fixtures) { f.Straddle.Customers[0].AccountID = someone }, "straddle.customers[0].account_id"},
		"too many": {func(f *sandbox.Fixtures) {
			f.FinAPI.Users = make([]sandbox.FinAPIUser, 10_001)
			for i := range f.FinAPI.Users {
				f.FinAPI.Users[i] = sandbox.FinAPIUser{Username: strings.Repeat("u", 1+i%30) + string(rune('a'+i/30%26)) + string(rune('a'+i/780%26)), Password: "correct-horse"}
			}
		}, "finapi.users[9998].username"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixtures()
			tt.change(&f)
			var bad *sandbox.InvalidError
			require.ErrorAs(t, w.sand.Add(f), &bad)
			assert.Equal(t, tt.field, bad.Field)
		})
	}
	assert.Len(t, w.sand.State().FinAPI.Users, 2, "all or none")
}

func TestVerifyTokens(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	token := w.embedded(w.finogatesBearer(), nil).at("data", "token").(string)
	made, err := w.sand.VerifyEmbedToken(token, "https://app.example.com")
	require.NoError(t, err)
	assert.Equal(t, sandbox.EmbedToken{
		UserID: w.creds.Finogates.UserID, Scope: "add_card", ParentOrigin: "https://app.example.com",
		CardProcessingID: w.creds.Finogates.CardProcessingID, Mode: "sandbox", ExpiresAt: start.Add(10 * time.Minute),
	}, made)
	_, err = w.sand.VerifyEmbedToken(token, "https://evil.example")
	require.ErrorContains(t, err, "parent_origin: is not the one")
	_, err = w.sand.VerifyEmbedToken("never", "https://app.example.com")
	require.ErrorContains(t, err, "token: is not an embed token")

	bridge := w.bridge(object{
		"customer_id": w.creds.Straddle.CustomerID, "external_id": "mine",
		"config": object{"sandbox_outcome": "review", "processing_method": "skip"},
	}, "Straddle-Account-Id", w.creds.Straddle.AccountID).at("data", "bridge_token").(string)
	session, err := w.sand.VerifyBridgeToken(bridge)
	require.NoError(t, err)
	assert.Equal(t, sandbox.BridgeSession{
		CustomerID: w.creds.Straddle.CustomerID, AccountID: w.creds.Straddle.AccountID, SandboxOutcome: "review",
		ProcessingMethod: "skip", ExternalID: "mine", ExpiresAt: start.Add(30 * time.Minute),
	}, session)
	_, err = w.sand.VerifyBridgeToken("never")
	require.Error(t, err)

	w.clock.advance(30 * time.Minute)
	_, err = w.sand.VerifyEmbedToken(token, "https://app.example.com")
	require.ErrorContains(t, err, "has ended")
	_, err = w.sand.VerifyBridgeToken(bridge)
	require.ErrorContains(t, err, "has ended")
}

func TestMagicValues(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	token := w.finogatesBearer()
	for _, status := range []int{400, 401, 403, 404, 409, 422, 423, 429, 500, 502, 503, 504} {
		id := sandbox.MagicID(status)
		for _, got := range []reply{
			w.form(tokenV1, nil, "grant_type", "client_credentials", "client_id", id, "client_secret", "any"),
			w.embedded(token, object{"user_id": id}),
			w.bridge(object{"customer_id": id}),
		} {
			assert.Equal(t, status, got.status, got.text)
			assert.Equal(t, status == 429 || status == 503, got.header.Get("Retry-After") == "1")
		}
	}
	assert.Empty(t, sandbox.MagicID(200))
	assert.Empty(t, sandbox.MagicID(-1))
	for range 10 {
		w.login(sandbox.LockedUsername, "any").require(t, want{423, "documented", "LOCKED"})
		w.login(sandbox.WrongPasswordUsername, "any").require(t, want{400, "documented", "Bad user credentials"})
	}
}

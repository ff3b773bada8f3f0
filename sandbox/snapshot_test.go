package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// lived returns a sandbox with something of everything in it.
func lived(t *testing.T, opts ...sandbox.Option) *world {
	t.Helper()
	w := inMemory(t, append([]sandbox.Option{sandbox.RotateRefreshTokens(), sandbox.RefreshTokenGrace(time.Minute)}, opts...)...)
	require.NoError(t, w.sand.Add(fixtures()))
	w.clientToken()
	w.refresh(w.userToken().text1("refresh_token"))
	w.login("alice", "wrong")
	w.embedded(w.finogatesBearer(), nil)
	w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	w.pays()
	w.json("/straddle/v1/bridge/plaid", bearer(w.creds.Straddle.APIKey), object{
		"customer_id": w.creds.Straddle.CustomerID, "plaid_token": "processor-1", "metadata": object{"order": "77"},
	})
	w.fault(sandbox.Fault{Provider: "straddle", Operation: "createBridgeToken", Nth: 100, Times: 1, Kind: sandbox.FaultHTML, Delay: sandbox.FixedDelay(time.Second)})
	return w
}

// pays makes a charge that is paid and a payout, with a bank account, and has them funded.
func (w *world) pays() {
	w.t.Helper()
	key := bearer(w.creds.Straddle.APIKey)
	linked := w.json("/straddle/v1/bridge/bank_account", key, object{
		"customer_id": w.creds.Straddle.CustomerID, "routing_number": "021000021", "account_number": "000999888777", "account_type": "checking",
		"config": object{"sandbox_outcome": "active"},
	})
	linked.require(w.t, want{201, "documented", "paykey"})
	today := w.sand.Clock().Now().Format(time.DateOnly)
	payment := object{
		"paykey": linked.at("data", "paykey"), "amount": 100, "currency": "USD", "payment_date": today, "description": nil,
		"external_id": "order-1", "device": object{"ip_address": "203.0.113.77"}, "config": object{"sandbox_outcome": "paid"},
	}
	w.json("/straddle/v1/payouts", key, payment).require(w.t, want{201, "documented", "created"})
	payment["consent_type"], payment["config"] = "internet", object{"sandbox_outcome": "paid", "balance_check": "disabled"}
	w.json("/straddle/v1/charges", key, payment).require(w.t, want{201, "documented", "created"})
	require.NoError(w.t, w.sand.Clock().Advance(3*time.Minute))
	w.json("/straddle/v1/funding_events/simulate", key, object{"funding_event_job_type": "charges"}).require(w.t, want{201, "documented", "id"})
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]sandbox.Option{"random": nil, "seeded": {sandbox.Seed(7)}} {
		t.Run(name, func(t *testing.T) {
			a := lived(t, opts...)
			user := a.userToken()
			bearer := a.finogatesBearer()
			embed := a.embedded(bearer, nil).at("data", "token").(string)
			bridge := a.bridge(a.customer(), "Idempotency-Key", "9876543210")
			a.sand.Clock().Freeze()
			require.NoError(t, a.sand.Clock().Advance(time.Minute))
			taken, err := a.sand.Snapshot()
			require.NoError(t, err)
			next := a.bridge(a.customer()).at("data", "bridge_token")

			b := inMemory(t, sandbox.RotateRefreshTokens(), sandbox.RefreshTokenGrace(time.Minute))
			require.NoError(t, b.sand.Restore(taken))
			assert.Equal(t, a.creds, b.sand.Credentials())
			b.creds = b.sand.Credentials()
			again, err := b.sand.Snapshot()
			require.NoError(t, err)
			assert.JSONEq(t, string(taken), string(again), "nothing is lost on the way")
			assert.Equal(t, a.sand.Clock().Now(), b.sand.Clock().Now())
			assert.Equal(t, user.body["access_token"], b.userToken().body["access_token"])
			_, err = b.sand.VerifyEmbedToken(embed, "https://app.example.com")
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, b.embedded(bearer, nil).status)
			replay := b.bridge(b.customer(), "Idempotency-Key", "9876543210")
			assert.Equal(t, bridge.text, replay.text)
			assert.Equal(t, "true", replay.header.Get("Idempotent-Replayed"))
			for range 3 {
				assert.Equal(t, 400, b.login("alice", "wrong").status)
			}
			b.login("alice", "correct-horse").require(t, want{423, "documented", "LOCKED"})
			require.Len(t, b.sand.Faults(), 1)

			require.NoError(t, b.sand.Restore(taken))
			if name == "seeded" {
				assert.Equal(t, next, b.bridge(b.customer()).at("data", "bridge_token"), "and the future is the same")
			}
		})
	}
}

func TestImpossibleSnapshots(t *testing.T) {
	t.Parallel()
	w := lived(t, sandbox.Seed(7))
	taken, err := w.sand.Snapshot()
	require.NoError(t, err)
	broken := func(from, to string) string {
		require.Contains(t, string(taken), from)
		return strings.Replace(string(taken), from, to, 1)
	}
	state := w.sand.State()
	for name, tt := range map[string]struct{ text, says string }{
		"no JSON":         {"snapshot", "snapshot: must be the JSON"},
		"cut short":       {string(taken[:len(taken)/2]), "snapshot: must be the JSON"},
		"two":             {string(taken) + "{}", "snapshot: must be the JSON"},
		"another thing":   {"{}", "snapshot.format: must be fintoken-sandbox"},
		"another version": {broken(`"version":2`, `"version":1`), "snapshot.version: is 1, and this sandbox reads version 2 only"},
		"unknown member":  {broken(`"version":2`, `"version":2,"more":1`), "malformed or not known"},
		"other type":      {broken(`"faults_made":1`, `"faults_made":"1"`), "malformed or not known"},
		"far future":      {broken(`"now":"2026`, `"now":"9998`), "snapshot.clock.now"},
		"unknown client":  {broken(`"grants":[{"client":"`, `"grants":[{"client":"x`), "snapshot.finapi.grants[0].client"},
		"same grant":      {broken(`"user":"`+w.creds.FinAPI.Username, `"user":"`), "snapshot.finapi.grants[1]"},
		"unknown user":    {broken(`"user":"`+w.creds.FinAPI.Username, `"user":"x`), "snapshot.finapi.grants[1].user"},
		"failures":        {broken(`"failures":1`, `"failures":-1`), "snapshot.finapi.users[0].failures"},
		"no grant":        {broken(`"grant":1`, `"grant":9`), "snapshot.finapi.retired[0].grant"},
		"bad user":        {broken(`"username":"bob"`, `"username":"b b"`), "snapshot: finapi.users[1].username"},
		"bad end user":    {broken(`"user_id":"`+someone, `"user_id":"x`), "snapshot: finogates.users[0].user_id"},
		"bad client id":   {broken(`"fg_live_cl_shop":"fg_live_sk_shop"`, `"fg_shop":"fg_live_sk_shop"`), "snapshot.finogates.tenants"},
		"bearer's client": {broken(`"client":"fg_test`, `"client":"fg_live`), "snapshot.finogates.bearers[0].client"},
		"digest":          {broken(`"token":"`, `"token":"zz`), "malformed or not known"},
		"repeat":          {broken(`"status":201`, `"status":1`), "snapshot.straddle.repeats[0]"},
		"fault":           {broken(`"kind":"html"`, `"kind":"flood"`), "snapshot.faults[0]"},
		"faults made":     {broken(`"faults_made":1`, `"faults_made":0`), "snapshot.faults[0]"},
		"fault's id":      {broken(`"id":"fault-1"`, `"id":"mine"`), "snapshot.faults[0]"},
		"fault's text":    {broken(`"kind":"html"`, `"kind":"error","status":500,"message":"`+strings.Repeat("m", 1001)+`"`), "snapshot.faults[0]"},
		"used fault":      {broken(`"seen":0`, `"seen":100`), "snapshot.faults[0]"},
		"fault twice":     {broken(`"faults":[{`, `"faults":[{"id":"fault-1","provider":"*","drip":1,"seen":0,"fired":0},{`), "snapshot.faults[1]"},
		"member twice":    {broken(`"version":2`, `"version":2,"version":2`), "malformed or not known"},
		"list for object": {broken(`"finogates":{"tenants"`, `"finogates":["tenants"`), "malformed or not known"},
		"too many":        {broken(`"accounts":[`, `"accounts":[`+strings.Repeat(`"a",`, 10_000)), "snapshot.accounts: must have at most 10000 entries"},
		"repeat's body":   {broken(`"body":"ey`, `"body":"e3`), "snapshot.straddle.repeats[0]"},
		"repeat's status": {broken(`"status":201`, `"status":422`), "snapshot.straddle.repeats[0]"},
		"repeat's header": {broken(`"header":{`, `"header":{"Content-Length":["3"],`), "snapshot.straddle.repeats[0]"},
		"repeat, split":   {broken(`"header":{`, `"header":{"A":["b\r\nC: d"],`), "snapshot.straddle.repeats[0]"},
		"tenant":          {broken(`{"clients":{"fg_live_cl_shop"`, `{"clients":{"fg_live_cl_other":"fg_live_sk_other","fg_live_cl_shop"`), "snapshot.finogates.tenants[0].clients"},
		"short secret":    {broken(`"fg_live_sk_shop"`, `"s"`), "finogates.tenants[0].live_client_secret"},
		"random":          {broken(`"faults":"`, `"faults":"AAAA`), "snapshot.random.faults"},
		"credentials":     {broken(`"client_id":"`+w.creds.FinAPI.ClientID, `"client_id":"x`), "credentials.finapi"},
		"fg credentials":  {broken(`"client_id":"fg_test_cl_`, `"client_id":"x`), "credentials.finogates"},
		"st credentials":  {broken(`"api_key":"sk_test_sandbox`, `"api_key":"x`), "credentials.straddle"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, w.sand.Restore([]byte(tt.text)), tt.says)
		})
	}
	assert.Equal(t, state, w.sand.State(), "nothing has changed")
	after, err := w.sand.Snapshot()
	require.NoError(t, err)
	assert.Equal(t, string(taken), string(after))
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := lived(t, sandbox.Seed(7))
	fresh := inMemory(t, sandbox.Seed(7), sandbox.RotateRefreshTokens())
	require.NoError(t, w.sand.Clock().Advance(time.Hour))
	w.sand.Reset()
	assert.Equal(t, fresh.sand.State(), w.sand.State())
	assert.Equal(t, fresh.userToken().text1("access_token"), w.userToken().text1("access_token"), "the seed begins again")
	assert.Empty(t, w.sand.Faults())

	w.sand.ResetSeed(8)
	assert.Equal(t, inMemory(t, sandbox.Seed(8)).creds, w.sand.Credentials())

	random := lived(t)
	random.sand.Reset()
	assert.Equal(t, random.creds, random.sand.Credentials(), "the demo credentials stay")
	assert.Equal(t, http.StatusOK, random.clientToken().status)
}

// TestStateHoldsNoSecret looks for every secret and token in the dump.
func TestStateHoldsNoSecret(t *testing.T) {
	t.Parallel()
	w := lived(t)
	user, client := w.userToken(), w.clientToken()
	text, err := json.Marshal(w.sand.State())
	require.NoError(t, err)
	for _, secret := range []string{
		w.creds.FinAPI.ClientSecret, w.creds.FinAPI.Password, w.creds.Finogates.ClientSecret, w.creds.Straddle.APIKey,
		user.text1("access_token"), user.text1("refresh_token"), client.text1("access_token"),
		"shop-secret", "correct-horse", "fg_test_sk", "fg_live_sk", "sk_test", "sandbox_at_", "sandbox_rt_", "sandbox_et_", "eyJ",
	} {
		assert.NotContains(t, string(text), secret)
	}
	state := w.sand.State()
	assert.Equal(t, 1, state.FinAPI.Users[0].Failures)
	assert.Equal(t, 2, state.Counts["finapi.grants"])
	assert.Len(t, state.Finogates.EmbedTokens, 1)
	assert.Equal(t, "standard", state.Straddle.Sessions[0].SandboxOutcome)
}

func TestStateIsShort(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	token := w.finogatesBearer()
	for range 150 {
		w.bridge(w.customer())
		w.embedded(token, nil)
	}
	state := w.sand.State()
	assert.Len(t, state.Straddle.Sessions, 100)
	assert.Len(t, state.Finogates.EmbedTokens, 100)
	assert.Equal(t, 150, state.Counts["straddle.sessions"])
}

// TestFirstSnapshots: testdata/first.json was written when Straddle had one operation, of whose repeats nothing said so.
func TestFirstSnapshots(t *testing.T) {
	t.Parallel()
	taken, err := os.ReadFile("testdata/first.json")
	require.NoError(t, err)
	w := inMemory(t)
	require.NoError(t, w.sand.Restore(taken))
	w.creds = w.sand.Credentials()
	again := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	again.require(t, want{201, "documented", "bridge_token"})
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	w.bridge(w.customer(), "Idempotency-Key", "spent-key-0").require(t, want{409, "documented", "spent"})
	w.bridge(object{"customer_id": sandbox.MagicID(429)}, "Idempotency-Key", "magic-key-0").require(t, want{429, "documented", "rate_limit"})
	got := w.do(http.MethodGet, "/straddle/v1/customers/"+w.creds.Straddle.CustomerID, bearer(w.creds.Straddle.APIKey), "")
	assert.Equal(t, "***-**-****", got.at("data", "compliance_profile", "ssn"), "of customers it has the ids alone: %s", got.text)
	assert.Len(t, w.sand.State().Straddle.Customers, 2)
	assert.Equal(t, http.StatusOK, w.userToken().status)
	w.login("carol", "correct-horse").require(t, want{423, "documented", "LOCKED"})
	assert.Len(t, w.sand.State().FinAPI.Grants, 2)
	assert.Len(t, w.sand.Faults(), 1)
	assert.Equal(t, time.Date(2026, 1, 5, 10, 1, 0, 123e6, time.UTC), w.sand.Clock().Now())
	once, err := w.sand.Snapshot()
	require.NoError(t, err)
	require.NoError(t, w.sand.Restore(once))
}

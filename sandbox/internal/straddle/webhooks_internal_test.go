package straddle

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

var update = flag.Bool("update", false, "write events.json anew")

// everyEvent lets everything happen that the sandbox has an event of, and returns the first one of each type.
func everyEvent(t *testing.T) (*payer, map[string]engine.Event) {
	t.Helper()
	w := newPayer(t)
	w.paid()
	w.payout("paid")
	s := stagedAt(t, w.e)
	status, _ := s.call(http.MethodPost, "accounts/"+s.ids["account"]+"/capability_requests", `{"internet":{"enable":false}}`)
	require.Equal(t, http.StatusCreated, status)
	w.advance(7 * 24 * time.Hour)
	first := map[string]engine.Event{}
	for _, e := range w.e.Events() {
		if _, there := first[e.Type]; !there {
			first[e.Type] = e
		}
	}
	return w, first
}

// schemas are those of the data of the events, by their types.
func schemas(t *testing.T) map[string]*openapi3.Schema {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(specs.Straddle.YAML())
	require.NoError(t, err)
	all := map[string]*openapi3.Schema{}
	for kind, of := range doc.Extensions["x-events"].(map[string]any) {
		ref := of.(map[string]any)["$ref"].(string)
		all[kind] = doc.Components.Schemas[path.Base(ref)].Value
	}
	return all
}

// members are the names in a JSON object, down to the last one.
func members(t *testing.T, data []byte) []string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(data, &v))
	all := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				all[at+"."+name] = true
				walk(at+"."+name, member)
			}
		case []any:
			for _, item := range v {
				walk(at+"[]", item)
			}
		}
	}
	walk("", v)
	return slices.Sorted(maps.Keys(all))
}

// asRefund makes a refund of a payout: no state of the sandbox leads to one of its own.
func asRefund(t *testing.T, payout json.RawMessage) json.RawMessage {
	t.Helper()
	var refund straddleapi.RefundEvent
	require.NoError(t, json.Unmarshal(payout, &refund))
	refund.ConsentType = straddleapi.ConsentTypeInternet
	text, err := json.Marshal(refund)
	require.NoError(t, err)
	return text
}

// Everything that webhooks tell has an account and holds to the document; the examples that can be sent are as what is sent.
func TestEventsHoldToTheDocument(t *testing.T) {
	t.Parallel()
	w, happened := everyEvent(t)
	want := schemas(t)
	data := map[string]json.RawMessage{}
	for kind, e := range happened {
		data[kind] = e.Data
		assert.True(t, engine.IsUUID(e.Account), "%s: %q", kind, e.Account)
	}
	data["refund.created.v1"], data["refund.event.v1"] = asRefund(t, data["payout.created.v1"]), asRefund(t, data["payout.event.v1"])
	if *update {
		text, err := json.MarshalIndent(data, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("events.json", append(text, '\n'), 0o644))
	}
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(data)))
	assert.Equal(t, slices.Sorted(maps.Keys(want)), webhooks().Events)
	check := func(kind string, data json.RawMessage) {
		var value any
		require.NoError(t, json.Unmarshal(data, &value))
		assert.NoError(t, want[kind].VisitJSON(value, openapi3.EnableFormatValidation()), kind)
	}
	for kind, sample := range samples() {
		check(kind, sample)
		assert.Equal(t, members(t, data[kind]), members(t, sample), "%s: go test ./sandbox/internal/straddle -run TestEventsHold -update", kind)
	}
	for _, e := range w.e.Events() {
		check(e.Type, e.Data)
		var envelope map[string]any
		text, err := json.Marshal(webhooks().Body(e))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &envelope))
		assert.Equal(t, []string{"account_id", "data", "event_id", "event_type"}, slices.Sorted(maps.Keys(envelope)))
	}
}

// Whose event it is: of the account under which something was made, or of that which it belongs to.
func TestEventsNameTheAccount(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	_, err := w.Customers.Create(w.ctx, somebody("a@example.com"), under(acctA)...)
	require.NoError(t, err)
	_, err = w.Customers.Create(w.ctx, somebody("b@example.com"))
	require.NoError(t, err)
	s := stagedAt(t, w.e)
	of := map[string]string{}
	for _, e := range w.e.Events() {
		of[strings.TrimSuffix(e.Type, ".v1")+" "+e.Account] = ""
	}
	for _, want := range []string{
		"customer.created " + acctA, "customer.created " + pageID, "account.created " + s.ids["account"],
		"representative.created " + s.ids["account"], "linked_bank_account.created " + s.ids["account"],
	} {
		assert.Contains(t, of, want)
	}
}

// The worked example of Standard Webhooks; Python's hmac and the npm packages standardwebhooks and svix made the same value.
func TestSign(t *testing.T) {
	t.Parallel()
	const (
		secret = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="
		body   = `{"event_type":"charge.event.v1","event_id":"85df84c7-a298-44bc-8040-7bd2ae372cbf","account_id":"857c679a-8e80-47f1-9334-39dd08ea801f","data":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","status":"paid","amount":10000}}`
	)
	at := time.Unix(1767225600, 5e8)
	header := standardWebhook([]string{secret}, "msg_2facts0000000000000000001", at, []byte(body))
	assert.Equal(t, http.Header{
		"Webhook-Id":        {"msg_2facts0000000000000000001"},
		"Webhook-Timestamp": {"1767225600"},
		"Webhook-Signature": {"v1,UzKzCcAqoAzVn5ndfJ9QVy5LXQIZch/v2BbFSQHsVxY="},
	}, header)

	other := unconnected(t).fake().credentials.WebhookSecret
	both := standardWebhook([]string{other, secret}, "msg_2facts0000000000000000001", at, []byte(body)).Get("Webhook-Signature")
	assert.Regexp(t, `^v1,[^ ]+ v1,UzKzCcAqoAzVn5ndfJ9QVy5LXQIZch/v2BbFSQHsVxY=$`, both, "one by each secret")

	event := engine.Event{ID: "85df84c7-a298-44bc-8040-7bd2ae372cbf"}
	assert.Equal(t, "msg_85df84c7a29844bc80407bd2ae372cbf", sign([]string{secret}, event, at, nil).Get("Webhook-Id"))
}

// A signing secret is whsec_ and base64 of 24 to 64 bytes, as Standard Webhooks have it.
func TestSigningSecrets(t *testing.T) {
	t.Parallel()
	for secret, valid := range map[string]bool{
		unconnected(t).fake().credentials.WebhookSecret: true,
		key(24): true, key(64): true, key(23): false, key(65): false, "": false, "whsec_": false,
		strings.TrimPrefix(key(32), secretMark): false, strings.TrimRight(key(32), "="): false, key(32) + "\n": false,
	} {
		assert.Equal(t, valid, webhooks().ValidSecret(secret), secret)
	}
}

func key(length int) string {
	return secretMark + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, length))
}

// A snapshot of before there was a secret gets one, and one that nothing can be signed with is refused.
func TestRestoredSecret(t *testing.T) {
	t.Parallel()
	w := unconnected(t)
	taken, err := w.e.Snapshot()
	require.NoError(t, err)
	secret := w.fake().credentials.WebhookSecret
	old := strings.Replace(string(taken), `,"webhook_secret":"`+secret+`"`, "", 1)
	require.NotEqual(t, string(taken), old)
	require.NoError(t, w.e.Restore([]byte(old)))
	assert.NotNil(t, signingKey(w.fake().credentials.WebhookSecret))
	assert.NotEqual(t, secret, w.fake().credentials.WebhookSecret)
	require.ErrorContains(t, w.e.Restore([]byte(strings.Replace(string(taken), secret, "whsec_x", 1))), "credentials.straddle.webhook_secret")
	require.NoError(t, w.e.Restore(taken))
	assert.Equal(t, secret, w.fake().credentials.WebhookSecret)
}

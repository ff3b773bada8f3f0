package straddle_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

const webhookKey = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="

// told returns the event of a signed body.
func told(t *testing.T, body string) (straddle.Event, error) {
	t.Helper()
	s := straddle.Webhook(secret.New(webhookKey))
	at := time.Unix(1767225600, 0)
	h, err := s.Sign("msg_1", at, []byte(body))
	require.NoError(t, err)
	return s.ParseMessage(webhook.Message{Header: h, Body: []byte(body), Now: at})
}

// The signature of the worked example is what other implementations make of it.
func TestWebhook(t *testing.T) {
	t.Parallel()
	const body = `{"event_type":"charge.event.v1","event_id":"85df84c7-a298-44bc-8040-7bd2ae372cbf","account_id":"857c679a-8e80-47f1-9334-39dd08ea801f","data":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","status":"paid","amount":10000}}`
	ev, err := straddle.Webhook(secret.New(webhookKey)).ParseMessage(webhook.Message{
		Header: http.Header{
			webhook.HeaderID: {"msg_2facts0000000000000000001"}, webhook.HeaderTimestamp: {"1767225600"},
			webhook.HeaderSignature: {"v1,UzKzCcAqoAzVn5ndfJ9QVy5LXQIZch/v2BbFSQHsVxY="},
		},
		Body: []byte(body), Now: time.Unix(1767225600, 0),
	})
	require.NoError(t, err)
	charge, ok := ev.Data.(*straddle.ChargeEvent)
	require.True(t, ok)
	assert.Equal(t, int64(10000), charge.Amount)
	assert.Equal(t, straddle.PaymentEventStatusPaid, charge.Status)
	assert.JSONEq(t, `{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","status":"paid","amount":10000}`, string(ev.Raw))
	ev.Data, ev.Raw = nil, nil
	assert.Equal(t, straddle.Event{
		ID: "msg_2facts0000000000000000001", Type: straddle.EventChargeEventV1, EventID: "85df84c7-a298-44bc-8040-7bd2ae372cbf",
		AccountID: "857c679a-8e80-47f1-9334-39dd08ea801f", Sent: time.Unix(1767225600, 0),
	}, ev)
	assert.Equal(t, "msg_1", straddle.Webhook().ID(straddle.Event{ID: "msg_1", EventID: "e"}))
	_, err = straddle.Webhook(secret.New("whsec_?")).ParseMessage(webhook.Message{})
	require.EqualError(t, err, "straddle: webhook: config: secret 1 must be whsec_ and the key in base64")
}

// Every event of the document has a type, which reads what the schema has.
func TestEveryEventHasAType(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(specs.Straddle.YAML())
	require.NoError(t, err)
	events, ok := doc.Extensions["x-events"].(map[string]any)
	require.True(t, ok)
	require.NotEmpty(t, events)
	for name, ref := range events {
		schema := doc.Components.Schemas[strings.TrimPrefix(ref.(map[string]any)["$ref"].(string), "#/components/schemas/")].Value
		data, err := json.Marshal(sample(schema))
		require.NoError(t, err)
		ev, err := told(t, `{"event_type":"`+name+`","event_id":"e","account_id":"a","data":`+string(data)+`}`)
		require.NoError(t, err, name)
		require.NotNil(t, ev.Data, name)
		again, err := json.Marshal(ev.Data)
		require.NoError(t, err)
		assert.JSONEq(t, string(data), string(again), name)
	}
}

// sample returns a value that has all that a schema names.
func sample(s *openapi3.Schema) any {
	for _, part := range slices.Concat(s.OneOf, s.AnyOf, s.AllOf) {
		return sample(part.Value)
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("object") && len(s.Properties) > 0:
		all := map[string]any{}
		for name, p := range s.Properties {
			all[name] = sample(p.Value)
		}
		return all
	case s.Type.Is("object"):
		return map[string]any{"key": "text"}
	case s.Type.Is("array"):
		return []any{sample(s.Items.Value)}
	case s.Type.Is("integer"):
		return 7
	case s.Type.Is("number"):
		return 7.25
	case s.Type.Is("boolean"):
		return true
	}
	return "text"
}

func TestOddEvents(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"an unknown type":                 `{"event_type":"user.event.v1","event_id":"e","data":{"a":1}}`,
		"an unknown type without data":    `{"event_type":"user.event.v1"}`,
		"a member more":                   `{"event_type":"charge.event.v1","data":{"later":[1]},"later":{}}`,
		"nulls where there are none":      `{"event_type":"charge.event.v1","event_id":null,"account_id":null,"data":{"amount":null,"status":null}}`,
		"an unknown word":                 `{"event_type":"charge.event.v1","data":{"status":"later"}}`,
		"an older shape":                  `{"event_type":"charge.event.v1","data":{"related_payments":{"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11":"refund"}}}`,
		"a masked date":                   `{"event_type":"customer.event.v1","data":{"compliance_profile":{"dob":"****-**-**"}}}`,
		"an amount of all that int64 has": `{"event_type":"charge.event.v1","data":{"amount":9223372036854775807}}`,
	} {
		ev, err := told(t, body)
		require.NoError(t, err, name)
		assert.Equal(t, strings.HasPrefix(name, "an unknown type"), ev.Data == nil, name)
	}
	for name, c := range map[string]struct{ body, says string }{
		"no type":        {`{"event_id":"e"}`, "event_type: is missing"},
		"an empty type":  {`{"event_type":""}`, "event_type: is missing"},
		"null":           {`null`, "event_type: is missing"},
		"no data":        {`{"event_type":"charge.event.v1"}`, "data: is missing"},
		"null data":      {`{"event_type":"charge.event.v1","data":null}`, "data: is missing"},
		"data is a list": {`{"event_type":"charge.event.v1","data":[]}`, "data: is missing"},
		"a text amount":  {`{"event_type":"charge.event.v1","data":{"amount":"secret-amount"}}`, "amount: has another JSON type"},
		"a batch":        {`{"data":[{"payload":{},"eventType":"charge.event.v1"}]}`, "event_type: is missing"},
		"no object":      {`"text"`, "has another JSON type"},
	} {
		_, err := told(t, c.body)
		require.ErrorIs(t, err, webhook.ErrShape, name)
		assert.Contains(t, err.Error(), "straddle: webhook: shape: ", name)
		assert.Contains(t, err.Error(), c.says, name)
		assert.NotContains(t, err.Error(), "secret-amount")
	}
}

// An event prints without its data.
func TestEventsPrintNoData(t *testing.T) {
	t.Parallel()
	ev, err := told(t, `{"event_type":"paykey.created.v1","event_id":"the-event","account_id":"the-account","data":{"paykey":"canary-paykey","bank_data":{"account_number":"canary-number"}}}`)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "event", ev)
	for _, text := range []string{fmt.Sprint(ev), fmt.Sprintf("%+v %#v %s %q %d %x", ev, ev, ev, ev, ev, ev), fmt.Sprintf("%v", &ev), log.String(), fmt.Sprintf("%+v", ev.Data)} {
		assert.NotContains(t, text, "canary")
		assert.NotContains(t, text, "63616e617279")
	}
	assert.Equal(t, "straddle event msg_1 (paykey.created.v1)", fmt.Sprint(ev))
	assert.Contains(t, log.String(), "event.id=msg_1 event.type=paykey.created.v1 event.event_id=the-event event.account_id=the-account")
}

// FuzzEvent: no signed body makes the decoder panic, and what it takes has a type.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"event_type":"charge.event.v1","event_id":"e","account_id":"a","data":{"status":"paid","amount":10000,"related_payments":[]}}`))
	f.Add([]byte(`{"event_type":"a","data":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		ev, err := told(t, string(body))
		if err == nil {
			assert.NotEmpty(t, ev.Type)
			assert.True(t, json.Valid(body))
			return
		}
		require.ErrorIs(t, err, webhook.ErrShape)
	})
}

package finogates_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// The worked example, which three other implementations agree on.
const (
	hookSecret = "example-signing-secret-0123456789"
	hookBody   = `{"event":"payment_intent.succeeded","id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","data":{"payment_intent_id":"857c679a-8e80-47f1-9334-39dd08ea801f","status":"succeeded","amount":12.5},"eventGeneratedTime":1767225599.128641}`
	hookSum    = "d90dc5f8d9052758ff461a067c42326e5056331edad591e46b46384b43fc1602"
	emptySum   = "214682382c191c0d557ce8e1a7a6606caaca26b9e8db35870ffbed62b57af2e4" // of {}
)

var hookTime = time.Unix(1767225600, 0)

// taken parses a message of the example with another header or body.
func taken(header, body string, now time.Time, secrets ...secret.String) (finogates.Event, error) {
	if secrets == nil {
		secrets = []secret.String{secret.New(hookSecret)}
	}
	return finogates.Webhook(secrets...).ParseMessage(webhook.Message{
		Header: http.Header{"Finogates-Signature": {header}, "Finogates-Signature-Version": {"1"}}, Body: []byte(body), Now: now,
	})
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	ev, err := taken("t=1767225600,v1="+hookSum, hookBody, hookTime)
	require.NoError(t, err)
	intent, ok := ev.Data.(*finogates.PaymentIntentEvent)
	require.True(t, ok)
	assert.Equal(t, "857c679a-8e80-47f1-9334-39dd08ea801f", intent.PaymentIntentID)
	assert.Equal(t, "12.5", string(intent.Amount))
	assert.JSONEq(t, `{"payment_intent_id":"857c679a-8e80-47f1-9334-39dd08ea801f","status":"succeeded","amount":12.5}`, string(ev.Raw))
	assert.Equal(t, time.UnixMicro(1767225599128641).UTC(), ev.Generated)
	assert.Equal(t, hookTime, ev.Sent)
	assert.Equal(t, finogates.EventPaymentIntentSucceeded, ev.Type)
	assert.Equal(t, "3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11", ev.ID)
	assert.Equal(t, "3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11", finogates.Webhook().ID(ev))

	header, err := finogates.Webhook(secret.New(hookSecret)).Sign("", hookTime, []byte(hookBody))
	require.NoError(t, err)
	assert.Equal(t, http.Header{"Finogates-Signature": {"t=1767225600,v1=" + hookSum}, "Finogates-Signature-Version": {"1"}}, header)
	header, err = finogates.Webhook(secret.New(hookSecret)).Sign("", hookTime, []byte("{}"))
	require.NoError(t, err)
	assert.Equal(t, "t=1767225600,v1="+emptySum, header.Get("Finogates-Signature"))
	_, err = finogates.Webhook().Sign("", hookTime, nil)
	require.ErrorIs(t, err, webhook.ErrConfig)
}

func TestHostileWebhooks(t *testing.T) {
	t.Parallel()
	const right = "t=1767225600,v1=" + hookSum
	for name, c := range map[string]struct {
		header, body string
		now          time.Time
		secrets      []secret.String
		check        error
		says         string
	}{
		"no header":                        {header: "-", check: webhook.ErrSignature, says: "finogates-signature is missing"},
		"nothing of it":                    {header: ",", check: webhook.ErrSignature, says: "must have one t"},
		"no time":                          {header: "v1=" + hookSum, check: webhook.ErrSignature, says: "must have one t"},
		"two times":                        {header: "t=1767225600,t=1767225601,v1=" + hookSum, check: webhook.ErrSignature, says: "must have one t"},
		"no signature":                     {header: "t=1767225600", check: webhook.ErrSignature, says: "none of those"},
		"an empty signature":               {header: "t=1767225600,v1=", check: webhook.ErrSignature, says: "none of those"},
		"v0":                               {header: "t=1767225600,v0=" + hookSum, check: webhook.ErrSignature},
		"V1":                               {header: "t=1767225600,V1=" + hookSum, check: webhook.ErrSignature},
		"the beginning of it":              {header: "t=1767225600,v1=" + hookSum[:32], check: webhook.ErrSignature},
		"more than it":                     {header: right + "00", check: webhook.ErrSignature},
		"one digit of it":                  {header: "t=1767225600,v1=e" + hookSum[1:], check: webhook.ErrSignature},
		"in base64":                        {header: "t=1767225600,v1=2Q3F+NkFJ1j/RhoGfEIyblBWMx7a1ZHka0Y4S0P8FgI=", check: webhook.ErrSignature},
		"behind more than are looked at":   {header: "t=1767225600," + strings.Repeat("v1=00,", webhook.MaxSignatures) + "v1=" + hookSum, check: webhook.ErrSignature},
		"another time, the same signature": {header: "t=1767225601,v1=" + hookSum, check: webhook.ErrSignature},
		"a time that is a text":            {header: "t=now,v1=" + hookSum, check: webhook.ErrTime, says: "Unix seconds"},
		"a time in milliseconds":           {header: "t=1767225600000,v1=" + hookSum, check: webhook.ErrTime, says: "Unix seconds"},
		"too late":                         {header: right, now: hookTime.Add(5*time.Minute + 1), check: webhook.ErrTime, says: "too old"},
		"too early":                        {header: right, now: hookTime.Add(-5*time.Minute - 1), check: webhook.ErrTime, says: "future"},
		"a blank more":                     {header: right, body: hookBody + " ", check: webhook.ErrSignature},
		"another amount":                   {header: right, body: strings.Replace(hookBody, "12.5", "99.5", 1), check: webhook.ErrSignature},
		"another secret":                   {header: right, secrets: []secret.String{secret.New("another")}, check: webhook.ErrSignature},
		"a prefix of the secret":           {header: right, secrets: []secret.String{secret.New(hookSecret[:10])}, check: webhook.ErrSignature},
		"no secret":                        {header: right, secrets: []secret.String{}, check: webhook.ErrConfig, says: "a secret is required"},
		"an empty secret":                  {header: right, secrets: []secret.String{{}}, check: webhook.ErrConfig, says: "secret 1 must not be empty"},
		"no event":                         {header: "t=1767225600,v1=" + emptySum, body: "{}", check: webhook.ErrShape, says: "event: is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.body == "" {
				c.body = hookBody
			}
			if c.now.IsZero() {
				c.now = hookTime
			}
			if c.header == "-" {
				c.header = ""
			}
			_, err := taken(c.header, c.body, c.now, c.secrets...)
			require.ErrorIs(t, err, c.check)
			assert.Contains(t, err.Error(), "finogates: webhook: "+c.check.Error()+": ")
			assert.Contains(t, err.Error(), c.says)
			for _, text := range []string{hookSecret, hookSum, "1767225600", "succeeded"} {
				assert.NotContains(t, err.Error(), text)
			}
		})
	}
	_, err := finogates.Webhook(secret.New(hookSecret)).ParseMessage(webhook.Message{
		Header: http.Header{"Finogates-Signature": {right, right}}, Body: []byte(hookBody), Now: hookTime,
	})
	require.ErrorContains(t, err, "finogates-signature is there twice")
}

func TestToleratedWebhooks(t *testing.T) {
	t.Parallel()
	other := secret.New("the next secret")
	for name, c := range map[string]struct {
		header  string
		now     time.Time
		secrets []secret.String
	}{
		"blanks around the parts":  {header: " t = 1767225600 , v1 = " + hookSum + " "},
		"the parts in any order":   {header: "v1=" + hookSum + ",t=1767225600"},
		"two signatures":           {header: "t=1767225600,v1=00,v1=" + hookSum},
		"another version, too":     {header: "t=1767225600,v0=00,v2=x,v1=" + hookSum},
		"capital hex":              {header: "t=1767225600,v1=" + strings.ToUpper(hookSum)},
		"the old secret":           {secrets: []secret.String{other, secret.New(hookSecret)}},
		"the last second":          {now: hookTime.Add(5 * time.Minute)},
		"as many as are looked at": {header: "t=1767225600," + strings.Repeat("v1=00,", webhook.MaxSignatures-1) + "v1=" + hookSum},
	} {
		if c.header == "" {
			c.header = "t=1767225600,v1=" + hookSum
		}
		if c.now.IsZero() {
			c.now = hookTime
		}
		ev, err := taken(c.header, hookBody, c.now, c.secrets...)
		require.NoError(t, err, name)
		assert.Equal(t, hookTime, ev.Sent, name)
	}
}

// told returns the event of a signed body.
func told(t *testing.T, body string) (finogates.Event, error) {
	t.Helper()
	s := finogates.Webhook(secret.New(hookSecret))
	h, err := s.Sign("", hookTime, []byte(body))
	require.NoError(t, err)
	return s.ParseMessage(webhook.Message{Header: h, Body: []byte(body), Now: hookTime})
}

// Every event of the document has a type.
func TestEveryEventHasAType(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(specs.Finogates.YAML())
	require.NoError(t, err)
	events, ok := doc.Extensions["x-events"].(map[string]any)
	require.True(t, ok)
	require.NotEmpty(t, events)
	for name, ref := range events {
		data := map[string]any{}
		for member, p := range doc.Components.Schemas[strings.TrimPrefix(ref.(map[string]any)["$ref"].(string), "#/components/schemas/")].Value.Properties {
			data[member] = "text"
			if p.Value.Type == nil {
				data[member] = 7.25
			}
		}
		body, err := json.Marshal(map[string]any{"event": name, "id": "i", "data": data})
		require.NoError(t, err)
		ev, err := told(t, string(body))
		require.NoError(t, err, name)
		require.NotNil(t, ev.Data, name)
		again, err := json.Marshal(ev.Data)
		require.NoError(t, err)
		want, err := json.Marshal(data)
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(again), name)
	}
}

func TestOddEvents(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"event":"payment.refunded","id":"i","data":{"a":1}}`, `{"event":"later"}`, `{"event":"kyc.failed","id":"i"}`, `{"event":"kyc.failed","id":"i","data":null}`,
		`{"event":"payment.success","id":"i","data":{"payment_id":"pay_1","amount":"100.00","later":[]},"eventGeneratedTime":"soon"}`,
	} {
		ev, err := told(t, body)
		require.NoError(t, err, body)
		assert.Equal(t, strings.Contains(body, "refunded") || strings.Contains(body, "later\"}"), ev.Data == nil, body)
		assert.Zero(t, ev.Generated)
	}
	for body, says := range map[string]string{
		`{"id":"i"}`: "event: is missing", `[]`: "another JSON type", `{"event":7}`: "event: has another JSON type",
		`{"event":"kyc.failed","data":[]}`: "another JSON type", `{"event":"kyc.failed","data":{"user_id":7}}`: "user_id: has another JSON type",
	} {
		_, err := told(t, body)
		require.ErrorIs(t, err, webhook.ErrShape, body)
		assert.Contains(t, err.Error(), says, body)
	}
}

func TestEventsPrintNoData(t *testing.T) {
	t.Parallel()
	ev, err := told(t, `{"event":"card.added","id":"the-id","data":{"card_id":"canary-card"}}`)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "event", ev)
	assert.Equal(t, "finogates event the-id (card.added)", fmt.Sprintf("%+v", ev))
	assert.Contains(t, log.String(), "event.id=the-id event.type=card.added")
	assert.NotContains(t, log.String(), "canary")
}

// FuzzSignature: no header makes the check panic, and what it takes has the signature in it.
func FuzzSignature(f *testing.F) {
	f.Add("t=1767225600,v1="+hookSum, []byte(hookBody))
	f.Add("t=1767225600,v1=00, v1 = "+emptySum, []byte("{}"))
	f.Add(",t=,v1=", []byte{})
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		_, err := taken(header, string(body), hookTime)
		if err == nil {
			right, err := finogates.Webhook(secret.New(hookSecret)).Sign("", hookTime, body)
			require.NoError(t, err)
			_, sum, _ := strings.Cut(right.Get("Finogates-Signature"), "v1=")
			assert.Contains(t, strings.ToLower(header), sum)
		}
		_, _ = told(t, string(body))
	})
}

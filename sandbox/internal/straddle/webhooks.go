// What Straddle's webhooks are like.

package straddle

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// webhooks is how Straddle tells of its events: by Standard Webhooks, eight times at most.
var webhooks = sync.OnceValue(func() *engine.WebhookScheme {
	return &engine.WebhookScheme{
		Events: slices.Sorted(maps.Keys(samples())),
		Sample: func(kind string) json.RawMessage { return samples()[kind] },

		Account:     func(f engine.Fake) string { return f.(*Fake).credentials.AccountID },
		Body:        func(e engine.Event) any { return webhook{e.Type, e.ID, e.Account, e.Data} },
		Sign:        sign,
		Secret:      func(f engine.Fake) string { return f.(*Fake).credentials.WebhookSecret },
		ValidSecret: func(secret string) bool { return signingKey(secret) != nil },

		Waits: []time.Duration{
			5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
		},
		Timeout:  15 * time.Second,
		OffAfter: 5 * 24 * time.Hour,
	}
})

// samplesJSON has an event of every type, as the sandbox has sent it; a test makes it. No state leads to refunds of their own.
//
//go:embed events.json
var samplesJSON []byte

var samples = sync.OnceValue(func() (all map[string]json.RawMessage) {
	_ = json.Unmarshal(samplesJSON, &all) // a test reads it
	return all
})

// webhook is the envelope of an event.
type webhook struct {
	EventType string          `json:"event_type"`
	EventID   string          `json:"event_id"`
	AccountID string          `json:"account_id"`
	Data      json.RawMessage `json:"data"`
}

// secretMark begins a signing secret; the key follows in base64.
const secretMark = "whsec_"

// newSecret draws a signing secret.
func newSecret(draw *engine.IDs) string {
	key := sha256.Sum256([]byte(draw.Marked("", 52))) // 260 random bits
	return secretMark + base64.StdEncoding.EncodeToString(key[:])
}

// signingKey returns the key of a signing secret, which has 24 to 64 bytes, or nil.
func signingKey(secret string) []byte {
	text, marked := strings.CutPrefix(secret, secretMark)
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if !marked || err != nil || strings.ContainsAny(text, "\r\n") || len(key) < 24 || len(key) > 64 { // decoding skips line ends
		return nil
	}
	return key
}

// sign makes the headers of an attempt. All attempts for an event have the same id.
func sign(secrets []string, e engine.Event, at time.Time, body []byte) http.Header {
	return standardWebhook(secrets, "msg_"+strings.ReplaceAll(e.ID, "-", ""), at, body)
}

// standardWebhook makes the headers of Standard Webhooks, with a signature by each of the secrets.
func standardWebhook(secrets []string, id string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, signingKey(secret))
		_, _ = mac.Write([]byte(id + "." + stamp + "."))
		_, _ = mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	header := http.Header{}
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", stamp)
	header.Set("Webhook-Signature", strings.Join(signatures, " "))
	return header
}

// note records an event. What belongs to no account belongs to that of the API key.
func (s *Fake) note(at time.Time, account, kind string, data any) {
	s.Record(at, cmp.Or(account, s.credentials.AccountID), kind, data)
}

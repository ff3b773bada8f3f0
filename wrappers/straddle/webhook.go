package straddle

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// Event is something that Straddle tells by itself. It prints without its data, which has account numbers and tokens.
type Event struct {
	// ID is the same each time the event is sent (the header webhook-id), and what deduplication goes by.
	ID string
	// Type is what happened, one of the constants EventCustomerCreatedV1 and so on, or one that they do not have.
	Type string
	// EventID is the event_id of the body, and AccountID the account it is about; either may be empty.
	EventID, AccountID string
	// Sent is when this request was signed, which is not when the event happened.
	Sent time.Time
	// Data is a pointer to the type that the constant of Type names; nil for a Type that has none.
	Data any
	// Raw is the data as it came.
	Raw json.RawMessage
}

// Format prints the event under every verb, without its data.
func (e Event) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "straddle event "+e.ID+" ("+e.Type+")")
}

// LogValue returns the event as its ids and its type, without its data.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("type", e.Type), slog.String("event_id", e.EventID), slog.String("account_id", e.AccountID))
}

// Webhook returns how Straddle's events come in. The secrets are those of the endpoint, each "whsec_" and base64; while one
// is replaced by another, give both. One that is not of that form fails every request with [webhook.ErrConfig].
//
// An event may come more than once and in any order; [webhook.Handler] sees to the first. The endpoint must answer within
// 15 seconds. Events of a Type that is not known here have no Data, and all of it in Raw. FIFO and polling endpoints, whose
// bodies are of another shape, are not for it.
//
// Source: Standard Webhooks (https://www.standardwebhooks.com); Straddle, webhooks
// (https://docs.straddle.com/webhooks/overview/101).
func Webhook(secrets ...secret.String) *webhook.Scheme[Event] {
	signed := webhook.NewStandard(secrets...)
	return &webhook.Scheme[Event]{
		Provider: "straddle", Verify: signed.Verify, Sign: signed.Sign,
		Read: readEvent, ID: func(e Event) string { return e.ID },
	}
}

// readEvent reads the event of a message that was verified.
func readEvent(m webhook.Message) (Event, error) {
	sent, err := webhook.UnixTime(m.Header.Get(webhook.HeaderTimestamp))
	if err != nil {
		return Event{}, err
	}
	body, err := rest.ParseJSON(m.Body)
	if err != nil {
		return Event{}, err
	}
	e := Event{ID: m.Header.Get(webhook.HeaderID), Sent: sent}
	var data rest.JSON
	err = body.Members(func(name []byte, value rest.JSON) error {
		switch string(name) {
		case "event_type":
			return rest.Text("event_type", value.Bytes(), &e.Type)
		case "event_id":
			return rest.Text("event_id", value.Bytes(), &e.EventID)
		case "account_id":
			return rest.Text("account_id", value.Bytes(), &e.AccountID)
		case "data":
			data, e.Raw = value, value.Bytes()
		}
		return nil
	})
	if err != nil {
		return Event{}, err
	}
	if e.Type == "" {
		return Event{}, rest.BadField("event_type", "is missing")
	}
	if e.Data = eventData(e.Type); e.Data == nil {
		return e, nil
	}
	if len(e.Raw) == 0 || e.Raw[0] != '{' {
		return Event{}, rest.BadField("data", "is missing")
	}
	return e, data.Into(e.Data)
}

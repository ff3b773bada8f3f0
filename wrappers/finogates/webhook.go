package finogates

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// Event is something that Finogates tells by itself. It prints without its data.
type Event struct {
	// ID is the id of the body: the same each time the event is sent, and what deduplication goes by.
	ID string
	// Type is what happened, one of the constants EventPaymentSuccess and so on, or one that they do not have.
	Type string
	// Generated is when the event happened, as far as Finogates says; else zero. Sent is when this request was signed.
	Generated, Sent time.Time
	// Data is a pointer to the type that the constant of Type names; nil for a Type that has none.
	Data any
	// Raw is the data as it came, with what the type does not have.
	Raw json.RawMessage
}

// Format prints the event under every verb, without its data.
func (e Event) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "finogates event "+e.ID+" ("+e.Type+")")
}

// LogValue returns the event as its id and its type, without its data.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("type", e.Type))
}

// Webhook returns how Finogates' events come in. The secrets are those that setting up the webhook answered; while one is
// replaced by another, give both. None at all, or an empty one, fails every request with [webhook.ErrConfig].
//
// An event may come more than once; [webhook.Handler] sees to that. Events of a Type that is not known here have no Data,
// and all of it in Raw. The data of many events was never seen by those who wrote the document: their types have what is
// likely, and Raw has the rest.
//
// Source: Finogates, webhooks, signature verification
// (https://developer.finogates.com/webhooks/signature-verification).
func Webhook(secrets ...secret.String) *webhook.Scheme[Event] {
	s := signer(secrets)
	return &webhook.Scheme[Event]{
		Provider: "finogates", Verify: s.verify, Sign: s.sign, Read: readEvent, ID: func(e Event) string { return e.ID },
	}
}

// The headers of a request. The second has the version of the first.
const (
	signatureHeader = "Finogates-Signature"
	versionHeader   = "Finogates-Signature-Version"
)

// signer is the secrets of a webhook. The key of a signature is the characters of a secret.
type signer []secret.String

func (s signer) check() error {
	if len(s) == 0 {
		return webhook.Config("a secret is required")
	}
	for i, one := range s {
		if one.IsZero() {
			return webhook.Config(fmt.Sprintf("secret %d must not be empty", i+1))
		}
	}
	return nil
}

// verify refuses a message that no secret has signed. The header is t=<Unix seconds>,v1=<hex>, with as many v1 as there
// are secrets; other parts are passed over.
func (s signer) verify(m webhook.Message) error {
	if err := s.check(); err != nil {
		return err
	}
	header, err := webhook.OneHeader(m.Header, signatureHeader)
	if err != nil {
		return err
	}
	stamp, signatures, err := parts(header)
	if err != nil {
		return err
	}
	at, err := webhook.UnixTime(stamp)
	if err != nil {
		return err
	}
	if !s.match(stamp, signatures, m.Body) {
		return webhook.Signature("none of those in finogates-signature matches")
	}
	return m.Fresh(at)
}

// parts takes the header apart. Of two times nobody knows which one was signed.
func parts(header string) (stamp string, signatures []string, err error) {
	list := strings.SplitN(header, ",", webhook.MaxSignatures+2)
	times := 0
	for _, part := range list[:min(len(list), webhook.MaxSignatures+1)] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.TrimSpace(name) {
		case "t":
			stamp = strings.TrimSpace(value)
			times++
		case "v1":
			signatures = append(signatures, strings.TrimSpace(value))
		}
	}
	if times != 1 {
		return "", nil, webhook.Signature("finogates-signature must have one t")
	}
	return stamp, signatures, nil
}

func (s signer) match(stamp string, signatures []string, body []byte) bool {
	for _, one := range s {
		want := sum(one, stamp, body)
		for _, text := range signatures {
			if got, err := hex.DecodeString(text); err == nil && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}

func sum(key secret.String, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// sign is the Sign of the scheme. The id is in the body.
func (s signer) sign(_ string, at time.Time, body []byte) (http.Header, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	return http.Header{
		signatureHeader: {"t=" + stamp + ",v1=" + hex.EncodeToString(sum(s[0], stamp, body))},
		versionHeader:   {"1"},
	}, nil
}

// readEvent reads the event of a message that was verified.
func readEvent(m webhook.Message) (Event, error) {
	var e Event
	if stamp, _, err := parts(m.Header.Get(signatureHeader)); err == nil {
		e.Sent, _ = webhook.UnixTime(stamp)
	}
	body, err := rest.ParseJSON(m.Body)
	if err != nil {
		return Event{}, err
	}
	var data rest.JSON
	err = body.Members(func(name []byte, value rest.JSON) error {
		switch string(name) {
		case "event":
			return rest.Text("event", value.Bytes(), &e.Type)
		case "id":
			return rest.Text("id", value.Bytes(), &e.ID)
		case "eventGeneratedTime":
			e.Generated = readTime(value.Bytes())
		case "data":
			data, e.Raw = value, value.Bytes()
		}
		return nil
	})
	if err != nil {
		return Event{}, err
	}
	if e.Type == "" {
		return Event{}, rest.BadField("event", "is missing")
	}
	if e.Data = eventData(e.Type); e.Data == nil || len(e.Raw) == 0 || string(e.Raw) == "null" {
		return e, nil
	}
	return e, data.Into(e.Data)
}

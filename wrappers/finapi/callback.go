package finapi

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// CallbackHint is what a callback of finAPI says. finAPI signs nothing: whoever learns the URL can send one, so it is a
// reason to ask finAPI, and never a fact. It prints without its data.
type CallbackHint struct {
	// Type is what the callback seems to be, one of the constants EventWebFormCompleted and so on; empty if it is none of
	// them.
	Type string
	// Data is a pointer to the type that the constant of Type names; nil without a Type.
	Data any
	// Raw is the body as it came, with what the type does not have.
	Raw json.RawMessage
}

// Format prints the hint under every verb, without its data.
func (h CallbackHint) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "finapi callback ("+h.Type+")")
}

// LogValue returns the hint as its type, without its data.
func (h CallbackHint) LogValue() slog.Value { return slog.GroupValue(slog.String("type", h.Type)) }

// NewCallbackKey returns a new key for [CallbackURL], of 128 random bits and more. Keep it as you keep a password.
func NewCallbackKey() secret.String { return secret.New(rand.Text()) }

// CallbackURL returns base with key as the last segment of its path: the URL to give to finAPI for callbacks. It is a
// secret, as it holds the key; the logs of proxies in front of the server have it. The query of base stays.
//
// finAPI takes https alone for the callbacks of a web form, of at most 2048 characters and with a dot in the host; the
// URLs of a client may have 512.
func CallbackURL(base string, key secret.String) (secret.String, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return secret.String{}, rest.Invalid("base", "must be a URL of a host, without a user and a fragment")
	}
	if err := checkKey("key", key); err != nil {
		return secret.String{}, err
	}
	return secret.New(u.JoinPath(key.Reveal()).String()), nil
}

// minKey is the length from which a key cannot be guessed.
const minKey = 16

// checkKey refuses a key that could be guessed, or that would not come back as it went. It is a rule of ours.
func checkKey(field string, key secret.String) error {
	text := key.Reveal()
	if len(text) < minKey || strings.ContainsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}) {
		return rest.OurRule(field, fmt.Sprintf("must have at least %d letters, digits, hyphens or underscores", minKey))
	}
	return nil
}

// Callback returns how finAPI's callbacks come in: those of web forms, of background updates, of notification rules and of
// users that were deleted. The last segment of the path must be one of the keys, which are compared in constant time;
// while one is replaced by another, give both. No key, or one that [CallbackURL] would refuse, fails every request with
// [webhook.ErrConfig].
//
// What comes is a hint: ask finAPI for the web form, the task or the user before anything depends on it. There is no id
// to tell whether it came before, so [webhook.Handler] hands out each one; finAPI sends each once and ignores the answer.
//
// Source: finAPI Web Form 2.0, callbacks; finAPI Access, client configuration and notification rules.
func Callback(keys ...secret.String) *webhook.Scheme[CallbackHint] {
	return &webhook.Scheme[CallbackHint]{
		Provider: "finapi", Read: readCallback, ID: func(CallbackHint) string { return "" },
		Verify: func(m webhook.Message) error { return verifyPath(keys, m.Path) },
	}
}

// verifyPath refuses a path that does not end with a key. Hashes are compared, which are of one length.
func verifyPath(keys []secret.String, path string) error {
	if len(keys) == 0 {
		return webhook.Config("a key is required")
	}
	got := sha256.Sum256([]byte(path[strings.LastIndexByte(path, '/')+1:]))
	known := 0
	for i, key := range keys {
		if checkKey("", key) != nil {
			return webhook.Config(fmt.Sprintf("key %d must be one that NewCallbackKey could have made", i+1))
		}
		want := sha256.Sum256([]byte(key.Reveal()))
		known |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	if known == 0 {
		return webhook.Signature("the path does not end with the key")
	}
	return nil
}

// readCallback reads a callback whose path was verified. It finds out by its members what the callback is: it does not
// say.
func readCallback(m webhook.Message) (CallbackHint, error) {
	body, err := rest.ParseJSON(m.Body)
	if err != nil {
		return CallbackHint{}, err
	}
	h := CallbackHint{Raw: m.Body}
	var task, form bool
	err = body.Members(func(name []byte, value rest.JSON) error {
		switch string(name) {
		case "webFormId":
			h.Type = EventWebFormCompleted
		case "notificationRuleId":
			h.Type = EventNotification
		case "userId":
			h.Type = EventUserDeleted
		case "taskId":
			task = true
		case "status":
			form = string(value.Bytes()) == `"WEB_FORM_REQUIRED"`
		}
		return nil
	})
	if err != nil {
		return CallbackHint{}, err
	}
	if task {
		h.Type = map[bool]string{false: EventTaskCompleted, true: EventTaskWebFormRequired}[form]
	}
	if h.Data = eventData(h.Type); h.Data == nil {
		return h, nil
	}
	return h, body.Into(h.Data)
}

package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// The kinds of failure, the same for every provider. errors.Is finds them in an [*Error].
var (
	// ErrInvalid: the request breaks a rule, here or at the provider (400, 415, 422 and other 4xx).
	ErrInvalid = errors.New("invalid request")
	// ErrUnauthenticated: the credential is missing, wrong or no longer alive (401).
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrForbidden: the credential is known and not allowed to do this (403).
	ErrForbidden = errors.New("forbidden")
	// ErrVersionMismatch: the client is bound to another version of the API; it is also ErrForbidden.
	ErrVersionMismatch = errors.New("API version mismatch")
	// ErrNotFound: what the request names does not exist, or not for this client (404).
	ErrNotFound = errors.New("not found")
	// ErrConflict: the request collides with another one (409).
	ErrConflict = errors.New("conflict")
	// ErrLocked: the user is locked (423).
	ErrLocked = errors.New("locked")
	// ErrRateLimited: too many requests (429). Error.RetryAfter tells how long to wait, if the provider did.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: no answer came, or the provider failed (408, 5xx).
	ErrUnavailable = errors.New("unavailable")
	// ErrBadResponse: an answer came that is not what the API's document promises.
	ErrBadResponse = errors.New("bad response")
	// ErrInDoubt: the request went out and nothing tells whether it was carried out: no answer came, or a 500, 502, 503
	// or 504, or one that broke off; see [Repeat]. It comes with another kind, or with context.Canceled.
	ErrInDoubt = errors.New("outcome in doubt")
)

// Error is the error of every call. Its text, and whatever fmt, slog and encoding/json make of it, holds no body, no
// query and no secret. Use errors.Is with a kind to decide, errors.As for the details.
type Error struct {
	// Provider and Operation name the call. Both are empty where an error belongs to none, as in a constructor.
	Provider, Operation string
	// Status is the HTTP status; 0 if there was no answer.
	Status int
	// Code is the provider's word for the kind of error.
	Code string
	// Message is the provider's own text, or ours where none came, without control characters and known secrets.
	Message string
	// Field is what the message is about, if that is known. Set on every error of what the caller passed.
	Field string
	// RequestID is the provider's id of the request, else the one that was sent.
	RequestID string
	// RetryAfter is how long the provider asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// Attempts is how many attempts were made; 0 means that none was.
	Attempts int
	// Detail is the provider's error as the type of its generated client, or nil if the body was not that. The secrets of
	// the call are masked in it.
	Detail any

	kinds []error
	body  secret.String // masked; a dump shows nothing of it all the same, for there may be personal data in it
	cause error

	sampled bool // the body is none that could hold a new token
}

// maxMessage is how much of a provider's text goes into a message, in bytes.
const maxMessage = 300

// Error names the call, the status, the code, the message and the request id.
func (e *Error) Error() string {
	var b strings.Builder
	part := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(s)
	}
	part(e.Provider)
	part(e.Operation)
	part(strings.TrimSpace(e.status() + " " + e.Code))
	part(e.Field)
	part(e.Message)
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %s)", e.RetryAfter)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request id %s)", e.RequestID)
	}
	if b.Len() == 0 {
		return "rest: error"
	}
	return b.String()
}

func (e *Error) status() string {
	if e.Status == 0 {
		return ""
	}
	return strconv.Itoa(e.Status)
}

// Is reports whether target is one of the kinds of e.
func (e *Error) Is(target error) bool { return slices.Contains(e.kinds, target) }

// Unwrap returns what made the call fail; nil if it was the provider's answer. errors.Is and errors.As find
// context.DeadlineExceeded, a *net.OpError and so on in it. Its text is as safe as that of the Error.
func (e *Error) Unwrap() error { return e.cause }

// RawBody returns the body of the answer as far as it was read, with the secrets of the call masked. It may hold personal
// data and, under a 2xx, a token that is new.
func (e *Error) RawBody() []byte { return []byte(e.body.Reveal()) }

// Sample returns the beginning of an answer that came instead of JSON, such as the page of a proxy, in one line of at
// most 120 bytes, with the secrets of the call masked. It is empty for all that could hold a token that is new: for
// everything but markup under a 2xx, and for JSON under any status. It may hold personal data; Error does not print it.
func (e *Error) Sample() string {
	start := strings.TrimLeft(e.body.Reveal(), " \t\r\n\ufeff")
	if !e.sampled || start == "" || strings.IndexByte(`{["`, start[0]) >= 0 || e.Status/100 == 2 && start[0] != '<' {
		return ""
	}
	text := clean(start)
	if len(text) > maxSample {
		text = strings.ToValidUTF8(text[:maxSample], "") + "…"
	}
	return text
}

// maxSample is the length of a sample in bytes.
const maxSample = 120

// Format prints Error under every verb, quoted under %q.
func (e Error) Format(f fmt.State, verb rune) {
	text := e.Error()
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}

// LogValue returns the parts of the error that may be logged.
func (e Error) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, a := range e.safe() {
		attrs = append(attrs, slog.Any(a.name, a.value))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON returns the same parts as LogValue.
func (e Error) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for _, a := range e.safe() {
		out[a.name] = a.value
	}
	return json.Marshal(out)
}

type namedValue struct {
	name  string
	value any
}

// safe lists what may be shown, without what is empty.
func (e *Error) safe() []namedValue {
	all := []namedValue{
		{"provider", e.Provider},
		{"operation", e.Operation},
		{"status", e.Status},
		{"code", e.Code},
		{"field", e.Field},
		{"message", e.Message},
		{"request_id", e.RequestID},
		{"attempts", e.Attempts},
	}
	if e.RetryAfter > 0 {
		all = append(all, namedValue{"retry_after", e.RetryAfter.String()})
	}
	return slices.DeleteFunc(all, func(a namedValue) bool { return a.value == "" || a.value == 0 })
}

// AddKind adds a kind to those that errors.Is finds. It is for the Explain of an [API].
func (e *Error) AddKind(kind error) { e.kinds = append(e.kinds, kind) }

// SetKind puts kind in the place of the one that the status stands for: a 400 that says that a thing does not exist is
// [ErrNotFound] and no longer [ErrInvalid]. It changes neither whether the call is sent again, which its status decides, nor
// whether it is in doubt. It is for the Explain of an [API], and comes before AddKind.
func (e *Error) SetKind(kind error) {
	e.kinds = append([]error{kind}, e.kinds[min(1, len(e.kinds)):]...)
}

// invalid returns the error of a field that breaks a rule, found before anything was sent.
func invalid(field, rule string) error {
	return &Error{Field: field, Message: rule, kinds: []error{ErrInvalid}}
}

// Invalid returns an error that is [ErrInvalid] and says that field breaks rule.
func Invalid(field, rule string) error { return invalid(field, rule) }

// Bad returns an error that is [ErrBadResponse]. It is for the Open of an [API].
func Bad(message string) *Error {
	return &Error{Message: message, kinds: []error{ErrBadResponse}}
}

// kindOf returns the kind of a failing status.
func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthenticated
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusLocked:
		return ErrLocked
	case http.StatusTooManyRequests:
		return ErrRateLimited
	case http.StatusRequestTimeout:
		return ErrUnavailable
	}
	switch {
	case status >= 500:
		return ErrUnavailable
	case status >= 400:
		return ErrInvalid
	}
	return ErrBadResponse // 1xx and 3xx are no answer to any call
}

// kindWord returns the first kind of err as a word for logs.
func kindWord(err error) string {
	var e *Error
	if errors.As(err, &e) && len(e.kinds) > 0 {
		return e.kinds[0].Error()
	}
	return describe(err)
}

// clean makes a provider's text fit for a log line: one line, no control characters, bounded.
func clean(s string) string {
	if len(s) <= maxMessage && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) &&
		!strings.Contains(s, "  ") && strings.TrimSpace(s) == s {
		return s
	}
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r < 0xa0
	}), " ")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}

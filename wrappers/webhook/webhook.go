// Package webhook takes what a provider sends by itself: it verifies a request, reads its event, and hands each event to a
// function of yours, once where that can be known. It knows no provider: the schemes are in the packages of the providers,
// such as straddle.Webhook. It will never parse what it has not verified, tell a sender more than a status, or answer a
// success before your function has returned one.
package webhook

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	// DefaultTolerance is how far the time of a request may be from the clock, either way, unless [Tolerance] says
	// otherwise. It is what Standard Webhooks and the providers recommend.
	DefaultTolerance = 5 * time.Minute
	// DefaultMaxBody is how many bytes a body may have, unless [MaxBody] says otherwise.
	DefaultMaxBody = 1 << 20
)

// Scheme is how the events of one provider come in, as values of E. Take one from the package of the provider; its fields
// are for those packages. It is safe for any number of goroutines.
type Scheme[E any] struct {
	// Provider is the name that errors begin with.
	Provider string
	// Verify refuses a message that is not the provider's, with an error of [Signature] or [Time]. It must compare
	// secrets in constant time. Nothing has read the body before.
	Verify func(Message) error
	// Read reads the event of a message that was verified. Its errors are those of [ErrShape].
	Read func(Message) (E, error)
	// ID returns what tells whether an event was handled before; an empty one tells nothing.
	ID func(E) string
	// Sign returns the headers that make a body one of the provider's. It is nil where the provider signs nothing.
	Sign func(id string, at time.Time, body []byte) (http.Header, error)
}

// Message is a request whose body was read.
type Message struct {
	// Path is the path of the URL, Header the headers, and Body the body as it came.
	Path   string
	Header http.Header
	Body   []byte
	// Now is when it came; zero means now. Tolerance is how far its own time may be from that; 0 means
	// [DefaultTolerance].
	Now       time.Time
	Tolerance time.Duration
}

// Fresh refuses a time that is further from that of m than the tolerance, in either direction.
func (m Message) Fresh(at time.Time) error {
	switch late := m.Now.Sub(at); {
	case late > m.Tolerance:
		return Time("is too old")
	case -late > m.Tolerance:
		return Time("is too far in the future")
	}
	return nil
}

// Option changes how requests are taken.
type Option func(*config) error

type config struct {
	tolerance time.Duration
	maxBody   int64
	handling
}

// Tolerance is how far the time of a request may be from the clock, in either direction. It must be positive.
func Tolerance(d time.Duration) Option {
	return func(c *config) error {
		if c.tolerance = d; d <= 0 {
			return errors.New("Tolerance must be positive")
		}
		return nil
	}
}

// MaxBody is how many bytes a body may have. It must be positive.
func MaxBody(n int64) Option {
	return func(c *config) error {
		if c.maxBody = n; n <= 0 {
			return errors.New("MaxBody must be positive")
		}
		return nil
	}
}

// configOf returns what the options say.
func configOf(opts []Option) (*config, error) {
	c := &config{tolerance: DefaultTolerance, maxBody: DefaultMaxBody}
	for _, o := range opts {
		if err := o(c); err != nil {
			return nil, &Error{Check: ErrConfig, Reason: err.Error()}
		}
	}
	return c, nil
}

// Parse reads the body of r and returns its event, if the provider signed it. It never tells whether the event came
// before; [Handler] does. The error is an [*Error]; a sender may learn [Error.Status] of it, and no more.
func (s *Scheme[E]) Parse(r *http.Request, opts ...Option) (E, error) {
	var none E
	c, err := configOf(opts)
	if err != nil {
		return none, s.wrap(err)
	}
	return s.parse(r, c)
}

func (s *Scheme[E]) parse(r *http.Request, c *config) (E, error) {
	var none E
	if r.Method != http.MethodPost {
		return none, s.wrap(&Error{Check: ErrShape, Reason: "the method must be POST"})
	}
	body, err := read(r, c.maxBody)
	if err != nil {
		return none, s.wrap(err)
	}
	return s.ParseMessage(Message{Path: r.URL.Path, Header: r.Header, Body: body, Tolerance: c.tolerance})
}

// read reads the body of r, which may have limit bytes.
func read(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	big := &Error{Check: ErrSize, Reason: "the body is too large"}
	if r.ContentLength > limit {
		return nil, big
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, big
	}
	if err != nil {
		return nil, &Error{Check: ErrSize, Reason: "the body broke off", Err: err}
	}
	return body, nil
}

// ParseMessage is [Scheme.Parse] for those who read the body themselves. The body must be what came, to the byte.
func (s *Scheme[E]) ParseMessage(m Message) (E, error) {
	var none E
	if m.Now.IsZero() {
		m.Now = time.Now()
	}
	m.Tolerance = cmp.Or(m.Tolerance, DefaultTolerance)
	if err := s.Verify(m); err != nil {
		return none, s.wrap(err)
	}
	if !utf8.Valid(m.Body) {
		return none, s.wrap(&Error{Check: ErrShape, Reason: "the body is not UTF-8"})
	}
	event, err := s.Read(m)
	if err != nil {
		return none, s.wrap(shape(err))
	}
	return event, nil
}

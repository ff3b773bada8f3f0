package rest

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// options applies what holds for the whole call: where it goes, how long it may take, its headers.
func options(next handler, origin web.Origin, cfg Config) handler {
	agent := []string{strings.TrimSpace(cfg.UserAgent + " " + product())}
	return func(c *call, req *http.Request) (*http.Response, error) {
		req.Body = own(req.Body)
		defer closeBody(req) // the one that is in it by then
		if field, rule := origin.Refuse(req); rule != "" {
			return nil, invalid(field, rule)
		}
		origin.Pin(req)
		if err := checkHeader(req.Header); err != nil {
			return nil, err
		}
		if req.Header == nil {
			req.Header = http.Header{}
		}
		req.Header["User-Agent"] = agent
		req.Header["Accept"] = acceptJSON
		maps.Copy(req.Header, c.header)
		if err := c.key(req.Header); err != nil {
			return nil, err
		}
		c.doubtful = c.doubtful || cfg.RepeatInDoubt
		c.maxAttempts = cmp.Or(c.maxAttempts, cfg.MaxAttempts)

		limit := cfg.AttemptTimeout
		if uploadOf(req.Body) != nil {
			limit = cfg.Timeout
		}
		c.attemptTimeout = cmp.Or(c.attemptTimeout, c.timeout, limit)
		c.life.until(req.Context(), time.Now().Add(cmp.Or(c.timeout, cfg.Timeout)))
		defer c.life.release() // the answer is read by then
		return next(c, req)
	}
}

var acceptJSON = []string{"application/json"}

// checkHeader refuses what net/http would refuse only on the way out, or send (RFC 9110 §5.5).
func checkHeader(h http.Header) error {
	for name, values := range h {
		if !validHeaderName(name) {
			return invalid("Header", "its name is not a header name")
		}
		for _, v := range values {
			if rule := headerValueRule(v); rule != "" {
				return invalid(clean(name), rule)
			}
		}
	}
	return nil
}

// key makes sure that an operation that is RepeatByKey has a key, and remembers it and the request id.
func (c *call) key(h http.Header) error {
	c.repeat = c.op.Repeat
	api := c.op.API
	if name := api.IdempotencyKey.Name; name != "" {
		given := h.Get(name)
		if given != "" && keyRule(given) != "" {
			return invalid(name, keyRule(given))
		}
		if given == "" && c.repeat == RepeatByKey {
			h.Set(name, newUUID())
			c.madeKey = true
		}
		c.info.IdempotencyKey = h.Get(name)
		if c.op.foreign && c.info.IdempotencyKey != "" {
			c.repeat = RepeatByKey
		}
	}
	if name := api.RequestID.Name; name != "" {
		c.info.RequestID = h.Get(name)
	}
	return nil
}

// newUUID returns a random UUID (RFC 9562 §5.4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails; it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

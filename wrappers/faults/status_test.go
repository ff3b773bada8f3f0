package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// errorBody is an error of the provider, which echoes the whole request.
func (o *operation) errorBody(status int, got request) string {
	text, _ := json.Marshal(o.failure(status, got.echo()))
	return string(text)
}

// status answers with a typed error of the provider and further header fields.
func (o *operation) respond(status int, fields ...string) misdeed {
	return func(w http.ResponseWriter, _ *http.Request, got request) {
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.Header().Set("X-Request-Id", "id "+got.echo())
		answer(w, status, o.errorBody(status, got))
	}
}

// statusFault is a status that stays, with what the table says of it.
func statusFault(name string, status int, expect func(o *operation) want, fields ...string) fault {
	return fault{name: name, run: func(c *cell) {
		c.server.misbehave(c.op.respond(status, fields...))
		w := expect(c.op)
		w.status, w.wire = status, -1
		c.check(w, c.call(c.Context()))
		c.recovers(w, func(*cell) {})
	}}
}

// stop is the row of a refusal: sent once, and typed.
func stop(kinds ...error) func(*operation) want {
	return func(*operation) want {
		return want{attempts: 1, is: kinds, isNot: []error{rest.ErrInDoubt, rest.ErrBadResponse}}
	}
}

// failing is the row of 500, 502 and 504, after which nobody knows whether the request was carried out.
func failing(o *operation) want {
	return want{attempts: sends(o.mayDouble()), most: backoff, is: []error{rest.ErrUnavailable, rest.ErrInDoubt}}
}

// limited is the row of 429 with waits that are kept. A password has arrived, and is not sent again.
func limited(least, most, told time.Duration) func(*operation) want {
	return func(o *operation) want {
		w := want{attempts: 3, least: least, most: most, is: []error{rest.ErrRateLimited}, isNot: []error{rest.ErrInDoubt}, retryAfter: told}
		if o.class == password {
			w.attempts, w.least = 1, 0
		}
		return w
	}
}

// busy is the row of 503 with a wait of two seconds: a gateway may say it after the work was done. It leaves in doubt all
// that has an effect, and what may be sent twice is sent again.
func busy(o *operation) want {
	w := want{attempts: sends(o.mayDouble()), is: []error{rest.ErrUnavailable}, retryAfter: 2 * time.Second}
	if o.mayDouble() {
		w.least, w.most = 4*time.Second, 4*time.Second
	}
	if o.class == mint || o.class == revoke {
		w.isNot = []error{rest.ErrInDoubt} // RFC 7009 §2.2.1
	} else {
		w.is = append(w.is, rest.ErrInDoubt)
	}
	return w
}

// keyed adds that a conflict under the caller's own key is tried again: the other call may still be running.
func keyed(f fault) fault {
	run := f.run
	f.run = func(c *cell) {
		run(c)
		if c.op.class == bridge {
			w := want{attempts: 3, wire: 3, status: 409, most: backoff, is: []error{rest.ErrConflict}, isNot: []error{rest.ErrInDoubt}}
			c.check(w, c.call(c.Context(), rest.IdempotencyKey("order-2026-0042")))
			c.recovers(w, func(*cell) {}, rest.IdempotencyKey("order-2026-0043"))
		}
	}
	return f
}

func statusFaults() []fault {
	return []fault{
		negative(statusFault("400 typed", 400, stop(rest.ErrInvalid))),
		statusFault("401", 401, stop(rest.ErrUnauthenticated)),
		statusFault("403", 403, stop(rest.ErrForbidden)),
		statusFault("404", 404, stop(rest.ErrNotFound)),
		statusFault("408", 408, func(o *operation) want {
			return want{attempts: sends(o.mayDouble() || o.class == embed), most: backoff, is: []error{rest.ErrUnavailable}, isNot: []error{rest.ErrInDoubt}}
		}),
		keyed(statusFault("409", 409, stop(rest.ErrConflict))),
		statusFault("415", 415, stop(rest.ErrInvalid)),
		statusFault("422", 422, stop(rest.ErrInvalid)),
		negative(statusFault("423", 423, stop(rest.ErrLocked))),
		statusFault("429 seconds", 429, limited(6*time.Second, 7*time.Second, 3*time.Second), "Retry-After", "3"),
		// The fake clock begins with the year 2000: four seconds, and then the moment is past.
		statusFault("429 date", 429, func(o *operation) want {
			w := limited(4*time.Second, 5*time.Second, 0)(o)
			if o.class == password {
				w.retryAfter = 4 * time.Second // it has not waited
			}
			return w
		}, "Retry-After", "Sat, 01 Jan 2000 00:00:04 GMT"),
		statusFault("429 with 86400", 429, func(*operation) want {
			return want{attempts: 1, is: []error{rest.ErrRateLimited}, isNot: []error{rest.ErrInDoubt}, retryAfter: 24 * time.Hour}
		}, "Retry-After", "86400"),
		statusFault("429 bare", 429, limited(time.Second, 2*time.Second, 0)),
		statusFault("500", 500, failing),
		statusFault("501", 501, stop(rest.ErrUnavailable)),
		{name: "502 HTML page", run: func(c *cell) {
			c.server.misbehave(func(w http.ResponseWriter, _ *http.Request, got request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusBadGateway)
				_, _ = io.WriteString(w, "<html><h1>Bad Gateway</h1>"+got.echo())
			})
			w := failing(c.op)
			w.status, w.wire = 502, -1
			c.check(w, c.call(c.Context()))
			c.recovers(w, func(*cell) {})
		}},
		statusFault("503 Retry-After", 503, busy, "Retry-After", "2"),
		statusFault("504", 504, failing),
		redirects("301/302/303", func(c *cell) string { return c.trap.url + "/x?code=1" }, 301, 302, 303),
		redirects("307/308 same origin", func(c *cell) string { return c.base + "/elsewhere" }, 307, 308),
		redirects("307/308 cross origin", func(c *cell) string { return c.trap.url + c.op.path }, 307, 308),
		{name: "https to http redirect", setup: func(c *cell) { c.useTLS(trusted) }, run: func(c *cell) {
			redirectTo(c, c.trap.url+c.op.path, 301, 302, 303, 307, 308)
		}},
	}
}

// redirects answers with each of the statuses in turn.
func redirects(name string, target func(*cell) string, statuses ...int) fault {
	return fault{name: name, run: func(c *cell) { redirectTo(c, target(c), statuses...) }}
}

func redirectTo(c *cell, target string, statuses ...int) {
	for _, status := range statuses {
		c.server.misbehave(c.op.respond(status, "Location", target))
		got := c.call(c.Context())
		c.check(want{attempts: 1, wire: -1, status: status, is: []error{rest.ErrBadResponse}, isNot: []error{rest.ErrInDoubt, rest.ErrUnavailable}}, got, status)
		assert.NotContains(c, fmt.Sprint(got.err), "/x", "the target's origin alone is named")
		assert.NotContains(c, fmt.Sprint(got.err), c.op.path)
	}
	assert.Zero(c, c.server.strays(), "the same origin is not asked either")
}

// negative adds, for the password, that the refusal is remembered: a source does not ask again (Requirement D42).
func negative(f fault) fault {
	run := f.run
	f.run = func(c *cell) {
		run(c)
		if c.op.class != password {
			return
		}
		p := c.connect()
		defer p.close()
		before := len(c.server.requests())
		users := p.finapi.UserTokens("someone", secret.New(userPassword))
		defer users.Close()
		for range 5 {
			_, err := users.Token(c.Context())
			assert.Error(c, err)
			c.output.print(err)
		}
		assert.Len(c, c.server.requests(), before+1, "a wrong password is sent once")
	}
	if f.name == "400 typed" {
		return deadGrant(f)
	}
	return f
}

// deadGrant adds, for the refresh token, that a refusal ends the grant: it is not sent again.
func deadGrant(f fault) fault {
	run := f.run
	f.run = func(c *cell) {
		run(c)
		if c.op.class != refresh {
			return
		}
		p := c.connect()
		defer p.close()
		_, err := p.finapi.GetToken(c.Context(), finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: refreshToken,
		})
		assert.ErrorIs(c, err, rest.ErrInvalid)
		c.output.print(err)
	}
	return f
}

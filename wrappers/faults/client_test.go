package faults

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func clientFaults() []fault {
	return []fault{
		{name: "context canceled before", run: canceledBefore},
		{name: "context canceled in flight", run: canceledInFlight},
		{name: "deadline shorter than backoff", run: shortDeadline},
		fault{name: "leader canceled while others wait", run: leaderLeaves}.inside(func(*cell) {}),
		{name: "wall clock +1 h", run: func(c *cell) { wrongClock(c, time.Hour) }},
		{name: "wall clock -1 h", run: func(c *cell) { wrongClock(c, -time.Hour) }},
		{name: "suspended across expiry", run: suspended},
		{name: "panicking hook or logger", run: panickingHooks},
	}
}

func canceledBefore(c *cell) {
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	c.check(want{is: []error{context.Canceled}, isNot: []error{rest.ErrUnavailable, rest.ErrInDoubt}}, func() outcome {
		got := c.call(ctx)
		got.info.Attempts -= min(got.info.Attempts, 1) // one attempt may be begun; it does not reach the wire
		return got
	}())
}

// Requirement F69: the call ends with its context, and at once.
func canceledInFlight(c *cell) {
	arrived, release := c.arrived, c.release
	c.server.misbehave(func(http.ResponseWriter, *http.Request, request) {
		arrived <- struct{}{}
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithCancel(c.Context())
	go func() {
		<-arrived
		cancel()
	}()
	c.check(want{attempts: 1, wire: 1, most: 10 * time.Millisecond, is: []error{context.Canceled, rest.ErrInDoubt}, isNot: []error{rest.ErrUnavailable}}, c.call(ctx))
}

// A wait that the deadline cuts is not begun: the call ends at once and tells how long it should have been.
func shortDeadline(c *cell) {
	c.server.misbehave(c.op.respond(http.StatusTooManyRequests, "Retry-After", "5"))
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	c.check(want{
		attempts: 1, wire: 1, status: 429, retryAfter: 5 * time.Second,
		is: []error{rest.ErrRateLimited}, isNot: []error{rest.ErrInDoubt},
	}, c.call(ctx))
}

// tokens returns the source of the operation, or nil.
func (o *operation) tokens(p *peers) *token.Source {
	if o.source == nil {
		return nil
	}
	return o.source(p)
}

// use does with a source what the operation is about.
func (o *operation) use(ctx context.Context, p *peers, s *token.Source) error {
	if s == nil || o.signed {
		_, err := o.call(ctx, p)
		return err
	}
	_, err := s.Token(ctx)
	return err
}

// leaderLeaves cancels the call that came first while others wait with it: they get their token from the one request
// all the same (Requirements D44 and D46).
func leaderLeaves(c *cell) {
	arrived, release := c.arrived, c.release
	var fetches atomic.Int32
	hold := func(good string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			fetches.Add(1)
			arrived <- struct{}{}
			<-release
			answer(w, 200, good)
		}
	}
	good := map[string]string{tokenPath: clientToken, exchangePath: exchange}
	switch {
	case good[c.op.path] != "":
		c.server.misbehave(func(w http.ResponseWriter, r *http.Request, _ request) { hold(c.op.good)(w, r) })
	case c.op.signed:
		c.server.helper = func(w http.ResponseWriter, r *http.Request) { hold(good[r.URL.Path])(w, r) }
	default:
		c.server.misbehave(func(w http.ResponseWriter, _ *http.Request, _ request) {
			arrived <- struct{}{}
			<-release
			answer(w, c.op.status, c.op.good)
		})
	}
	p := c.connect()
	defer p.close()
	s := c.op.tokens(p)
	if s != nil {
		defer s.Close()
	}
	ctx, cancel := context.WithCancel(c.Context())
	leader := make(chan error, 1)
	go func() { leader <- c.op.use(ctx, p, s) }()
	<-arrived
	others := make(chan error, 20)
	for range cap(others) {
		go func() { others <- c.op.use(c.Context(), p, s) }()
	}
	synctest.Wait() // until they are all there
	cancel()
	begun := time.Now()
	err := <-leader
	assert.ErrorIs(c, err, context.Canceled)
	assert.Zero(c, time.Since(begun))
	close(release)
	for range cap(others) {
		assert.NoError(c, <-others)
	}
	c.output.print(err)
	if s != nil {
		assert.EqualValues(c, 1, fetches.Load(), "one request for all")
	}
}

// issuer hands out numbered tokens that live for a minute, and knows which one is alive. Its clock is off from the
// client's by skew, and it dates its tokens by it.
type issuer struct {
	skew time.Duration
	now  func() time.Time

	mu        sync.Mutex
	issued    int
	passwords int
	stale     int // calls under a token that had ended
	ends      map[string]time.Time
}

const minute = time.Minute

// issue makes a token: a JWT that tells its end by the issuer's clock, or one with a life.
func (i *issuer) issue(jwt bool) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.issued++
	now := i.now()
	tok := fmt.Sprintf("%s-%d", bearerToken, i.issued)
	body := `{"access_token":"%s","token_type":"bearer","refresh_token":"` + newRefresh + `","expires_in":60,"scope":"all"}`
	if jwt {
		at := now.Add(i.skew)
		claims := fmt.Sprintf(`{"n":%d,"iat":%d,"exp":%d}`, i.issued, at.Unix(), at.Add(minute).Unix())
		tok = "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
		body = `{"status_code":200,"data":{"access_token":"%s"}}`
	}
	i.ends[tok] = now.Add(minute)
	return fmt.Sprintf(body, tok)
}

// usedBy notes a call under a token.
func (i *issuer) usedBy(authorization string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	tok := strings.TrimPrefix(authorization, "Bearer ")
	if end, ours := i.ends[tok]; ours && i.now().After(end) {
		i.stale++
	}
}

// clockOf makes the server of a cell an issuer. The time is the cell's, told to the server by the test.
func (c *cell) issuer(skew time.Duration) *issuer {
	var mu sync.Mutex
	begun := time.Now() // of the fake clock
	at := begun
	i := &issuer{skew: skew, ends: map[string]time.Time{}, now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return at
	}}
	serve := func(w http.ResponseWriter, r *http.Request, body string) {
		if strings.Contains(body, "grant_type=password") {
			i.mu.Lock()
			i.passwords++
			i.mu.Unlock()
		}
		answer(w, 200, i.issue(r.URL.Path == exchangePath))
	}
	c.server.helper = func(w http.ResponseWriter, r *http.Request) { serve(w, r, "") }
	c.server.misbehave(func(w http.ResponseWriter, r *http.Request, got request) {
		i.usedBy(got.authorization)
		if slices.Contains([]string{tokenPath, exchangePath}, got.path) {
			serve(w, r, got.body)
			return
		}
		answer(w, c.op.status, c.op.good)
	})
	c.sleep = func(d time.Duration) {
		time.Sleep(d)
		mu.Lock()
		defer mu.Unlock()
		at = time.Now()
	}
	return i
}

// wrongClock lets client and provider disagree on the time by an hour. A token lives as long as it lives: it is not
// fetched again before its end, and not used after it.
func wrongClock(c *cell, skew time.Duration) {
	i := c.issuer(-skew)
	p := c.connect()
	defer p.close()
	s := c.op.tokens(p)
	if s != nil {
		defer s.Close()
	}
	use := func(wantIssued int) {
		for range 3 {
			require.NoError(c, c.op.use(c.Context(), p, s))
		}
		if s != nil {
			assert.Equal(c, wantIssued, i.issued)
		}
	}
	use(1)
	c.sleep(30 * time.Second)
	use(1)
	c.sleep(31 * time.Second)
	use(2)
	c.sleep(2 * time.Hour)
	use(3)
	assert.Zero(c, i.stale, "a token was used after its end")
	if c.op.class == password || c.op.class == refresh {
		assert.Equal(c, 1, i.passwords, "the password is sent once, the refresh token after that")
	}
}

// suspended lets the whole process sleep past the end of its token. When it wakes up, everybody wants one at once.
func suspended(c *cell) {
	i := c.issuer(0)
	p := c.connect()
	defer p.close()
	s := c.op.tokens(p)
	if s != nil {
		defer s.Close()
	}
	require.NoError(c, c.op.use(c.Context(), p, s))
	c.sleep(9 * time.Hour)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { assert.NoError(c, c.op.use(c.Context(), p, s)) })
	}
	wg.Wait()
	if s != nil {
		assert.Equal(c, 2, i.issued, "one request for all")
	}
	assert.Zero(c, i.stale, "a token was used after its end")
}

// rude panics wherever it is called.
type rude struct{}

func (rude) Start(context.Context, rest.Event) context.Context { panic("hook with " + apiKey) }
func (rude) End(context.Context, rest.Event)                   { panic("hook with " + apiKey) }
func (rude) Enabled(context.Context, slog.Level) bool          { return true }
func (rude) Handle(context.Context, slog.Record) error         { panic("logger with " + apiKey) }
func (r rude) WithAttrs([]slog.Attr) slog.Handler              { return r }
func (r rude) WithGroup(string) slog.Handler                   { return r }

func panickingHooks(c *cell) {
	c.cfg.Observer = rude{}
	c.cfg.Logger = slog.New(rude{})
	c.tokens.OnEvent = func(context.Context, token.Event) { panic("hook with " + apiKey) }
	c.server.misbehave(c.op.respond(http.StatusTooManyRequests, "Retry-After", "1"))
	c.server.faultOnce()
	w := want{success: true, attempts: 2, wire: 2, least: time.Second, most: 2 * time.Second}
	if c.op.class == password {
		w = limited(0, 0, time.Second)(c.op)
		w.status, w.wire = 429, 1
	}
	c.check(w, c.call(c.Context()))
}

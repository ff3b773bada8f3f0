package token

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// TestMain fails if a goroutine is left. It is also the program of the processes that tests start.
func TestMain(m *testing.M) {
	flag.Parse()
	if *memberDir != "" {
		if err := member(*memberDir, *memberIssuer, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var errDown = errors.New("down")

// desk is a provider's token endpoint: each answer is a new token, unless answer says otherwise.
type desk struct {
	life  time.Duration // of a token
	delay time.Duration // of an answer

	mu      sync.Mutex
	calls   int
	running int
	most    int      // at the same time
	seen    []*Token // the last of each call
	answer  func(n int, last *Token) (*Token, error)
}

func (d *desk) fetch(ctx context.Context, last *Token) (*Token, error) {
	d.mu.Lock()
	d.calls++
	n := d.calls
	d.running++
	d.most = max(d.most, d.running)
	d.seen = append(d.seen, last)
	answer, life := d.answer, d.life
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.running--
		d.mu.Unlock()
	}()
	if d.delay > 0 && !clock.Sleep(ctx, d.delay) {
		return nil, ctx.Err()
	}
	if answer != nil {
		return answer(n, last)
	}
	return &Token{Access: access(n), ExpiresIn: life}, nil
}

func (d *desk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// then changes what comes next.
func (d *desk) then(answer func(n int, last *Token) (*Token, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

func (d *desk) fails(err error) {
	d.then(func(int, *Token) (*Token, error) { return nil, err })
}

func access(n int) secret.String  { return secret.New(fmt.Sprintf("access-%d", n)) }
func refresh(n int) secret.String { return secret.New(fmt.Sprintf("refresh-%d", n)) }

// quiet is an OnEvent that says nothing.
func quiet(context.Context, Event) {}

// open returns a source that is closed at the end of the test.
func open(tb testing.TB, fetch Fetch, cfg Config) *Source {
	tb.Helper()
	if cfg.OnEvent == nil {
		cfg.OnEvent = quiet
	}
	s, err := New(fetch, cfg)
	require.NoError(tb, err)
	tb.Cleanup(s.Close)
	return s
}

// get returns the access token that s hands out, which must work.
func get(tb testing.TB, s *Source) string {
	tb.Helper()
	t, err := s.Token(context.Background())
	if !assert.NoError(tb, err) {
		return ""
	}
	return t.Access.Reveal()
}

// bubble runs f on a clock of its own.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// journal keeps events.
type journal struct {
	mu     sync.Mutex
	events []Event
}

func (j *journal) add(_ context.Context, e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
}

func (j *journal) all() []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Event(nil), j.events...)
}

func (j *journal) kinds() []EventKind {
	var out []EventKind
	for _, e := range j.all() {
		out = append(out, e.Kind)
	}
	return out
}

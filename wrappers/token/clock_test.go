package token

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dial is a Clock that stands where a test puts it.
type dial struct {
	mu     sync.Mutex
	at     time.Time
	alarms map[*alarm]bool
}

type alarm struct {
	at time.Time
	f  func()
}

func newDial() *dial { return &dial{at: time.Now(), alarms: map[*alarm]bool{}} }

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *dial) AfterFunc(wait time.Duration, f func()) func() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := &alarm{d.at.Add(wait), f}
	d.alarms[a] = true
	return func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		waiting := d.alarms[a]
		delete(d.alarms, a)
		return waiting
	}
}

// advance sets the clock forward.
func (d *dial) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
	for a := range d.alarms {
		if !a.at.After(d.at) {
			delete(d.alarms, a)
			go a.f()
		}
	}
}

// A Source with a clock of its own lives by it and by no other one: a token ends, is renewed ahead, is loaded from a store
// and a pause is over when that clock says so.
func TestClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		clock, d, store := newDial(), grant(time.Hour), &MemoryStore{}
		cfg := Config{Clock: clock, Store: store, Key: "k"}
		s := open(t, d.fetch, cfg)
		tok, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, clock.Now().Add(time.Hour).Round(0), tok.Expiry)
		time.Sleep(24 * time.Hour)
		assert.Equal(t, "access-1", get(t, s), "the real time does not matter")
		assert.Equal(t, "access-1", get(t, open(t, d.fetch, cfg)), "nor for a token of a store")

		clock.advance(59*time.Minute + 30*time.Second)
		assert.Equal(t, "access-1", get(t, s))
		synctest.Wait()
		assert.Equal(t, "access-2", get(t, s), "renewed ahead")

		clock.advance(time.Hour)
		assert.Equal(t, "access-3", get(t, s), "the old one had ended")

		d.fails(errDown)
		clock.advance(time.Hour)
		_, err = s.Token(t.Context())
		assert.ErrorIs(t, err, errDown)
		assert.True(t, s.Stats().Failed)
		d.then(nil)
		time.Sleep(time.Hour)
		_, err = s.Token(t.Context())
		assert.ErrorIs(t, err, errDown, "the pause is of that clock, too")
		clock.advance(time.Second)
		assert.False(t, s.Stats().Failed)
		assert.NotEmpty(t, get(t, s))
	})
}

// A provider that gives a token again that is about to end: the flight waits on the clock for its end.
func TestClockIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		advance time.Duration
		want    string
	}{"advanced": {time.Second, "access-2"}, "not advanced": {0, ""}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				clock, d := newDial(), &desk{}
				d.then(func(n int, _ *Token) (*Token, error) {
					if n < 3 {
						return &Token{Access: access(1), ExpiresIn: time.Minute / time.Duration(n*n*n*n*n*n)}, nil
					}
					return &Token{Access: access(2), ExpiresIn: time.Hour}, nil
				})
				s := open(t, d.fetch, Config{Clock: clock})
				get(t, s)
				clock.advance(time.Minute)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				got := make(chan *Token)
				go func() {
					tok, _ := s.Token(ctx)
					got <- tok
				}()
				synctest.Wait()
				clock.advance(c.advance)
				tok := <-got
				if c.want == "" {
					assert.Nil(t, tok)
					s.Close()
					synctest.Wait()
					assert.Empty(t, clock.alarms, "nothing is left behind")
					return
				}
				assert.Equal(t, c.want, tok.Access.Reveal())
			})
		})
	}
}

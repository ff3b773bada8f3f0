// The time of a Sandbox: real, frozen, set or advanced.

package engine

import (
	"fmt"
	"sync"
	"time"
)

// clockReach is how far a clock goes from the time it started from: what a time.Duration can hold, with room to spare.
const clockReach = 100 * 365 * 24 * time.Hour

// VirtualClock is the time of a sandbox, which drives every life, window, retention and date in an answer. Delays of
// faults are waited for in real time, as clients count their time-outs in it. It is safe for many
// goroutines.
type VirtualClock struct {
	base func() time.Time

	mu     sync.RWMutex
	offset time.Duration // to the base, while the clock runs
	frozen time.Time     // where it stands; zero while it runs
	alarms map[*alarm]struct{}
	wake   *time.Timer // rings the next of them, while the clock runs
}

// ClockState says what a clock shows and how it goes.
type ClockState struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
	Offset Duration  `json:"offset"` // how far it is ahead of the time it started from; can be negative
}

// Now returns the time of the Sandbox.
func (c *VirtualClock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.read()
}

func (c *VirtualClock) read() time.Time {
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.base().Add(c.offset)
}

// State returns what the clock shows and how it goes.
func (c *VirtualClock) State() ClockState {
	c.mu.RLock()
	defer c.mu.RUnlock()
	now, offset := c.read(), c.offset
	if !c.frozen.IsZero() {
		offset = now.Sub(c.base())
	}
	return ClockState{Now: now.UTC(), Frozen: !c.frozen.IsZero(), Offset: Duration(offset)}
}

// Freeze stops the clock where it is.
func (c *VirtualClock) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	c.frozen = c.read()
}

// Run lets a frozen clock go on from where it stands.
func (c *VirtualClock) Run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	c.put(c.read(), false)
}

// Real brings the clock back to the time it started from, which it follows from then on. When it was ahead this sets it
// back, and what was issued meanwhile lives that much longer.
func (c *VirtualClock) Real() {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	c.offset, c.frozen = 0, time.Time{}
}

// Advance moves the clock forward, frozen or not. It fails, and changes nothing, when d is negative or leads more
// than a hundred years away.
func (c *VirtualClock) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	return c.shift(d)
}

// Set moves the clock forward to t, frozen or not. It fails, and changes nothing, when t is before the time it shows,
// or more than a hundred years away: time does not run backwards, and what the Sandbox remembers would lie in the future.
func (c *VirtualClock) Set(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	return c.shift(t.Sub(c.read()))
}

// shift moves the clock by d from wherever it is: it goes on while it is moved.
func (c *VirtualClock) shift(d time.Duration) error {
	now := c.read()
	switch {
	case d < 0:
		return Invalid("time", "cannot go back: the clock shows %s; reset the sandbox, or return to the real time",
			now.UTC().Format(time.RFC3339Nano))
	case !c.reaches(now.Add(d)):
		return Invalid("time", "must be at most a hundred years away")
	case c.frozen.IsZero():
		c.offset += d
	default:
		c.frozen = c.frozen.Add(d)
	}
	return nil
}

// reaches reports whether the clock can show t.
func (c *VirtualClock) reaches(t time.Time) bool { return t.Sub(c.base()).Abs() <= clockReach }

// change does what the admin API is asked for: all of it or, when a part is not possible, nothing.
func (c *VirtualClock) change(mode string, set time.Time, advance time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	offset, frozen := c.offset, c.frozen
	switch mode {
	case "freeze":
		c.frozen = c.read()
	case "run":
		c.put(c.read(), false)
	case "real":
		c.offset, c.frozen = 0, time.Time{}
	}
	var err error
	if !set.IsZero() {
		err = c.shift(set.Sub(c.read()))
	}
	if err == nil {
		err = c.shift(advance)
	}
	if err != nil {
		c.offset, c.frozen = offset, frozen
	}
	return err
}

func (c *VirtualClock) put(t time.Time, frozen bool) {
	if frozen {
		c.frozen = t
		return
	}
	c.offset, c.frozen = t.Sub(c.base()).Round(time.Microsecond), time.Time{} // reading the base took some time as well
}

// restore puts the clock where a snapshot had it.
func (c *VirtualClock) restore(state ClockState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	c.put(state.Now, state.Frozen)
}

// Duration is a time.Duration that is written as text in JSON, such as "1.5s" or "10m".
type Duration time.Duration

// String returns the duration in the way of time.Duration.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 1.5s or 10m", Cut(string(text)))
	}
	*d = Duration(parsed)
	return nil
}

// ChangeClock changes the mode of the clock, which may be empty, and sets and advances it: all of it or, when a part is not
// possible, nothing.
func (e *Engine) ChangeClock(mode string, set time.Time, advance time.Duration) error {
	return e.clock.change(mode, set, advance)
}

// What waits for the time of a Sandbox.

package engine

import "time"

// alarm is a function that waits for a time.
type alarm struct {
	at time.Time
	f  func()
}

// AfterFunc calls f in a goroutine of its own once d has passed on the clock, be it that it runs on or that it is set
// forward. stop keeps it from being called, and reports whether it did. With Now it makes a VirtualClock the
// token.Clock of a client's token.Config.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.ring()
	a := &alarm{c.read().Add(d), f}
	if c.alarms == nil {
		c.alarms = map[*alarm]struct{}{}
	}
	c.alarms[a] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		defer c.ring()
		_, waiting := c.alarms[a]
		delete(c.alarms, a)
		return waiting
	}
}

// ring calls what is due, and sees to it that it is called again for the next one. The caller holds mu.
func (c *VirtualClock) ring() {
	if c.wake != nil {
		c.wake.Stop()
		c.wake = nil
	}
	now, next := c.read(), time.Duration(0)
	for a := range c.alarms {
		left := a.at.Sub(now)
		if left <= 0 {
			delete(c.alarms, a)
			go a.f()
		} else if next == 0 || left < next {
			next = left
		}
	}
	if next > 0 && c.frozen.IsZero() {
		// The base may be a clock that stands.
		c.wake = time.AfterFunc(max(next, leastWait), func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ring()
		})
	}
}

// leastWait is the shortest time between two looks at the clock.
const leastWait = 10 * time.Millisecond

// Whether a call is carried out: a fake judges it first, and only then may a fault come between.

package sandbox

import "sync"

// verdict is what a fake makes of a call before it has done anything for it.
type verdict struct {
	refusal  answer        // when it refuses
	carryOut func() answer // when it accepts: what it does then
}

func refused(a answer) verdict { return verdict{refusal: a} }

func accepted(carryOut func() answer) verdict { return verdict{carryOut: carryOut} }

// decide answers a call. The verdict and what follows from it are one step under the lock of the fake, except for a delay
// that comes before the call is processed: then the fake judges again. Faults meet accepted calls alone, so a refused
// one uses up none. It reports whether the provider has processed the call, be it with a refusal.
func (c *call) decide(mu *sync.Mutex, judge func(*call) verdict) (a answer, processed bool) {
	mu.Lock()
	defer mu.Unlock()
	v := judge(c)
	if v.carryOut == nil {
		return v.refusal, true
	}
	p := c.provider
	c.fault = p.rules.take(p.name, c.operation.ID, c.r.Header)
	if c.fault.waitsBefore() {
		mu.Unlock()
		c.left = !c.fault.waitOut(c.r.Context())
		mu.Lock()
		if c.left {
			return answer{refused: "the caller left before the call was processed", isRaw: true}, false
		}
		c.now = p.clock.Now()
		v = judge(c)
	}
	switch {
	case c.fault != nil && !c.fault.processed():
		return c.fault.answer(c), false
	case v.carryOut == nil:
		return v.refusal, true
	}
	return v.carryOut(), true
}

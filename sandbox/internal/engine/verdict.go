// Whether a call is carried out: a fake judges it first, and only then may a fault come between.

package engine

import "encoding/json"

// Verdict is what a fake makes of a call before it has done anything for it. Make one with [Refused] or [Accepted].
type Verdict struct {
	refusal  Answer        // when it refuses
	carryOut func() Answer // when it accepts: what it does then
}

// Refused is the verdict on a call that gets a refusal.
func Refused(a Answer) Verdict { return Verdict{refusal: a} }

// Accepted is the verdict on a call that is carried out, unless a fault comes between.
func Accepted(carryOut func() Answer) Verdict { return Verdict{carryOut: carryOut} }

// Decide answers a call. The verdict and what follows from it are one step under the lock of the fake, except for a delay
// that comes before the call is processed: then the fake judges again. Faults meet accepted calls alone, so a refused
// one uses up none. It reports whether the provider has processed the call, be it with a refusal.
func (c *Call) Decide(judge Handler) (a Answer, processed bool) {
	p := c.provider
	p.fake.Lock()
	defer p.fake.Unlock()
	v := judge(c)
	if v.carryOut == nil {
		return v.refusal, true
	}
	c.fault = p.rules.take(p.name, c.Operation.ID, c.R.Header)
	if c.fault.waitsBefore() {
		p.fake.Unlock()
		c.left = !c.fault.waitOut(c.R.Context())
		p.fake.Lock()
		if c.left {
			return Answer{Refused: "the caller left before the call was processed", isRaw: true}, false
		}
		c.Now = p.clock.Now()
		v = judge(c)
	}
	switch {
	case c.fault != nil && !c.fault.processed():
		return c.fault.answer(c), false
	case v.carryOut == nil:
		return v.refusal, true
	}
	return c.written(v.carryOut()), true
}

// written makes JSON of an answer's data, which may be a part of the state, while nobody can change it. What cannot be
// written is caught at the door.
func (c *Call) written(a Answer) Answer {
	if a.Data == nil {
		return a
	}
	if text, err := json.Marshal(c.bodyOf(a)); err == nil {
		a.Data, a.written = nil, text
	}
	return a
}

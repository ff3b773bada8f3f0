// What happens by itself, when its time has come.

package straddle

import "time"

// Advance lets everything happen that is due at a time. It is called before each call is judged, and when somebody looks;
// what happened before the sandbox was looked at happened then, not now.
func (s *Fake) Advance(now time.Time) {
	for d, ok := s.agenda.next(now); ok; d, ok = s.agenda.next(now) {
		s.happenings()[d.What](d.ID, d.At)
	}
}

// Next returns when the next thing is due.
func (s *Fake) Next() time.Time {
	if len(s.agenda.list) == 0 {
		return time.Time{}
	}
	return s.agenda.list[0].At
}

package token

import "time"

// Stats are the counters of a [Source] since it was made, and its state. Tokens that were handed out at once are not
// counted: that would cost more than handing them out.
type Stats struct {
	// Fetches is how often the Fetch was called, Failures how often nothing usable came of it.
	Fetches, Failures uint64
	// Renewals is how many times a token was to be renewed in the background.
	Renewals uint64
	// Waits is how many callers had to wait for a fetch.
	Waits uint64
	// Shared is how many callers got a failure that was known already.
	Shared uint64
	// Invalidations is how many tokens were dropped because they were refused.
	Invalidations uint64
	// Loads is how many tokens came from the Store, Saves how many went there, SaveFailures how many did not.
	Loads, Saves, SaveFailures uint64

	// Generation counts the changes of the token in its Store; 0 without one.
	Generation uint64
	// Expiry is when the token ends that is handed out. Zero means never, or that there is none.
	Expiry time.Time
	// Failed tells that the Source does not ask at the moment, GaveUp that it will not until Reset.
	Failed, GaveUp bool
}

// Stats returns the counters. They are of one moment.
func (s *Source) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Generation = s.generation
	if h := s.current.Load(); h != nil {
		out.Expiry = h.token.Expiry
	}
	out.Failed = s.failure.holds(s.now())
	out.GaveUp = s.failure.final
	return out
}

// count changes the counters.
func (s *Source) count(change func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.stats)
}

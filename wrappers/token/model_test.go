package token

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

var (
	modelSchedules = flag.Int("model.schedules", 2_000, "how many random schedules TestModel runs; make test-thorough runs 10,000")
	modelSeed      = flag.Uint64("model.seed", 0, "run the one schedule of this seed; 0 runs new ones")
)

// TestModel runs random schedules of callers, expiries, failures, revocations, restarts, crashes and cancellations
// against a provider that is strict: its refresh tokens are good for one use, and a second use ends the grant, even
// where the answer to the first one was lost. What a source does is held against what the model says it must and must
// not do. Requirements D38, D39, D42, D44 to D49, D51 and E58.
func TestModel(t *testing.T) {
	if *modelSeed != 0 {
		runSchedule(t, *modelSeed)
		return
	}
	seeds := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for range *modelSchedules {
		if seed := seeds.Uint64() | 1; !runSchedule(t, seed) {
			return // the failure names its seed: go test -run TestModel -model.seed=…
		}
	}
}

func runSchedule(t *testing.T, seed uint64) bool {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &model{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 2)), luck: rand.New(rand.NewPCG(seed, 3)), grants: map[string]*granted{}, tokens: map[string]*granted{}}
		if m.rng.IntN(3) > 0 {
			m.store = &faulty{}
		}
		m.start()
		for range 8 + m.rng.IntN(22) {
			m.step()
		}
		m.finish()
	})
	return !t.Failed()
}

// granted is a token, or a refresh token, as the provider knows it.
type granted struct {
	grant   int
	end     time.Time // zero: never
	spent   bool      // a refresh token that was used
	revoked bool
	dropped time.Time // when the source was told to forget it
}

// model is the provider, the callers and what is known of the source.
type model struct {
	t     *testing.T
	seed  uint64
	store *faulty

	rng *rand.Rand // of the schedule

	mu      sync.Mutex // guards what follows
	luck    *rand.Rand // of the provider
	source  *Source
	serial  int
	fetches int
	running bool
	void    bool // the source was told to forget, or closed, while a fetch ran
	grants  map[string]*granted
	tokens  map[string]*granted
	newest  *Token    // what the source must hand out
	recent  *Token    // what the provider issued last
	since   time.Time // since when
	until   time.Time // until when without a renewal
	final   bool      // the source must not ask
	quiet   time.Time // nor before this

	callers sync.WaitGroup
	cancels []context.CancelFunc
}

func (m *model) errorf(format string, args ...any) {
	m.t.Helper()
	m.t.Errorf("-model.seed=%d at %s: "+format, append([]any{m.seed, time.Now().Format("15:04:05.000")}, args...)...)
}

// start makes a source, as a process does that starts.
func (m *model) start() {
	cfg := Config{OnEvent: quiet, Timeout: 5 * time.Second, Backoff: 4 * time.Second}
	if m.store != nil {
		cfg.Store, cfg.Key = m.store, "k"
	}
	s, err := New(m.fetch, cfg)
	if err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.source, m.newest, m.final, m.quiet = s, nil, false, time.Time{}
}

// fetch is the provider.
func (m *model) fetch(ctx context.Context, last *Token) (*Token, error) {
	m.mu.Lock()
	m.fetches++
	switch {
	case m.running:
		m.errorf("two fetches at once")
	case m.final:
		m.errorf("asked after a final failure")
	case time.Now().Before(m.quiet):
		m.errorf("asked %s too early after a failure", time.Until(m.quiet))
	}
	m.running, m.void = true, ctx.Err() != nil
	delay := time.Duration(1+m.luck.IntN(2000)) * time.Millisecond
	if m.luck.IntN(20) == 0 {
		delay = time.Minute // longer than the timeout
	}
	outcome, lateness := m.luck.IntN(20), m.luck.IntN(2) == 0
	m.mu.Unlock()

	arrived := clock.Sleep(ctx, delay)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = false
	if !arrived && lateness {
		return nil, ctx.Err() // it never got there
	}
	t, err := m.process(ctx, last, outcome)
	switch {
	case !arrived:
		t, err = nil, ctx.Err()
	case outcome == 5:
		t, err = nil, InDoubt(errDown) // processed, and the answer was lost
	}
	m.note(t, err)
	return t, err
}

// process is what the provider does with a request. The caller holds mu.
func (m *model) process(ctx context.Context, last *Token, outcome int) (*Token, error) {
	switch outcome {
	case 0, 1:
		return nil, errDown
	case 2:
		return nil, Final(errDown, ErrLocked)
	case 3:
		m.note(nil, cmp.Or(ctx.Err(), errDown))
		panic("provider")
	case 4:
		return &Token{}, nil
	}
	if outcome > 16 && !last.refreshes() && m.alive(m.recent) {
		t := *m.recent // once more, with the life that is left
		t.Refresh, t.ExpiresIn = secret.String{}, time.Until(m.tokens[t.Access.Reveal()].end)
		return &t, nil
	}
	m.serial++
	g := &granted{grant: m.serial}
	if last != nil && !last.Refresh.IsZero() {
		old := m.grants[last.Refresh.Reveal()]
		switch {
		case old.revoked:
			return nil, Final(errDown, ErrDeadGrant)
		case old.spent:
			m.errorf("%s was sent once more", last.Refresh.Reveal())
			return nil, Final(errDown, ErrDeadGrant)
		}
		g.grant = old.grant
		if outcome > 12 { // no new refresh token
			return m.issue(g, secret.String{}), nil
		}
		old.spent = true
	}
	r := refresh(m.serial)
	m.grants[r.Reveal()] = &granted{grant: g.grant}
	return m.issue(g, r), nil
}

// alive reports whether a token ends, and has not yet. The caller holds mu.
func (m *model) alive(t *Token) bool {
	if t == nil {
		return false
	}
	g := m.tokens[t.Access.Reveal()]
	return !g.revoked && time.Now().Add(time.Second).Before(g.end)
}

// issue makes a token.
func (m *model) issue(g *granted, r secret.String) *Token {
	lives := []time.Duration{0, time.Second, 5 * time.Second, 20 * time.Second, time.Minute, time.Hour}
	t := &Token{Access: access(m.serial), Refresh: r, ExpiresIn: lives[m.luck.IntN(len(lives))]}
	if t.ExpiresIn > 0 {
		g.end = time.Now().Add(t.ExpiresIn) // the life counts from when the provider made it
	}
	m.tokens[t.Access.Reveal()], m.recent = g, t
	return t
}

// note draws what follows from an answer for the source. The caller holds mu.
func (m *model) note(t *Token, err error) {
	m.newest = nil
	switch {
	case m.void, errors.Is(err, context.Canceled): // by Forget or Close
	case err != nil && errors.Is(err, ErrLocked):
		m.final = true
	case err != nil && !errors.Is(err, ErrDeadGrant), t != nil && t.Access.IsZero():
		m.quiet = time.Now().Add(leastPause)
	case t != nil && !m.store.fails():
		m.newest, m.since = t, time.Now()
		// From the request on at least; the request took 2 s at most.
		m.until = m.since.Add(t.ExpiresIn*3/4 - 2*time.Second)
	}
}

// inUse reports whether newest is what the source must hand out without a fetch. The caller holds mu.
func (m *model) inUse() bool {
	now := time.Now()
	return m.newest != nil && now.After(m.since) && (m.newest.ExpiresIn == 0 || now.Before(m.until))
}

// step does one thing at random.
func (m *model) step() {
	switch n := m.rng.IntN(100); {
	case n < 40:
		m.call(1 + m.rng.IntN(4))
	case n < 70:
		units := []time.Duration{time.Millisecond, 50 * time.Millisecond, time.Second, 10 * time.Second, 2 * time.Minute}
		time.Sleep(time.Duration(1+m.rng.IntN(20)) * units[m.rng.IntN(len(units))])
	case n < 78:
		m.invalidate()
	case n < 81:
		m.revoke()
	case n < 84:
		m.revokeAccess()
	case n < 88:
		m.reset()
	case n < 91:
		m.restart()
	case n < 94:
		m.cancel()
	case n < 97:
		m.fault()
	default:
		synctest.Wait()
	}
}

// call lets callers ask, each in its own time.
func (m *model) call(callers int) {
	for range callers {
		ctx, cancel := context.WithCancel(context.Background())
		if m.rng.IntN(2) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(1+m.rng.IntN(3000))*time.Millisecond)
		}
		m.cancels = append(m.cancels, cancel)
		m.mu.Lock()
		source := m.source
		m.mu.Unlock()
		m.callers.Go(func() { m.ask(ctx, source) })
	}
}

// ask is one caller. What it gets must be right.
func (m *model) ask(ctx context.Context, source *Source) {
	m.mu.Lock()
	begin, before, want := time.Now(), m.fetches, m.newest
	hit := source == m.source && m.inUse()
	m.mu.Unlock()
	t, err := source.Token(ctx)
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.checkError(ctx, err, now)
	} else {
		m.checkToken(t, begin, now)
	}
	if hit && m.newest == want && source == m.source {
		if err != nil || !t.Same(want) || !now.Equal(begin) || m.fetches != before {
			m.errorf("%s was there, and a caller got something else: %v", want.Access.Reveal(), err)
		}
	}
}

func (m *model) checkToken(t *Token, begin, now time.Time) {
	g := m.tokens[t.Access.Reveal()]
	switch {
	case g == nil:
		m.errorf("%s was never issued", t.Access.Reveal())
	case !g.end.IsZero() && !now.Before(g.end):
		m.errorf("%s ended %s ago", t.Access.Reveal(), now.Sub(g.end))
	case !g.dropped.IsZero() && begin.After(g.dropped):
		m.errorf("%s was revoked before the caller came", t.Access.Reveal())
	}
}

func (m *model) checkError(ctx context.Context, err error, now time.Time) {
	var p *PanicError
	known := errors.As(err, &p)
	for _, kind := range []error{errDown, ErrClosed, ErrBadToken, ErrStore, context.DeadlineExceeded, context.Canceled} {
		known = known || errors.Is(err, kind)
	}
	if !known {
		m.errorf("unknown error: %v", err)
	}
	if end, ok := ctx.Deadline(); ok && now.After(end) {
		m.errorf("a caller waited %s longer than its context", now.Sub(end))
	}
}

// invalidate reports a token as refused: the one in use, or any old one.
func (m *model) invalidate() {
	m.mu.Lock()
	t := m.newest
	if m.rng.IntN(2) == 0 && m.serial > 0 {
		t = &Token{Access: access(1 + m.rng.IntN(m.serial))}
	}
	if t.Same(m.newest) {
		m.newest = nil
	}
	source, current := m.source, m.newest
	m.mu.Unlock()
	dropped := source.Invalidate(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	if dropped && current == m.newest && m.inUse() {
		m.errorf("a refusal of %s cost %s", t.Access.Reveal(), current.Access.Reveal())
	}
}

// revoke forgets and revokes what the source holds, with its whole grant.
func (m *model) revoke() {
	m.mu.Lock()
	t, source := m.newest, m.source
	if t == nil {
		m.mu.Unlock()
		return
	}
	m.void, m.newest = m.running, nil
	m.mu.Unlock()
	source.Forget(t.Access)
	m.mu.Lock()
	defer m.mu.Unlock()
	grant := m.tokens[t.Access.Reveal()].grant
	for _, all := range []map[string]*granted{m.tokens, m.grants} {
		for _, g := range all {
			if g.grant == grant {
				g.revoked = true
				if !m.store.fails() { // else it may come back from there after a restart
					g.dropped = time.Now()
				}
			}
		}
	}
}

// revokeAccess forgets and revokes an access token alone: the one in use, or the last one that the provider issued,
// which may be on its way.
func (m *model) revokeAccess() {
	m.mu.Lock()
	t, source := m.newest, m.source
	if t == nil || m.rng.IntN(2) == 0 {
		t = m.recent
	}
	if t == nil {
		m.mu.Unlock()
		return
	}
	m.newest = nil
	m.mu.Unlock()
	source.ForgetAccess(t.Access)
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.tokens[t.Access.Reveal()]
	g.revoked = true
	if !m.store.fails() {
		g.dropped = time.Now()
	}
}

func (m *model) reset() {
	m.mu.Lock() // held throughout: no failure may come in between
	defer m.mu.Unlock()
	m.final, m.quiet = false, time.Time{}
	m.source.Reset()
}

// restart closes the source and makes another one. Once in a while the process crashes instead: nothing more of it
// is saved.
func (m *model) restart() {
	m.mu.Lock()
	crash := m.rng.IntN(2) == 0 && m.store != nil && !m.running
	source := m.source
	m.void, m.newest = true, nil
	m.mu.Unlock()
	if crash {
		synctest.Wait()
		m.store.set(errDown, errDown)
	}
	source.Close()
	if crash {
		m.store.set(nil, nil)
	}
	if _, err := source.Token(context.Background()); !errors.Is(err, ErrClosed) {
		m.errorf("a closed source answered %v", err)
	}
	m.start()
}

func (m *model) cancel() {
	for _, cancel := range m.cancels {
		cancel()
	}
	m.cancels = nil
}

// fault lets the store fail, or work again.
func (m *model) fault() {
	if m.store == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.newest = nil
	faults := []error{nil, nil, errDown}
	m.store.set(faults[m.rng.IntN(3)], faults[m.rng.IntN(3)])
}

// finish waits for everybody and closes.
func (m *model) finish() {
	time.Sleep(time.Second)
	m.cancel()
	m.callers.Wait()
	m.source.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running {
		m.errorf("a fetch is left")
	}
}

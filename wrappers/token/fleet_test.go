package token

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// issuer is a provider whose refresh tokens are good for one use. One that comes twice ends its grant.
type issuer struct {
	mu      sync.Mutex
	life    time.Duration
	serial  int
	logins  int
	renewed int
	reused  int
	grants  map[string]int  // refresh token -> grant
	spent   map[string]bool // refresh token
	dead    map[int]bool    // grant
	revoked []int
}

func newIssuer(life time.Duration) *issuer {
	return &issuer{life: life, grants: map[string]int{}, spent: map[string]bool{}, dead: map[int]bool{}}
}

// issue answers a login, or the use of a refresh token.
func (i *issuer) issue(refresh string) (access, next string, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.serial++
	grant := i.serial
	if refresh == "" {
		i.logins++
	} else {
		grant = i.grants[refresh]
		if i.spent[refresh] {
			i.reused++
			i.dead[grant] = true
		}
		if i.dead[grant] {
			return "", "", errors.New("invalid_grant")
		}
		i.spent[refresh] = true
		i.renewed++
	}
	next = fmt.Sprintf("refresh-%d", i.serial)
	i.grants[next] = grant
	return fmt.Sprintf("access-%d", i.serial), next, nil
}

// revoke ends the grant of a refresh token.
func (i *issuer) revoke(refresh string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.dead[i.grants[refresh]] = true
	i.revoked = append(i.revoked, i.grants[refresh])
}

func (i *issuer) counts() (logins, renewed, reused, lost int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.logins, i.renewed, i.reused, len(i.dead)
}

var fleetDays = flag.Int("fleet.days", 5, "how many days TestDaysOfEightSources lasts")

// Eight sources over one directory, as eight processes have them, through some days: no grant is lost, and each refresh
// token is used once. Requirement D122.
func TestDaysOfEightSources(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p, dir := newIssuer(time.Hour), private0700(t)
		fetch := func(ctx context.Context, last *Token) (*Token, error) {
			if !clock.Sleep(ctx, time.Duration(30+rand.IntN(300))*time.Millisecond) {
				return nil, ctx.Err()
			}
			var old string
			if last.refreshes() {
				old = last.Refresh.Reveal()
			}
			access, next, err := p.issue(old)
			if err != nil {
				return nil, Final(err, ErrDeadGrant)
			}
			return &Token{Access: secret.New(access), Refresh: secret.New(next), ExpiresIn: p.life}, nil
		}
		var sources []*Source
		for range 8 {
			sources = append(sources, open(t, fetch, Config{Store: openFile(t, dir), Key: "k"}))
		}
		for end := time.Now().Add(time.Duration(*fleetDays) * 24 * time.Hour); time.Now().Before(end); {
			var callers sync.WaitGroup
			for _, s := range sources {
				callers.Go(func() {
					time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
					_, err := s.Token(t.Context())
					assert.NoError(t, err)
				})
			}
			callers.Wait()
			time.Sleep(time.Duration(1+rand.IntN(120)) * time.Minute)
		}
		synctest.Wait()
		logins, renewed, reused, lost := p.counts()
		t.Logf("%d days, 8 sources: %d logins, %d renewals, %d refresh tokens sent twice, %d grants lost", *fleetDays, logins, renewed, reused, lost)
		assert.Equal(t, 1, logins)
		assert.Greater(t, renewed, 10**fleetDays)
		assert.Zero(t, reused)
		assert.Zero(t, lost)
	})
}

// What a process of the fleet is told. It is this test's own program, which TestMain lets play that part.
var (
	memberDir    = flag.String("member.dir", "", "be a process of TestEightProcesses over this directory")
	memberIssuer = flag.String("member.issuer", "", "the address of its provider")
)

// member asks for a token each time a line comes in, and says what it got.
func member(dir, issuer string, in io.Reader, out io.Writer) error {
	store, err := NewPlainFileStore(context.Background(), dir)
	if err != nil {
		return err
	}
	post := func(ctx context.Context, path, refresh string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+path, strings.NewReader(refresh))
		if err != nil {
			return nil, err
		}
		return http.DefaultClient.Do(req)
	}
	s, err := New(func(ctx context.Context, last *Token) (*Token, error) {
		var old string
		if last.refreshes() {
			old = last.Refresh.Reveal()
		}
		resp, err := post(ctx, "/token", old)
		if err != nil {
			return nil, InDoubt(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			return nil, Final(errors.New("invalid_grant"), ErrDeadGrant)
		}
		var body struct{ Access, Refresh string }
		if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
			return nil, InDoubt(err)
		}
		return &Token{Access: secret.New(body.Access), Refresh: secret.New(body.Refresh), ExpiresIn: time.Hour}, nil
	}, Config{Store: store, Key: "k", OnEvent: quiet, Discard: func(ctx context.Context, t *Token) error {
		resp, err := post(ctx, "/revoke", t.Refresh.Reveal())
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}})
	if err != nil {
		return err
	}
	defer s.Close()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if drop := lines.Text(); drop != "" {
			s.Invalidate(&Token{Access: secret.New(drop)}) // as a 401 does
		}
		t, err := s.Token(context.Background())
		if err != nil {
			_, _ = fmt.Fprintf(out, "error %v %v\n", errors.Is(err, ErrInDoubt), err)
			continue
		}
		_, _ = fmt.Fprintln(out, t.Access.Reveal())
	}
	return nil
}

// process is a running member.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startProcess(t *testing.T, dir, issuer string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], "-member.dir="+dir, "-member.issuer="+issuer)}
	var err error
	p.in, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.out = bufio.NewReader(out)
	p.cmd.Stderr = os.Stderr
	require.NoError(t, p.cmd.Start())
	t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

func (p *process) ask(drop string) { _, _ = fmt.Fprintln(p.in, drop) }

func (p *process) answer() string {
	line, _ := p.out.ReadString('\n')
	return strings.TrimSpace(line)
}

// serve is the issuer over HTTP. held, if it is set, is called after a token was issued and before it is sent.
func (i *issuer) serve(t *testing.T, held func(refresh string)) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/revoke" {
			i.revoke(string(body))
			return
		}
		access, next, err := i.issue(string(body))
		if held != nil {
			held(string(body))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"access": access, "refresh": next})
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// Eight processes over one FileStore, with a provider that detects reuse. They log in once, and every renewal that all of
// them want sends one refresh token once. Requirement D122.
func TestEightProcesses(t *testing.T) {
	p, dir := newIssuer(time.Hour), private0700(t)
	url := p.serve(t, nil)
	var all []*process
	for range 8 {
		all = append(all, startProcess(t, dir, url))
	}
	together := func(drop string) string {
		for _, m := range all {
			m.ask(drop)
		}
		var first string
		for n, m := range all {
			got := m.answer()
			if n == 0 {
				first = got
			}
			assert.Equal(t, first, got)
		}
		return first
	}
	got := together("")
	logins, _, _, _ := p.counts()
	assert.Equal(t, 1, logins, "a cold start of eight logs in once")
	const renewals = 20
	for range renewals {
		got = together(got)
	}
	logins, renewed, reused, lost := p.counts()
	t.Logf("8 processes: %d logins, %d renewals, %d refresh tokens sent twice, %d grants lost", logins, renewed, reused, lost)
	assert.Equal(t, 1, logins)
	assert.Equal(t, renewals, renewed)
	assert.Zero(t, reused)
	assert.Zero(t, lost)
}

// A process that is killed between the answer and its save: the next one gives up the refresh token and says that it is
// in doubt, and logs in. Nobody sends it again.
func TestKilledBetweenAnswerAndSave(t *testing.T) {
	p, dir := newIssuer(time.Hour), private0700(t)
	var victim *process
	url := p.serve(t, func(refresh string) {
		if refresh == "refresh-1" {
			_ = victim.cmd.Process.Kill()
			_ = victim.cmd.Wait()
		}
	})
	victim = startProcess(t, dir, url)
	other := startProcess(t, dir, url)
	victim.ask("")
	first := victim.answer()
	other.ask("")
	require.Equal(t, first, other.answer())
	victim.ask(first)
	assert.Empty(t, victim.answer(), "it is gone")
	other.ask(first)
	assert.Equal(t, "access-3", other.answer())
	logins, renewed, reused, lost := p.counts()
	assert.Equal(t, 2, logins)
	assert.Equal(t, 1, renewed)
	assert.Zero(t, reused)
	assert.Zero(t, lost)
	assert.NoFileExists(t, dir+"/*"+unfinished)
}

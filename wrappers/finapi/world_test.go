package finapi_test

import (
	"cmp"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// world is a sandbox, a client of it, and what went over the wire between them. Each call is checked against the
// document.
type world struct {
	*finapi.Client
	wire     *wiretest.Wire
	below    http.RoundTripper // what the wire ends at
	sand     *sandbox.Sandbox
	clock    *clock
	user     string
	password secret.String
}

// clock is the sandbox's own. The client has the machine's.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// served returns a world whose sandbox is called over a port.
func served(t *testing.T, v finapi.APIVersion, opts ...sandbox.Option) *world {
	t.Helper()
	c := &clock{now: time.Now()}
	server := sandbox.Start(t, append([]sandbox.Option{sandbox.Clock(c.Now)}, opts...)...)
	w := newWorld(t, v, v, server.Sandbox(), &http.Transport{}, server.FinAPI())
	w.clock = c
	return w
}

// inMemory returns a world without a port, for tests with a time of their own.
func inMemory(t *testing.T, v finapi.APIVersion, opts ...sandbox.Option) *world {
	t.Helper()
	sand, err := sandbox.New(opts...)
	require.NoError(t, err)
	return newWorld(t, v, v, sand, sand.RoundTripper(), "http://localhost/finapi")
}

// newWorld returns a client that calls in version v with the credentials of version bound.
func newWorld(t *testing.T, v, bound finapi.APIVersion, sand *sandbox.Sandbox, base http.RoundTripper, url string, change ...func(*finapi.Config)) *world {
	t.Helper()
	creds := sand.Credentials().FinAPI
	tap := wiretest.Tap(base)
	checked := spectest.Transport(t, specs.FinAPIAccess, tap, spectest.BasePath("/finapi"))
	c := client(t, v, checked, append(change, func(cfg *finapi.Config) {
		cfg.BaseURL, cfg.ClientID, cfg.ClientSecret = url, creds.ClientID, secret.New(creds.ClientSecret)
		if bound == finapi.V2 {
			cfg.ClientID, cfg.ClientSecret = creds.V2ClientID, secret.New(creds.V2ClientSecret)
		}
	})...)
	if transport, ok := base.(*http.Transport); ok {
		t.Cleanup(transport.CloseIdleConnections)
	}
	return &world{Client: c, wire: tap, below: base, sand: sand, user: creds.Username, password: secret.New(creds.Password)}
}

// grants returns the grant of each request for a token, and "revoke" for the others.
func (w *world) grants(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, s := range w.wire.Requests() {
		all = append(all, cmp.Or(s.Form(t).Get("grant_type"), "revoke"))
	}
	return all
}

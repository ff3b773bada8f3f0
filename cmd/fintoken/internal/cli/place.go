package cli

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// place is where a provider or a sandbox is called.
type place struct {
	environment string // sandbox or production
	baseURL     string // empty for the environment's own
	socket      string // the Unix socket that the host of baseURL stands for
}

func (p place) production() bool { return p.environment == productionEnvironment }

// socketPrefix begins the address of a sandbox that is served on a Unix socket, as `fintoken sandbox --listen` takes it.
const socketPrefix = "unix:"

// socketHost is the host that stands for a Unix socket.
const socketHost = "http://localhost"

// dial turns an address such as unix:/run/user/1000/fintoken.sock into the socket and the base URL behind it, whose path
// is given: the one that the sandbox has for the provider.
func (p *place) dial(path string) error {
	socket, ok := strings.CutPrefix(p.baseURL, socketPrefix)
	switch {
	case !ok:
		return nil
	case socket == "":
		return errors.New(socketPrefix + " must be followed by the path of a socket")
	}
	p.socket, p.baseURL = filepath.Clean(socket), socketHost+path
	return nil
}

// placeOf returns where to call the provider whose variables begin with prefix. A flag wins over the environment; and
// since it is the louder one, --environment also wins over a base URL from there.
func (a *app) placeOf(prefix string) (place, error) {
	p := place{environment: a.flags.environment, baseURL: a.flags.baseURL}
	if p.baseURL == "" && p.environment == "" {
		p.baseURL = a.Getenv(prefix + "_BASE_URL")
	}
	if p.environment == "" {
		p.environment = strings.ToLower(a.Getenv(prefix + "_ENVIRONMENT"))
	}
	if err := checkEnvironment(prefix+"_ENVIRONMENT", p.environment); err != nil {
		return p, exit.ConfigError(err, "set it to one of them, or unset it")
	}
	if p.environment == "" {
		p.environment = sandboxEnvironment
	}
	a.debug("where", "environment", p.environment, "base_url_given", p.baseURL != "")
	if err := a.readTrust(); err != nil {
		return p, err
	}
	return p, a.badAddress(p.dial("/"+strings.ToLower(prefix)), prefix+"_BASE_URL")
}

// addressNext says what an address looks like.
const addressNext = "give a URL such as https://api.example.com, or the address that `fintoken sandbox` prints"

// badAddress says where an address that cannot be used came from: the flag, else the variable.
func (a *app) badAddress(err error, variable string) error {
	switch {
	case err == nil:
		return nil
	case a.flags.baseURL != "":
		return exit.UsageError(errors.New("--base-url "+err.Error()), addressNext)
	}
	return exit.ConfigError(errors.New(variable+" "+err.Error()), addressNext)
}

// newTransport returns the standard transport; over plain http, whose hosts are named one by one, without a proxy.
func (a *app) newTransport(p place) http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	if strings.HasPrefix(strings.ToLower(p.baseURL), "http://") {
		t.Proxy = nil
	}
	a.trusting(t, p)
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return exit.ErrProxy
		}
		return nil
	}
	if a.Dial != nil {
		t.DialContext = a.Dial
	}
	if dial := t.DialContext; p.socket != "" {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, "unix", p.socket) }
	}
	return t
}

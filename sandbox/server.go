// The ways in over a connection: a loopback port, a Unix socket, a port for one provider, a server for a test.

package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// What a connection may take. Calls are small and answered at once.
const (
	headerTimeout   = 5 * time.Second
	idleTimeout     = time.Minute
	shutdownTimeout = 500 * time.Millisecond
	headerLimit     = 64 << 10
)

// Server is a Sandbox served over HTTP. Make one with [Listen] or [Start].
type Server struct {
	sandbox   *Sandbox
	authority *authority // nil without TLS
	url       string
	socket    string
	clients   *Clients

	mu        sync.Mutex
	listeners []*listening
	closed    bool
	close     func() error
}

// Listen makes a Sandbox and serves it at an address: a loopback one such as "127.0.0.1:4010", where port 0 picks a free
// one, or a Unix socket such as "unix:/run/user/1000/fintoken.sock", which it creates for its owner alone. Any other
// address is refused without [AllowRemote]: what the sandbox accepts is no protection on a network. "0.0.0.0:4010" is
// every IPv4 address of the machine, and "[::]:4010" or ":4010" those of IPv6 as well. A port or socket that is in use is
// an error, and nothing is left behind. End it with [Server.Close].
//
// What a program around it needs: [Server.URL], [Server.FinAPI], [Server.Finogates] and [Server.Straddle] for base URLs,
// [Server.Admin] for the admin API, [Sandbox.Credentials], and [Server.Expose] for a client whose base URL cannot hold a
// path.
func Listen(addr string, opts ...Option) (*Server, error) {
	s, err := New(opts...)
	if err != nil {
		return nil, err
	}
	s.config.listensAt(addr)
	server := &Server{sandbox: s}
	server.close = sync.OnceValue(server.closeAll)
	if s.config.tls {
		if server.authority, err = newAuthority(); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	server.url, err = server.listen(addr, s)
	if err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(addr, socketPrefix); ok {
		server.socket = path
	}
	if server.clients, err = newClients(s.Credentials(), server.scheme()+"localhost", server.transport(), s.Clock()); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return server, nil
}

const socketPrefix = "unix:"

// Expose serves one of [Providers] at an address of its own and returns the base URL: for
// clients whose base URL cannot hold a path. The address is as for [Listen]. The admin API and the page are not there.
func (s *Server) Expose(provider, addr string) (string, error) {
	handler, err := s.sandbox.Provider(provider)
	if err != nil {
		return "", err
	}
	return s.listen(addr, handler)
}

// listen serves a handler at an address and returns the base URL there.
func (s *Server) listen(addr string, handler http.Handler) (string, error) {
	listener, url, err := s.open(addr)
	if err != nil {
		return "", fmt.Errorf("sandbox: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", errors.Join(errors.New("sandbox: the server is closed"), listener.Close())
	}
	s.listeners = append(s.listeners, serve(listener, handler))
	return url, nil
}

func (s *Server) open(addr string) (net.Listener, string, error) {
	if path, ok := strings.CutPrefix(addr, socketPrefix); ok {
		if s.authority != nil {
			return nil, "", engine.Invalid("TLS", "goes with a port; a Unix socket has its owner for protection")
		}
		listener, err := openSocket(path)
		return listener, "http://localhost", err
	}
	if err := allowedAddress(addr, s.sandbox.config.remote); err != nil {
		return nil, "", err
	}
	host, _, _ := net.SplitHostPort(addr) // as allowedAddress has
	listener, err := new(net.ListenConfig).Listen(context.Background(), networkOf(host), addr)
	if err != nil {
		return nil, "", err
	}
	at, _ := netip.ParseAddrPort(listener.Addr().String()) // of a TCP listener
	p := s.place(host, at.Addr())
	url := s.scheme() + net.JoinHostPort(p.host(), strconv.Itoa(int(at.Port())))
	if s.authority == nil {
		return listener, url, nil
	}
	config, err := s.authority.config(p.hosts())
	if err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, config), url, nil
}

// scheme is what URLs of the server begin with.
func (s *Server) scheme() string {
	if s.authority != nil {
		return "https://"
	}
	return "http://"
}

func allowedAddress(addr string, remote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if remote || engine.LoopbackName(host) {
		return nil
	}
	return fmt.Errorf("%q is not a loopback address; the sandbox serves 127.0.0.1, [::1] and localhost only", addr)
}

// listening is one address that is served.
type listening struct {
	addr   net.Addr
	server *http.Server
	ended  chan error

	mu  sync.Mutex
	new map[net.Conn]bool // connections on which no request has come yet
}

func serve(listener net.Listener, handler http.Handler) *listening {
	l := &listening{addr: listener.Addr(), ended: make(chan error, 1), new: map[net.Conn]bool{}}
	l.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       engine.RequestTimeout,
		WriteTimeout:      engine.RequestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerLimit,
		ConnState:         l.note,
	}
	go func() { l.ended <- l.server.Serve(listener) }()
	return l
}

func (l *listening) note(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state == http.StateNew {
		l.new[conn] = true
		return
	}
	delete(l.new, conn)
}

// stop ends the server. Shutdown closes idle connections at once, but gives those that never sent a request five
// seconds; so these go first. Calls that are running get a moment.
func (l *listening) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.server.Shutdown(ctx) }()
	served := <-l.ended // from here on no connection is new
	l.mu.Lock()
	for conn := range l.new {
		_ = conn.Close()
	}
	l.mu.Unlock()
	err := <-done
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close() // a client that does not read its answer is no reason to wait
	}
	if !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Close ends the server: calls that are running get half a second to finish, then their connections are cut. It takes
// less than a second, however many clients keep their connections. Later calls return what the first one did.
func (s *Server) Close() error { return s.close() }

func (s *Server) closeAll() error {
	if s.clients != nil {
		s.clients.close()
	}
	s.sandbox.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	errs := make([]error, len(s.listeners))
	var wg sync.WaitGroup
	for i, l := range s.listeners {
		wg.Go(func() { errs[i] = l.stop() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Sandbox returns what is served.
func (s *Server) Sandbox() *Sandbox { return s.sandbox }

// URL returns the address of the server without a slash at its end, such as "http://127.0.0.1:4010". Behind a Unix socket
// it is "http://localhost", for a client that dials [Server.Socket]. Where others are let in, its host is the first of
// [AllowRemote]; without one the name that is listened at, or an address by which others reach the machine. Over plain
// http, a client takes such a host if it is in its rest.Config.InsecureHosts.
func (s *Server) URL() string { return s.url }

// CACertificate returns the certificate, as PEM, that a client must trust to call a server with [TLS]. It is made anew for
// each server and is good for 30 days; its key never leaves the process. nil without TLS.
func (s *Server) CACertificate() []byte {
	if s.authority == nil {
		return nil
	}
	return s.authority.pem()
}

// Socket returns the path of the Unix socket, and "" when the server has a port.
func (s *Server) Socket() string { return s.socket }

// Admin returns the base URL of the admin API. Where that is for this machine only and all addresses are listened at, it
// has a loopback one.
func (s *Server) Admin() string {
	if !s.sandbox.config.remoteAdmin {
		if at, err := netip.ParseAddrPort(s.listeners[0].addr.String()); err == nil && at.Addr().IsUnspecified() {
			return fmt.Sprintf("%s127.0.0.1:%d%s", s.scheme(), at.Port(), adminPrefix)
		}
	}
	return s.url + adminPrefix
}

// Clients returns ready-made clients, one for each provider, over HTTP. They end with the server.
func (s *Server) Clients() *Clients { return s.clients }

// transport returns one that reaches the server whatever host a URL names.
func (s *Server) transport() *http.Transport {
	at := s.listeners[0].addr
	transport := &http.Transport{
		MaxIdleConnsPerHost: 64,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, at.Network(), at.String())
		},
	}
	if s.authority != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: s.authority.pool(), MinVersion: tls.VersionTLS12}
	}
	return transport
}

// TB is what [Start] needs of a *testing.T, *testing.B or *testing.F.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// Start serves a Sandbox on a free loopback port for the time of a test and fails the test when it cannot. The test has
// its own world: clients that are ready ([Server.Clients]), a clock ([Sandbox.Clock]), a journal ([Sandbox.Calls]) and
// faults ([Sandbox.AddFault]), none of which any other test sees.
func Start(t TB, opts ...Option) *Server {
	t.Helper()
	server, err := Listen("127.0.0.1:0", opts...)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Fatalf("sandbox: close: %v", err)
		}
	})
	return server
}

// Provider returns a handler of one provider alone, one of [Providers], with its paths at the root. A HEAD of the root
// itself only asks whether somebody is there: it is answered with 204 and is not in the journal.
func (s *Sandbox) Provider(name string) (http.Handler, error) { return s.engine.Provider(name) }

package faults

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// request is what the server got of the operation under test.
type request struct {
	method, path, query, key, authorization, linkID, linkSecret, body string
}

// server is the provider of a cell, on a real socket. It misbehaves on the path of the operation alone, so that the
// token that the operation may need can be had.
type server struct {
	url string
	op  *operation

	listener net.Listener
	http     *http.Server

	mu       sync.Mutex
	got      []request
	others   int // requests to paths that nobody should ask for
	misdeed  misdeed
	misdeeds int // how many are left; negative: no end
	helper   http.HandlerFunc
}

// misdeed answers a request in a bad way.
type misdeed func(w http.ResponseWriter, r *http.Request, got request)

func newServer(t *testing.T, o *operation) *server {
	t.Helper()
	s := &server{op: o, misdeeds: -1}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.listener = listener
	s.url = "http://" + listener.Addr().String()
	s.serve(listener)
	return s
}

func (s *server) stop() { _ = s.http.Close() }

// misbehave makes every request of the operation meet with m.
func (s *server) misbehave(m misdeed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misdeed, s.misdeeds = m, -1
}

// faultOnce makes the next request meet with the fault and no other.
func (s *server) faultOnce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misdeeds = 1
}

// requests returns what has come for the operation so far.
func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.got...)
}

// strays returns how many requests came for something else.
func (s *server) strays() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.others
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	got := request{
		method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, key: r.Header.Get("Idempotency-Key"),
		authorization: r.Header.Get("Authorization"), body: string(body),
		linkID: r.Header.Get("Link-Client-Id"), linkSecret: r.Header.Get("Link-Secret"),
	}
	if !matches(s.op.path, r.URL.Path) {
		s.help(w, r)
		return
	}
	s.mu.Lock()
	s.got = append(s.got, got)
	m := s.misdeed
	if s.misdeeds == 0 {
		m = nil
	}
	if s.misdeeds > 0 {
		s.misdeeds--
	}
	s.mu.Unlock()
	if m == nil {
		answer(w, s.op.status, s.op.good)
		return
	}
	m(w, r, got)
}

// matches reports whether a path is one of a template, whose parts in braces stand for anything.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, part := range want {
		if part != got[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}

// help gives the bearer that the operation under test needs.
func (s *server) help(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	helper := s.helper
	s.mu.Unlock()
	switch {
	case helper != nil && (r.URL.Path == tokenPath || r.URL.Path == exchangePath):
		helper(w, r)
	case r.URL.Path == tokenPath:
		answer(w, 200, clientToken)
	case r.URL.Path == exchangePath:
		answer(w, 200, exchange)
	default:
		s.mu.Lock()
		s.others++
		s.mu.Unlock()
		w.WriteHeader(http.StatusNotFound)
	}
}

// answer writes an answer in JSON.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// hijack takes the connection away from the server.
func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

// reset ends a connection with a RST.
func reset(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}

// echo is what a bad server gives back of a request: all of it, in every spelling.
func (r request) echo() string {
	form, _ := url.ParseQuery(r.body)
	all := r.authorization + " " + r.linkID + " " + r.linkSecret + " " + r.body
	for _, name := range []string{"client_secret", "password", "refresh_token", "token"} {
		v := form.Get(name)
		all += " " + v + " " + base64.StdEncoding.EncodeToString([]byte(v))
	}
	var members map[string]any
	if json.Unmarshal([]byte(r.body), &members) == nil {
		if v, ok := members["client_secret"].(string); ok {
			all += " " + v + " " + base64.RawURLEncoding.EncodeToString([]byte(v))
		}
	}
	return all
}

// trap is another origin, to which nothing may go. It counts connections and bytes.
type trap struct {
	url      string
	listener net.Listener
	done     chan struct{}

	mu    sync.Mutex
	count int
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tr := &trap{url: "http://" + listener.Addr().String(), listener: listener, done: make(chan struct{})}
	go func() {
		defer close(tr.done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			n, _ := conn.Read(make([]byte, 1024))
			tr.mu.Lock()
			tr.count += 1 + n
			tr.mu.Unlock()
			_ = conn.Close()
		}
	}()
	return tr
}

// touched returns the connections and bytes that came.
func (t *trap) touched() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

func (t *trap) stop() {
	_ = t.listener.Close()
	<-t.done
}

// serveTLS starts the server again, behind TLS.
func (s *server) serveTLS(conf *tls.Config) {
	_ = s.http.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	s.url = "https://" + listener.Addr().String()
	s.serve(tls.NewListener(listener, conf))
}

// inside moves the server of the cell under the fake clock, to connections in memory, so that the clock goes on while the
// client waits for the server. It returns what ends that.
func (c *cell) inside() (end func()) {
	outside := c.server.http
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	c.server.serve(p)
	c.transport = &http.Transport{DialContext: p.dial}
	c.arrived, c.release = make(chan struct{}, 100), make(chan struct{})
	return func() {
		_ = c.server.http.Close()
		c.server.http = outside
	}
}

// pipes is a listener whose connections are pipes.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p.conns <- far
	return near, nil
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// serve starts the server at a listener.
func (s *server) serve(listener net.Listener) {
	srv := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	s.http = srv
	go func() { _ = srv.Serve(listener) }()
}

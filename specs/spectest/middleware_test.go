package spectest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/specs"
)

// serve gives a middleware around h one request and returns the answer, the exchange and what the test failed with.
func serve(h http.HandlerFunc, req *http.Request) (*httptest.ResponseRecorder, Exchange, []string) {
	tb, w := &fakeTB{}, httptest.NewRecorder()
	var got Exchange
	Middleware(tb, specs.Straddle, h, Observe(func(e Exchange) { got = e })).ServeHTTP(w, req)
	return w, got, tb.end()
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	text := created(t)
	own := &tracked{Reader: strings.NewReader("{" + customer + "}")}
	req := initialize(own)
	w, got, failures := serve(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "{"+customer+"}", string(data))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusBadGateway)
		w.Header().Set("Content-Type", "too late")
		_, _ = io.WriteString(w, text[:10])
		assert.NoError(t, http.NewResponseController(w).Flush())
		_, _ = io.WriteString(w, text[10:])
	}, req)
	assert.Empty(t, failures)
	assert.Equal(t, "createBridgeToken", got.Operation.ID)
	assert.Equal(t, 201, got.Status)
	assert.Equal(t, text, w.Body.String())
	assert.True(t, w.Flushed)
	assert.Same(t, own, req.Body)
}

func TestMiddlewareFailsTheTest(t *testing.T) {
	t.Parallel()
	_, got, failures := serve(func(http.ResponseWriter, *http.Request) {}, initialize(strings.NewReader("{}")))
	assert.Equal(t, []string{
		"straddle.yaml: createBridgeToken (status 200): body /customer_id: is required",
		"straddle.yaml: createBridgeToken (status 200): header Content-Type: must be application/json, in UTF-8",
	}, failures)
	assert.Len(t, texts(got.Err), 2)

	_, _, failures = serve(func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		initialize(strings.NewReader("{"+customer+"}")))
	assert.Len(t, failures, 1, "what is flushed is an answer")

	_, _, failures = serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, request("GET", "/v2"))
	assert.Equal(t, []string{
		"straddle.yaml: request (status 404): " + checker(t, specs.Straddle).unknownPath().Error(),
		"straddle.yaml: no call was checked",
	}, failures)
}

func TestMiddlewareWithoutAChecker(t *testing.T) {
	t.Parallel()
	tb, w := &fakeTB{}, httptest.NewRecorder()
	Middleware(tb, specs.Straddle, http.NotFoundHandler(), BasePath("x")).ServeHTTP(w, request("GET", "/"))
	assert.Equal(t, 500, w.Code)
	assert.Len(t, tb.end(), 1)
}

func TestMiddlewareLimits(t *testing.T) {
	t.Parallel()
	w, got, failures := serve(func(http.ResponseWriter, *http.Request) { t.Error("the handler got the request") },
		initialize(io.LimitReader(zeros{}, 3*MaxBody)))
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	assert.Equal(t, 413, got.Status)
	assert.Equal(t, []string{"straddle.yaml: createBridgeToken (status 413): body: must have at most 10 MiB"}, failures)

	w, _, failures = serve(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		for range 3 {
			n, err := w.Write(make([]byte, MaxBody))
			assert.NoError(t, err)
			assert.Equal(t, MaxBody, n)
		}
	}, initialize(strings.NewReader("{"+customer+"}")))
	assert.Equal(t, 3*MaxBody, w.Body.Len(), "a large answer reaches the client whole")
	assert.Equal(t, []string{"straddle.yaml: createBridgeToken (status 201): body: must have at most 10 MiB"}, failures)
}

func TestMiddlewareFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	called := false
	_, got, failures := serve(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		called = errors.Is(err, broken)
	}, initialize(iotest.ErrReader(broken)))
	assert.True(t, called, "the handler gets the error")
	assert.Nil(t, got.Operation)
	assert.Equal(t, []string{"straddle.yaml: no call was checked"}, failures)

	tb := &fakeTB{}
	h := Middleware(tb, specs.Straddle, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		h.ServeHTTP(httptest.NewRecorder(), initialize(strings.NewReader("{}")))
	})
	assert.Equal(t, []string{"straddle.yaml: createBridgeToken (status 0): body /customer_id: is required"}, tb.end())
}

func TestMiddlewareHijack(t *testing.T) {
	t.Parallel()
	hijack := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
			return
		}
		w.WriteHeader(http.StatusNotImplemented)
	}
	_, got, failures := serve(hijack, initialize(strings.NewReader("{"+customer+"}")))
	assert.Equal(t, 501, got.Status, "a writer that cannot")
	assert.Len(t, failures, 1)

	tb := &fakeTB{}
	Middleware(tb, specs.Straddle, http.HandlerFunc(hijack)).
		ServeHTTP(&hijackable{httptest.NewRecorder()}, initialize(strings.NewReader("{"+customer+"}")))
	assert.Empty(t, tb.end())
}

type hijackable struct{ *httptest.ResponseRecorder }

func (*hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	client, server := net.Pipe()
	return server, nil, client.Close()
}

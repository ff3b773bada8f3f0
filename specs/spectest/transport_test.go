package spectest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// tracked is a body that notes how it is used.
type tracked struct {
	io.Reader
	closed int
}

func (b *tracked) Close() error { b.closed++; return nil }

// answer returns a base that reads and closes each request, as it must, and gives one answer.
func answer(status int, field string, body io.ReadCloser) http.RoundTripper {
	return roundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
			_ = req.Body.Close()
		}
		return &http.Response{StatusCode: status, Header: request("GET", "/", field).Header, Body: body, Request: req}, nil
	})
}

func created(t *testing.T) string {
	t.Helper()
	body, media, err := Example(specs.Straddle, "createBridgeToken", "201", Examples(specs.Straddle, "createBridgeToken", "201")[0])
	require.NoError(t, err)
	require.Equal(t, "application/json", media)
	return string(body)
}

func initialize(body io.Reader) *http.Request {
	req, _ := http.NewRequest("POST", "https://sandbox.straddle.com/v1/bridge/initialize", body)
	req.Header.Set("Authorization", "Bearer key-1")
	req.Header.Set("Content-Type", "application/json")
	return req
}

func TestTransportLeavesTheCallAlone(t *testing.T) {
	t.Parallel()
	text := created(t)
	sent := &tracked{Reader: strings.NewReader("{" + customer + "}")}
	received := &tracked{Reader: iotest.OneByteReader(strings.NewReader(text))}
	req := initialize(sent)
	before := req.Clone(req.Context())
	var seen *http.Request
	base := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		seen = r
		data, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "{"+customer+"}", string(data))
		again, err := r.GetBody()
		assert.NoError(t, err)
		data, _ = io.ReadAll(again)
		assert.Equal(t, "{"+customer+"}", string(data))
		assert.NoError(t, r.Body.Close())
		return &http.Response{StatusCode: 201, Header: request("GET", "/", jsonType).Header, Body: received, Request: r}, nil
	})
	rt := Transport(t, specs.Straddle, base)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)

	assert.Equal(t, before.Header, req.Header)
	assert.Equal(t, before.URL, req.URL)
	assert.Same(t, sent, req.Body, "the caller's request keeps its body")
	assert.NotSame(t, req, seen)
	assert.Equal(t, 1, sent.closed)
	assert.Same(t, req, resp.Request)

	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, text, string(data))
	assert.Equal(t, 0, received.closed, "the caller closes the answer")
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 1, received.closed)
	assert.Equal(t, 1, rt.Checked())
}

func TestTransportFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	rt := Transport(tb, specs.Straddle, answer(200, jsonType, io.NopCloser(strings.NewReader("{}"))))
	resp, err := rt.RoundTrip(initialize(strings.NewReader("{}")))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{
		"straddle.yaml: createBridgeToken (status 200): body /customer_id: is required",
		"straddle.yaml: createBridgeToken (status 200): body: must have meta, response_type; or status, type, title",
	}, tb.end())
}

func TestTransportFailsATestThatChecksNothing(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	Transport(tb, specs.Straddle, nil)
	assert.Equal(t, []string{"straddle.yaml: no call was checked"}, tb.end())

	tb = &fakeTB{}
	body := &tracked{Reader: strings.NewReader("x")}
	rt := Transport(tb, specs.Straddle, answer(200, "", body))
	req, _ := http.NewRequest("GET", "https://sandbox.straddle.com/v2", nil)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{
		"straddle.yaml: request (status 200): " + checker(t, specs.Straddle).unknownPath().Error(),
		"straddle.yaml: no call was checked",
	}, tb.end())
}

func TestTransportWithoutAChecker(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	rt := Transport(tb, specs.Straddle, nil, BasePath("x"))
	body := &tracked{Reader: strings.NewReader("x")}
	_, err := rt.RoundTrip(initialize(body))
	require.ErrorContains(t, err, "base path")
	assert.Equal(t, 1, body.closed)
	assert.Len(t, tb.end(), 2)
}

func TestTransportFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var got []Exchange
	observe := Observe(func(e Exchange) { got = append(got, e) })

	t.Run("no answer", func(t *testing.T) {
		rt := Transport(t, specs.Straddle, roundTripFunc(func(req *http.Request) (*http.Response, error) {
			return nil, errors.Join(broken, req.Body.Close())
		}), observe)
		_, err := rt.RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
		require.ErrorIs(t, err, broken)
	})
	t.Run("request breaks off", func(t *testing.T) {
		tb := &fakeTB{}
		rt := Transport(tb, specs.Straddle, answer(201, jsonType, nil), observe)
		body := &tracked{Reader: iotest.ErrReader(broken)}
		_, err := rt.RoundTrip(initialize(body))
		require.ErrorIs(t, err, broken)
		assert.Equal(t, 1, body.closed)
		assert.Zero(t, rt.Checked())
	})
	t.Run("answer breaks off", func(t *testing.T) {
		body := &tracked{Reader: io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken))}
		rt := Transport(t, specs.Straddle, answer(201, jsonType, body), observe)
		resp, err := rt.RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
		require.NoError(t, err)
		data, err := io.ReadAll(resp.Body)
		require.ErrorIs(t, err, broken)
		assert.Equal(t, "{", string(data))
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 1, body.closed)
	})
	require.Len(t, got, 2)
	assert.Equal(t, []int{0, 201}, []int{got[0].Status, got[1].Status})
	assert.NoError(t, got[0].Err)
	assert.NoError(t, got[1].Err)
}

func TestTransportLimits(t *testing.T) {
	t.Parallel()
	var got []Exchange
	c := checker(t, specs.Straddle)
	report := func(e Exchange) { got = append(got, e) }

	sent := &tracked{Reader: io.LimitReader(zeros{}, 3*MaxBody)}
	_, err := NewRoundTripper(c, answer(201, jsonType, nil), report).RoundTrip(initialize(sent))
	assert.Equal(t, []string{"size | body: must have at most 10 MiB"}, texts(err), "a large request is refused")
	assert.Equal(t, 1, sent.closed)

	received := &tracked{Reader: io.LimitReader(zeros{}, 3*MaxBody)}
	resp, err := NewRoundTripper(c, answer(201, jsonType, received), report).RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	assert.EqualValues(t, 3*MaxBody, n, "a large answer reaches the caller whole")
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 1, received.closed)

	require.Len(t, got, 2)
	for _, e := range got {
		assert.Equal(t, []string{"size | body: must have at most 10 MiB"}, texts(e.Err))
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTransportDoesNotWaitForStreams(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		field  string
	}{
		"switched":     {http.StatusSwitchingProtocols, "Upgrade: h2c"},
		"event stream": {http.StatusOK, "Content-Type: text/event-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			never, end := io.Pipe()
			defer end.Close()
			var got Exchange
			rt := NewRoundTripper(checker(t, specs.Straddle), answer(tc.status, tc.field, never), func(e Exchange) { got = e })
			resp, err := rt.RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
			require.NoError(t, err)
			assert.Same(t, never, resp.Body)
			assert.Equal(t, []string{"media type | header Content-Type: must be application/json, in UTF-8"}, texts(got.Err))
			require.NoError(t, resp.Body.Close())
		})
	}
}

func TestTransportOverHTTP(t *testing.T) {
	t.Parallel()
	text := created(t)
	server := httptest.NewServer(Middleware(t, specs.Straddle, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		assert.NoError(t, http.NewResponseController(w).SetWriteDeadline(time.Time{}), "the server's own writer is in reach")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, text)
	})))
	defer server.Close()
	var seen []string
	rt := Transport(t, specs.Straddle, &http.Transport{}, Observe(func(e Exchange) { seen = append(seen, e.Operation.ID) }))
	client := &http.Client{Transport: rt}
	defer client.CloseIdleConnections() // without it, the check for leaks fails
	for range 3 {
		req := initialize(strings.NewReader("{" + customer + "}"))
		req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(server.URL, "http://")
		resp, err := client.Do(req)
		require.NoError(t, err)
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, text, string(data))
	}
	assert.Equal(t, []string{"createBridgeToken", "createBridgeToken", "createBridgeToken"}, seen)
	assert.Equal(t, 3, rt.Checked())
}

func TestRoundTripperDefaults(t *testing.T) {
	t.Parallel()
	rt := NewRoundTripper(checker(t, specs.Straddle), nil, nil).(*RoundTripper)
	assert.Same(t, http.DefaultTransport, rt.next())
	rt = NewRoundTripper(checker(t, specs.Straddle), answer(201, jsonType, http.NoBody), nil).(*RoundTripper)
	rt.CloseIdleConnections()
	resp, err := rt.RoundTrip(initialize(http.NoBody))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	rt = NewRoundTripper(checker(t, specs.Straddle), answer(201, jsonType, nil), nil).(*RoundTripper)
	resp, err = rt.RoundTrip(initialize(http.NoBody))
	require.NoError(t, err)
	assert.Nil(t, resp.Body, "a body that a base left out stays out")
}

func TestTransportConcurrently(t *testing.T) {
	t.Parallel()
	text := created(t)
	rt := Transport(t, specs.Straddle, roundTripFunc(func(req *http.Request) (*http.Response, error) {
		return answer(201, jsonType, io.NopCloser(strings.NewReader(text))).RoundTrip(req)
	}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				resp, err := rt.RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
				if assert.NoError(t, err) {
					assert.NoError(t, resp.Body.Close())
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 160, rt.Checked())
}

func TestCountFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "count")
	t.Setenv(countFile, name)
	for range 2 {
		tb := &fakeTB{}
		rt := Transport(tb, specs.Straddle, answer(201, jsonType, io.NopCloser(strings.NewReader(created(t)))))
		resp, err := rt.RoundTrip(initialize(strings.NewReader("{" + customer + "}")))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Empty(t, tb.end())
	}
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("TestFake/case straddle.yaml 1\n", 2), string(data))
	info, err := os.Stat(name)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())

	t.Setenv(countFile, t.TempDir())
	tb := &fakeTB{}
	Transport(tb, specs.Straddle, nil)
	require.Len(t, tb.end(), 2)
	assert.Contains(t, tb.errors[1], "FINTOKEN_SPEC_COUNT: ")
}

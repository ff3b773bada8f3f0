package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

func (w *world) fault(f sandbox.Fault) sandbox.Fault {
	w.t.Helper()
	added, err := w.sand.AddFault(f)
	require.NoError(w.t, err)
	return added
}

// raw sends a bridge request and reads the answer as far as it goes.
func (w *world) raw(r *http.Request) (*http.Response, []byte, error) {
	w.t.Helper()
	client := &http.Client{Transport: w.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func (w *world) bridgeRequest() *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.base+bridgePath,
		strings.NewReader(`{"customer_id":"`+w.creds.Straddle.CustomerID+`"}`))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.creds.Straddle.APIKey)
	r.GetBody = nil // a transport that may not send it again shows every fault
	return r
}

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			for name, tt := range map[string]struct {
				fault     sandbox.Fault
				fails     error // of the call; nil when there is an answer
				breaks    error // of reading the body
				processed bool
				status    int
				check     func(t *testing.T, r *http.Response, body []byte)
			}{
				"reset before":  {fault: sandbox.Fault{Kind: sandbox.FaultResetBefore}, fails: syscall.ECONNRESET},
				"reset after":   {fault: sandbox.Fault{Kind: sandbox.FaultResetAfter}, fails: syscall.ECONNRESET, processed: true},
				"disconnect":    {fault: sandbox.Fault{Kind: sandbox.FaultDisconnect}, fails: io.EOF, processed: true},
				"reset in body": {fault: sandbox.Fault{Kind: sandbox.FaultResetInBody}, breaks: syscall.ECONNRESET, processed: true, status: 201},
				"truncate":      {fault: sandbox.Fault{Kind: sandbox.FaultTruncate}, breaks: io.ErrUnexpectedEOF, processed: true, status: 201},
				"wrong length":  {fault: sandbox.Fault{Kind: sandbox.FaultWrongLength}, breaks: io.ErrUnexpectedEOF, processed: true, status: 201},
				"duplicate header": {
					fault: sandbox.Fault{Kind: sandbox.FaultDuplicateHeader, Name: "Sandbox-Evidence"}, processed: true, status: 201,
					check: func(t *testing.T, r *http.Response, _ []byte) {
						assert.Equal(t, []string{"documented", "documented-duplicate"}, r.Header.Values("Sandbox-Evidence"))
					},
				},
				"duplicate content type": {
					fault: sandbox.Fault{Kind: sandbox.FaultDuplicateHeader}, processed: true, status: 201,
					check: func(t *testing.T, r *http.Response, _ []byte) { assert.Len(t, r.Header.Values("Content-Type"), 2) },
				},
				"empty": {
					fault: sandbox.Fault{Kind: sandbox.FaultEmpty, Status: 202}, status: 202,
					check: func(t *testing.T, _ *http.Response, body []byte) { assert.Empty(t, body) },
				},
				"garbage": {
					fault: sandbox.Fault{Kind: sandbox.FaultGarbage}, status: 200,
					check: func(t *testing.T, r *http.Response, body []byte) {
						assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
						assert.False(t, json.Valid(body))
						assert.NotEmpty(t, body)
					},
				},
				"html": {
					fault: sandbox.Fault{Kind: sandbox.FaultHTML}, status: 502,
					check: func(t *testing.T, r *http.Response, body []byte) {
						assert.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
						assert.Contains(t, string(body), "<html>")
					},
				},
				"huge body": {
					fault: sandbox.Fault{Kind: sandbox.FaultHugeBody, Size: 5 << 20}, status: 200,
					check: func(t *testing.T, _ *http.Response, body []byte) {
						assert.Len(t, body, 5<<20)
						assert.True(t, json.Valid(body))
					},
				},
				"gzip bomb": {
					fault: sandbox.Fault{Kind: sandbox.FaultGzipBomb, Size: 5 << 20}, status: 200,
					check: func(t *testing.T, r *http.Response, body []byte) {
						assert.True(t, r.Uncompressed)
						assert.Len(t, body, 5<<20)
					},
				},
				"drip": {
					fault: sandbox.Fault{Drip: 4000}, processed: true, status: 201,
					check: func(t *testing.T, _ *http.Response, body []byte) { assert.True(t, json.Valid(body)) },
				},
			} {
				t.Run(name, func(t *testing.T) {
					w := open(t)
					tt.fault.Provider, tt.fault.Times = "straddle", 1
					added := w.fault(tt.fault)
					r, body, err := w.raw(w.bridgeRequest())
					switch {
					case tt.fails != nil:
						require.ErrorIs(t, err, tt.fails)
					case tt.breaks != nil:
						require.ErrorIs(t, err, tt.breaks)
						require.Equal(t, tt.status, r.StatusCode)
						assert.NotEmpty(t, body, "its beginning arrives")
					default:
						require.NoError(t, err)
						require.Equal(t, tt.status, r.StatusCode)
					}
					if tt.check != nil {
						tt.check(t, r, body)
					}
					call := w.sand.Calls()[0]
					assert.Equal(t, added.ID, call.Fault)
					assert.Equal(t, tt.status, call.Status)
					assert.Equal(t, tt.processed, w.sand.State().Counts["straddle.sessions"] == 1, "whether it was processed")
					assert.Empty(t, w.sand.Faults(), "one-shot")
					w.bridge(w.customer()).require(t, want{201, "documented", "bridge_token"})
				})
			}
		})
	}
}

func TestFaultErrorsHaveTheProvidersShape(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	calls := map[string]func() reply{
		"finapi":    w.clientToken,
		"finogates": w.exchange,
		"straddle":  func() reply { return w.bridge(w.customer()) },
	}
	for _, status := range []int{400, 401, 402, 403, 404, 408, 409, 415, 418, 422, 423, 429, 500, 501, 502, 503, 504, 599} {
		for provider, call := range calls {
			w.fault(sandbox.Fault{
				Provider: provider, Kind: sandbox.FaultError, Status: status, Times: 1,
				Code: "MY_CODE", Message: "my message", RetryAfter: "7",
			})
			got := call()
			require.Equal(t, status, got.status, got.text)
			assert.Equal(t, "7", got.header.Get("Retry-After"))
			assert.Contains(t, got.text, "my message", provider)
			assert.Contains(t, got.text, "MY_CODE", provider)
			shape := map[string]string{"finapi": "errors", "finogates": "status_code", "straddle": "error"}[provider]
			if provider == "finapi" && status == http.StatusUnauthorized {
				shape = "error_description"
			}
			assert.Contains(t, got.body, shape)
		}
	}
	w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 500, Times: 1})
	w.bridge(w.customer()).require(t, want{500, "documented", "api_error"})
	w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 503, Times: 1})
	w.bridge(w.customer()).require(t, want{503, "inferred", "a fault of the sandbox"})
}

func TestFaultRedirects(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			for _, status := range []int{301, 302, 303, 307, 308} {
				for location, leads := range map[string]string{
					"":                              "https://elsewhere.sandbox.invalid/",
					"/finapi/oauth/token":           "/finapi/oauth/token",
					"http://plain.sandbox.invalid/": "http://plain.sandbox.invalid/",
				} {
					w.fault(sandbox.Fault{Provider: "*", Kind: sandbox.FaultRedirect, Status: status, Location: location, Times: 1})
					r, body, err := w.raw(w.bridgeRequest())
					require.NoError(t, err)
					assert.Equal(t, status, r.StatusCode)
					assert.Equal(t, leads, r.Header.Get("Location"))
					assert.Empty(t, body)
				}
			}
		})
	}
}

func TestFaultMatching(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	failed := func(r reply) bool { return r.status == http.StatusTeapot }
	teapot := func(f sandbox.Fault) sandbox.Fault {
		f.Kind, f.Status = sandbox.FaultError, http.StatusTeapot
		w.sand.ClearFaults()
		return w.fault(f)
	}

	teapot(sandbox.Fault{Provider: "finapi", Operation: "getTokenV2"})
	assert.False(t, failed(w.clientToken()))
	assert.True(t, failed(w.form(tokenV2, nil, w.v2("grant_type", "client_credentials")...)))

	teapot(sandbox.Fault{Provider: "*", Header: map[string]string{"Correlation-Id": "c", "Request-Id": ""}})
	assert.False(t, failed(w.bridge(w.customer(), "Correlation-Id", "c")))
	assert.False(t, failed(w.bridge(w.customer(), "Correlation-Id", "d", "Request-Id", "r")))
	assert.True(t, failed(w.bridge(w.customer(), "Correlation-Id", "c", "Request-Id", "r")))

	pattern := func(f sandbox.Fault) []bool {
		added := teapot(f)
		var met []bool
		for range 6 {
			met = append(met, failed(w.bridge(w.customer())))
		}
		assert.False(t, w.sand.RemoveFault(added.ID), "used up")
		return met
	}
	assert.Equal(t, []bool{false, false, true, false, false, false}, pattern(sandbox.Fault{Provider: "straddle", Nth: 3}))
	assert.Equal(t, []bool{true, false, false, false, false, false}, pattern(sandbox.Fault{Provider: "straddle", Nth: 1, Times: 1}))
	assert.Equal(t, []bool{true, true, false, false, false, false}, pattern(sandbox.Fault{Provider: "straddle", Times: 2}))

	added := teapot(sandbox.Fault{Provider: "straddle"})
	w.bridge(w.customer())
	w.bridge(object{"customer_id": 7})
	w.do(http.MethodGet, bridgePath, nil, "")
	now := w.sand.Faults()[0]
	assert.Equal(t, []int{1, 1}, []int{now.Seen, now.Fired}, "a call that is refused anyway does not use it up")
	assert.True(t, w.sand.RemoveFault(added.ID))
	assert.Empty(t, w.sand.Faults())

	first := teapot(sandbox.Fault{Provider: "straddle"})
	second := w.fault(sandbox.Fault{Provider: "*", Kind: sandbox.FaultEmpty})
	assert.True(t, failed(w.bridge(w.customer())))
	assert.NotEqual(t, first.ID, second.ID)
	assert.Zero(t, w.sand.Faults()[1].Seen, "the first takes the call")
}

// An nth call by chance is that call or none.
func TestNthByChance(t *testing.T) {
	t.Parallel()
	w := inMemory(t, sandbox.Seed(1))
	met := 0
	const rules = 200
	for range rules {
		w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 503, Nth: 2, Probability: 0.5})
		other := w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 418, Nth: 3})
		assert.Equal(t, http.StatusCreated, w.bridge(w.customer()).status)
		if w.bridge(w.customer()).status == http.StatusServiceUnavailable {
			met++
			assert.Equal(t, http.StatusCreated, w.bridge(w.customer()).status, "the other rule did not see that call")
		}
		assert.Equal(t, http.StatusTeapot, w.bridge(w.customer()).status)
		assert.False(t, w.sand.RemoveFault(other.ID))
		assert.Empty(t, w.sand.Faults())
	}
	assert.InDelta(t, rules/2, met, 40)
}

// TestOneShotIsTakenOnce: of many calls at the same time exactly one meets a one-shot rule.
func TestOneShotIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	const shots, calls = 20, 100
	for range shots {
		w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 503, Times: 1})
	}
	var mu sync.Mutex
	met := map[string]int{}
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() { w.bridge(w.customer()) })
	}
	wg.Wait()
	for _, call := range w.sand.FindCalls(sandbox.CallFilter{Status: 503}) {
		mu.Lock()
		met[call.Fault]++
		mu.Unlock()
	}
	assert.Len(t, met, shots)
	for id, n := range met {
		assert.Equal(t, 1, n, id)
	}
}

func TestProbabilityIsSeeded(t *testing.T) {
	t.Parallel()
	draw := func(seed int64) string {
		w := inMemory(t, sandbox.Seed(seed))
		w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 503, Probability: 0.3})
		var met strings.Builder
		for range 400 {
			if w.bridge(w.customer()).status == http.StatusServiceUnavailable {
				met.WriteByte('x')
			} else {
				met.WriteByte('.')
			}
		}
		return met.String()
	}
	a := draw(1)
	assert.Equal(t, a, draw(1))
	assert.NotEqual(t, a, draw(2))
	assert.InDelta(t, 120, strings.Count(a, "x"), 45)
}

func TestDelays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		delay     *sandbox.Delay
		low, high time.Duration
		median    time.Duration
	}{
		"fixed":     {sandbox.FixedDelay(3 * time.Second), 3 * time.Second, 3 * time.Second, 3 * time.Second},
		"uniform":   {sandbox.UniformDelay(time.Second, 3*time.Second), time.Second, 3 * time.Second, 2 * time.Second},
		"lognormal": {sandbox.LognormalDelay(time.Second, 0.5), time.Millisecond, time.Minute, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := inMemory(t, sandbox.Seed(3))
				w.fault(sandbox.Fault{Provider: "straddle", Delay: tt.delay})
				below := 0
				const calls = 200
				for range calls {
					begun := time.Now()
					assert.Equal(t, http.StatusCreated, w.bridge(w.customer()).status)
					took := time.Since(begun)
					assert.GreaterOrEqual(t, took, tt.low)
					assert.LessOrEqual(t, took, tt.high)
					if took <= tt.median {
						below++
					}
				}
				if name != "fixed" {
					assert.InDelta(t, calls/2, below, 30)
				}
			})
		})
	}
}

// TestDelayEndsWithTheCaller: a caller who gives up does not wait for the sandbox, but was there.
func TestDelayEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			w := open(t)
			w.fault(sandbox.Fault{Provider: "straddle", Delay: sandbox.FixedDelay(5 * time.Minute)})
			ctx, leave := context.WithCancel(t.Context())
			go func() {
				for w.sand.Faults()[0].Fired == 0 {
					time.Sleep(time.Millisecond)
				}
				leave()
			}()
			_, _, err := w.raw(w.bridgeRequest().WithContext(ctx))
			require.ErrorIs(t, err, context.Canceled)
			calls, err := w.sand.WaitForCalls(timeLimited(t, 2*time.Minute), sandbox.CallFilter{Provider: "straddle"}, 1)
			require.NoError(t, err)
			assert.Equal(t, http.StatusCreated, calls[0].Status)
		})
	}
}

func TestDripTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t)
		w.fault(sandbox.Fault{Provider: "straddle", Drip: 100})
		begun := time.Now()
		_, body, err := w.raw(w.bridgeRequest())
		require.NoError(t, err)
		assert.InDelta(t, float64(len(body))/100, time.Since(begun).Seconds(), 0.5)
	})
}

// TestGzipBombIsSmall looks at the bytes on the wire.
func TestGzipBombIsSmall(t *testing.T) {
	t.Parallel()
	w := overHTTP(t)
	w.fault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultGzipBomb})
	r := w.bridgeRequest()
	r.Header.Set("Accept-Encoding", "gzip")
	response, body, err := w.raw(r)
	require.NoError(t, err)
	assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	assert.Less(t, len(body), 200<<10)
	unpacked, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, unpacked)
	require.NoError(t, err)
	assert.EqualValues(t, 64<<20, n)
}

func TestImpossibleFaults(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	good := sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultError, Status: 500}
	for name, tt := range map[string]struct {
		change func(f *sandbox.Fault)
		field  string
	}{
		"no provider":           {func(f *sandbox.Fault) { f.Provider = "" }, "provider"},
		"unknown provider":      {func(f *sandbox.Fault) { f.Provider = "paypal" }, "provider"},
		"no operation":          {func(f *sandbox.Fault) { f.Operation = "getToken" }, "operation"},
		"no operation at all":   {func(f *sandbox.Fault) { f.Provider, f.Operation = "*", "noSuchOperation" }, "operation"},
		"own id":                {func(f *sandbox.Fault) { f.ID = "mine" }, "id"},
		"unknown kind":          {func(f *sandbox.Fault) { f.Kind = "flood" }, "kind"},
		"nothing":               {func(f *sandbox.Fault) { *f = sandbox.Fault{Provider: "*"} }, "kind"},
		"no header":             {func(f *sandbox.Fault) { f.Header = map[string]string{"a b": ""} }, "header"},
		"negative nth":          {func(f *sandbox.Fault) { f.Nth = -1 }, "nth"},
		"negative times":        {func(f *sandbox.Fault) { f.Times = -1 }, "times"},
		"nth call, often":       {func(f *sandbox.Fault) { f.Nth, f.Times = 2, 2 }, "times"},
		"probability above 1":   {func(f *sandbox.Fault) { f.Probability = 1.1 }, "probability"},
		"probability no number": {func(f *sandbox.Fault) { f.Probability = math.NaN() }, "probability"},
		"success as an error":   {func(f *sandbox.Fault) { f.Status = 200 }, "status"},
		"no status":             {func(f *sandbox.Fault) { f.Status = 0 }, "status"},
		"status without use":    {func(f *sandbox.Fault) { f.Kind = sandbox.FaultTruncate }, "status"},
		"informational html":    {func(f *sandbox.Fault) { f.Kind, f.Status = sandbox.FaultHTML, 100 }, "status"},
		"redirect to nothing":   {func(f *sandbox.Fault) { f.Kind, f.Status = sandbox.FaultRedirect, 304 }, "status"},
		"location without use":  {func(f *sandbox.Fault) { f.Location = "/" }, "location"},
		"location, split":       {func(f *sandbox.Fault) { f.Kind, f.Status, f.Location = sandbox.FaultRedirect, 302, "/\r\nA: b" }, "location"},
		"retry-after, split":    {func(f *sandbox.Fault) { f.RetryAfter = "1\r\nA: b" }, "retry_after"},
		"name without use":      {func(f *sandbox.Fault) { f.Name = "Date" }, "name"},
		"header that frames": {func(f *sandbox.Fault) {
			*f = sandbox.Fault{Provider: "*", Kind: sandbox.FaultDuplicateHeader, Name: "content-length"}
		}, "name"},
		"size without use":       {func(f *sandbox.Fault) { f.Size = 1 }, "size"},
		"size too large":         {func(f *sandbox.Fault) { *f = sandbox.Fault{Provider: "*", Kind: sandbox.FaultHugeBody, Size: 1 << 40} }, "size"},
		"negative drip":          {func(f *sandbox.Fault) { f.Drip = -1 }, "drip"},
		"unknown phase":          {func(f *sandbox.Fault) { f.Delay = &sandbox.Delay{Fixed: 1, Phase: "during"} }, "delay"},
		"empty delay":            {func(f *sandbox.Fault) { f.Delay = &sandbox.Delay{} }, "delay"},
		"negative delay":         {func(f *sandbox.Fault) { f.Delay = sandbox.FixedDelay(-1) }, "delay"},
		"endless delay":          {func(f *sandbox.Fault) { f.Delay = sandbox.FixedDelay(time.Hour) }, "delay"},
		"min above max":          {func(f *sandbox.Fault) { f.Delay = sandbox.UniformDelay(2, 1) }, "delay"},
		"two delays":             {func(f *sandbox.Fault) { f.Delay = &sandbox.Delay{Fixed: 1, Max: 2} }, "delay"},
		"sigma without a median": {func(f *sandbox.Fault) { f.Delay = sandbox.LognormalDelay(0, 1) }, "delay"},
		"sigma too large":        {func(f *sandbox.Fault) { f.Delay = sandbox.LognormalDelay(1, 9) }, "delay"},
	} {
		t.Run(name, func(t *testing.T) {
			f := good
			tt.change(&f)
			_, err := w.sand.AddFault(f)
			var bad *sandbox.InvalidError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, tt.field, bad.Field)
		})
	}
	assert.Empty(t, w.sand.Faults())
	for range 1000 {
		w.fault(good)
	}
	_, err := w.sand.AddFault(good)
	assert.ErrorContains(t, err, "at most 1000 rules")
}

package faults

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

var soakFor = flag.Duration("soak", 2*time.Second, "how long TestSoak runs")

// chaos is a server for all three providers that meets one request in a hundred with a fault.
type chaos struct {
	mu      sync.Mutex
	random  *rand.Rand
	arrived atomic.Int64
	faults  atomic.Int64
}

// mischief are the faults, all as likely.
var mischief = []func(http.ResponseWriter, *http.Request){
	func(w http.ResponseWriter, _ *http.Request) { reset(hijack(w)) },
	func(w http.ResponseWriter, _ *http.Request) { _ = hijack(w).Close() },
	func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, `{}`) },
	func(w http.ResponseWriter, _ *http.Request) { answer(w, 502, `<html>`) },
	func(w http.ResponseWriter, _ *http.Request) { answer(w, 503, `{}`) },
	func(w http.ResponseWriter, _ *http.Request) { answer(w, 504, ``) },
	func(w http.ResponseWriter, _ *http.Request) { answer(w, 408, `{}`) },
	func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		answer(w, 429, `{}`)
	},
	func(w http.ResponseWriter, _ *http.Request) {
		conn := hijack(w)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"acc")
		_ = conn.Close()
	},
	func(_ http.ResponseWriter, r *http.Request) { // silence
		select {
		case <-r.Context().Done():
		case <-time.After(3 * time.Second):
		}
	},
}

// goods are the successes, by path.
var goods = map[string]*operation{
	tokenPath: operations[0], "/oauth/revoke": operations[3], exchangePath: operations[4],
	"/v1/platform/embed-tokens": operations[5], "/v1/bridge/initialize": operations[6],
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	c.arrived.Add(1)
	c.mu.Lock()
	bad := c.random.IntN(100) == 0
	which := c.random.IntN(len(mischief))
	c.mu.Unlock()
	if bad {
		c.faults.Add(1)
		mischief[which](w, r)
		return
	}
	answer(w, goods[r.URL.Path].status, goods[r.URL.Path].good)
}

// TestSoak runs all operations that may be sent again from many goroutines, against a server that is out of order one
// time in a hundred. Its last line is the figures. `-soak 5m` makes it last.
func TestSoak(t *testing.T) {
	server := &chaos{random: rand.New(rand.NewPCG(1, 2))}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := &http.Server{Handler: server, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(listener) }()
	defer func() { _ = srv.Close() }()

	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	base := "http://" + listener.Addr().String()
	cfg := rest.Config{
		HTTPClient: &http.Client{Transport: transport}, AttemptTimeout: time.Second,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	quiet := token.Config{OnEvent: func(context.Context, token.Event) {}}
	var p peers
	p.finapi, err = finapi.New(finapi.Config{ClientID: "the-client", ClientSecret: secret.New(clientSecret), BaseURL: base, HTTP: cfg, Tokens: quiet})
	require.NoError(t, err)
	p.finogates, err = finogates.New(finogates.Config{ClientID: "the-client", ClientSecret: secret.New(clientSecret), BaseURL: base, HTTP: cfg, Tokens: quiet})
	require.NoError(t, err)
	p.straddle, err = straddle.New(straddle.Config{APIKey: secret.New(apiKey), BaseURL: base, HTTP: cfg})
	require.NoError(t, err)
	defer p.close()

	mix := []*operation{operations[0], operations[3], operations[4], operations[5], operations[6]}
	var calls, failed [5]atomic.Int64
	var sent atomic.Int64
	work := func(until time.Time) {
		var wg sync.WaitGroup
		for worker := range 16 {
			wg.Go(func() {
				for n := worker; time.Now().Before(until); n++ {
					i := n % len(mix)
					var info rest.Info
					opts := []rest.Option{rest.Capture(&info)}
					if mix[i].class == embed {
						opts = append(opts, rest.RepeatInDoubt())
					}
					_, err := mix[i].call(t.Context(), &p, opts...)
					calls[i].Add(1)
					sent.Add(int64(info.Attempts))
					if err != nil {
						failed[i].Add(1)
						var e *rest.Error
						assert.ErrorAs(t, err, &e, "every error is typed")
					}
				}
			})
		}
		wg.Wait()
	}
	// What stays after a tenth of the time is compared with what stays at the end.
	begun := time.Now()
	work(begun.Add(*soakFor / 10))
	early := standing()
	work(begun.Add(*soakFor))
	late := standing()

	var all, bad int64
	for i := range mix {
		all += calls[i].Load()
		bad += failed[i].Load()
	}
	success := 100 * float64(all-bad) / float64(all)
	extra := 100 * float64(sent.Load()-all) / float64(all)
	if all >= 20_000 {
		assert.GreaterOrEqual(t, success, 99.9, "calls that may be sent again succeed")
	} else {
		assert.LessOrEqual(t, bad, int64(20), "calls that may be sent again succeed")
	}
	assert.LessOrEqual(t, extra, 10.0, "the extra traffic is bounded")
	assert.LessOrEqual(t, late.heap, early.heap+16<<20, "memory is flat")
	assert.LessOrEqual(t, late.goroutines, early.goroutines+100, "goroutines are flat")
	fmt.Printf("soak: %s, %d calls, %.3f %% succeeded, %.2f %% extra traffic, %d faults, heap %.1f to %.1f MiB, goroutines %d to %d\n",
		time.Since(begun).Round(time.Second), all, success, extra, server.faults.Load(),
		float64(early.heap)/(1<<20), float64(late.heap)/(1<<20), early.goroutines, late.goroutines)
}

// state is what a process holds.
type state struct {
	heap       int64
	goroutines int
}

// standing returns it, the least of a few looks.
func standing() state {
	var heaps []int64
	for range 5 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		heaps = append(heaps, int64(m.HeapAlloc))
		time.Sleep(20 * time.Millisecond)
	}
	return state{slices.Min(heaps), runtime.NumGoroutine()}
}

// Command webhook measures what it costs to take an event: to verify, parse and claim it, beside the HMAC and the one JSON
// decode that nobody can do without, and beside the library of Standard Webhooks with that decode. Then it takes events
// over HTTP for a while and shows that memory does not grow. It is for reading, and for -check, which fails where a goal is
// missed.
package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The goals.
const (
	maxRatio  = 1.3    // of taking an event, to the HMAC and a JSON decode
	minRate   = 10_000 // events a second
	maxGrowth = 1.1    // of the heap, from half of the events to all of them
)

const hookSecret = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="

// event is a charge, as long as one is.
const event = `{"event_type":"charge.event.v1","event_id":"85df84c7-a298-44bc-8040-7bd2ae372cbf","account_id":"857c679a-8e80-47f1-9334-39dd08ea801f","data":{` +
	`"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","paykey":"758c519d.02.2c16f91","description":"Order 77","payment_rail":"ach","amount":10000,"currency":"USD",` +
	`"paykey_details":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","customer_id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","label":"Bank ****1234"},` +
	`"customer_details":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","name":"Example Person","customer_type":"individual","email":"p@example.com","phone":"+12025550123"},` +
	`"payment_date":"2026-01-01","consent_type":"internet","device":{"ip_address":"203.0.113.7"},"external_id":"order-77","config":{"balance_check":"disabled"},` +
	`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","status":"paid","status_details":{"message":"Paid.","reason":"ok","source":"system","code":null,"changed_at":"2026-01-01T00:00:00Z"},` +
	`"status_history":[{"reason":"ok","source":"system","message":"Made.","changed_at":"2026-01-01T00:00:00Z","status":"created"},{"reason":"ok","source":"system","message":"Paid.","changed_at":"2026-01-01T00:00:00Z","status":"paid"}],` +
	`"funding_ids":["3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11"],"metadata":{"order":"77"},"related_payments":[],"has_refund":false,"is_resubmit":false,"has_resubmit":false,"documents":[]}}`

// envelope is the event by hand.
type envelope struct {
	EventType string               `json:"event_type"`
	EventID   string               `json:"event_id"`
	AccountID string               `json:"account_id"`
	Data      straddle.ChargeEvent `json:"data"`
}

func main() {
	reps := flag.Int("reps", 100, "short slices of each row, interleaved, of which the best counts")
	events := flag.Int("events", 200_000, "how many events are sent over HTTP")
	check := flag.Bool("check", false, "fail if a goal is missed")
	flag.Parse()
	runtime.GOMAXPROCS(2)
	log.SetOutput(io.Discard)
	missed := slices.Concat(compare(*reps), load(*events))
	for _, m := range missed {
		fmt.Fprintln(os.Stderr, "missed:", m)
	}
	if *check && len(missed) > 0 {
		os.Exit(1)
	}
}

// rows are the ways to take an event. Each returns what takes the nth one.
var rows = []struct {
	name string
	make func() func(n int)
}{
	{"HMAC and one JSON decode, by hand", func() func(int) {
		key, stamp := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(hookSecret, "whsec_"))), strconv.FormatInt(time.Now().Unix(), 10)
		return func(n int) {
			id := strconv.Itoa(n)
			h := hmac.New(sha256.New, key)
			h.Write([]byte(id + "." + stamp + "."))
			h.Write([]byte(event))
			if sum := h.Sum(nil); !hmac.Equal(sum, sum) {
				panic("a sum differs from itself")
			}
			var e envelope
			must(0, json.Unmarshal([]byte(event), &e))
		}
	}},
	{"standardwebhooks and one JSON decode", func() func(int) {
		w, now := must(standardwebhooks.NewWebhook(hookSecret)), time.Now()
		header := signed("1", now)
		return func(int) {
			body := []byte(event)
			must(0, w.Verify(body, header))
			var e envelope
			must(0, json.Unmarshal(body, &e))
		}
	}},
	{"fintoken: verify and parse", func() func(int) {
		scheme, header := straddle.Webhook(secret.New(hookSecret)), signed("1", time.Now())
		return func(int) {
			must(scheme.ParseMessage(webhook.Message{Header: header, Body: []byte(event)}))
		}
	}},
	{"fintoken: verify, parse and claim", func() func(int) {
		scheme, header := straddle.Webhook(secret.New(hookSecret)), signed("1", time.Now())
		claims := webhook.NewMemory(webhook.MemoryConfig{})
		ctx := context.Background()
		return func(n int) {
			must(scheme.ParseMessage(webhook.Message{Header: header, Body: []byte(event)}))
			id := strconv.Itoa(n)
			must(claims.Claim(ctx, id, "me", time.Minute))
			must(0, claims.Confirm(ctx, id, "me"))
		}
	}},
}

// compare prints what each row takes, as a ratio to the first, and returns the goals that are missed. The rows take turns in
// short slices, of which the best counts: what else the machine does makes one longer, never shorter.
func compare(reps int) (missed []string) {
	const each = 500
	best := make([]time.Duration, len(rows))
	allocs := make([]float64, len(rows))
	takes := make([]func(int), len(rows))
	for i, r := range rows {
		takes[i] = r.make()
		n := -1000 // no event comes twice
		allocs[i] = testing.AllocsPerRun(100, func() { takes[i](n); n++ })
	}
	for rep := range reps {
		for i, take := range takes {
			begin := time.Now()
			for n := range each {
				take(rep*each + n)
			}
			if took := time.Since(begin); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	fmt.Printf("One event of %d bytes; the best of %d slices.\n\n| | ratio | µs | allocations |\n|---|---:|---:|---:|\n", len(event), reps)
	for i, r := range rows {
		ratio := float64(best[i]) / float64(best[0])
		fmt.Printf("| %s | %.2f | %.1f | %.0f |\n", r.name, ratio, best[i].Seconds()*1e6/each, allocs[i])
		if i == len(rows)-1 && ratio > maxRatio {
			missed = append(missed, fmt.Sprintf("%s: %.2f × by hand, the goal is %.1f", r.name, ratio, maxRatio))
		}
	}
	return missed
}

// load sends events over HTTP, prints how many a second were taken and how the heap went, and returns the goals that are
// missed.
func load(events int) (missed []string) {
	var handled atomic.Int64
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: webhook.Handler(straddle.Webhook(secret.New(hookSecret)), func(context.Context, straddle.Event) error {
		handled.Add(1)
		return nil
	}, webhook.Deduplicate(webhook.NewMemory(webhook.MemoryConfig{Max: events / 10})))}
	l := must((&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0"))
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()

	heaps := make([]uint64, 0, 4)
	start := time.Now()
	for quarter := range 4 {
		send(l.Addr().String(), quarter*events/4, (quarter+1)*events/4)
		heaps = append(heaps, heap())
	}
	rate := float64(events) / time.Since(start).Seconds()
	growth := float64(heaps[3]) / float64(heaps[1])
	fmt.Printf("\n%d events over HTTP, receiver and sender on the same 2 cores: %.0f a second, each handled once: %t; the heap after each quarter: %v KiB.\n",
		events, rate, handled.Load() == int64(events), kib(heaps))
	if rate < minRate {
		missed = append(missed, fmt.Sprintf("%.0f events a second, the goal is %d", rate, minRate))
	}
	if growth > maxGrowth {
		missed = append(missed, fmt.Sprintf("the heap grew by a factor of %.2f, the goal is %.1f", growth, maxGrowth))
	}
	return missed
}

// send sends the events from first to last, by pipelined requests on a few connections, so that the sender takes as little
// of the machine as it can.
func send(address string, first, last int) {
	const connections = 8
	var wg sync.WaitGroup
	for c := range connections {
		wg.Go(func() { pipeline(address, first+c, last, connections) })
	}
	wg.Wait()
}

func pipeline(address string, first, last, step int) {
	conn := must((&net.Dialer{}).DialContext(context.Background(), "tcp", address))
	defer func() { _ = conn.Close() }()
	const batch = 32
	answers := make([]byte, 0, 64<<10)
	for n := first; n < last; {
		var out strings.Builder
		sent := 0
		for ; sent < batch && n < last; sent, n = sent+1, n+step {
			header := signed("msg_"+strconv.Itoa(n), time.Now())
			fmt.Fprintf(&out, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n", len(event))
			must(0, header.Write(&out))
			out.WriteString("\r\n" + event)
		}
		must(io.WriteString(conn, out.String()))
		for answers = answers[:0]; strings.Count(string(answers), "HTTP/1.1 200 OK") < sent || !strings.HasSuffix(string(answers), "\r\n\r\n"); {
			n := must(conn.Read(answers[len(answers):cap(answers)]))
			answers = answers[:len(answers)+n]
		}
	}
}

var scheme = straddle.Webhook(secret.New(hookSecret))

func signed(id string, at time.Time) http.Header { return must(scheme.Sign(id, at, []byte(event))) }

// heap returns the bytes that are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func kib(list []uint64) (out []uint64) {
	for _, n := range list {
		out = append(out, n>>10)
	}
	return out
}

// must returns v, or ends the program.
func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, cmp.Or(err.Error(), "failed"))
		os.Exit(1)
	}
	return v
}

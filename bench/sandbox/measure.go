// The measurements.

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/sandbox/probes"
)

func median[T int | float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

// probesTable puts the list of probes to the sandbox and to Prism.
func probesTable(ctx context.Context) error {
	right := map[string]map[probes.Kind]int{"sandbox": {}, "Prism 5.16.0": {}}
	total := map[probes.Kind]int{}
	targets := map[string]func() (*probes.Target, error){"sandbox": func() (*probes.Target, error) {
		s, err := sandbox.New()
		if err != nil {
			return nil, err
		}
		return &probes.Target{
			Client: &http.Client{Transport: s.RoundTripper()}, FinAPI: "http://sandbox/finapi", Finogates: "http://sandbox/finogates",
			Straddle: "http://sandbox/straddle", Credentials: s.Credentials(), Advance: s.Clock().Advance,
		}, nil
	}}
	if _, err := os.Stat(prismBin()); err == nil {
		target := &probes.Target{Client: client, Credentials: seeded()}
		for document, url := range map[string]*string{"finapi-access.yaml": &target.FinAPI, "finogates.yaml": &target.Finogates, "straddle.yaml": &target.Straddle} {
			server, err := startPrism(document)(ctx)
			if err != nil {
				return err
			}
			defer server.stop() //nolint:gocritic // all of them at the end
			*url = server.url
		}
		targets["Prism 5.16.0"] = func() (*probes.Target, error) { return target, nil } // it remembers nothing
	}
	for _, p := range probes.All() {
		total[p.Kind]++
		for name, target := range targets {
			to, err := target()
			if err != nil {
				return err
			}
			if p.Ask(to) == nil {
				right[name][p.Kind]++
			}
		}
	}
	fmt.Printf("| Probes answered as documented | shape (%d) | meaning (%d) | all (%d) |\n|---|---|---|---|\n",
		total[probes.Shape], total[probes.Meaning], len(probes.All()))
	for _, name := range []string{"sandbox", "Prism 5.16.0"} {
		if targets[name] != nil {
			s, m := right[name][probes.Shape], right[name][probes.Meaning]
			fmt.Printf("| %s | %d | %d | %d |\n", name, s, m, s+m)
		}
	}
	fmt.Println()
	return nil
}

// inProcess measures what a test pays that has the sandbox in its own process, and what it pays for a handler that does
// next to nothing, in turn.
func inProcess(ctx context.Context) error {
	const calls = 20_000
	c := seeded().Straddle
	p := peer{path: "/straddle/v1/bridge/initialize", media: "application/json", body: `{"customer_id":"` + c.CustomerID + `"}`, token: c.APIKey}
	var worlds, each, least []time.Duration
	for range 9 {
		begun := time.Now()
		s, err := sandbox.New(sandbox.Seed(1))
		if err != nil {
			return err
		}
		if err := repeat(ctx, p, s.RoundTripper(), 1); err != nil {
			return err
		}
		worlds = append(worlds, time.Since(begun))
		for times, transport := range map[*[]time.Duration]http.RoundTripper{&each: s.RoundTripper(), &least: direct{}} {
			begun := time.Now()
			if err := repeat(ctx, p, transport, calls); err != nil {
				return err
			}
			*times = append(*times, time.Since(begun)/calls)
		}
	}
	us := func(d time.Duration) string { return fmt.Sprintf("%.1f µs", float64(d)/1000) }
	fmt.Printf("| In process | median | best | bar |\n|---|---|---|---|\n"+
		"| a world of one's own and its first answer | %s ms | %s ms | 2 ms |\n"+
		"| one call, checked on both sides and recorded | %s | %s | 15 µs |\n"+
		"| one call of the trivial handler | %s | %s | |\n\n",
		ms(median(worlds)), ms(slices.Min(worlds)), us(median(each)), us(slices.Min(each)), us(median(least)), us(slices.Min(least)))
	return nil
}

// direct calls the trivial handler without a connection.
type direct struct{}

func (direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	trivial(w, r)
	return w.Result(), nil
}

func repeat(ctx context.Context, p peer, transport http.RoundTripper, times int) error {
	for range times {
		r, err := p.request(ctx, "http://sandbox")
		if err != nil {
			return err
		}
		response, err := transport.RoundTrip(r) //nolint:bodyclose // in memory
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusCreated {
			return errors.Join(err, errors.New(response.Status))
		}
	}
	return nil
}

// startTable measures the time from the start of a process to its first answer.
func startTable(ctx context.Context) error {
	fmt.Print("| Start | first answer, ms | RSS then, MB |\n|---|---|---|\n")
	for _, p := range allPeers() {
		var first []time.Duration
		var memory []float64
		for range 5 {
			server, err := p.start(ctx)
			if err != nil {
				return err
			}
			r, err := p.request(ctx, server.url)
			if err != nil {
				return err
			}
			response, err := client.Do(r)
			if err != nil {
				return err
			}
			_ = response.Body.Close()
			first, memory = append(first, time.Since(server.begun)), append(memory, resident(server.cmd.Process.Pid))
			server.stop()
		}
		fmt.Printf("| %s | %s | %.0f |\n", p.name, ms(median(first)), median(memory))
	}
	fmt.Println()
	return nil
}

// throughput runs wrk against each peer in turn, so that what else the machine does meets all of them.
func throughput(ctx context.Context) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		fmt.Print("throughput is left out: there is no wrk\n\n")
		return nil
	}
	peers := allPeers()
	servers := make([]*running, len(peers))
	for i, p := range peers {
		server, err := p.start(ctx)
		if err != nil {
			return err
		}
		defer server.stop() //nolint:gocritic // all of them at the end
		servers[i] = server
	}
	rates := map[int][][]float64{8: make([][]float64, len(peers)), 32: make([][]float64, len(peers))}
	for range *rounds {
		for _, connections := range []int{8, 32} {
			for i, p := range peers {
				rate, err := wrk(ctx, p, servers[i].url, connections)
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				rates[connections][i] = append(rates[connections][i], rate)
			}
		}
	}
	fmt.Print("| Throughput, requests/s | 8 connections | of trivial | 32 connections | of trivial |\n|---|---|---|---|---|\n")
	base8, base32 := median(rates[8][0]), median(rates[32][0])
	for i, p := range peers {
		r8, r32 := median(rates[8][i]), median(rates[32][i])
		fmt.Printf("| %s | %.0f | %.2f | %.0f | %.2f |\n", p.name, r8, r8/base8, r32, r32/base32)
	}
	fmt.Println()
	return nil
}

var (
	rateLine = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	badLine  = regexp.MustCompile(`Non-2xx|Socket errors`)
)

func wrk(ctx context.Context, p peer, url string, connections int) (float64, error) {
	script, err := os.CreateTemp("", "bench-*.lua")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(script.Name()) }()
	fmt.Fprintf(script, "wrk.method = 'POST'\nwrk.body = [[%s]]\nwrk.headers['Content-Type'] = '%s'\n", p.body, p.media)
	if p.token != "" {
		fmt.Fprintf(script, "wrk.headers['Authorization'] = 'Bearer %s'\n", p.token)
	}
	if err := script.Close(); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), //nolint:gosec // numbers and our own file
		"-d"+strconv.Itoa(max(1, int(duration.Seconds())))+"s", "-s", script.Name(), url+p.path).Output()
	if err != nil {
		return 0, err
	}
	found := rateLine.FindSubmatch(out)
	if found == nil || badLine.Match(out) {
		return 0, fmt.Errorf("wrk: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// paced sends 2000 requests a second whether or not the earlier ones are answered, and counts each from when it was due.
func paced(ctx context.Context) error {
	const rate, connections = 2000, 16
	peers := allPeers()
	results := make([][2][]time.Duration, len(peers))
	for range *rounds {
		for i, p := range peers {
			server, err := p.start(ctx)
			if err != nil {
				return err
			}
			_, _ = pace(ctx, p, server.url, rate, connections, time.Second) // to warm up
			p50, p99 := pace(ctx, p, server.url, rate, connections, *duration)
			results[i][0], results[i][1] = append(results[i][0], p50), append(results[i][1], p99)
			server.stop()
		}
	}
	fmt.Print("| Paced, 2000 requests/s | p50, ms | p99, ms | p99 of trivial's |\n|---|---|---|---|\n")
	base := median(results[0][1])
	for i, p := range peers {
		p99 := median(results[i][1])
		fmt.Printf("| %s | %s | %s | %.2f |\n", p.name, ms(median(results[i][0])), ms(p99), float64(p99)/float64(base))
	}
	fmt.Println()
	return nil
}

func pace(ctx context.Context, p peer, url string, rate, connections int, length time.Duration) (p50, p99 time.Duration) {
	due := make(chan time.Time, rate*int(1+length/time.Second))
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for at := range due {
				r, err := p.request(ctx, url)
				if err != nil {
					return
				}
				response, err := client.Do(r)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				mu.Lock()
				took = append(took, time.Since(at))
				mu.Unlock()
			}
		})
	}
	begun := time.Now()
	for n := range int(float64(rate) * length.Seconds()) {
		at := begun.Add(time.Duration(n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(at))
		due <- at
	}
	close(due)
	wg.Wait()
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

func memoryTable(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, os.Args[0], "grow").Output() //nolint:gosec // this very program
	if err != nil {
		return err
	}
	fields := strings.Fields(string(out))
	if len(fields) != 2 {
		return fmt.Errorf("grow: %s", out)
	}
	before, _ := strconv.ParseFloat(fields[0], 64)
	after, _ := strconv.ParseFloat(fields[1], 64)
	fmt.Printf("| Memory | RSS, MB |\n|---|---|\n| at first | %.0f |\n| after a million tokens | %.0f |\n| growth (bar 40) | %.0f |\n\n", before, after, after-before)
	return nil
}

// idleTable opens ten thousand connections that do nothing, makes a call, and ends the server.
func idleTable(ctx context.Context) error {
	raiseFileLimit()
	all := allPeers()
	server, err := all[1].start(ctx)
	if err != nil {
		return err
	}
	const many = 10_000
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	for range many {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(server.url, "http://"))
		if err != nil {
			fmt.Printf("only %d connections could be opened: %v\n", len(conns), err)
			break
		}
		conns = append(conns, conn)
		if len(conns)%2 == 0 { // half of them idle after a request, half silent from the start
			fmt.Fprintf(conn, "GET /finapi/oauth/token HTTP/1.1\r\nHost: localhost\r\n\r\n")
		}
	}
	r, err := all[1].request(ctx, server.url)
	if err != nil {
		return err
	}
	begun := time.Now()
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	took, memory := time.Since(begun), resident(server.cmd.Process.Pid)
	ended := server.stop()
	fmt.Printf("| With %d idle connections | |\n|---|---|\n| one call | %s ms, status %d |\n| RSS | %.0f MB |\n| SIGTERM to the end (bar 1000 ms) | %s ms |\n\n",
		len(conns), ms(took), response.StatusCode, memory, ms(ended))
	return nil
}

// The servers that are measured, each in its own process.

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
)

// peer is a server and the one request that it is measured with.
type peer struct {
	name  string
	start func(ctx context.Context) (*running, error)
	path  string
	media string
	body  string
	token string
}

// running is a peer that answers.
type running struct {
	cmd   *exec.Cmd
	url   string
	begun time.Time
}

func (r *running) stop() time.Duration {
	begun := time.Now()
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
	return time.Since(begun)
}

// seeded are the credentials of the sandbox that serveSandbox serves.
func seeded() sandbox.Credentials {
	s, err := sandbox.New(sandbox.Seed(1))
	if err != nil {
		panic(err) // a fixed option
	}
	return s.Credentials()
}

// allPeers returns those that are there, and says of the others that they are not.
func allPeers() []peer {
	c := seeded().Straddle
	body := `{"customer_id":"` + c.CustomerID + `"}`
	all := []peer{
		{"trivial handler", own("serve-trivial"), "/", "application/json", body, ""},
		{"sandbox", own("serve-sandbox"), "/straddle/v1/bridge/initialize", "application/json", body, c.APIKey},
	}
	if _, err := os.Stat(prismBin()); err == nil {
		all = append(all, peer{"Prism 5.16.0", startPrism("straddle.yaml"), "/v1/bridge/initialize", "application/json", body, c.APIKey})
	} else {
		fmt.Println("Prism is left out: it is not installed in", *prismDir)
	}
	if *stripeMock != "" {
		all = append(all, peer{"stripe-mock 0.203.0", startStripeMock, "/v1/customers", "application/x-www-form-urlencoded", "email=a%40example.com", "sk_test_123"})
	} else {
		fmt.Println("stripe-mock is left out: -stripe-mock is empty")
	}
	return all
}

func prismBin() string { return filepath.Join(*prismDir, "node_modules", ".bin", "prism") }

// own starts a part of this program, which prints its address first.
func own(part string) func(ctx context.Context) (*running, error) {
	return func(ctx context.Context) (*running, error) {
		cmd := exec.CommandContext(ctx, os.Args[0], part) //nolint:gosec // this very program
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		begun := time.Now()
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		return answering(cmd, strings.TrimSpace(line), begun)
	}
}

func startPrism(document string) func(ctx context.Context) (*running, error) {
	return func(ctx context.Context) (*running, error) {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		return command(ctx, port, prismBin(), "mock", "--host", "127.0.0.1", "--port", port, "--verboseLevel", "silent", filepath.Join(*specsDir, document))
	}
}

func startStripeMock(ctx context.Context) (*running, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return command(ctx, port, *stripeMock, "-http-port", port)
}

func command(ctx context.Context, port, name string, args ...string) (*running, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // a mock server that the caller names
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return answering(cmd, "http://127.0.0.1:"+port, begun)
}

// answering waits until it answers, whatever it says.
func answering(cmd *exec.Cmd, url string, begun time.Time) (*running, error) {
	for time.Since(begun) < time.Minute {
		response, err := client.Get(url + "/nothing") //nolint:noctx // the client has a time limit
		if err == nil {
			_ = response.Body.Close()
			return &running{cmd: cmd, url: url, begun: begun}, nil
		}
		time.Sleep(time.Millisecond)
	}
	_ = cmd.Process.Kill()
	return nil, errors.New("it does not answer: " + cmd.Path)
}

var client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// request makes the request of a peer.
func (p peer) request(ctx context.Context, url string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+p.path, strings.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", p.media)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	return r, nil
}

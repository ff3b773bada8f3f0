package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The programs by hand.
const (
	hello = `package main

import "fmt"

func main() { fmt.Println("hello") }
`
	byHand = `package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	req, err := http.NewRequest(http.MethodPost, os.Getenv("STRADDLE_BASE_URL")+"/v1/bridge/initialize", strings.NewReader(os.Args[1]))
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+os.Getenv("STRADDLE_API_KEY"))
		req.Header.Set("Content-Type", "application/json")
		_, err = http.DefaultClient.Do(req)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`
)

// customer is the customer of the request.
const customer = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

// programs builds what is measured, and returns a row for each.
func programs(ctx context.Context, dir string, s *server) ([]*row, error) {
	fintoken := filepath.Join(dir, "fintoken")
	if err := build(ctx, "..", fintoken, "./cmd/fintoken"); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"hello": hello, "byhand": byHand} {
		source := filepath.Join(dir, name+".go")
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			return nil, err
		}
		if err := build(ctx, dir, filepath.Join(dir, name), source); err != nil {
			return nil, err
		}
	}
	env := []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "FINTOKEN_KEYRING=off",
		"STRADDLE_BASE_URL=" + s.url, "STRADDLE_API_KEY=any-key",
	}
	bridge := []string{fintoken, "straddle", "bridge", "initialize"}
	return []*row{
		{name: helloRow, args: []string{filepath.Join(dir, "hello")}, env: env},
		{name: helpRow, args: append(bridge[:4:4], "--help"), env: env},
		{name: byHandRow, args: []string{filepath.Join(dir, "byhand"), `{"customer_id":"` + customer + `"}`}, env: env, calls: true},
		{name: firstByteRow, args: append(bridge[:4:4], "--customer-id", customer), env: env, calls: true},
	}, nil
}

// build builds a program as a release does.
func build(ctx context.Context, dir, program, source string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source) //nolint:gosec // names of our own
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build %s: %w\n%s", source, err, out)
	}
	return nil
}

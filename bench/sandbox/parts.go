// What runs in processes of its own: the servers, and the one that issues a million tokens.

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
)

// serveSandbox serves the sandbox as it is: checks, state and journal on. It prints its address and credentials.
func serveSandbox(ctx context.Context) error {
	raiseFileLimit()
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.Seed(1))
	if err != nil {
		return err
	}
	fmt.Println(server.URL())
	<-ctx.Done()
	return server.Close()
}

// serveTrivial serves as little as a JSON service can do: it reads the body and answers with a random token.
func serveTrivial(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: http.HandlerFunc(trivial), ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func trivial(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var random [16]byte
	_, _ = rand.Read(random[:])
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{ //nolint:errchkjson // texts and a time
		"data":          map[string]any{"bridge_token": hex.EncodeToString(random[:])},
		"meta":          map[string]any{"api_request_id": hex.EncodeToString(random[:]), "api_request_timestamp": time.Now()},
		"response_type": "object",
	})
}

// million is how many tokens grow issues.
const million = 1_000_000

// grow issues tokens of every kind and prints how much memory the process takes before and after.
func grow() error {
	s, err := sandbox.New()
	if err != nil {
		return err
	}
	c := s.Credentials()
	send := func(path, media, bearer, key string, body []byte) (string, error) {
		r, err := http.NewRequest(http.MethodPost, "http://sandbox"+path, bytes.NewReader(body)) //nolint:noctx // in memory
		if err != nil {
			return "", err
		}
		r.Header.Set("Content-Type", media)
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		response, err := s.RoundTripper().RoundTrip(r) //nolint:bodyclose // in memory
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(response.Body)
		if response.StatusCode > 201 {
			return "", fmt.Errorf("%s: %s", path, text)
		}
		return string(text), err
	}
	exchange := fmt.Appendf(nil, `{"client_id":%q,"client_secret":%q}`, c.Finogates.ClientID, c.Finogates.ClientSecret)
	embed := fmt.Appendf(nil, `{"user_id":%q,"parent_origin":"https://app.example.com"}`, c.Finogates.UserID)
	bridge := fmt.Appendf(nil, `{"customer_id":%q}`, c.Straddle.CustomerID)
	round := func(n int) error {
		text, err := send("/finogates/v1/platform/auth/token", "application/json", "", "", exchange)
		if err != nil {
			return err
		}
		_, text, _ = strings.Cut(text, `"access_token":"`)
		bearer, _, _ := strings.Cut(text, `"`)
		_, errEmbed := send("/finogates/v1/platform/embed-tokens", "application/json", bearer, "", embed)
		_, errBridge := send("/straddle/v1/bridge/initialize", "application/json", c.Straddle.APIKey, "", bridge)
		_, errKey := send("/straddle/v1/bridge/initialize", "application/json", c.Straddle.APIKey, "key-number-"+strconv.Itoa(n), bridge)
		return errors.Join(errEmbed, errBridge, errKey)
	}
	if err := round(0); err != nil {
		return err
	}
	before := resident(os.Getpid())
	for n := range million / 4 {
		if err := round(n + 1); err != nil {
			return err
		}
	}
	fmt.Println(before, resident(os.Getpid()))
	return nil
}

// resident returns the memory of a process in MB (RSS), and 0 where that cannot be told.
func resident(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, text2, _ := strings.Cut(string(text), "VmRSS:")
	field := strings.Fields(text2)
	if len(field) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(field[0], 64)
	return kb / 1024
}

// raiseFileLimit lets the process have as many connections as the machine allows.
func raiseFileLimit() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
}

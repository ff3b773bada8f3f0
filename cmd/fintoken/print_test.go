package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
)

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestOutputFails: who cannot be told what he asked for gets another exit code than one that says that nothing was sent,
// and learns how to get it after all.
func TestOutputFails(t *testing.T) {
	w := newWorld(t)
	straddle := "straddle bridge initialize --customer-id " + w.c.Straddle.CustomerID
	embed := "finogates embed-token create --parent-origin https://a.example --user-id " + w.c.Finogates.UserID
	for line, next := range map[string]string{
		straddle: "the call has worked; run it again with --idempotency-key ",
		straddle + " --idempotency-key key-of-mine": "run it again with --idempotency-key key-of-mine and with another place for the output",
		straddle + " --transform data":              "with another place for the output",
		straddle + " --dry-run":                     "next: run it again with another place for the output",
		embed:                                       "the call has worked and its answer is lost; run it again",
		embed + " --iframe":                         "the call has worked and its answer is lost; run it again",
		"finapi token --cache":                      "its answer is lost",
		"finapi token --format raw":                 "its answer is lost",
		"finapi revoke --token x --dry-run":         "run it again",
		"sandbox state":                             "run it again",
		"sandbox --listen 127.0.0.1:0":              "run it again",
		"doctor --offline":                          "run it again",
		"demo":                                      "run it again",
		"demo --format json":                        "run it again",
		"spec list":                                 "run it again",
		"spec show straddle":                        "run it again",
		"spec validate ../../specs/bundle/straddle.yaml":       "run it again",
		"spec validate ../../tools/oapi-codegen/straddle.yaml": "run it again",
		"completion bash":     "run it again",
		"help":                "run it again",
		"--version":           "run it again",
		"exit-codes":          "run it again",
		"finapi token --help": "run it again",
		"":                    "run it again",
		"finapi":              "run it again",
		"sandbox journal --dry-run --format-error json --count 10": "run it again",
	} {
		var errs bytes.Buffer
		code := cli.Run(t.Context(), strings.Fields(line), w.system(strings.NewReader(""), full{}, &errs))
		assert.Equal(t, 1, code, line)
		assert.Contains(t, errs.String(), "the output could not be written: short write", line)
		assert.Contains(t, errs.String(), next, line)
		assert.NotContains(t, errs.String(), "--transform", line)
	}
}

// TestTransformFindsNothing: the call was made, so it is not the exit code of one that was not; and the answer can be had.
func TestTransformFindsNothing(t *testing.T) {
	w := newWorld(t)
	r := w.initialize("--transform", "no.such")
	assert.Equal(t, 1, r.code)
	assert.Empty(t, r.stdout)
	assert.Contains(t, r.stderr, `the transform "no.such" finds nothing`)
	_, rest, found := strings.Cut(r.stderr, "run it again with --idempotency-key ")
	require.True(t, found, r.stderr)
	key, rest, _ := strings.Cut(rest, " ")
	assert.Equal(t, "and without --transform to get the answer that was lost\n", rest)
	calls := w.s.Sandbox().Calls()
	first, again := calls[len(calls)-1], w.initialize("--idempotency-key", key)
	assert.Equal(t, 0, again.code)
	assert.Equal(t, 201, first.Status)
	assert.Equal(t, again.stdout, w.initialize("--idempotency-key", key).stdout)

	r = w.run("", "finapi", "token", "--transform", "no.such")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.stderr, "its answer is lost; run it again without --transform for another one")
}

// TestIframeWithoutURL: the answer lacks what was promised; that is the provider's fault and no matter of settings.
func TestIframeWithoutURL(t *testing.T) {
	w := newWorld(t)
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		answer := `{"status_code":200,"data":{"token":"t","expires_at":"2090-01-01T00:00:00Z"}}`
		if strings.HasSuffix(r.URL.Path, "/auth/token") {
			answer = `{"status_code":200,"data":{"access_token":"bearer"}}`
		}
		_, _ = io.WriteString(rw, answer)
	})
	r := w.run("", "finogates", "embed-token", "create", "--iframe", "--parent-origin", "https://a.example", "--user-id", pageCustomer)
	assert.Equal(t, 5, r.code, r.stderr)
	assert.Contains(t, r.stderr, "no embed_url")
	assert.Contains(t, r.stderr, "next: run it without --iframe")
	assert.Empty(t, r.stdout)
}

// TestJournalWaits: calls that do not come in time are no trouble of the provider, and are waited for once.
func TestJournalWaits(t *testing.T) {
	bubble(t, nil, func(t *testing.T, w *world) {
		begun := time.Now()
		r := w.run("", "sandbox", "journal", "--count", "1", "--wait", "1s", "--operation", "nope")
		assert.Equal(t, 6, r.code, r.stderr)
		assert.Equal(t, time.Second, time.Since(begun), "once")
		assert.Contains(t, r.stderr, "no such call was made in that time")
		r = w.run("", "sandbox", "journal", "--count", "1", "--wait", "5s", "--timeout", "100ms", "--operation", "nope")
		assert.Equal(t, 6, r.code, r.stderr)
		assert.Contains(t, r.stderr, "give it more time with --timeout")
	})
}

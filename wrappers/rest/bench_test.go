package rest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// atOnce is a transport that answers at once and keeps nothing.
type atOnce struct{ header http.Header }

func (a *atOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	return &http.Response{StatusCode: 200, Header: a.header, Body: io.NopCloser(strings.NewReader(`{"value":"x"}`)), ContentLength: 13}, nil
}

// BenchmarkCall is the price of a call that succeeds at once, on this side of the wire.
func BenchmarkCall(b *testing.B) {
	for name, repeat := range map[string]Repeat{"unprocessed": RepeatUnprocessed, "by key": RepeatByKey} {
		b.Run(name, func(b *testing.B) {
			client, err := New(testURL, Bearer(token.Static(secret.New("the-api-key"))), Config{
				HTTPClient: &http.Client{Transport: &atOnce{http.Header{"Content-Type": {"application/json"}}}},
			})
			require.NoError(b, err)
			op := operation(repeat)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := post(b.Context(), client, op); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// BenchmarkCall is one call in memory: request made, sent, checked, answered, checked, recorded, read.
func BenchmarkCall(b *testing.B) {
	s, err := sandbox.New()
	require.NoError(b, err)
	c := s.Credentials()
	call := func(path, media, token, body string) (string, int) {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://sandbox"+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", media)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := s.RoundTripper().RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil {
			b.Fatal(err)
		}
		return string(text), response.StatusCode
	}
	exchange := `{"client_id":"` + c.Finogates.ClientID + `","client_secret":"` + c.Finogates.ClientSecret + `"}`
	text, _ := call(exchangePath, "application/json", "", exchange)
	_, text, _ = strings.Cut(text, `"access_token":"`)
	token, _, _ := strings.Cut(text, `"`)
	for name, one := range map[string]struct {
		path, media, token, body string
		status                   int
	}{
		"finapi": {tokenV1, formType, "", formed("grant_type", "client_credentials", "client_id", c.FinAPI.ClientID, "client_secret", c.FinAPI.ClientSecret), 200},
		"finogates": {
			embedPath, "application/json", token,
			`{"user_id":"` + c.Finogates.UserID + `","parent_origin":"https://app.example.com"}`, 200,
		},
		"straddle": {bridgePath, "application/json", c.Straddle.APIKey, `{"customer_id":"` + c.Straddle.CustomerID + `"}`, 201},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if text, status := call(one.path, one.media, one.token, one.body); status != one.status {
					b.Fatal(text)
				}
			}
		})
	}
}

// BenchmarkNew is what a test pays for a world of its own: made, called once over HTTP, ended.
func BenchmarkNew(b *testing.B) {
	b.Run("in memory", func(b *testing.B) {
		for b.Loop() {
			s, err := sandbox.New()
			require.NoError(b, err)
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://sandbox"+tokenV1, http.NoBody)
			require.NoError(b, err)
			_, err = s.RoundTripper().RoundTrip(r)
			require.NoError(b, err)
		}
	})
	b.Run("over HTTP", func(b *testing.B) {
		for b.Loop() {
			server, err := sandbox.Listen("127.0.0.1:0")
			require.NoError(b, err)
			_, err = server.Clients().FinAPI.ClientTokens().Token(b.Context())
			require.NoError(b, err)
			require.NoError(b, server.Close())
		}
	})
}

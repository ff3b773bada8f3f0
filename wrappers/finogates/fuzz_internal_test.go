package finogates

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// FuzzCheckOrigin: what is accepted is the serialization of its own origin, so that writing it anew changes nothing.
func FuzzCheckOrigin(f *testing.F) {
	for _, origin := range []string{
		"https://app.example.com", "https://app.example.com:8443", "http://localhost:3000", "https://[2001:db8::1]:1",
		"https://app.example.com/", "https://app.example.com?", "https://app.example.com#", "https://a@b", "HTTPS://a", "null", "*",
		"https://a:443", "https://a:", "https://1.2.3", "https://[::ffff:1.2.3.4]", "https://[fe80::1%25a]", "https://b%c3%bccher.example",
		"https://xn--a", "http://[::1]", "https:a", "//a", "https://a:0", "https://a\x00", "https://0x7f",
	} {
		f.Add(origin, true)
		f.Add(origin, false)
	}
	f.Fuzz(func(t *testing.T, origin string, loopback bool) {
		if checkOrigin("parent_origin", origin, loopback) != nil {
			return
		}
		u, err := url.Parse(origin)
		if err != nil {
			t.Fatalf("accepted what is no URL: %q", origin)
		}
		anew := url.URL{Scheme: strings.ToLower(u.Scheme), Host: strings.ToLower(u.Host)}
		if anew.String() != origin || u.String() != origin {
			t.Fatalf("accepted %q, which is written %q", origin, anew.String())
		}
		if u.Port() == "443" && u.Scheme == "https" || u.Port() == "80" && u.Scheme == "http" {
			t.Fatalf("accepted a default port: %q", origin)
		}
		if u.Scheme != "https" && !(u.Scheme == "http" && loopback && rest.IsLoopback(u.Hostname())) {
			t.Fatalf("accepted without TLS: %q", origin)
		}
		if len(origin) > maxOrigin {
			t.Fatal("accepted what is too long")
		}
	})
}

// FuzzClientToken: whatever comes, nothing panics, and a success has a bearer that fits a header and a life that makes
// sense.
func FuzzClientToken(f *testing.F) {
	for _, data := range []string{
		`{"access_token":"a","token_type":"bearer","expires_in":900}`, `{"token":"a"}`, `"a"`, `""`, `null`, `{}`, `[]`, `7`,
		`{"token":"a","expires_in":-1}`, `{"token":"a","expires_in":"soon"}`, `{"token":"a","expires_in":1e99}`,
		`{"token":"a.eyJleHAiOjE3ODA1Njc4MDB9.c"}`, `{"access_token":{},"token":"b"}`, `{"token":"a\u0000"}`, `{"token":"[redacted]"}`,
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) {
		got, err := rest.Decode[clientToken](exchangeClientToken, answer(200, `{"status_code":200,"data":`+data+`}`), nil)
		if err != nil {
			if got != nil {
				t.Fatal("an error and a bearer")
			}
			return
		}
		bearer := got.token(time.Now())
		if rest.TokenText("", bearer.Access) != nil {
			t.Fatal("a success without a usable bearer")
		}
		if bearer.ExpiresIn < 0 || bearer.ExpiresIn > 280*365*24*time.Hour {
			t.Fatalf("a life of %v", bearer.ExpiresIn)
		}
	})
}

// FuzzJWTLife: no text panics or gives a life that is negative or ran over.
func FuzzJWTLife(f *testing.F) {
	now := time.Date(2026, time.June, 4, 10, 0, 0, 0, time.UTC)
	for _, jwt := range []string{
		"", "a.b.c", "...", "h.eyJleHAiOjE3ODA1Njc4MDB9.s", "h.eyJleHAiOjFlMzAwfQ.s", "h.eyJleHAiOi0xfQ.s",
		"h.eyJpYXQiOjE3ODA1Njc4MDAsImV4cCI6MTc4MDU2ODcwMH0.s", "h.eyJleHAiOjg1ODk5MzQ1ODgsImlhdCI6MX0.s",
	} {
		f.Add(jwt, int64(0))
	}
	f.Fuzz(func(t *testing.T, jwt string, shift int64) {
		at := now.Add(time.Duration(shift % int64(100*365*24*time.Hour)))
		if life := jwtLife(jwt, at); life < 0 || life > 280*365*24*time.Hour {
			t.Fatalf("a life of %v", life)
		}
	})
}

// FuzzEnvelope: whatever comes, nothing panics, a success has an embed token that fits a header, and its address is
// one that the token may be sent to.
func FuzzEnvelope(f *testing.F) {
	for _, body := range []string{
		`{"status_code":200,"data":{"token":"t","embed_url":"https://e.example.com","mode":"m","expires_at":1780567800},"query_generated_time":1}`,
		`{"status_code":422,"data":[{"field":"a","message":"b"}]}`, `{"detail":[{"loc":["body",1],"msg":"x"}]}`, `{"detail":"x"}`,
		`{"data":{"token":"t","expires_at":"2026-06-04T10:10:00Z"}}`, `{"data":{"token":"a\nb"}}`, `{"data":[[[[[["x"]]]]]]}`,
		`{"data":{"token":"t","embed_url":"javascript:x"}}`, `null`, `[]`, `{}`, ``, `<html>`, `{"data":{"error":{"error":{"error":"x"}}}}`,
	} {
		f.Add(200, body)
		f.Add(422, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		got, err := rest.Decode[embedToken](createEmbedToken, answer(status, body), nil)
		switch {
		case err != nil && got != nil, err == nil && got == nil:
			t.Fatal("an error and a token, or neither")
		case err != nil:
			_ = err.Error()
			return
		case status/100 != 2:
			t.Fatal("a failure became a success")
		case rest.TokenText("", got.Token) != nil:
			t.Fatal("a success without a usable token")
		}
		src := (&EmbedToken{Token: got.Token, EmbedURL: got.EmbedURL, Mode: got.Mode}).IframeURL()
		if src != "" && strings.Count(src, "#") != 1 {
			t.Fatalf("not one fragment: %q", src)
		}
	})
}

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

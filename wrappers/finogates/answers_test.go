package finogates_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// oddAnswers are what either operation may get instead of what was promised.
var oddAnswers = map[string]struct {
	reply reply
	want  fault
}{
	"error under 200":           {reply{Status: 200, Body: `{"status_code":401,"data":{"message":"no such client"},"query_generated_time":1}`}, fault{Says: "no such client"}},
	"error 400 under 200":       {reply{Status: 200, Body: `{"status_code":400,"data":{"message":"no such client"}}`}, fault{Says: "no such client"}},
	"error under 200, no words": {reply{Status: 200, Body: `{"status_code":500,"data":null}`}, fault{Says: "an error under a status that says success"}},
	"null data":                 {ok(`null`), fault{Says: "has no data"}},
	"no data":                   {reply{Status: 200, Body: `{` + frame + `}`}, fault{Says: "has no data"}},
	"bare detail":               {reply{Status: 200, Body: `{"detail":"` + canary + `"}`}, fault{Says: "has no data"}},
	"JSON null":                 {reply{Status: 200, Body: `null`}, fault{Says: "has no data"}},
	"empty body":                {reply{Status: 200}, fault{Says: "is empty"}},
	"array":                     {reply{Status: 200, Body: `["` + canary + `"]`}, fault{Says: "JSON type"}},
	"data is a list":            {ok(`["` + canary + `"]`), fault{Says: "JSON type"}},
	"data is a number":          {ok(`7`), fault{Says: "JSON type"}},
	"data is empty":             {ok(`{}`), fault{Says: "missing or empty"}},
	"status as text":            {reply{Status: 200, Body: `{"status_code":"` + canary + `"}`}, fault{Field: "status_code", Says: "JSON type"}},
	"HTML":                      {reply{Status: 200, MIME: "text/html", Body: "<html>" + canary}, fault{Says: "JSON"}},
	"HTML that claims JSON":     {reply{Status: 200, Body: "<html>" + canary}, fault{Says: "not valid JSON, from byte 1 on"}},
	"half of it":                {reply{Status: 200, Body: `{"data":{"token":"` + canary}, fault{Says: "not valid JSON"}},
	"two answers in one":        {reply{Status: 200, Body: `{"data":{"token":"a"}}{"data":{"token":"b"}}`}, fault{Says: "200"}},
	"over the limit":            {reply{Status: 200, Body: `{"data":{"token":"` + canary + `"}}` + strings.Repeat(" ", rest.TokenMaxBody)}, fault{Says: "larger than the limit"}},
	"redirect":                  {reply{Status: 302, Header: map[string]string{"Location": "https://elsewhere.example.com/?" + canary}}, fault{Says: "redirects are not followed"}},
}

// Requirements C22, C24, C26, C27, C29, C34, C35: what is not the promised answer is a typed error, never a zero value.
func TestOddAnswersToTheExchange(t *testing.T) {
	all := map[string]struct {
		reply reply
		want  fault
	}{
		"token is a number":       {ok(`{"access_token":7}`), fault{Field: "data.access_token", Says: "JSON type"}},
		"token is empty":          {ok(`{"access_token":"","token":""}`), fault{Field: "data.access_token", Says: "missing or empty"}},
		"text is empty":           {ok(`""`), fault{Field: "data.access_token", Says: "missing or empty"}},
		"token with LF":           {ok(`"` + canary + `\r\nX: y"`), fault{Field: "data.access_token", Says: "characters that a token cannot have"}},
		"token with umlaut":       {ok(`{"token":"` + canary + `ü"}`), fault{Field: "data.access_token", Says: "characters that a token cannot have"}},
		"another type":            {ok(`{"token":"` + canary + `","token_type":"mac"}`), fault{Field: "data.token_type", Says: "is not bearer"}},
		"life negative":           {ok(`{"token":"` + canary + `","expires_in":-1}`), fault{Field: "data.expires_in", Says: "is negative"}},
		"life as words":           {ok(`{"token":"` + canary + `","expires_in":"` + canary + `"}`), fault{Field: "data.expires_in", Says: "not a whole number"}},
		"life as a fraction":      {ok(`{"token":"` + canary + `","expires_in":1.5}`), fault{Field: "data.expires_in", Says: "not a whole number"}},
		"life huge":               {ok(`{"token":"` + canary + `","expires_in":99999999999}`), fault{Field: "data.expires_in", Says: "longer than a hundred years"}},
		"life beyond any integer": {ok(`{"token":"` + canary + `","expires_in":1e99}`), fault{Field: "data.expires_in", Says: "is longer than a hundred years"}},
		"life is an object":       {ok(`{"token":"` + canary + `","expires_in":{}}`), fault{Field: "data.expires_in", Says: "not a whole number"}},
	}
	for name, c := range oddAnswers {
		if name == "data is empty" {
			c.want.Field = "data.access_token"
		}
		all[name] = c
	}
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(c.reply)
			cl := client(t, w)
			got, err := cl.ExchangeClientToken(t.Context())
			assert.Nil(t, got)
			c.want.Kind, c.want.Status, c.want.Attempts = rest.ErrBadResponse, c.reply.Status, 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, rest.ErrBadResponse)
			assert.Equal(t, "exchangeClientToken", e.Operation)
			assert.Len(t, w.Requests(), 1)

			embed, err := cl.EmbedTokens.Create(t.Context(), minimal)
			assert.Nil(t, embed)
			provider.RequireFault(t, err, c.want)
			assert.Empty(t, w.At(embedPath), "nothing is sent without a bearer")
		})
	}
}

func TestOddAnswersToTheEmbedToken(t *testing.T) {
	address := func(u string) reply { return ok(`{"token":"` + canary + `","embed_url":"` + u + `"}`) }
	all := map[string]struct {
		reply reply
		want  fault
	}{
		"data is a text":        {ok(`"` + canary + `"`), fault{Says: "JSON type"}},
		"token is a number":     {ok(`{"token":7}`), fault{Field: "data.token", Says: "JSON type"}},
		"token is empty":        {minted(""), fault{Field: "data.token", Says: "missing or empty"}},
		"token is null":         {ok(`{"token":null}`), fault{Field: "data.token", Says: "missing or empty"}},
		"token with NUL":        {minted(canary + `\u0000`), fault{Field: "data.token", Says: "characters that a token cannot have"}},
		"address in plain http": {address("http://embed.example.com"), fault{Field: "data.embed_url", Says: "not an https address"}},
		"address is a script":   {address("javascript:alert(1)"), fault{Field: "data.embed_url", Says: "not an https address"}},
		"address has a user":    {address("https://a@embed.example.com"), fault{Field: "data.embed_url", Says: "not an https address"}},
		"address is a path":     {address("/add-card"), fault{Field: "data.embed_url", Says: "not an https address"}},
		"address is no URL":     {address("https://exa mple.com"), fault{Field: "data.embed_url", Says: "not an https address"}},
		"address with LF":       {address(`https://embed.example.com/\n`), fault{Field: "data.embed_url", Says: "not an https address"}},
	}
	for name, c := range oddAnswers {
		if name == "data is empty" {
			c.want.Field = "data.token"
		}
		all[name] = c
	}
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(bearer("b"), c.reply)
			var info rest.Info
			got, err := client(t, w).EmbedTokens.Create(t.Context(), minimal, rest.Capture(&info))
			assert.Nil(t, got)
			c.want.Kind, c.want.Status, c.want.Attempts = rest.ErrBadResponse, c.reply.Status, 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, rest.ErrBadResponse)
			assert.Equal(t, "createEmbedToken", e.Operation)
			assert.True(t, strings.HasPrefix(c.reply.Body, string(e.RawBody())))
			assert.Equal(t, c.reply.Status, info.Status)
			assert.Len(t, w.At(embedPath), 1)
		})
	}
}

// Requirements C25, C37: what is new, missing or odd beside the token does not fail the call.
func TestTolerated(t *testing.T) {
	at := time.Date(2026, time.June, 4, 10, 10, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		data string
		want finogates.EmbedToken // without its token
	}{
		"only the token":    {`{"token":"t"}`, finogates.EmbedToken{}},
		"unknown members":   {`{"token":"t","id":7,"user":{"a":[]}}`, finogates.EmbedToken{}},
		"nulls":             {`{"token":"t","embed_url":null,"mode":null,"expires_at":null}`, finogates.EmbedToken{}},
		"RFC 3339":          {`{"token":"t","expires_at":"2026-06-04T10:10:00Z"}`, finogates.EmbedToken{ExpiresAt: at}},
		"milliseconds":      {`{"token":"t","expires_at":1780567800000}`, finogates.EmbedToken{ExpiresAt: at}},
		"seconds":           {`{"token":"t","expires_at":1780567800}`, finogates.EmbedToken{ExpiresAt: at}},
		"early millis":      {`{"token":"t","expires_at":100000000000}`, finogates.EmbedToken{ExpiresAt: time.Date(1973, time.March, 3, 9, 46, 40, 0, time.UTC)}},
		"late seconds":      {`{"token":"t","expires_at":99999999999}`, finogates.EmbedToken{ExpiresAt: time.Date(5138, time.November, 16, 9, 46, 39, 0, time.UTC)}},
		"a bad time":        {`{"token":"t","expires_at":"soon"}`, finogates.EmbedToken{}},
		"a time too far":    {`{"token":"t","expires_at":1e300}`, finogates.EmbedToken{}},
		"a negative time":   {`{"token":"t","expires_at":-5}`, finogates.EmbedToken{}},
		"a time as object":  {`{"token":"t","expires_at":{}}`, finogates.EmbedToken{}},
		"an unknown mode":   {`{"token":"t","mode":"preview"}`, finogates.EmbedToken{Mode: "preview"}},
		"loopback address":  {`{"token":"t","embed_url":"http://127.0.0.1:4011/w"}`, finogates.EmbedToken{EmbedURL: "http://127.0.0.1:4011/w"}},
		"a fragment is cut": {`{"token":"t","embed_url":"https://e.example.com/w#token=` + canary + `"}`, finogates.EmbedToken{EmbedURL: "https://e.example.com/w"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client(t, wiretest.Script(bearer("b"), ok(c.data))).EmbedTokens.Create(t.Context(), minimal)
			require.NoError(t, err)
			assert.Equal(t, "t", got.Token.Reveal())
			c.want.Token = got.Token
			assert.Equal(t, c.want.ExpiresAt.UTC(), got.ExpiresAt.UTC())
			c.want.ExpiresAt = got.ExpiresAt
			assert.Equal(t, c.want, *got)
		})
	}
	t.Run("a bare envelope", func(t *testing.T) {
		var info rest.Info
		w := wiretest.Script(bearer("b"), reply{Status: 201, MIME: "application/json; charset=utf-8", Body: `{"data":{"token":"t"},"query_generated_time":"never"}`})
		_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal, rest.Capture(&info))
		require.NoError(t, err)
		assert.Equal(t, rest.Meta{}, info.Meta)
	})
}

// The shape of a failure is not documented: whatever can be read as words is taken, and nothing else.
func TestErrorDetails(t *testing.T) {
	for name, c := range map[string]struct{ body, message string }{
		"a text":               {`{` + frame + `,"data":"user not found"}`, "user not found"},
		"an object":            {`{` + frame + `,"data":{"message":"no"}}`, "no"},
		"msg":                  {`{"data":{"msg":"no"}}`, "no"},
		"error":                {`{"data":{"error":"no"}}`, "no"},
		"error in error":       {`{"data":{"error":{"message":"no"}}}`, "no"},
		"detail in data":       {`{"data":{"detail":"no"}}`, "no"},
		"with its field":       {`{"data":{"field":"user_id","message":"no"}}`, "user_id: no"},
		"a list":               {`{"data":[{"field":"a","message":"x"},"y",7,null,{"other":"z"}]}`, "a: x; y"},
		"of the framework":     {`{"detail":[{"loc":["body","user_id"],"msg":"no","type":"t"}]}`, "user_id: no"},
		"index as its field":   {`{"detail":[{"loc":["body",3],"msg":"no"}]}`, "3: no"},
		"detail as text":       {`{"detail":"Not Found"}`, "Not Found"},
		"wrong types":          {`{"status_code":"x","data":{"message":7,"msg":"no","field":[]}}`, "no"},
		"control characters":   {`{"data":"a\r\nb\u0000c"}`, "a b c"},
		"a status alone":       {`{"status_code":404}`, "not found"},
		"nothing to read":      {`{"data":{"code":"` + canary + `"}}`, "not found"},
		"as deep as it goes":   {`{"data":[[[["no"]]]]}`, "no"},
		"one too deep":         {`{"data":[[[[["` + canary + `"]]]]]}`, "not found"},
		"too deep":             {`{"data":[[[[[["` + canary + `"]]]]]]}`, "not found"},
		"null":                 {`{"data":null}`, "not found"},
		"not JSON":             {`<html>` + canary, "not found"},
		"empty":                {``, "not found"},
		"not an object":        {`["` + canary + `"]`, "not found"},
		"the bearer is echoed": {`{"data":"bad bearer canary-bearer"}`, "bad bearer [redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(bearer("canary-bearer"), reply{Status: 404, Body: c.body})
			_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal)
			e := provider.RequireFault(t, err, fault{Kind: rest.ErrNotFound, Status: 404, Attempts: 1, Says: c.message})
			wiretest.RequireKinds(t, err, rest.ErrNotFound)
			assert.Equal(t, c.message, e.Message)
			assert.Equal(t, strings.ReplaceAll(c.body, "canary-bearer", "[redacted]"), string(e.RawBody()))
			if strings.HasPrefix(c.body, "{") {
				assert.IsType(t, &finogatesapi.ValidationErrorResponse{}, e.Detail)
			} else {
				assert.Nil(t, e.Detail, "the body was not that")
			}
		})
	}
}

// How often each operation is sent, by what happens to it. Nobody knows whether an embed token in doubt was made, and
// no key would tell, so it is not asked for again; an exchange too many does no harm.
func TestRepeats(t *testing.T) {
	for name, c := range map[string]struct {
		first           reply
		exchange, embed int // how often it is sent
	}{
		"connection refused": {reply{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, 2, 2},
		"name not resolved":  {reply{Err: &net.DNSError{Name: "x"}}, 2, 2},
		"connection reset":   {reply{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, 2, 1},
		"ended too early":    {reply{Err: io.EOF}, 2, 1},
		"broke off":          {reply{Status: 200, Body: `{"data":`, Cut: true}, 2, 1},
		"408":                {reply{Status: 408}, 2, 2},
		"429":                {reply{Status: 429}, 2, 2},
		"500":                {reply{Status: 500}, 2, 1},
		"502":                {reply{Status: 502, MIME: "text/html", Body: "<html>" + canary}, 2, 1},
		"503":                {reply{Status: 503}, 2, 1},
		"504":                {reply{Status: 504}, 2, 1},
		"400":                {reply{Status: 400}, 1, 1},
		"403":                {reply{Status: 403}, 1, 1},
		"404":                {reply{Status: 404}, 1, 1},
		"409":                {reply{Status: 409, Body: `{"data":"in progress"}`}, 1, 1},
		"422":                {reply{Status: 422}, 1, 1},
		"501":                {reply{Status: 501}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(c.first, bearer("b"))
				_, err := client(t, w).ExchangeClientToken(t.Context())
				assert.Len(t, w.Requests(), c.exchange)
				requireOutcome(t, err, c.exchange)

				w = wiretest.Script(bearer("b"), c.first, minted("t"))
				_, err = client(t, w).EmbedTokens.Create(t.Context(), minimal)
				assert.Len(t, w.At(embedPath), c.embed)
				requireOutcome(t, err, c.embed)
			})
		})
	}
}

// requireOutcome expects a success of a call that was sent twice, and else an error without a body in its text.
func requireOutcome(t *testing.T, err error, sent int) {
	t.Helper()
	if sent == 2 {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	assert.NotContains(t, err.Error(), canary)
}

// In doubt is said to be in doubt, so that the caller can decide.
func TestInDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		reply reply
		kind  error
		says  string
	}{
		"reset":     {reply{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, rest.ErrUnavailable, "the connection failed"},
		"broke off": {reply{Status: 200, Body: `{"data":"` + canary, Cut: true}, rest.ErrBadResponse, "broke off"},
		"503":       {reply{Status: 503}, rest.ErrUnavailable, "service unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, wiretest.Script(bearer("b"), c.reply)).EmbedTokens.Create(t.Context(), minimal)
			provider.RequireFault(t, err, fault{Kind: rest.ErrInDoubt, Status: c.reply.Status, Attempts: 1, Says: c.says})
			wiretest.RequireKinds(t, err, c.kind)
		})
	}
}

// Every failure that the document shows becomes an error of its kind, and what the client sends holds throughout.
func TestDocumentedFailures(t *testing.T) {
	kind := map[string]error{
		"400": rest.ErrInvalid, "401": rest.ErrUnauthenticated, "403": rest.ErrForbidden, "404": rest.ErrNotFound,
		"422": rest.ErrInvalid, "429": rest.ErrRateLimited, "default": rest.ErrUnavailable,
	}
	seen := 0
	for _, operation := range []string{"exchangeClientToken", "createEmbedToken"} {
		for part, want := range kind {
			for _, name := range spectest.Examples(specs.Finogates, operation, part) {
				seen++
				t.Run(operation+" "+part+" "+name, func(t *testing.T) {
					body, mime, err := spectest.Example(specs.Finogates, operation, part, name)
					require.NoError(t, err)
					status, err := strconv.Atoi(part)
					if err != nil {
						status = 500
					}
					failure := reply{Status: status, Body: string(body), MIME: mime}
					w := wiretest.Script(failure)
					if operation == "createEmbedToken" {
						w = wiretest.Script(bearer("b"), failure, bearer("b"), failure)
					}
					c := client(t, spectest.Transport(t, specs.Finogates, w))
					if operation == "createEmbedToken" {
						_, err = c.EmbedTokens.Create(t.Context(), minimal, rest.Retries(0))
					} else {
						_, err = c.ExchangeClientToken(t.Context(), rest.Retries(0))
					}
					wiretest.RequireKinds(t, err, want)
					var e *rest.Error
					require.ErrorAs(t, err, &e)
					assert.Equal(t, status, e.Status)
					assert.Equal(t, operation, e.Operation)
					assert.NotEmpty(t, e.Message)
					assert.IsType(t, &finogatesapi.ValidationErrorResponse{}, e.Detail)
				})
			}
		}
	}
	assert.GreaterOrEqual(t, seen, 12)
}

// Every success that the document shows is understood.
func TestDocumentedSuccesses(t *testing.T) {
	for _, name := range spectest.Examples(specs.Finogates, "exchangeClientToken", "200") {
		body, mime, err := spectest.Example(specs.Finogates, "exchangeClientToken", "200", name)
		require.NoError(t, err)
		w := wiretest.Script(reply{Status: 200, Body: string(body), MIME: mime})
		got, err := client(t, spectest.Transport(t, specs.Finogates, w)).ExchangeClientToken(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "header.payload.signature", got.Access.Reveal())
	}
	for _, name := range spectest.Examples(specs.Finogates, "createEmbedToken", "200") {
		body, mime, err := spectest.Example(specs.Finogates, "createEmbedToken", "200", name)
		require.NoError(t, err)
		w := wiretest.Script(bearer("b"), reply{Status: 200, Body: string(body), MIME: mime})
		got, err := client(t, spectest.Transport(t, specs.Finogates, w)).EmbedTokens.Create(t.Context(), minimal)
		require.NoError(t, err)
		assert.Equal(t, "https://embed-sandbox.example.com/add-card#token=embed-token&mode=sandbox", got.IframeURL())
	}
}

// Unwrap reads what a raw generated client got, without anything else of this package.
func TestUnwrapRawClient(t *testing.T) {
	server := sandbox.Start(t)
	creds := server.Sandbox().Credentials().Finogates
	checked := spectest.Transport(t, specs.Finogates, &http.Transport{}, spectest.BasePath("/finogates"))
	t.Cleanup(checked.CloseIdleConnections)
	raw, err := finogatesapi.NewClient(server.Finogates(), finogatesapi.WithHTTPClient(&http.Client{Transport: checked}))
	require.NoError(t, err)

	bearer, err := finogates.Unwrap[finogatesapi.ClientToken](raw.ExchangeClientToken(t.Context(),
		finogatesapi.ExchangeClientTokenRequest{ClientID: creds.ClientID, ClientSecret: creds.ClientSecret}))
	require.NoError(t, err)
	sign := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+bearer.AccessToken)
		return nil
	}
	body := finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}
	embed, err := finogates.Unwrap[finogatesapi.EmbedToken](raw.CreateEmbedToken(t.Context(), body, sign))
	require.NoError(t, err)
	assert.NotEmpty(t, embed.Token)

	body.UserID = stranger
	embed, err = finogates.Unwrap[finogatesapi.EmbedToken](raw.CreateEmbedToken(t.Context(), body, sign))
	assert.Nil(t, embed)
	provider.RequireFault(t, err, fault{Kind: rest.ErrNotFound, Status: 404, Attempts: 1, Says: "finogates: POST: 404: user not found"})

	_, err = finogates.Unwrap[finogatesapi.EmbedToken](nil, nil)
	provider.RequireFault(t, err, fault{Kind: rest.ErrBadResponse, Says: "there is no answer"})
	_, err = finogates.Unwrap[finogatesapi.EmbedToken](nil, io.ErrUnexpectedEOF)
	provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Says: "the connection ended too early"})
}

// The raw client behind a Client goes through the same chain, bearer included.
func TestUnwrapAPI(t *testing.T) {
	c, creds, _ := against(t)
	embed, err := finogates.Unwrap[finogatesapi.EmbedToken](c.API().CreateEmbedToken(t.Context(),
		finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}))
	require.NoError(t, err)
	assert.NotEmpty(t, embed.Token)
}

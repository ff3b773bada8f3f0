package finapi_test

import (
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Requirements C22, C24, C26 to C29: what is not the promised answer is a typed error, never a zero value. The status,
// the id and the body are kept, the text tells neither body nor secret.
func TestOddAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		reply reply
		want  fault
	}{
		"empty body":              {reply{Status: 200}, fault{Says: "is empty"}},
		"empty body under 204":    {reply{Status: 204}, fault{Says: "is empty"}},
		"JSON null":               {reply{Status: 200, Body: `null`}, fault{Says: "has no data"}},
		"empty object":            {reply{Status: 200, Body: `{}`}, fault{Field: "access_token", Says: "missing or empty"}},
		"array":                   {reply{Status: 200, Body: `["` + canary + `"]`}, fault{Says: "JSON type"}},
		"error under 200":         {reply{Status: 200, Body: `{"error":"invalid_client","error_description":"` + canary + `"}`}, fault{Field: "access_token", Says: "missing or empty"}},
		"errors under 200":        {reply{Status: 200, Body: failed(400, "X", canary).Body}, fault{Field: "access_token", Says: "missing or empty"}},
		"HTML":                    {reply{Status: 200, MIME: "text/html", Body: "<html>" + canary}, fault{Says: "JSON"}},
		"HTML that claims JSON":   {reply{Status: 200, Body: "<html>" + canary}, fault{Says: "not valid JSON, from byte 1 on"}},
		"half of it":              {reply{Status: 200, Body: `{"access_token":"` + canary}, fault{Says: "not valid JSON"}},
		"two answers in one":      {reply{Status: 200, Body: granted("a", "", "1").Body + "{}"}, fault{Says: "200"}},
		"over the limit":          {reply{Status: 200, Body: granted(canary, "", "1").Body + strings.Repeat(" ", rest.TokenMaxBody)}, fault{Says: "larger than the limit"}},
		"token empty":             {granted("", "", "60"), fault{Field: "access_token", Says: "missing or empty"}},
		"token with LF":           {granted(canary+`\n`, "", "60"), fault{Field: "access_token", Says: "characters that a token cannot have"}},
		"token with umlaut":       {granted(canary+`ö`, "", "60"), fault{Field: "access_token", Says: "characters that a token cannot have"}},
		"token is a number":       {reply{Status: 200, Body: `{"access_token":7,"expires_in":60}`}, fault{Field: "access_token", Says: "JSON type"}},
		"refresh with NUL":        {granted("a", canary+`\u0000`, "60"), fault{Field: "refresh_token", Says: "characters that a token cannot have"}},
		"another type":            {reply{Status: 200, Body: `{"access_token":"` + canary + `","token_type":"mac","expires_in":60}`}, fault{Field: "token_type", Says: "is not bearer"}},
		"life missing":            {reply{Status: 200, Body: `{"access_token":"` + canary + `","token_type":"bearer"}`}, fault{Field: "expires_in", Says: "is missing"}},
		"life null":               {granted(canary, "", "null"), fault{Field: "expires_in", Says: "is missing"}},
		"life as an empty text":   {granted(canary, "", `""`), fault{Field: "expires_in", Says: "expires_in"}},
		"life as the word null":   {granted(canary, "", `"null"`), fault{Field: "expires_in", Says: "expires_in"}},
		"life negative":           {granted(canary, "", "-1"), fault{Field: "expires_in", Says: "is negative"}},
		"life as a word":          {granted(canary, "", `"`+canary+`"`), fault{Field: "expires_in", Says: "is not a whole number"}},
		"life as a fraction":      {granted(canary, "", "59.9"), fault{Field: "expires_in", Says: "is not a whole number"}},
		"life huge":               {granted(canary, "", "99999999999"), fault{Field: "expires_in", Says: "longer than a hundred years"}},
		"life beyond any integer": {granted(canary, "", "99999999999999999999"), fault{Field: "expires_in", Says: "is not a whole number"}},
		"life in exponent form":   {granted(canary, "", "1e99"), fault{Field: "expires_in", Says: "is not a whole number"}},
		"life is a list":          {granted(canary, "", "[60]"), fault{Field: "expires_in", Says: "is not a whole number"}},
		"redirect":                {reply{Status: 301, Header: map[string]string{"Location": "https://elsewhere.example.com/?" + canary}}, fault{Says: "redirects are not followed"}},
	} {
		t.Run(name, func(t *testing.T) {
			for grant, body := range grants {
				c.reply.Header = withID(c.reply.Header)
				w := wiretest.Script(c.reply)
				var info rest.Info
				got, err := client(t, finapi.V1, w).GetToken(t.Context(), body, rest.Capture(&info))
				assert.Nil(t, got, grant)
				c.want.Kind, c.want.Status, c.want.Attempts, c.want.RequestID = rest.ErrBadResponse, c.reply.Status, 1, requestID
				e := provider.RequireFault(t, err, c.want)
				wiretest.RequireKinds(t, err, rest.ErrBadResponse)
				assert.Equal(t, "getToken", e.Operation)
				assert.True(t, strings.HasPrefix(c.reply.Body, string(e.RawBody())))
				assert.Equal(t, c.reply.Status, info.Status)
				assert.Equal(t, requestID, info.RequestID)
				assert.Len(t, w.Requests(), 1)
			}
		})
	}
}

func withID(h map[string]string) map[string]string {
	out := map[string]string{"X-Request-Id": requestID}
	for name, value := range h {
		out[name] = value
	}
	return out
}

// Requirements C25, C28, C29, C31: what is new, missing or spelled in another way does not fail the call.
func TestTolerated(t *testing.T) {
	long := strings.Repeat("t", 8192)
	for name, c := range map[string]struct {
		body   string
		access string
		life   time.Duration
	}{
		"as promised":        {granted("a", "", "3600").Body, "a", time.Hour},
		"unknown members":    {`{"access_token":"a","token_type":"bearer","expires_in":60,"scope":"all","id_token":{},"more":[1]}`, "a", time.Minute},
		"no type, no scope":  {`{"access_token":"a","expires_in":60}`, "a", time.Minute},
		"nulls":              {`{"access_token":"a","token_type":null,"refresh_token":null,"scope":null,"expires_in":60}`, "a", time.Minute},
		"type in capitals":   {`{"access_token":"a","token_type":"BEARER","expires_in":60}`, "a", time.Minute},
		"another scope":      {`{"access_token":"a","scope":"some","expires_in":60}`, "a", time.Minute},
		"life as text":       {granted("a", "", `"60"`).Body, "a", time.Minute},
		"life without end":   {granted("a", "", "0").Body, "a", 0},
		"without end, text":  {granted("a", "", `"0"`).Body, "a", 0},
		"8 KiB":              {granted(long, "", "60").Body, long, time.Minute},
		"empty refresh":      {`{"access_token":"a","refresh_token":"","expires_in":60}`, "a", time.Minute},
		"spaces in a token":  {granted("a b", "", "60").Body, "a b", time.Minute},
		"spaces around JSON": {"\n " + granted("a", "", "60").Body + "\n", "a", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client(t, finapi.V2, wiretest.Script(reply{Status: 200, Body: c.body})).GetToken(t.Context(), grants["password"])
			require.NoError(t, err)
			assert.Equal(t, c.access, got.Access.Reveal())
			assert.Equal(t, c.life, got.ExpiresIn)
			assert.True(t, got.Refresh.IsZero())
		})
	}
}

// The bodies of failures: both spellings of a 401, every entry of the list, incomplete ones, and none at all.
func TestErrorDetails(t *testing.T) {
	for name, c := range map[string]struct {
		status              int
		body, code, message string
		id                  string
	}{
		"snake case":             {401, `{"error":"invalid_client","error_description":"Bad client credentials"}`, "invalid_client", "Bad client credentials", ""},
		"camel case, as in V1":   {401, `{"error":"invalid_client","errorDescription":"Bad client credentials"}`, "invalid_client", "Bad client credentials", ""},
		"both":                   {401, `{"error":"x","error_description":"snake","errorDescription":"camel"}`, "x", "snake", ""},
		"no description":         {401, `{"error":"invalid_client"}`, "invalid_client", "unauthorized", ""},
		"description of no text": {401, `{"error":"x","error_description":7}`, "x", "unauthorized", ""},
		"of RFC 6749 under 400":  {400, `{"error":"invalid_grant","error_description":"gone"}`, "invalid_grant", "gone", ""},
		"list":                   {400, failed(400, "BAD_REQUEST", "Bad user credentials").Body, "BAD_REQUEST", "Bad user credentials", requestID},
		"several entries":        {422, `{"errors":[{"message":"a","code":"A"},{"message":null,"code":"B"},{"message":"c","code":"C"}]}`, "A", "a; c", ""},
		"unknown code and type":  {400, `{"errors":[{"message":"m","code":"NEW_ONE","type":"COSMIC"}],"more":1}`, "NEW_ONE", "m", ""},
		"message null":           {500, `{"errors":[{"message":null,"code":"UNEXPECTED_ERROR"}]}`, "UNEXPECTED_ERROR", "internal server error", ""},
		"odd challenge":          {400, `{"errors":[{"message":"m","code":"X","multiStepAuthentication":"` + canary + `"}],"date":7}`, "X", "m", ""},
		"empty list":             {400, `{"errors":[]}`, "", "bad request", ""},
		"null entry":             {400, `{"errors":[null]}`, "", "bad request", ""},
		"control characters":     {400, `{"errors":[{"message":"a\r\nb\u0000","code":"X\n"}]}`, "X", "a b", ""},
		"secret comes back":      {400, failed(400, "X", "no such secret "+clientSecret).Body, "X", "no such secret [redacted]", requestID},
		"password comes back":    {400, failed(400, "X", "bad password "+password).Body, "X", "bad password [redacted]", requestID},
		"HTML":                   {502, "<html>" + canary, "", "bad gateway", ""},
		"nothing":                {502, "", "", "bad gateway", ""},
		"not an object":          {400, `["` + canary + `"]`, "", "bad request", ""},
		"another shape":          {404, `{"timestamp":1,"status":404,"path":"` + canary + `"}`, "", "not found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, finapi.V1, wiretest.Script(reply{Status: c.status, Body: c.body})).GetToken(t.Context(), grants["password"])
			var e *rest.Error
			require.ErrorAs(t, err, &e)
			provider.RequireFault(t, err, fault{Status: c.status, Attempts: 1, RequestID: c.id, Says: c.message, Kind: kindOf(c.status)})
			assert.Equal(t, c.code, e.Code)
			assert.Equal(t, c.message, e.Message)
			masked := strings.NewReplacer(clientSecret, "[redacted]", password, "[redacted]").Replace(c.body)
			assert.Equal(t, masked, string(e.RawBody()))
		})
	}
}

func kindOf(status int) error {
	switch {
	case status >= 500:
		return rest.ErrUnavailable
	case status == 401:
		return rest.ErrUnauthenticated
	case status == 404:
		return rest.ErrNotFound
	}
	return rest.ErrInvalid
}

// How often a grant is sent, by what happens to it (requirements D42, F59). A password is never repeated after an
// answer or when in doubt: each one that arrives may count towards locking the user. A refresh token may be spent.
func TestRepeats(t *testing.T) {
	for name, c := range map[string]struct {
		first        reply
		client, user int // how often it is sent; user goes for refresh_token as well
	}{
		"connection refused": {reply{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, 2, 2},
		"name not resolved":  {reply{Err: &net.DNSError{Name: "x"}}, 2, 2},
		"429":                {reply{Status: 429}, 2, 2},
		"503":                {reply{Status: 503}, 2, 2},
		"connection reset":   {reply{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, 2, 1},
		"ended too early":    {reply{Err: io.EOF}, 2, 1},
		"broke off":          {reply{Status: 200, Body: `{"access_token":"a`, Cut: true}, 2, 1},
		"408":                {reply{Status: 408}, 2, 1},
		"500":                {reply{Status: 500}, 2, 1},
		"502":                {reply{Status: 502, MIME: "text/html", Body: "<html>"}, 2, 1},
		"504":                {reply{Status: 504}, 2, 1},
		"400":                {failed(400, "BAD_REQUEST", "x"), 1, 1},
		"401":                {reply{Status: 401, Body: `{"error":"invalid_client"}`}, 1, 1},
		"403":                {failed(403, "X", "x"), 1, 1},
		"404":                {failed(404, "X", "x"), 1, 1},
		"409":                {failed(409, "X", "in progress"), 1, 1},
		"423":                {failed(423, "LOCKED", "x"), 1, 1},
		"501":                {failed(501, "X", "x"), 1, 1},
		"not JSON":           {reply{Status: 200, MIME: "text/html", Body: "<html>"}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for grant, body := range grants {
					want := c.user
					if grant == "client_credentials" {
						want = c.client
					}
					w := wiretest.Script(c.first, granted("a", "", "60"))
					var info rest.Info
					_, err := client(t, finapi.V2, w).GetToken(t.Context(), body, rest.Capture(&info))
					assert.Len(t, w.Requests(), want, grant)
					assert.Equal(t, want, info.Attempts, grant)
					assert.Equal(t, want == 2, err == nil, grant)
				}
			})
		})
	}
}

// A password in doubt is said to be in doubt.
func TestInDoubt(t *testing.T) {
	for _, r := range []reply{{Err: io.EOF}, {Status: 200, Body: "{", Cut: true}} {
		_, err := client(t, finapi.V1, wiretest.Script(r)).GetToken(t.Context(), grants["password"])
		assert.ErrorIs(t, err, rest.ErrInDoubt)
	}
}

// Every answer that the document shows is understood, and what the client sends holds throughout.
func TestDocumentedFailures(t *testing.T) {
	kind := map[string]error{
		"400": rest.ErrInvalid, "401": rest.ErrUnauthenticated, "403": rest.ErrForbidden, "423": rest.ErrLocked,
		"500": rest.ErrUnavailable, "default": rest.ErrInvalid,
	}
	seen := 0
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		for _, operation := range []string{versions[v].tokenOp, versions[v].revokeOp} {
			for part, want := range kind {
				for _, name := range spectest.Examples(specs.FinAPIAccess, operation, part) {
					seen++
					t.Run(operation+" "+part+" "+name, func(t *testing.T) {
						body, mime, err := spectest.Example(specs.FinAPIAccess, operation, part, name)
						require.NoError(t, err)
						status, err := strconv.Atoi(part)
						if err != nil {
							status = 415
						}
						failure := reply{Status: status, Body: string(body), MIME: mime}
						if operation == versions[v].revokeOp {
							good := granted("a", "", "3600")
							w := wiretest.Script(good, failure, good, failure)
							err = client(t, v, spectest.Transport(t, specs.FinAPIAccess, w)).
								RevokeToken(t.Context(), secret.New("x"), finapi.HintNone, rest.Retries(0))
						} else {
							_, err = client(t, v, spectest.Transport(t, specs.FinAPIAccess, wiretest.Script(failure))).
								GetToken(t.Context(), grants["password"], rest.Retries(0))
						}
						kinds := []error{want}
						if name == "version_mismatch" {
							kinds = append(kinds, rest.ErrVersionMismatch)
						}
						wiretest.RequireKinds(t, err, kinds...)
						var e *rest.Error
						require.ErrorAs(t, err, &e)
						assert.Equal(t, status, e.Status)
						assert.Equal(t, operation, e.Operation)
						assert.NotEmpty(t, e.Code)
						assert.NotEmpty(t, e.Message)
						if part == "401" {
							assert.IsType(t, &finapiaccess.BadCredentialsError{}, e.Detail)
						} else {
							assert.IsType(t, &finapiaccess.ErrorMessage{}, e.Detail)
							assert.NotEmpty(t, e.RequestID)
						}
					})
				}
			}
		}
	})
	assert.GreaterOrEqual(t, seen, 24)
}

func TestDocumentedSuccesses(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		for _, name := range spectest.Examples(specs.FinAPIAccess, versions[v].tokenOp, "200") {
			body, mime, err := spectest.Example(specs.FinAPIAccess, versions[v].tokenOp, "200", name)
			require.NoError(t, err)
			w := wiretest.Script(reply{Status: 200, Body: string(body), MIME: mime})
			got, err := client(t, v, spectest.Transport(t, specs.FinAPIAccess, w)).GetToken(t.Context(), grants["password"])
			require.NoError(t, err)
			assert.Equal(t, name+"-access-token", got.Access.Reveal())
			assert.Equal(t, "all", got.Scope)
		}
	})
}

package spectest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

const (
	bearerKey = "Authorization: Bearer key-1"
	jsonType  = "Content-Type: application/json"
	formType  = "Content-Type: application/x-www-form-urlencoded"
	customer  = `"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`
	client    = "client_id=c&client_secret=s"
)

type requestCase struct {
	name   string
	method string
	target string
	header []string
	body   string
	want   []string
}

func (tc requestCase) run(t *testing.T, c *Checker) {
	t.Run(tc.name, func(t *testing.T) {
		t.Parallel()
		_, err := c.Request(request(tc.method, tc.target, tc.header...), []byte(tc.body))
		_, whole := wholly(t, c).Request(request(tc.method, tc.target, tc.header...), []byte(tc.body))
		assert.Equal(t, texts(whole), texts(err), "read whole")
		if tc.want == nil {
			require.NoError(t, err)
			return
		}
		assert.Equal(t, tc.want, texts(err))
	})
}

func TestRequestStraddle(t *testing.T) {
	t.Parallel()
	const path = "/v1/bridge/initialize"
	good := []string{bearerKey, jsonType}
	unknown := texts(checker(t, specs.Straddle).unknownPath())
	with := func(fields ...string) []string { return append(fields, good...) }
	for _, tc := range []requestCase{
		{"minimal", "POST", path, good, "{" + customer + "}", nil},
		{"every header", "POST", path, with("Correlation-Id: c", "Idempotency-Key: 0123456789", "Request-Id: r",
			"Straddle-Account-Id: 6f1c2a52-8e0d-4f55-9a1b-5d2f7c3e4b66", "User-Agent: u", "Traceparent: 00"), "{" + customer + "}", nil},
		{"opaque bearer", "POST", path, []string{"Authorization: Bearer My API Key", jsonType}, "{" + customer + "}", nil},
		{"media type with charset", "POST", path, []string{bearerKey, jsonType + "; charset=UTF-8"}, "{" + customer + "}", nil},

		{"unknown path", "POST", "/v1/bridge", good, "", unknown},
		{"trailing slash", "POST", path + "/", good, "", unknown},
		{"doubled slash", "POST", "/v1//bridge/initialize", good, "", unknown},
		{"wrong method", "GET", path, good, "", []string{"method | method: must be one that the path has in straddle.yaml"}},

		{"no credentials", "POST", path, []string{jsonType}, "{" + customer + "}", []string{"security | security Authorization: is required"}},
		{
			"basic credentials", "POST", path,
			[]string{jsonType, "Authorization: Basic a2V5"},
			"{" + customer + "}",
			[]string{"security | security Authorization: must be the word Bearer, a space and a token"},
		},
		{
			"empty bearer", "POST", path,
			[]string{jsonType, "Authorization: Bearer "},
			"{" + customer + "}",
			[]string{"security | security Authorization: must be the word Bearer, a space and a token"},
		},
		{"two bearers", "POST", path, with(bearerKey), "{" + customer + "}", []string{"security | security Authorization: must not be repeated"}},

		{"undeclared query key", "POST", path + "?a=1&a=2", good, "{" + customer + "}", []string{"note: parameter | query a: is not declared"}},
		{"lone query key", "POST", path + "?token", good, "{" + customer + "}", []string{"note: parameter | query …: is not declared"}},
		{"malformed query", "POST", path + "?a=%zz", good, "{" + customer + "}", []string{"parameter | query: must be well-formed"}},
		{"semicolon in query", "POST", path + "?a=1;b=2", good, "{" + customer + "}", []string{"parameter | query: must be well-formed"}},

		{"undeclared header", "POST", path, with("X-Request-Id: r"), "{" + customer + "}", []string{"note: header | header X-Request-Id: is not declared"}},
		{"odd header", "POST", path, with("K3y-0f-4-secret: r"), "{" + customer + "}", []string{"note: header | header …: is not declared"}},
		{"cookie", "POST", path, with("Cookie: a=b"), "{" + customer + "}", []string{"note: header | header Cookie: is not declared"}},
		{
			"repeated header", "POST", path, with("Request-Id: a", "Request-Id: b"), "{" + customer + "}",
			[]string{"parameter | header Request-Id: must not be repeated"},
		},
		{
			"repeated header in another spelling", "POST", path, with("Request-Id: a", "request-id: b"), "{" + customer + "}",
			[]string{"parameter | header Request-Id: must not be repeated"},
		},
		{
			"short key", "POST", path, with("Idempotency-Key: 012345678"), "{" + customer + "}",
			[]string{"parameter | header Idempotency-Key: must have at least 10 characters"},
		},
		{
			"long key", "POST", path, with("Idempotency-Key: " + strings.Repeat("k", 41)), "{" + customer + "}",
			[]string{"parameter | header Idempotency-Key: must have at most 40 characters"},
		},
		{"account of the prose", "POST", path, with("Straddle-Account-Id: acct_0123456789"), "{" + customer + "}", nil},
		{"long id of a request", "POST", path, with("Request-Id: " + strings.Repeat("r", 300)), "{" + customer + "}", nil},
		{"language", "POST", path, with("Accept-Language: de"), "{" + customer + "}", nil},
		{"small bearer", "POST", path, []string{"Authorization: bearer  key", jsonType}, "{" + customer + "}", nil},
		{"uuid of no version", "POST", path, good, `{"customer_id":"00000000-1111-2222-3333-ABCDEFabcdef"}`, nil},
		{"text/json", "POST", path, []string{bearerKey, "Content-Type: text/json"}, "{" + customer + "}", nil},
		{"JSON of a vendor", "POST", path, []string{bearerKey, "Content-Type: application/vnd.shop+json"}, "{" + customer + "}", nil},
		{"JSON of a vendor, and a fault", "POST", path, []string{bearerKey, "Content-Type: application/vnd.shop+json"}, "{}", []string{"body | body /customer_id: is required"}},
		{
			"text", "POST", path,
			[]string{bearerKey, "Content-Type: text/plain"},
			"{" + customer + "}",
			[]string{"media type | header Content-Type: must be application/json, in UTF-8"},
		},

		{"no body", "POST", path, good, "", []string{"body | body: is required"}},
		{"no media type", "POST", path, []string{bearerKey}, "{}", []string{"media type | header Content-Type: must be application/json, in UTF-8"}},
		{"form", "POST", path, []string{bearerKey, formType}, "a=b", []string{"media type | header Content-Type: must be application/json, in UTF-8"}},
		{
			"other charset", "POST", path,
			[]string{bearerKey, jsonType + "; charset=latin1"},
			"{}",
			[]string{"media type | header Content-Type: must be application/json, in UTF-8"},
		},
		{
			"malformed media type", "POST", path,
			[]string{bearerKey, "Content-Type: json;;"},
			"{}",
			[]string{"media type | header Content-Type: must be application/json, in UTF-8"},
		},
		{"two media types", "POST", path, with(jsonType), "{}", []string{"media type | header Content-Type: must be application/json, in UTF-8"}},
		{
			"compressed", "POST", path, with("Content-Encoding: gzip"), "{}",
			[]string{"media type | header Content-Encoding: must not be used, as only a plain body can be checked"},
		},
		{"too large", "POST", path, good, strings.Repeat(" ", MaxBody+1), []string{"size | body: must have at most 10 MiB"}},

		{"customer missing", "POST", path, good, "{}", []string{"body | body /customer_id: is required"}},
		{"customer no uuid", "POST", path, good, `{"customer_id":"x"}`, []string{"body | body /customer_id: must have the format uuid"}},
		{"customer null", "POST", path, good, `{"customer_id":null}`, []string{"body | body /customer_id: must not be null"}},
		{"several faults", "POST", path, good, `{"config":{"processing_method":"x","b":1},"a":1}`, []string{
			"body | body /a: is not declared",
			"body | body /config/b: is not declared",
			"body | body /config/processing_method: must be one of inline, background, skip",
			"body | body /customer_id: is required",
		}},
		{"array", "POST", path, good, "[]", []string{"body | body: must be of type object"}},
		{"cut off", "POST", path, good, "{", []string{"body | body: must be JSON"}},
		{"two values", "POST", path, good, "{" + customer + "}{}", []string{"body | body: must hold one JSON value and nothing after it"}},
		{"bytes after", "POST", path, good, "{" + customer + "}]", []string{"body | body: must hold one JSON value and nothing after it"}},
		{"not UTF-8", "POST", path, good, "{\"\xff\":1}", []string{"body | body: must be UTF-8"}},
		{"member twice", "POST", path, good, "{" + customer + "," + customer + "}", []string{"body | body /customer_id: must not come twice"}},
		{
			"member twice below", "POST", path, good, "{" + customer + `,"config":{"processing_method":"skip","processing_m\u0065thod":"skip"}}`,
			[]string{"body | body /config/processing_method: must not come twice"},
		},
	} {
		tc.run(t, checker(t, specs.Straddle))
	}
}

func TestRequestFinAPI(t *testing.T) {
	t.Parallel()
	const token, revoke = "/oauth/token", "/oauth/revoke"
	form := []string{formType}
	signed := []string{bearerKey, formType}
	for _, tc := range []requestCase{
		{"client", "POST", token, form, "grant_type=client_credentials&" + client, nil},
		{"V2", "POST", "/api/v2" + token, form, "grant_type=client_credentials&" + client, nil},
		{"request id", "POST", token, append(form, "X-Request-Id: "+strings.Repeat("r", 255)), "grant_type=client_credentials&" + client, nil},
		{"revoke in a form", "POST", revoke, signed, "token=t&token_type_hint=access_token", nil},
		{"revoke in the query", "POST", revoke + "?token=t&token_type_hint=refresh_token", []string{bearerKey}, "", nil},

		{
			"bearer where none belongs", "POST", token, signed, "grant_type=client_credentials&" + client,
			[]string{"note: security | security Authorization: is not needed, as the operation takes no credentials"},
		},
		{"no bearer", "POST", revoke, form, "token=t", []string{"security | security Authorization: is required"}},
		{
			"long request id", "POST", token, append(form, "X-Request-Id: "+strings.Repeat("r", 256)), "grant_type=client_credentials&" + client,
			[]string{"parameter | header X-Request-Id: must have at most 255 characters"},
		},
		{
			"JSON", "POST", token,
			[]string{jsonType},
			"{}",
			[]string{"media type | header Content-Type: must be application/x-www-form-urlencoded, in UTF-8"},
		},
		{"no body", "POST", token, form, "", []string{"body | body: is required"}},
		{
			"unknown grant", "POST", token, form, "grant_type=x&" + client,
			[]string{"body | form grant_type: must be one of password, client_credentials, refresh_token"},
		},
		{"missing fields", "POST", token, form, "grant_type=client_credentials", []string{
			"body | form client_id: is required", "body | form client_secret: is required",
		}},
		{"no grant", "POST", token, form, client, []string{"body | form grant_type: is required"}},
		{"password without what it needs", "POST", token, form, "grant_type=password&" + client, []string{
			"body | form username: is required", "body | form password: is required",
		}},
		{"no password, and more", "POST", token, form, "grant_type=password&username=u&client_id=c", []string{
			"body | form client_secret: is required", "body | form password: is required",
		}},
		{"no password, V2", "POST", "/api/v2" + token, form, "grant_type=password&username=u&" + client, []string{"body | form password: is required"}},
		{"no refresh token", "POST", token, form, "grant_type=refresh_token&username=u&" + client, []string{"body | form refresh_token: is required"}},
		{"undeclared field", "POST", token, form, "grant_type=client_credentials&scope=all&" + client, []string{"note: body | form scope: is not declared"}},
		{"undeclared field twice", "POST", token, form, "a=1&a=2&grant_type=client_credentials&" + client, []string{"note: body | form a: is not declared"}},
		{
			"many undeclared fields hide nothing", "POST", token, form, joined(2*MaxViolations, "NAME=1", "&") + "&grant_type=client_credentials&client_id=c",
			append([]string{"body | form client_secret: is required"}, notesOfFields(MaxViolations)...),
		},
		{"parameters in the URL", "POST", token + "?grant_type=client_credentials&" + client, nil, "", []string{
			"note: parameter | query grant_type: belongs in the form: what is in a URL ends in logs",
			"note: parameter | query client_id: belongs in the form: what is in a URL ends in logs",
			"note: parameter | query client_secret: belongs in the form: what is in a URL ends in logs",
		}},
		{"parameters in the URL, and one is missing", "POST", token + "?grant_type=client_credentials&client_id=c", form, "", []string{
			"body | form client_secret: is required",
			"note: parameter | query grant_type: belongs in the form: what is in a URL ends in logs",
			"note: parameter | query client_id: belongs in the form: what is in a URL ends in logs",
		}},
		{"parameters in both", "POST", token + "?grant_type=client_credentials", form, client, []string{
			"note: parameter | query grant_type: belongs in the form: what is in a URL ends in logs",
		}},
		{
			"repeated field", "POST", token, form, "grant_type=client_credentials&client_id=c&" + client,
			[]string{"body | form client_id: must not be repeated"},
		},
		{"empty field", "POST", token, form, "grant_type=client_credentials&username=&" + client, []string{
			"note: body | form username: is empty, and counts as left out",
		}},
		{"empty field that is required", "POST", token, form, "grant_type=password&username=&password=p&" + client, []string{
			"body | form username: is required", "note: body | form username: is empty, and counts as left out",
		}},
		{"empty field twice", "POST", token, form, "grant_type=password&username=&username=&password=p&" + client, []string{
			"body | form username: must not be repeated",
			"note: body | form username: is empty, and counts as left out",
		}},
		{"bytes that are no text", "POST", token, form, "grant_type=password&username=%ff&password=%e2%82&" + client, []string{
			"body | form username: must be UTF-8", "body | form password: must be UTF-8",
		}},
		{"raw bytes that are no text", "POST", token, form, "grant_type=client_credentials&client_id=c&client_secret=\xff", []string{
			"body | form client_secret: must be UTF-8",
		}},
		{"text of any alphabet", "POST", token, form, "grant_type=client_credentials&client_id=c&client_secret=%e2%82%ac+%F0%9F%94%91", nil},
		{"query that is no text", "POST", revoke + "?token=%ff", []string{bearerKey}, "", []string{"parameter | query token: must be UTF-8"}},
		{"JSON as a form", "POST", token, form, `{"client_secret":"s"}`, []string{
			"body | form grant_type: is required", "body | form client_id: is required", "body | form client_secret: is required",
			"note: body | form …: is not declared",
		}},
		{"malformed form", "POST", token, form, "grant_type=%", []string{"body | form: must be well-formed"}},
		{"semicolons", "POST", token, form, "grant_type=password;client_id=c", []string{"body | form: must be well-formed"}},
		{"repeated query key", "POST", revoke + "?token=t&token=u", []string{bearerKey}, "", []string{"parameter | query token: must not be repeated"}},
		{"empty token", "POST", revoke + "?token=", []string{bearerKey}, "", []string{"parameter | query token: must have at least 1 characters"}},
		{
			"unknown hint", "POST", revoke + "?token=t&token_type_hint=x",
			[]string{bearerKey},
			"",
			[]string{"parameter | query token_type_hint: must be one of access_token, refresh_token"},
		},
		{"V2 has no query", "POST", "/api/v2" + revoke + "?token=t", signed, "", []string{
			"note: parameter | query token: belongs in the form: what is in a URL ends in logs",
		}},
		{"token in both", "POST", "/api/v2" + revoke + "?token=t", signed, "token=t", []string{
			"body | form token: must not be repeated",
			"note: parameter | query token: belongs in the form: what is in a URL ends in logs",
		}},
	} {
		tc.run(t, checker(t, specs.FinAPIAccess))
	}
}

func TestRequestLab(t *testing.T) {
	t.Parallel()
	patch := []string{bearerKey, "Content-Type: application/merge-patch+json"}
	form := []string{bearerKey, formType}
	for _, tc := range []requestCase{
		{"query", "GET", thing + "?mode=long&page=2&ids=a&ids=b&link=https://example.com/a", []string{bearerKey, "Trace-Level: 3"}, "", nil},
		{"credentials left out", "GET", thing + "?mode=long", nil, "", nil},
		{
			"credentials optional but wrong", "GET", thing + "?mode=long",
			[]string{"Authorization: key"},
			"",
			[]string{"security | security Authorization: must be the word Bearer, a space and a token"},
		},
		{"path is no uuid", "GET", "/things/1?mode=long", nil, "", []string{"parameter | path id: must have the format uuid"}},
		{"path is no text", "GET", "/things/%ff?mode=long", nil, "", []string{"parameter | path id: must be UTF-8"}},
		{"escaped path", "GET", "/things/3c90c3cc-0d44-4b50-8888-8dd25736052%61?mode=long", nil, "", nil},
		{"query missing", "GET", thing, nil, "", []string{"parameter | query mode: is required"}},
		{"query no number", "GET", thing + "?mode=long&page=x", nil, "", []string{"parameter | query page: must be readable as its declared type"}},
		{"query too small", "GET", thing + "?mode=long&page=0", nil, "", []string{"parameter | query page: must be at least 1"}},
		{"query without value", "GET", thing + "?mode=long&empty=", nil, "", []string{"parameter | query empty: must not be empty"}},
		{"query no uri", "GET", thing + "?mode=long&link=a", nil, "", []string{"parameter | query link: must have the format uri"}},
		{
			"header no number", "GET", thing + "?mode=long",
			[]string{"Trace-Level: x"},
			"",
			[]string{"parameter | header Trace-Level: must be readable as its declared type"},
		},
		{
			"body where none belongs", "GET", thing + "?mode=long",
			[]string{jsonType},
			"{}",
			[]string{"body | body: must be empty, as the operation declares none"},
		},

		{"no body", "PUT", thing, []string{bearerKey}, "", nil},
		{"form", "PUT", thing, form, "tags=a&tags=b&count=3&done=true", nil},
		{"form of no number", "PUT", thing, form, "count=x", []string{"body | form: must be readable as its declared type"}},
		{"form of no number, and more", "PUT", thing, form, "count=x&a=b", []string{"body | form a: is not declared"}},
		{"page of the path", "PUT", thing + "?page=x", form, "count=3", nil},
		{"form without a schema", "PATCH", thing, form, "a", nil},
		{"open form", "POST", thing, form, "b=c", []string{"note: body | form b: is not declared"}},
		{"JSON of a name that is not listed", "POST", thing, []string{bearerKey, "Content-Type: text/json"}, "{}", []string{
			"note: media type | header Content-Type: must be application/json or application/x-www-form-urlencoded, in UTF-8",
		}},
		{"undeclared members of open objects", "PUT", thing, patch, `{"name":"ab","b":1,"counts":{"x":1},"parts":[{"size":1}],"free":{"e":1},"open":[{"c":1,"in":{"d":1}}]}`, []string{
			"note: body | body /b: is not declared", "note: body | body /open/0/c: is not declared", "note: body | body /open/0/in/d: is not declared",
		}},
		{"no schema", "POST", thing, []string{bearerKey, jsonType}, "{}", nil},
		{"no schema, no JSON", "POST", thing, []string{bearerKey, jsonType}, "{", []string{"body | body: must be JSON"}},

		{"JSON of another name", "PUT", thing, patch, `{"name":"ab","counts":{"x":1},"parts":[{"size":1}],"whole":null,"either":1,"secret":"s"}`, nil},
		{"pattern and length", "PUT", thing, patch, `{"name":"A"}`, []string{
			"body | body /name: must have at least 2 characters", "body | body /name: must match the pattern ^[a-z]*$",
		}},
		{"below maps and lists", "PUT", thing, patch, `{"name":"ab","counts":{"x":"1","` + strings.Repeat("y", 33) + `":"1"},"parts":[{"size":1},{"size":10,"b":1}]}`, []string{
			"body | body /counts/x: must be of type integer",
			"body | body /counts/…: must be of type integer",
			"body | body /parts/1/b: is not declared",
			"body | body /parts/1/size: must be at most 9",
		}},
		{"below allOf", "PUT", thing, patch, `{"name":"ab","whole":{}}`, []string{"body | body /whole/size: is required"}},
		{"below oneOf", "PUT", thing, patch, `{"name":"ab","either":"xy"}`, []string{
			"body | body /either: must have at most 1 characters", "body | body /either: must be of type integer",
		}},
		{
			"twice in a list", "PUT", thing, patch, `{"name":"ab","parts":[{"size":1},[{"b":{},"b":[],"b":1}]]}`,
			[]string{"body | body /parts/1/0/b: must not come twice"},
		},
	} {
		tc.run(t, labChecker(t))
	}
}

// notesOfFields are the notes on so many fields that are not declared.
func notesOfFields(n int) []string {
	var notes []string
	for i := range n {
		notes = append(notes, "note: body | form "+word(i)+": is not declared")
	}
	return notes
}

// Notes can be left out, and told apart.
func TestNotes(t *testing.T) {
	t.Parallel()
	req := request("POST", "/oauth/token", formType, "X-Own: 1")
	body := []byte("scope=all&grant_type=client_credentials&" + client)
	_, err := checker(t, specs.FinAPIAccess).Request(req, body)
	broken, notes := err.(Violations).Split()
	assert.Empty(t, broken)
	assert.Equal(t, []string{"note: header | header X-Own: is not declared", "note: body | form scope: is not declared"}, texts(notes))

	_, err = checker(t, specs.FinAPIAccess, Tolerant()).Request(req, body)
	require.NoError(t, err)
	_, err = checker(t, specs.FinAPIAccess, Tolerant()).Request(req, []byte("scope=all"))
	assert.Len(t, err, 3)
}

// An answer may be JSON under another name, where the document lists that name.
func TestAnswersOfOtherTypes(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.Straddle)
	req := request("POST", "/v1/bridge/initialize", bearerKey, jsonType)
	op, err := c.Request(req, []byte("{"+customer+"}"))
	require.NoError(t, err)
	answer := mustAnswer(t, specs.Straddle, "createBridgeToken", "201")
	for _, media := range []string{"text/plain", "text/plain; charset=utf-8", "text/json", "application/json"} {
		require.NoError(t, c.Response(op, req, 201, http.Header{"Content-Type": {media}}, answer), media)
	}
	assert.Equal(t, []string{"media type | header Content-Type: must be application/json, in UTF-8"},
		texts(c.Response(op, req, 201, http.Header{"Content-Type": {"text/html"}}, answer)))
	assert.Equal(t, []string{"note: media type | header Content-Type: must be application/json, in UTF-8"},
		texts(c.Response(op, req, 201, http.Header{"Content-Type": {"application/hal+json"}}, answer)))
	assert.Equal(t, []string{"body | body: must be JSON"},
		texts(c.Response(op, req, 201, http.Header{"Content-Type": {"text/plain"}}, []byte("created"))))
	bare := []byte(`{"status":409,"type":"/conflict","title":"Conflict","detail":"in use"}`)
	require.NoError(t, c.Response(op, req, 409, http.Header{"Content-Type": {"application/json"}}, bare), "an error without its envelope")
	assert.Equal(t, []string{"body | body: must have meta, response_type; or status, type, title"},
		texts(c.Response(op, req, 409, http.Header{"Content-Type": {"application/json"}}, []byte(`{"status":409}`))))

	c = checker(t, specs.Finogates)
	req = request("POST", "/v1/platform/embed-tokens", bearerKey, jsonType)
	op, _ = c.Request(req, nil)
	sample := []byte(`{"status_code": 123, "data": "<unknown>", "query_generated_time": 123}`)
	require.NoError(t, c.Response(op, req, 200, http.Header{"Content-Type": {"application/json"}}, sample), "the sample of the page")
}

func mustAnswer(t *testing.T, doc specs.Document, id, status string) []byte {
	t.Helper()
	body, _, err := Example(doc, id, status, Examples(doc, id, status)[0])
	require.NoError(t, err)
	return body
}

// A violation lists the paths of a small document, and counts those of a large one.
func TestUnknownPath(t *testing.T) {
	t.Parallel()
	c := labChecker(t, BasePath("/lab"))
	assert.Equal(t, []string{"unknown path | path: must be one of lab.yaml: /things/{id}, behind /lab"}, texts(c.unknownPath()))
	d := *c.doc
	d.paths = slices.Repeat(d.paths, maxPaths)
	c.doc = &d
	assert.Contains(t, c.unknownPath().Error(), "lab.yaml: /things/{id}, /things/{id}")
	d.paths = append(d.paths, "/more")
	assert.Equal(t, "path: must be one of the 9 paths of lab.yaml, behind /lab", c.unknownPath().Error())
}

func TestRequestFindsTheOperation(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.FinAPIAccess, BasePath("/finapi"))
	op, err := c.Request(request("POST", "/finapi/oauth/token"), nil)
	require.Error(t, err)
	require.NotNil(t, op, "the operation is known although the request is wrong")
	assert.Equal(t, []string{"getToken", "POST", "/oauth/token"}, []string{op.ID, op.Method, op.Path})

	for _, target := range []string{"/oauth/token", "/finapioauth/token", "/finapi", "/finapi%2Foauth/token"} {
		op, err = c.Request(request("POST", target), nil)
		assert.Nil(t, op, target)
		assert.ErrorContains(t, err, "behind /finapi", target)
	}
	op, err = c.Request(&http.Request{Method: "POST"}, nil)
	assert.Nil(t, op)
	assert.ErrorContains(t, err, "path: must be one of finapi-access.yaml")
}

func TestRequestWithBasePathAndEscapes(t *testing.T) {
	t.Parallel()
	c := labChecker(t, BasePath("/lab"))
	_, err := c.Request(request("GET", "/lab/things/3c90c3cc-0d44-4b50-8888-8dd25736052%61?mode=long"), nil)
	require.NoError(t, err)
}

func TestAllowHeaders(t *testing.T) {
	t.Parallel()
	req := request("POST", "/v1/bridge/initialize", bearerKey, jsonType, "Sandbox-Fault: timeout")
	_, err := checker(t, specs.Straddle).Request(req, []byte("{"+customer+"}"))
	assert.Equal(t, []string{"note: header | header Sandbox-Fault: is not declared"}, texts(err))
	_, err = checker(t, specs.Straddle, AllowHeaders("sandbox-fault")).Request(req, []byte("{"+customer+"}"))
	require.NoError(t, err)
}

func TestViolations(t *testing.T) {
	t.Parallel()
	_, err := checker(t, specs.Straddle).Request(request("POST", "/v1/bridge/initialize", jsonType, "Request-Id: a"), []byte("{}"))
	assert.EqualError(t, err, "security Authorization: is required; body /customer_id: is required")
	var v Violation
	require.ErrorAs(t, err, &v)
	assert.Equal(t, Violation{Kind: Security, In: "security", Name: "Authorization", Rule: "is required"}, v)
	assert.Equal(t, "query: must be well-formed", Violation{In: "query", Rule: "must be well-formed"}.Error())

	for kind := UnknownPath; kind <= Size; kind++ {
		assert.NotEmpty(t, kind.String())
		assert.NotEqual(t, "unknown kind", kind.String())
	}
	assert.Equal(t, "unknown kind", Kind(0).String())
	assert.Equal(t, "unknown kind", (Size + 1).String())
}

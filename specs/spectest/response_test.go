package spectest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

func TestResponse(t *testing.T) {
	t.Parallel()
	const meta = `"meta":{"api_request_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","api_request_timestamp":"2026-01-05T10:00:00Z"}`
	const created = `{"data":{"bridge_token":"b"},` + meta + `,"response_type":"object"`
	straddle := func(t *testing.T) (*Checker, *http.Request) {
		return checker(t, specs.Straddle), request("POST", "/v1/bridge/initialize")
	}
	revoke := func(t *testing.T) (*Checker, *http.Request) {
		return checker(t, specs.FinAPIAccess), request("POST", "/oauth/revoke")
	}
	get := func(t *testing.T) (*Checker, *http.Request) {
		return checker(t, specs.FinAPIAccess), request("POST", "/oauth/token")
	}
	exchange := func(t *testing.T) (*Checker, *http.Request) {
		return checker(t, specs.Finogates), request("POST", "/v1/platform/auth/token")
	}
	life := func(in string) string {
		return `{"access_token":"a","token_type":"bearer","scope":"all","expires_in":` + in + `}`
	}
	at := func(when string) string { return strings.Replace(created, "2026-01-05T10:00:00Z", when, 1) + "}" }
	noTime := []string{"body | body /meta/api_request_timestamp: must have the format date-time"}
	read := func(t *testing.T) (*Checker, *http.Request) { return labChecker(t), request("GET", thing) }
	for _, tc := range []struct {
		name   string
		of     func(t *testing.T) (*Checker, *http.Request)
		status int
		header []string
		body   string
		want   []string
	}{
		{"created", straddle, 201, []string{jsonType}, created + "}", nil},
		{"with a new member and an undeclared header", straddle, 201, []string{jsonType, "X-New: 1"}, created + `,"new":1}`, nil},
		{"with a new value", straddle, 201, []string{jsonType}, strings.Replace(created, `"object"`, `"other"`, 1) + "}", nil},
		{"replayed", straddle, 201, []string{jsonType, "Idempotent-Replayed: true"}, created + "}", nil},
		{"other failure", straddle, 418, []string{jsonType}, "{" + meta + `,"response_type":"error"}`, nil},
		{"redirect with a body", straddle, 308, []string{jsonType}, "{}", []string{"body | body: must have meta, response_type; or status, type, title"}},
		{
			"header twice", straddle, 201,
			[]string{jsonType, "Idempotent-Replayed: true", "Idempotent-Replayed: true"},
			created + "}",
			[]string{"header | header Idempotent-Replayed: must not be repeated"},
		},
		{"HTML", straddle, 502, []string{"Content-Type: text/html"}, "<html>", []string{"media type | header Content-Type: must be application/json, in UTF-8"}},
		{"no media type", straddle, 201, nil, created + "}", []string{"media type | header Content-Type: must be application/json, in UTF-8"}},
		{"empty", straddle, 500, []string{jsonType}, "", []string{"body | body: must be JSON"}},
		{"wrong members", straddle, 201, []string{jsonType}, `{"data":{},"meta":{"api_request_id":"1","api_request_timestamp":"now"}}`, []string{
			"body | body /data/bridge_token: is required",
			"body | body /meta/api_request_id: must have the format uuid",
			"body | body /meta/api_request_timestamp: must have the format date-time",
			"body | body /response_type: is required",
		}},
		{"member twice", straddle, 201, []string{jsonType}, created + `,"response_type":"object"}`, []string{"body | body /response_type: must not come twice"}},
		{"bytes after", straddle, 201, []string{jsonType}, created + "}x", []string{"body | body: must hold one JSON value and nothing after it"}},
		{"too large", straddle, 201, []string{jsonType}, strings.Repeat(" ", MaxBody+1), []string{"size | body: must have at most 10 MiB"}},

		{"time in small letters", straddle, 201, []string{jsonType}, at("2026-01-05t10:00:00z"), nil},
		{"time with an offset", straddle, 201, []string{jsonType}, at("2026-01-05T10:00:00.5-23:59"), nil},
		{"day that no year has", straddle, 201, []string{jsonType}, at("2026-02-31T10:00:00Z"), noTime},
		{"day of another year", straddle, 201, []string{jsonType}, at("2026-02-29T10:00:00Z"), noTime},
		{"offset out of range", straddle, 201, []string{jsonType}, at("2026-01-05T10:00:00+99:99"), noTime},
		{"time without an offset", straddle, 201, []string{jsonType}, at("2026-01-05T10:00:00"), noTime},

		{"life", get, 200, []string{jsonType}, life("3600"), nil},
		{"life as another number", get, 200, []string{jsonType}, life("3600.0"), nil},
		{"life of 0", get, 200, []string{jsonType}, life("0"), nil},
		{"negative life", get, 200, []string{jsonType}, life("-1"), []string{"body | body /expires_in: must be at least 0"}},
		{"life in parts", get, 200, []string{jsonType}, life("1.5"), []string{"body | body /expires_in: must be of type integer"}},
		{"life that fits no int32", get, 200, []string{jsonType}, life("2147483648"), []string{"body | body /expires_in: must have the format int32"}},
		{
			"negative life of a bearer", exchange, 200,
			[]string{jsonType},
			`{"status_code":200,"data":{"access_token":"a","expires_in":-1},"query_generated_time":1}`,
			[]string{"body | body /data/expires_in: must be at least 0"},
		},

		{"revoked", revoke, 200, nil, "", nil},
		{"revoked with a body", revoke, 200, []string{jsonType}, "{}", []string{"body | body: must be empty, as the answer declares none"}},

		{"declared headers", read, 200, []string{jsonType, "X-Total: 3", "X-Note: short"}, `{"name":"ab"}`, nil},
		{"header missing", read, 200, []string{jsonType}, `{"name":"ab"}`, []string{"header | header X-Total: is required"}},
		{"headers wrong", read, 200, []string{jsonType, "X-Total: x", "X-Note: longer"}, `{"name":"ab"}`, []string{
			"header | header X-Note: must have at most 5 characters",
			"header | header X-Total: must be readable as its declared type",
		}},
		{
			"member of requests", read, 200,
			[]string{jsonType, "X-Total: 3"},
			`{"name":"ab","secret":"s"}`,
			[]string{"body | body /secret: must hold to the keyword writeOnly"},
		},
		{"closed part", read, 200, []string{jsonType, "X-Total: 3"}, `{"name":"ab","whole":{"size":1,"b":2}}`, nil},
		{"undeclared status", read, 500, nil, "", []string{"status | status: must be one that readThing declares"}},
		{"redirect", read, 302, nil, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, req := tc.of(t)
			op, _ := c.Request(req, nil)
			require.NotNil(t, op)
			err := c.Response(op, req, tc.status, request("GET", "/", tc.header...).Header, []byte(tc.body))
			if tc.want == nil {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tc.want, texts(err))
		})
	}
}

func TestResponseWithoutItsRequest(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.FinAPIAccess)
	op, _ := c.Request(request("POST", "/oauth/revoke"), nil)
	require.NoError(t, c.Response(op, nil, 200, nil, nil))
	for _, op := range []*Operation{nil, {ID: "revokeToken"}} {
		err := c.Response(op, nil, 200, nil, nil)
		assert.Equal(t, []string{"unknown path | path: must belong to an operation that Request has found"}, texts(err))
	}
}

package spectest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// quickCheckers returns a checker for each document.
func quickCheckers(t testing.TB) []*Checker {
	t.Helper()
	var all []*Checker
	for _, doc := range specs.All() {
		c, err := New(doc)
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

// The usual calls do not need the full check: that is what the quick one is for.
func TestQuickKnowsTheUsual(t *testing.T) {
	t.Parallel()
	known := 0
	for _, doc := range specs.All() {
		c, err := New(doc)
		require.NoError(t, err)
		for _, id := range c.Operations() {
			op := c.doc.operation(id)
			for _, name := range Examples(doc, id, "request") {
				body, media, err := Example(doc, id, "request", name)
				require.NoError(t, err)
				r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: pathOf(c, op)}, Header: http.Header{"Content-Type": {media}}}
				if op.Security == nil {
					r.Header.Set("Authorization", "Bearer token")
				}
				require.NotNil(t, c.quickly(r, body), "%s %s", id, name)
				known++
				for _, status := range []string{"200", "201"} {
					for _, name := range Examples(doc, id, status) {
						body, media, err := Example(doc, id, status, name)
						require.NoError(t, err)
						code := codeOf(status)
						assert.True(t, c.quickly(r, []byte(string(mustExample(t, doc, id)))).quick.
							holdsAnswer(code, http.Header{"Content-Type": {media}}, body), "%s %s %s", id, status, name)
					}
				}
			}
		}
	}
	assert.Greater(t, known, 8)
}

func pathOf(c *Checker, op *openapi3.Operation) string {
	for path, item := range c.doc.spec.Paths.Map() {
		for _, other := range item.Operations() {
			if other == op {
				return path
			}
		}
	}
	return ""
}

func mustExample(t *testing.T, doc specs.Document, id string) []byte {
	t.Helper()
	body, _, err := Example(doc, id, "request", Examples(doc, id, "request")[0])
	require.NoError(t, err)
	return body
}

// What the quick check does not know it leaves to the full one, which then words it.
func TestQuickGivesUp(t *testing.T) {
	t.Parallel()
	c, err := New(specs.Straddle)
	require.NoError(t, err)
	const good = `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`
	for name, tt := range map[string]struct {
		change func(r *http.Request)
		body   string
	}{
		"query":              {func(r *http.Request) { r.URL.RawQuery = "a=b" }, good},
		"escaped path":       {func(r *http.Request) { r.URL.RawPath = "/v1/bridge%2Finitialize" }, good},
		"another path":       {func(r *http.Request) { r.URL.Path = "/v1/bridge" }, good},
		"another method":     {func(r *http.Request) { r.Method = "PUT" }, good},
		"no bearer":          {func(r *http.Request) { r.Header.Del("Authorization") }, good},
		"two bearers":        {func(r *http.Request) { r.Header.Add("Authorization", "Bearer b") }, good},
		"odd bearer":         {func(r *http.Request) { r.Header.Set("Authorization", "Bearer a b") }, good},
		"undeclared header":  {func(r *http.Request) { r.Header.Set("X-Own", "1") }, good},
		"odd spelling":       {func(r *http.Request) { r.Header["x-own"] = []string{"1"} }, good},
		"repeated header":    {func(r *http.Request) { r.Header["Request-Id"] = []string{"a", "b"} }, good},
		"short key":          {func(r *http.Request) { r.Header.Set("Idempotency-Key", "123456789") }, good},
		"account, no uuid":   {func(r *http.Request) { r.Header.Set("Straddle-Account-Id", "me") }, good},
		"empty header":       {func(r *http.Request) { r.Header.Set("Straddle-Account-Id", "") }, good},
		"media type":         {func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }, good},
		"coding":             {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, good},
		"no body":            {nil, ``},
		"no JSON":            {nil, `{`},
		"two values":         {nil, good + good},
		"member twice":       {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`},
		"undeclared member":  {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","a":1}`},
		"missing member":     {nil, `{"external_id":"a"}`},
		"escape":             {nil, `{"customer\u005fid":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`},
		"no uuid":            {nil, `{"customer_id":"182bd5e5-6e1a-0fe4-a799-aa6d9a6ab26e"}`},
		"null":               {nil, `{"customer_id":null}`},
		"enum":               {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","config":{"sandbox_outcome":"odd"}}`},
		"invalid UTF-8":      {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","external_id":"` + "\xff" + `"}`},
		"control character":  {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","external_id":"` + "\n" + `"}`},
		"comma at the end":   {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",}`},
		"array":              {nil, `[]`},
		"text without quote": {nil, `{"customer_id":"182bd5e5`},
	} {
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/v1/bridge/initialize"}, Header: http.Header{
			"Content-Type": {"application/json"}, "Authorization": {"Bearer token"},
		}}
		require.NotNil(t, c.quickly(r, []byte(good)), name)
		if tt.change != nil {
			tt.change(r)
		}
		assert.Nil(t, c.quickly(r, []byte(tt.body)), name)
	}
	assert.Nil(t, c.quickly(&http.Request{Method: http.MethodPost}, nil))
}

func TestQuickFormats(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2026-01-05T10:00:00Z": true, "2026-01-05T10:00:00.123Z": true, "2026-12-31T23:59:59.1Z": true,
		"2026-01-05T10:00:00+01:00": false, "2026-01-05 10:00:00Z": false, "2026-13-05T10:00:00Z": false,
		"2026-01-32T10:00:00Z": false, "2026-01-00T10:00:00Z": false, "2026-01-05T24:00:00Z": false, "2026-01-05T10:60:00Z": false,
		"2026-01-05T10:00:60Z": false, "2026-01-05T10:00:00.Z": false, "2026-01-05T10:00:00,1Z": false, "2026-01-05T10:00:00.1xZ": false, "Z": false,
	} {
		assert.Equal(t, want, isUTC([]byte(text)), text)
	}
	assert.False(t, isUUID([]byte("182BD5E5-6E1A-4FE4-A799-AA6D9A6AB26E")), "capitals are rare")
	assert.False(t, isUUID([]byte("182bd5e5-6e1a-4fe4-c799-aa6d9a6ab26e")))
	assert.False(t, isUUID([]byte("182bd5e5x6e1a-4fe4-a799-aa6d9a6ab26e")))
	assert.Zero(t, codeOf("default")+codeOf("2XX"))
}

// FuzzQuick looks for a call that the quick check lets pass and the full one does not.
func FuzzQuick(f *testing.F) {
	checkers := quickCheckers(f)
	for i, doc := range specs.All() {
		for _, id := range checkers[i].Operations() {
			path := pathOf(checkers[i], checkers[i].doc.operation(id))
			for _, part := range []string{"request", "200", "201", "400", "401", "403", "422", "500"} {
				for _, name := range Examples(doc, id, part) {
					body, media, err := Example(doc, id, part, name)
					require.NoError(f, err)
					f.Add(uint8(i), path, codeOf(part), media, "Bearer token", "0123456789", string(body))
				}
			}
		}
	}
	f.Add(uint8(2), "/v1/bridge/initialize", 201, "application/json", "Bearer a+/=", "é", `{"data":{"bridge_token":"é"},"meta":{"api_request_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","api_request_timestamp":"2026-02-31T10:00:00.5Z"},"response_type":"object"}`)
	f.Add(uint8(0), "/oauth/token", 200, "application/x-www-form-urlencoded", "", "", "grant_type=client_credentials&client_id=a%20b&client_secret=%ff+")
	f.Fuzz(func(t *testing.T, which uint8, path string, status int, media, authorization, id, body string) {
		c := checkers[int(which)%len(checkers)]
		header := http.Header{}
		for name, value := range map[string]string{
			"Content-Type": media, "Authorization": authorization, "X-Request-Id": id, "Request-Id": id, "Idempotency-Key": id, "Straddle-Account-Id": id,
		} {
			if value != "" && (c.doc.name == specs.Straddle.Name() || !strings.Contains(name, "-Id") && name != "Idempotency-Key" || name == "X-Request-Id") {
				header[name] = []string{value}
			}
		}
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: path}, Header: header}
		if op := c.quickly(r, []byte(body)); op != nil {
			if full, vs := c.fully(r, []byte(body)); full == nil || len(vs) > 0 || full.ID != op.ID {
				t.Errorf("the full check says %v", vs)
			}
		}
		if q := c.doc.quick[path][http.MethodPost]; q != nil && q.holdsAnswer(status, header, []byte(body)) {
			if vs := answerFully(&q.operation, r, status, header, []byte(body)); len(vs) > 0 {
				t.Errorf("the full check says of the answer %v", vs)
			}
		}
	})
}

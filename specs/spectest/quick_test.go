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

// quickCheckers returns a checker for each document, and one for what these lack.
func quickCheckers(t testing.TB) []*Checker {
	t.Helper()
	var all []*Checker
	for _, doc := range append(specs.All(), quickLab) {
		c, err := New(doc)
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

var quickLab = specs.NewDocument("quick.yaml", `
openapi: 3.0.3
info: {title: Quick, version: '1'}
paths:
  /shape:
    post:
      operationId: shape
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Shape'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Flat'}}
      responses:
        '200': {description: Done., content: {application/json: {schema: {$ref: '#/components/schemas/Shape'}}}}
components:
  schemas:
    Shape:
      type: object
      required: [kind]
      properties:
        kind: {type: string}
        link: {type: string, format: uri}
        day: {type: string, format: date}
        at: {type: string, format: date-time}
        some: {type: array, minItems: 2, maxItems: 3, items: {type: integer, minimum: 0}}
        inner: {$ref: '#/components/schemas/Flat'}
      oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
      discriminator:
        propertyName: kind
        mapping: {circle: '#/components/schemas/Circle', square: '#/components/schemas/Square'}
    Circle: {required: [kind, link]}
    Square: {required: [kind]}
    Flat:
      type: object
      additionalProperties: false
      properties: {kind: {type: string}, link: {type: string, format: uri}}
      oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
      discriminator:
        propertyName: kind
        mapping: {circle: '#/components/schemas/Circle', square: '#/components/schemas/Square'}
`)

// Both checks say the same of what the quick one knows.
func TestQuickAgrees(t *testing.T) {
	t.Parallel()
	const form, grant = "application/x-www-form-urlencoded", "&client_id=c&client_secret=s"
	const created = `{"data":{"bridge_token":"b"},"meta":{"api_request_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","api_request_timestamp":"TIME"},"response_type":"object"}`
	life := func(in string) string {
		return `{"access_token":"a","token_type":"bearer","scope":"all","expires_in":` + in + `}`
	}
	for _, tc := range []struct {
		doc    int
		path   string
		answer int // its status; 0 is a request
		media  string
		body   string
		good   bool
	}{
		{0, "/oauth/token", 0, form, "grant_type=client_credentials" + grant, true},
		{0, "/oauth/token", 0, form, "grant_type=password&username=u&password=p" + grant, true},
		{0, "/oauth/token", 0, form, "grant_type=password&username=u" + grant, false},
		{0, "/oauth/token", 0, form, "grant_type=password&password=p" + grant, false},
		{0, "/api/v2/oauth/token", 0, form, "grant_type=password" + grant, false},
		{0, "/oauth/token", 0, form, "username=u&password=p&grant_type=refresh_token" + grant, false},
		{0, "/oauth/token", 0, form, "refresh_token=r&grant_type=refresh_token" + grant, true},
		{0, "/oauth/token", 0, form, "grant_type=client%5Fcredentials" + grant, true},
		{0, "/oauth/token", 0, form, "grant_type=p%61ssword" + grant, false},
		{0, "/oauth/token", 0, form, "grant_type=odd" + grant, false},
		{0, "/oauth/token", 0, form, "refresh_token=r" + grant, false},
		{0, "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=%ff" + grant, false},
		{0, "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=\xff" + grant, false},
		{0, "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=%E2%82%AC" + grant, true},
		{0, "/oauth/token", 200, "application/json", life("0"), true},
		{0, "/oauth/token", 200, "application/json", life("-1"), false},
		{0, "/oauth/token", 200, "application/json", life("1.5"), false},
		{2, "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05T10:00:00Z", 1), true},
		{2, "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05t10:00:00.1z", 1), true},
		{2, "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-02-31T10:00:00Z", 1), false},
		{2, "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05T10:00:00+99:99", 1), false},
		{3, "/shape", 0, "application/json", `{"kind":"square"}`, true},
		{3, "/shape", 0, "application/json", `{"kind":"circle","link":"https://a.example/b"}`, true},
		{3, "/shape", 0, "application/json", `{"link":"https://a.example/b" , "kind" : "circle" }`, true},
		{3, "/shape", 0, "application/json", `{"kind":"circle"}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"oval"}`, false},
		{3, "/shape", 0, "application/json", `{"link":"https://a.example"}`, false},
		{3, "/shape", 0, "application/json", `{}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","link":"a b"}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","link":"/relative"}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","day":"2024-02-29"}`, true},
		{3, "/shape", 0, "application/json", `{"kind":"square","day":"2026-02-29"}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[0,1]}`, true},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[0]}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[1,2,3]}`, true},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[]}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[1,2,3,4]}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","some":[1,-1]}`, false},
		{3, "/shape", 0, "application/json", `{"kind":"square","inner":{"kind":"circle","link":"urn:a"}}`, true},
		{3, "/shape", 0, "application/json", `{"kind":"square","inner":{"kind":"circle"}}`, false},
		{3, "/shape", 0, form, "kind=circle&link=urn%3Aa", true},
		{3, "/shape", 0, form, "kind=circle", false},
		{3, "/shape", 200, "application/json", `{"kind":"square","some":[]}`, false},
	} {
		c := quickCheckers(t)[tc.doc]
		header := http.Header{"Content-Type": {tc.media}}
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: tc.path}, Header: header}
		if tc.answer == 0 {
			_, vs := c.fully(r, []byte(tc.body))
			assert.Equal(t, tc.good, len(vs) == 0, "%s: the full check says %v", tc.body, vs)
			assert.Equal(t, tc.good, c.quickly(r, []byte(tc.body)) != nil, tc.body)
			continue
		}
		q := c.doc.quick[tc.path][http.MethodPost]
		vs := answerFully(&q.operation, r, tc.answer, header, []byte(tc.body))
		assert.Equal(t, tc.good, len(vs) == 0, "%s: the full check says %v", tc.body, vs)
		assert.Equal(t, tc.good, q.holdsAnswer(tc.answer, header, []byte(tc.body)), tc.body)
	}
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
		"no account":         {func(r *http.Request) { r.Header.Set("Straddle-Account-Id", "") }, good},
		"media type":         {func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }, good},
		"coding":             {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, good},
		"no body":            {nil, ``},
		"no JSON":            {nil, `{`},
		"two values":         {nil, good + good},
		"member twice":       {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`},
		"undeclared member":  {nil, `{"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","a":1}`},
		"missing member":     {nil, `{"external_id":"a"}`},
		"escape":             {nil, `{"customer\u005fid":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`},
		"no uuid":            {nil, `{"customer_id":"182bd5e5-6e1a-0fe4-a799-aa6d9a6ab26g"}`},
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
	assert.True(t, isUUID([]byte("182BD5E5-6E1A-4FE4-A799-AA6D9A6AB26E")))
	assert.True(t, isUUID([]byte("182bd5e5-6e1a-0fe4-c799-aa6d9a6ab26e")), "of no version that RFC 9562 has")
	assert.False(t, isUUID([]byte("182bd5e5-6e1a-4fe4-c799-aa6d9a6ab26")))
	for i := range 36 {
		for _, c := range "/:@GZ`gz-_" {
			text := []byte("182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e")
			if c == '-' && text[i] == '-' {
				continue
			}
			text[i] = byte(c)
			assert.False(t, isUUID(text), "%s", text)
		}
	}
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
	f.Add(uint8(0), "/oauth/token", 200, "application/x-www-form-urlencoded", "", "", "grant_type=password&client_id=a&client_secret=b&username=u&password=%e2%82")
	f.Add(uint8(0), "/oauth/token", 200, "application/json", "", "", `{"access_token":"a","token_type":"bearer","scope":"all","expires_in":3600.0}`)
	f.Add(uint8(3), "/shape", 200, "application/json", "", "", `{"kind":"circle","link":"urn:a","day":"2024-02-29","at":"2024-02-29t23:59:59z","some":[0,1],"inner":{"kind":"square"}}`)
	f.Add(uint8(3), "/shape", 200, "application/x-www-form-urlencoded", "", "", "kind=circle&link=urn%3Aa")
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

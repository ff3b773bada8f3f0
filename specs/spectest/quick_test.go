package spectest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// quickCheckers returns a checker for each document, and one for what these lack, by name.
func quickCheckers(t testing.TB) map[string]*Checker {
	t.Helper()
	all := map[string]*Checker{}
	for _, doc := range append(specs.All(), quickLab) {
		c, err := New(doc)
		require.NoError(t, err)
		all[doc.Name()] = c
	}
	return all
}

var quickLab = specs.NewDocument("quick.yaml", `
openapi: 3.0.3
info: {title: Quick, version: '1'}
paths:
  /rooms/{id}/days/{day}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: day, in: path, required: true, schema: {type: string, format: date}}
      - {name: page, in: query, schema: {type: string}}
    get:
      operationId: readDay
      security: [{Id: [], Secret: []}]
      parameters:
        - {name: page, in: query, schema: {type: integer, format: int32, minimum: 1, maximum: 100}}
        - {name: since, in: query, required: true, schema: {type: string, format: date-time}}
        - {name: link, in: query, schema: {type: string, format: uri}}
        - {name: kind, in: query, schema: {type: array, minItems: 1, maxItems: 2, items: {type: string, enum: [big, small]}}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - {name: all, in: query, schema: {type: boolean}}
        - {name: list, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: odd, in: query, schema: {type: string, pattern: '^a'}}
        - {name: Trace, in: header, schema: {type: string, minLength: 2}}
      responses:
        '200': {description: Done., content: {application/json: {schema: {$ref: '#/components/schemas/Day'}}}}
        '400': {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}
  /rooms/{number}:
    get:
      operationId: readRoom
      security: [{Basic: []}]
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer, format: int64, maximum: 1000}}
      responses:
        '204': {description: Done.}
  /names/{name}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string, minLength: 3}}
    get: {operationId: readName, responses: {'204': {description: Done.}}}
    put:
      operationId: putTwice
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Twice'}}}}
      responses: {'204': {description: Done.}}
    post:
      operationId: postClosedWhole
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/ClosedWhole'}}}}
      responses: {'204': {description: Done.}}
    patch:
      operationId: patchClosedPart
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/ClosedPart'}}}}
      responses: {'204': {description: Done.}}
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
  securitySchemes:
    Id: {type: apiKey, in: header, name: x-id}
    Secret: {type: apiKey, in: header, name: X-Secret}
    Basic: {type: http, scheme: basic}
  schemas:
    Failure:
      type: object
      properties: {a: {type: string}, b: {type: string}, c: {type: integer}}
      required: [c]
      anyOf: [{required: [a]}, {required: [b]}]
    Twice:
      allOf: [{type: object, properties: {id: {type: string, enum: [none]}}}, {$ref: '#/components/schemas/Base'}]
    ClosedWhole:
      type: object
      additionalProperties: false
      allOf: [{$ref: '#/components/schemas/Base'}, {type: object}]
    ClosedPart:
      allOf: [{$ref: '#/components/schemas/Base'}, {type: object, additionalProperties: false}]
    Base: {type: object, required: [id], properties: {id: {type: string, format: uuid}}}
    Day:
      nullable: true
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          required: [name]
          properties:
            name: {type: string, nullable: true, enum: [mon, tue]}
            labels: {type: object, nullable: true, additionalProperties: {type: string, nullable: true, maxLength: 3}}
            price: {type: number, minimum: 0.5, maximum: 99.5}
            count: {type: integer, minimum: -3, maximum: 12}
            base: {nullable: true, allOf: [{$ref: '#/components/schemas/Base'}]}
            bases: {type: array, items: {$ref: '#/components/schemas/Base'}}
            mixed: {type: object, properties: {a: {type: integer}}, additionalProperties: {type: boolean}}
            either: {oneOf: [{type: string, maxLength: 1}, {type: integer}]}
            any: {anyOf: [{type: string, maxLength: 1}, {type: integer}]}
            older:
              nullable: true
              allOf: [{$ref: '#/components/schemas/Older'}]
            few: {type: object, minProperties: 1, maxProperties: 2, additionalProperties: {type: string}}
            phone: {type: string, nullable: true, pattern: '^\+[1-9]\d{1,3}$'}
            unicode: {type: string, pattern: '^\u0041$'}
            mail: {type: string, format: email}
            bytes: {type: string, format: byte}
    Older:
      anyOf: [{type: array, items: {type: string, maxLength: 2}}, {type: object, additionalProperties: {type: integer}}, {oneOf: [{type: boolean}]}]
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
		doc    string
		path   string
		answer int // its status; 0 is a request
		media  string
		body   string
		good   bool
	}{
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=client_credentials" + grant, true},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=password&username=u&password=p" + grant, true},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=password&username=u" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=password&password=p" + grant, false},
		{"finapi-access.yaml", "/api/v2/oauth/token", 0, form, "grant_type=password" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "username=u&password=p&grant_type=refresh_token" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "refresh_token=r&grant_type=refresh_token" + grant, true},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=client%5Fcredentials" + grant, true},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=p%61ssword" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=odd" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "refresh_token=r" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=%ff" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=\xff" + grant, false},
		{"finapi-access.yaml", "/oauth/token", 0, form, "grant_type=refresh_token&refresh_token=%E2%82%AC" + grant, true},
		{"finapi-access.yaml", "/oauth/token", 200, "application/json", life("0"), true},
		{"finapi-access.yaml", "/oauth/token", 200, "application/json", life("-1"), false},
		{"finapi-access.yaml", "/oauth/token", 200, "application/json", life("1.5"), false},
		{"straddle.yaml", "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05T10:00:00Z", 1), true},
		{"straddle.yaml", "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05t10:00:00.1z", 1), true},
		{"straddle.yaml", "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-02-31T10:00:00Z", 1), false},
		{"straddle.yaml", "/v1/bridge/initialize", 201, "application/json", strings.Replace(created, "TIME", "2026-01-05T10:00:00+99:99", 1), false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square"}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"circle","link":"https://a.example/b"}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"link":"https://a.example/b" , "kind" : "circle" }`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"circle"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"oval"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"link":"https://a.example"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","link":"a b"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","link":"/relative"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","day":"2024-02-29"}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","day":"2026-02-29"}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[0,1]}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[0]}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[1,2,3]}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[]}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[1,2,3,4]}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","some":[1,-1]}`, false},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","inner":{"kind":"circle","link":"urn:a"}}`, true},
		{"quick.yaml", "/shape", 0, "application/json", `{"kind":"square","inner":{"kind":"circle"}}`, false},
		{"quick.yaml", "/shape", 0, form, "kind=circle&link=urn%3Aa", true},
		{"quick.yaml", "/shape", 0, form, "kind=circle", false},
		{"quick.yaml", "/shape", 200, "application/json", `{"kind":"square","some":[]}`, false},
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
		op, _ := c.find(r)
		vs := answerFully(op, r, tc.answer, header, []byte(tc.body))
		assert.Equal(t, tc.good, len(vs) == 0, "%s: the full check says %v", tc.body, vs)
		assert.Equal(t, tc.good, op.quick.holdsAnswer(tc.answer, header, []byte(tc.body)), tc.body)
	}
}

// The usual calls do not need the full check: that is what the quick one is for.
func TestQuickKnowsTheUsual(t *testing.T) {
	t.Parallel()
	known, rare := 0, 0
	for _, doc := range specs.All() {
		c, err := New(doc)
		require.NoError(t, err)
		for _, e := range c.doc.entries {
			names := Examples(doc, e.id, "request")
			if e.load().route.Operation.RequestBody == nil {
				names = []string{""}
			}
			for _, name := range names {
				r, body := sample(t, doc, e, name)
				op := c.quickly(r, body)
				if op == nil {
					t.Logf("left to the full check: %s %s", e.id, name)
					rare++
					continue
				}
				known++
				for _, status := range []string{"200", "201"} {
					for _, name := range Examples(doc, e.id, status) {
						body, media, err := Example(doc, e.id, status, name)
						require.NoError(t, err)
						if !op.quick.holdsAnswer(codeOf(status), http.Header{"Content-Type": {media}}, body) {
							t.Logf("left to the full check: %s %s %s", e.id, status, name)
							rare++
							continue
						}
						known++
					}
				}
			}
		}
	}
	assert.Greater(t, known, 14)
	assert.LessOrEqual(t, rare*20, known, "one in twenty")
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

// Parameters and credentials that are right need no full check, and what the quick check lets pass the full one does.
func TestQuickParameters(t *testing.T) {
	t.Parallel()
	c := quickCheckers(t)[quickLab.Name()]
	const path, since = "/rooms/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/days/2024-02-29", "?since=2026-01-05T10:00:00Z"
	const every, escaped = since + "&page=1&link=https://a.example/b&kind=big&kind=small&ids=1&ids=-2&all=true", "?since=2026-01-05T10%3A00%3A00%2B01%3A00"
	keys := []string{"X-Id: a", "X-Secret: b"}
	for target, tc := range map[string]struct {
		header []string
		quick  bool
		want   []string
	}{
		path + since:                                 {keys, true, nil},
		path + every:                                 {append(keys, "Trace: ab"), true, nil},
		path + escaped:                               {keys, true, nil},
		path + since + "&list=a,b":                   {keys, false, nil},
		path + since + "&odd=a":                      {keys, true, nil},
		path + since + "&odd=b":                      {keys, false, []string{"parameter | query odd: must match the pattern ^a"}},
		path + since + "&all=1":                      {keys, false, nil},
		path + since + "&page=%31":                   {keys, true, nil},
		path + since + "&page=+1":                    {keys, false, []string{"parameter | query page: must be readable as its declared type"}},
		path + since + "&page=0":                     {keys, false, []string{"parameter | query page: must be at least 1"}},
		path + since + "&page=101":                   {keys, false, []string{"parameter | query page: must be at most 100"}},
		path + since + "&page=1.0":                   {keys, false, []string{"parameter | query page: must be readable as its declared type"}},
		path + since + "&page=":                      {keys, false, []string{"parameter | query page: must not be empty"}},
		path + since + "&page":                       {keys, false, []string{"parameter | query page: must not be empty"}},
		path + since + "&page=1&page=1":              {keys, false, []string{"parameter | query page: must not be repeated"}},
		path + since + "&other=1":                    {keys, false, []string{"note: parameter | query other: is not declared"}},
		path + since + "&link=%ff":                   {keys, false, []string{"parameter | query link: must be UTF-8", "parameter | query link: must have the format uri"}},
		path + since + "&kind=odd":                   {keys, false, []string{"parameter | query kind: must be one of big, small"}},
		path + since + "&kind=big&kind=big&kind=big": {keys, false, []string{"parameter | query kind: must have at most 2 items"}},
		path:                       {keys, false, []string{"parameter | query since: is required"}},
		path + "?since=2026-01-05": {keys, false, []string{"parameter | query since: must have the format date-time"}},
		path + since + ";":         {keys, false, []string{"parameter | query: must be well-formed", "parameter | query since: is required"}},
		path + since + "&x-id=a":   {keys, false, []string{"security | query X-Id: belongs in the header: what is in a URL ends in logs"}},
		"/rooms/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/days/2023-02-29" + since:   {keys, false, []string{"parameter | path day: must have the format date"}},
		"/rooms/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26%65/days/2024-02-29" + since: {keys, false, nil},
		"/names/abc":  {nil, true, nil},
		"/names/%20":  {nil, false, []string{"parameter | path name: must have at least 3 characters"}},
		"/rooms/12":   {[]string{"Authorization: Basic YTpi"}, true, nil},
		"/rooms/1001": {[]string{"Authorization: Basic YTpi"}, false, []string{"parameter | path number: must be at most 1000"}},
		"/rooms/-12":  {[]string{"Authorization: basic  YTpi"}, true, nil},
		"/rooms/x":    {[]string{"Authorization: Basic YTpi"}, false, []string{"parameter | path number: must be readable as its declared type"}},
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			r := request("GET", target, tc.header...)
			assert.Equal(t, tc.quick, c.quickly(r, nil) != nil, "the quick check")
			_, err := c.Request(r, nil)
			if tc.want == nil {
				tc.want = []string{}
			}
			assert.Equal(t, tc.want, texts(err))
			_, vs := c.fully(r, nil)
			assert.Equal(t, tc.want, texts(vs.err()), "the full check alone")
		})
	}
}

// What answers of many shapes the quick check knows, and that it agrees with the full one on those.
func TestQuickShapes(t *testing.T) {
	t.Parallel()
	c := quickCheckers(t)[quickLab.Name()]
	op := &Operation{ID: "readDay", loaded: c.doc.entry("readDay").load()}
	const id = `"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`
	for body, tc := range map[string]struct {
		status      int
		quick, full bool
	}{
		`{` + id + `,"name":"mon"}`: {200, true, true},
		`null`:                      {200, true, true},
		`{` + id + `,"name":null}`:  {200, true, true},
		`{"name":"mon"}`:            {200, false, false},
		`{` + id + `}`:              {200, false, false},
		`{` + id + `,"name":"wed"}`: {200, true, true},
		`{` + id + `,"name":"mon","labels":{"a":"x","b":null}}`:                      {200, true, true},
		`{` + id + `,"name":"mon","labels":null}`:                                    {200, true, true},
		`{` + id + `,"name":"mon","labels":{"a":"long"}}`:                            {200, false, false},
		`{` + id + `,"name":"mon","labels":{"a":"x","a":"y"}}`:                       {200, false, false},
		`{` + id + `,"name":"mon","labels":{` + joined(20, `"NAME":"x"`, ",") + `}}`: {200, true, true},
		`{` + id + `,"name":"mon","labels":{` + joined(21, `"NAME":"x"`, ",") + `}}`: {200, false, true},
		`{` + id + `,"name":"mon","price":0.5}`:                                      {200, true, true},
		`{` + id + `,"name":"mon","price":99.5}`:                                     {200, true, true},
		`{` + id + `,"name":"mon","price":99.51}`:                                    {200, false, false},
		`{` + id + `,"name":"mon","price":0.4999999}`:                                {200, false, false},
		`{` + id + `,"name":"mon","price":1e1}`:                                      {200, false, true},
		`{` + id + `,"name":"mon","price":01}`:                                       {200, false, false},
		`{` + id + `,"name":"mon","price":1.}`:                                       {200, false, false},
		`{` + id + `,"name":"mon","count":-3}`:                                       {200, true, true},
		`{` + id + `,"name":"mon","count":-4}`:                                       {200, false, false},
		`{` + id + `,"name":"mon","count":13}`:                                       {200, false, false},
		`{` + id + `,"name":"mon","count":1.0}`:                                      {200, false, true},
		`{` + id + `,"name":"mon","count":-}`:                                        {200, false, false},
		`{` + id + `,"name":"mon","base":null}`:                                      {200, true, true},
		`{` + id + `,"name":"mon","base":{` + id + `}}`:                              {200, true, true},
		`{` + id + `,"name":"mon","base":{}}`:                                        {200, false, false},
		`{` + id + `,"name":"mon","bases":[{` + id + `},{` + id + `}]}`:              {200, true, true},
		`{` + id + `,"name":"mon","bases":[null]}`:                                   {200, false, false},
		`{` + id + `,"name":"mon","mixed":{"a":1,"b":true}}`:                         {200, true, true},
		`{` + id + `,"name":"mon","mixed":{"a":1,"b":1}}`:                            {200, false, false},
		`{` + id + `,"name":"mon","mixed":{"b":true,"a":true}}`:                      {200, false, false},
		`{` + id + `,"name":"mon","either":"a"}`:                                     {200, false, true},
		`{` + id + `,"name":"mon","any":"a"}`:                                        {200, true, true},
		`{` + id + `,"name":"mon","any":5}`:                                          {200, true, true},
		`{` + id + `,"name":"mon","any":null}`:                                       {200, false, false},
		`{` + id + `,"name":"mon","older":["a","b"]}`:                                {200, true, true},
		`{` + id + `,"name":"mon","older":{"a":1}}`:                                  {200, true, true},
		`{` + id + `,"name":"mon","older":null}`:                                     {200, true, true},
		`{` + id + `,"name":"mon","older":true}`:                                     {200, false, true},
		`{` + id + `,"name":"mon","older":["abc"]}`:                                  {200, false, false},
		`{` + id + `,"name":"mon","older":["a",{"a":1}]}`:                            {200, false, false},
		`{` + id + `,"name":"mon","few":{"a":"x","b":"y"}}`:                          {200, true, true},
		`{` + id + `,"name":"mon","few":{}}`:                                         {200, false, false},
		`{` + id + `,"name":"mon","few":{"a":"x","b":"y","c":"z"}}`:                  {200, false, false},
		`{` + id + `,"name":"mon","phone":"+123"}`:                                   {200, true, true},
		`{` + id + `,"name":"mon","phone":null}`:                                     {200, true, true},
		`{` + id + `,"name":"mon","phone":"0123"}`:                                   {200, false, false},
		`{` + id + `,"name":"mon","unicode":"A"}`:                                    {200, false, true},
		`{` + id + `,"name":"mon","mail":"no mail"}`:                                 {200, true, true},
		`{` + id + `,"name":"mon","bytes":"YQ=="}`:                                   {200, false, true},
		`{` + id + `,"name":"mon","any":"ab"}`:                                       {200, false, false},
		`{"a":"x","c":1}`:                                                            {400, true, true},
		`{"b":"x","c":1}`:                                                            {400, true, true},
		`{"a":"x"}`:                                                                  {400, false, false},
		`{"c":1}`:                                                                    {400, false, false},
	} {
		header := http.Header{"Content-Type": {"application/json"}}
		assert.Equal(t, tc.quick, op.quick.holdsAnswer(tc.status, header, []byte(body)), "the quick check of %s", body)
		vs := answerFully(op, nil, tc.status, header, []byte(body))
		assert.Equal(t, tc.full, len(vs) == 0, "the full check of %s: %v", body, vs)
	}
}

// Schemas whose parts say more than the quick check can add up are left to the full one.
func TestQuickLeavesWhatItCannotAddUp(t *testing.T) {
	t.Parallel()
	c := quickCheckers(t)[quickLab.Name()]
	body := []byte(`{"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`)
	for _, method := range []string{http.MethodPut, http.MethodPost, http.MethodPatch} {
		r := request(method, "/names/abc", jsonType)
		assert.Nil(t, c.quickly(r, body), method)
		_, vs := c.fully(r, body)
		assert.NotEmpty(t, vs, method)
	}
}

// FuzzQuick looks for a call that the quick check lets pass and the full one does not.
func FuzzQuick(f *testing.F) {
	checkers := quickCheckers(f)
	for _, doc := range append(specs.All(), quickLab) {
		for _, e := range checkers[doc.Name()].doc.entries {
			r, _ := sample(f, doc, e, "")
			f.Add(doc.Name(), e.method, r.URL.String(), 200, "", "", "0123456789", "")
			for _, part := range []string{"request", "200", "201", "400", "401", "403", "422", "500"} {
				for _, name := range Examples(doc, e.id, part) {
					body, media, err := Example(doc, e.id, part, name)
					require.NoError(f, err)
					f.Add(doc.Name(), e.method, r.URL.String(), codeOf(part), media, "Bearer token", "0123456789", string(body))
				}
			}
		}
	}
	const form, lab, room = "application/x-www-form-urlencoded", "quick.yaml", "/rooms/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/days/2024-02-29"
	const day = `{"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","name":"mon","labels":{"a":"x","b":null},"price":-1.50,"count":-3,"base":null,"mixed":{"a":1,"b":true},"either":"a"}`
	f.Add("straddle.yaml", "POST", "/v1/bridge/initialize", 201, "application/json", "Bearer a+/=", "é", `{"data":{"bridge_token":"é"},"meta":{"api_request_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","api_request_timestamp":"2026-02-31T10:00:00.5Z"},"response_type":"object"}`)
	f.Add("finapi-access.yaml", "POST", "/oauth/token", 200, form, "", "", "grant_type=client_credentials&client_id=a%20b&client_secret=%ff+")
	f.Add("finapi-access.yaml", "POST", "/oauth/token", 200, form, "", "", "grant_type=password&client_id=a&client_secret=b&username=u&password=%e2%82")
	f.Add("finapi-access.yaml", "POST", "/oauth/token", 200, "application/json", "", "", `{"access_token":"a","token_type":"bearer","scope":"all","expires_in":3600.0}`)
	f.Add("finapi-access.yaml", "POST", "/oauth/revoke?token=a%2Bb&token_type_hint=access_token", 200, "", "Bearer a", "", "")
	f.Add(lab, "POST", "/shape", 200, "application/json", "", "", `{"kind":"circle","link":"urn:a","day":"2024-02-29","at":"2024-02-29t23:59:59z","some":[0,1],"inner":{"kind":"square"}}`)
	f.Add(lab, "POST", "/shape", 200, form, "", "", "kind=circle&link=urn%3Aa")
	f.Add(lab, "GET", room+"?since=2026-01-05T10:00:00Z&page=1&kind=big&kind=small&ids=1&ids=-2&all=true&link=https://a", 200, "application/json", "key", "ab", day)
	f.Add(lab, "GET", room+"?since=2026-01-05T10:00:00%2b01:00&page=010&odd=a&list=a,b", 400, "application/json", "key", "", `{"a":"x","c":1}`)
	f.Add(lab, "GET", "/rooms/-0", 200, "", "Basic YTpi", "", "")
	f.Fuzz(func(t *testing.T, doc, method, target string, status int, media, credential, id, body string) {
		c, known := checkers[doc]
		at, err := url.Parse(target)
		if !known || err != nil {
			return
		}
		r := &http.Request{Method: method, URL: at, Header: http.Header{}}
		found, _ := c.find(r)
		if found == nil {
			return
		}
		set := func(name, value string) {
			if value != "" {
				r.Header[http.CanonicalHeaderKey(name)] = []string{value}
			}
		}
		set("Content-Type", media)
		set(authorization, credential)
		for _, name := range found.needs.headers() {
			set(name, credential)
			if name != authorization {
				delete(r.Header, authorization)
			}
		}
		for _, p := range parameters(found.loaded) {
			if p.In == "header" {
				set(p.Name, id)
			}
		}
		if op := c.quickly(r, []byte(body)); op != nil {
			if full, vs := c.fully(r, []byte(body)); full == nil || len(vs) > 0 || full.ID != op.ID {
				t.Errorf("the full check says %v", vs)
			}
		}
		if q := found.quick; q != nil && q.holdsAnswer(status, r.Header, []byte(body)) {
			if vs := answerFully(found, r, status, r.Header, []byte(body)); len(vs) > 0 {
				t.Errorf("the full check says of the answer %v", vs)
			}
		}
	})
}

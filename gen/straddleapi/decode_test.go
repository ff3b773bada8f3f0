package straddleapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// canned is a transport with one answer.
type canned struct {
	status     int
	mime, body string
	header     http.Header
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	if c.mime != "" {
		header.Set("Content-Type", c.mime)
	}
	for name, values := range c.header {
		header[name] = values
	}
	return &http.Response{StatusCode: c.status, Header: header, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

// responses returns a client whose answers come from rt.
func responses(t *testing.T, rt http.RoundTripper) *straddleapi.ClientWithResponses {
	t.Helper()
	sign := func(_ context.Context, r *http.Request) error {
		if !public[r.URL.Path] {
			r.Header.Set("Authorization", "Bearer token")
		}
		return nil
	}
	c, err := straddleapi.NewClientWithResponses("https://api.example.com",
		straddleapi.WithHTTPClient(&http.Client{Transport: rt}), straddleapi.WithRequestEditorFn(sign))
	require.NoError(t, err)
	return c
}

// Every answer that the document shows decodes into the field of its status, whole, and into no other. What is sent
// holds to the document as well.
func TestExamplesDecode(t *testing.T) {
	seen := 0
	for operation, call := range operations {
		for _, part := range parts {
			for _, name := range spectest.Examples(specs.Straddle, operation, part) {
				seen++
				t.Run(operation+" "+part+" "+name, func(t *testing.T) {
					body, mime, err := spectest.Example(specs.Straddle, operation, part, name)
					require.NoError(t, err)
					status, err := strconv.Atoi(part)
					field := "JSON" + part
					if err != nil {
						status, field = http.StatusTeapot, "JSONDefault"
					}
					answer := canned{status: status, mime: mime, body: string(body)}
					result, err := call(responses(t, spectest.Transport(t, specs.Straddle, answer)))
					require.NoError(t, err)
					requireOnly(t, result, field, body)
				})
			}
		}
	}
	assert.GreaterOrEqual(t, seen, 10)
}

// requireOnly expects field to hold what body says, and every other field with a payload to be nil.
func requireOnly(t *testing.T, result any, field string, body []byte) {
	t.Helper()
	v := reflect.ValueOf(result).Elem()
	require.True(t, v.FieldByName(field).IsValid(), "the result has no %s", field)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if strings.HasPrefix(name, "JSON") {
			assert.Equal(t, name != field, v.Field(i).IsNil(), name)
		}
	}
	again, err := json.Marshal(v.FieldByName(field).Interface())
	require.NoError(t, err)
	assert.Equal(t, withoutNulls(t, body), withoutNulls(t, again))
	assert.Equal(t, body, v.FieldByName("Body").Bytes())
}

// withoutNulls decodes a body and leaves out what is null: absent, null and empty mean the same.
func withoutNulls(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(body, &v))
	return pruned(v)
}

func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			if member != nil {
				out[name] = pruned(member)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
	}
	return v
}

package spectest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

const uploadYAML = `
openapi: 3.0.3
info: {title: Upload, version: '1'}
paths:
  /open:
    post:
      operationId: upload
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [File]
              properties:
                File: {type: string, format: binary, minLength: 1, maxLength: 10485760}
                small: {type: string, format: binary, minLength: 2, maxLength: 4}
                kind: {type: string, enum: [id, bill]}
                pages: {type: integer, maximum: 9}
                front: {type: boolean}
      responses: {'204': {description: Done.}}
  /closed:
    post:
      operationId: uploadClosed
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, additionalProperties: false, properties: {File: {type: string, format: binary}}}
      responses: {'204': {description: Done.}}
`

// parts makes a form of parts, given as "name=value"; one whose name begins with an @ is a file.
func parts(t *testing.T, all ...string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.SetBoundary("boundary"))
	for _, part := range all {
		name, value, _ := strings.Cut(part, "=")
		if file, ok := strings.CutPrefix(name, "@"); ok {
			to, err := w.CreateFormFile(file, "scan.pdf")
			require.NoError(t, err)
			_, err = to.Write([]byte(value))
			require.NoError(t, err)
			continue
		}
		require.NoError(t, w.WriteField(name, value))
	}
	require.NoError(t, w.Close())
	return "Content-Type: " + w.FormDataContentType(), b.String()
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.NewDocument("upload.yaml", uploadYAML))
	for name, tc := range map[string]struct {
		path  string
		parts []string
		want  []string
	}{
		"a file":             {"/open", []string{"@File=%PDF\xff"}, nil},
		"every part":         {"/open", []string{"@File=x", "@small=xyz", "kind=bill", "pages=3", "front=true"}, nil},
		"no file":            {"/open", []string{"kind=id"}, []string{"body | form File: is required"}},
		"an empty file":      {"/open", []string{"@File="}, []string{"body | form File: must not be empty"}},
		"a file as text":     {"/open", []string{"File=x"}, nil},
		"too small":          {"/open", []string{"@File=x", "@small=x"}, []string{"body | form small: must have at least 2 bytes"}},
		"too large":          {"/open", []string{"@File=x", "@small=é€"}, []string{"body | form small: must have at most 4 bytes"}},
		"an enum":            {"/open", []string{"@File=x", "kind=other"}, []string{"body | form kind: must be one of id, bill"}},
		"a limit":            {"/open", []string{"@File=x", "pages=10"}, []string{"body | form pages: must be at most 9"}},
		"no number":          {"/open", []string{"@File=x", "pages=x"}, []string{"body | form pages: must be readable as its declared type"}},
		"no whole number":    {"/open", []string{"@File=x", "pages=1.5"}, []string{"body | form pages: must be of type integer"}},
		"no truth":           {"/open", []string{"@File=x", "front=maybe"}, []string{"body | form front: must be readable as its declared type"}},
		"no text":            {"/open", []string{"@File=x", "kind=\xff"}, []string{"body | form kind: must be UTF-8"}},
		"twice":              {"/open", []string{"@File=x", "@File=y"}, []string{"body | form File: must not be repeated"}},
		"undeclared":         {"/open", []string{"@File=x", "other=y"}, []string{"note: body | form other: is not declared"}},
		"undeclared, closed": {"/closed", []string{"@File=x", "other=y"}, []string{"body | form other: is not declared"}},
		"an odd name":        {"/open", []string{"@File=x", "k3y-4-5=y"}, []string{"note: body | form …: is not declared"}},
		"nothing required":   {"/closed", []string{"@File="}, nil},
		"full":               {"/open", []string{"@File=" + strings.Repeat("x", 10<<20)}, nil},
		"more than full":     {"/open", []string{"@File=" + strings.Repeat("x", 10<<20+1)}, []string{"body | form File: must have at most 10485760 bytes"}},
		"far too large":      {"/open", []string{"@File=" + strings.Repeat("x", MaxBody+MaxFraming)}, []string{"size | body: must have at most 10 MiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contentType, body := parts(t, tc.parts...)
			_, err := c.Request(request("POST", tc.path, contentType), []byte(body))
			if tc.want == nil {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tc.want, texts(err))
		})
	}
}

func TestMultipartThatIsBroken(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.NewDocument("upload.yaml", uploadYAML))
	contentType, good := parts(t, "@File=x")
	many := "--boundary\r\nContent-Disposition: form-data; name=\"File\"\r\n\r\nx\r\n" + strings.Repeat("--boundary\r\n\r\nx\r\n", maxParts) + "--boundary--\r\n"
	for name, tc := range map[string]struct{ contentType, body, want string }{
		"no boundary":    {"Content-Type: multipart/form-data", good, "media type | header Content-Type: must have a boundary"},
		"another":        {"Content-Type: multipart/form-data; boundary=other", good, "body | form: must be well-formed"},
		"cut off":        {contentType, good[:len(good)-8], "body | form: must be well-formed"},
		"no parts":       {contentType, "text", "body | form: must be well-formed"},
		"too many parts": {contentType, many, "body | form: must be well-formed"},
		"nothing":        {contentType, "", "body | body: is required"},
		"another type":   {jsonType, "{}", "media type | header Content-Type: must be multipart/form-data, in UTF-8"},
	} {
		_, err := c.Request(request("POST", "/open", tc.contentType), []byte(tc.body))
		assert.Contains(t, texts(err), tc.want, name)
	}
	assert.Equal(t, MaxBody+MaxFraming, BodyLimit(http.Header{"Content-Type": {"multipart/form-data; boundary=a"}}))
	assert.Equal(t, MaxBody, BodyLimit(http.Header{"Content-Type": {"application/json"}}))
	assert.Equal(t, MaxBody, BodyLimit(nil))
}

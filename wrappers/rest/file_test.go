package rest_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// formOf reads the only part of a form.
func formOf(t *testing.T, contentType string, body io.Reader) (field, name, content string) {
	t.Helper()
	media, params, err := mime.ParseMediaType(contentType)
	require.NoError(t, err)
	require.Equal(t, "multipart/form-data", media)
	r := multipart.NewReader(body, params["boundary"])
	part, err := r.NextPart()
	require.NoError(t, err)
	text, err := io.ReadAll(part)
	require.NoError(t, err)
	_, err = r.NextPart()
	require.ErrorIs(t, err, io.EOF)
	return part.FormName(), part.FileName(), string(text)
}

// Each attempt gets the whole form, and its length is known.
func TestForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), `proof "1".pdf`)
	require.NoError(t, os.WriteFile(path, []byte("%PDF-1.7"), 0o600))
	at, err := rest.FileAt(path)
	require.NoError(t, err)
	for _, f := range []*rest.File{rest.NewFile(`proof "1".pdf`, []byte("%PDF-1.7")), at} {
		require.NoError(t, rest.CheckFile("File", f, 8))
		form := rest.NewForm("File", f)
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		require.NoError(t, form.Attach(req))
		for range 2 {
			body, err := req.GetBody()
			require.NoError(t, err)
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			require.NoError(t, body.Close())
			assert.Equal(t, req.ContentLength, int64(len(text)))
			field, name, content := formOf(t, form.ContentType(), bytes.NewReader(text))
			assert.Equal(t, []string{"File", `proof "1".pdf`, "%PDF-1.7"}, []string{field, name, content})
		}
		require.NoError(t, req.Body.Close())
	}
}

func TestCheckFile(t *testing.T) {
	for rule, f := range map[string]*rest.File{
		"is required":      nil,
		"must have a name": rest.NewFile("", []byte("x")),
		"its name must not hold control characters": rest.NewFile("a\r\nb", []byte("x")),
		"must not be empty":                         rest.NewFile("a.pdf", nil),
		"must have at most 8 bytes, has 9":          rest.NewFile("a.pdf", []byte("123456789")),
	} {
		err := rest.CheckFile("File", f, 8)
		require.ErrorIs(t, err, rest.ErrInvalid, rule)
		assert.ErrorContains(t, err, "File: "+rule)
	}
	assert.Error(t, rest.CheckFile("File", &rest.File{Name: "a", Size: 1}, 8), "without Open")
}

func TestFileAt(t *testing.T) {
	_, err := rest.FileAt(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = rest.FileAt(t.TempDir())
	assert.ErrorContains(t, err, "must be a regular file")

	path := filepath.Join(t.TempDir(), "gone.pdf")
	require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	f, err := rest.FileAt(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	assert.ErrorContains(t, rest.NewForm("File", f).Attach(req), "the file cannot be opened")
}

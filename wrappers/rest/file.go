package rest

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
)

// File is a file to upload. It is opened once for each attempt, so that a call can be repeated without the whole of it in
// memory.
type File struct {
	// Name is the name that the provider sees. Its extension often says what the file holds.
	Name string
	// Size is how many bytes the file has.
	Size int64
	// Open returns the file from its start.
	Open func() (io.ReadCloser, error)
}

// NewFile returns a File of content, which must not change until the call ends.
func NewFile(name string, content []byte) *File {
	return &File{name, int64(len(content)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

// FileAt returns the File at path, under the last element of path. It reads nothing before the call, which fails if the file
// has changed its size by then.
func FileAt(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: must be a regular file", path)
	}
	return &File{filepath.Base(path), info.Size(), func() (io.ReadCloser, error) { return os.Open(path) }}, nil //nolint:gosec // the caller's path
}

// CheckFile refuses what cannot be uploaded: no file, one without a name or with a name that a header cannot hold, an empty
// one, and one of more than most bytes.
func CheckFile(field string, f *File, most int64) error {
	switch {
	case f == nil || f.Open == nil:
		return invalid(field, "is required")
	case f.Name == "":
		return invalid(field, "must have a name")
	case headerValueRule(f.Name) != "":
		return invalid(field, "its name "+headerValueRule(f.Name))
	case f.Size <= 0:
		return invalid(field, "must not be empty")
	case f.Size > most:
		return invalid(field, fmt.Sprintf("must have at most %d bytes, has %d", most, f.Size))
	}
	return nil
}

// Form is a body of multipart/form-data (RFC 7578) with one file in it.
type Form struct {
	file       *File
	head, tail []byte
	media      string
}

// NewForm returns the form with f as the part of that name.
func NewForm(part string, f *File) *Form {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	_, _ = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quote.Replace(part), quote.Replace(f.Name))},
		"Content-Type":        {"application/octet-stream"},
	})
	return &Form{f, head.Bytes(), []byte("\r\n--" + w.Boundary() + "--\r\n"), w.FormDataContentType()}
}

// ContentType is the media type of the form, with its boundary.
func (f *Form) ContentType() string { return f.media }

// Attach makes f the body of req, which each attempt sends from its start. It is an editor for a generated client.
func (f *Form) Attach(req *http.Request) error {
	body, err := f.open()
	if err != nil {
		return err
	}
	req.Body, req.GetBody = body, f.open
	req.ContentLength = int64(len(f.head)) + f.file.Size + int64(len(f.tail))
	return nil
}

// open returns the form from its start.
func (f *Form) open() (io.ReadCloser, error) {
	content, err := f.file.Open()
	if err != nil {
		return nil, fmt.Errorf("the file cannot be opened: %w", hide(err))
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(f.head), content, bytes.NewReader(f.tail)), content}, nil
}

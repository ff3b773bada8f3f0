package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// File is a file to upload. Its content is read while it is sent, and again from its start for each retry; it is never held
// in memory as a whole.
type File struct {
	name string
	size int64
	open func() (io.ReadCloser, error)
}

// NewFile returns a file of that name, without a directory. Its size is in bytes; a negative one is not known. open is
// called for each attempt; Close of what it returns may be called while a Read of it runs, as with files of the system.
func NewFile(name string, size int64, open func() (io.ReadCloser, error)) *File {
	return &File{name, size, open}
}

// FileOf returns a file whose content is in memory already.
func FileOf(name string, content []byte) *File {
	return FileAt(name, bytes.NewReader(content), int64(len(content)))
}

// FileAt returns a file whose content is the first size bytes of r, such as an [os.File]. It does not close r, which must
// stay open until the call returns.
func FileAt(name string, r io.ReaderAt, size int64) *File {
	return NewFile(name, size, func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, 0, size)), nil })
}

// FileAtPath returns the file at path, under its own name. Its size is that of now; it is opened for each attempt. The error
// is that of [os.Stat], or [ErrInvalid] for what is not a regular file.
func FileAtPath(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, invalid("path", "must be that of a regular file")
	}
	return NewFile(filepath.Base(path), info.Size(), func() (io.ReadCloser, error) { return os.Open(path) }), nil
}

// Form is a request body of multipart/form-data (RFC 7578) with one file in it. A generated client sends it by the method
// that takes any body:
//
//	form := rest.NewForm("File", file, 10<<20)
//	rest.Call[T](ctx, op, form.Check(), opts, func(ctx context.Context) (*http.Response, error) {
//		return api.UploadWithBody(ctx, id, params, form.ContentType(), nil, form.Attach)
//	})
//
// Config.AttemptTimeout does not hold for it, for how long an upload takes depends on the file: it ends with the call
// ([Timeout], Config.Timeout), unless the option [AttemptTimeout] sets a limit.
type Form struct {
	field      string
	file       *File
	limit      int64
	head, tail []byte
	mime       string
}

// NewForm returns the form that has file as its field, of at most limit bytes.
func NewForm(field string, file *File, limit int64) *Form {
	f := &Form{field: field, file: file, limit: limit}
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	if file != nil {
		_, _ = w.CreateFormFile(field, file.name) // a buffer takes everything
	}
	head := frame.Len()
	_ = w.Close()
	f.head, f.tail, f.mime = frame.Bytes()[:head], frame.Bytes()[head:], w.FormDataContentType()
	return f
}

// ContentType is the media type of the form, with its boundary.
func (f *Form) ContentType() string { return f.mime }

// Check refuses a form without a file, and a file without a proper name, that is empty or over the limit. Where the size is
// not known, that is seen while it is sent.
func (f *Form) Check() error {
	switch {
	case f.file == nil || f.file.open == nil:
		return invalid(f.field, "is required")
	case f.file.name == "" || strings.ContainsFunc(f.file.name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == '\\' }):
		return invalid(f.field, "must have a file name without a directory and without control characters")
	case f.file.size == 0:
		return f.empty()
	case f.file.size > f.limit:
		return f.tooLarge()
	}
	return nil
}

func (f *Form) empty() error { return invalid(f.field, "must not be an empty file") }

func (f *Form) tooLarge() error {
	return invalid(f.field, "must be a file of at most "+strconv.FormatInt(f.limit, 10)+" bytes")
}

// Attach makes the form the body of req. It is a RequestEditorFn of the generated clients.
func (f *Form) Attach(ctx context.Context, req *http.Request) error {
	if f.file == nil || f.file.open == nil {
		return invalid(f.field, "is required")
	}
	c := callOf(ctx)
	unchecked := c != nil && c.unchecked
	open := func() (io.ReadCloser, error) { return f.start(unchecked) }
	first, err := open()
	if err != nil {
		return err
	}
	req.Body, req.GetBody, req.ContentLength = first, open, -1
	if f.file.size >= 0 {
		req.ContentLength = int64(len(f.head)) + f.file.size + int64(len(f.tail))
	}
	return nil
}

// start returns the body from its start.
func (f *Form) start(unchecked bool) (io.ReadCloser, error) {
	content, err := f.file.open()
	if err != nil {
		return nil, f.unusable("could not be opened", err)
	}
	u := &upload{form: f, content: content, unchecked: unchecked}
	u.all = io.MultiReader(bytes.NewReader(f.head), readerFunc(u.next), bytes.NewReader(f.tail))
	return u, nil
}

// unusable returns the error of a file that the system has trouble with. errors.Is finds the cause.
func (f *Form) unusable(rule string, cause error) error {
	return &Error{Field: f.field, Message: rule, cause: hide(cause), kinds: []error{ErrInvalid}}
}

// upload is a form on its way out.
type upload struct {
	form      *Form
	content   io.ReadCloser
	all       io.Reader
	sent      int64 // of the content
	unchecked bool
	broken    atomic.Pointer[Error] // what is wrong with the file; a transport may read on when the call is over
}

type readerFunc func([]byte) (int, error)

func (r readerFunc) Read(p []byte) (int, error) { return r(p) }

// Read reads the form.
func (u *upload) Read(p []byte) (int, error) { return u.all.Read(p) }

// Close closes the file.
func (u *upload) Close() error { return u.content.Close() }

// next reads the content, and sees that it keeps to what was said of it.
func (u *upload) next(p []byte) (int, error) {
	n, err := u.content.Read(p)
	u.sent += int64(n)
	if wrong := u.rule(err); wrong != nil {
		var e *Error
		errors.As(wrong, &e)
		u.broken.Store(e)
		return 0, wrong
	}
	return n, err
}

// rule returns what is wrong with the file after a read that ended with err.
func (u *upload) rule(err error) error {
	f, size := u.form, u.form.file.size
	over := err == nil || errors.Is(err, io.EOF)
	switch {
	case !over:
		return f.unusable("could not be read", err)
	case size >= 0 && (u.sent > size || err != nil && u.sent < size):
		return invalid(f.field, "has another size than it had before")
	case !u.unchecked && u.sent > f.limit:
		return f.tooLarge()
	case !u.unchecked && err != nil && u.sent == 0:
		return f.empty()
	}
	return nil
}

// uploadOf returns the upload that rc is, or nil.
func uploadOf(rc io.ReadCloser) *upload {
	if b, ok := rc.(*body); ok {
		rc = b.ReadCloser
	}
	u, _ := rc.(*upload)
	return u
}

// spoiled returns what is wrong with the file that req uploads, or nil.
func spoiled(req *http.Request) error {
	if u := uploadOf(req.Body); u != nil {
		if e := u.broken.Load(); e != nil {
			return e
		}
	}
	return nil
}

package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const uploadLimit = 10 << 20

// sendForm makes one call that uploads form.
func sendForm(ctx context.Context, c *Client, op *Operation, form *Form, opts ...Option) (*thing, error) {
	return Call[thing](ctx, op, form.Check(), opts, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL()+"documents", nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", form.ContentType())
		if err := form.Attach(ctx, req); err != nil { // as the generated clients do
			return nil, err
		}
		return c.Do(req)
	})
}

// files counts how often a file was opened and closed.
type files struct{ opened, closed atomic.Int32 }

// of returns a file of that content that counts; size as in NewFile.
func (f *files) of(size int64, content ...io.ReaderAt) *File {
	return NewFile("a.pdf", size, func() (io.ReadCloser, error) {
		f.opened.Add(1)
		var parts []io.Reader
		for _, c := range content {
			parts = append(parts, io.NewSectionReader(c, 0, math.MaxInt64))
		}
		return &countedFile{io.MultiReader(parts...), f}, nil
	})
}

type countedFile struct {
	io.Reader
	files *files
}

func (c *countedFile) Close() error { c.files.closed.Add(1); return nil }

// uploadServer keeps the files that arrive. before may answer instead.
func uploadServer(t *testing.T, before func(n int, w http.ResponseWriter, r *http.Request) bool) (*Client, *[][]byte) {
	t.Helper()
	var n atomic.Int32
	var got [][]byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before != nil && before(int(n.Add(1)), w, r) {
			return
		}
		file, header, err := r.FormFile("File")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		content, _ := io.ReadAll(file)
		got = append(got, content, []byte(header.Filename), []byte(r.Header.Get("Content-Length")), []byte(r.Header.Get("Idempotency-Key")))
		_ = r.MultipartForm.RemoveAll()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":"stored"}`)
	}))
	t.Cleanup(s.Close)
	c, err := New(s.URL+"/", nil, Config{HTTPClient: &http.Client{Transport: &http.Transport{}}})
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c, &got
}

func TestUpload(t *testing.T) {
	content := bytes.Repeat([]byte("%PDF-1.7 ä\x00"), 300_000)
	path := filepath.Join(t.TempDir(), "statement.pdf")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	atPath, err := FileAtPath(path)
	require.NoError(t, err)
	opened, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = opened.Close() }()
	var count files
	for name, file := range map[string]*File{
		"statement.pdf": atPath, "memory.pdf": FileOf("memory.pdf", content), "at.pdf": FileAt("at.pdf", opened, int64(len(content))),
		"a.pdf": count.of(-1, bytes.NewReader(content)), `"odd" ä.pdf`: FileOf(`"odd" ä.pdf`, content),
	} {
		t.Run(name, func(t *testing.T) {
			client, got := uploadServer(t, nil)
			v, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", file, uploadLimit))
			require.NoError(t, err)
			assert.Equal(t, "stored", v.Value)
			require.Len(t, *got, 4)
			assert.True(t, bytes.Equal(content, (*got)[0]))
			assert.Equal(t, name, string((*got)[1]))
			assert.Equal(t, file.size >= 0, len((*got)[2]) > 0, "its length is told if it is known")
		})
	}
	assert.EqualValues(t, 1, count.opened.Load())
	assert.EqualValues(t, 1, count.closed.Load())
}

// Under an idempotency key an upload that broke off in the middle begins anew, with the same key.
func TestUploadAgain(t *testing.T) {
	content := bytes.Repeat([]byte("x"), 4<<20)
	var keys []string
	for name, size := range map[string]int64{"size known": int64(len(content)), "not known": -1} {
		t.Run(name, func(t *testing.T) {
			client, got := uploadServer(t, func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n > 1 {
					return false
				}
				keys = []string{r.Header.Get("Idempotency-Key")}
				_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
				conn, _, err := w.(http.Hijacker).Hijack()
				if assert.NoError(t, err) {
					_ = conn.Close()
				}
				return true
			})
			var count files
			_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", count.of(size, bytes.NewReader(content)), uploadLimit))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(content, (*got)[0]))
			assert.Equal(t, keys[0], string((*got)[3]))
			assert.EqualValues(t, 2, count.opened.Load())
			assert.EqualValues(t, 2, count.closed.Load())

			client, got = uploadServer(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				conn, _, _ := w.(http.Hijacker).Hijack()
				_ = conn.Close()
				return true
			})
			_, err = sendForm(t.Context(), client, operation(RepeatUnprocessed), NewForm("File", count.of(size, bytes.NewReader(content)), uploadLimit))
			assert.ErrorIs(t, err, ErrInDoubt)
			assert.EqualValues(t, 3, count.opened.Load(), "without a key it is not sent again")
			assert.EqualValues(t, 3, count.closed.Load())
			assert.Empty(t, *got)
		})
	}
}

// A server may answer before it has read the file. What it says counts, and the file is closed.
func TestUploadAnsweredEarly(t *testing.T) {
	client, _ := uploadServer(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	})
	var count files
	_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", count.of(-1, strings.NewReader(strings.Repeat("x", 1<<20))), uploadLimit))
	e := failure(t, err)
	if e.Status != 0 { // the connection may be gone before the answer is read
		assert.Equal(t, http.StatusRequestEntityTooLarge, e.Status)
	}
	assert.Equal(t, count.opened.Load(), count.closed.Load())
}

// A file that is not what was said of it is the caller's matter: one attempt, an error that names the field, no doubt.
func TestUploadOfABadFile(t *testing.T) {
	broken := errors.New("disk with secret-in-its-text")
	for name, c := range map[string]struct {
		content []io.ReaderAt
		size    int64
		rule    string
	}{
		"over the limit, size not known": {[]io.ReaderAt{zeros{}}, -1, "must be a file of at most 10485760 bytes"},
		"empty, size not known":          {nil, -1, "must not be an empty file"},
		"longer than before":             {[]io.ReaderAt{strings.NewReader("abcdef")}, 5, "has another size than it had before"},
		"much longer than before":        {[]io.ReaderAt{zeros{}}, 5, "has another size than it had before"},
		"shorter than before":            {[]io.ReaderAt{strings.NewReader("abcd")}, 5, "has another size than it had before"},
		"not readable":                   {[]io.ReaderAt{strings.NewReader("ab"), errorReader{broken}}, 5, "could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			client, got := uploadServer(t, nil)
			var count files
			_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", count.of(c.size, c.content...), uploadLimit))
			e := failure(t, err)
			assert.Equal(t, "File", e.Field)
			assert.Equal(t, c.rule, e.Message)
			assert.Equal(t, 1, e.Attempts)
			assert.ErrorIs(t, err, ErrInvalid)
			assert.NotErrorIs(t, err, ErrInDoubt)
			assert.NotContains(t, err.Error(), "secret")
			assert.Equal(t, name == "not readable", errors.Is(err, broken))
			assert.Empty(t, *got)
			assert.EqualValues(t, 1, count.opened.Load())
			assert.EqualValues(t, 1, count.closed.Load())
		})
	}
}

type errorReader struct{ error }

func (e errorReader) ReadAt([]byte, int64) (int, error) { return 0, e.error }

// A file of the caller's that cannot be read says nothing of the provider.
func TestUploadOfABadFileIsNoOutage(t *testing.T) {
	w := &wire{answer: func(_ int, req *http.Request) (*http.Response, error) {
		if spoiled(req) != nil || req.ContentLength > 0 && req.Body != nil {
			return nil, io.EOF
		}
		return reply(200, `{"value":"x"}`), nil
	}}
	client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: w}, BreakAfter: 1})
	require.NoError(t, err)
	for range 3 {
		_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", FileAt("a", strings.NewReader("x"), 2), uploadLimit))
		assert.ErrorIs(t, err, ErrInvalid)
	}
}

func TestUploadRefused(t *testing.T) {
	_, err := FileAtPath(t.TempDir())
	assert.Equal(t, "path", failure(t, err).Field)
	_, err = FileAtPath(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, fs.ErrNotExist)

	const name = "must have a file name without a directory and without control characters"
	good := []byte("x")
	for rule, file := range map[string]*File{
		"is required":               nil,
		"is required ":              NewFile("a.pdf", 1, nil),
		name:                        FileOf("", good),
		name + " ":                  FileOf("a/b.pdf", good),
		name + "  ":                 FileOf(`a\b.pdf`, good),
		name + "   ":                FileOf("a\nb.pdf", good),
		name + "    ":               FileOf("a\x7f", good),
		"must not be an empty file": FileOf("a.pdf", nil),
		"must be a file of at most 10485760 bytes": FileAt("a.pdf", strings.NewReader(""), uploadLimit+1),
	} {
		client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
		_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", file, uploadLimit))
		e := failure(t, err)
		assert.Equal(t, "File", e.Field)
		assert.Equal(t, strings.TrimRight(rule, " "), e.Message)
		assert.ErrorIs(t, err, ErrInvalid)
		assert.Empty(t, w.sent)
	}
	assert.NoError(t, NewForm("File", FileAt("a", strings.NewReader(""), uploadLimit), uploadLimit).Check())

	client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
	_, err = sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", nil, uploadLimit), Unchecked())
	assert.ErrorIs(t, err, ErrInvalid, "there is nothing to send")
	gone := NewFile("a.pdf", 1, func() (io.ReadCloser, error) { return nil, fs.ErrNotExist })
	_, err = sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", gone, uploadLimit))
	assert.Equal(t, "acme: makeThing: File: could not be opened", err.Error())
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, w.sent)
}

// Unchecked lifts the rules of the provider, with a size that is known and without.
func TestUploadUnchecked(t *testing.T) {
	for _, file := range []*File{
		FileOf("a.pdf", nil), FileOf("a.pdf", make([]byte, 11)), (&files{}).of(-1), (&files{}).of(-1, strings.NewReader("01234567890")),
	} {
		client, got := uploadServer(t, nil)
		_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", file, 10), Unchecked())
		assert.NoError(t, err)
		assert.Len(t, *got, 4)
	}
}

// The limit of an attempt is not that of an upload, unless the call sets one.
func TestUploadTakesItsTime(t *testing.T) {
	for name, c := range map[string]struct {
		opts []Option
		took time.Duration
		good bool
	}{
		"by default":                {nil, 25 * time.Second, true},
		"to the end of the call":    {nil, 35 * time.Second, false},
		"with a time of its own":    {[]Option{Timeout(time.Minute)}, 35 * time.Second, true},
		"with a limit for attempts": {[]Option{AttemptTimeout(20 * time.Second), Retries(0)}, 25 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := roundTrip(func(req *http.Request) (*http.Response, error) {
					_, _ = io.Copy(io.Discard, req.Body)
					select {
					case <-req.Context().Done():
						return nil, req.Context().Err()
					case <-time.After(c.took):
						return reply(200, `{"value":"x"}`), nil
					}
				})
				client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: slow}})
				require.NoError(t, err)
				_, err = sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", FileOf("a.pdf", []byte("x")), uploadLimit), c.opts...)
				assert.Equal(t, c.good, err == nil, "%v", err)
			})
		})
	}
}

// An upload takes no memory for the file.
func TestUploadIsStreamed(t *testing.T) {
	discard := roundTrip(func(req *http.Request) (*http.Response, error) {
		n, err := io.Copy(struct{ io.Writer }{io.Discard}, req.Body)
		assert.NoError(t, err)
		assert.Equal(t, req.ContentLength, n)
		return reply(200, `{"value":"x"}`), nil
	})
	client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: discard}})
	require.NoError(t, err)
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := sendForm(t.Context(), client, operation(RepeatByKey), NewForm("File", FileAt("a.pdf", zeros{}, uploadLimit), uploadLimit))
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	assert.Less(t, r.AllocedBytesPerOp(), int64(256<<10))
}

// zeros is a file of zeros.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

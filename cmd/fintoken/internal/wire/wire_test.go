package wire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRecorder keeps the last answer and hands on all of it.
func TestRecorder(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	defer server.Close()
	recorder := &Recorder{Base: &http.Transport{}}
	defer recorder.CloseIdleConnections()
	assert.Nil(t, recorder.Body())
	for _, path := range []string{"/first", "/second"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		require.NoError(t, err)
		resp, err := recorder.RoundTrip(req)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, path, string(text))
		assert.Equal(t, path, string(recorder.Body()))
	}
	failing := &Recorder{Base: roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF })}
	_, err := failing.RoundTrip(httptest.NewRequest(http.MethodGet, "/", nil))
	assert.ErrorIs(t, err, io.EOF)
	failing.CloseIdleConnections()
}

func newRequest(t *testing.T, body io.Reader, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com/a?b=it's", body)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

// TestCurl: the command has what counts, credentials of any header included, and secrets are variables. What curl sets by
// itself is not shown.
func TestCurl(t *testing.T) {
	text, err := Curl(newRequest(t, strings.NewReader(`{"key":"`+StandIn("KEY").Reveal()+`"}`),
		"Authorization", "Bearer "+StandIn("TOKEN").Reveal(), "Content-Type", "application/json", "X-Key", StandIn("X_KEY").Reveal(), "User-Agent", "no"), "", "")
	require.NoError(t, err)
	assert.Equal(t, `curl --request POST \
  --url 'https://api.example.com/a?b=it'\''s' \
  --header 'X-Key: '"$X_KEY" \
  --header 'Authorization: Bearer '"$TOKEN" \
  --header 'Content-Type: application/json' \
  --data '{"key":"'"$KEY"'"}'
`, text)
	form := url.Values{"b": {"2 &"}, "a": {StandIn("A").Reveal()}}
	text, err = Curl(newRequest(t, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded"), "", "")
	require.NoError(t, err)
	assert.Contains(t, text, "--data-urlencode 'a='\"$A\" \\\n  --data-urlencode 'b=2 &'\n")
	assert.NotContains(t, text, "Content-Type", "curl sets it")
	text, err = Curl(newRequest(t, nil), "/run/it's", "/tmp/ca.pem")
	require.NoError(t, err)
	assert.NotContains(t, text, "--data")
	assert.Contains(t, text, `--unix-socket '/run/it'\''s' \`)
	assert.Contains(t, text, `--cacert '/tmp/ca.pem' \`)

	_, err = Curl(newRequest(t, io.NopCloser(iotest.ErrReader(errors.New("broken")))), "", "")
	assert.ErrorContains(t, err, "broken")
	_, err = Curl(newRequest(t, strings.NewReader("%"), "Content-Type", "application/x-www-form-urlencoded"), "", "")
	assert.Error(t, err)
}

// TestDryRun answers the call for a bearer, and nothing else.
func TestDryRun(t *testing.T) {
	var out strings.Builder
	d := &DryRun{Out: &out, First: First{Path: "/a", Answer: `{"x":1}`, Variable: "X", Where: "x"}}
	resp, err := d.RoundTrip(newRequest(t, nil))
	require.NoError(t, err)
	text, _ := io.ReadAll(resp.Body)
	require.NoError(t, resp.Body.Close())
	assert.JSONEq(t, `{"x":1}`, string(text))
	_, err = d.RoundTrip(newRequest(t, nil))
	assert.ErrorIs(t, err, ErrDryRun)
	assert.Contains(t, out.String(), "# first the bearer; put x of the answer into X:\ncurl")
	assert.Contains(t, out.String(), "\n# then the call itself:\ncurl")
	_, err = d.RoundTrip(newRequest(t, io.NopCloser(iotest.ErrReader(io.ErrClosedPipe))))
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

// FuzzQuote: a shell gives back what was quoted, and what needed no quotes. Only what StandIn returned becomes a variable:
// not what looks like it, not even behind the marker of this run.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{
		"", "a/b:c@d-e_f.g,h=i%j+k", "~/a", "-n", "it's", `"$HOME"`, "`id`", "a\nb", "!x", `\`, "''",
		"fintoken-dry-run-(echo broken).", "fintoken-dry-run-HOME.", "(echo broken).", "$(echo broken).", "HOME", "HOME'.", "{HOME}.", "-", "a.b.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\x00") {
			return
		}
		for _, whole := range []string{text, marker + text, text + marker, marker + marker + text} {
			if standIn.MatchString(whole) {
				continue
			}
			for _, word := range []string{quote(whole), Word(whole)} {
				assert.Equal(t, whole, shell(t, word))
			}
		}
		assert.Equal(t, text+"$'s"+text, shell(t, quote(text+StandIn("A_SECRET").Reveal()+text)))
	})
}

// shell returns what a shell makes of a word.
func shell(t *testing.T, word string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s' "+word)
	cmd.Env = append(os.Environ(), "A_SECRET=$'s")
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

// TestCurlOfFiles: a form with files is given as curl takes it, and curl makes its Content-Type.
func TestCurlOfFiles(t *testing.T) {
	const form = "--b\r\nContent-Disposition: form-data; name=\"File\"; filename=\"it's.pdf\"\r\n\r\n%PDF\r\n--b--\r\n"
	text, err := Curl(newRequest(t, strings.NewReader(form), "Content-Type", "multipart/form-data; boundary=b"), "", "")
	require.NoError(t, err)
	assert.Contains(t, text, `--form 'File=@it'\''s.pdf'`)
	assert.NotContains(t, text, "Content-Type")
	assert.NotContains(t, text, "%PDF")
	_, err = Curl(newRequest(t, strings.NewReader("--b\r\nbroken"), "Content-Type", "multipart/form-data; boundary=b"), "", "")
	assert.Error(t, err)
}

// TestDryRunHides: what is hidden in a body becomes a variable.
func TestDryRunHides(t *testing.T) {
	var out strings.Builder
	d := &DryRun{Out: &out, Hide: func([]byte) []byte { return []byte(`{"ssn":"` + StandIn("SSN").Reveal() + `"}`) }}
	_, err := d.RoundTrip(newRequest(t, strings.NewReader(`{"ssn":"123-45-6789"}`), "Content-Type", "application/json"))
	require.ErrorIs(t, err, ErrDryRun)
	assert.Contains(t, out.String(), `--data '{"ssn":"'"$SSN"'"}'`)
	assert.NotContains(t, out.String(), "6789")
	assert.True(t, IsStandIn(StandIn("SSN").Reveal()))
	for _, text := range []string{"", "x", "x" + StandIn("SSN").Reveal()} {
		assert.False(t, IsStandIn(text))
	}
}

// TestRecorderCounts: each answer is counted.
func TestRecorderCounts(t *testing.T) {
	recorder := &Recorder{Base: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{Body: io.NopCloser(strings.NewReader("a"))}, nil
	})}
	for n := range 3 {
		assert.Equal(t, n, recorder.Count())
		resp, err := recorder.RoundTrip(newRequest(t, nil))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
}

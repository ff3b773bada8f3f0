package wire

import (
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// ErrDryRun is the error of a request that was printed and not sent.
var ErrDryRun = errors.New("a dry run sends nothing")

// marker is how the stand-in of a secret begins. The name of a variable of the shell follows it. It is another one in each
// run, so that nothing that was not made by StandIn becomes a variable.
var marker = "fintoken-dry-run-" + rand.Text() + "-"

// standIn is what StandIn returns; what looks only nearly like it is quoted.
var standIn = regexp.MustCompile(marker + `([A-Z][A-Z0-9_]*)\.`)

// StandIn returns what takes the place of the secret that the variable holds. A dry run never reads the secret itself.
func StandIn(variable string) secret.String { return secret.New(marker + variable + ".") }

// DryRun is a round tripper that prints requests as curl commands and sends none.
type DryRun struct {
	Out io.Writer
	// First is the operation that comes before the one that was asked for, because it fetches the bearer for it.
	First First
	// Socket is the path of the Unix socket that the host of the requests stands for, if it does.
	Socket string
	// Hide puts stand-ins in place of what is secret in a body; nil changes nothing.
	Hide func(body []byte) []byte
	// CAFile has the authorities that the host is trusted by besides those of the system, if it is not empty.
	CAFile string

	printed int
}

// First is a call for a bearer. The zero First is none.
type First struct {
	Path     string // how the path of its URL ends
	Answer   string // what it is answered with, so that the next request can be made
	Variable string // the variable of the shell that the bearer goes into
	Where    string // where the bearer is in the real answer
}

// RoundTrip prints the request.
func (d *DryRun) RoundTrip(req *http.Request) (*http.Response, error) {
	text, err := curl(req, d.Socket, d.CAFile, d.Hide)
	if err != nil {
		return nil, err
	}
	first := d.First.Path != "" && d.printed == 0 && strings.HasSuffix(req.URL.Path, d.First.Path)
	d.printed++
	if !first {
		if d.printed > 1 {
			text = "\n# then the call itself:\n" + text
		}
		_, err = io.WriteString(d.Out, text)
		return nil, errors.Join(ErrDryRun, err)
	}
	_, err = io.WriteString(d.Out, "# first the bearer; put "+d.First.Where+" of the answer into "+d.First.Variable+":\n"+text)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(d.First.Answer)),
	}, err
}

// usual are the headers that most requests have, in the order of the providers' pages. What else there is, such as a
// credential with a header of its own, comes before them.
var usual = []string{
	"Authorization", "Content-Type", "Accept", "Idempotency-Key", "Request-Id", "X-Request-Id", "Correlation-Id", "Straddle-Account-Id",
}

// headers are those that a request is told by. What curl sets by itself is left out.
func headers(req *http.Request) []string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(req.Header)), func(name string) bool {
		return name == "User-Agent" || slices.Contains(usual, name)
	})
	return append(others, usual...)
}

// Curl returns the request as a curl command for a POSIX shell, through the Unix socket if there is one, and trusting the
// authorities in a file if there is one. The secrets in it are variables of the shell.
func Curl(req *http.Request, socket, caFile string) (string, error) {
	return curl(req, socket, caFile, nil)
}

func curl(req *http.Request, socket, caFile string, hide func([]byte) []byte) (string, error) {
	lines := []string{"curl --request " + req.Method}
	if socket != "" {
		lines = append(lines, "--unix-socket "+quote(socket))
	}
	if caFile != "" && req.URL.Scheme == "https" {
		lines = append(lines, "--cacert "+quote(caFile))
	}
	lines = append(lines, "--url "+quote(req.URL.String()))
	for _, name := range headers(req) {
		form := name == "Content-Type" && isForm(req)
		if value := req.Header.Get(name); value != "" && !form {
			lines = append(lines, "--header "+quote(name+": "+value))
		}
	}
	body, err := bodyOf(req, hide)
	if err != nil {
		return "", err
	}
	return strings.Join(append(lines, body...), " \\\n  ") + "\n", nil
}

// bodyOf returns the arguments that make curl send the body.
func bodyOf(req *http.Request, hide func([]byte) []byte) ([]string, error) {
	if req.Body == nil {
		return nil, nil
	}
	if media, params, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err == nil && media == multipartForm {
		return partsOf(req, params["boundary"])
	}
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if !isForm(req) {
		if hide != nil {
			text = hide(text)
		}
		return []string{"--data " + quote(string(text))}, nil
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	var out []string
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(out, "--data-urlencode "+quote(name+"="+form.Get(name)))
	}
	return out, nil
}

// multipartForm is the media type of a form with files.
const multipartForm = "multipart/form-data"

// isForm reports whether curl itself knows the media type of the body by how it is given.
func isForm(req *http.Request) bool {
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return media == "application/x-www-form-urlencoded" || media == multipartForm
}

// partsOf returns the arguments that make curl send a form with files. A file is called by its name, wherever it is.
func partsOf(req *http.Request, boundary string) (out []string, err error) {
	defer func() { _ = req.Body.Close() }()
	for r := multipart.NewReader(req.Body, boundary); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, "--form "+quote(part.FormName()+"=@"+part.FileName()))
	}
}

// IsStandIn reports whether text is what StandIn returns.
func IsStandIn(text string) bool { return standIn.FindString(text) == text && text != "" }

// Word returns text as a word of a POSIX shell: as it is where that means the same, else quoted.
func Word(text string) string {
	if text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+=,") == "" {
		return text
	}
	return quote(text)
}

// quote quotes text for a POSIX shell and puts variables in place of stand-ins.
func quote(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range standIn.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(quoted(text[end:at[0]]) + `"$` + text[at[2]:at[3]] + `"`)
		end = at[1]
	}
	b.WriteString(quoted(text[end:]))
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

// quoted puts text between quotes in which a shell leaves everything as it is.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// The page for a person: what is issued, what was called, what was refused and why.

package sandbox

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
)

const pageStyle = "/_sandbox/page.css"

//go:embed page.css
var pageCSS []byte

//go:embed page.html
var pageHTML string

// pageTemplate is read when somebody looks: most worlds are not looked at.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageHTML))
})

// pagePolicy lets the page load its own style and nothing else: no script, no frame, no other host.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageCalls is how many calls the page shows.
const pageCalls = 50

// pageData is what the page shows.
type pageData struct {
	State       State
	Credentials Credentials
	Calls       []Call // the newest first
	Faults      []Fault
	Base        string
	Commands    []pageCommand
}

type pageCommand struct{ Title, Text string }

func (a *admin) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		a.send(w, http.StatusMethodNotAllowed, adminError{Error: "the page can only be read"})
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.URL.Path == pageStyle {
		header.Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(pageCSS)
		return
	}
	var page bytes.Buffer
	if err := pageTemplate().Execute(&page, a.sandbox.pageData(r)); err != nil {
		a.send(w, http.StatusInternalServerError, adminError{Error: "the page could not be made"})
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}

func (s *Sandbox) pageData(r *http.Request) pageData {
	calls := s.Calls()
	slices.Reverse(calls)
	creds, base := s.Credentials(), "http://"+r.Host
	return pageData{
		State: s.State(), Credentials: creds, Calls: calls[:min(len(calls), pageCalls)], Faults: s.Faults(), Base: base,
		Commands: pageCommands(base, creds),
	}
}

// pageCommands are calls that a person can paste into a shell.
func pageCommands(base string, c Credentials) []pageCommand {
	return []pageCommand{
		{"finAPI: a token for the client", curl(base+"/finapi/oauth/token",
			"-d", "grant_type=client_credentials", "-d", "client_id="+c.FinAPI.ClientID, "-d", "client_secret="+c.FinAPI.ClientSecret)},
		{"finAPI: a token for the user", curl(base+"/finapi/oauth/token",
			"-d", "grant_type=password", "-d", "client_id="+c.FinAPI.ClientID, "-d", "client_secret="+c.FinAPI.ClientSecret,
			"-d", "username="+c.FinAPI.Username, "-d", "password="+c.FinAPI.Password)},
		{"Finogates: a bearer", curl(base+"/finogates/v1/platform/auth/token", "--json",
			`{"client_id":"`+c.Finogates.ClientID+`","client_secret":"`+c.Finogates.ClientSecret+`"}`)},
		{"Finogates: an embed token; put the bearer in", curl(base+"/finogates/v1/platform/embed-tokens",
			"-H", "Authorization: Bearer $BEARER", "--json",
			`{"user_id":"`+c.Finogates.UserID+`","parent_origin":"https://app.example.com"}`)},
		{"Straddle: a session token", curl(base+"/straddle/v1/bridge/initialize",
			"-H", "Authorization: Bearer "+c.Straddle.APIKey, "--json", `{"customer_id":"`+c.Straddle.CustomerID+`"}`)},
		{"Let the next call fail", curl(base+adminPrefix+"/faults", "--json", `{"provider":"*","kind":"error","status":503,"times":1}`)},
		{"Move the clock an hour on", curl(base+adminPrefix+"/clock", "-X", "PUT", "--json", `{"advance":"1h"}`)},
		{"Begin again", curl(base+adminPrefix+"/reset", "-X", "POST")},
	}
}

func curl(target string, args ...string) string {
	quoted := []string{"curl", shellQuoted(target)}
	for _, arg := range args {
		quoted = append(quoted, shellQuoted(arg))
	}
	return strings.Join(quoted, " ")
}

// shellQuoted puts an argument in quotes where a shell needs them; a variable stays one.
func shellQuoted(arg string) string {
	switch {
	case strings.Contains(arg, "$BEARER"):
		return `"` + arg + `"`
	case strings.ContainsFunc(arg, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@", r)
	}):
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	default:
		return arg
	}
}

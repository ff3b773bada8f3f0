// The page for a person: what is issued, what was called, what was refused and why.

package sandbox

import (
	_ "embed"
	"io"
	"net/http"
	"slices"
	"strings"
)

const pageStyle = "/_sandbox/page.css"

//go:embed page.css
var pageCSS []byte

//go:embed page.html
var pageHTML string

// pagePolicy lets the page load its own style and nothing else: no script, no frame, no other host.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageCalls is how many calls the page shows.
const pageCalls = 50

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
	header.Set("Content-Type", "text/html; charset=utf-8")
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	_, _ = io.WriteString(w, a.sandbox.pageText(scheme+r.Host)) //nolint:gosec // text escapes what a caller chose
}

// pageText returns the page. Its fixed parts stand in page.html, with the name of what goes between them.
func (s *Sandbox) pageText(base string) string {
	state, creds := s.State(), s.Credentials()
	calls := s.Calls()
	slices.Reverse(calls)
	return strings.NewReplacer(
		"{{clock}}", string(clockMarkup(state.Clock)),
		"{{calls}}", string(callsMarkup(calls[:min(len(calls), pageCalls)])),
		"{{grants}}", string(grantsMarkup(state.FinAPI.Grants)),
		"{{users}}", string(usersMarkup(state.FinAPI.Users)),
		"{{embed_tokens}}", string(embedTokensMarkup(state.Finogates.EmbedTokens)),
		"{{sessions}}", string(sessionsMarkup(state.Straddle.Sessions)),
		"{{counts}}", string(countsMarkup(state.Counts, state.Evicted)),
		"{{faults}}", string(faultsMarkup(s.Faults())),
		"{{commands}}", string(commandsMarkup(pageCommands(base, creds))),
		"{{credentials}}", string(credentialsMarkup(base, creds)),
	).Replace(pageHTML)
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
		{"Begin again", curl(base+adminPrefix+"/reset", "--json", "{}")},
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

// The page for a person: what is issued, what was called, what was refused and why.

package engine

import (
	_ "embed"
	"slices"
	"strings"
)

// PageCSS is the style of the page, at PageStyle.
//
//go:embed page.css
var PageCSS []byte

// PageStyle is where the page looks for its style.
const PageStyle = "/_sandbox/page.css"

//go:embed page.html
var pageHTML string

// PageSend is where the button of the page leads that sends a delivery again.
const PageSend = "/_sandbox/page/send-again"

// pageCalls is how many calls the page shows, and how many deliveries.
const pageCalls = 50

// Page is what the page shows of a provider.
type Page struct {
	Issued      Markup    // tables of what is remembered
	Commands    []Command // calls to begin with
	Credentials []Opener  // what opens it
}

// Command is a call that a person can paste into a shell.
type Command struct{ Title, Text string }

// Opener are demo credentials, and what they are.
type Opener struct {
	What   string
	Values []string
}

// Page returns the page, with more commands behind those of the providers. Its fixed parts stand in page.html, with the
// name of what goes between them.
func (e *Engine) Page(base string, more ...Command) string {
	clock, calls, deliveries := e.clock.State(), e.FindCalls(CallFilter{}), e.FindDeliveries(DeliveryFilter{})
	slices.Reverse(calls)
	slices.Reverse(deliveries)
	var issued, openers Markup
	var commands []Command
	var titles []string
	counts := e.State(clock.Now, func(string, any) {})
	for i, f := range e.fakes() {
		p := e.config.Providers[i]
		f.Lock()
		page := f.Page(base+"/"+p.Name, clock.Now)
		f.Unlock()
		issued += "<div><h3>" + Text(p.Title) + "</h3>\n" + page.Issued + "</div>\n"
		openers += openerRows(p.Title, append([]Opener{{"base URL", []string{base + "/" + p.Name}}}, page.Credentials...))
		commands, titles = append(commands, page.Commands...), append(titles, p.Title)
	}
	return strings.NewReplacer(
		"{{providers}}", string(Text(listed("and", titles))),
		"{{clock}}", string(clockMarkup(clock)),
		"{{calls}}", string(callsMarkup(calls[:min(len(calls), pageCalls)])),
		"{{issued}}", string(issued),
		"{{counts}}", string(countsMarkup(counts)),
		"{{webhooks}}", string(webhooksMarkup(e.Webhooks(), deliveries[:min(len(deliveries), pageCalls)])),
		"{{faults}}", string(faultsMarkup(e.Faults())),
		"{{commands}}", string(commandsMarkup(append(commands, more...))),
		"{{credentials}}", string(wide("credentials-title", openersTable(openers))),
	).Replace(pageHTML)
}

// Curl returns a call by curl.
func Curl(target string, args ...string) string {
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

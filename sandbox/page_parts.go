// The parts of the page that change. What a caller chose gets into them by text alone, which escapes it. They are written
// out because a template would look up methods by name, for which the linker keeps all there are: a fifth of the program.

package sandbox

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"time"
)

// markup is HTML.
type markup string

// text returns v as markup that shows it.
func text(v any) markup { return markup(html.EscapeString(fmt.Sprint(v))) }

func code(v any) markup { return "<code>" + text(v) + "</code>" }

// textOr returns a text, or what stands for an empty one.
func textOr(s, none string) markup {
	if s == "" {
		s = none
	}
	return text(s)
}

// when returns m if it is wanted.
func when(wanted bool, m markup) markup {
	if !wanted {
		return ""
	}
	return m
}

func row(cells ...markup) markup { return classRow("", cells...) }

// classRow returns a row of a table, of a class unless that is empty.
func classRow(class string, cells ...markup) markup {
	all := "<tr" + when(class != "", markup(` class="`+class+`"`)) + ">"
	for _, c := range cells {
		all += "<td>" + c + "</td>"
	}
	return all + "</tr>\n"
}

// table returns a table with a row for each of the items, or the word none if there are no items.
func table[T any](heads []string, none string, items []T, show func(T) markup) markup {
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for _, h := range heads {
		b.WriteString(`<th scope="col">` + h + "</th>")
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, item := range items {
		b.WriteString(string(show(item)))
	}
	if len(items) == 0 {
		fmt.Fprintf(&b, `<tr><td colspan="%d">%s</td></tr>`, len(heads), none)
	}
	b.WriteString("</tbody></table>")
	return markup(b.String())
}

// wide returns a table that scrolls by itself where the page is narrow.
func wide(labelledBy string, table markup) markup {
	return markup(`<div class="wide" tabindex="0" role="region" aria-labelledby="`+labelledBy+`">`) + table + "</div>"
}

func clockMarkup(c ClockState) markup {
	return "<strong>" + text(c.Now.Format("2006-01-02 15:04:05 UTC")) + "</strong>" + when(c.Frozen, ", frozen") +
		when(c.Offset != 0, ", "+text(c.Offset)+" from the real time")
}

func callsMarkup(calls []Call) markup {
	if len(calls) == 0 {
		return `<p>None yet. Paste one of the <a href="#commands">commands</a> into a shell.</p>`
	}
	heads := []string{"#", "Time", "Provider", "Call", "Status", "Refused because, and notes", "Request id"}
	return wide("calls-title", table(heads, "", calls, func(c Call) markup {
		status := markup("no answer")
		if c.Status != 0 {
			status = text(c.Status)
		}
		class := ""
		if c.Refused != "" {
			class = "refused"
		}
		return classRow(
			class,
			text(c.Seq),
			`<span class="short">`+text(c.Time.UTC().Format("15:04:05.000"))+"</span>",
			text(c.Provider),
			when(c.Operation != "", "<strong>"+text(c.Operation)+"</strong> ")+code(c.Method+" "+c.Path),
			status,
			text(c.Refused)+when(c.Notes != "", " <small>"+text(c.Notes)+"</small>")+when(c.Fault != "", " <small>("+text(c.Fault)+")</small>"),
			code(c.RequestID),
		)
	}))
}

// until returns when something ends.
func until(alive bool, ends time.Time, ended markup) markup {
	switch {
	case !alive:
		return ended
	case ends.IsZero():
		return "never ends"
	}
	return "until " + text(ends.UTC().Format(dayTime))
}

const dayTime = "Jan 2 15:04:05"

func grantsMarkup(grants []FinAPIGrantState) markup {
	return table([]string{"Client", "User", "Access", "Refresh"}, "No tokens yet.", grants, func(g FinAPIGrantState) markup {
		return row(code(g.ClientID), textOr(g.Username, "–"), until(g.Access, g.AccessEnds, "ended"), until(g.Refresh, g.RefreshEnds, "–"))
	})
}

func usersMarkup(users []FinAPIUserState) markup {
	return table([]string{"User", "State", "Wrong passwords"}, "No users.", users, func(u FinAPIUserState) markup {
		state := markup("not verified")
		switch {
		case u.Locked:
			state = "locked"
		case u.Verified:
			state = "active"
		}
		return row(text(u.Username), state, text(u.Failures))
	})
}

func embedTokensMarkup(tokens []EmbedToken) markup {
	return table([]string{"Embed token for", "Page", "Ends"}, "No embed tokens yet.", tokens, func(t EmbedToken) markup {
		return row(code(t.UserID), text(t.ParentOrigin), text(t.ExpiresAt.UTC().Format(dayTime)))
	})
}

func sessionsMarkup(sessions []BridgeSession) markup {
	return table([]string{"Session for", "Outcome", "Ends"}, "No sessions yet.", sessions, func(s BridgeSession) markup {
		return row(code(s.CustomerID), text(s.SandboxOutcome), text(s.ExpiresAt.UTC().Format(dayTime)))
	})
}

func countsMarkup(counts, evicted map[string]int) markup {
	kinds := slices.Sorted(maps.Keys(counts))
	return table([]string{"Kind", "Now", "Forgotten to make room"}, "Nothing.", kinds, func(kind string) markup {
		return row(text(kind), text(counts[kind]), text(evicted[kind]))
	})
}

func faultsMarkup(faults []Fault) markup {
	if len(faults) == 0 {
		return "<p>None: every call is answered as it should be.</p>"
	}
	return table([]string{"Rule", "Meets", "Does", "Seen", "Fired"}, "", faults, func(f Fault) markup {
		return row(text(f.ID), text(f.Provider)+" "+text(f.Operation), text(f.Kind)+when(f.Status != 0, " "+text(f.Status)),
			text(f.Seen), text(f.Fired)+when(f.Times != 0, " of "+text(f.Times)))
	})
}

func commandsMarkup(commands []pageCommand) markup {
	var all markup
	for _, c := range commands {
		all += "<dt>" + text(c.Title) + `</dt><dd><pre tabindex="0"><code>` + text(c.Text) + "</code></pre></dd>\n"
	}
	return all
}

func credentialsMarkup(base string, c Credentials) markup {
	type line struct {
		provider, what string
		values         []string
	}
	lines := []line{
		{"finAPI", "base URL", []string{base + "/finapi"}},
		{"finAPI", "V1 client", []string{c.FinAPI.ClientID, c.FinAPI.ClientSecret}},
		{"finAPI", "V2 client", []string{c.FinAPI.V2ClientID, c.FinAPI.V2ClientSecret}},
		{"finAPI", "user", []string{c.FinAPI.Username, c.FinAPI.Password}},
		{"Finogates", "base URL", []string{base + "/finogates"}},
		{"Finogates", "client", []string{c.Finogates.ClientID, c.Finogates.ClientSecret}},
		{"Finogates", "end user", []string{c.Finogates.UserID}},
		{"Finogates", "card processing", []string{c.Finogates.CardProcessingID}},
		{"Straddle", "base URL", []string{base + "/straddle"}},
		{"Straddle", "API key", []string{c.Straddle.APIKey}},
		{"Straddle", "customer", []string{c.Straddle.CustomerID}},
		{"Straddle", "account", []string{c.Straddle.AccountID}},
	}
	return wide("credentials-title", table([]string{"Provider", "What", "Value"}, "", lines, func(l line) markup {
		var values markup
		for i, v := range l.values {
			values += when(i > 0, " ") + code(v)
		}
		return row(text(l.provider), text(l.what), values)
	}))
}

// The parts of the page that change. What a caller chose gets into them by text alone, which escapes it. They are written
// out because a template would look up methods by name, for which the linker keeps all there are: a fifth of the program.

package engine

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"time"
)

// Markup is HTML.
type Markup string

// Text returns v as markup that shows it.
func Text(v any) Markup { return Markup(html.EscapeString(fmt.Sprint(v))) }

// Code returns v as code.
func Code(v any) Markup { return "<code>" + Text(v) + "</code>" }

// TextOr returns a text, or what stands for an empty one.
func TextOr(s, none string) Markup {
	if s == "" {
		s = none
	}
	return Text(s)
}

// when returns m if it is wanted.
func when(wanted bool, m Markup) Markup {
	if !wanted {
		return ""
	}
	return m
}

// Row returns a row of a table.
func Row(cells ...Markup) Markup { return classRow("", cells...) }

// classRow returns a row of a table, of a class unless that is empty.
func classRow(class string, cells ...Markup) Markup {
	all := "<tr" + when(class != "", Markup(` class="`+class+`"`)) + ">"
	for _, c := range cells {
		all += "<td>" + c + "</td>"
	}
	return all + "</tr>\n"
}

// Table returns a table with a row for each of the items, or the word none if there are no items.
func Table[T any](heads []string, none string, items []T, show func(T) Markup) Markup {
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
	return Markup(b.String())
}

// wide returns a table that scrolls by itself where the page is narrow.
func wide(labelledBy string, table Markup) Markup {
	return Markup(`<div class="wide" tabindex="0" role="region" aria-labelledby="`+labelledBy+`">`) + table + "</div>"
}

func clockMarkup(c ClockState) Markup {
	return "<strong>" + Text(c.Now.Format("2006-01-02 15:04:05 UTC")) + "</strong>" + when(c.Frozen, ", frozen") +
		when(c.Offset != 0, ", "+Text(c.Offset)+" from the real time")
}

func callsMarkup(calls []Entry) Markup {
	if len(calls) == 0 {
		return `<p>None yet. Paste one of the <a href="#commands">commands</a> into a shell.</p>`
	}
	heads := []string{"#", "Time", "Provider", "Call", "Status", "Refused because, and notes", "Request id"}
	return wide("calls-title", Table(heads, "", calls, func(c Entry) Markup {
		status := Markup("no answer")
		if c.Status != 0 {
			status = Text(c.Status)
		}
		class := ""
		if c.Refused != "" {
			class = "refused"
		}
		return classRow(
			class,
			Text(c.Seq),
			`<span class="short">`+Text(c.Time.UTC().Format("15:04:05.000"))+"</span>",
			Text(c.Provider),
			when(c.Operation != "", "<strong>"+Text(c.Operation)+"</strong> ")+Code(c.Method+" "+c.Path),
			status,
			Text(c.Refused)+when(c.Notes != "", " <small>"+Text(c.Notes)+"</small>")+when(c.Fault != "", " <small>("+Text(c.Fault)+")</small>"),
			Code(c.RequestID),
		)
	}))
}

// Until returns when something ends.
func Until(alive bool, ends time.Time, ended Markup) Markup {
	switch {
	case !alive:
		return ended
	case ends.IsZero():
		return "never ends"
	}
	return "until " + Text(ends.UTC().Format(DayTime))
}

// DayTime is how the page writes a time.
const DayTime = "Jan 2 15:04:05"

func countsMarkup(counts Counts) Markup {
	kinds := slices.Sorted(maps.Keys(counts.Now))
	return Table([]string{"Kind", "Now", "Forgotten to make room"}, "Nothing.", kinds, func(kind string) Markup {
		return Row(Text(kind), Text(counts.Now[kind]), Text(counts.Evicted[kind]))
	})
}

func faultsMarkup(faults []Fault) Markup {
	if len(faults) == 0 {
		return "<p>None: every call is answered as it should be.</p>"
	}
	return Table([]string{"Rule", "Meets", "Does", "Seen", "Fired"}, "", faults, func(f Fault) Markup {
		return Row(Text(f.ID), Text(f.Provider)+" "+Text(f.Operation), Text(f.Kind)+when(f.Status != 0, " "+Text(f.Status)),
			Text(f.Seen), Text(f.Fired)+when(f.Times != 0, " of "+Text(f.Times)))
	})
}

func webhooksMarkup(webhooks []Webhook, deliveries []Delivery) Markup {
	if len(webhooks)+len(deliveries) == 0 {
		return "<p>None: events are sent nowhere.</p>"
	}
	endpoints := Table([]string{"Webhook", "Provider", "To", "Events"}, "None any more.", webhooks, func(w Webhook) Markup {
		return Row(Text(w.ID)+when(w.Off, ", off"), Text(w.Provider), Code(cmp.Or(w.URL, "a handler in the process")), TextOr(strings.Join(w.Events, ", "), "all"))
	})
	heads := []string{"Delivery", "Webhook", "Event", "State", "Attempts", "Last answer", ""}
	return endpoints + wide("webhooks-title", Table(heads, "Nothing was sent yet.", deliveries, func(d Delivery) Markup {
		return Row(
			Text(d.ID), Text(d.Webhook), "<strong>"+Text(d.Type)+"</strong> "+Code(d.EventID),
			Text(d.State)+when(!d.Next.IsZero(), ", next at "+Text(d.Next.Format(DayTime))),
			Text(d.Attempts), when(d.Status != 0, Text(d.Status)+" ")+Text(d.Error)+when(d.Fault != "", " <small>("+Text(d.Fault)+")</small>"),
			when(d.State != DeliveryPending && takes(webhooks, d.Webhook), sendAgainMarkup(d.ID)),
		)
	}))
}

// takes reports whether something can be sent to a webhook.
func takes(webhooks []Webhook, id string) bool {
	return slices.ContainsFunc(webhooks, func(w Webhook) bool { return w.ID == id && !w.Off })
}

// sendAgainMarkup is a button that sends a delivery again.
func sendAgainMarkup(id string) Markup {
	return `<form method="post" action="` + PageSend + `"><button name="delivery" value="` + Text(id) + `" aria-label="Send ` + Text(id) + ` again">Send again</button></form>`
}

func commandsMarkup(commands []Command) Markup {
	var all Markup
	for _, c := range commands {
		all += "<dt>" + Text(c.Title) + `</dt><dd><pre tabindex="0"><code>` + Text(c.Text) + "</code></pre></dd>\n"
	}
	return all
}

// openerRows are the rows of a provider in the table of credentials.
func openerRows(provider string, openers []Opener) Markup {
	var rows Markup
	for _, o := range openers {
		var values Markup
		for i, v := range o.Values {
			values += when(i > 0, " ") + Code(v)
		}
		rows += Row(Text(provider), Text(o.What), values)
	}
	return rows
}

func openersTable(rows Markup) Markup {
	return Table([]string{"Provider", "What", "Value"}, "", []Markup{rows}, func(rows Markup) Markup { return rows })
}

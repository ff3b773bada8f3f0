package secret

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
)

// shortest is the length from which a secret is looked for in a text. A shorter one would blot out ordinary words, and
// tell where it did.
const shortest = 4

// Masker returns a function that puts [Redacted] in place of the secrets in a text, in any of their [Spellings]. What
// stands there is the same for every secret. Secrets of fewer than 4 bytes are left where they are.
func Masker(secrets ...String) func(text string) string {
	var forms []string
	for _, s := range secrets {
		if plain := s.Reveal(); len(plain) >= shortest {
			forms = append(forms, Spellings(plain)...)
		}
	}
	return func(text string) string {
		var found []span
		for _, form := range forms {
			found = spans(found, text, form)
		}
		return redact(text, found)
	}
}

// span is a part of a text.
type span struct{ start, end int }

// spans appends each place where form is in text, those that overlap included.
func spans(found []span, text, form string) []span {
	for from := 0; ; {
		i := strings.Index(text[from:], form)
		if i < 0 {
			return found
		}
		from += i
		found = append(found, span{from, from + len(form)})
		from++
	}
}

// redact returns text with each part that was found replaced. Parts that overlap are one: a secret may be a part of
// another one, or begin in its end.
func redact(text string, found []span) string {
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	end := 0
	for _, s := range found {
		if s.start >= end {
			out.WriteString(text[end:s.start])
			out.WriteString(Redacted)
		}
		end = max(end, s.end)
	}
	out.WriteString(text[end:])
	return out.String()
}

// Spellings returns the forms in which a secret may stand in a text that came from elsewhere, each once: as it is, as a
// text of JSON, in HTML, percent-encoded, in base64 and in hexadecimal, each the way that the usual encoders write it.
func Spellings(plain string) []string {
	b := []byte(plain)
	out := []string{
		plain, html.EscapeString(plain),
		base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b),
		base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b),
		hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
	}
	for _, forHTML := range []bool{true, false} {
		text := quoted(plain, forHTML)
		out = append(out, text, strings.ReplaceAll(text, "/", `\/`))
	}
	form := url.QueryEscape(plain)
	for _, escaped := range []string{form, strings.ReplaceAll(form, "+", "%20"), url.PathEscape(plain)} {
		out = append(out, escaped, lowerEscapes(escaped))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// quoted returns what stands between the quotes of plain as a text of JSON, with the characters that matter to HTML
// escaped or not.
func quoted(plain string, forHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(forHTML)
	_ = e.Encode(plain) //nolint:errchkjson // a text always can be encoded
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// lowerEscapes writes the escapes of a percent-encoded text in lower case, which is the other usual spelling.
func lowerEscapes(escaped string) string {
	b := []byte(escaped)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

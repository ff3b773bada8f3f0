package rest

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// minMasked is the length from which a secret is looked for in a provider's text. A shorter one would blot out
// ordinary words, and tell where it did.
const minMasked = 4

// mask replaces the secrets in text, as they are and in the forms a server may echo them in. What stands there
// instead is the same for every secret.
func mask(text string, secrets []secret.String) string {
	if text == "" {
		return ""
	}
	var all []string
	for _, s := range secrets {
		if plain := s.Reveal(); len(plain) >= minMasked {
			all = append(all, forms(plain)...)
		}
	}
	// The longest first: a secret may be a part of another one.
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, form := range slices.Compact(all) {
		text = strings.ReplaceAll(text, form, secret.Redacted)
	}
	return text
}

// forms returns the spellings of a secret.
func forms(plain string) []string {
	b := []byte(plain)
	quoted, err := json.Marshal(plain)
	if err != nil { // a text always can be marshaled
		quoted = nil
	}
	out := []string{
		plain,
		strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString(b),
		base64.RawStdEncoding.EncodeToString(b),
		base64.URLEncoding.EncodeToString(b),
		base64.RawURLEncoding.EncodeToString(b),
		hex.EncodeToString(b),
		strings.ToUpper(hex.EncodeToString(b)),
	}
	for _, escaped := range []string{url.QueryEscape(plain), url.PathEscape(plain)} {
		out = append(out, escaped, lowerEscapes(escaped))
	}
	return out
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

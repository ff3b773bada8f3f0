package rest

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// minMasked is the length from which a secret is looked for in a provider's text. A shorter one would blot out
// ordinary words, and tell where it did.
const minMasked = 4

// mask replaces the secrets in text, as they are and in the forms a server may echo them in.
func mask(text string, secrets []secret.String) string {
	for _, s := range secrets {
		plain := s.Reveal()
		if text == "" || len(plain) < minMasked {
			continue
		}
		for _, form := range []string{
			plain,
			url.QueryEscape(plain),
			url.PathEscape(plain),
			base64.StdEncoding.EncodeToString([]byte(plain)),
			base64.RawStdEncoding.EncodeToString([]byte(plain)),
			base64.URLEncoding.EncodeToString([]byte(plain)),
			base64.RawURLEncoding.EncodeToString([]byte(plain)),
			hex.EncodeToString([]byte(plain)),
		} {
			text = strings.ReplaceAll(text, form, secret.Redacted)
		}
	}
	return text
}

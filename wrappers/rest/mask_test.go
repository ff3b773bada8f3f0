package rest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Requirements G77 and G79: a secret is masked in every usual spelling, and the mask shows nothing of it.
func TestMask(t *testing.T) {
	const plain = `s3cr"t/+ä= <&>?x`
	quoted, err := json.Marshal(plain)
	assert.NoError(t, err)
	spellings := map[string]string{
		"plain":                 plain,
		"quoted":                strings.Trim(string(quoted), `"`),
		"form":                  url.QueryEscape(plain),
		"path":                  url.PathEscape(plain),
		"form, lower case":      strings.ToLower(url.QueryEscape(plain)),
		"base64":                base64.StdEncoding.EncodeToString([]byte(plain)),
		"base64, unpadded":      base64.RawStdEncoding.EncodeToString([]byte(plain)),
		"base64url":             base64.URLEncoding.EncodeToString([]byte(plain)),
		"base64url, unpadded":   base64.RawURLEncoding.EncodeToString([]byte(plain)),
		"hexadecimal":           hex.EncodeToString([]byte(plain)),
		"hexadecimal, capitals": strings.ToUpper(hex.EncodeToString([]byte(plain))),
	}
	for name, text := range spellings {
		t.Run(name, func(t *testing.T) {
			got := mask("bad value '"+text+"' given, "+text, []secret.String{secret.New(plain)})
			assert.Equal(t, "bad value '[redacted]' given, [redacted]", got)
		})
	}
}

func TestMaskSeveral(t *testing.T) {
	part, whole := secret.New("secret"), secret.New("secret-and-more")
	assert.Equal(t, "[redacted] [redacted]", mask("secret-and-more secret", []secret.String{part, whole}))
	assert.Equal(t, "abc", mask("abc", []secret.String{secret.New("abc"), {}}), "too short to be looked for")
	assert.Empty(t, mask("", []secret.String{part}))
	assert.Equal(t, "as it is", mask("as it is", nil))
}

func FuzzMask(f *testing.F) {
	f.Add("the error of the-secret is", "the-secret")
	f.Add("100%25+ä", "100%+ä")
	f.Add("aaaa", "aaaaa")
	f.Fuzz(func(t *testing.T, text, plain string) {
		const shown = secret.Redacted
		if len(plain) < minMasked || strings.Contains(shown, plain) {
			return
		}
		s := []secret.String{secret.New(plain)}
		for _, form := range append(forms(plain), plain) {
			got := mask(text+"\x00"+form+"\x00"+text, s)
			// Part by part: a mask between two halves may spell the secret again, and tells nothing by it.
			for part := range strings.SplitSeq(got, secret.Redacted) {
				if !strings.Contains(part, plain) {
					continue
				}
				t.Errorf("%q is still in %q", plain, got)
			}
		}
	})
}

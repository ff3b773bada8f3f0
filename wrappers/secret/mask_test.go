package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Requirements G77 and G79: a secret is masked in every usual spelling, and the mask shows nothing of it.
func TestMasker(t *testing.T) {
	const plain = `s3cr"t/+ä= <&>?x"`
	quoted, err := json.Marshal(plain)
	require.NoError(t, err)
	mask := secret.Masker(secret.New(plain))
	for name, text := range map[string]string{
		"plain":                 plain,
		"quoted":                string(quoted[1 : len(quoted)-1]),
		"quoted, not for HTML":  `s3cr\"t/+ä= <&>?x\"`,
		"quoted, with slashes":  `s3cr\"t\/+ä= <&>?x\"`,
		"HTML":                  `s3cr&#34;t/+ä= &lt;&amp;&gt;?x&#34;`,
		"form":                  url.QueryEscape(plain),
		"query":                 strings.ReplaceAll(url.QueryEscape(plain), "+", "%20"),
		"path":                  url.PathEscape(plain),
		"form, lower case":      strings.ToLower(url.QueryEscape(plain)),
		"base64":                base64.StdEncoding.EncodeToString([]byte(plain)),
		"base64, unpadded":      base64.RawStdEncoding.EncodeToString([]byte(plain)),
		"base64url":             base64.URLEncoding.EncodeToString([]byte(plain)),
		"base64url, unpadded":   base64.RawURLEncoding.EncodeToString([]byte(plain)),
		"hexadecimal":           hex.EncodeToString([]byte(plain)),
		"hexadecimal, capitals": strings.ToUpper(hex.EncodeToString([]byte(plain))),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Contains(t, secret.Spellings(plain), text)
			assert.Equal(t, "bad value '[redacted]' given, [redacted]", mask("bad value '"+text+"' given, "+text))
		})
	}
}

func TestSpellings(t *testing.T) {
	forms := secret.Spellings("plain-text")
	assert.Contains(t, forms, "plain-text")
	assert.Len(t, forms, len(slices.Compact(slices.Sorted(slices.Values(forms)))), "each is there once")
}

// What overlaps is masked as a whole: no part of any secret stays.
func TestMaskerOfSeveral(t *testing.T) {
	for _, c := range []struct {
		secrets    []string
		text, want string
	}{
		{[]string{"secret", "secret-and-more"}, "secret-and-more secret", "[redacted] [redacted]"},
		{[]string{"abcdef", "defghi"}, "x abcdefghi y", "x [redacted] y"},
		{[]string{"defghi", "abcdef"}, "x abcdefghi y", "x [redacted] y"},
		{[]string{"abcdef", "defghi", "ghijkl"}, "abcdefghijkl", "[redacted]"},
		{[]string{"aaaa"}, "aaaaaa b", "[redacted] b"},
		{[]string{"abab", "other"}, "ababab", "[redacted]"},
		{[]string{"abcd"}, "abcdabcd", "[redacted][redacted]"},
		{[]string{"redacted"}, "redacted", "[redacted]"},
		{[]string{"abc", ""}, "abc", "abc"}, // too short to be looked for
		{nil, "as it is", "as it is"},
		{[]string{"secret"}, "", ""},
	} {
		var all []secret.String
		for _, s := range c.secrets {
			all = append(all, secret.New(s))
		}
		assert.Equal(t, c.want, secret.Masker(all...)(c.text), "%q in %q", c.secrets, c.text)
	}
}

// FuzzMasker: no part of a masked text holds a secret in any spelling.
func FuzzMasker(f *testing.F) {
	f.Add("the error of the-secret is", "the-secret", "secret is")
	f.Add("100%25+ä", "100%+ä", "%25+")
	f.Add("aaaa", "aaaaa", "aaaab")
	f.Add("0", "0\x00\x00\x00", "")
	f.Fuzz(func(t *testing.T, text, one, other string) {
		mask := secret.Masker(secret.New(one), secret.New(other))
		for _, plain := range []string{one, other} {
			if len(plain) < 4 {
				continue
			}
			for _, form := range secret.Spellings(plain) {
				// Part by part: a mask between two halves may spell the secret again, and tells nothing by it.
				for part := range strings.SplitSeq(mask(text+form+text), secret.Redacted) {
					assert.NotContains(t, part, form)
				}
			}
		}
	})
}

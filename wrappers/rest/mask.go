package rest

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// masker masks the first so many secrets of a call. It is made when it is needed, which in most calls is never.
type masker struct {
	mask func(string) string
	of   int
}

// mask replaces the secrets of the call in a text that came from outside, in all their spellings.
func (c *call) mask(text string) string {
	if text == "" || len(c.masked) == 0 {
		return text
	}
	if c.masker.of != len(c.masked) {
		c.masker = masker{secret.Masker(c.masked...), len(c.masked)}
	}
	return c.masker.mask(text)
}

// shown makes a text that came from outside fit to be seen.
func (c *call) shown(text string) string { return clean(c.mask(text)) }

// maskBody masks the body of an answer. JSON stays JSON: its texts and numbers are masked one by one, and the texts as
// what they mean, since escapes can spell a secret in more ways than can be looked for.
func (c *call) maskBody(body []byte) []byte {
	text := string(body)
	masked := c.mask(text)
	if masked == text && bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	if strict(body) != "" {
		body = []byte(masked)
	}
	return maskTokens(body, c.mask)
}

// maskTokens masks each token of a JSON text.
func maskTokens(body []byte, mask func(string) string) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		end := i + 1
		switch c := body[i]; {
		case c == '"':
			end = min(quote(body, end)+1, len(body))
		case isWord(c):
			for end < len(body) && isWord(body[end]) {
				end++
			}
		}
		out = append(out, maskToken(body[i:end], mask)...)
		i = end
	}
	return out
}

// isWord reports whether c may be a part of a number or a literal.
func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '+' || c == '.'
}

// maskToken returns token, or a JSON text in its place if a secret is in what it means.
func maskToken(token []byte, mask func(string) string) []byte {
	text := string(token)
	if token[0] == '"' && json.Unmarshal(token, &text) != nil {
		return token
	}
	masked := mask(text)
	if masked == text {
		return token
	}
	quoted, _ := json.Marshal(masked) //nolint:errchkjson // a text always can be encoded
	return quoted
}

// maskHeader masks the header of an answer.
func (c *call) maskHeader(h http.Header) http.Header {
	out := h.Clone()
	for _, values := range out {
		for i, v := range values {
			values[i] = c.mask(v)
		}
	}
	return out
}

// kept returns what an error keeps of the body of an answer.
func (c *call) kept(body []byte) secret.String { return secret.New(string(c.maskBody(body))) }

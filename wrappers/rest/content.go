package rest

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// notJSON says what an answer is instead.
func notJSON(h http.Header) string {
	mt, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mt == "" {
		return "the answer does not say that it is JSON"
	}
	return "the answer is " + mt + " and not JSON"
}

// isJSON reports whether the header says that the body is JSON. Some servers send it as text/plain; there the body must
// look like a JSON object.
func isJSON(h http.Header, body []byte) bool {
	value := h.Get("Content-Type")
	if value == "application/json" {
		return true
	}
	mt, _, err := mime.ParseMediaType(value)
	if err != nil {
		return false
	}
	return slices.Contains([]string{"application/json", "text/json"}, mt) || strings.HasSuffix(mt, "+json") ||
		mt == "text/plain" && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

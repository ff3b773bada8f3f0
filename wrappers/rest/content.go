package rest

import (
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

// isJSON reports whether the header says that the body is JSON.
func isJSON(h http.Header) bool {
	value := h.Get("Content-Type")
	if value == "application/json" {
		return true
	}
	mt, _, err := mime.ParseMediaType(value)
	return err == nil && (slices.Contains([]string{"application/json", "text/json"}, mt) || strings.HasSuffix(mt, "+json"))
}

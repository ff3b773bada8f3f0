package finogatesapi_test

import (
	"fmt"
	"io"
	"net/http"
)

// printer is a Doer for examples. It sends nothing and prints what would be sent.
type printer struct{}

func (printer) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	fmt.Printf("%s %s\n%s\n", r.Method, r.URL, body)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, err
}

// Package readme runs the programs of the README. The other file of it is made by TestReadmePrograms and lists them.
package readme

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
)

// hosts leads what is sent to the providers' sandbox hosts to a sandbox here, and nothing to any other host but this one.
type hosts struct {
	sandbox, local http.RoundTripper
}

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	origin := r.URL.Scheme + "://" + r.URL.Host
	for url, provider := range map[string]string{
		finapiaccess.ServerURLSandbox: "/finapi", finogatesapi.ServerURLSandbox: "/finogates", straddleapi.ServerURLSandbox: "/straddle",
	} {
		if url == origin {
			r = r.Clone(r.Context())
			r.URL.Path = provider + r.URL.Path
			return h.sandbox.RoundTrip(r)
		}
	}
	if !strings.HasPrefix(origin, "http://127.0.0.1:") {
		return nil, errors.New("a program calls " + origin)
	}
	return h.local.RoundTrip(r)
}

// A program ends by itself; log.Fatal would end this one.
func TestPrograms(t *testing.T) {
	s, err := sandbox.New()
	if err != nil {
		t.Fatal(err)
	}
	before := http.DefaultTransport
	http.DefaultTransport = hosts{s.RoundTripper(), before}
	defer func() { http.DefaultTransport = before }()
	c := s.Credentials()
	for name, value := range map[string]string{
		"FINAPI_CLIENT_ID": c.FinAPI.ClientID, "FINAPI_CLIENT_SECRET": c.FinAPI.ClientSecret,
		"FINAPI_USERNAME": c.FinAPI.Username, "FINAPI_PASSWORD": c.FinAPI.Password,
		"FINOGATES_CLIENT_ID": c.Finogates.ClientID, "FINOGATES_CLIENT_SECRET": c.Finogates.ClientSecret, "FINOGATES_USER_ID": c.Finogates.UserID,
		"STRADDLE_API_KEY": c.Straddle.APIKey, "STRADDLE_CUSTOMER_ID": c.Straddle.CustomerID,
	} {
		t.Setenv(name, value)
	}
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			if p.production {
				t.Setenv("FINOGATES_CLIENT_ID", "fg_live_cl_of_the_readme")
			}
			p.main()
		})
	}
	for _, call := range s.Calls() {
		if call.Refused != "" {
			t.Errorf("%s: %d %s", call.Operation, call.Status, call.Refused)
		}
	}
	if n := len(s.Calls()); n < 5 { // the bridge; a bearer and an embed token; a password; a bearer and a revocation
		t.Errorf("the programs make %d calls", n)
	}
}

func TestTests(t *testing.T) {
	for name, test := range tests {
		t.Run(name, test)
	}
}

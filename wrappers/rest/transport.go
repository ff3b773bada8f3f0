package rest

import (
	"fmt"
	"net/http"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// transport returns what calls to origin go through. It is the transport of c.HTTPClient and not that client itself,
// for a client may follow redirects and keep cookies, and a transport does neither.
func (c Config) transport(origin web.Origin) (http.RoundTripper, error) {
	var base http.RoundTripper
	if c.HTTPClient != nil {
		base = c.HTTPClient.Transport
	}
	t, rule := origin.Transport(base)
	if rule != "" {
		return nil, fmt.Errorf("rest: Config.HTTPClient.%s", rule)
	}
	return t, nil
}

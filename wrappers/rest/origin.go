package rest

import (
	"fmt"
	"net/url"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// ParseBaseURL checks raw and returns it, with its host in lower case and without the port that its scheme stands for. It
// must be an absolute https URL without user-info, query and fragment; plain http is for loopback hosts (RFC 6749 §3.2,
// §10.3) and for the insecure ones, see [Config.InsecureHosts]. Its host must be plain ASCII: an international one is
// written as its xn-- name. The error names field, or InsecureHosts.
func ParseBaseURL(field, raw string, insecureHosts ...string) (*url.URL, error) {
	if err := InsecureHosts("InsecureHosts", insecureHosts); err != nil {
		return nil, err
	}
	u, rule := web.ParseURL(raw, insecureHosts)
	if rule != "" {
		return nil, invalid(field, rule)
	}
	return u, nil
}

// InsecureHosts refuses what must not be in a [Config.InsecureHosts]. The error names field and the index in it.
func InsecureHosts(field string, hosts []string) error {
	if at, rule := web.InsecureHostsRule(hosts); rule != "" {
		return invalid(fmt.Sprintf("%s[%d]", field, at), rule)
	}
	return nil
}

// IsLoopback reports whether host is this machine, by the name localhost or by address.
func IsLoopback(host string) bool { return web.IsLoopback(host) }

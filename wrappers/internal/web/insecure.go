package web

import (
	"net/url"
	"slices"
	"strings"
)

// providers are the domains of the providers. What is sent there is worth something, so no list of insecure hosts opens
// them. A test holds the servers of every document against this list.
var providers = []string{"finapi.io", "finogates.com", "straddle.com"}

// InsecureHostsRule returns which of the hosts must not be in a list of those that plain http is accepted to, and the rule
// that it breaks, or "". A host is written as in a URL: a name or an address, with a port if it is for that port alone.
func InsecureHostsRule(hosts []string) (at int, rule string) {
	for i, host := range hosts {
		if rule := insecureHostRule(host); rule != "" {
			return i, rule
		}
	}
	return 0, ""
}

func insecureHostRule(host string) string {
	switch {
	case host == "":
		return "must not be empty"
	case strings.Contains(host, "*"):
		return "must not be a wildcard; name each host"
	case strings.ContainsAny(host, "/?#@"):
		return "must be a host, with or without a port, and nothing else of a URL"
	case strings.Count(host, ":") > 1 && host[0] != '[':
		return "must have an IPv6 address in brackets"
	}
	u, err := url.Parse("http://" + Lower(host))
	if err != nil {
		return "must be a host as in a URL, with or without a port"
	}
	if rule := hostRule(u); rule != "" {
		return rule
	}
	for _, domain := range providers {
		if name := u.Hostname(); name == domain || strings.HasSuffix(name, "."+domain) {
			return "must not be a host of a provider: what is sent to " + domain + " is always encrypted"
		}
	}
	return ""
}

// lists reports whether the list of insecure hosts has that of u, which is in lower case.
func lists(insecure []string, u *url.URL) bool {
	host := strings.TrimSuffix(u.Host, ":"+u.Port())
	return slices.ContainsFunc(insecure, func(one string) bool {
		one = Lower(one)
		return one == host || one == host+":"+Port(u)
	})
}

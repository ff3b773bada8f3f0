package web

import (
	"net/http"
	"net/url"
)

// Origin is a scheme, a host and a port (RFC 6454 §4): where the requests of a client go, and where they go only.
type Origin struct {
	scheme string
	host   string // with its port, unless that is the scheme's own
	full   string // with its port
}

// OriginOf returns the origin of u, which comes from [ParseURL].
func OriginOf(u *url.URL) Origin {
	o := Origin{scheme: u.Scheme, host: u.Host, full: u.Host}
	if u.Port() == "" {
		o.full += ":" + defaultPort[u.Scheme]
	}
	return o
}

// String returns the origin as it is written, such as https://api.example.com.
func (o Origin) String() string { return o.scheme + "://" + o.host }

// hostname returns the host without its port, and without the brackets of an address.
func (o Origin) hostname() string { return (&url.URL{Host: o.host}).Hostname() }

// Refuse returns which field of req is not for o and the rule that it breaks, or nothing. It compares texts, in ASCII and
// without regard to case, and never what a text may come to mean: another spelling than the usual one is another origin.
func (o Origin) Refuse(req *http.Request) (field, rule string) {
	u := req.URL
	switch {
	case u == nil || Lower(u.Scheme) != o.scheme || !o.names(u.Host):
		return "URL", "must be of the origin " + o.String()
	case u.User != nil:
		return "URL", "must not hold user-info"
	case u.Opaque != "":
		return "URL", "must not be opaque"
	case req.Host != "" && !o.names(req.Host): // which server answers goes by Host
		return "Host", "must be that of the origin " + o.String()
	}
	return "", ""
}

// names reports whether host is that of o.
func (o Origin) names(host string) bool {
	host = Lower(host)
	return host == o.host || host == o.full
}

// Pin makes req go to o: what is dialed is the origin itself, not what a request says and what was compared with it.
func (o Origin) Pin(req *http.Request) {
	req.URL.Scheme, req.URL.Host, req.Host = o.scheme, o.host, o.host
}

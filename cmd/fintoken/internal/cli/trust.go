package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The variables that say what an address which the user gives may be like.
const (
	insecureVariable = "FINTOKEN_INSECURE_HOSTS"
	caVariable       = "FINTOKEN_CA_FILE"
)

// trust is what those variables say.
type trust struct {
	insecure []string // hosts that plain http is accepted to
	caFile   string
	roots    *x509.CertPool // the system's authorities and those in the file; nil without a file
}

// readTrust reads the variables once. What follows an error goes on without what is wrong, as the doctor does.
func (a *app) readTrust() error {
	if a.trust != nil {
		return nil
	}
	a.trust = &trust{}
	hosts, err := insecureHosts(a.Getenv(insecureVariable))
	if err != nil {
		return exit.ConfigError(err, "name the hosts of sandboxes, with commas between them, or unset it")
	}
	a.trust.insecure = hosts
	path := a.Getenv(caVariable)
	if path == "" {
		return nil
	}
	roots, err := authorities(path)
	if err != nil {
		return exit.ConfigError(err, "set it to the file that `fintoken sandbox --tls` names, or unset it")
	}
	a.trust.caFile, a.trust.roots = path, roots
	return nil
}

// insecureHosts reads the list of hosts that plain http is accepted to.
func insecureHosts(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	hosts := strings.Split(list, ",")
	for i, host := range hosts {
		hosts[i] = strings.TrimSpace(host)
	}
	var e *rest.Error
	if err := rest.InsecureHosts(insecureVariable, hosts); errors.As(err, &e) {
		return nil, errors.New(e.Field + " " + e.Message)
	}
	return hosts, nil
}

// authorities returns those of the system and those in a file of PEM.
func authorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", caVariable, err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // the system has none
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New(caVariable + " must be a file of certificates in PEM, and there is none in it")
	}
	return roots, nil
}

// trusting makes t accept the authorities of the file at a place that the user has named. A provider's own host needs none.
func (a *app) trusting(t *http.Transport, p place) {
	if a.trust != nil && a.trust.roots != nil && p.baseURL != "" {
		t.TLSClientConfig = &tls.Config{RootCAs: a.trust.roots, MinVersion: tls.VersionTLS12}
	}
}

// caFile returns the file of the authorities, for those who are told of a call to p.
func (a *app) caFile(p place) string {
	if a.trust == nil || p.baseURL == "" {
		return ""
	}
	return a.trust.caFile
}

// trustChecks is what the doctor says of the variables that are set.
func (a *app) trustChecks() []check {
	if err := a.readTrust(); err != nil {
		return []check{{"fintoken", "trust", bad, err.Error(), exit.Next(err, exit.Call{})}}
	}
	var out []check
	if a.trust.insecure != nil {
		out = append(out, check{
			"fintoken", insecureVariable, warn,
			"plain http, which everybody on the way reads, to " + strings.Join(a.trust.insecure, ", "), "unset it where no sandbox is called",
		})
	}
	if a.trust.caFile != "" {
		out = append(out, check{Topic: "fintoken", Check: caVariable, State: good, Detail: a.trust.caFile})
	}
	return out
}

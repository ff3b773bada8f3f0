package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// checkRemote refuses flags that do not go together.
func (f *sandboxFlags) checkRemote() error {
	switch {
	case len(f.hosts) > 0 && !f.remote:
		return exit.UsageError(errors.New("--host goes with --allow-remote"), "see `fintoken sandbox --help`")
	case f.caFile != "" && !f.tls:
		return exit.UsageError(errors.New("--ca-file goes with --tls"), "see `fintoken sandbox --help`")
	}
	return nil
}

// warnRemote says what other machines can do, on a terminal or not: the log of a container is read later.
func (a *app) warnRemote(flags *sandboxFlags) {
	host, _, err := net.SplitHostPort(flags.listen)
	if a.flags.quiet || err != nil || strings.HasPrefix(flags.listen, socketPrefix) || rest.IsLoopback(host) {
		return
	}
	admin := "the admin API and the page with the credentials are open to this machine only"
	if flags.remoteAdmin {
		admin = "they also see its credentials and change it by the admin API"
	}
	wire := "; nothing is encrypted without --tls"
	if flags.tls {
		wire = ""
	}
	a.tell("warning: other machines can get tokens from this sandbox; %s%s. Its secrets are demo secrets, which open nothing else.", admin, wire)
}

// insecureHosts returns the hosts of the sandbox that a client must be told to call over plain http.
func (r *running) insecureHosts() []string {
	var hosts []string
	urls := []string{r.AdminURL}
	for _, p := range r.providers {
		urls = append(urls, p.url)
	}
	for _, text := range urls {
		u, err := url.Parse(text)
		if err == nil && u.Scheme == "http" && !rest.IsLoopback(u.Hostname()) && !slices.Contains(hosts, u.Host) {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// trustText says what clients of any kind need besides the addresses.
func (r *running) trustText() string {
	switch {
	case r.InsecureHosts != nil:
		return "\nThis is plain http to another machine. fintoken accepts it to the hosts in FINTOKEN_INSECURE_HOSTS, and a Go client to\n" +
			"those in its rest.Config.InsecureHosts. With --tls neither is needed.\n"
	case r.CAFile != "":
		return "\nfintoken and Node trust its certificate by the last two variables below, besides those of the system. Other clients take\n" +
			"the file instead of the system's: Go, Python and OpenSSL from SSL_CERT_FILE, curl from CURL_CA_BUNDLE.\n"
	}
	return ""
}

// ownAddress returns where a provider gets a port of its own: beside the one of --listen.
func ownAddress(listen string) string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || strings.HasPrefix(listen, socketPrefix) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, "0")
}

// certificate is the file with the authority that clients of the sandbox must trust.
type certificate struct {
	path string
	dir  string // made for it, or empty
	text []byte
}

// writeCertificate writes the authority of a server to path or, without one, into a folder of its own. Without TLS there
// is none, and the path is empty.
func writeCertificate(server *sandbox.Server, path string) (*certificate, error) {
	c := &certificate{text: server.CACertificate()}
	if c.text == nil {
		return c, nil
	}
	err := c.choose(path)
	if err == nil {
		err = c.write()
	}
	if err != nil {
		c.remove()
		return nil, exit.ConfigError(fmt.Errorf("--ca-file: %w", err), "choose another --ca-file, in a directory that can be written to")
	}
	return c, nil
}

// choose finds a place for the file. It takes that of a file which is the authority of an earlier sandbox, as one that was
// killed leaves it, and of no other.
func (c *certificate) choose(path string) (err error) {
	if path == "" {
		if c.dir, err = os.MkdirTemp("", "fintoken-sandbox-"); err != nil {
			return err
		}
		path = filepath.Join(c.dir, "ca.pem")
	}
	if path, err = filepath.Abs(path); err != nil { // another terminal may be elsewhere
		return err
	}
	old, err := os.ReadFile(path)
	switch {
	case err == nil && nameOf(old) != nameOf(c.text):
		return errors.New("there is another file")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	c.path = path
	return nil
}

// nameOf returns the name of the certificate in a text that holds nothing else.
func nameOf(text []byte) string {
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 {
		return ""
	}
	found, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	return found.Subject.String()
}

// write writes the file as a whole: nobody sees a part of it.
func (c *certificate) write() error {
	f, err := os.CreateTemp(filepath.Dir(c.path), ".ca-*.pem")
	if err != nil {
		return err
	}
	_, err = f.Write(c.text)
	err = errors.Join(err, f.Chmod(0o644), f.Close()) // a certificate is for everyone
	if err == nil {
		err = os.Rename(f.Name(), c.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// remove removes the file, unless another sandbox has put its own there, and the folder that was made for it.
func (c *certificate) remove() {
	if now, err := os.ReadFile(c.path); err == nil && bytes.Equal(now, c.text) {
		_ = os.Remove(c.path) // at worst it stays: it is no secret
	}
	if c.dir != "" {
		_ = os.Remove(c.dir)
	}
}

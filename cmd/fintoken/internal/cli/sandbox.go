package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/sandbox"
)

// closeTime is how long the sandbox may take to end.
const closeTime = 900 * time.Millisecond

// sandboxFlags are the flags of the sandbox that is served.
type sandboxFlags struct {
	listen      string
	ownPorts    bool
	seed        int64
	access      time.Duration
	refresh     time.Duration
	rotation    string
	grace       time.Duration
	attempts    int
	fixtures    string
	strict      bool
	remote      bool
	hosts       []string
	remoteAdmin bool
	tls         bool
	caFile      string
	webhooks    []string
	webhookHost []string
}

// newSandbox returns the command that serves the sandbox.
func (a *app) newSandbox() *cobra.Command {
	flags := &sandboxFlags{}
	cmd := &cobra.Command{
		Use:     "sandbox",
		Short:   "Serve a sandbox of the three providers on this machine",
		Example: "  fintoken sandbox\n  fintoken sandbox --listen 127.0.0.1:4010 --seed 1\n  fintoken sandbox --listen unix:/tmp/fintoken.sock\n  fintoken sandbox --listen 0.0.0.0:4010 --allow-remote --host sandbox\n  fintoken sandbox --tls\n  fintoken sandbox --format json > sandbox.json &",
		Long: `Prints where the providers are, credentials that they accept, and what to type next, then serves until Ctrl-C or
SIGTERM. With --format json that is one line of JSON, printed when the sandbox is ready. Needs no account and no network.

With --allow-remote the address may be any of this machine: 0.0.0.0 is all of IPv4, [::] all of both families. Clients call
it under --host, which they must have in FINTOKEN_INSECURE_HOSTS unless there is --tls. The key of --tls is made at the
start and never written; FINTOKEN_CA_FILE, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or CURL_CA_BUNDLE make clients trust it, for 30
days. /_sandbox/v1/health answers everybody.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: printing},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.serve(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "127.0.0.1:0", "`address` to serve on: host and port of this machine, port 0 for a free one, or unix:PATH")
	f.BoolVar(&flags.tls, "tls", false, "serve https, with a certificate that is made for this run")
	f.StringVar(&flags.caFile, "ca-file", "", "`path` for the authority that clients must trust, with --tls; it is removed at the end (default a folder of its own)")
	f.BoolVar(&flags.ownPorts, "own-ports", false, "give each provider a port of its own, for clients whose base URL cannot hold a path")
	f.Int64Var(&flags.seed, "seed", 0, "make credentials, ids and tokens the same each time (they can be guessed)")
	f.DurationVar(&flags.access, "access-token-life", time.Hour, "life of finAPI's access tokens; 0 for ever")
	f.DurationVar(&flags.refresh, "refresh-token-life", 24*time.Hour, "life of finAPI's refresh tokens; 0 for ever")
	f.StringVar(&flags.rotation, "refresh-token-rotation", "off", "what finAPI does with a used refresh token: off, on or detects-reuse")
	f.DurationVar(&flags.grace, "refresh-token-grace", 0, "how long a used refresh token may come again, with rotation")
	f.IntVar(&flags.attempts, "login-attempts", 3, "wrong passwords in a row that a finAPI user may have, the next one locks; 0 for any number")
	f.StringVar(&flags.fixtures, "fixtures", "", "more clients, users and the like, as JSON or YAML: `text`, @file, or - for stdin")
	f.BoolVar(&flags.strict, "strict", false, "refuse what the documents do not have, although nothing forbids it; without it the journal notes it")
	f.BoolVar(&flags.remote, "allow-remote", false, "serve other machines too; what the sandbox accepts is no protection on a network")
	f.BoolVar(&flags.remoteAdmin, "allow-remote-admin", false, "let other machines steer the sandbox and see its credentials, by its address or a --host")
	f.StringSliceVar(&flags.hosts, "host", nil, "`name` or address by which others call it, such as that of a service; the first stands in the URLs")
	f.StringArrayVar(&flags.webhooks, "webhook-url", nil, "`url` on this machine or at a --webhook-host that events are sent to; PROVIDER=URL for one of the providers; can be repeated")
	f.StringSliceVar(&flags.webhookHost, "webhook-host", nil, "`name` of a host that events may be sent to, besides this machine")
	complete(cmd, "refresh-token-rotation", "off", "on", "detects-reuse")
	a.addVerbs(cmd)
	return cmd
}

// rotations are the values of --refresh-token-rotation.
var rotations = map[string]sandbox.RefreshRotation{
	"off": sandbox.RotationOff, "on": sandbox.RotationOn, "detects-reuse": sandbox.RotationDetectsReuse,
}

// options returns the options of the sandbox.
func (f *sandboxFlags) options(seeded bool) ([]sandbox.Option, error) {
	rotation, ok := rotations[f.rotation]
	if !ok {
		return nil, exit.UsageError(errors.New("--refresh-token-rotation must be off, on or detects-reuse"), "see `fintoken sandbox --help`")
	}
	options := []sandbox.Option{
		sandbox.AccessTokenLife(f.access), sandbox.RefreshTokenLife(f.refresh), sandbox.RefreshTokenRotation(rotation),
		sandbox.RefreshTokenGrace(f.grace), sandbox.LoginAttempts(f.attempts),
	}
	if f.strict {
		options = append(options, sandbox.Strict())
	}
	if seeded {
		options = append(options, sandbox.Seed(f.seed))
	}
	if f.remote {
		options = append(options, sandbox.AllowRemote(f.hosts...))
	}
	if f.remoteAdmin {
		options = append(options, sandbox.AllowRemoteAdmin())
	}
	if f.tls {
		options = append(options, sandbox.TLS())
	}
	for _, text := range f.webhooks {
		options = append(options, webhookOptions(text)...)
	}
	return append(options, sandbox.WebhookHosts(f.webhookHost...)), f.checkRemote()
}

// optionFlags are the flags of the options that the sandbox may refuse.
var optionFlags = map[string]string{
	"AccessTokenLife": "access-token-life", "RefreshTokenLife": "refresh-token-life",
	"RefreshTokenGrace": "refresh-token-grace", "LoginAttempts": "login-attempts", "AllowRemote": "host", "TLS": "tls",
	"WebhookURL": "webhook-url", "WebhookHosts": "webhook-host",
}

// listen serves a sandbox at an address. What is wrong on the command line is told apart from an address that cannot be
// had.
func listen(address string, options []sandbox.Option) (*sandbox.Server, error) {
	const next = "see `fintoken sandbox --help`"
	socket, isSocket := strings.CutPrefix(address, socketPrefix)
	if _, _, err := net.SplitHostPort(address); isSocket && socket == "" || !isSocket && err != nil {
		return nil, exit.UsageError(errors.New("--listen must be an address such as 127.0.0.1:4010, or unix:PATH"), next)
	}
	server, err := sandbox.Listen(address, options...)
	var wrong *sandbox.InvalidError
	switch {
	case errors.As(err, &wrong):
		return nil, exit.UsageError(fmt.Errorf("--%s %s", optionFlags[wrong.Field], wrong.Rule), next)
	case err != nil && isSocket:
		return nil, exit.ConfigError(err, "choose another --listen")
	case err != nil:
		return nil, exit.ConfigError(err, "choose another --listen; port 0 picks a free one")
	}
	return server, nil
}

// serve serves until the context ends.
func (a *app) serve(cmd *cobra.Command, flags *sandboxFlags) error {
	fixtures, err := a.readFixtures(cmd, flags.fixtures)
	if err != nil {
		return err
	}
	options, err := flags.options(cmd.Flags().Changed("seed"))
	if err != nil {
		return err
	}
	server, err := listen(flags.listen, options)
	if err != nil {
		return err
	}
	err = a.open(cmd, server, flags, fixtures)
	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	select {
	case failed := <-closed:
		if err == nil {
			err = failed
		}
	case <-time.After(closeTime):
		// A call is still running. The end of the program cuts it off.
	}
	return err
}

// open tells where the sandbox is, and leaves it open until the context ends.
func (a *app) open(cmd *cobra.Command, server *sandbox.Server, flags *sandboxFlags, fixtures sandbox.Fixtures) error {
	if err := server.Sandbox().Add(fixtures); err != nil {
		return exit.UsageError(fmt.Errorf("--fixtures: %w", err), "correct what the sandbox names; `fintoken sandbox add --help` has an example")
	}
	authority, err := writeCertificate(server, flags.caFile)
	if err != nil {
		return err
	}
	defer authority.remove()
	a.warnRemote(flags)
	if err := a.printSandbox(cmd, server, flags, authority.path); err != nil {
		return err
	}
	<-cmd.Context().Done()
	return nil
}

// adminPath is where the sandbox takes orders.
const adminPath = "/_sandbox/v1"

// printSandbox prints where the sandbox is and what opens it.
func (a *app) printSandbox(cmd *cobra.Command, s *sandbox.Server, flags *sandboxFlags, caFile string) error {
	r := running{CAFile: caFile}
	if path := s.Socket(); path != "" {
		var err error
		if r.Socket, err = filepath.Abs(path); err != nil { // another terminal may be elsewhere
			return exit.ConfigError(err, "")
		}
	}
	r.served(s)
	r.AdminURL = s.Admin()
	if flags.ownPorts {
		if err := r.expose(s, flags.listen); err != nil {
			return err
		}
	}
	r.InsecureHosts = r.insecureHosts()
	if a.flags.redact {
		r.redact()
	}
	text, err := json.Marshal(&r)
	if err != nil {
		return err
	}
	if a.flags.format == output.JSON && a.flags.transform == "" {
		a.flags.format = output.JSONL // one line, for scripts that read a line
	}
	return a.printTable(cmd, output.Answer{JSON: text, Raw: sandboxTable(&r)})
}

// sandboxTable is what a person gets to see.
func sandboxTable(r *running) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PROVIDER\tBASE URL\tCREDENTIALS")
	for i := range r.providers {
		for n, line := range r.providers[i].lines(r.credentials) {
			name, url := r.providers[i].name, r.providers[i].url
			if n > 0 {
				name, url = "", ""
			}
			fmt.Fprintf(t, "%s\t%s\t%s\n", name, url, line)
		}
	}
	_ = t.Flush() // into memory
	if r.Socket != "" {
		fmt.Fprintf(&b, "\nThe host localhost stands for the socket %s, which fintoken calls %s%[1]s.\n", r.Socket, socketPrefix)
	}
	b.WriteString(r.trustText())
	b.WriteString("\nPaste this into another terminal:\n\n")
	for _, v := range r.variables() {
		fmt.Fprintf(&b, "  export %s=%s\n", v[0], wire.Word(v[1]))
	}
	b.WriteString("\nand then, for example:\n\n")
	for i := range r.providers {
		if v := r.providers[i].vendor; v.samples != nil {
			for _, line := range v.samples(r.credentials) {
				fmt.Fprintf(&b, "  fintoken %s\n", line)
			}
		}
	}
	b.WriteString("  fintoken sandbox journal\n\nCtrl-C ends the sandbox.")
	return b.String()
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The states of a check.
const (
	good = "ok"
	warn = "warning"
	bad  = "FAILED"
)

// How far the clock here may be off before a token looks alive that is not, and how long a host may take.
const (
	skewWarn    = 30 * time.Second
	skewBad     = 5 * time.Minute
	hostTimeout = 5 * time.Second
)

// check is one line of the doctor.
type check struct {
	Topic  string `json:"topic"`
	Check  string `json:"check"`
	State  string `json:"state"`
	Detail string `json:"detail"`
}

// patient is a provider that the doctor looks at.
type patient struct {
	name, prefix        string
	sandbox, production string
	ids                 []string // variables of what is no secret
	secrets             []secrets.Spec
}

var patients = []patient{
	{
		"finapi", "FINAPI", finapiaccess.ServerURLSandbox, finapiaccess.ServerURLProduction,
		[]string{"FINAPI_CLIENT_ID"},
		[]secrets.Spec{{Provider: "finapi", Name: "client-secret", Env: "FINAPI_CLIENT_SECRET", Keyring: true}},
	},
	{
		"finogates", "FINOGATES", finogatesapi.ServerURLSandbox, finogatesapi.ServerURLProduction,
		[]string{"FINOGATES_CLIENT_ID"},
		[]secrets.Spec{{Provider: "finogates", Name: "client-secret", Env: "FINOGATES_CLIENT_SECRET", Keyring: true}},
	},
	{
		"straddle", "STRADDLE", straddleapi.ServerURLSandbox, straddleapi.ServerURLProduction, nil,
		[]secrets.Spec{{Provider: "straddle", Name: "api-key", Env: "STRADDLE_API_KEY", Keyring: true}},
	},
}

// newDoctor returns the command that looks whether everything is in place.
func (a *app) newDoctor() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Look whether everything is in place: credentials, hosts, clock, documents",
		Example: "  fintoken doctor\n  fintoken doctor --environment production\n  fintoken doctor --offline --format json",
		Long: `Tells where each credential comes from, never what it is. Asks each host for its front page, without a credential, and
compares its clock with the one here. The exit code is 1 if a check fails; a missing credential is a warning.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: printing, "also": "environment base-url timeout"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd, offline) },
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "leave the hosts alone")
	return cmd
}

// doctor makes the checks and prints them.
func (a *app) doctor(cmd *cobra.Command, offline bool) error {
	checks := []check{
		{"fintoken", "version", good, a.Version},
		{"fintoken", "built with", good, runtime.Version() + " for " + runtime.GOOS + "/" + runtime.GOARCH},
	}
	of := make([][]check, len(patients))
	ended := a.slow("the hosts and the keyring")
	var group sync.WaitGroup
	for i, p := range patients {
		group.Go(func() { of[i] = a.examine(cmd.Context(), p, offline) })
	}
	group.Wait()
	ended()
	for _, lines := range of {
		checks = append(checks, lines...)
	}
	for _, d := range documents() {
		s, err := summarize(d)
		if err != nil {
			checks = append(checks, check{"documents", d.Name(), bad, err.Error()})
			continue
		}
		checks = append(checks, check{"documents", s.Name, good, fmt.Sprintf("version %s, operations: %d", s.Version, s.Operations)})
	}
	return a.printChecks(cmd, checks)
}

// examine looks at one provider.
func (a *app) examine(ctx context.Context, p patient, offline bool) []check {
	var out []check
	line := func(what, state, detail string) { out = append(out, check{p.name, what, state, detail}) }
	at, err := a.placeOf(p.prefix)
	if err != nil {
		line("environment", bad, err.Error())
		return out
	}
	line("environment", good, at.environment)
	for _, variable := range p.ids {
		if a.Getenv(variable) == "" {
			line(variable, warn, "not set")
		} else {
			line(variable, good, "set")
		}
	}
	for _, s := range p.secrets {
		state, detail := a.present(ctx, s, at)
		line(s.Name, state, detail)
	}
	url := at.baseURL
	if url == "" {
		url = map[bool]string{false: p.sandbox, true: p.production}[at.production()]
	}
	at.baseURL = url
	if _, err := rest.ParseBaseURL("the base URL", url); err != nil {
		line("address", bad, err.Error())
		return out
	}
	if at.socket != "" {
		url = socketPrefix + at.socket
	}
	line("address", good, url)
	if offline {
		return out
	}
	return append(out, a.reach(ctx, p.name, at)...)
}

// present looks for a secret and tells where it is.
func (a *app) present(ctx context.Context, s secrets.Spec, at place) (state, detail string) {
	if a.Getenv(s.Env) != "" {
		return good, "in " + s.Env
	}
	ring := a.keyring()
	if ring == nil {
		return warn, "not in " + s.Env + "; the keyring is switched off"
	}
	ring.Slow = nil // the doctor tells once, for all
	if _, err := ring.Get(ctx, secrets.Entry(s.Provider, s.Name, at.environment)); err != nil {
		return warn, "not in " + s.Env + ", and in the keyring: " + err.Error()
	}
	return good, "in the keyring"
}

// reach asks a host for its front page and compares the clocks.
func (a *app) reach(ctx context.Context, name string, at place) []check {
	limit := hostTimeout
	if a.flags.timeout > 0 {
		limit = a.flags.timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, at.baseURL, nil)
	if err != nil {
		return []check{{name, "host", bad, "the address cannot be called"}}
	}
	client := &http.Client{
		Transport:     newTransport(at),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	begun := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return []check{{name, "host", bad, unreachable(err)}}
	}
	_ = resp.Body.Close()
	took := time.Since(begun)
	out := []check{{name, "host", good, fmt.Sprintf("answers in %s", took.Round(time.Millisecond))}}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return append(out, check{name, "clock", warn, "the host does not tell the time"})
	}
	return append(out, skew(name, date.Sub(begun.Add(took/2).Truncate(time.Second))))
}

// unreachable says why there is no answer, without the address, which may be private.
func unreachable(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	text := err.Error()
	if _, cause, ok := strings.Cut(text, `": `); ok {
		text = cause
	}
	return text
}

// skew judges the difference between two clocks.
func skew(name string, d time.Duration) check {
	c := check{name, "clock", good, fmt.Sprintf("%s off", d.Abs())}
	switch {
	case d.Abs() > skewBad:
		c.State = bad
	case d.Abs() > skewWarn:
		c.State = warn
	}
	return c
}

// printChecks prints the checks, as a table unless another format was asked for.
func (a *app) printChecks(cmd *cobra.Command, checks []check) error {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	failed := false
	for _, c := range checks {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.State, c.Topic, c.Check, c.Detail)
		failed = failed || c.State == bad
	}
	_ = t.Flush() // into memory
	text, err := json.Marshal(map[string]any{"checks": checks, "ok": !failed})
	if err != nil {
		return err
	}
	if err := a.printTable(cmd, output.Answer{JSON: text, Raw: strings.TrimRight(table.String(), "\n")}); err != nil {
		return err
	}
	if failed {
		return exit.ErrFailed
	}
	return nil
}

// printTable prints the answer as the table in Raw, unless another format or a transform was asked for.
func (a *app) printTable(cmd *cobra.Command, answer output.Answer) error {
	if a.flags.transform == "" && (a.flags.format == output.Auto || a.flags.format == output.Raw) {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), answer.Raw)
		return err
	}
	return a.print(cmd, answer)
}

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
)

// The states of a check.
const (
	good = "ok"
	warn = "warning"
	bad  = "FAILED"
)

// check is one line of the doctor.
type check struct {
	Topic  string `json:"topic"`
	Check  string `json:"check"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Next   string `json:"next,omitempty"` // what to do about it
}

// newDoctor returns the command that looks whether everything is in place.
func (a *app) newDoctor() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Look whether everything is in place: credentials, hosts, clock, documents",
		Example: "  fintoken doctor\n  fintoken doctor --environment production\n  fintoken doctor --offline --format json",
		Long: `Tells where each credential comes from, never what it is, and whether the commands will take it. Asks each host for its front page, without a credential, and
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
		{Topic: "fintoken", Check: "version", State: good, Detail: a.Version},
		{Topic: "fintoken", Check: "built with", State: good, Detail: runtime.Version() + " for " + runtime.GOOS + "/" + runtime.GOARCH},
	}
	checks = append(checks, a.trustChecks()...) // before the others, which go by it
	all := vendors()
	of := make([][]check, len(all)+1)
	ended := a.slow("the hosts and the keyring", cmp.Or(a.flags.timeout, hostTimeout))
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() { of[i] = a.examine(cmd.Context(), &all[i], offline) })
	}
	group.Go(func() { of[len(all)] = a.examineSandbox(cmd.Context(), offline) })
	group.Wait()
	ended()
	if cmd.Context().Err() != nil { // what was found is of no use: the end of the run is a part of it
		return context.Cause(cmd.Context())
	}
	checks = append(checks, slices.Concat(of...)...)
	for _, d := range documents() {
		s, err := summarize(d)
		if err != nil {
			checks = append(checks, check{"documents", d.Name(), bad, err.Error(), "install fintoken anew"})
			continue
		}
		checks = append(checks, check{Topic: "documents", Check: s.Name, State: good, Detail: fmt.Sprintf("version %s, operations: %d", s.Version, s.Operations)})
	}
	return a.printChecks(cmd, checks)
}

// printChecks prints the checks, as a table unless another format was asked for.
func (a *app) printChecks(cmd *cobra.Command, checks []check) error {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	failed := false
	for _, c := range checks {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.State, c.Topic, c.Check, c.Detail)
		if c.Next != "" {
			fmt.Fprintf(t, "\t\t\tnext: %s\n", c.Next)
		}
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

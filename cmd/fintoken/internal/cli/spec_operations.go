package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/sandbox"
)

// operationRow is what a list tells of an operation.
type operationRow struct {
	Provider  string `json:"provider"`
	Document  string `json:"document"`
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Service   string `json:"service"`
	Command   string `json:"command"`
	Repeat    string `json:"repeat"`
	Evidence  string `json:"evidence"`
	// Sandbox is what the sandbox answers from: state, example or none.
	Sandbox sandbox.Source `json:"sandbox"`
}

// newSpecOperations returns the command that lists the operations.
func (a *app) newSpecOperations() *cobra.Command {
	return &cobra.Command{
		Use: "operations", Short: "List every operation of every provider: its request, its command, when it is sent again, how sure we are, what the sandbox answers it from", Args: noArgs,
		Example:     "  fintoken spec operations\n  fintoken spec operations --format jsonl | jq -r 'select(.repeat == \"by-key\") | .command'",
		Annotations: map[string]string{heeds: printing},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.specOperations(cmd) },
	}
}

// specOperations lists the operations: a table, with --format jsonl a row a line, else a list.
func (a *app) specOperations(cmd *cobra.Command) error {
	answered, err := answeredFrom()
	if err != nil {
		return err
	}
	var rows []operationRow
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PROVIDER\tOPERATION\tREQUEST\tCOMMAND\tREPEAT\tEVIDENCE\tSANDBOX")
	for _, op := range operations.All() {
		service := strings.TrimPrefix(op.Service+"."+op.Name, ".")
		from := answered[op.Provider+" "+op.ID]
		command := strings.Join(append([]string{"fintoken", op.Provider}, op.Command...), " ")
		rows = append(rows, operationRow{op.Provider, op.Document, op.ID, op.Method, op.Path, service, command, op.Repeat, op.Evidence, from})
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\t%s\t%s\n", op.Provider, op.ID, op.Method, op.Path, command, op.Repeat, op.Evidence, from)
	}
	_ = t.Flush() // into memory
	if a.flags.format == output.JSONL && a.flags.transform == "" {
		for _, row := range rows {
			text, err := json.Marshal(row)
			if err != nil {
				return err
			}
			if err := a.print(cmd, output.Answer{JSON: text}); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return a.printTable(cmd, output.Answer{JSON: text, Raw: strings.TrimRight(table.String(), "\n")})
}

// answeredFrom returns what a sandbox answers each operation from, by provider and id.
func answeredFrom() (map[string]sandbox.Source, error) {
	s, err := sandbox.New()
	if err != nil {
		return nil, err
	}
	from := map[string]sandbox.Source{}
	for _, op := range s.Operations() {
		from[op.Provider+" "+op.ID] = op.From
	}
	return from, nil
}

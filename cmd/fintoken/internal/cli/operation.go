package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// provider is what the commands of a table know of their provider.
type provider[C any] struct {
	// connect returns a client, and what ends its use.
	connect func(cmd *cobra.Command) (C, func(), error)
	// token returns the token in a payload that is one.
	token func(payload any) (secret.String, bool)
	// rows takes the rows of a page out of the answer.
	rows func(answer []byte) ([]json.RawMessage, error)
}

// operationCommands returns the commands of a table.
func operationCommands[C any](a *app, table []operations.Operation[C], p provider[C]) (all []*command) {
	for i := range table {
		op := &table[i]
		all = append(all, a.newCommand(&op.Info, op.NewBody, func(c *command, args []string) error { return runOperation(a, c, op, p, args) }))
	}
	return all
}

// runOperation makes the call of a command and prints the answer.
func runOperation[C any](a *app, c *command, op *operations.Operation[C], p provider[C], args []string) error {
	in, err := a.input(c, args, op.NewBody, op.NewQuery)
	if err != nil {
		return exit.UsageError(err, usageNext(c.cmd, err))
	}
	a.call = exit.Call{Operation: c.ID, Harmless: c.Repeat == "freely", Arguments: c.argumentNames()}
	client, end, err := p.connect(c.cmd)
	if err != nil {
		return err
	}
	defer end()
	opts := a.options(slices.Concat(headers(c.cmd), a.limits())...)
	ctx := c.cmd.Context()
	if c.all {
		return a.printAll(c, op.All(ctx, client, in, opts...), p.rows)
	}
	payload, err := op.Call(ctx, client, in, opts...)
	if err != nil {
		return err
	}
	if t, ok := p.token(payload); ok {
		return a.printAnswer(c.cmd, t)
	}
	return a.print(c.cmd, output.Answer{JSON: a.answers.Body(), Whole: true})
}

// usageNext is what to do about a command line that is wrong.
func usageNext(cmd *cobra.Command, err error) string {
	if errors.Is(err, input.ErrTaken) {
		return takenNext
	}
	return "see `" + cmd.CommandPath() + " --help`"
}

// limits are the options for --timeout, which wins over the longer time that an upload has.
func (a *app) limits() []rest.Option {
	if a.flags.timeout == 0 {
		return nil
	}
	return []rest.Option{rest.Timeout(a.flags.timeout), rest.AttemptTimeout(a.flags.timeout)}
}

// argumentNames are the members of errors that are arguments.
func (c *command) argumentNames() (names []string) {
	for _, p := range c.path() {
		names = append(names, p.Name)
	}
	return names
}

// input collects what the call is made with: --body, then the flags of its members, then --clear.
func (a *app) input(c *command, args []string, newBody, newQuery func() any) (*operations.Input, error) {
	in := &operations.Input{Path: map[string]string{}}
	for i, p := range c.path() {
		in.Path[p.Name] = args[i]
	}
	if c.limit != 0 && (!c.all || c.limit < 0) {
		return nil, errors.New("--limit must be positive and goes with --all")
	}
	if c.all && a.flags.format != output.Auto && a.flags.format != output.JSONL {
		return nil, errors.New("--all prints one row a line: --format must be jsonl")
	}
	query, body, err := a.members(c)
	if err != nil {
		return nil, err
	}
	if newQuery != nil {
		if in.Query, err = encode(query, newQuery()); err != nil {
			return nil, err
		}
	}
	if newBody != nil {
		if in.Body, err = encode(body, newBody()); err != nil {
			return nil, err
		}
		a.remember(body)
	}
	if c.upload() {
		if in.File, err = fileOf(c.file); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// members reads the flags into the parameters of the query and the body.
func (a *app) members(c *command) (query, body map[string]any, err error) {
	query = map[string]any{}
	if body, err = a.body(c.cmd); err != nil {
		return nil, nil, err
	}
	for _, m := range c.members {
		if m.given == nil {
			continue
		}
		value, err := m.value(a.stdin)
		switch {
		case err != nil:
			return nil, nil, err
		case m.field.In == "query" && m.field.Secret && a.flags.dryRun:
			query[m.field.Name] = wire.StandIn(variableName(m.field.Name)).Reveal()
		case m.field.In == "query":
			query[m.field.Name] = value
		default:
			input.Set(body, value, strings.Split(m.field.Name, ".")...)
		}
	}
	for _, name := range c.clear {
		if !slices.Contains(c.nullable(), name) {
			return nil, nil, fmt.Errorf("--clear must be one of %s", strings.Join(c.nullable(), ", "))
		}
		input.Set(body, nil, strings.Split(name, ".")...)
	}
	return query, body, nil
}

// encode holds an object against the type that it will be read into, and returns it as JSON.
func encode(object map[string]any, into any) (json.RawMessage, error) {
	if err := input.Decode(object, into); err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

// fileOf returns the file of an upload.
func fileOf(path string) (*rest.File, error) {
	if path == "" {
		return nil, errors.New("--file is required")
	}
	file, err := rest.FileAtPath(path)
	if err != nil {
		return nil, fmt.Errorf("--file: %w", err)
	}
	return file, nil
}

// shortest is the length from which a secret member of a body is looked for in errors. What is shorter, such as a state,
// is part of too many words.
const shortest = 6

// remember masks the secret members of a body in whatever the provider says of them.
func (a *app) remember(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, item := range v {
			if text, ok := item.(string); ok && len(text) >= shortest && slices.Contains(hidden, name) {
				a.secrets = append(a.secrets, secret.New(text))
			}
			a.remember(item)
		}
	case []any:
		for _, item := range v {
			a.remember(item)
		}
	}
}

// headers returns the options for the flags that become headers.
func headers(cmd *cobra.Command) []rest.Option {
	options := map[string]func(string) rest.Option{
		"correlation-id": rest.CorrelationID, "idempotency-key": rest.IdempotencyKey,
		"request-id": rest.RequestID, "straddle-account-id": rest.AccountID,
	}
	var out []rest.Option
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if option, ok := options[f.Name]; ok {
			out = append(out, option(f.Value.String()))
		}
	})
	return slices.Clip(out)
}

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// failure is an error as --format-error prints it.
type failure struct {
	Error    any             `json:"error"`
	ExitCode int             `json:"exit_code"`
	Next     string          `json:"next,omitempty"`
	Answer   json.RawMessage `json:"answer,omitempty"` // the provider's own, if it is JSON
}

// report tells on stderr what went wrong and returns the exit code.
func (a *app) report(err error) int {
	if err == nil || errors.Is(err, wire.ErrDryRun) {
		return exit.OK
	}
	a.call.IdempotencyKey = a.info.IdempotencyKey
	code, next := exit.Code(err, a.call), exit.Next(err, a.call)
	if !exit.Silent(err) {
		a.tellFailure(err, code, next)
	}
	return code
}

// tellFailure tells on stderr what went wrong, in the format that was asked for.
func (a *app) tellFailure(err error, code int, next string) {
	format, said := a.flags.formatError, secret.Masker(a.secrets...)(describe(err))
	if output.CheckFormat("format-error", format) != nil || format == output.Auto && a.flags.transformError == "" {
		a.tell("%s", said)
		if next != "" {
			fmt.Fprintf(a.Stderr, "  next: %s\n", next)
		}
		return
	}
	if printed := a.printFailure(err, code, next); printed != nil {
		a.tell("%s", said)
		a.tell("%v", printed)
	}
}

// printFailure prints the error in the format that was asked for.
func (a *app) printFailure(err error, code int, next string) error {
	printer := output.Printer{
		Format: a.flags.formatError, Transform: a.flags.transformError, Terminal: a.StderrTerminal, NoColor: a.noColor(),
		Redact: true, Mask: secret.Masker(a.secrets...), Hide: hidden,
	}
	f := failure{Error: map[string]any{"message": describe(err)}, ExitCode: code, Next: next}
	raw := describe(err)
	var e *rest.Error
	if errors.As(err, &e) {
		f.Error = worded(e)
		raw, f.Answer = answerOfFailure(e, raw, printer)
	}
	switch {
	case printer.Format == output.Raw && printer.Transform == "":
		_, err = fmt.Fprintln(a.Stderr, strings.TrimRight(output.Printable(raw), "\n"))
		return err
	case printer.Format == output.Auto:
		printer.Format = output.JSON
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return printer.Print(a.Stderr, output.Answer{JSON: text})
}

// answerOfFailure returns the provider's answer without secrets, as text and, if it is that, as JSON. An answer of success
// is withheld: however broken, it may hold a token that nobody knows yet.
func answerOfFailure(e *rest.Error, said string, p output.Printer) (string, json.RawMessage) {
	body := e.RawBody()
	switch {
	case len(body) == 0:
		return said, nil
	case e.Status/100 == 2:
		return said + "; the answer is withheld, as it may hold a token", nil
	}
	if masked, err := p.Hidden(body); err == nil {
		return string(masked), masked
	}
	return p.Mask(string(body)), nil
}

// tell says something on stderr.
func (a *app) tell(format string, args ...any) {
	fmt.Fprintf(a.Stderr, "fintoken: "+format+"\n", args...)
}

// warn says on stderr what is not an error, unless nobody wants to know.
func (a *app) warn(format string, args ...any) {
	if !a.flags.quiet && a.StderrTerminal {
		a.tell("warning: "+format, args...)
	}
}

func (a *app) noColor() bool { return a.Getenv("NO_COLOR") != "" || a.Getenv("TERM") == "dumb" }

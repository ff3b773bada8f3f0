package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/wrappers/rest"
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
	format := a.flags.formatError
	if output.CheckFormat("format-error", format) != nil || format == output.Auto && a.flags.transformError == "" {
		a.tell("%s", describe(err))
		if next != "" {
			fmt.Fprintf(a.Stderr, "  next: %s\n", next)
		}
		return
	}
	if printed := a.printFailure(err, code, next); printed != nil {
		a.tell("%s", describe(err))
		a.tell("%v", printed)
	}
}

// describe returns the text of an error.
func describe(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

// printFailure prints the error in the format that was asked for.
func (a *app) printFailure(err error, code int, next string) error {
	mask := wire.Masker(a.secrets)
	f := failure{Error: map[string]any{"message": describe(err)}, ExitCode: code, Next: next}
	raw := describe(err)
	var e *rest.Error
	if errors.As(err, &e) {
		f.Error = e
		if body := e.RawBody(); len(body) > 0 {
			raw = mask(string(body))
			if json.Valid([]byte(raw)) {
				f.Answer = json.RawMessage(raw)
			}
		}
	}
	format := a.flags.formatError
	switch {
	case format == output.Raw && a.flags.transformError == "":
		_, err = fmt.Fprintln(a.Stderr, printable(raw))
		return err
	case format == output.Auto:
		format = output.JSON
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	printer := output.Printer{
		Format: format, Transform: a.flags.transformError, Terminal: a.StderrTerminal, NoColor: a.noColor(),
		Redact: true, Mask: mask, Hide: hidden,
	}
	return printer.Print(a.Stderr, output.Answer{JSON: text})
}

// printable makes text fit for a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.TrimRight(text, "\n"))
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

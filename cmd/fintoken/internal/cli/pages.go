package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
)

// printAll prints the rows of all pages as the provider sends them, one a line. That nobody reads any more is no error.
func (a *app) printAll(c *command, rows func(yield func(any, error) bool), rowsOf func([]byte) ([]json.RawMessage, error)) error {
	signal.Ignore(syscall.SIGPIPE) // it would end the program in the middle
	printed, pages := 0, 0
	var page []json.RawMessage
	for _, err := range rows {
		if err != nil {
			return err
		}
		if n := a.answers.Count(); n != pages {
			if page, err = rowsOf(a.answers.Body()); err != nil {
				return err
			}
			pages = n
		}
		row := page[0]
		page = page[1:]
		if err := a.printRow(c.cmd, row); errors.Is(err, syscall.EPIPE) || a.out.err != nil && errors.Is(a.out.err, syscall.EPIPE) {
			a.out.err = nil
			return nil
		} else if err != nil {
			return err
		}
		if printed++; printed == c.limit {
			return nil
		}
	}
	return nil
}

// printRow prints a row in a line.
func (a *app) printRow(cmd *cobra.Command, row json.RawMessage) error {
	a.flags.format = output.JSONL
	return a.print(cmd, output.Answer{JSON: row})
}

// dataOf takes the rows out of an envelope.
func dataOf(answer []byte) ([]json.RawMessage, error) {
	var envelope struct {
		Data []json.RawMessage `json:"data"`
	}
	err := json.NewDecoder(bytes.NewReader(answer)).Decode(&envelope)
	return envelope.Data, err
}

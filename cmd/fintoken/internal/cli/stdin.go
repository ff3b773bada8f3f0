package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wait"
)

// stdin reads the standard input until its context ends: a terminal, or a pipe that stays open, would keep the program
// otherwise.
type stdin struct {
	app *app
	ctx context.Context
	any bool // something came
}

// lull is how long an end of stdin without any text waits for an interruption. Ctrl-C ends the programs on both sides of
// a pipe, and which of the two this one hears of first is chance.
const lull = 50 * time.Millisecond

// Read reads in the background, which is left behind when the context ends, and ends with the program.
func (s *stdin) Read(into []byte) (int, error) {
	if !s.any && s.app.StdinTerminal && s.app.StderrTerminal && !s.app.flags.quiet {
		s.app.tell("reading from the terminal; Ctrl-D on a line of its own ends the text")
	}
	text, err := wait.For(s.ctx, func() ([]byte, error) {
		text := make([]byte, len(into)) // into may be of another reader's by the time this one is through
		n, err := s.app.Stdin.Read(text)
		return text[:n], err
	})
	if errors.Is(err, io.EOF) && len(text) == 0 && !s.any {
		select {
		case <-s.ctx.Done():
			err = context.Cause(s.ctx)
		case <-time.After(lull):
		}
	}
	s.any = s.any || len(text) > 0
	return copy(into, text), err
}

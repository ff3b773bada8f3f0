package spectest

import (
	"bytes"
	"io"
)

// body reads as another body would: from its start, and to the end or the error that the other came to.
type body struct {
	io.Reader
	io.Closer
}

// take reads a body, though never more than a byte beyond a limit, and returns with what it read a body to put in its
// place. Closing that closes the one that was read. The error is the one that ended the reading; the new body has it too.
func take(from io.ReadCloser, limit int) (data []byte, again io.ReadCloser, err error) {
	if from == nil {
		return nil, nil, nil
	}
	data, err = io.ReadAll(io.LimitReader(from, int64(limit)+1))
	var rest io.Reader = from // at its end already, unless the limit came first
	if err != nil {
		rest = failed{err}
	}
	return data, body{io.MultiReader(bytes.NewReader(data), rest), from}, err
}

// failed is a reader that has come to an error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

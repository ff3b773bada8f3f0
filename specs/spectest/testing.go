package spectest

import (
	"errors"
	"fmt"
	"os"

	"github.com/fintoken/fintoken-go/specs"
)

// TB is the part of [testing.TB] that is used here. The package itself does not import testing, so that a program can
// use the rest of it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(f func())
	Name() string
}

// countFile is the environment variable that names a file for the counts.
const countFile = "FINTOKEN_SPEC_COUNT"

// reporter returns a function that fails the test once for each violation.
func reporter(t TB, doc specs.Document) func(Exchange) {
	return func(e Exchange) {
		t.Helper()
		call := "request"
		if e.Operation != nil {
			call = e.Operation.ID
		}
		var all Violations
		errors.As(e.Err, &all)
		for _, v := range all {
			t.Errorf("%s: %s (status %d): %v", doc.Name(), call, e.Status, v)
		}
	}
}

// finish fails a test that has checked nothing: it would pass just as well without the contract.
func finish(t TB, doc specs.Document, checked int) {
	t.Helper()
	if checked == 0 {
		t.Errorf("%s: no call was checked", doc.Name())
	}
	if err := writeCount(t.Name(), doc.Name(), checked); err != nil {
		t.Errorf("%s: %v", countFile, err)
	}
}

func writeCount(test, doc string, checked int) error {
	name := os.Getenv(countFile)
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// One write a line: tests of several processes share the file.
	if _, err = fmt.Fprintf(f, "%s %s %d\n", test, doc, checked); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

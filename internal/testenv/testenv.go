// Package testenv tells a test what it needs of the machine and does not find there. Such a test is skipped, and says why;
// where [NoSkip] is set, as in CI, it fails. No test is skipped in another way. No package but a test may import it.
package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// NoSkip is the variable of the environment that turns a skip into a failure, whatever its value, unless it is empty.
const NoSkip = "FINTOKEN_NO_SKIP"

// Programs skips the test unless each of the programs is in the path.
func Programs(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "the program "+name)
			return
		}
	}
}

// File skips the test unless there is a file or a device at path. What it is stands in the reason.
func File(t testing.TB, path, what string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, what+" at "+path)
	}
}

// missing ends the test for want of a thing.
func missing(t testing.TB, what string) {
	t.Helper()
	end := t.Skipf
	if os.Getenv(NoSkip) != "" {
		end = t.Fatalf
	}
	end("needs %s: `make test-tools` installs it", what)
}

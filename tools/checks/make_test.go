package checks

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// What `make run` prints is what the program prints, so that another program can read it.
func TestMakeRun(t *testing.T) {
	out, err := printed(t, "make", "run", "ARGS=--format json")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	calls := json.NewDecoder(bytes.NewReader(out))
	for calls.More() {
		var call struct{ OK bool }
		if err := calls.Decode(&call); err != nil || !call.OK {
			t.Fatalf("make run: %v\n%s", err, out)
		}
	}
	if len(out) == 0 {
		t.Error("make run prints nothing")
	}
}

// So it is with the other targets that print figures. A stand-in takes the place of what would measure for minutes.
func TestMakePrintsFiguresAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"go", "bash"} {
		write(t, dir, name, "#!/bin/sh\necho ok PASS\n")
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, target := range []string{"run", "test-faults", "bench-token", "bench-call", "bench-start", "footprint"} {
		out, err := printed(t, "env", "PATH="+dir+":/usr/bin:/bin", "make", target)
		if err != nil || string(out) != "ok PASS\n" {
			t.Errorf("make %s: %v\n%s", target, err, out)
		}
	}
}

// printed runs a program as command does and returns what it prints to stdout.
func printed(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := prepared(root, name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Logf("%s", errs.Bytes())
	}
	return out, err
}

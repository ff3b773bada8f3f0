package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/zalando/go-keyring"
)

// TestKeyringCommands put a secret into the keyring and take it out.
func TestKeyringCommands(t *testing.T) {
	keyring.MockInit()
	run := func(stdin string, terminal bool, args ...string) (string, int) {
		var out, errs bytes.Buffer
		code := Run(t.Context(), args, System{
			Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, StdinTerminal: terminal,
			Getenv: func(name string) string {
				return map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}[name]
			},
		})
		assert.NotContains(t, out.String()+errs.String(), "hunter2")
		return errs.String(), code
	}
	const entry = "finogates/sandbox/client-secret"
	text, code := run("hunter2\n", false, "keyring", "set", entry)
	assert.Equal(t, 0, code, text)
	value, err := keyring.Get("fintoken", entry)
	assert.NoError(t, err)
	assert.Equal(t, "hunter2", value)
	text, _ = run("", false, "doctor", "--offline")
	assert.Empty(t, text)
	text, code = run("", false, "keyring", "delete", entry)
	assert.Equal(t, 0, code, text)
	text, code = run("", false, "keyring", "delete", entry)
	assert.Equal(t, 3, code)
	assert.Contains(t, text, "the keyring: no such entry\n  next: ")
	text, code = run("", true, "keyring", "set", entry)
	assert.Equal(t, 2, code)
	assert.Contains(t, text, "stdin is a terminal")
}

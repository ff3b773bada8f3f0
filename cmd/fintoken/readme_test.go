package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestReadmeCommands pastes the commands of the README's part on the command line into a shell. Those after the sandbox's
// own line have the environment that it prints, and nothing else; the first block of them is pasted twice, since nothing in
// it is used up.
func TestReadmeCommands(t *testing.T) {
	testenv.Programs(t, "bash")
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, part, found := strings.Cut(string(text), "\n## Command line\n")
	require.True(t, found)
	part, _, _ = strings.Cut(part, "\n## ")
	blocks := shellBlock.FindAllStringSubmatch(part, -1)
	require.Len(t, blocks, 5, "how to install it, how to start, the commands, the one of Straddle's page, and others of Straddle")
	install, start, commands, page, more := blocks[0][1], blocks[1][1], blocks[2][1], blocks[3][1], blocks[4][1]

	w := newWorld(t)
	w.env = map[string]string{"XDG_CACHE_HOME": t.TempDir()}
	var stop func()
	defer func() {
		if stop != nil {
			stop()
		}
	}()
	for line := range strings.Lines(install + start) {
		switch command, _, _ := strings.Cut(line, "  #"); strings.TrimSpace(command) {
		case "go install github.com/fintoken/fintoken-go/cmd/fintoken@latest": // see TestInstall
		case "fintoken sandbox":
			server, out := w.start("sandbox")
			w.export(out)
			stop = func() { ended(t, server, out, syscall.SIGTERM) }
		default:
			w.paste(line)
		}
	}
	require.NotNil(t, stop, "the sandbox was not started")
	for _, block := range []string{commands, commands, page, more} {
		w.paste(block)
	}

	var journal struct {
		Calls []struct{ Operation, Refused string }
	}
	r := w.run("", "sandbox", "journal", "--format", "json")
	require.Equal(t, 0, r.code, r.stderr)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &journal))
	var operations []string
	for _, call := range journal.Calls {
		assert.NotEmpty(t, call.Operation, "a call that nobody made: %s", call.Refused)
		operations = append(operations, call.Operation)
	}
	assert.Subset(t, operations, []string{"createBridgeToken", "createEmbedToken", "getToken", "revokeToken", "listCustomers"})
}

// paste gives lines to a shell, each of which must work.
func (w *world) paste(lines string) {
	w.t.Helper()
	out, err := w.shell("bash", "--norc", "-euo", "pipefail", "-c", `trap 'echo "failed: $BASH_COMMAND"' ERR`+"\n"+lines)
	require.NoError(w.t, err, "%s\n%s", lines, out)
}

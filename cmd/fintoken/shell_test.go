package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// shell runs a script with the program in the path and returns what it printed.
func (w *world) shell(name string, args ...string) (string, error) {
	w.t.Helper()
	w.order()
	defer w.order()
	out, err := w.other(name, args...).CombinedOutput()
	return string(out), err
}

// bashCompletion is what the script for bash builds on.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

// TestCompletionScripts loads the script into each shell and has it complete a word.
func TestCompletionScripts(t *testing.T) {
	const line = "fintoken straddle bridge initialize --config.sandbox-outcome re"
	for shell, script := range map[string]string{
		"bash": `source ` + bashCompletion + ` && source <(fintoken completion bash) &&
			COMP_LINE="` + line + `" COMP_POINT=${#COMP_LINE} COMP_WORDS=(` + line + `) COMP_CWORD=5 COMP_TYPE=9 &&
			__start_fintoken fintoken && printf '%s\n' "${COMPREPLY[@]}"`,
		"zsh": `autoload -U compinit && compinit -u -D && source <(fintoken completion zsh) && [[ $_comps[fintoken] == _fintoken ]] &&
			compadd() { :; } && _describe() { eval "print -l \$completions" } && words=(` + line + `) && CURRENT=6 && _fintoken`,
		"fish": `fintoken completion fish | source; complete -C '` + line + `'`,
	} {
		t.Run(shell, func(t *testing.T) {
			testenv.Programs(t, shell)
			if shell == "bash" {
				testenv.File(t, bashCompletion, "the package bash-completion")
			}
			w := newWorld(t)
			args := map[string][]string{"bash": {"--norc", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"}}[shell]
			out, err := w.shell(shell, append(args, script)...)
			require.NoError(t, err, out)
			for _, word := range []string{"rejected", "review"} {
				assert.Contains(t, out, word)
			}
			if shell != "zsh" { // which sorts out by itself what does not fit
				assert.NotContains(t, out, "standard")
			}
		})
	}
	w := newWorld(t)
	assert.Contains(t, w.run("", "completion", "powershell").stdout, "Register-ArgumentCompleter")
}

// TestDryRunRuns: what a dry run prints is a script of a POSIX shell that does what the command does.
func TestDryRunRuns(t *testing.T) {
	testenv.Programs(t, "curl", "sh")
	w := newWorld(t)
	w.env["FINAPI_TOKEN"] = "any token"
	refresh := w.run("", "finapi", "token", "--grant-type", "password", "--transform", "refresh_token", "--format", "raw")
	w.env["FINAPI_REFRESH_TOKEN"] = strings.TrimSpace(refresh.stdout)
	w.env["FINAPI_BEARER"] = strings.TrimSpace(w.run("", "finapi", "token", "--format", "raw").stdout)
	w.env["FINOGATES_BEARER"] = strings.TrimSpace(w.run("", "finogates", "auth", "token", "--format", "raw").stdout)
	for line, want := range map[string]string{
		"finapi token":                                                   "access_token",
		"finapi token --grant-type password":                             "refresh_token",
		"finapi token --grant-type refresh_token":                        "access_token",
		"finapi revoke --token-type-hint access_token --request-id it's": "access_token", // of the first of the two
		"finogates auth token":                                           "access_token",
		"finogates embed-token create --parent-origin https://a.example --user-id " + w.c.Finogates.UserID: "embed_url",
		"straddle bridge initialize --external-id it's --customer-id " + w.c.Straddle.CustomerID:           "bridge_token",
	} {
		script := w.run("", append(strings.Fields(line), "--dry-run")...)
		require.Equal(t, 0, script.code, script.stderr)
		for _, secret := range w.secrets() {
			assert.NotContains(t, script.stdout+script.stderr, secret)
		}
		out, err := w.shell("sh", "-euc", strings.ReplaceAll(script.stdout, "curl --request", "curl --silent --show-error --request"))
		assert.NoError(t, err, out)
		assert.Contains(t, out, want, line)
		assert.NotContains(t, out, `"error`, line)
	}
}

// terminal is a shell in a real terminal.
type terminal struct {
	t      *testing.T
	socket string
}

func newTerminal(w *world) *terminal {
	testenv.Programs(w.t, "tmux", "bash")
	dir, err := os.MkdirTemp("", "tmux") // a socket's path must be short
	require.NoError(w.t, err)
	t := &terminal{w.t, filepath.Join(dir, "s")}
	w.env["TERM"], w.env["LANG"] = "screen", "C.UTF-8"
	cmd := w.other("tmux", "-S", t.socket, "-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "60", "bash --norc --noprofile")
	out, err := cmd.CombinedOutput()
	require.NoError(w.t, err, string(out))
	w.t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", t.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	t.keys("-l", "PS1='ready> '")
	t.keys("Enter")
	t.waitFor("\nready>")
	return t
}

// keys types keys, by tmux's names for them.
func (t *terminal) keys(keys ...string) {
	t.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", t.socket, "send-keys"}, keys...)...).CombinedOutput()
	require.NoError(t.t, err, string(out))
}

// screen returns what the terminal shows, with its colors.
func (t *terminal) screen() string {
	out, err := exec.Command("tmux", "-S", t.socket, "capture-pane", "-p", "-e").Output()
	require.NoError(t.t, err)
	return string(out)
}

// waitFor waits until the terminal shows a text.
func (t *terminal) waitFor(text string) string {
	t.t.Helper()
	for end := time.Now().Add(hangs); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if screen := t.screen(); strings.Contains(screen, text) {
			return screen
		}
	}
	t.t.Fatalf("the terminal does not show %q:\n%s", text, t.screen())
	return ""
}

// enter types a line and waits for what it brings.
func (t *terminal) enter(line, want string) string {
	t.t.Helper()
	t.keys("clear", "Enter")
	t.waitFor("ready>")
	t.keys("-l", line)
	t.keys("Enter")
	return t.waitFor(want)
}

// TestTerminal plays a session in a real terminal: help, color, a wait, and Ctrl-C in it.
func TestTerminal(t *testing.T) {
	w := newWorld(t)
	term := newTerminal(w)
	term.enter("fintoken; echo code=$?", "code=0")
	term.enter("fintoken straddle bridge initialyze; echo code=$?", "did you mean `fintoken straddle bridge initialize`?")
	term.enter("fintoken straddle bridge initialize --customer-id "+w.c.Straddle.CustomerID, "\x1b[36m\"response_type\"")
	term.enter("NO_COLOR=1 fintoken straddle bridge initialize --customer-id "+w.c.Straddle.CustomerID, "\n  \"response_type\": \"object\"")
	term.enter("fintoken finapi token --client-secret wrong-secret", "warning: --client-secret can be seen by other programs")

	fault := w.run("", "sandbox", "faults", "add", "--provider", "straddle", "--status", "429", "--retry-after", "9")
	require.Equal(t, 0, fault.code, fault.stderr)
	term.enter("fintoken straddle bridge initialize --timeout 60s --customer-id "+w.c.Straddle.CustomerID+"; echo code=$?", "waiting 9")
	term.keys("C-c")
	assert.Contains(t, term.waitFor("code=130"), "interrupted")
}

// TestTerminalCompletes completes a value with the key that people use for it.
func TestTerminalCompletes(t *testing.T) {
	testenv.File(t, bashCompletion, "the package bash-completion")
	term := newTerminal(newWorld(t))
	term.enter("source "+bashCompletion+"; source <(fintoken completion bash); echo load''ed", "loaded")
	term.keys("clear", "Enter")
	term.keys("-l", "fintoken straddle bridge initialize --config.sandbox-outcome rej")
	term.keys("Tab")
	term.waitFor("--config.sandbox-outcome rejected")
}

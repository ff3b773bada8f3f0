package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/operations"
)

// command is one that the help shows.
type command struct {
	path []string // without the name of the program
	runs bool     // does something itself, and not only hold others
	help string
}

// commands returns every command below path, in the way in which a person finds them: from help to help.
func (w *world) commands(path ...string) []command {
	w.t.Helper()
	r := w.run("", with(path, "--help")...)
	require.Equal(w.t, 0, r.code, r.stderr)
	usage := "\n  " + strings.Join(append([]string{"fintoken"}, path...), " ") + " "
	require.Contains(w.t, r.stdout, "\nUsage:"+usage)
	all := []command{{path: path, runs: !strings.Contains(r.stdout, usage+"<command> "), help: r.stdout}}
	_, list, _ := strings.Cut(r.stdout, "\nCommands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		all = append(all, w.commands(with(path, strings.Fields(line)[0])...)...)
	}
	return all
}

// TestEveryCommandHasAScene: a command that was added has golden files, too: for success, for a misuse, and, if it calls
// somebody, for a refusal and a missing network. Of commands that are made from a table, one of a shape has. A page of the
// manual is there for each.
func TestEveryCommandHasAScene(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "man1")
	require.Equal(t, 0, w.run("", "man", dir).code)
	shapes := map[string][]command{}
	var all []command
	for _, c := range w.commands() {
		page, err := os.ReadFile(filepath.Join(dir, strings.Join(append([]string{"fintoken"}, c.path...), "-")+".1"))
		assert.NoError(t, err)
		if len(c.path) > 0 { // the program itself says where to start
			assert.Contains(t, string(page), ".SH EXAMPLES")
			assert.Contains(t, c.help, "\nExamples:\n", "help leads with examples")
		}
		if c.runs {
			all = append(all, c)
			shapes[shape(c.path)] = append(shapes[shape(c.path)], c)
		}
	}
	assert.GreaterOrEqual(t, len(all), 30+len(operations.Straddle), "the help was understood")
	for name, alike := range shapes {
		assertScenes(t, scenes(w), name, alike, all)
	}
}

// assertScenes fails if no command of a shape is played in some way.
func assertScenes(t *testing.T, scenes []scene, name string, alike, all []command) {
	t.Helper()
	var ways [offline + 1]bool
	local := true
	for _, s := range scenes {
		if !slices.ContainsFunc(alike, func(c command) bool { return plays(s, c, all) }) {
			continue
		}
		local = local && s.local
		for way := range ways {
			ways[way] = ways[way] || s.line(way) != nil
		}
	}
	assert.True(t, ways[goes], "%s has no scene of success", name)
	assert.True(t, ways[misused], "%s has no scene of misuse", name)
	callsNobody := local || slices.Contains([]string{"sandbox", "doctor"}, name) // which nobody refuses anything
	assert.True(t, ways[refused] || callsNobody, "%s has no scene of a refusal", name)
	assert.True(t, ways[offline] || local, "%s has no scene without a network", name)
}

// plays reports whether a scene is about a command, and not about one below it.
func plays(s scene, c command, all []command) bool {
	line := slices.Concat(s.good, s.refused)
	var found []string
	for _, other := range all {
		if len(line) >= len(other.path) && slices.Equal(line[:len(other.path)], other.path) && len(other.path) > len(found) {
			found = other.path
		}
	}
	return slices.Equal(found, c.path)
}

package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/internal/operations/operationstest"
)

// newApp returns a program that has an API key and is not run.
func newApp() (a *app, root *cobra.Command) {
	a = &app{
		System:   System{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }},
		unfilled: map[*cobra.Command]func(){}, stdin: &input.Stdin{Reader: strings.NewReader("")},
	}
	root = a.newRoot()
	return a, root
}

// generated are the calls of all tables.
func generated() (all []operationstest.Operation) {
	for _, table := range operationstest.Tables {
		all = append(all, table.Operations...)
	}
	return all
}

// called runs a command line in a dry run, where what is no secret is in the environment, and returns what it prints.
func called(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	clients := map[string]string{}
	for _, v := range vendors() {
		for _, c := range v.credentials {
			if c.open {
				clients[v.variable(c)] = "the-client"
			}
		}
	}
	var out, errs bytes.Buffer
	code = Run(t.Context(), append(args, "--dry-run"), System{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return clients[name] }, Version: "v0",
	})
	return out.String(), errs.String(), code
}

// TestEveryOperationHasACommand: of every operation of every document there is a command, and its help says what the
// document says.
func TestEveryOperationHasACommand(t *testing.T) {
	all := operations.All()
	require.Greater(t, len(all), 70)
	for _, op := range all {
		a, root := newApp()
		path := append([]string{op.Provider}, op.Command...)
		cmd, rest, err := a.find(root, path)
		require.NoError(t, err, op.ID)
		require.Empty(t, rest, op.ID)
		require.Equal(t, "fintoken "+strings.Join(path, " "), cmd.CommandPath())
		if slices.Contains([]string{"finapi", "finogates"}, op.Provider) {
			continue // their commands are written by hand
		}
		var help bytes.Buffer
		cmd.SetOut(&help)
		a.help(cmd, nil)
		for _, want := range []string{op.Summary + ".", op.Source, "evidence: " + op.Evidence, op.Deprecated, "\nExamples:\n  fintoken " + strings.Join(path, " ")} {
			assert.Contains(t, strings.ReplaceAll(help.String(), " (deprecated).", "."), want, op.ID)
		}
		for _, f := range slices.Concat(op.Params, op.Body) {
			if op.Media != "multipart/form-data" || f.In != "" {
				assert.Contains(t, help.String(), map[bool]string{true: strings.ToUpper(f.Name) + ": ", false: "--" + flagName(f.Name) + " "}[f.In == "path"], op.ID)
			}
			for _, value := range f.Values {
				assert.Contains(t, help.String(), value, op.ID)
			}
		}
		for _, alias := range cmd.Aliases {
			found, _, err := a.find(root, append(path[:len(path)-1:len(path)-1], alias))
			require.NoError(t, err)
			assert.Same(t, cmd, found, "%s: another command is called %s, too", op.ID, alias)
		}
	}
	for id := range aliases {
		assert.True(t, slices.ContainsFunc(all, func(op *operations.Info) bool { return op.ID == id }), id)
	}
}

// goodFor and badFor are values of a flag.
func goodFor(f operations.Field) string {
	return map[string]string{"integer": "7", "number": "7.5", "boolean": "true", "object": "{a: b}", "array": "[a]"}[f.Type] + map[bool]string{true: "text"}[f.Type == "string"]
}

var badFor = map[string]string{"integer": "7.5", "number": `"7"`, "boolean": "yes"}

// TestEveryFlagParses: each member has a flag of its own in every spelling, which takes what is of its type and refuses the
// rest by name. No flag hides one of the whole program.
func TestEveryFlagParses(t *testing.T) {
	for _, one := range generated() {
		op := &one.Info
		a, root := newApp()
		cmd, _, err := a.find(root, append([]string{op.Provider}, op.Command...))
		require.NoError(t, err)
		for _, f := range slices.Concat(op.Params, op.Body) {
			if f.In == "path" || op.Media == "multipart/form-data" {
				continue
			}
			name := flagName(f.Name)
			flag := cmd.Flags().Lookup(name)
			require.NotNil(t, flag, "%s: %s", op.ID, name)
			assert.Nil(t, root.PersistentFlags().Lookup(name), "%s: --%s is a flag of the whole program", op.ID, name)
			for _, spelling := range []string{f.Name, strings.ReplaceAll(name, ".", "-"), strings.ReplaceAll(f.Name, ".", "_")} {
				assert.Same(t, flag, cmd.Flags().Lookup(spelling), "%s: --%s", op.ID, spelling)
			}
			require.NoError(t, cmd.Flags().Set(name, goodFor(f)), "%s: --%s", op.ID, name)
			value, err := flag.Value.(*member).value(a.stdin)
			require.NoError(t, err)
			text, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"integer": "7", "number": "7.5", "boolean": "true", "object": `{"a":"b"}`, "array": `["a"]`, "string": `"text"`}[f.Type], string(text))
			if bad, ok := badFor[f.Type]; ok {
				err := plain(cmd.ParseFlags([]string{"--" + name + "=" + bad}))
				assert.ErrorContains(t, err, "--"+name+" must be ", op.ID)
			}
		}
	}
}

// TestEmptyList: an empty list is sent as one, and not as null.
func TestEmptyList(t *testing.T) {
	m := &member{field: operations.Field{Name: "products", Type: "array", Items: "string"}, given: []string{"[]"}}
	value, err := m.value(&input.Stdin{})
	require.NoError(t, err)
	text, err := json.Marshal(value)
	require.NoError(t, err)
	assert.Equal(t, "[]", string(text))
}

// TestEveryExampleCalls: the example of the help is a command line that makes the call, with the body of the document's
// example.
func TestEveryExampleCalls(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("proof.pdf", []byte("%PDF"), 0o600))
	for _, op := range generated() {
		a, root := newApp()
		cmd, _, err := a.find(root, append([]string{op.Provider}, op.Command...))
		require.NoError(t, err)
		c := a.newCommand(&op.Info, op.NewBody, nil)
		args := c.exampleArgs()
		assert.Contains(t, cmd.Example, "  fintoken "+strings.Join(args[:1+len(op.Command)], " "))
		out, errs, code := called(t, args...)
		assert.Zero(t, code, "%s: %s", op.ID, errs)
		path := op.Path
		for _, p := range c.path() {
			require.NotEmpty(t, p.Example, op.ID)
			path = strings.ReplaceAll(path, "{"+p.Name+"}", p.Example)
		}
		v, known := named(op.Provider)
		require.True(t, known)
		assert.Contains(t, out, "curl --request "+op.Method+" \\\n  --url '"+v.sandbox+path+"'", op.ID)
		a.filled(c.cmd)
		words := args[1+len(op.Command):]
		require.NoError(t, c.cmd.ParseFlags(words[len(c.path()):]), op.ID)
		in, err := a.input(c, words[:len(c.path())], op.NewBody, op.NewQuery)
		require.NoError(t, err, op.ID)
		for _, name := range c.nullable() {
			body, into := map[string]any{}, op.NewBody()
			input.Set(body, nil, strings.Split(name, ".")...)
			require.NoError(t, input.Decode(body, into), op.ID)
			text, err := json.Marshal(into)
			require.NoError(t, err)
			assert.Contains(t, string(text), ":null", "%s: --clear %s", op.ID, name)
		}
		if op.Example != "" {
			assert.JSONEq(t, op.Example, string(in.Body), op.ID)
		}
	}
}

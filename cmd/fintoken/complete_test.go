package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// TestEveryOperationIsWhole: each operation of each document has a line in the table, a method of the wrapper, a command, a
// row in docs/operations.md, tests of what goes over the wire, and an answer of the sandbox that keeps to the document.
// Nothing here is named by hand, so that an operation is missed as soon as it is in a document.
func TestEveryOperationIsWhole(t *testing.T) {
	w := newWorld(t)
	rows := operationRows(t, w)
	list, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	wire := wireTested(t)
	for _, doc := range specs.All() {
		require.NotEmpty(t, doc.Operations(), doc.Name())
		for _, op := range doc.Operations() {
			t.Run(op.ID, func(t *testing.T) {
				row := rows[doc.Name()+" "+op.ID]
				require.NotNil(t, row, "package operations does not have it")
				assert.True(t, hasMethod(w.s.Clients(), row["provider"], row["service"]), "no method %s: it is generated unless the document says x-handwritten", row["service"])
				help := w.run("", append(strings.Fields(row["command"])[1:], "--help")...)
				assert.Contains(t, help.stdout, "\nUsage:\n  "+row["command"]+" ", "no such command")
				assert.Contains(t, string(list), listed(row), "not in docs/operations.md")
				assert.True(t, wire(op.ID), "neither the tests of package operations nor those of the generated client know it")
				assert.Contains(t, []string{string(sandbox.FromState), string(sandbox.FromExample)}, row["sandbox"], "the sandbox does not answer it")
				asked(t, w, doc, row)
			})
		}
	}
}

// listed is a line of spec operations as docs/operations.md has it.
func listed(row map[string]string) string {
	code := func(text string) string { return "`" + text + "`" }
	return "\n| " + strings.Join([]string{
		row["provider"], code(row["operation"]), code(row["method"] + " " + row["path"]), code(row["service"]),
		code(strings.TrimPrefix(row["command"], "fintoken ")), row["repeat"], row["evidence"],
	}, " | ") + " |\n"
}

// operationRows returns the lines of fintoken spec operations by document and operation.
func operationRows(t *testing.T, w *world) map[string]map[string]string {
	t.Helper()
	r := w.run("", "spec", "operations", "--format", "jsonl")
	require.Equal(t, 0, r.code, r.stderr)
	rows := map[string]map[string]string{}
	for line := range strings.Lines(r.stdout) {
		var row map[string]string
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		rows[row["document"]+".yaml "+row["operation"]] = row
	}
	return rows
}

// hasMethod reports whether the client of a provider has a method, or its service has, as in Customers.Get.
func hasMethod(clients *sandbox.Clients, provider, name string) bool {
	v := reflect.ValueOf(*clients).FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, provider) })
	if !v.IsValid() {
		return false
	}
	if service, method, ok := strings.Cut(name, "."); ok {
		if v, name = v.Elem().FieldByName(service), method; !v.IsValid() {
			return false
		}
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	return v.MethodByName(name).IsValid()
}

// wireTested returns a function that reports whether there are tests of what an operation sends and gets: those of package
// operations go over the table of the calls of services, and those of a generated client name its operations.
func wireTested(t *testing.T) func(id string) bool {
	t.Helper()
	table := map[string]bool{}
	for _, op := range operations.Straddle {
		table[op.ID] = true
	}
	files, err := filepath.Glob("../../gen/*/*_test.go")
	require.NoError(t, err)
	var text []byte
	for _, file := range files {
		one, err := os.ReadFile(file)
		require.NoError(t, err)
		text = append(text, one...)
	}
	return func(id string) bool { return table[id] || bytes.Contains(text, []byte(`"`+id+`": `)) }
}

// asked sends each example of a request to the sandbox, which must take it for the operation and answer as the document says.
func asked(t *testing.T, w *world, doc specs.Document, row map[string]string) {
	t.Helper()
	path := row["path"]
	for _, op := range operations.All() {
		for _, p := range op.Params {
			if op.ID == row["operation"] && p.In == "path" {
				path = strings.ReplaceAll(path, "{"+p.Name+"}", p.Example)
			}
		}
	}
	examples := spectest.Examples(doc, row["operation"], "request")
	if len(examples) == 0 {
		examples = []string{""}
	}
	for _, example := range examples {
		req := httptest.NewRequestWithContext(t.Context(), row["method"], "/"+row["provider"]+path, http.NoBody)
		if example != "" {
			body, media, err := spectest.Example(doc, row["operation"], "request", example)
			require.NoError(t, err)
			req = httptest.NewRequestWithContext(t.Context(), row["method"], "/"+row["provider"]+path, bytes.NewReader(body))
			req.Header.Set("Content-Type", media)
		}
		req.Header.Set("Authorization", "Bearer "+bearerOf(t, w, row["provider"]))
		rec := httptest.NewRecorder()
		w.s.Sandbox().ServeHTTP(rec, req)
		calls := w.s.Sandbox().Calls()
		assert.Equal(t, row["operation"], calls[len(calls)-1].Operation, example)
		assert.Less(t, rec.Code, 500, "%s: %s", example, rec.Body)
	}
}

// bearerOf returns the bearer that a provider knows.
func bearerOf(t *testing.T, w *world, provider string) string {
	t.Helper()
	var got string
	switch provider {
	case "finapi":
		got = w.run("", "finapi", "token", "--format", "raw").stdout
	case "finogates":
		got = w.run("", "finogates", "auth", "token", "--format", "raw").stdout
	case "straddle":
		got = w.c.Straddle.APIKey
	}
	return strings.TrimSpace(got)
}

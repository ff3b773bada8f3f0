package main

import (
	"bytes"
	"flag"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// tree is a tree with the mini-document, its client and the handwritten part of its wrapper.
type tree struct{ document, client, wrapper string }

// grown returns such a tree in a folder that can be written to, with a change in its document or its client.
func grown(t *testing.T, from, to string) tree {
	t.Helper()
	root := t.TempDir()
	made := tree{filepath.Join(root, "specs", "lab.yaml"), filepath.Join(root, "gen", "lab", "lab.gen.go"), filepath.Join(root, "wrappers", "lab")}
	changed := from == ""
	for path, source := range map[string]string{made.document: "lab.yaml", made.client: "lab.gen.go", filepath.Join(made.wrapper, "lab.go"): "wrapper.go"} {
		text := string(read(t, filepath.Join("testdata", source)))
		changed = changed || strings.Contains(text, from)
		put(t, path, strings.Replace(text, from, to, 1))
	}
	if err := os.MkdirAll(filepath.Join(root, "internal", "operations"), 0o755); err != nil {
		t.Fatal(err)
	}
	if !changed {
		t.Fatalf("nothing has %q", from)
	}
	return made
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// made returns the files that were written, by their name.
func (m tree) made(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{filepath.Join(filepath.Dir(m.client), "*gen*.go"), filepath.Join(m.wrapper, "*.gen.go"), filepath.Join(m.wrapper, "..", "..", "internal", "operations", "*.go")} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := filepath.Base(path)
			if strings.Contains(path, "operations") {
				name = "table-" + name
			}
			if path != m.client {
				files[name] = read(t, path)
			}
		}
	}
	return files
}

func (m tree) run() error { return run([]string{m.document, m.client, m.wrapper}) }

// What is written for the mini-document, which has one of everything, is what the golden files hold, and the second time it
// is the same.
func TestGolden(t *testing.T) {
	m := grown(t, "", "")
	put(t, filepath.Join(m.wrapper, "gone.gen.go"), "package lab")
	var first map[string][]byte
	for range 2 {
		if err := m.run(); err != nil {
			t.Fatal(err)
		}
		files := m.made(t)
		if first != nil && !maps.EqualFunc(first, files, bytes.Equal) {
			t.Error("the second time something else is written")
		}
		first = files
	}
	if *update {
		for name, text := range first {
			put(t, filepath.Join("testdata", "golden", name+".golden"), string(text))
		}
	}
	goldens, err := filepath.Glob("testdata/golden/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range goldens {
		name := strings.TrimSuffix(filepath.Base(path), ".golden")
		if !bytes.Equal(first[name], read(t, path)) {
			t.Errorf("%s is not what %s holds; see -update:\n%s", name, path, first[name])
		}
		delete(first, name)
	}
	if len(first) > 0 {
		t.Errorf("there is no golden file for %v", slices.Sorted(maps.Keys(first)))
	}
}

// Where there is no page, nothing is imported for one.
func TestNoPages(t *testing.T) {
	m := grown(t, "      x-page: page\n", "")
	if err := m.run(); err != nil {
		t.Fatal(err)
	}
	if text := string(m.made(t)["table-lab.gen.go"]); strings.Contains(text, "iter") {
		t.Error(text)
	}
}

// A client that is written by hand is not written once more.
func TestClientByHand(t *testing.T) {
	m := grown(t, "package lab\n\n// Simulated", "package lab\n\ntype Client struct{}\n\n// Simulated")
	if err := m.run(); err != nil {
		t.Fatal(err)
	}
	if _, written := m.made(t)["client.gen.go"]; written {
		t.Error("there are two clients")
	}
}

// The list and the table of all have each document of the folder.
func TestList(t *testing.T) {
	m := grown(t, "", "")
	folder, operations := filepath.Dir(m.document), filepath.Join(m.wrapper, "..", "..", "internal", "operations")
	put(t, filepath.Join(folder, "by-hand.yaml"), `openapi: 3.0.3
info: {title: by hand, version: '1'}
paths:
  /token:
    post: {operationId: getToken, tags: [token], summary: Get, externalDocs: {url: 'https://lab.example'}, x-handwritten: a token, responses: {}}
`)
	list := filepath.Join(folder, "list.md")
	if err := run([]string{"list", list, folder, operations}); err != nil {
		t.Fatal(err)
	}
	all := string(read(t, filepath.Join(operations, "all.gen.go")))
	for text, wants := range map[string][]string{
		string(read(t, list)): {"\n## by hand\n", "\n## lab\n", "| lab | `createThing` |"},
		all:                   {"infos(ByHand)", "infos(Lab)"},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("nothing has %q:\n%s", want, text)
			}
		}
	}
}

// What is written is Go.
func TestGoldensAreGo(t *testing.T) {
	m := grown(t, "", "")
	if err := m.run(); err != nil {
		t.Fatal(err)
	}
	for name, text := range m.made(t) {
		if _, err := parser.ParseFile(token.NewFileSet(), name, text, parser.AllErrors); err != nil {
			t.Error(err)
		}
	}
}

// What cannot be written as it must be ends the generation, and nothing is written.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"a secret without a field":      {`json:"client_secret,omitempty"` + "`", `json:"secret,omitempty"` + "`", "no type of the client has the secret client_secret of thingrequest"},
		"a parameter without one":       {"type ListThingsParams struct", "type ListParams struct", "no type of the client has the secret api-key of listthingsparams"},
		"a type that is not hidden":     {"Pin          string                   `json:\"pin", "Pin          int                      `json:\"pin", "ThingRequest.Pin is secret, and of a type that is not known how to hide: int"},
		"no Go":                         {"package lab", "lab", "expected 'package'"},
		"an operation without a source": {"      externalDocs: {description: 'Lab, things', url: 'https://lab.example/things'}\n      x-evidence: observed", "      x-evidence: observed", "GET /things: must have an operationId, one tag and externalDocs"},
		"a response without a name":     {"content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}", "content: {application/json: {schema: {type: object}}}", "must be a schema with a name"},
		"an older map without items":    {"value: color", "value: hue", "x-older-map: its items have no such members"},
	} {
		t.Run(name, func(t *testing.T) {
			m := grown(t, c.from, c.to)
			if err := m.run(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	for _, args := range [][]string{nil, {"a"}, {"no-such-document", "b"}, {"a", "b", "c", "d"}} {
		if err := run(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

// Names of methods, commands and parameters.
func TestNames(t *testing.T) {
	for _, c := range [][3]string{
		{"createCustomer", "customers", "Create"},
		{"listCustomers", "customers", "List"},
		{"getAccountSettings", "accountSettings", "Get"},
		{"listFundingEventPayments", "fundingEvents", "ListPayments"},
		{"createCustomerStatusTotals", "reports", "CreateCustomerStatusTotals"},
	} {
		if got := methodName(c[0], c[1]); got != c[2] {
			t.Errorf("%s of %s is %s, want %s", c[0], c[1], got, c[2])
		}
	}
	for name, want := range map[string]string{"ID": "id", "CustomerID": "customerID", "IPAddress": "ipAddress", "Name": "name"} {
		if got := lower(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{"fundingEvents": "funding-events", "ListPayments": "list-payments", "bridge": "bridge"} {
		if got := kebab(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for verb, want := range map[string]string{"create": "creates", "cash": "cashes", "pass": "passes", "fetch": "fetches"} {
		if got := third(verb); got != want {
			t.Errorf("%s is %s, want %s", verb, got, want)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

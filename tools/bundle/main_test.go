package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated to testdata")

// mini copies the mini-document to a folder that can be written to, with a change in one of its files.
func mini(t *testing.T, file, from, to string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "mini"))); err != nil {
		t.Fatal(err)
	}
	if file != "" {
		text := string(read(t, filepath.Join(folder, file)))
		if !strings.Contains(text, from) {
			t.Fatalf("%s has no %q", file, from)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(strings.Replace(text, from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "mini.yaml")
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// golden holds what was made of the mini-document.
var golden = []string{
	"mini.gen.go", "bundle/mini.yaml", "bundle/mini/listParts.json", "bundle/mini/putThing.json", "bundle/mini/removeThing.json",
}

func TestBundle(t *testing.T) {
	doc := mini(t, "", "", "")
	folder := filepath.Dir(doc)
	old := filepath.Join(folder, "bundle", "mini", "gone.json")
	if err := os.MkdirAll(filepath.Dir(old), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing changes
		if err := run([]string{doc}); err != nil {
			t.Fatal(err)
		}
		for _, name := range golden {
			got, path := read(t, filepath.Join(folder, name)), filepath.Join("testdata", "golden", filepath.Base(name)+".golden")
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, read(t, path)) {
				t.Errorf("%s is not what %s holds; see -update:\n%s", name, path, got)
			}
		}
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "bundle", "mini", "*")); len(files) != 3 {
		t.Errorf("%v: one file an operation, and no old one", files)
	}
}

// A document of one file is its own bundle.
func TestBundleOfOneFile(t *testing.T) {
	doc := mini(t, "", "", "")
	if err := os.RemoveAll(strings.TrimSuffix(doc, ".yaml")); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{doc}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, doc), read(t, filepath.Join(filepath.Dir(doc), "bundle", "mini.yaml"))) {
		t.Error("the bundle is not the file")
	}
}

func TestBundleRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ file, from, to, want string }{
		"a component twice":      {"mini/things.yaml", "    Thing:\n", "    Big:\n      type: object\n    Thing:\n", "components/schemas/Big is in FOLDER/mini/parts.yaml and in FOLDER/mini/things.yaml"},
		"a component of the top": {"mini/things.yaml", "    Thing:\n", "    Error:\n      type: object\n    Thing:\n", "components/schemas/Error is in FOLDER/mini.yaml and in FOLDER/mini/things.yaml"},
		"a path twice":           {"mini/things.yaml", "  /things/{id}:", "  /parts: {}\n  /things/{id}:", "paths//parts is in FOLDER/mini/parts.yaml and in FOLDER/mini/things.yaml"},
		"a tag twice":            {"mini/parts.yaml", "name: parts", "name: things", "tags/things is in FOLDER/mini.yaml and in FOLDER/mini/parts.yaml"},
		"an event twice":         {"mini/things.yaml", "paths:", "x-events:\n  part.made: {}\npaths:", "x-events/part.made is in FOLDER/mini/parts.yaml and in FOLDER/mini/things.yaml"},
		"a tag without a name":   {"mini/parts.yaml", "name: parts", "title: parts", "FOLDER/mini/parts.yaml:2: tags: an item must have a name"},
		"another member":         {"mini/parts.yaml", "tags:", "servers: []\ntags:", "FOLDER/mini/parts.yaml:1: servers: a file of a folder has paths, components, tags, x-events, and nothing else"},
		"no object":              {"mini/parts.yaml", "tags:\n", "x-events: x\ntags:\n", "FOLDER/mini/parts.yaml:1: x-events: must be an object"},
		"a list":                 {"mini/parts.yaml", "tags:", "- x\n#", "FOLDER/mini/parts.yaml"},
		"a member twice":         {"mini/parts.yaml", "      summary:", "      tags: []\n      summary:", "tags"},
		"another document":       {"mini/parts.yaml", "'#/components/schemas/Big'", "'other.yaml#/components/schemas/Big'", "FOLDER/mini.yaml: $ref other.yaml#/components/schemas/Big: must be #/components/SECTION/NAME"},
		"no such component":      {"mini/parts.yaml", "'#/components/schemas/Big'", "'#/components/schemas/Bigger'", "$ref #/components/schemas/Bigger: there is none"},
		"no such mapping":        {"mini/parts.yaml", "small: '#/components/schemas/Small'", "small: Small", "$ref Small: must be"},
		"no such event":          {"mini/parts.yaml", "schemas/PartEvent'", "schemas/Event'", "$ref #/components/schemas/Event: there is none"},
		"no operationId":         {"mini/parts.yaml", "operationId: listParts", "x-id: a", "GET /parts: operationId: must be letters and digits, a letter first"},
		"an id that is a path":   {"mini/parts.yaml", "operationId: listParts", "operationId: ../a", "GET /parts: operationId: must be"},
		"an id twice":            {"mini/parts.yaml", "operationId: listParts", "operationId: PutThing", "operationId putThing: /parts and /things/{id} have it"},
		"no number of JSON":      {"mini/parts.yaml", "0.5", ".5", ".5: must be a number as JSON has them, or quoted"},
		"a value of no type":     {"mini/parts.yaml", "0.5", "!!binary aa==", "a value of this type has no place in a document"},
		"no YAML":                {"mini/parts.yaml", "tags:", "\t", "FOLDER/mini/parts.yaml: yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := mini(t, tt.file, tt.from, tt.to)
			err := run([]string{doc})
			if want := strings.ReplaceAll(tt.want, "FOLDER", filepath.Dir(doc)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), "bundle")); err == nil {
				t.Error("something was written")
			}
		})
	}
	for _, args := range [][]string{{}, {"no-such-document"}} {
		if err := run(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

// A slice loses the words for people and no other: each is a part of the whole document.
func TestSlicesAreParts(t *testing.T) {
	text := read(t, filepath.Join("testdata", "golden", "putThing.json.golden"))
	var slice object
	if err := json.Unmarshal(text, &slice); err != nil {
		t.Fatal(err)
	}
	whole, err := parse(read(t, filepath.Join("testdata", "golden", "mini.yaml.golden")))
	if err != nil {
		t.Fatal(err)
	}
	if _, other := at(slice, "components", "schemas").(object)["Big"]; other {
		t.Error("the slice has a schema that it does not reach")
	}
	value := at(slice, "paths", "/things/{id}", "put", "requestBody", "content", "application/json", "examples", "data", "value")
	if at(value, "description") != "stays" || at(value, "$ref") != "no reference" || at(value, "when") != "2026-01-05" {
		t.Errorf("%v: the value of an example was changed", value)
	}
	if at(slice, "components", "schemas", "Error", "properties", "description") == nil || at(whole, "components", "schemas", "Error") == nil {
		t.Error("a member that is called description is gone")
	}
}

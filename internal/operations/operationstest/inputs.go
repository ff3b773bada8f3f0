// Package operationstest makes what the operations of the table are called with in tests: the examples of the documents. It
// is for tests alone.
package operationstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The one file that is uploaded.
const (
	FileName    = "proof.pdf"
	FileContent = "%PDF-1.7"
)

// documented are the whole documents, by name and operation: the table does not have the examples of parameters.
var documented = sync.OnceValue(func() map[string]map[string]*openapi3.Operation {
	documents := map[string]map[string]*openapi3.Operation{}
	for _, d := range specs.All() {
		doc, err := openapi3.NewLoader().LoadFromData(d.YAML())
		if err != nil {
			panic(err)
		}
		all := map[string]*openapi3.Operation{}
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				all[op.OperationID] = op
			}
		}
		documents[d.Name()] = all
	}
	return documents
})

// Document returns the document of an operation.
func Document(op operations.Info) specs.Document {
	all := specs.All()
	return all[slices.IndexFunc(all, func(d specs.Document) bool { return d.Name() == op.Document+".yaml" })]
}

// ByHand reports whether all operations of the document are called by methods that are written by hand.
func ByHand(op operations.Info) bool {
	for _, one := range documented()[op.Document+".yaml"] {
		if one.Extensions["x-handwritten"] == nil {
			return false
		}
	}
	return true
}

// Inputs returns what an operation is called with, by name: once for each example of its request, with the
// example of each parameter.
func Inputs(t testing.TB, op operations.Info) map[string]*operations.Input {
	t.Helper()
	path, query := map[string]string{}, map[string]any{}
	for _, p := range documented()[op.Document+".yaml"][op.ID].Parameters {
		switch p.Value.In {
		case "path":
			path[p.Value.Name], _ = p.Value.Example.(string)
		case "query":
			query[p.Value.Name] = p.Value.Example
		}
	}
	text, err := json.Marshal(query)
	if err != nil {
		t.Fatal(err)
	}
	if op.Media == "multipart/form-data" {
		return map[string]*operations.Input{"file": {Path: path, File: rest.FileOf(FileName, []byte(FileContent))}}
	}
	all := map[string]*operations.Input{}
	for _, name := range spectest.Examples(Document(op), op.ID, "request") {
		body, _, err := spectest.Example(Document(op), op.ID, "request", name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &operations.Input{Path: path, Query: text, Body: body}
	}
	if len(all) == 0 {
		all["no body"] = &operations.Input{Path: path, Query: text}
	}
	return all
}

// Success returns the first success that the document shows for an operation.
func Success(t testing.TB, op operations.Info) (status int, body []byte) {
	t.Helper()
	for status := 200; status < 300; status++ {
		part := strconv.Itoa(status)
		if names := spectest.Examples(Document(op), op.ID, part); len(names) > 0 {
			body, _, err := spectest.Example(Document(op), op.ID, part, names[0])
			if err != nil {
				t.Fatal(err)
			}
			return status, body
		}
	}
	t.Fatalf("%s has no example of a success", op.ID)
	return 0, nil
}

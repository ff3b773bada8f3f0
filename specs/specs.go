// Package specs holds the OpenAPI 3.0.3 documents of the three providers, and for each of them an index of its operations
// and one small document an operation, its slice. All of it is made from the handwritten files in this folder before a
// program is built, so a program that starts reads and parses nothing.
// It hands out bytes and knows nothing of what is in them: reading, checking and generating from them is the work
// of others (package spectest checks traffic against them).
package specs

import (
	"embed"
	"slices"
	"strings"
)

//go:embed bundle
var bundle embed.FS

// The documents, one for each API.
var (
	// FinAPIAccess describes the authorization calls of finAPI Access, V1 and V2.
	FinAPIAccess = Document{file: "finapi-access.yaml", index: &finapiAccessIndex}
	// Finogates describes the token exchange and the embed tokens of Finogates.
	Finogates = Document{file: "finogates.yaml", index: &finogatesIndex}
	// Straddle describes the Bridge session tokens of Straddle.
	Straddle = Document{file: "straddle.yaml", index: &straddleIndex}
)

// Document is one OpenAPI document. The zero Document has no name and no content. Documents can be compared: two are the
// same if they have the same name and the same text.
type Document struct {
	file, yaml string
	index      *index // of a document of this package, whose text is in the bundle
}

// index is what is known of a document without reading it.
type index struct {
	title, version string
	operations     []Operation // ordered by ID
}

// Operation is an operation of a document.
type Operation struct {
	ID     string // operationId
	Method string // in capital letters
	Path   string // the template, such as "/v1/customers/{id}"
	Tags   []string
}

// NewDocument returns a document that is not of this package, for the checks of package spectest: another OpenAPI 3.0.x
// text in YAML or JSON, under a name of your choice. It has no index.
func NewDocument(name, text string) Document { return Document{file: name, yaml: text} }

// All returns every document of this package, ordered by name.
func All() []Document { return []Document{FinAPIAccess, Finogates, Straddle} }

// Name returns the name of the document's file, such as "straddle.yaml".
func (d Document) Name() string { return d.file }

// YAML returns a copy of the document's text. Where a document is written in several files, that is the text of all of
// them, put together.
func (d Document) YAML() []byte {
	if d.index == nil {
		return []byte(d.yaml)
	}
	text, _ := bundle.ReadFile("bundle/" + d.file) // a test reads all
	return text
}

// Indexed reports whether the document has an index: those of this package have one.
func (d Document) Indexed() bool { return d.index != nil }

// Title returns the title of an indexed document.
func (d Document) Title() string {
	if d.index == nil {
		return ""
	}
	return d.index.title
}

// Version returns the version of an indexed document.
func (d Document) Version() string {
	if d.index == nil {
		return ""
	}
	return d.index.version
}

// Operations returns the operations of an indexed document, ordered by ID. It parses nothing.
func (d Document) Operations() []Operation {
	if d.index == nil {
		return nil
	}
	return slices.Clone(d.index.operations)
}

// Slice returns a copy of an operation's slice, as JSON: a complete OpenAPI document of this one operation with the
// components that it reaches, without what is for people alone (descriptions, summaries, links to pages). It reports
// false if the document has no index, or no such operation.
func (d Document) Slice(operationID string) ([]byte, bool) {
	if d.index == nil {
		return nil, false
	}
	text, err := bundle.ReadFile("bundle/" + strings.TrimSuffix(d.file, ".yaml") + "/" + operationID + ".json")
	return text, err == nil
}

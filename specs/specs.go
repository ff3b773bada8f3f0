// Package specs holds the OpenAPI 3.0.3 documents of the three providers, embedded as they stand in this folder.
// It hands out bytes and knows nothing of what is in them: reading, checking and generating from them is the work
// of others (package spectest checks traffic against them).
package specs

import _ "embed"

//go:embed finapi-access.yaml
var finapiAccess string

//go:embed finogates.yaml
var finogates string

//go:embed straddle.yaml
var straddle string

// The documents, one for each API.
var (
	// FinAPIAccess describes the authorization calls of finAPI Access, V1 and V2.
	FinAPIAccess = Document{file: "finapi-access.yaml", yaml: finapiAccess}
	// Finogates describes the token exchange and the embed tokens of Finogates.
	Finogates = Document{file: "finogates.yaml", yaml: finogates}
	// Straddle describes the Bridge session tokens of Straddle.
	Straddle = Document{file: "straddle.yaml", yaml: straddle}
)

// Document is one OpenAPI document. The zero Document has no name and no content.
type Document struct {
	file, yaml string
}

// NewDocument returns a document that is not of this package, for the checks of package spectest: another OpenAPI 3.0.x
// text in YAML or JSON, under a name of your choice.
func NewDocument(name, text string) Document { return Document{file: name, yaml: text} }

// All returns every document of this package, ordered by name.
func All() []Document { return []Document{FinAPIAccess, Finogates, Straddle} }

// Name returns the name of the document's file, such as "straddle.yaml".
func (d Document) Name() string { return d.file }

// YAML returns a copy of the document's text.
func (d Document) YAML() []byte { return []byte(d.yaml) }

package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// listHead stands above the rows.
const listHead = `# Operations

Every operation of every document, made from [specs/](../specs) by ` + "`make generate`" + `. The Go method is that of the provider's
package, the command that of ` + "`fintoken`" + `. "Repeat" says when a call is sent again after a failure;
package [rest](../wrappers/rest) has the whole of it:

| repeat | sent again |
|---|---|
| ` + "`freely`" + ` | after every failure that may pass |
| ` + "`by-key`" + ` | the same, under one idempotency key for all attempts |
| ` + "`unprocessed`" + ` | where it certainly was not carried out, or if the caller asks for more |
| ` + "`by-grant`" + ` | a client's credentials ` + "`freely`" + `, a refresh token only where it certainly was not used, a password never after a response |

"Evidence" says how sure we are: ` + "`documented`" + ` by the provider, ` + "`observed`" + ` or ` + "`inferred`" + `.
`

// writeList writes the list of the operations of documents.
func writeList(file string, documents []string) error {
	var b strings.Builder
	b.WriteString(listHead)
	for _, document := range documents {
		if err := listOf(&b, document); err != nil {
			return fmt.Errorf("%s: %w", document, err)
		}
	}
	return write(file, []byte(b.String()))
}

// listOf writes the rows of a document, by path.
func listOf(b *strings.Builder, document string) error {
	spec, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(document), ".yaml")
	provider, _, _ := strings.Cut(name, "-")
	fmt.Fprintf(b, "\n## %s\n\n| provider | operation | request | Go method | command | repeat | evidence |\n|---|---|---|---|---|---|---|\n", spec.Info.Title)
	for _, path := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		item := spec.Paths.Value(path)
		for _, verb := range slices.SortedFunc(maps.Keys(item.Operations()), byVerb) {
			o, err := newOperation(verb, path, item.Operations()[verb])
			if err != nil {
				return fmt.Errorf("%s %s: %w", verb, path, err)
			}
			fmt.Fprintf(b, "| %s | `%s` | `%s %s` | `%s` | `%s` | %s | %s |\n", provider, o.ID, verb, path, strings.TrimPrefix(o.Service+"."+o.Name, "."),
				strings.Join(slices.Concat([]string{provider}, o.Command()), " "), o.RepeatWord(), cmp.Or(o.Evidence, "documented"))
		}
	}
	return nil
}

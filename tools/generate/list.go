package main

import (
	"cmp"
	"errors"
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
| ` + "`idempotent`" + ` | the same; but a refusal then may mean that the first one worked, and leaves the call in doubt |
| ` + "`unprocessed`" + ` | where it certainly was not carried out, or if the caller asks for more |
| ` + "`by-grant`" + ` | a client's credentials ` + "`freely`" + `, a refresh token only where it certainly was not used, a password never after a response |

"Evidence" says how sure we are: ` + "`documented`" + ` by the provider, ` + "`observed`" + ` or ` + "`inferred`" + `.
`

// writeList writes the list of the operations of all documents in a folder, and what holds all their tables together.
func writeList(args []string) error {
	if len(args) != 3 {
		return errors.New("list takes a file, the folder of the documents and that of the tables")
	}
	file, folder, operations := args[0], args[1], args[2]
	var b strings.Builder
	b.WriteString(listHead)
	documents, err := filepath.Glob(filepath.Join(folder, "*.yaml")) // in the order of their names
	if err != nil {
		return err
	}
	var tables []string
	for _, document := range documents {
		table, err := listOf(&b, document)
		if err != nil {
			return fmt.Errorf("%s: %w", document, err)
		}
		tables = append(tables, table)
	}
	return errors.Join(write(file, []byte(b.String())), render(filepath.Join(operations, "all.gen.go"), "all.tmpl", tables))
}

// listOf writes the rows of a document, by path, and returns the name of its table.
func listOf(b *strings.Builder, document string) (string, error) {
	spec, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(document), ".yaml")
	provider, _, _ := strings.Cut(name, "-")
	fmt.Fprintf(b, "\n## %s\n\n| provider | operation | request | Go method | command | repeat | evidence |\n|---|---|---|---|---|---|---|\n", spec.Info.Title)
	for _, path := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		item := spec.Paths.Value(path)
		for _, verb := range slices.SortedFunc(maps.Keys(item.Operations()), byVerb) {
			o, err := newOperation(verb, path, item.Operations()[verb])
			if err != nil {
				return "", fmt.Errorf("%s %s: %w", verb, path, err)
			}
			fmt.Fprintf(b, "| %s | `%s` | `%s %s` | `%s` | `%s` | %s | %s |\n", provider, o.ID, verb, path, strings.TrimPrefix(o.Service+"."+o.Name, "."),
				strings.Join(slices.Concat([]string{provider}, o.Command()), " "), o.RepeatWord(), cmp.Or(o.Evidence, "documented"))
		}
	}
	return upper(camel(name)), nil
}

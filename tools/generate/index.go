package main

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
)

// indexOf writes the index of a document: Go that costs nothing at start.
func indexOf(name string, doc object, cuts []slice) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%sspecs\n\nvar %sIndex = index{\n", head, lowerCamel(name))
	fmt.Fprintf(&out, "title: %q,\nversion: %q,\noperations: []Operation{\n", at(doc, "info", "title"), at(doc, "info", "version"))
	for _, c := range cuts {
		fmt.Fprintf(&out, "{ID: %q, Method: %q, Path: %q, Tags: %#v},\n", c.id, c.method, c.path, c.tags)
	}
	out.WriteString("},\n}\n")
	return format.Source(out.Bytes())
}

// lowerCamel makes a name of Go out of the name of a document: finapi-access becomes finapiAccess.
func lowerCamel(name string) string {
	words := strings.Split(name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

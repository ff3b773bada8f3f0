// Command bundle makes of one handwritten document what programs read: its bundle, its slices and its index. A document is
// specs/NAME.yaml and, where it is large, also a folder specs/NAME with one file a tag. It writes
//
//	specs/bundle/NAME.yaml              the whole document in one file
//	specs/bundle/NAME/OPERATIONID.json  one operation with all that it reaches, and nothing else
//	specs/NAME.gen.go                   the operations, for package specs
//
// It never changes a document, and fetches nothing: a reference that leaves the document is refused.
//
//	go -C tools run ./bundle DOCUMENT
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// run makes all of it of one document.
func run(args []string) error {
	if len(args) != 1 {
		return errors.New("it takes a document")
	}
	text, err := merge(args[0])
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), ".yaml")
	folder := filepath.Join(filepath.Dir(args[0]), "bundle")
	doc, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	cuts, err := cut(doc)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	index, err := indexOf(name, doc, cuts)
	if err != nil {
		return err
	}
	if err := writeSlices(filepath.Join(folder, name), cuts); err != nil {
		return err
	}
	return errors.Join(
		write(filepath.Join(folder, name+".yaml"), text),
		write(filepath.Join(filepath.Dir(args[0]), name+".gen.go"), index))
}

// writeSlices makes the folder hold the slices and no file of an operation that is gone.
func writeSlices(folder string, cuts []slice) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // everybody may read it
		return err
	}
	old, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	for _, c := range cuts {
		path := filepath.Join(folder, c.id+".json")
		old = slices.DeleteFunc(old, func(one string) bool { return one == path })
		if err := write(path, c.text); err != nil {
			return err
		}
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, source []byte) error {
	return os.WriteFile(path, source, 0o644) //nolint:gosec // everybody may read it
}

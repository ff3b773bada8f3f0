// Command generate adds to a generated client what oapi-codegen does not know. It takes from the document and from the
// client, and writes
//
//   - beside the client: that none of its types prints a secret (format password, or x-secret), with a test of every type,
//     and the types of dates, which stay texts;
//   - into the folder of the wrapper, if one is given: the services, with the checks
//     before sending;
//   - into internal/operations: the table of its calls.
//
// It never changes a file that it does not write, and fetches nothing.
//
//	go -C tools run ./generate DOCUMENT CLIENT [WRAPPER]
//
// After all of it, it writes the list of the operations of all documents in a folder, and into internal/operations what holds
// their tables together.
//
//	go -C tools run ./generate list FILE DOCUMENTS OPERATIONS
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the files of the client whose path is the second argument, and of the wrapper in the folder of the third; or
// the list.
func run(args []string) error {
	if len(args) > 0 && args[0] == "list" {
		return writeList(args[1:])
	}
	if len(args) != 2 && len(args) != 3 {
		return errors.New("it takes a document, a client and, if there is one, the folder of a wrapper")
	}
	document, path := args[0], args[1]
	spec, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		return err
	}
	client, err := parseClient(path)
	if err != nil {
		return err
	}
	if err := client.mark(secretsOf(spec)); err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	if err := client.write(spec, document, path); err != nil {
		return err
	}
	if len(args) == 2 {
		return nil
	}
	if err := writeProvider(document, spec, client, args[2]); err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	return nil
}

// writeProvider writes the services and the table.
func writeProvider(document string, spec *openapi3.T, c *client, wrapper string) error {
	if err := writeWrapper(spec, c, wrapper); err != nil {
		return err
	}
	return writeTable(document, spec, c, wrapper, filepath.Join(filepath.Dir(wrapper), "..", "internal", "operations"))
}

// write writes what stands beside the client.
func (c *client) write(spec *openapi3.T, document, path string) error {
	methods, err := c.methods()
	if err != nil {
		return err
	}
	test, err := c.test(document, path)
	if err != nil {
		return err
	}
	formats, err := c.formats(spec)
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if formats != nil {
		err = write(filepath.Join(folder, "formats.gen.go"), formats)
	}
	return errors.Join(err,
		write(filepath.Join(folder, "secrets.gen.go"), methods),
		write(filepath.Join(folder, "secrets_gen_test.go"), test))
}

func write(path string, source []byte) error {
	return os.WriteFile(path, source, 0o644) //nolint:gosec // everybody may read it
}

// Command generate adds to a generated client what oapi-codegen does not know: that none of its types prints a secret. It
// takes from the document which members and parameters are secret (format password, or x-secret), from the client its types,
// and writes two files beside the client: the methods that fmt and log/slog ask, and a test of every type. It never changes
// a file that it does not write.
//
//	go -C tools run ./generate DOCUMENT CLIENT
//
// Before that it makes the bundle of a document, its slices and its index; see bundle.
//
//	go -C tools run ./generate bundle DOCUMENT
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the files of the client whose path is the second argument, or the bundle of a document.
func run(args []string) error {
	if len(args) > 0 && args[0] == "bundle" {
		return bundle(args[1:])
	}
	if len(args) != 2 {
		return errors.New("it takes a document and a client")
	}
	document, path := args[0], args[1]
	secrets, err := secretsOf(document)
	if err != nil {
		return err
	}
	client, err := parseClient(path)
	if err != nil {
		return err
	}
	if err := client.mark(secrets); err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	methods, err := client.methods()
	if err != nil {
		return err
	}
	test, err := client.test(document, path)
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	return errors.Join(
		write(filepath.Join(folder, "secrets.gen.go"), methods),
		write(filepath.Join(folder, "secrets_gen_test.go"), test))
}

func write(path string, source []byte) error {
	return os.WriteFile(path, source, 0o644) //nolint:gosec // everybody may read it
}

// key makes a name of the document and a name of Go the same where they mean the same: client_secret and ClientSecret.
func key(parts ...string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(parts, "")) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

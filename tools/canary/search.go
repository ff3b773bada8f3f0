package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// test runs the tests of a module, each of them talking as much as it can, and returns all that they say.
func test(dir string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", "test", "-count=1", "-v", "./...")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// search returns a line for each secret that is in the output.
func search(output string, secrets []string) []string {
	var found []string
	for _, s := range secrets {
		for _, form := range secret.Spellings(s) {
			if i := strings.Index(output, form); i >= 0 {
				begin := strings.LastIndexByte(output[:i], '\n') + 1
				found = append(found, fmt.Sprintf("found %q after %q", form, output[begin:i]))
				break
			}
		}
	}
	return found
}

package checks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	generated = "gen/straddleapi/straddleapi.gen.go"
	slice     = "specs/bundle/straddle/createBridgeToken.json"
)

func TestGenerateCheckFinds(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"edited by hand": func(t *testing.T, dir string) {
			write(t, dir, generated, read(t, generated)+"\n// A note.\n")
		},
		"left over": func(t *testing.T, dir string) {
			write(t, dir, "gen/oldapi/oldapi.gen.go", "package oldapi\n")
		},
		"missing": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, generated)); err != nil {
				t.Fatal(err)
			}
		},
		"slice edited by hand": func(t *testing.T, dir string) {
			write(t, dir, slice, read(t, slice)+"\n")
		},
		"slice left over": func(t *testing.T, dir string) {
			write(t, dir, "specs/bundle/straddle/oldOperation.json", "{}\n")
		},
		"document changed": func(t *testing.T, dir string) {
			write(t, dir, straddle, strings.ReplaceAll(read(t, straddle), "Correlation-Id", "Correlation-Ident"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyTree(t)
			change(t, dir)
			out, err := command(dir, "make", "generate-check")
			if err == nil || !strings.Contains(out, "is not what the documents give") {
				t.Errorf("make generate-check: %v\n%s", err, out)
			}
		})
	}
}

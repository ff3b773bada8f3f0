package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// copied returns the paths of the mini-document and of its client in a folder that can be written to.
func copied(t *testing.T, change func(client string) string) (document, client string) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"lab.yaml", "lab.gen.go"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "lab.gen.go" {
			text = []byte(change(string(text)))
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "lab.yaml"), filepath.Join(folder, "lab.gen.go")
}

func same(client string) string { return client }

// What is written for the mini-document is what the golden files hold.
func TestGolden(t *testing.T) {
	document, client := copied(t, same)
	if err := run([]string{document, client}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secrets.gen.go", "secrets_gen_test.go"} {
		got, err := os.ReadFile(filepath.Join(filepath.Dir(client), name))
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what %s holds; see -update:\n%s", name, golden, got)
		}
	}
}

// A secret that would not be hidden ends the generation.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"a secret without a field":  {`json:"client_secret,omitempty"` + "`\n\tPIN", `json:"secret,omitempty"` + "`\n\tPIN", "no type of the client has the secret client_secret of thingrequest"},
		"a parameter without one":   {"MakeThingParams", "MakeParams", "no type of the client has the secret api-key of makethingparams"},
		"a type that is not hidden": {"PIN          *string ", "PIN          *int ", "ThingRequest.PIN is secret, and of a type that is not known how to hide: *int"},
		"no Go":                     {"package lab", "lab", "expected 'package'"},
	} {
		t.Run(name, func(t *testing.T) {
			document, client := copied(t, func(text string) string { return strings.Replace(text, c.from, c.to, 1) })
			if err := run([]string{document, client}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if files, _ := filepath.Glob(filepath.Join(filepath.Dir(client), "secrets*")); len(files) > 0 {
				t.Errorf("%v was written", files)
			}
		})
	}
	for _, args := range [][]string{nil, {"a"}, {"no-such-document", "b"}} {
		if err := run(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/fintoken/fintoken-go"

// TestInstall: `go install …/cmd/fintoken@latest` works from the module as a proxy would serve it. The dependencies come
// out of the cache of this machine. It compiles everything anew, so `make test` leaves it to `make test-cli`.
func TestInstall(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	for line := range strings.Lines(string(gomod)) {
		assert.False(t, strings.HasPrefix(line, "replace") || strings.HasPrefix(line, "exclude"), "go install refuses %s", line)
	}
	const version = "v0.1.0"
	proxy := t.TempDir()
	dir := filepath.Join(proxy, filepath.FromSlash(module), "@v")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, text := range map[string]string{
		"list": version + "\n", version + ".mod": string(gomod), version + ".info": `{"Version":"` + version + `","Time":"2026-01-01T00:00:00Z"}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	pack(t, root, filepath.Join(dir, version+".zip"), module+"@"+version+"/")

	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	home := t.TempDir()
	cmd := exec.Command("go", "install", "-trimpath", module+"/cmd/fintoken@latest")
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+filepath.ToSlash(proxy)+",file://"+filepath.ToSlash(strings.TrimSpace(string(cache)))+"/cache/download",
		"GOMODCACHE="+filepath.Join(home, "mod"), "GOBIN="+filepath.Join(home, "bin"), "GOFLAGS=-modcacherw", "GOSUMDB=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))

	installed := filepath.Join(home, "bin", "fintoken")
	out, err = exec.Command(installed, "--version").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "fintoken version "+version+"\n", string(out))
	out, err = exec.Command(installed, "demo", "--provider", "straddle", "--format", "json").Output()
	require.NoError(t, err, string(out))
	var row map[string]any
	require.NoError(t, json.Unmarshal([]byte(strings.Split(string(out), "\n")[0]), &row))
	assert.Equal(t, true, row["ok"])
}

// pack writes the files of the module, and not those of the modules inside it, as a module zip.
func pack(t *testing.T, root, name, prefix string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close()
	z := zip.NewWriter(file)
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		relative, err := filepath.Rel(root, path)
		require.NoError(t, err)
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if nested == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w, err := z.Create(prefix + filepath.ToSlash(relative))
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	}))
	require.NoError(t, z.Close())
}

// maxSize is how large the program may be, in bytes.
const maxSize = 20_000_000

// TestLinkedModules: what the program links is what CONTRIBUTING.md gives a reason for.
func TestLinkedModules(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	_, text, found := bytes.Cut(text, []byte("## What the program links"))
	require.True(t, found)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z.]+[.][a-z]+/[^`]+)`").FindAllSubmatch(text, -1) {
		named[string(m[1])] = true
	}
	linked := map[string]bool{}
	for _, platform := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
		list.Env = append(os.Environ(), "GOOS="+platform, "CGO_ENABLED=0")
		out, err := list.Output()
		require.NoError(t, err)
		for _, m := range strings.Fields(string(out)) {
			linked[m] = true
		}
	}
	delete(linked, "github.com/fintoken/fintoken-go")
	assert.Equal(t, slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(linked)))
}

// TestSize: the program is small. How quick it is shows `make bench-start`.
func TestSize(t *testing.T) {
	info, err := os.Stat(program(t))
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(maxSize))
}

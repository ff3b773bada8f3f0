// Package release has a test of the script that makes a release. It will never publish one.
package release

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const version = "v9.9.9-test.1"

// TestRelease makes a release for this platform twice: it is complete, the program in it runs and knows its version, and
// the second one is the same to the byte.
func TestRelease(t *testing.T) {
	first, second := pack(t), pack(t)
	name := "fintoken_9.9.9-test.1_" + runtime.GOOS + "_" + runtime.GOARCH
	sums := read(t, first, "checksums.txt")
	if sums != read(t, second, "checksums.txt") {
		t.Error("two releases of the same tree differ")
	}
	archive := read(t, first, name+".tar.gz")
	sum := sha256.Sum256([]byte(archive))
	if !strings.Contains(sums, hex.EncodeToString(sum[:])+"  "+name+".tar.gz\n") {
		t.Errorf("the sum of the archive is not in %s", sums)
	}
	formula := read(t, first, "fintoken.rb")
	if runtime.GOOS == "linux" && !strings.Contains(formula, `sha256 "`+hex.EncodeToString(sum[:])+`"`) || strings.Contains(formula, "@") {
		t.Errorf("the formula is not filled in:\n%s", formula)
	}
	var bill struct {
		Metadata struct{ Component struct{ Version string } }
	}
	if err := json.Unmarshal([]byte(read(t, first, name+".cdx.json")), &bill); err != nil || bill.Metadata.Component.Version != version {
		t.Errorf("the bill of materials is about %q: %v", bill.Metadata.Component.Version, err)
	}

	dir := unpack(t, archive)
	for _, file := range []string{
		"LICENSE", "README.md", "man/fintoken.1", "man/fintoken-straddle-bridge-initialize.1", "completions/fintoken.bash",
		"completions/fintoken.zsh", "completions/fintoken.fish", "completions/fintoken.ps1",
	} {
		if read(t, dir, name, file) == "" {
			t.Errorf("%s is empty", file)
		}
	}
	program := filepath.Join(dir, name, "fintoken")
	if out, err := exec.Command(program, "--version").Output(); err != nil || string(out) != "fintoken version "+version+"\n" {
		t.Errorf("it says %q: %v", out, err)
	}
	out, err := exec.Command(program, "demo", "--format", "json").Output()
	if rows := strings.Count(string(out), "\n"); err != nil || rows == 0 || strings.Count(string(out), `"ok":true`) != rows {
		t.Errorf("of %d rows of the demo not all are ok: %s: %v", rows, out, err)
	}
}

// TestReleaseRefusesNoVersion: what is no version makes no release.
func TestReleaseRefusesNoVersion(t *testing.T) {
	for _, wrong := range []string{"", "1.2.3", "v1.2", "v1.2.3 "} {
		dir := filepath.Join(t.TempDir(), "dist")
		if err := script(wrong, dir).Run(); err == nil {
			t.Errorf("%q is no version", wrong)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q left something behind", wrong)
		}
	}
}

// script returns the script, to be run as `make release` runs it.
func script(version, dir string) *exec.Cmd {
	cmd := exec.Command("bash", "tools/release/release.sh", version, dir)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH, "SOURCE_DATE_EPOCH=1767225600")
	return cmd
}

// pack makes a release and returns the folder that it is in.
func pack(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dist")
	if out, err := script(version, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unpack unpacks an archive and returns the folder that its content is in.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	z, err := gzip.NewReader(strings.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(z)
	for {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil || !filepath.IsLocal(head.Name) {
			t.Fatal(head, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(head.Name))
		if head.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var text []byte
			if text, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(path, text, head.FileInfo().Mode())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

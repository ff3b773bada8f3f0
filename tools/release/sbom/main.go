// Command sbom prints the bill of materials of a Go program, in CycloneDX 1.6: the modules that are linked into it, as the
// program itself tells, with their checksums. It will never look anything up elsewhere.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

func main() {
	version := flag.String("version", "", "version of the program")
	seconds := flag.Int64("time", 0, "when it was made, in seconds since 1970")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: sbom -version v1.2.3 -time 0 program")
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0), *version, time.Unix(*seconds, 0)); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

type bill struct {
	Format      string `json:"bomFormat"`
	SpecVersion string `json:"specVersion"`
	Version     int    `json:"version"`
	Metadata    struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	} `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

// run prints the bill of the program at path.
func run(w io.Writer, path, version string, made time.Time) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	sum, err := sumOf(path)
	if err != nil {
		return err
	}
	b := bill{Format: "CycloneDX", SpecVersion: "1.6", Version: 1}
	b.Metadata.Timestamp = made.UTC().Format(time.RFC3339)
	b.Metadata.Component = component{
		Type: "application", Ref: "program", Name: strings.TrimSuffix(filepath.Base(path), ".exe"), Version: version,
		PURL: "pkg:golang/" + info.Main.Path + "@" + version, Hashes: []hash{{"SHA-256", sum}},
	}
	linked := dependency{Ref: "program"}
	add := func(c component) {
		b.Components = append(b.Components, c)
		linked.DependsOn = append(linked.DependsOn, c.Ref)
	}
	goVersion := strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")
	add(component{Type: "library", Ref: "std", Name: "std", Version: goVersion, PURL: "pkg:golang/std@" + goVersion})
	for _, m := range info.Deps {
		c, err := componentOf(m)
		if err != nil {
			return err
		}
		add(c)
	}
	b.Dependencies = []dependency{linked}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(b)
}

// componentOf describes a module. Its hash is the one of go.sum: the SHA-256 of the list of its files' hashes.
func componentOf(m *debug.Module) (component, error) {
	for m.Replace != nil {
		m = m.Replace
	}
	c := component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
	c.Ref = c.PURL
	text, ok := strings.CutPrefix(m.Sum, "h1:")
	if !ok {
		return c, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return c, fmt.Errorf("%s: %w", m.Path, err)
	}
	c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
	return c, nil
}

// sumOf returns the SHA-256 of a file.
func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TestBill: this very test is a Go program.
func TestBill(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(&out, path, "v1.2.3", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	var b bill
	if err := json.Unmarshal(out.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || b.SpecVersion != "1.6" || b.Metadata.Timestamp != "1970-01-01T00:00:00Z" {
		t.Errorf("the head is wrong: %+v", b)
	}
	if len(b.Metadata.Component.Hashes) != 1 || len(b.Metadata.Component.Hashes[0].Content) != 64 {
		t.Errorf("the program has no hash: %+v", b.Metadata.Component)
	}
	if len(b.Components) == 0 || b.Components[0].Name != "std" || len(b.Dependencies[0].DependsOn) != len(b.Components) {
		t.Errorf("what is linked is wrong: %+v", b)
	}
}

func TestBillOfNoProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(&bytes.Buffer{}, path, "v1.2.3", time.Unix(0, 0)); err == nil {
		t.Error("no error")
	}
}

func TestComponent(t *testing.T) {
	module := func(sum string) *debug.Module {
		return &debug.Module{Path: "example.com/a", Version: "v1.0.0", Sum: sum}
	}
	replaced := &debug.Module{Path: "example.com/old", Version: "v0.1.0", Replace: module("h1:" + strings.Repeat("A", 43) + "=")}
	c, err := componentOf(replaced)
	if err != nil || c.PURL != "pkg:golang/example.com/a@v1.0.0" || c.Hashes[0].Content != strings.Repeat("0", 64) {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err := componentOf(module("")); err != nil || c.Hashes != nil {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := componentOf(module("h1:?")); err == nil {
		t.Error("no error for a sum that is none")
	}
}

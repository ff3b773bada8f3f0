package main

import (
	"encoding/base64"
	"encoding/hex"
	"go/parser"
	"go/token"
	"net/url"
	"slices"
	"testing"
)

func TestSecretsOf(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", `package x
var a = secret.New("a secret of a test")
var b = secret.New("short")
const c = "canary-in-a-constant"
var d = other.New("no secret of a test")
var e = "{\"x\":\"canary\"} is a whole body"
`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := secretsOf(file), []string{"a secret of a test", "canary-in-a-constant"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSearch(t *testing.T) {
	const s = "canary+with/odd=letters"
	for _, form := range []string{s, url.QueryEscape(s), hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s))} {
		if got := search("first line\nsays "+form+" here", []string{s}); len(got) != 1 {
			t.Errorf("%s: got %q", form, got)
		}
	}
	if got := search("nothing of the kind", []string{s}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// shortest is the length from which a text of a test is searched for. A shorter one may be a word by chance.
const shortest = 12

// collect returns the secrets that the tests below root use: what they pass to secret.New, and every text that calls
// itself a canary.
func collect(root string) ([]string, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "node_modules", "tools", "bench"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, s := range secretsOf(file) {
			found[s] = true
		}
		return nil
	})
	var all []string
	for s := range found {
		all = append(all, s)
	}
	slices.Sort(all)
	return all, err
}

// secretsOf returns the secrets of one file.
func secretsOf(file *ast.File) []string {
	var all []string
	add := func(e ast.Expr, always bool) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		s, err := strconv.Unquote(lit.Value)
		whole := !strings.ContainsAny(s, "{}\n ") || always
		if err == nil && len(s) >= shortest && whole && (always || strings.HasPrefix(s, "canary")) {
			all = append(all, s)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) != 1 {
				return true
			}
			if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "secret" && f.Sel.Name == "New" {
				add(n.Args[0], true)
			}
		case *ast.BasicLit:
			add(n, false)
		}
		return true
	})
	return all
}

package floorplan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture/dialect/all"
)

// TestVendorsAreNamedAtHome holds that no text in the code outside capture/dialect holds a vendor's name, but those that the plan
// gives a reason for.
func TestVendorsAreNamedAtHome(t *testing.T) {
	var names []string
	for _, v := range all.Table().All() {
		names = append(append(names, v.Name), v.FormerNames...)
	}
	allowed := NamesVendors()
	used := map[string]bool{}
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.file, "capture/dialect/") {
			continue
		}
		for _, text := range texts(t, s.file) {
			name := named(text, names)
			switch {
			case name == "":
			case allowed[s.file] == "":
				t.Errorf("%s: a text names %s: what is known of a vendor stands in its folder below capture/dialect", s.file, name)
			default:
				used[s.file] = true
			}
		}
	}
	for file := range allowed {
		if !used[file] {
			t.Errorf("%s names no vendor: take it off the list", file)
		}
	}
}

func named(text string, names []string) string {
	for _, name := range names {
		if strings.Contains(strings.ToLower(text), name) {
			return name
		}
	}
	return ""
}

// texts returns the string literals of a file, but for what it imports.
func texts(t *testing.T, file string) (list []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(file)), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				list = append(list, n.Value)
			}
		}
		return true
	})
	return list
}

package send

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestReasonsAreThoseOfReplay: the engines give no reason but the constants that replay.Reasons lists, so that whoever
// ranges over those meets every one. It looks for a text that is made a Reason: by a conversion, a return or an assignment.
func TestReasonsAreThoseOfReplay(t *testing.T) {
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	used := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if givesReason(n.Type) {
					noTexts(t, files, n)
				}
			case *ast.CallExpr:
				if isReason(n.Fun) {
					t.Errorf("%s: makes a Reason out of a text", files.Position(n.Pos()))
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if field, ok := to.(*ast.SelectorExpr); ok && (field.Sel.Name == "Error" || field.Sel.Name == "reason") && i < len(n.Rhs) && isText(n.Rhs[i]) {
						t.Errorf("%s: sets a Reason to a text", files.Position(n.Pos()))
					}
				}
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "replay" && strings.HasPrefix(n.Sel.Name, "Reason") {
					used++
				}
			}
			return true
		})
	}
	if used < 20 {
		t.Errorf("only %d uses of a reason found: what does this test read?", used)
	}
}

// noTexts fails for a text that a function returns as such.
func noTexts(t *testing.T, files *token.FileSet, f *ast.FuncDecl) {
	t.Helper()
	ast.Inspect(f, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			for _, value := range ret.Results {
				if isText(value) {
					t.Errorf("%s: returns a text as a Reason", files.Position(ret.Pos()))
				}
			}
		}
		return true
	})
}

func givesReason(f *ast.FuncType) bool {
	if f.Results == nil {
		return false
	}
	for _, field := range f.Results.List {
		if isReason(field.Type) {
			return true
		}
	}
	return false
}

func isReason(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Reason"
}

// isText says whether an expression is a text other than "", which is ReasonNone.
func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && lit.Value != `""`
}

package replay

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestReasons finds every constant of type Reason in Reasons, and gives each a class.
func TestReasons(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	listed, declared := Reasons(), 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Reason" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		r := Reason(text)
		if declared++; r != ReasonNone && !slices.Contains(listed[:], r) {
			t.Errorf("Reasons lacks %s", spec.Names[0].Name)
		}
		if r.Class() == ClassUnknown {
			t.Errorf("%s has no class", spec.Names[0].Name)
		}
		return true
	})
	if declared != ReasonCount+1 {
		t.Errorf("%d reasons declared, %d listed beside ReasonNone", declared, ReasonCount)
	}
	if Reason("gremlins").Class() != ClassUnknown {
		t.Error("a reason that nobody knows has a class")
	}
}

// TestAttempted agrees with the tally: what was not attempted is shed, unsent or a failure of this side.
func TestAttempted(t *testing.T) {
	for _, r := range Reasons() {
		res := Result{Error: r}
		var tally Tally
		tally.Count(&res)
		if counted := tally.Shed+tally.Unsent == 1; counted != (r.Class() == ClassWithheld) {
			t.Errorf("%s: the tally says %+v", r, tally)
		}
		if !res.Attempted() && r.Class() != ClassWithheld && r.Class() != ClassOwn {
			t.Errorf("%s: not attempted", r)
		}
	}
	if res := (Result{}); !res.Attempted() {
		t.Error("an answered request was attempted")
	}
}

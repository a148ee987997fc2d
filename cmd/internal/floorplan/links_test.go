package floorplan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// frontDoors are the packages whose comment says, by links, with which names to begin.
func frontDoors() []string {
	return []string{
		"capture/corpus", "capture/ingest", "capture/report", "anonymize/publish", "anonymize/report", "replay/compare", "replay/completed", "replay/control", "replay/experiment", "replay/explain",
		"replay/report", "replay/rounds", "replay/session", "fixtures/export", "fixtures/report", "fixtures/sample", "fixtures/sink", "fixtures/synth",
		"fixtures/webhooktest",
	}
}

// TestDocLinks holds that every link of a package's comment leads to a name of the package, and that a front door has one.
func TestDocLinks(t *testing.T) {
	link := regexp.MustCompile(`\[([A-Z]\w*)\]`)
	comments, names := make(map[string]string), make(map[string]map[string]bool)
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, s.file), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if names[s.room] == nil {
			names[s.room] = make(map[string]bool)
		}
		comments[s.room] += f.Doc.Text()
		declare(names[s.room], f)
	}
	for room, comment := range comments {
		links := link.FindAllStringSubmatch(comment, -1)
		if len(links) == 0 && slices.Contains(frontDoors(), room) {
			t.Errorf("%s: its comment does not say, as [Name], with what to begin", room)
		}
		for _, l := range links {
			if !names[room][l[1]] {
				t.Errorf("%s: its comment has [%s], which it does not declare", room, l[1])
			}
		}
	}
	for _, room := range frontDoors() {
		if names[room] == nil {
			t.Errorf("there is no %s", room)
		}
	}
}

// declare adds the functions, types, constants and variables of a file.
func declare(names map[string]bool, f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = names[d.Name.Name] || d.Recv == nil
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names[n.Name] = true
					}
				}
			}
		}
	}
}

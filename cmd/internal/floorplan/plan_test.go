package floorplan

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the module's folder, from this package's.
const root = "../../.."

// source is one Go file: its package's folder, and what it imports.
type source struct {
	file, room string
	test       bool
	imports    []string
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		s := source{file: filepath.ToSlash(rel), test: strings.HasSuffix(name, "_test.go")}
		s.room = path.Dir(s.file)
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

// match says whether a room's name fits a pattern of the plan.
func match(pattern, room string) bool {
	if pattern == "*" {
		return true
	}
	if parent, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(room) == parent
	}
	return pattern == room
}

func matchAny(patterns []string, room string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, room) })
}

func TestImportsFollowThePlan(t *testing.T) {
	for _, s := range sources(t) {
		i := slices.IndexFunc(Plan(), func(r Room) bool { return match(r.Name, s.room) })
		if i < 0 {
			t.Errorf("%s: package %s is not in the plan", s.file, s.room)
			continue
		}
		if s.test {
			continue // a test may use what its package may not, such as another room's fixtures
		}
		for _, imp := range s.imports {
			target, ours := strings.CutPrefix(imp, Module+"/")
			if ours && !matchAny(Plan()[i].May, target) && !matchAny(Everywhere(), target) {
				t.Errorf("%s: %s may not import %s", s.file, s.room, target)
			}
		}
	}
}

func TestDependenciesStayAtHome(t *testing.T) {
	standard := standardLibrary(t)
	for _, s := range sources(t) {
		for _, imp := range s.imports {
			if strings.HasPrefix(imp, Module+"/") {
				continue
			}
			home, known := homeOf(imp)
			switch {
			case s.test && standard[imp]:
			case s.test && known && strings.HasPrefix(imp, "github.com/rogpeppe/"):
			case !known && !standard[imp]:
				t.Errorf("%s: %s has no home in the plan", s.file, imp)
			case known && !s.test && !slices.Contains(home, s.room):
				t.Errorf("%s: %s lives in %v", s.file, imp, home)
			}
		}
	}
}

func homeOf(imp string) (rooms []string, known bool) {
	longest := -1
	for dep, home := range Home() {
		if (imp == dep || strings.HasPrefix(imp, dep+"/")) && len(dep) > longest {
			if dep == "testing" && imp != dep && strings.HasPrefix(imp, "testing/") && imp != "testing/synctest" {
				continue // testing/fstest and its like are tests' own
			}
			rooms, known, longest = home, true, len(dep)
		}
	}
	return rooms, known
}

func standardLibrary(t *testing.T) map[string]bool {
	t.Helper()
	out, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	std := make(map[string]bool)
	for _, p := range strings.Fields(string(out)) {
		std[p] = true
	}
	return std
}

// TestTopLevelIsThePlans asks git what is tracked, so that a user's own files do no harm; where there is no
// checkout, such as in a module's archive, every folder counts.
func TestTopLevelIsThePlans(t *testing.T) {
	var names []string
	if out, err := exec.Command("git", "-C", root, "ls-files").Output(); err == nil {
		names = strings.Split(strings.TrimSpace(string(out)), "\n")
	} else {
		entries, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				names = append(names, e.Name())
			}
		}
	}
	for _, name := range names {
		top, _, _ := strings.Cut(name, "/")
		if !slices.Contains(TopLevel(), top) {
			t.Errorf("%s does not belong at the top", top)
		}
	}
}

// TestPublicIsMeant holds that a package that only its own room imports stands below that room's internal folder, or is offered for a
// reason; and that no reason is left of what is gone or needs none.
func TestPublicIsMeant(t *testing.T) {
	top := func(room string) string { first, _, _ := strings.Cut(room, "/"); return first }
	outside := make(map[string]bool) // by package, whether another room imports it
	for _, s := range sources(t) {
		if _, known := outside[s.room]; !known {
			outside[s.room] = false
		}
		if s.test {
			continue
		}
		for _, imp := range s.imports {
			if target, ours := strings.CutPrefix(imp, Module+"/"); ours && top(target) != top(s.room) {
				outside[target] = true
			}
		}
	}
	needed := make(map[string]bool)
	for room, imported := range outside {
		if imported || top(room) == "cmd" || strings.Contains("/"+room+"/", "/internal/") {
			continue
		}
		offered := false
		for pattern := range Offered() { // several may match one room, and each of them is needed then
			if match(pattern, room) {
				offered, needed[pattern] = true, true
			}
		}
		if !offered {
			t.Errorf("only its own room imports %s: move it below %s/internal, or say in Offered who else takes it", room, top(room))
		}
	}
	for pattern := range Offered() {
		if !needed[pattern] {
			t.Errorf("Offered has %s, which is gone or which another room imports", pattern)
		}
	}
}

func TestFilesStayShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.Contains(s.file, "table") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, s.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > LongestFile {
			t.Errorf("%s has %d lines; the limit is %d", s.file, n, LongestFile)
		}
	}
}

// bad are the shapes that style forbids in every package but a test's.
var bad = []struct {
	what string
	re   *regexp.Regexp
}{
	{"an init function", regexp.MustCompile(`(?m)^func init\(\)`)},
	{"an exit outside main", regexp.MustCompile(`\bos\.Exit\(|\blog\.Fatal`)},
	{"a dot import", regexp.MustCompile(`(?m)^\s*(import )?\. "`)},
}

func TestHouseRules(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.file == "cmd/reprise/main.go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, s.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range bad {
			if rule.re.Match(text) {
				t.Errorf("%s holds %s", s.file, rule.what)
			}
		}
	}
}

// Rehome gives the module another path: in go.mod files, imports, the floor plan, documents and tests. `make module NAME=PATH` runs
// it. Whoever publishes the module chooses its home.
//
//	go run .ci/rehome.go example.com/you/reprise
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := rehome(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "module:", err)
		os.Exit(1)
	}
}

var modulePath = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(/[A-Za-z0-9._~-]+)*$`)

func rehome(args []string) error {
	if len(args) != 1 || !modulePath.MatchString(args[0]) {
		return fmt.Errorf("say the module's new path: make module NAME=example.com/you/reprise")
	}
	text, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	m := regexp.MustCompile(`(?m)^module (\S+)`).FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("go.mod has no module line")
	}
	from, to := string(m[1]), args[0]
	if from == to {
		fmt.Printf("the module is %s already\n", to)
		return nil
	}
	rooms, err := roomNames()
	if err != nil {
		return err
	}
	n := 0
	err = filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if slices.Contains([]string{".git", "bin", "node_modules"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		case name == "CHANGELOG.md": // it says what was
			return nil
		}
		changed, err := rewrite(name, from, to, rooms)
		if changed {
			n++
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("the module was %s and is %s: %d files changed\n", from, to, n)
	return nil
}

// roomNames lists the folders of the top that hold packages.
func roomNames() (names []string, err error) {
	entries, err := os.ReadDir(".")
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// rewrite changes one file, if it names the module. A path counts where a folder of the module follows and no other path goes before:
// cmd/reprise/testdata is a folder, and reprise/v1/key is no package.
func rewrite(name, from, to string, rooms []string) (changed bool, err error) {
	ext := filepath.Ext(name)
	if ext != ".go" && ext != ".md" && ext != ".mod" {
		return false, nil
	}
	old, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	text := old
	old1 := regexp.QuoteMeta(from)
	if ext == ".mod" {
		text = regexp.MustCompile(`(?m)(^|[\s(])`+old1+`(/\S+)?([\s)]|$)`).ReplaceAll(text, []byte("${1}"+to+"${2}${3}"))
	} else {
		packages := regexp.MustCompile(`(?m)(^|[^\w/.-])` + old1 + `/(` + strings.Join(rooms, "|") + `)\b`)
		text = packages.ReplaceAll(text, []byte("${1}"+to+"/${2}"))
	}
	switch {
	case ext == ".md":
		text = bytes.ReplaceAll(text, []byte("-replace "+from+"="), []byte("-replace "+to+"="))
	case ext == ".go":
		text = bytes.ReplaceAll(text, []byte(`const Module = "`+from+`"`), []byte(`const Module = "`+to+`"`))
	}
	if bytes.Equal(text, old) {
		return false, nil
	}
	if ext == ".go" {
		if text, err = format.Source(text); err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
	}
	info, err := os.Stat(name)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(name, text, info.Mode().Perm()); err != nil {
		return false, err
	}
	if ext == ".mod" { // its lines are sorted
		out, err := exec.Command("go", "mod", "edit", "-fmt", name).CombinedOutput()
		if err != nil {
			return true, fmt.Errorf("%s: %w: %s", name, err, out)
		}
	}
	return true, nil
}

//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadme runs the README's tour as a reader who pastes it, one block after another in one shell.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, found := strings.Cut(string(text), "<!-- tour -->")
	tour, _, ended := strings.Cut(tour, "<!-- end of tour -->")
	if !found || !ended {
		t.Fatal("the README marks no tour")
	}
	var script strings.Builder
	script.WriteString("set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(tour, -1)
	if len(blocks) < 3 {
		t.Fatalf("the tour has %d blocks of commands", len(blocks))
	}
	for _, b := range blocks {
		script.WriteString(b[1])
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "reprise"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command("bash", "-c", script.String())
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour failed: %v\n%s", err, out)
	}
	for _, file := range regexp.MustCompile(`-o (\S+\.(?:rpz|rpr|html|md))`).FindAllStringSubmatch(script.String(), -1) {
		if info, err := os.Stat(filepath.Join(dir, file[1])); err != nil || info.Size() == 0 {
			t.Errorf("the tour left no %s: %v", file[1], err)
		}
	}
}

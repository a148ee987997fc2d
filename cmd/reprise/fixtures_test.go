package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestShippedFixtures makes the corpora of fixtures/testdata again, by the lines that make fixtures runs, and compares every byte.
func TestShippedFixtures(t *testing.T) {
	if testing.Short() {
		t.Skip("what is made here is one goroutine's work")
	}
	const folder, most = "../../fixtures/testdata", 300_000
	// The version stands in the files, so it must not tell one commit from another.
	if out, err := exec.Command("reprise", "version").Output(); err != nil || !strings.HasPrefix(string(out), "reprise devel go") {
		t.Fatalf("the test's program is %s (error %v)", out, err)
	}
	made := t.TempDir()
	script, err := os.ReadFile(filepath.Join(folder, "make.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(script)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "reprise" {
			continue
		}
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = made
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	shipped, err := filepath.Glob(filepath.Join(folder, "*.rpz"))
	if err != nil || len(shipped) < 20 {
		t.Fatalf("%d corpora in %s: %v", len(shipped), folder, err)
	}
	size := 0
	for _, name := range shipped {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		size += len(want)
		got, err := os.ReadFile(filepath.Join(made, filepath.Base(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its command makes (error %v): run make fixtures", filepath.Base(name), err)
		}
		checkShipped(t, name)
	}
	if size > most {
		t.Errorf("the corpora have %d bytes, more than %d", size, most)
	}
}

// checkShipped inspects a corpus: it must be whole, and of nobody.
func checkShipped(t *testing.T, name string) {
	t.Helper()
	out, err := exec.Command("reprise", "inspect", name, "--json").Output()
	if err != nil {
		t.Fatalf("inspect %s: %v", name, err)
	}
	var in struct {
		Records int
		State   string
	}
	if err := json.Unmarshal(out, &in); err != nil {
		t.Fatal(err)
	}
	want := 60
	if filepath.Base(name) == "mixed.rpz" {
		want = 500
	}
	if in.Records != want || in.State != "synthetic" {
		t.Errorf("%s has %d records, want %d, and is %s", name, in.Records, want, in.State)
	}
}

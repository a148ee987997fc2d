package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents' figures again, from figures.json")

// What the documents say is what was measured: nobody has edited a block, and every measurement has one.
func TestFiguresOfTheDocuments(t *testing.T) {
	root := filepath.Join("..", "..")
	all, err := readFigures(root)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := all.writePages(root); err != nil {
			t.Fatal(err)
		}
	}
	list, err := pages(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, page := range list {
		before, after, blocks, err := all.filled(page)
		if err != nil {
			t.Error(err)
			continue
		}
		if before != after {
			t.Errorf("%s: figures are other than those of figures.json: a measurement writes them with -write, and go test -update without one", filepath.Base(page))
		}
		for _, name := range blocks {
			seen[name] = true
		}
	}
	for _, name := range append(writers(), summaryBlock) {
		if !seen[name] {
			t.Errorf("no page shows the figures of %s", name)
		}
	}
}

func TestFill(t *testing.T) {
	content := func(name string) (string, error) {
		if name == "unknown" {
			return "", errors.New("no such name")
		}
		return "new " + name + "\n", nil
	}
	for _, tc := range []struct{ name, text, want, fails string }{
		{"no block", "a\nb", "a\nb", ""},
		{"two blocks", "a\n<!-- figures: x -->\nold\n<!-- end of figures -->\nb\n<!-- figures: y -->\n<!-- end of figures -->\n", "a\n<!-- figures: x -->\nnew x\n<!-- end of figures -->\nb\n<!-- figures: y -->\nnew y\n<!-- end of figures -->\n", ""},
		{"no end", "<!-- figures: x -->\nold\n", "", "do not end"},
		{"no begin", "old\n<!-- end of figures -->\n", "", "line 2"},
		{"one within another", "<!-- figures: x -->\n<!-- figures: y -->\n", "", "within those of x"},
		{"no name", "<!-- figures:  -->\n<!-- end of figures -->\n", "", "line 1"},
		{"cut", "<!-- figures: x", "", "line 1"},
		{"unknown", "<!-- figures: unknown -->\n<!-- end of figures -->\n", "", "no such name"},
	} {
		got, err := fill(tc.text, content)
		if got != tc.want || (err == nil) != (tc.fails == "") || err != nil && !strings.Contains(err.Error(), tc.fails) {
			t.Errorf("%s: %q, %v", tc.name, got, err)
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add("<!-- figures: x -->\nold\n<!-- end of figures -->\n")
	f.Fuzz(func(t *testing.T, text string) {
		content := func(string) (string, error) { return "new\n", nil }
		once, err := fill(text, content)
		if err != nil {
			return
		}
		if twice, err := fill(once, content); err != nil || twice != once {
			t.Errorf("filled again it is %q, %v, and was %q", twice, err, once)
		}
	})
}

func TestPublish(t *testing.T) {
	root := t.TempDir()
	readme := filepath.Join(root, "README.md")
	if err := errors.Join(os.MkdirAll(filepath.Join(root, ".ci", "bench"), 0o700), os.MkdirAll(filepath.Join(root, "docs"), 0o700),
		os.WriteFile(readme, []byte("<!-- figures: summary -->\n<!-- end of figures -->\n"), 0o600),
		os.WriteFile(filepath.Join(root, "docs", "a.md"), []byte("<!-- figures: peers -->\n<!-- end of figures -->\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	b := &bench{root: root, settings: settings{args: []string{"peers", "-write"}}, others: 0.25}
	if err := b.publish("peers", nil); err != nil { // without -write nothing is
		t.Fatal(err)
	}
	if _, err := os.Stat(figuresFile(root)); err == nil {
		t.Fatal("figures were written unasked")
	}
	b.write = true
	if err := b.publish("peers", [][2]string{{"CPU", "1.2 (1.1 to 1.3)"}}, figureTable{"About.", []string{"a", "b"}, [][]string{{"1", "2"}}}); err != nil {
		t.Fatal(err)
	}
	for file, wants := range map[string][]string{
		"README.md": {"| CPU | 1.2 (1.1 to 1.3) |", "cores ("},
		"docs/a.md": {"other work had 25 % of the processors just before", "`go run -C .ci/bench . peers -write`", "About.", "| 1 | 2 |"},
	} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q:\n%s", file, want, text)
			}
		}
	}
	if err := b.publish("peers", [][2]string{{"", "x"}}, figureTable{"About.", []string{"a"}, [][]string{{"1", "2"}}}); err == nil {
		t.Error("a row that is too long, and an empty line, were taken")
	}
}

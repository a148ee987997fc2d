package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestSame(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("a"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("b"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !SameFile(at("a"), at("a")) || SameFile(at("a"), at("b")) || SameFile(at("a"), at("none")) || SameFile(dir, dir) {
		t.Error("SameFile is wrong about two files, none, or a folder")
	}
	if os.Symlink("a", at("link")) == nil && !SameFile(at("a"), at("link")) {
		t.Error("SameFile does not see through a link")
	}
	if !SamePlace(at("none"), filepath.Join(dir, ".", "none")) || SamePlace(at("none"), at("other")) {
		t.Error("SamePlace is wrong about a name that nothing has")
	}
}

func TestWrite(t *testing.T) {
	name, broken := filepath.Join(t.TempDir(), "out"), errors.New("broken")
	err := Write(name, false, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	})
	if left, _ := filepath.Glob(name + "*"); !errors.Is(err, broken) || len(left) > 0 {
		t.Errorf("a write that fails: %v, and %v is left", err, left)
	}
	if err := Write(name, false, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(name); string(text) != "whole" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if err := Write(name, false, func(io.Writer) error { return nil }); !errors.Is(err, os.ErrExist) {
		t.Errorf("over what is there: %v", err)
	}
}

package ingest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
)

// The records of a corpus are counted, and no corpus is made of one.
func TestEachOfCorpus(t *testing.T) {
	const whole = "../corpus/testdata/v1/whole.rpz"
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.rpz")
	if err := os.WriteFile(cut, text[:len(text)-len(text)/4], 0o600); err != nil {
		t.Fatal(err)
	}
	count := func(name string, o Options) (n int64, got *Result) {
		got, err := Each(t.Context(), []string{name}, o, func(*capture.Record) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if got.Account.Kept != n || got.Account.Check() != nil {
			t.Errorf("%s: %d of %+v", name, n, got.Account)
		}
		return n, got
	}
	all, got := count(whole, Options{})
	if all == 0 || got.Account.Read != all || len(got.Damaged) > 0 {
		t.Errorf("%d, %+v", all, got)
	}
	if n, got := count(whole, Options{Methods: []string{"NONE"}}); n != 0 || got.Account.Skipped[LeftOutByMethod] != all {
		t.Errorf("%d, %+v", n, got)
	}
	if n, got := count(cut, Options{}); n >= all || len(got.Damaged) != 1 || got.Account.Lost == 0 {
		t.Errorf("%d of %d, %+v", n, all, got)
	}
	if _, err := Files(t.Context(), []string{whole}, corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}, Options{}); !errors.As(err, new(*FormatError)) {
		t.Error(err)
	}
}

package anonymize

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"reprise/capture/sms"
)

// ledgerOf makes a ledger of n people, published.
func ledgerOf(t *testing.T, n int) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "people.ledger")
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	meetAll(t, a, 0, n)
	if err := errors.Join(l.Sync(), l.Uncounted(), l.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

// takeUp opens a ledger and has it read.
func takeUp(t *testing.T, name string) (fakes func(n int) []string, err error) {
	t.Helper()
	l, err := OpenLedger(name)
	if err != nil {
		return nil, err
	}
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return func(n int) []string {
		list := meetAll(t, a, 0, n)
		if err := errors.Join(l.Sync(), l.Close()); err != nil {
			t.Fatal(err)
		}
		return list
	}, nil
}

func TestAShorterLedgerIsRefused(t *testing.T) {
	for what, shorten := range map[string]func(t *testing.T, name string) error{
		"cut at an entry":       func(_ *testing.T, name string) error { return cut(name, -10*entryLen) },
		"cut within an entry":   func(_ *testing.T, name string) error { return cut(name, -10*entryLen-7) },
		"one person and a mark": func(_ *testing.T, name string) error { return cut(name, -2*entryLen) },
		"cut to its first line": func(_ *testing.T, name string) error { return cut(name, len(ledgerMagic)+10) },
		"empty":                 func(_ *testing.T, name string) error { return cut(name, 0) },
		"gone":                  func(_ *testing.T, name string) error { return os.Remove(name) },
	} {
		name := ledgerOf(t, 60)
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := shorten(t, name); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(name)
		for range 2 { // what refuses it once does so again
			_, err := takeUp(t, name)
			if !errors.Is(err, ErrLedgerShort) || !strings.Contains(err.Error(), CountFile(name)+" counts 60 people") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if after, _ := os.ReadFile(name); !bytes.Equal(before, after) {
			t.Errorf("%s: the ledger was changed", what)
		}
		if _, err := os.Stat(name); what == "gone" && err == nil {
			t.Error("an empty ledger was made")
		}
		// Going on knowingly, and putting the whole one back.
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		fakes, err := takeUp(t, name)
		if err != nil {
			t.Fatalf("%s, put back: %v", what, err)
		}
		fakes(1)
		if err := errors.Join(shorten(t, name), os.Remove(CountFile(name))); err != nil {
			t.Fatal(err)
		}
		if fakes, err = takeUp(t, name); err != nil {
			t.Fatalf("%s, knowingly: %v", what, err)
		}
		fakes(5)
	}
}

// cut shortens a file to n bytes, or by so many where n is negative.
func cut(name string, n int) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if n < 0 {
		return os.Truncate(name, info.Size()+int64(n))
	}
	return os.Truncate(name, int64(n))
}

// A ledger that has no count is taken as it is, and gets one.
func TestLedgerWithoutACount(t *testing.T) {
	name := ledgerOf(t, 30)
	fakes, err := takeUp(t, name)
	if err != nil {
		t.Fatal(err)
	}
	known := fakes(30)
	if err := os.Remove(CountFile(name)); err != nil {
		t.Fatal(err)
	}
	if fakes, err = takeUp(t, name); err != nil {
		t.Fatal(err)
	}
	for i, fake := range fakes(31) {
		if i < 30 && fake != known[i] {
			t.Fatalf("person %d became another one", i)
		}
	}
	text, err := os.ReadFile(CountFile(name))
	if err != nil || !strings.Contains(string(text), " 31 ") {
		t.Errorf("the count is %q: %v", text, err)
	}
	info, err := os.Stat(CountFile(name))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the count has mode %v: %v", info.Mode(), err)
	}
}

// Whenever a process dies, what it leaves is taken: the count never runs ahead of the ledger.
func TestLedgerCountAfterACrash(t *testing.T) {
	name := ledgerOf(t, 30)
	old, err := os.ReadFile(CountFile(name))
	if err != nil {
		t.Fatal(err)
	}
	fakes, err := takeUp(t, name)
	if err != nil {
		t.Fatal(err)
	}
	known := fakes(50)
	// It died after the entries were durable, and while the new count was written beside the old one.
	for _, torn := range []string{"", countMagic, string(old)} {
		if err := errors.Join(os.WriteFile(CountFile(name), old, 0o600), os.WriteFile(CountFile(name)+".new", []byte(torn), 0o600)); err != nil {
			t.Fatal(err)
		}
		fakes, err := takeUp(t, name)
		if err != nil {
			t.Fatal(err)
		}
		for i, fake := range fakes(50) {
			if fake != known[i] {
				t.Fatalf("person %d became another one", i)
			}
		}
		if _, err := os.Stat(CountFile(name) + ".new"); err == nil {
			t.Error("what a crash left is still there")
		}
	}
	if text, _ := os.ReadFile(CountFile(name)); !strings.Contains(string(text), " 50 ") {
		t.Errorf("the count is %q", text)
	}
}

func TestForeignCounts(t *testing.T) {
	name := ledgerOf(t, 30)
	good, err := os.ReadFile(CountFile(name))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"empty": "", "no number": countMagic + " abc many wide\n", "negative": countMagic + " abc -1 wide\n", "cut": string(good[:len(good)-1]),
		"another key's": fmt.Sprintf("%s 0123456789abcdef 3 %s\n", countMagic, sms.Wide().Name()), "large": strings.Repeat("x", 4096),
	} {
		if err := os.WriteFile(CountFile(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := takeUp(t, name); err == nil || !strings.Contains(err.Error(), CountFile(name)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Where there is no place for a count the ledger is used all the same.
func TestNoPlaceForACount(t *testing.T) {
	name := ledgerOf(t, 30)
	if err := errors.Join(os.Remove(CountFile(name)), os.MkdirAll(filepath.Join(CountFile(name)+".new", "in the way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	meetAll(t, a, 0, 40)
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if l.Uncounted() == nil {
		t.Error("it is not told")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// The count stands beside the ledger, whatever link leads to it.
func TestCountOfALink(t *testing.T) {
	name := ledgerOf(t, 30)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Skip("this system makes no links:", err)
	}
	if err := cut(name, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := takeUp(t, link); !errors.Is(err, ErrLedgerShort) {
		t.Errorf("through a link: %v", err)
	}
}

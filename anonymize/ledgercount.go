package anonymize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A ledger that lost its end looks like a younger one, and whoever is missing in it would become someone else without a word.
// So NAME.count stands beside it and says how many people it had when a corpus was last published: one line with the
// key's fingerprint, the number and the pool. It is written after the entries are durable, as a file of its own that is
// renamed, so that a crash leaves the old number or the new one, and the ledger has at least that many. A ledger without it, as
// older versions left them, is taken as it is and gets one.

// countSuffix is what the name of a ledger's count ends in.
const countSuffix = ".count"

const (
	countMark    = "reprise-ledger-count "
	countMagic   = countMark + "1"
	maxCountLine = 512
)

// ErrLedgerShort is wrapped where a ledger has fewer people than it had.
var ErrLedgerShort = errors.New("the ledger is shorter than it was")

// ledgerCount is what NAME.count says.
type ledgerCount struct {
	known       bool
	fingerprint string
	people      int64
	pool        string
}

// CountFile is the file that says how many people a ledger had, beside the ledger itself and not beside a link to it.
func CountFile(ledger string) string {
	if real, err := filepath.EvalSymlinks(ledger); err == nil {
		ledger = real
	}
	return ledger + countSuffix
}

// readCount reads a count; where there is none it is not known.
func readCount(name string) (c ledgerCount, err error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, nil
	case err != nil:
		return c, err
	case !info.Mode().IsRegular() || info.Size() > maxCountLine:
		return c, fmt.Errorf("%s is no count of a ledger", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	rest, ok := strings.CutPrefix(string(text), countMagic+" ")
	line, ended := strings.CutSuffix(rest, "\n")
	fields := strings.SplitN(line, " ", 3)
	if !ok || !ended || len(fields) != 3 {
		return c, fmt.Errorf("%s: %w: it is no count", name, ErrLedgerDamaged)
	}
	if c.people, err = strconv.ParseInt(fields[1], 10, 64); err != nil || c.people < 0 {
		return c, fmt.Errorf("%s: %w: it is no count", name, ErrLedgerDamaged)
	}
	c.known, c.fingerprint, c.pool = true, fields[0], fields[2]
	return c, nil
}

// writeCount replaces a count. The process holds the ledger's lock, so that nobody else writes.
func writeCount(name string, c ledgerCount) error {
	fresh := name + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) { // a crash left it
		return err
	}
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s %d %s\n", countMagic, c.fingerprint, c.people, c.pool)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		_ = os.Remove(fresh)
		return err
	}
	syncFolder(filepath.Dir(name))
	return nil
}

// missing refuses a ledger that is not there though it is counted; opening it would make an empty one.
func missing(name string) error {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	counted, err := readCount(CountFile(name))
	if err != nil || counted.people == 0 {
		return err
	}
	return fmt.Errorf("ledger %s: %w: it is not there, and %s counts %s", name, ErrLedgerShort, CountFile(name), headCount(counted.people))
}

// short refuses a ledger that has fewer people than were counted. It is asked before anything of the ledger is changed.
func (l *Ledger) short(fingerprint, pool string) error {
	c := l.counted
	if c.people > l.people {
		return l.wrap(fmt.Errorf("%w: it has %s, and %s counts %s", ErrLedgerShort, headCount(l.people), CountFile(l.name), headCount(c.people)))
	}
	if c.known && l.people > 0 && (c.fingerprint != fingerprint || c.pool != pool) {
		return l.wrap(fmt.Errorf("%w: %s is another ledger's count", ErrLedgerKey, CountFile(l.name)))
	}
	l.counted.fingerprint, l.counted.pool = fingerprint, pool
	return nil
}

// count keeps the number of people that are durable. Where that fails the ledger is as good as one without a count.
func (l *Ledger) count() {
	if l.counted.known && l.counted.people == l.people {
		return
	}
	c := l.counted
	c.known, c.people = true, l.people
	if l.uncounted = writeCount(CountFile(l.name), c); l.uncounted == nil {
		l.counted = c
	}
}

// Uncounted says why Sync could not keep the number of people beside the ledger; nil where it could.
func (l *Ledger) Uncounted() error { return l.uncounted }

func headCount(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

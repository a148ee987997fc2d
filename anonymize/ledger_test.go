package anonymize

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

func openLedger(t testing.TB, name string) *Ledger {
	t.Helper()
	l, err := OpenLedger(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// withLedger returns an Anonymizer that goes on with a ledger.
func withLedger(t testing.TB, l *Ledger, pool sms.Pool) (*Anonymizer, error) {
	t.Helper()
	return New(Options{Key: testKey(), Table: all.Table(), Classifier: testClassifier(t), Pool: pool, Ledger: l})
}

// meetAll gives the numbers from first to last fakes, and returns them.
func meetAll(t testing.TB, a *Anonymizer, first, last int) (fakes []string) {
	t.Helper()
	for i := first; i < last; i++ {
		a.cur, a.met = current{}, nil
		fakes = append(fakes, a.address("+1415"+strconv.Itoa(2_000_000+i)).fake)
		if a.cur.err != nil {
			t.Fatal(a.cur.err)
		}
	}
	return fakes
}

func TestLedgerKeepsPeople(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ledger")
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	first := meetAll(t, a, 0, 5000)
	short := a.address("28572").fake
	if err := errors.Join(l.Sync(), l.Close()); err != nil {
		t.Fatal(err)
	}

	l = openLedger(t, name)
	if a, err = withLedger(t, l, sms.Wide()); err != nil {
		t.Fatal(err)
	}
	second := meetAll(t, a, 4000, 6000) // in another order, with new ones among them
	for i := range 1000 {
		if second[i] != first[4000+i] {
			t.Fatalf("person %d became another one under the same ledger", 4000+i)
		}
	}
	seen := make(map[string]bool)
	for _, fake := range append(first, second[1000:]...) {
		if seen[fake] {
			t.Fatal("two people have one number")
		}
		seen[fake] = true
	}
	if again := a.address("28572").fake; again != short {
		t.Error("the short code became another one")
	}
	if _, err := OpenLedger(name); !errors.Is(err, ErrLedgerBusy) {
		t.Errorf("a second process gets %v, want ErrLedgerBusy", err)
	}
	if err := errors.Join(l.Sync(), l.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() > 6001*entryLen+200 {
		t.Errorf("the ledger has mode %v and %d bytes: %v", info.Mode(), info.Size(), err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"4152000001", first[0][1:], "28572"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Error("the ledger holds an address or a fake")
		}
	}
}

func TestLedgerRefuses(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "ledger")
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	meetAll(t, a, 0, 100)
	if err := errors.Join(l.Sync(), l.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(whole, '\n') + 1
	changed := func(at int, b byte) []byte {
		c := bytes.Clone(whole)
		c[at] ^= b
		return c
	}
	for what, tc := range map[string]struct {
		content []byte
		pool    sms.Pool
		want    error
		words   string
	}{
		"another key":            {content: bytes.Replace(whole, []byte(a.Fingerprint()), []byte("0123456789abcdef"), 1), want: ErrLedgerKey, words: "0123456789abcdef"},
		"another pool":           {content: whole, pool: sms.Strict(), want: ErrLedgerKey, words: "pool wide"},
		"a flipped bit":          {content: changed(head+20*entryLen+12, 4), want: ErrLedgerDamaged, words: "entry 21"},
		"an entry left out":      {content: append(bytes.Clone(whole[:head+entryLen]), whole[head+2*entryLen:]...), want: ErrLedgerDamaged, words: "entry 2"},
		"an entry twice":         {content: append(bytes.Clone(whole), whole[head:head+entryLen]...), want: ErrLedgerDamaged, words: "entry 102"},
		"something else":         {content: []byte("From: someone\n\n"), words: "no ledger"},
		"a first line too short": {content: []byte(ledgerMagic + "\n"), words: "no ledger"},
	} {
		if err := os.WriteFile(name, tc.content, 0o600); err != nil {
			t.Fatal(err)
		}
		l := openLedger(t, name)
		_, err := withLedger(t, l, tc.pool)
		if err == nil || tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.words) {
			t.Errorf("%s: %v, want %v and %q", what, err, tc.want, tc.words)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if after, _ := os.ReadFile(name); !bytes.Equal(after, tc.content) {
			t.Errorf("%s: the ledger was changed", what)
		}
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLedger(name); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a ledger that all can read: %v", err)
	}
}

// A process that dies leaves its last write cut off anywhere, and everyone that a published corpus knows is still there.
func TestLedgerAfterACrash(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ledger")
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	published := meetAll(t, a, 0, 50)
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	synced := l.size
	count, err := os.ReadFile(CountFile(name))
	if err != nil {
		t.Fatal(err)
	}
	meetAll(t, a, 50, 80)
	if err := errors.Join(l.write(), l.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	step := 5
	if testing.Short() { // one goroutine
		step = 97
	}
	for cut := int(synced); cut <= len(whole); cut += step {
		torn := bytes.Clone(whole[:cut])
		if cut > int(synced) && rnd.IntN(2) == 0 { // a page that was never written
			clear(torn[max(int(synced), cut-rnd.IntN(60)):])
		}
		if err := errors.Join(os.WriteFile(name, torn, 0o600), os.WriteFile(CountFile(name), count, 0o600)); err != nil {
			t.Fatal(err)
		}
		l := openLedger(t, name)
		a, err := withLedger(t, l, sms.Wide())
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		got := meetAll(t, a, 0, 120)
		seen := make(map[string]bool)
		for i, fake := range got {
			if seen[fake] || i < len(published) && fake != published[i] {
				t.Fatalf("cut at %d: person %d has another's number, or another one than in what was published", cut, i)
			}
			seen[fake] = true
		}
		if err := errors.Join(l.Sync(), l.Close()); err != nil {
			t.Fatal(err)
		}
		l = openLedger(t, name)
		if _, err := withLedger(t, l, sms.Wide()); err != nil {
			t.Fatalf("cut at %d, opened again: %v", cut, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A write that fails leaves the ledger as it was.
func TestLedgerOnAFullDisk(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ledger")
	l := openLedger(t, name)
	a, err := withLedger(t, l, sms.Wide())
	if err != nil {
		t.Fatal(err)
	}
	meetAll(t, a, 0, 10)
	if err := errors.Join(l.Sync(), l.file.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if l.file, err = os.Open(name); err != nil { // for reading alone: every write fails
		t.Fatal(err)
	}
	meetAll(t, a, 10, 20)
	for range 2 { // the second does not forget the first's failure
		if l.Sync() == nil {
			t.Error("Sync succeeds")
		}
	}
	if err := l.append(group{sms.E164, 0}, 99, tag{}); err == nil {
		t.Error("append succeeds after a write that failed")
	}
	if after, _ := os.ReadFile(name); !bytes.Equal(before, after) {
		t.Error("the ledger was changed")
	}
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "key")
	write := func(text []byte, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(name, text, 0o600), os.Chmod(name, mode)); err != nil {
			t.Fatal(err)
		}
	}
	one, two := NewKey(), NewKey()
	if bytes.Equal(one, two) || len(one) != 2*KeySize+1 {
		t.Fatalf("keys of %d bytes, equal %v", len(one), bytes.Equal(one, two))
	}
	for what, text := range map[string][]byte{"hex": one, "hex without its line's end": one[:64], "bytes": testKey()} {
		write(text, 0o600)
		if key, err := ReadKey(name); err != nil || len(key) != KeySize {
			t.Errorf("%s: %d bytes, %v", what, len(key), err)
		}
	}
	for what, text := range map[string][]byte{"empty": nil, "a passphrase": []byte("correct horse battery staple"), "no hex": append(bytes.Repeat([]byte("z"), 64), '\n'), "long": bytes.Repeat([]byte("a"), 1000)} {
		write(text, 0o600)
		if _, err := ReadKey(name); err == nil || !strings.Contains(err.Error(), "is no key") || strings.Contains(err.Error(), "horse") || strings.Contains(err.Error(), "zz") {
			t.Errorf("%s: %v", what, err)
		}
	}
	write(one, 0o640)
	if _, err := ReadKey(name); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that a group can read: %v", err)
	}
}

// A fake number has the time zone of the real one, as far as the pool goes.
func TestFakesKeepTheTimeZone(t *testing.T) {
	a := newAnonymizer(t, sms.Strict())
	for i := range 600 { // the zone of 907 has 100 numbers in the strict pool
		a.cur, a.met = current{}, nil
		for _, area := range []string{"212", "312", "415", "303"} {
			number := "+1" + area + strconv.Itoa(2_000_000+i)
			want, _ := sms.ZoneOf(number)
			if got, ok := sms.ZoneOf(a.address(number).fake); !ok || got != want {
				t.Fatalf("person %d of %s became one of %s", i, want, got)
			}
		}
	}
	alaska := make(map[string]int)
	for i := range 150 {
		a.cur, a.met = current{}, nil
		z, _ := sms.ZoneOf(a.address("+1907" + strconv.Itoa(2_000_000+i)).fake)
		alaska[z.String()]++
		if a.cur.err != nil {
			t.Fatal(a.cur.err)
		}
	}
	if alaska["America/Adak America/Anchorage"] != 100 || alaska["America/New_York"] != 50 {
		t.Errorf("of 150 people of Alaska: %v", alaska)
	}
}

func BenchmarkMeet(b *testing.B) {
	a := newAnonymizer(b, sms.Wide())
	for i := range b.N {
		a.cur, a.met = current{}, a.met[:0]
		a.address("+1415" + strconv.Itoa(2_000_000+i%7_999_999))
		if a.cur.err != nil {
			b.Skip("the pool is exhausted")
		}
	}
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte("reprise-ledger 1 "), 3)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, tail []byte, n int) {
		name := filepath.Join(t.TempDir(), "ledger")
		l := openLedger(t, name)
		a, err := withLedger(t, l, sms.Strict())
		if err != nil {
			t.Fatal(err)
		}
		before := meetAll(t, a, 0, min(max(n, 0), 50))
		if err := errors.Join(l.Sync(), l.Close()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(text, tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		l = openLedger(t, name)
		defer l.Close()
		a, err = withLedger(t, l, sms.Strict())
		if err != nil {
			return // said, and nothing was changed
		}
		for i, fake := range meetAll(t, a, 0, len(before)) {
			if fake != before[i] {
				t.Fatalf("person %d became another one", i)
			}
		}
	})
}

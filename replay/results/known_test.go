package results

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"reprise/capture/frame"
	"reprise/replay"
)

// knownTraffic is traffic of which everything is known that the first files of version 2 do not hold.
func knownTraffic(n int, seed uint64) []replay.Result {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := traffic(n, seed)
	for i := range rows {
		r := &rows[i]
		r.Known, r.InFlight, r.NewConnection = true, int32(rng.IntN(40)), rng.IntN(50) == 0
		r.Recipient = uint32(rng.IntN(5)) * 0x9e3779b9
		if rng.IntN(20) > 0 {
			r.Person = rng.Uint32() | 1
		}
		if rng.IntN(100) == 0 {
			r.Attempt = uint8(1 + rng.IntN(3))
		}
	}
	return rows
}

func someDisturbances() replay.Disturbances {
	ms := time.Millisecond
	return replay.Disturbances{
		Stops:     []replay.Stop{{At: -20 * ms, For: 3 * ms}, {At: 500 * ms, For: 40 * ms}, {At: 90 * time.Second, For: 2 * time.Second}},
		Waits:     []replay.Stop{{At: 0, For: 12 * ms}, {At: time.Second, For: 900 * ms}},
		Steals:    []replay.Stop{{At: 2 * time.Second, For: 250 * ms}},
		ClockStep: -3 * time.Hour,
	}
}

// encodeKnown writes a whole file of rows and disturbances.
func encodeKnown(t testing.TB, rows []replay.Result, d *replay.Disturbances) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{Run: "r1", Target: "http://127.0.0.1:9000"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if d != nil {
		if err := w.Disturbed(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKnownRoundTrip(t *testing.T) {
	old, now := traffic(3000, 1), knownTraffic(3000, 2)
	few := knownTraffic(600, 3)
	for i := range few {
		few[i].Person &= 15 // a list of hashes serves
	}
	nobody := traffic(10, 5)
	for i := range nobody {
		nobody[i].Known = true
	}
	// A run that an older program began, and that was gone on with.
	mixed := append(append([]replay.Result{}, old[:1500]...), now[1500:]...)
	want := someDisturbances()
	for name, rows := range map[string][]replay.Result{"now": now, "old": old, "mixed": mixed, "few": few, "nobody": nobody, "none": nil} {
		got, r := readAll(t, encodeKnown(t, rows, &want))
		if !reflect.DeepEqual(got, rows) {
			t.Errorf("%s: %d rows that are not those written", name, len(got))
		}
		if len(r.Extensions()) > 0 || len(r.Damage()) > 0 {
			t.Errorf("%s: passed over %q, damage %v", name, r.Extensions(), r.Damage())
		}
		if d, known := r.Disturbances(); !known || !reflect.DeepEqual(d, want) {
			t.Errorf("%s: disturbances %v, %+v", name, known, d)
		}
	}
	if _, r := readAll(t, encodeKnown(t, now, nil)); true {
		if d, known := r.Disturbances(); known || len(d.Stops) > 0 {
			t.Errorf("none were written: %+v, %v", d, known)
		}
	}
}

// What is not written costs nothing, and what is known some bytes a row.
func TestKnownIsSmall(t *testing.T) {
	const n = 50_000
	plain, known := encodeKnown(t, traffic(n, 3), nil), encodeKnown(t, knownTraffic(n, 3), nil)
	if more := float64(len(known)-len(plain)) / n; more > 6.3 {
		t.Errorf("%.2f bytes a row more, want 6.3 at most", more)
	}
}

// A small block, as a slow run has, in which nobody comes twice holds no list beside the people.
func TestPeopleOfASmallBlock(t *testing.T) {
	for _, n := range []int{1, 2, 100, 256, 257, 1000} {
		hashes := make([]uint32, n)
		for i := range hashes {
			hashes[i] = uint32(i+1) * 2654435761
		}
		if got := len(new(rowEncoder).hashColumn(nil, hashes)); got > 4*n+1 {
			t.Errorf("%d different ones take %d bytes, want %d at most", n, got, 4*n+1)
		}
		clear(hashes)
		if got := len(new(rowEncoder).hashColumn(nil, hashes)); got > n+5 {
			t.Errorf("%d equal ones take %d bytes, want %d at most", n, got, n+5)
		}
	}
}

// A part of a block of rows that says other than it can is damage of the block, not of the reader.
func TestKnownColumnsAreDoubted(t *testing.T) {
	column := func(name string, values ...byte) []byte {
		return append([]byte{0, 1, colNamed, byte(1 + len(name) + len(values)), byte(len(name))}, append([]byte(name), values...)...)
	}
	for name, raw := range map[string][]byte{
		"too short":   column("in-flight", 1),
		"not a name":  column("In-Flight", 1, 1),
		"few bytes":   column("new-connection", 1),
		"no list":     column("person", 255, 255, 1),
		"wrong place": column("recipient", 1, 1, 2, 3, 4, 0, 1),
	} {
		if _, err := parseRows(nil, raw, 2, new(frame.Names)); !errors.Is(err, errRows) {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, err := parseRows(nil, column("attempt", 3, 3), 2, new(frame.Names))
	if err != nil || rows[0].Attempt != 0 || rows[0].Known {
		t.Errorf("a row of which nothing is known says %+v, %v", rows[0], err)
	}
}

func TestDisturbancesAreDoubted(t *testing.T) {
	whole := someDisturbances()
	good := appendDisturbances(nil, &whole)
	older := whole
	older.Steals = nil
	before := appendDisturbances(nil, &older) // how files were before steals
	if !bytes.HasPrefix(good, before) {
		t.Error("readers that do not know steals cannot read what comes before them")
	}
	for n := range good {
		if got := new(disturbed).parse(good[:n]); got != (n == len(before)) {
			t.Errorf("%d of %d bytes: taken %v", n, len(good), got)
		}
	}
	for name, b := range map[string][]byte{
		"many":    {0, 0xff, 0xff, 0x7f, 0, 0, 0},
		"far off": append(append([]byte{0, 1}, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), 0, 0),
	} {
		if new(disturbed).parse(b) {
			t.Errorf("%s: taken", name)
		}
	}
}

// A run of a week on a machine that always stops it stays small in memory, and keeps the longest stops.
func TestManyStops(t *testing.T) {
	var l stopList
	const parts, each = 20, 60_000
	for i := range parts {
		list := make([]replay.Stop, each)
		for j := range list {
			n := time.Duration(i*each + j)
			list[j] = replay.Stop{At: n * replay.StopWindow, For: 2*time.Millisecond + n%64}
		}
		list[each/2].For = time.Minute
		l.add(list)
		if len(l.list) > mostStops+stopsPerBlock {
			t.Fatalf("%d stops are kept", len(l.list))
		}
	}
	long := 0
	for _, s := range l.list {
		if s.For == time.Minute {
			long++
		}
	}
	if long != parts {
		t.Errorf("%d of %d long stops are kept", long, parts)
	}
}

// Repair keeps what is known.
func TestRepairKeepsWhatIsKnown(t *testing.T) {
	rows, want := knownTraffic(5000, 7), someDisturbances()
	out := filepath.Join(t.TempDir(), "repaired.rpr")
	if _, err := RepairFile(context.Background(), bytes.NewReader(encodeKnown(t, rows, &want)), out, RepairOptions{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got, r := readAll(t, b)
	if d, known := r.Disturbances(); !reflect.DeepEqual(got, rows) || !known || !reflect.DeepEqual(d, want) {
		t.Errorf("%d rows, disturbances %+v", len(got), d)
	}
}

var freeze = flag.Bool("freeze", false, "write testdata/v2/known.rpr where it is not there")

// TestFrozenKnown reads the file that the first writer of the named columns wrote. It is never written again.
func TestFrozenKnown(t *testing.T) {
	const name = "testdata/v2/known.rpr"
	want := someDisturbances()
	want.Steals = nil // they came later
	if _, err := os.Stat(name); *freeze && errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(name, encodeKnown(t, knownTraffic(2000, 4), &want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, r := readAll(t, frozen(t, "v2/known.rpr", "be3c0f3963a3ac273d01e0482927783936d78d870dbe54b9dfc9b80c146efdbe"))
	if !reflect.DeepEqual(got, knownTraffic(2000, 4)) || len(r.Extensions()) > 0 || len(r.Damage()) > 0 {
		t.Errorf("%d rows that are not those written, passed over %q, damage %v", len(got), r.Extensions(), r.Damage())
	}
	if d, known := r.Disturbances(); !known || !reflect.DeepEqual(d, want) {
		t.Errorf("disturbances %v, %+v", known, d)
	}
}

// FuzzDisturbances reads the payload of a block, past its checksum.
func FuzzDisturbances(f *testing.F) {
	d := someDisturbances()
	f.Add(appendDisturbances(nil, &d))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d disturbed
		if !d.parse(b) {
			return
		}
		all := d.all()
		var again disturbed
		for _, part := range disturbanceParts(&all) {
			if !again.parse(appendDisturbances(nil, &part)) {
				t.Fatal("what was read cannot be written")
			}
		}
		if got := again.all(); len(got.Stops) != len(all.Stops) || len(got.Waits) != len(all.Waits) || len(got.Steals) != len(all.Steals) || got.ClockStep != all.ClockStep {
			t.Fatalf("%+v came back as %+v", all, got)
		}
	})
}

// Lines say what is known, of old runs less; and never the hashes of people.
func TestLinesSayWhatIsKnown(t *testing.T) {
	rows := append(traffic(1, 1), knownTraffic(1, 1)...)
	rows[1].InFlight, rows[1].NewConnection, rows[1].Attempt, rows[1].Person = 3, true, 0, 0xabcdef01
	r, err := NewReader(bytes.NewReader(encodeKnown(t, rows, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteLines(t.Context(), &b, r, nil, 0); err != nil {
		t.Fatal(err)
	}
	old, known, _ := strings.Cut(b.String(), "\n")
	if want := `,"in_flight":3,"new_connection":true,"attempt":0}`; strings.Contains(old, "in_flight") || !strings.Contains(known, want) {
		t.Errorf("lines\n%s\n%s", old, known)
	}
	if strings.Contains(known, "2882400001") || strings.Contains(known, "person") {
		t.Errorf("a line tells of people: %s", known)
	}
}

func BenchmarkRecordKnown(b *testing.B) {
	rows := knownTraffic(rowsPerBlock, 10)
	w, err := NewWriter(io.Discard, Header{})
	if err != nil {
		b.Fatal(err)
	}
	f := &File{Accumulator: NewAccumulator(nil), writer: w}
	b.ReportAllocs()
	var i int
	for b.Loop() {
		if err := f.Record(&rows[i%len(rows)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

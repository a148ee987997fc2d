package results

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/capture/frame"
	"reprise/replay"
	"reprise/replay/internal/answers"
)

// completedFile writes the rows of a run into a file with all that a file can hold, and joins completions to it as Files.Join does.
func completedFile(t testing.TB, rows []replay.Result, of Completions, started time.Time, all int, offset *time.Duration) (path string, c *Completion) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.rpr")
	f, err := Create(path, Header{Run: "r", Started: started.Add(-time.Second)}, false)
	if err != nil {
		t.Fatal(err)
	}
	done := NewCompleter(of)
	for i := range rows {
		if err := errors.Join(f.Record(&rows[i]), done.Record(&rows[i])); err != nil {
			t.Fatal(err)
		}
	}
	f.writer.block(&frame.Head{Type: frame.Extension}, append(frame.AppendName(nil, "of.tomorrow"), 1, 2, 3))
	d := someDisturbances()
	err = errors.Join(f.Disturbed(&d), f.Watched(watchedExample()[1:]), f.Answers([]answers.Shape{{Hash: 7}}),
		f.Finish(replay.Outcome{State: replay.Complete, Started: started, Ledger: ledgerOf(rows)}))
	if err != nil {
		t.Fatal(err)
	}
	return path, done.Completion(started, all, offset)
}

// whole is all that a file holds.
type whole struct {
	run       Run
	rows      []replay.Result
	answers   []answers.Shape
	disturbed replay.Disturbances
}

func readWhole(t testing.TB, path string) (w whole) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if w.run, err = Summarize(t.Context(), r, recorderOf(&w.rows)); err != nil {
		t.Fatal(err)
	}
	w.answers = r.Answers()
	w.disturbed, _ = r.Disturbances()
	return w
}

type rowsRecorder struct{ rows *[]replay.Result }

func recorderOf(rows *[]replay.Result) replay.Recorder { return rowsRecorder{rows} }

func (r rowsRecorder) Record(res *replay.Result) error {
	*r.rows = append(*r.rows, *res)
	return nil
}

// same compares completions by all that they tell.
func same(a, b *Completion) bool {
	x, y := *a, *b
	x.whole, y.whole, x.Kinds, y.Kinds = nil, nil, nil, nil
	if !reflect.DeepEqual(x, y) || len(a.Kinds) != len(b.Kinds) {
		return false
	}
	for name, k := range a.Kinds {
		if k.Joined != b.Kinds[name].Joined || k.Latency != b.Kinds[name].Latency || k.Failed != b.Kinds[name].Failed {
			return false
		}
	}
	return true
}

func TestStoredCompletionsAreThoseThatWereJoined(t *testing.T) {
	second := time.Second
	for _, tc := range []struct {
		name     string
		skew     time.Duration
		offset   *time.Duration
		failures []string
	}{
		{"one clock", 0, new(time.Duration), nil},
		{"an offset that is told", time.Second, &second, nil},
		{"an offset that is guessed", 3 * time.Second, nil, nil},
		{"completions that are too early to be believed", 20 * time.Second, new(time.Duration), nil},
		{"all failed", 0, new(time.Duration), []string{"OK"}},
	} {
		rows, of, started := burstRun(tc.skew)
		from := Completions{Of: of, Failures: tc.failures}
		path, want := completedFile(t, rows, from, started, 6000, tc.offset)
		before := readWhole(t, path)
		if before.run.Stored != nil || before.run.Summary.Completion != nil {
			t.Errorf("%s: a run file without completions has some", tc.name)
		}
		if err := Store(t.Context(), path, path, true, from, want); err != nil {
			t.Fatal(err)
		}
		after := readWhole(t, path)
		if after.run.Stored == nil || !same(after.run.Summary.Completion, want) {
			got := *after.run.Summary.Completion
			got.Windows = nil
			t.Errorf("%s: stored is %+v, and another was joined", tc.name, got)
			continue
		}
		mended := filepath.Join(t.TempDir(), "mended.rpr")
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = RepairFile(t.Context(), in, mended, RepairOptions{})
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		if again := readWhole(t, mended); !same(again.run.Summary.Completion, want) {
			t.Errorf("%s: repair does not keep the completions", tc.name)
		}
		after.run.Stored, after.run.Summary.Completion = nil, nil
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s: the rest of the file is another", tc.name)
		}
		if !slices.Contains(after.run.Extensions, "of.tomorrow") || len(after.run.Watched) != 2 {
			t.Errorf("%s: extensions %v, %d figures", tc.name, after.run.Extensions, len(after.run.Watched))
		}
	}
}

// Of a run read as completed, each request is done at the same moment by the file as by what was joined.
func TestCompletedRunOfAFile(t *testing.T) {
	rows, of, started := burstRun(time.Second)
	from := Completions{Of: of}
	path, c := completedFile(t, rows, from, started, len(rows), nil)
	joined := readWhole(t, path).run
	joined.Summary.Completion = c
	kept := filepath.Join(t.TempDir(), "kept.rpr")
	if err := Store(t.Context(), path, kept, false, from, c); err != nil {
		t.Fatal(err)
	}
	stored := readWhole(t, kept).run
	read := func(path string, of Completions, run *Run) (all []replay.Result) {
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var res replay.Result
		for done := NewCompletedRun(r, of, run); done.Next(&res) == nil; {
			all = append(all, res)
		}
		return all
	}
	a, b := read(path, from, &joined), read(kept, stored.Stored.Completions(), &stored)
	if len(a) != len(rows)-1 || !slices.Equal(a, b) {
		t.Errorf("%d requests as joined, %d as stored, and they differ", len(a), len(b))
	}
}

func TestStoringAgainReplaces(t *testing.T) {
	rows, of, started := burstRun(0)
	path, c := completedFile(t, rows, Completions{Of: of}, started, len(rows), new(time.Duration))
	if err := Store(t.Context(), path, path, true, Completions{Of: of}, c); err != nil {
		t.Fatal(err)
	}
	few := Completions{Of: func(seq int64, n int) (time.Time, string, bool) {
		at, _, ok := of(seq, n)
		return at, "late", ok && seq < 10
	}}
	done := NewCompleter(few)
	for i := range rows {
		_ = done.Record(&rows[i])
	}
	if err := Store(t.Context(), path, path, true, few, done.Completion(started, 10, new(time.Duration))); err != nil {
		t.Fatal(err)
	}
	if got := readWhole(t, path).run; got.Stored.Len() != 10 || got.Summary.Completion.Outcomes["late"] != 10 || len(got.Summary.Completion.Outcomes) != 1 {
		t.Errorf("%d are stored: %v", got.Stored.Len(), got.Summary.Completion.Outcomes)
	}
}

// More than a block holds; and where one of the blocks is damaged, none of them is used.
func TestManyStoredCompletions(t *testing.T) {
	const n = completionsPerBlock + 1000
	rows, started := make([]replay.Result, n), time.Unix(1000, 0)
	for i := range rows {
		at := time.Duration(i) * time.Microsecond
		rows[i] = replay.Result{Seq: int64(i / 2), Copy: i % 2, Intended: at, Sent: at, Done: at + 1, Status: 200}
	}
	of := Completions{Of: func(seq int64, copied int) (time.Time, string, bool) {
		return started.Add(time.Duration(seq)*2*time.Microsecond + time.Duration(copied)*time.Microsecond + time.Millisecond), "ok", true
	}}
	path, c := completedFile(t, rows, of, started, n, new(time.Duration))
	if err := Store(t.Context(), path, path, true, of, c); err != nil {
		t.Fatal(err)
	}
	got := readWhole(t, path).run
	if got.Summary.Completion.Joined != n || got.Summary.Completion.Latency.Max != time.Millisecond || len(got.Damage) > 0 {
		t.Fatalf("%+v, damage %v", got.Summary.Completion, got.Damage)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[rowsBegin(text)+100] ^= 1 // in the payload of the first block after the headers
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	hurt := readWhole(t, path)
	if hurt.run.Stored != nil || hurt.run.Summary.Completion != nil || len(hurt.run.Damage) != 1 || len(hurt.rows) != n {
		t.Errorf("stored %v, damage %v, %d rows", hurt.run.Stored != nil, hurt.run.Damage, len(hurt.rows))
	}
	if err := Store(t.Context(), path, path+".new", false, of, c); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged file is copied: %v", err)
	}
	if left, _ := filepath.Glob(path + ".new*"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// A run that died has no end, and none afterwards.
func TestStoreInARunThatDied(t *testing.T) {
	rows, of, started := burstRun(0)
	path, c := completedFile(t, rows, Completions{Of: of}, started, len(rows), new(time.Duration))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	died := path + ".died"
	if err := os.WriteFile(died, text[:len(text)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	kept := path + ".kept"
	if err := Store(t.Context(), died, kept, false, Completions{Of: of}, c); err != nil {
		t.Fatal(err)
	}
	got := readWhole(t, kept)
	if got.run.Footer != nil || got.run.Summary.Completion == nil || len(got.rows) != len(rows) {
		t.Errorf("footer %v, completion %v, %d rows", got.run.Footer, got.run.Summary.Completion != nil, len(got.rows))
	}
}

func TestStoreLeavesTheFileWhereItIsInterrupted(t *testing.T) {
	rows, of, started := burstRun(0)
	path, c := completedFile(t, rows, Completions{Of: of}, started, len(rows), new(time.Duration))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if err := Store(ctx, path, path, true, Completions{Of: of}, c); err == nil || err.Error() != "enough" {
		t.Errorf("an interrupt is %v", err)
	}
	after, err := os.ReadFile(path)
	if left, _ := filepath.Glob(path + "*"); err != nil || !bytes.Equal(before, after) || len(left) != 1 {
		t.Errorf("the file changed, or something is left: %v, %v", left, err)
	}
}

// Each of these is refused, and nothing of it is kept.
func TestBadStoredCompletions(t *testing.T) {
	ok := Stored{outcomes: []string{"ok"}, failed: []bool{false}, entries: []storedEntry{{1 << 24, 5, 0}, {1<<24 + 1, 6, 0}}}
	if s := new(Stored); !s.parse(ok.appendTo(nil, ok.entries)) || s.Len() != 2 || s.entries[1] != ok.entries[1] {
		t.Fatalf("what is right is refused: %+v", s)
	}
	for name, spoil := range map[string]func(s *Stored) []storedEntry{
		"out of order":           func(s *Stored) []storedEntry { return []storedEntry{s.entries[1], s.entries[0]} },
		"twice":                  func(s *Stored) []storedEntry { return []storedEntry{s.entries[0], s.entries[0]} },
		"an outcome that is not": func(s *Stored) []storedEntry { s.entries[0].outcome = 1; return s.entries },
		"far away":               func(s *Stored) []storedEntry { s.entries[0].at = longestMoment + 1; return s.entries },
		"more than there are":    func(s *Stored) []storedEntry { e := s.entries; s.entries = e[:1]; return e },
		"an offset of a century": func(s *Stored) []storedEntry { s.Offset = 3 * longestMoment; return s.entries },
	} {
		s := ok
		s.entries = slices.Clone(ok.entries)
		if got := new(Stored); got.parse(s.appendTo(nil, spoil(&s))) || got.Len() > 0 {
			t.Errorf("%s: it is read", name)
		}
	}
	text := ok.appendTo(nil, ok.entries)
	for n := range text {
		if new(Stored).parse(text[:n]) {
			t.Errorf("the first %d of %d bytes are read", n, len(text))
		}
	}
}

func FuzzStoredCompletions(f *testing.F) {
	s := Stored{Offset: -5, Guessed: true, Unmatched: 3, outcomes: []string{"ok", "dead"}, failed: []bool{false, true}, entries: []storedEntry{{1 << 24, -5, 0}, {9<<24 + 1, 6, 1}}}
	f.Add(s.appendTo(nil, s.entries))
	f.Add([]byte{0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := new(Stored)
		if !s.parse(b) {
			if s.Len() > 0 {
				t.Fatal("what is refused is kept")
			}
			return
		}
		part := Stored{Offset: s.Offset, Guessed: s.Guessed, Unmatched: s.Unmatched, outcomes: s.outcomes, failed: s.failed, entries: s.entries}
		again := new(Stored)
		if !again.parse(part.appendTo(nil, part.entries)) {
			t.Fatal("what was read cannot be written")
		}
		if again.total = s.total; !reflect.DeepEqual(s, again) {
			t.Fatalf("%+v came back as %+v", s, again)
		}
		_ = s.Completions()
		for _, e := range s.entries {
			s.of(int64(e.key>>24), int(e.key&(1<<24-1)))
		}
	})
}

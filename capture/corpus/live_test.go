package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
)

// likeKilled copies what a folder holds, which is what a kill at this moment leaves, but for the last cut bytes of the corpus.
func likeKilled(t *testing.T, dir string, cut func(size int64) int64) (path string) {
	t.Helper()
	to := t.TempDir()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range names {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == "a.rpz.partial" {
			path = filepath.Join(to, e.Name())
			text = text[:cut(int64(len(text)))]
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// mustHold holds that an unfinished file gives the records, in order of time and each once.
func mustHold(t *testing.T, path string, want []capture.Record) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := readAll(t, r)
	if !slices.IsSortedFunc(got, byTime) {
		t.Error("it is not in the order of time")
	}
	for i := range got {
		if got[i].Seq != int64(i) {
			t.Fatalf("record %d has number %d", i, got[i].Seq)
		}
	}
	if !EndsEarly(r.Damage()) {
		t.Errorf("damage %v", r.Damage())
	}
	hash, ok := r.Hash()
	if written := hashOf(t, Header{State: Raw}, got, 100); !ok || hash != written {
		t.Errorf("the hash is %s, %v; written anew it is %s", hash, ok, written)
	}
	all := func(r *capture.Record) string {
		return fmt.Sprint(r.URL, r.Body, r.Headers, r.Kind, r.Response, r.Message)
	}
	inAnyOrder := func(a, b capture.Record) int {
		return cmpOr(a.Time.Compare(b.Time), strings.Compare(all(&a), all(&b)))
	}
	want = slices.Clone(want)
	slices.SortFunc(got, inAnyOrder)
	slices.SortFunc(want, inAnyOrder)
	mustEqual(t, got, want)
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// Whenever the process ends, the unfinished file gives what was saved: in whatever order it came, and whatever of the file had
// reached the disk since its journal was written anew.
func TestLiveKilled(t *testing.T) {
	// The second and third kill between two records that are the same in all: one in the file before the journal was begun, one in the journal.
	// The fourth has two of one time that differ in headers alone.
	seeds := []uint64{rand.Uint64(), 14459150052008878439, 15417097206461483664, 357893125831073738}
	if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		testLiveKilled(t, seed)
	}
}

func testLiveKilled(t *testing.T, seed uint64) {
	t.Helper()
	for name, disorder := range disorders(seed) {
		for _, memory := range []int64{1, 20_000, 1 << 30} {
			t.Run(name, func(t *testing.T) {
				t.Logf("seed %d", seed)
				rng := rand.New(rand.NewPCG(seed, uint64(memory)))
				in := sample(300, seed)
				disorder(in)
				in[100] = *in[99].Clone() // a record twice
				dir := t.TempDir()
				path := filepath.Join(dir, "a.rpz")
				l, err := BeginLive(Dest{Path: path}, Header{State: Raw}, LiveOptions{Memory: memory})
				if err != nil {
					t.Fatal(err)
				}
				l.keeper.least, l.keeper.limit = 6000, 6000
				l.out.file.limit = 1500 // small blocks
				var renewed *journal
				var whole int64 // size of the file when the journal was written anew
				for i := range in {
					if err := l.Write(&in[i]); err != nil {
						t.Fatal(err)
					}
					if rng.IntN(25) > 0 {
						continue
					}
					if err := l.Flush(); err != nil {
						t.Fatal(err)
					}
					l.saving.Lock()
					l.mu.Lock()
					if l.keeper.onTime != renewed || whole == 0 {
						info, err := l.out.file.part.Stat()
						if err != nil {
							t.Fatal(err)
						}
						renewed, whole = l.keeper.onTime, info.Size()
					}
					mustHold(t, likeKilled(t, dir, func(size int64) int64 { return whole + rng.Int64N(size-whole+1) }), in[:i+1])
					l.mu.Unlock()
					l.saving.Unlock()
				}
				if err := l.End(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
				want := slices.Clone(in)
				slices.SortStableFunc(want, byTime)
				r := opened(t, path)
				mustEqual(t, readAll(t, r), want)
				if d := r.Damage(); len(d) > 0 || len(left(t, dir)) != 1 {
					t.Errorf("damage %v, in the folder %v", d, left(t, dir))
				}
			})
		}
	}
}

func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// What came is saved in half a second, also when nothing comes after it; a recording that fails is kept, and one to which nothing
// came leaves nothing.
func TestLiveInTime(t *testing.T) {
	dir := t.TempDir()
	records := sample(30, 1)
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(dir, "a.rpz")
		l, err := BeginLive(Dest{Path: path}, Header{State: Raw}, LiveOptions{})
		if err != nil {
			t.Fatal(err)
		}
		l.AddHost("hooks.example.com")
		for i := range records {
			if err := l.Write(&records[i]); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(saveEach)
		synctest.Wait()
		mustHold(t, path+".partial", records)
		r := opened(t, path+".partial")
		if readAll(t, r); !r.Hosts().Match("hooks.example.com") {
			t.Error("the hosts are not saved")
		}
		broken := errors.New("broken")
		err = l.End(t.Context(), broken)
		unfinished := (*LeftError)(nil)
		if !errors.As(err, &unfinished) || !errors.Is(err, broken) || unfinished.Path != path+".partial" {
			t.Errorf("it ended with %v", err)
		}
		mustHold(t, path+".partial", records)
		for _, name := range left(t, dir) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		for _, with := range []error{nil, broken} {
			l, err := BeginLive(Dest{Path: path}, Header{State: Raw}, LiveOptions{})
			if err != nil {
				t.Fatal(err)
			}
			want := with
			if with == nil {
				want = ErrEmpty
			}
			if err := l.End(t.Context(), with); !errors.Is(err, want) || len(left(t, dir)) > 0 {
				t.Errorf("with %v: %v, left %v", with, err, left(t, dir))
			}
		}
	})
}

// A journal that is damaged in its middle costs the block that it is damaged in, and says so. One whose file is gone is a stray.
func TestJournalDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.rpz")
	l, err := BeginLive(Dest{Path: path}, Header{State: Raw}, LiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records := sample(30, 2)
	var ends []int64
	for i := range records {
		if err := l.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
			l.saving.Lock()
			ends = append(ends, l.keeper.onTime.size)
			l.saving.Unlock()
		}
	}
	if err := l.End(t.Context(), errors.New("broken")); err == nil {
		t.Fatal("it is whole")
	}
	journals := Journals(path + ".partial")
	if len(journals) != 1 || len(StrayJournals(path)) > 0 {
		t.Fatalf("journals %v, strays %v", journals, StrayJournals(path))
	}
	text := contents(t, journals[0])
	text[ends[1]-5] ^= 1
	if err := os.WriteFile(journals[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	r := opened(t, path+".partial")
	mustEqual(t, readAll(t, r), slices.Concat(records[:10], records[20:]))
	want := Damage{Offset: ends[0], Length: ends[1] - ends[0], Reason: BadJournal, Records: 10, Block: true}
	if d := r.Damage(); len(d) != 2 || d[0] != want || d[1].Reason != NoFooter {
		t.Errorf("damage %+v, want %+v", d, want)
	}
	if err := os.Remove(path + ".partial"); err != nil {
		t.Fatal(err)
	}
	if s := StrayJournals(path); !slices.Equal(s, journals) {
		t.Errorf("strays %v, want %v", s, journals)
	}
}

// A disk that is full ends the recording, and what was saved before can be read.
func TestLiveDiskFull(t *testing.T) {
	records := sample(300, 4)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.rpz")
	l, err := BeginLive(Dest{Path: path}, Header{State: Raw}, LiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	write := func(records []capture.Record) error {
		for i := range records {
			if err := l.Write(&records[i]); err != nil {
				return err
			}
		}
		return l.Flush()
	}
	if err := write(records[:200]); err != nil {
		t.Fatal(err)
	}
	l.saving.Lock()
	l.keeper.onTime.file.Close() // as good as a full disk
	l.saving.Unlock()
	if err := write(records[200:]); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a write that fails: %v", err)
	}
	if err := l.Write(&records[0]); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a write after one that failed: %v", err)
	}
	if err := l.End(t.Context(), nil); !errors.As(err, new(*LeftError)) || !errors.Is(err, fs.ErrClosed) {
		t.Errorf("its end: %v", err)
	}
	mustHold(t, path+".partial", records[:200])
}

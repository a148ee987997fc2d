package explain_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/completed"
	"reprise/replay/explain"
	"reprise/replay/results"
	"reprise/replay/session"
)

const minute = "../session/testdata/minute.rpz"

// played plays a minute at a system that says when it has finished each request, and collects the run as it is played.
func played(t *testing.T, o session.Options) (run, done string, live *explain.Collector, r *results.Run) {
	t.Helper()
	dir := t.TempDir()
	run, done = filepath.Join(dir, "run.rpr"), filepath.Join(dir, "done.ndjson")
	var mu sync.Mutex
	var lines strings.Builder
	n := 0
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%10 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(&lines, `{"time":%q,"record":%q,"outcome":"done"}`+"\n", time.Now().UTC().Format(time.RFC3339Nano), r.Header.Get("Reprise-Record"))
	}))
	defer target.Close()
	o.Tempo.TimeScale, o.File, o.Engine.Timeout = 100, run, 10*time.Minute
	s, err := session.Open(t.Context(), minute, target.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	live = explain.NewCollector(s.Header())
	if r, err = s.Play(t.Context(), session.Hooks{Results: []replay.Recorder{live}, Watched: watched}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(done, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return run, done, live, r
}

// watched is a figure that was taken while the run went on.
func watched(time.Time) []results.Watched {
	return []results.Watched{{Name: "pool", Query: "q", Points: []results.WatchedPoint{{At: 0, Value: 1}, {At: 100 * time.Millisecond, Value: 2}}}}
}

// known lists the attributes of a table's columns, missing those that are not known for a reason.
func known(t *cause.Table) (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Attribute.String())
	}
	return names
}

func missing(t *cause.Table, why cause.Why) (names []string) {
	for _, m := range t.Missing {
		if m.Why == why {
			names = append(names, m.Attribute.String())
		}
	}
	return names
}

func TestFile(t *testing.T) {
	run, done, live, played := played(t, session.Options{})
	ctx := t.Context()

	read, searched := 0, 0
	alone, err := explain.File(ctx, run, explain.Options{Read: func() { read++ }, Search: func(requests int) { searched += requests + 1000*read }})
	if err != nil {
		t.Fatal(err)
	}
	if searched != 60_060 {
		t.Errorf("a search of 60 requests, after all were read, was told as %d", searched)
	}
	if got := missing(alone.Table, cause.NoCorpus); !slices.Contains(got, "vendor") || !slices.Contains(got, "body_bytes") || alone.Requests != 60 {
		t.Errorf("without the corpus %d requests lack %v", alone.Requests, got)
	}
	whole, err := explain.File(ctx, run, explain.Options{Corpus: minute, Completions: completed.Files{Paths: []string{done}}})
	if err != nil {
		t.Fatal(err)
	}
	table := whole.Table
	for _, name := range []string{"kind", "vendor", "body_bytes", "encoding", "segments", "same_person_within", "first_of_person", "burst_1s", "run_second"} {
		if !slices.Contains(known(table), name) {
			t.Errorf("with the corpus %s is not known: %v", name, table.Missing)
		}
	}
	if got := missing(table, cause.NoCorpus); got != nil {
		t.Errorf("with the corpus there lack %v", got)
	}
	for _, t2 := range []*cause.Table{table, alone.Table} {
		if s := t2.Series; len(s) != 1 || s[0].Name != "pool" || !slices.Equal(s[0].Values, []float64{1, 2}) || s[0].At[1] != 100*time.Millisecond || slices.Contains(missing(t2, cause.NotWatched), "watched") {
			t.Errorf("what was watched is %+v", s)
		}
	}
	failed, finished := 0, 0
	for i := range table.Len() {
		switch {
		case table.Failure[i] != 0:
			failed++
		case table.Completion[i] != cause.NoMicros && !table.Never[i]:
			finished++
		}
	}
	if failed != 6 || finished != 54 || !slices.Equal(table.Failures, []string{"status 500"}) {
		t.Errorf("%d failed and %d were finished; failures are %v", failed, finished, table.Failures)
	}
	text, err := os.ReadFile(run)
	if err != nil {
		t.Fatal(err)
	}
	// The shortest start of the file that can be read: how much of the file its rows and the tool's stops take is another each time.
	short := filepath.Join(t.TempDir(), "cut.rpr")
	var broken *explain.Why
	for n := 32; ; n += 32 {
		if n >= len(text) {
			t.Fatal("no start of the run file can be read")
		}
		if err := os.WriteFile(short, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if broken, err = explain.File(ctx, short, explain.Options{}); err == nil {
			break
		}
	}
	if got := missing(broken.Table, cause.CutRun); !slices.Contains(got, "tool_stop") || missing(broken.Table, cause.OldRun) != nil {
		t.Errorf("a run that is cut lacks %v for that, and %v as if it were old", got, missing(broken.Table, cause.OldRun))
	}
	if got := missing(table, cause.OldRun); got != nil {
		t.Errorf("a run of today lacks %v", got)
	}
	if tr := table.Traffic; tr.People == 0 || tr.People != tr.RecordedPeople || tr.TopPerson != tr.RecordedTopPerson || tr.SameKindNext != tr.RecordedSameKindNext {
		t.Errorf("a run that plays all as recorded has the traffic %+v", tr)
	}

	why, err := live.Why(ctx, played, explain.Options{Corpus: minute})
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := explain.Table(ctx, run, explain.Options{Corpus: minute})
	if err != nil {
		t.Fatal(err)
	}
	if why.Table.Traffic.People == 0 || !reflect.DeepEqual(why.Table, file) {
		t.Errorf("collected is another table than read: %v and %v", known(why.Table), known(file))
	}
}

// TestChangedPeople holds that a run tells who sent copies.
func TestChangedPeople(t *testing.T) {
	run, _, _, _ := played(t, session.Options{Tempo: session.Tempo{Volume: 2}})
	table, _, err := explain.Table(t.Context(), run, explain.Options{Corpus: minute})
	if err != nil {
		t.Fatal(err)
	}
	if table.Traffic.People <= table.Traffic.RecordedPeople {
		t.Errorf("new people sent the copies, and the traffic is %+v", table.Traffic)
	}
	if !slices.Contains(known(table), "copy") || !slices.Contains(known(table), "recipient") {
		t.Errorf("a run of twice the volume has %v", known(table))
	}
}

func TestCorpusRefused(t *testing.T) {
	run, _, _, _ := played(t, session.Options{})
	dir := t.TempDir()
	other, text, none := filepath.Join(dir, "other.rpz"), filepath.Join(dir, "text"), filepath.Join(dir, "none.rpz")
	f, err := corpus.Create(other, corpus.Header{State: corpus.Synthetic}, false)
	if err == nil {
		err = errors.Join(f.Write(&capture.Record{Time: time.Unix(1, 0), Method: "POST", URL: "/"}), f.Commit(), os.WriteFile(text, []byte("hello"), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = explain.File(t.Context(), run, explain.Options{Corpus: other})
	if !errors.Is(err, completed.ErrOtherCorpus) {
		t.Errorf("another corpus: %v", err)
	}
	for _, name := range []string{text, none, run} {
		_, err = explain.File(t.Context(), run, explain.Options{Corpus: name})
		if _, ok := errors.AsType[*completed.CorpusError](err); !ok {
			t.Errorf("%s for a corpus: %v", filepath.Base(name), err)
		}
	}
	if _, err := explain.File(t.Context(), text, explain.Options{}); !errors.Is(err, results.ErrFormat) {
		t.Errorf("text for a run: %v", err)
	}
}

// TestBrokenRun holds that what is left of a run file is explained.
func TestBrokenRun(t *testing.T) {
	run, _, _, _ := played(t, session.Options{})
	whole, err := os.ReadFile(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []int{3, 6, 9} {
		cut := filepath.Join(t.TempDir(), "run.rpr.partial")
		if err := os.WriteFile(cut, whole[:len(whole)*share/10], 0o600); err != nil {
			t.Fatal(err)
		}
		why, err := explain.File(t.Context(), cut, explain.Options{Corpus: minute})
		if err != nil && !errors.Is(err, results.ErrFormat) {
			t.Errorf("%d tenths of a run: %v", share, err)
		}
		if err == nil && why.Requests != int64(why.Table.Len()) {
			t.Errorf("%d tenths of a run: %d requests of %d rows", share, why.Requests, why.Table.Len())
		}
	}
}

func TestStopped(t *testing.T) {
	run, _, _, _ := played(t, session.Options{})
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	stop(why)
	if _, err := explain.File(ctx, run, explain.Options{Corpus: minute}); !errors.Is(err, why) {
		t.Errorf("it goes on: %v", err)
	}
}

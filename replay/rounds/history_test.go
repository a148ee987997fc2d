package rounds_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
	"reprise/replay/rounds"
)

// playedRun writes the run file of 300 requests.
func playedRun(t *testing.T, name string, began time.Time) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := results.Create(path, results.Header{Run: name, Corpus: "c", PlanHash: "p", Started: began, Settings: map[string]string{}}, false)
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	at := time.Duration(0)
	for i := range 300 {
		at += 50 * time.Millisecond
		res := replay.Result{Seq: int64(i), Kind: capture.Reaction, Intended: at, Sent: at, Done: at + 20*time.Millisecond, Status: 200}
		book.Of(res.Kind).Recorded++
		book.Of(res.Kind).Count(&res)
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete, Started: time.Unix(1_700_000_000, 0).UTC(), Ledger: book.Ledger(), Planned: at}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHistory reads runs one after the other, each once, says why requests of each were slow, and knows of a run without a header's time when
// it began.
func TestHistory(t *testing.T) {
	second, first := playedRun(t, "second", time.Time{}), playedRun(t, "first", time.Unix(1_600_000_000, 0).UTC())
	var begun []string
	read := 0
	h, err := rounds.History(t.Context(), []string{second, first}, rounds.HistoryOptions{Begin: func(name string) { begun = append(begun, name) }, Read: func() { read++ }})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(begun) != fmt.Sprint([]string{second, first}) || read != 600 {
		t.Errorf("begun %v, %d requests", begun, read)
	}
	if len(h.Runs) != 2 || h.Runs[0].Name != first || h.Runs[1].Header.Started.Unix() != 1_700_000_000 || !h.Reordered {
		t.Errorf("runs %+v", h.Runs)
	}
	for _, r := range h.Runs {
		if r.Why == nil || r.Why.Requests != 300 || r.Summary.Latency.P50 < 19*time.Millisecond {
			t.Errorf("%s: why %+v, p50 %v", r.Name, r.Why, r.Summary.Latency.P50)
		}
	}
}

func TestHistoryOfWhatIsNone(t *testing.T) {
	run := playedRun(t, "run", time.Unix(1_600_000_000, 0))
	_, err := rounds.History(t.Context(), []string{run, corpus}, rounds.HistoryOptions{})
	if bad, ok := errors.AsType[*rounds.RunError](err); !ok || bad.Path != corpus || !errors.Is(err, results.ErrFormat) {
		t.Errorf("a corpus: %v", err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	read := 0
	_, err = rounds.History(ctx, []string{run, run}, rounds.HistoryOptions{Begin: func(string) {
		if read++; read == 2 {
			stop(enough)
		}
	}})
	if !errors.Is(err, enough) {
		t.Errorf("stopped before the second: %v", err)
	}
}

package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// historyRun is a run of 2,000 answers, half of them of one kind, that took so long in the middle.
func historyRun(i int, p50 time.Duration) HistoryRun {
	timing := results.Timing{Latency: results.Quantiles{P50: p50, P90: p50 * 2, P95: p50 * 3, P99: p50 * 4, Max: p50 * 5}}
	tally := replay.Tally{Recorded: 2000, OK: 2000}
	status := map[string]int64{"200": 2000}
	return HistoryRun{
		Name: fmt.Sprintf("run%02d.rpr", i), State: replay.Complete, Faithful: true,
		Header: results.Header{
			Run: fmt.Sprint("id", i), Started: time.Unix(int64(i)*3600, 0).UTC(), Corpus: "records:1", PlanHash: "p1",
			Target: "http://127.0.0.1:9000", Settings: map[string]string{},
		},
		Summary: results.Summary{
			Ledger: replay.Ledger{Tally: tally, Kinds: map[string]replay.Tally{"help": tally}},
			Timing: timing, Status: status, Kinds: map[string]results.KindSummary{"help": {Timing: timing, Status: status}},
			Verdict: results.Verdict{Faithful: true},
		},
	}
}

func historyOf(t *testing.T, runs []HistoryRun) *History {
	t.Helper()
	h, err := HistoryOf(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(h); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistoryOfAStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var runs []HistoryRun
	for i := range 40 {
		ms := 20 * math.Exp(0.02*rng.NormFloat64())
		if i >= 25 {
			ms *= 1.07
		}
		runs = append(runs, historyRun(i, time.Duration(ms*1e6)))
	}
	runs[25].Header.Labels = map[string]string{"commit": "4f2c9aa"}
	h := historyOf(t, runs)
	if len(h.Changes) != 1 || h.Changes[0].Run < 24 || h.Changes[0].Run > 26 {
		t.Fatalf("changes: %+v", h.Changes)
	}
}

package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// historyRun is a run of 2,000 answers, all of them of one kind, that took so long in the middle.
func historyRun(i int, p50 time.Duration) HistoryRun {
	timing := results.Timing{Latency: results.Quantiles{P50: p50, P90: p50 * 2, P95: p50 * 3, P99: p50 * 4, Max: p50 * 5}}
	tally := replay.Tally{Recorded: 2000, OK: 2000}
	status := map[string]int64{"200": 2000}
	return HistoryRun{
		Name: fmt.Sprintf("run%02d.rpr", i), State: replay.Complete, Faithful: true,
		Header: results.Header{
			Run: fmt.Sprint("id", i), Started: time.Unix(int64(i)*3600, 0).UTC(), Tool: "v1", Corpus: "records:1", PlanHash: "p1",
			Target: "http://127.0.0.1:9000", Settings: map[string]string{},
			Machine: results.Machine{OS: "linux", Arch: "amd64", CPUs: 4, Go: "go1.26.0"},
		},
		Summary: results.Summary{
			Ledger: replay.Ledger{Tally: tally, Kinds: map[string]replay.Tally{"help": tally}},
			Timing: timing, Status: status, Kinds: map[string]results.KindSummary{"help": {Timing: timing, Status: status}},
			Verdict: results.Verdict{Faithful: true},
		},
	}
}

// noisyHistory is n runs around 20 ms, the last ones from a run on slower by a step.
func noisyHistory(n, at int, step float64) (runs []HistoryRun) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		ms := 20 * math.Exp(0.02*rng.NormFloat64())
		if i >= at {
			ms *= 1 + step
		}
		runs = append(runs, historyRun(i, time.Duration(ms*1e6)))
	}
	return runs
}

// historyOf checks that the JSON of a history is whole, too.
func historyOf(t *testing.T, runs []HistoryRun) *History {
	t.Helper()
	h, err := HistoryOf(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var back History
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != string(b) {
		t.Errorf("%v\n%s\n%s", err, b, again)
	}
	return h
}

func TestHistoryOfAStep(t *testing.T) {
	runs := noisyHistory(40, 25, 0.07)
	for i := range runs {
		commit := "before"
		if i >= 25 {
			commit = "after"
		}
		runs[i].Header.Labels = map[string]string{"commit": commit}
	}
	h := historyOf(t, runs)
	if len(h.Changes) != 1 {
		t.Fatalf("changes: %+v", h.Changes)
	}
	c := h.Changes[0]
	if c.Run != 25 || c.Before != 24 || c.P > HistoryLevel || !slices.Equal(c.Changed, []Difference{{"label commit", "before", "after"}}) {
		t.Errorf("change: %+v", c)
	}
	for _, x := range c.Tracks {
		if math.Abs(x.Change-0.07) > 0.03 || x.Interval.Low > 0.07 || x.Interval.High < 0.07 || x.After < x.Before || x.Metric == MetricErrors {
			t.Errorf("track: %+v %+v", x, *x.Interval)
		}
	}
	if len(c.Tracks) != 6 { // three quantiles of all and of one kind
		t.Errorf("%d tracks", len(c.Tracks))
	}
	if s := h.Series[0]; s.Sees < 0.015 || s.Sees > 0.07 || s.Short || s.Latest != nil {
		t.Errorf("series: sees %v, short %v, latest %+v", s.Sees, s.Short, s.Latest)
	}
}

// A single run that stands out is no change, nor are three in a row; it is told of.
func TestHistoryOfSpikes(t *testing.T) {
	for _, at := range [][]int{{10, 33}, {0, 39}, {24}, {20, 21, 22}, {37, 38, 39}} {
		runs := noisyHistory(40, 40, 0)
		for _, i := range at {
			runs[i] = historyRun(i, 26*time.Millisecond)
		}
		h := historyOf(t, runs)
		if len(h.Changes) > 0 {
			t.Errorf("spikes at %v: %+v", at, h.Changes)
		}
		if got := h.Series[0].Tracks[0].Spikes; !slices.Equal(got, at) {
			t.Errorf("spikes at %v: told %v", at, got)
		}
		latest, last := h.Series[0].Latest, at[len(at)-1] == 39
		if (latest != nil) != last {
			t.Errorf("spikes at %v: latest %+v", at, latest)
		}
		if last && (latest.More != MinSegment-(40-latest.Run) || math.Abs(latest.Tracks[0].Change-0.3) > 0.05) {
			t.Errorf("spikes at %v: latest %+v", at, latest)
		}
	}
}

func TestHistoryOfFailures(t *testing.T) {
	runs := noisyHistory(20, 20, 0)
	for i := range runs {
		failed := int64(0)
		if i >= 12 {
			failed = 40
		} else if i == 5 {
			failed = 500
		}
		tally := replay.Tally{Recorded: 2000, OK: 2000 - failed, Failed: failed}
		runs[i].Summary.Ledger = replay.Ledger{Tally: tally, Kinds: map[string]replay.Tally{"help": tally}}
	}
	h := historyOf(t, runs)
	if len(h.Changes) != 1 || h.Changes[0].Run != 12 || len(h.Changes[0].Tracks) != 2 {
		t.Fatalf("changes: %+v", h.Changes)
	}
	if c := h.Changes[0].Tracks[0]; c.Metric != MetricErrors || c.Before != 0 || c.After != 0.02 || c.Change != 0.02 || c.Interval.Low < 0.01 || c.Interval.High > 0.03 {
		t.Errorf("track: %+v %+v", c, *c.Interval)
	}
}

func TestHistoryOrder(t *testing.T) {
	runs := noisyHistory(5, 5, 0)
	runs[0], runs[3] = runs[3], runs[0]
	runs = append(runs, runs[1])
	runs[5].Name = "copy.rpr"
	h := historyOf(t, runs)
	for i, r := range h.Runs {
		if r.Name != fmt.Sprintf("run%02d.rpr", i) || r.Series != 0 || len(r.Excluded) > 0 {
			t.Errorf("run %d: %+v", i, r)
		}
	}
	if !h.Reordered || len(h.Repeated) != 1 || h.Repeated[0].Run != "copy.rpr" || !strings.Contains(h.Repeated[0].Text, "run01.rpr") {
		t.Errorf("reordered %v, repeated %v", h.Reordered, h.Repeated)
	}
	if s := h.Series[0]; len(h.Series) != 1 || !s.Short || s.More != MinHistory-5 {
		t.Errorf("series: %+v", h.Series)
	}
	if h := historyOf(t, nil); len(h.Runs) != 0 || len(h.Series) != 0 {
		t.Errorf("nothing: %+v", h)
	}
}

// What two plans measured is never compared, and a plan's series goes on after another's runs.
func TestHistoryOfTwoPlans(t *testing.T) {
	runs := noisyHistory(40, 15, 1)
	for i := range runs {
		if i >= 15 && i < 35 {
			runs[i].Header.PlanHash, runs[i].Header.Settings = "p2", map[string]string{"time-scale": "3"}
		}
	}
	for i := 35; i < 40; i++ {
		runs[i] = historyRun(i, 20*time.Millisecond)
	}
	h := historyOf(t, runs)
	if len(h.Series) != 2 || len(h.Series[0].Runs) != 20 || len(h.Series[1].Runs) != 20 || len(h.Changes) != 0 {
		t.Fatalf("series %+v, changes %+v", h.Series, h.Changes)
	}
	if r := h.Runs[15]; r.Anew == nil || r.Anew.What != "plan" || !slices.Equal(r.Changed, []Difference{{"--time-scale", "", "3"}}) {
		t.Errorf("run 15: %+v %+v", r.Anew, r.Changed)
	}
	if r := h.Runs[16]; r.Anew != nil || len(r.Changed) != 0 {
		t.Errorf("run 16: %+v %+v", r.Anew, r.Changed)
	}
	runs[39].Header.Corpus = "records:2"
	if r := historyOf(t, runs).Runs[39]; r.Anew == nil || r.Anew.What != "corpus" || len(r.Changed) != 1 || r.Changed[0].Name != "corpus" {
		t.Errorf("run 39: %+v %+v", r.Anew, r.Changed)
	}
}

func TestHistoryLeavesRunsOut(t *testing.T) {
	for name, c := range map[string]struct {
		what string
		set  func(r *HistoryRun)
	}{
		"the tool's fault": {"unfaithful", func(r *HistoryRun) {
			r.Summary.Verdict = results.Verdict{Limits: []results.Limit{{What: "lag", Whose: results.Tool, Text: "late."}}}
		}},
		"the target's": {"", func(r *HistoryRun) {
			r.Summary.Verdict = results.Verdict{Limits: []results.Limit{{What: "errors", Whose: results.Target, Text: "bad."}}}
		}},
		"died":      {"cut_short", func(r *HistoryRun) { r.State = "" }},
		"cut short": {"cut_short", func(r *HistoryRun) { r.State = replay.Interrupted }},
		"empty":     {"empty", func(r *HistoryRun) { r.Summary = results.Summary{} }},
		"no header": {"header", func(r *HistoryRun) { r.Header = results.Header{Rebuilt: results.FromNothing} }},
	} {
		runs := noisyHistory(5, 5, 0)
		c.set(&runs[2])
		h := historyOf(t, runs)
		r := h.Runs[2]
		if c.what == "" {
			if r.Series != 0 || len(r.Excluded) != 0 {
				t.Errorf("%s: %+v", name, r)
			}
			continue
		}
		if r.Series != -1 || len(r.Excluded) == 0 || r.Excluded[0].What != c.what || !slices.Equal(h.Series[0].Runs, []int{0, 1, 3, 4}) || r.Name != runs[2].Name {
			t.Errorf("%s: %+v, series %+v", name, r, h.Series)
		}
		if name != "no header" && len(r.Changed)+len(h.Runs[3].Changed) > 0 {
			t.Errorf("%s: changed %+v", name, r.Changed)
		}
	}
}

// Runs of a busy machine count where their lag is small beside the figure and the change.
func TestHistoryOfABusyMachine(t *testing.T) {
	for _, c := range []struct {
		name     string
		lag, p99 time.Duration
		step     float64
		changes  int
		counts   bool
	}{
		{"a step far beyond the lag", 200 * time.Microsecond, 30 * time.Millisecond, 0.3, 1, true},
		{"a step that may be lag", 800 * time.Microsecond, 30 * time.Millisecond, 0.07, 0, true},
		{"lag that is most of it", 15 * time.Millisecond, 60 * time.Millisecond, 0.3, 0, false},
	} {
		runs := noisyHistory(24, 14, c.step)
		for i := range runs {
			s := &runs[i].Summary
			late := func(x *results.Timing) {
				x.Lag = results.Quantiles{P50: c.lag, P90: 2 * c.lag, P99: c.p99}
				x.ServiceTime = results.Quantiles{P50: x.Latency.P50 - c.lag, P90: x.Latency.P90 - 2*c.lag, P99: x.Latency.P99 - c.p99}
			}
			late(&s.Timing)
			help := s.Kinds["help"]
			late(&help.Timing)
			s.Kinds["help"] = help
			s.Verdict = results.Verdict{Limits: []results.Limit{{What: "lag", Whose: results.Tool, Text: "late."}}}
			runs[i].Faithful = false
		}
		h := historyOf(t, runs)
		if got := len(h.Series) == 1 && h.Runs[0].Lagged; got != c.counts || len(h.Changes) != c.changes {
			t.Errorf("%s: counts %v, changes %+v", c.name, got, h.Changes)
		}
		if c.counts && c.lag == 800*time.Microsecond && h.Series[0].Sees < 0.18 { // five times 4 %
			t.Errorf("%s: sees %v", c.name, h.Series[0].Sees)
		}
		for _, p := range h.Changes {
			if p.Run != 14 || len(p.Tracks) != 4 || slices.ContainsFunc(p.Tracks, func(x TrackChange) bool { return x.Metric == MetricP99 }) {
				t.Errorf("%s: %+v", c.name, p)
			}
		}
	}
}

// Runs of a few answers have failures to compare and no latency, which is no verdict.
func TestHistoryOfTinyRuns(t *testing.T) {
	runs := noisyHistory(12, 6, 1)
	for i := range runs {
		few := map[string]int64{"200": 15}
		runs[i].Summary.Status, runs[i].Summary.Kinds["help"] = few, results.KindSummary{Timing: runs[i].Summary.Timing, Status: few}
	}
	h := historyOf(t, runs)
	if _, unjudged := h.Unjudged(); !h.Series[0].NoLatency || !unjudged || len(h.Changes) > 0 {
		t.Errorf("series %+v, unjudged %v, changes %+v", h.Series[0], unjudged, h.Changes)
	}
	if h := historyOf(t, noisyHistory(12, 6, 1)); h.Series[0].NoLatency || len(h.Changes) != 1 {
		t.Errorf("series %+v, changes %+v", h.Series[0], h.Changes)
	}
}

// One thing that somebody changed is one entry.
func TestChangedSince(t *testing.T) {
	base := historyRun(0, time.Millisecond).Header
	for want, set := range map[string]func(h *results.Header){
		"": func(h *results.Header) {
			h.Run, h.Started, h.Clock = "other", time.Now(), "c"
			h.Settings = map[string]string{"seed": "1234567890123456789"} // drawn for each run
		},
		"target":       func(h *results.Header) { h.Target = "http://other" },
		"tool":         func(h *results.Header) { h.Tool, h.Machine.Go = "v2", "go1.27" },
		"go":           func(h *results.Header) { h.Machine.Go = "go1.27" },
		"machine":      func(h *results.Header) { h.Machine.OS, h.Machine.Arch, h.Machine.CPUs = "darwin", "arm64", 8 },
		"--time-scale": func(h *results.Header) { h.PlanHash, h.Settings = "p2", map[string]string{"time-scale": "3"} },
		"plan":         func(h *results.Header) { h.PlanHash = "p2" },
		"corpus":       func(h *results.Header) { h.PlanHash, h.Corpus = "p2", "records:2" },
		"label a,label commit,--connections": func(h *results.Header) {
			h.Settings, h.Labels = map[string]string{"connections": "9"}, map[string]string{"commit": "1", "a": "1"}
		},
	} {
		h := base
		set(&h)
		var names []string
		for _, d := range changedSince(base, h) {
			names = append(names, d.Name)
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

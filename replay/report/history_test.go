package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// historyRun is the nth run of a history: reaction and help, whose times are factor times 20 and 40 ms.
func historyRun(n int, factor float64) compare.HistoryRun {
	ms := func(v float64) results.Quantiles {
		d := time.Duration(v * factor * 1e6)
		return results.Quantiles{P50: d, P90: d * 14 / 10, P95: d * 16 / 10, P99: d * 18 / 10, Max: d * 3}
	}
	tally := func(n int64) replay.Tally { return replay.Tally{Recorded: n, OK: n} }
	kind := func(v float64, n int64) results.KindSummary {
		return results.KindSummary{Timing: results.Timing{Latency: ms(v)}, Status: map[string]int64{"200": n}}
	}
	return compare.HistoryRun{
		Name: fmt.Sprintf("runs/%02d.rpr", n), State: replay.Complete, Faithful: true,
		Header: results.Header{
			Run: fmt.Sprintf("id%d", n), Tool: "v1", Started: time.Date(2026, 11, n, 2, 0, 0, 0, time.UTC), Corpus: "c", PlanHash: "p", Target: "http://127.0.0.1:9000",
			Machine: results.Machine{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1"}, Settings: map[string]string{"connections": "64"},
			Labels: map[string]string{"commit": fmt.Sprintf("%07x", 0x4f2c900+n), "branch": "main"},
		},
		Summary: results.Summary{
			Ledger: replay.Ledger{Tally: tally(3000), Kinds: map[string]replay.Tally{"reaction": tally(2000), "help": tally(1000)}},
			Timing: results.Timing{Latency: ms(22)}, Kinds: map[string]results.KindSummary{"reaction": kind(20, 2000), "help": kind(40, 1000)},
			Status: map[string]int64{"200": 3000}, Verdict: results.Verdict{Faithful: true, Limits: []results.Limit{}, Bottlenecks: []results.Limit{}},
		},
	}
}

// historyOfRuns is a history whose changes are given: what is found is not this package's.
func historyOfRuns(t *testing.T, runs []compare.HistoryRun, changes ...compare.ChangePoint) *compare.History {
	t.Helper()
	h, err := compare.HistoryOf(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	h.Changes, h.Method = changes, compare.HistoryMethod{Name: "a method", Level: 0.025, Permutations: 999, MinRuns: 9, MinSegment: 4, FloorChange: 0.01, FloorErrors: 0.001, Seed: "7"}
	if changes == nil {
		h.Changes = []compare.ChangePoint{}
	}
	for i := range h.Series {
		s := &h.Series[i]
		s.Short, s.More, s.Sees, s.Latest = len(s.Runs) < 9, max(9-len(s.Runs), 0), 0.041, nil
		for k := range s.Tracks {
			s.Tracks[k].Tested, s.Tracks[k].Spikes = true, nil
		}
	}
	return h
}

// stepped is a history of 14 runs: slower from run 9 on, where two things changed, with a spike at run 4, and at run 6 one whose tool fell short.
func stepped(t *testing.T) *compare.History {
	t.Helper()
	var runs []compare.HistoryRun
	for n := 1; n <= 14; n++ {
		factor := 1 + 0.01*float64(n%3)
		if n >= 9 {
			factor *= 1.08
		}
		if n == 4 {
			factor = 2.5
		}
		r := historyRun(n, factor)
		if n >= 9 {
			r.Header.Settings = map[string]string{"connections": "128"}
			r.Why = &cause.Report{Requests: 3000, Findings: []cause.Finding{{
				Measure: cause.Latency, Pattern: cause.PersonRace, Whose: cause.OfTarget, Requests: 300, Share: 0.1,
				Where: []cause.Condition{{Attribute: cause.SamePersonWithin, From: math.NaN(), To: 1e9}},
				With:  cause.Quantiles{P50: 100e6, P90: 120e6, P99: 130e6}, Without: cause.Quantiles{P50: 20e6, P90: 22e6, P99: 30e6}, TailExplained: 0.9,
			}}}
		}
		if n == 6 {
			r.Faithful = false
			r.Summary.Verdict = results.Verdict{Limits: []results.Limit{{What: "lag", Whose: results.Tool, Text: "1 request in 100 left late."}}, Bottlenecks: []results.Limit{}}
		}
		if n == 12 {
			r.Header.Labels = map[string]string{"commit": "=cmd|<b>x</b>", "branch": "main"}
		}
		runs = append(runs, r)
	}
	var tracks []compare.TrackChange
	for _, kind := range []string{"all", "reaction", "help"} {
		base := map[string]float64{"all": 22e6, "reaction": 20e6, "help": 40e6}[kind]
		for i, metric := range []string{"p50", "p90", "p99"} {
			v := base * []float64{1, 1.4, 1.8}[i]
			tracks = append(tracks, compare.TrackChange{Kind: kind, Metric: metric, Before: v, After: v * (1.079 + 0.001*float64(i)), Change: 0.079 + 0.001*float64(i), P: 0.001})
		}
	}
	h := historyOfRuns(t, runs, compare.ChangePoint{Run: 8, Series: 0, Before: 7, Tracks: tracks, P: 0.001})
	h.Changes[0].Changed = h.Runs[8].Changed
	for k := range h.Series[0].Tracks {
		h.Series[0].Tracks[k].Spikes = []int{3}
	}
	return h
}

func TestHistoryGolden(t *testing.T) {
	h := stepped(t)
	for _, f := range HistoryFormats() {
		text := golden(t, "history"+f.Suffix(), func(w io.Writer) error { return WriteHistory(w, f, h) })
		if strings.Contains(text, "<b>") && f != CSV && f != Text && f != JSON {
			t.Errorf("%s: a label is not escaped", f)
		}
		if f == Text {
			for line := range strings.Lines(text[strings.Index(text, "\nRuns\n"):strings.Index(text, "\nWhat changed")]) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > historyWidth+30 {
					t.Errorf("a line of %d characters: %s", n, line)
				}
			}
		}
	}
}

// TestHistoryCSVHasNoFormula holds that a label, as a cell and as a column's head, does nothing in a spreadsheet or on a terminal.
func TestHistoryCSVHasNoFormula(t *testing.T) {
	h := stepped(t)
	for _, s := range []string{"=1+1", "+cmd", "-cmd", "@sum", "-3", "a\x1b[31m", "time", "label.time", "label.label.time"} {
		h.Runs[3].Header.Labels[s] = s
	}
	var b bytes.Buffer
	if err := WriteHistory(&b, CSV, h); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range slices.Concat(rows...) {
		if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) && cell != "-3" || strings.Contains(cell, "\x1b") {
			t.Errorf("%q is a formula to a spreadsheet, or does something", cell)
		}
	}
	head := slices.Sorted(slices.Values(rows[0]))
	if !slices.Contains(head, "'=1+1") || !slices.Contains(head, "-3") || len(slices.Compact(slices.Clone(head))) != len(head) {
		t.Errorf("head %q", head)
	}
}

// TestHistoryCSV reads the CSV as the tool does that it is for: by Python's rules, a time that names its zone, every cell of a column of
// figures a number, and as many cells in each row as in the head.
func TestHistoryCSV(t *testing.T) {
	h := stepped(t)
	h.Runs[2].Header.Started = time.Time{} // no time is known of it
	delete(h.Runs[5].Summary.Kinds, "help")
	h.Runs[3].Header.Labels["time"] = "noon"
	h.Runs[3].Header.Labels["all.p50_ms"] = "1"
	var b bytes.Buffer
	if err := WriteHistory(&b, CSV, h); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != len(h.Runs) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	head := rows[0]
	if head[0] != "time" || head[1] != "commit" || !slices.IsSorted([]int{0, slices.Index(head, "label.all.p50_ms"), slices.Index(head, "label.time"), slices.Index(head, "all.p50_ms")}) {
		t.Errorf("head %v", head)
	}
	seen := make(map[string]bool)
	for _, name := range head {
		if seen[name] {
			t.Errorf("two columns %s", name)
		}
		seen[name] = true
	}
	before := time.Time{}
	for i, row := range rows[1:] {
		at, err := time.Parse("2006-01-02T15:04:05Z", row[0])
		if err != nil || at.Before(before) {
			t.Errorf("row %d: time %s: %v", i, row[0], err)
		}
		before = at
		for k, name := range head {
			if !regexp.MustCompile(`^(all|help|reaction)\.(p\d+_ms|error_rate)$|^lag\.`).MatchString(name) || row[k] == "" && name[:5] == "help." && row[5] != "" {
				continue
			}
			if v, err := strconv.ParseFloat(row[k], 64); err != nil || math.IsNaN(v) {
				t.Errorf("row %d, %s: %q", i, name, row[k])
			}
		}
	}
	if got := rows[1][slices.Index(head, "all.p50_ms")]; got != "22.22" {
		t.Errorf("p50 of run 1 is %s ms", got)
	}
}

// TestHistorySays holds the sentences of a change: who, how much, which way, and what changed with it.
func TestHistorySays(t *testing.T) {
	change := func(kind, metric string, before, after float64) compare.TrackChange {
		c := compare.TrackChange{Kind: kind, Metric: metric, Before: before, After: after, Change: after/before - 1}
		if metric == "errors" {
			c.Change = after - before
		}
		return c
	}
	commit := compare.Difference{Name: "label commit", Base: "a1", Candidate: "b2"}
	scale := compare.Difference{Name: "--connections", Base: "64", Candidate: "128"}
	for _, tc := range []struct {
		name    string
		tracks  []compare.TrackChange
		changed []compare.Difference
		want    []string
	}{
		{
			"every kind",
			[]compare.TrackChange{change("all", "p50", 20e6, 21.5e6), change("help", "p50", 40e6, 43e6), change("reaction", "p50", 20e6, 21.5e6)},
			[]compare.Difference{commit},
			[]string{"p50 of every kind: +7.5 %, slower, from run 9 on (20.0 ms to 21.5 ms).", "1 thing changed since run 8: commit (a1 to b2)."},
		},
		{
			"one kind, and better",
			[]compare.TrackChange{change("help", "p50", 40e6, 30e6), change("help", "p99", 80e6, 48e6), change("all", "p99", 60e6, 48e6)},
			[]compare.Difference{commit, scale, {Name: "target", Base: "http://a", Candidate: "http://b"}},
			[]string{
				"p50 and p99 of help alone: -25.0 to -40.0 %, faster, from run 9 on (p50 40.0 ms to 30.0 ms).",
				"3 things changed since run 8: the gain has no owner. They are commit (a1 to b2), --connections (64 to 128) and target (http://a to http://b).",
			},
		},
		{
			"slower, but fewer failures",
			[]compare.TrackChange{change("all", "p50", 20e6, 30e6), change("all", "errors", 0.03, 0.01)},
			nil,
			[]string{
				"p50 of all kinds together: +50.0 %, slower, from run 9 on (20.0 ms to 30.0 ms).",
				"errors of all kinds together: -2.0 points, fewer failures, from run 9 on (3.00 % to 1.00 %).",
				"Nothing that the run files tell of changed since run 8.",
			},
		},
		{
			"a tail apart",
			[]compare.TrackChange{change("all", "p50", 20e6, 22e6), change("help", "p50", 40e6, 44e6), change("all", "p99", 20e6, 60e6), change("help", "p99", 40e6, 120e6), change("reaction", "p50", 40e6, 44e6)},
			[]compare.Difference{commit},
			[]string{
				"p50 of every kind: +10.0 %, slower, from run 9 on (20.0 ms to 22.0 ms).", "p99 of help alone: +200.0 %, slower, from run 9 on (40.0 ms to 120 ms).",
				"1 thing changed since run 8: commit (a1 to b2).",
			},
		},
		{
			"two labels are one thing, and a setting that is gone",
			[]compare.TrackChange{change("all", "p50", 20e6, 30e6)},
			[]compare.Difference{{Name: "--volume", Base: "3"}, commit, {Name: "label build", Candidate: "7"}},
			[]string{
				"p50 of all kinds together: +50.0 %, slower, from run 9 on (20.0 ms to 30.0 ms).",
				"2 things changed since run 8: the loss has no owner. They are commit (a1 to b2) with build (now 7) and --volume (was 3).",
			},
		},
	} {
		h := stepped(t)
		got := changeSays(h, &compare.ChangePoint{Run: 8, Before: 7, Tracks: tc.tracks, Changed: tc.changed})
		tc.want = append(tc.want, "Why requests were slow has changed with it: person race, the target's, was not there before.")
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
		}
	}
}

// Runs that are not faithful by a little lag are part of what is compared, and are counted.
func TestHistoryLagged(t *testing.T) {
	h := &compare.History{Runs: []compare.HistoryRun{{Lagged: true}, {}, {Lagged: true, Excluded: []compare.Reason{{What: "cut_short", Text: "x."}}}}}
	want := []string{
		"Run 3 is left out: the run file has no end.",
		"1 run is not faithful by lag: a figure counts where at most a tenth of it may be lag, and a change of it from 5 times the lag on.",
	}
	if got := leftOutSays(h); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestHistoryEnds holds what is said where the first or the last runs stand out: what decides, and nothing of how much would have been seen.
func TestHistoryEnds(t *testing.T) {
	var runs []compare.HistoryRun
	for n := 1; n <= 10; n++ {
		runs = append(runs, historyRun(n, 1))
	}
	all := []compare.TrackChange{{Kind: "all", Metric: "p50", Before: 8e8, After: 1e9, Change: 0.25}}
	for _, tc := range []struct {
		earliest, latest *compare.Latest
		want             string
	}{
		{
			&compare.Latest{Run: 2, Tracks: all, More: 1}, nil,
			"p50 of all kinds together: +25.0 %, slower, behind run 3 (800 ms to 1.00 s). Those first runs may be the end of another level: 1 more run before them decides. " +
				"Add earlier runs, or begin the list at run 4.",
		},
		{
			nil, &compare.Latest{Run: 8, Tracks: all, More: 2},
			"p50 of all kinds together: +25.0 %, slower, in the last runs, from run 9 on (800 ms to 1.00 s). That may be a single spike: 2 more runs decide.",
		},
	} {
		h := historyOfRuns(t, runs)
		h.Series[0].Earliest, h.Series[0].Latest = tc.earliest, tc.latest
		if got := seriesSays(h, 0); !slices.Equal(got, []string{tc.want}) {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// TestHistoryNear holds what is said where a change may have begun elsewhere: what changed there may be the cause, too.
func TestHistoryNear(t *testing.T) {
	h := stepped(t)
	c := h.Changes[0]
	for _, tc := range []struct {
		near []int
		want string
	}{
		{[]int{9}, "It may as well have begun at run 10."},
		{[]int{7, 8}, "It may as well have begun at one of runs 8 and 9. At run 9 --connections (64 to 128) changed."},
		{[]int{8, 9, 10, 12}, "It may as well have begun at one of runs 9 to 11 and 13. At run 9 --connections (64 to 128) changed."},
	} {
		c.Near = tc.near
		if got := changeSays(h, &c); !slices.Contains(got, tc.want) {
			t.Errorf("%v: %q, want %q", tc.near, got, tc.want)
		}
	}
	c.Near = nil
	if got := strings.Join(changeSays(h, &c), " "); strings.Contains(got, "as well") {
		t.Errorf("a place that is sure: %s", got)
	}
}

// TestHistoryOfFew holds what is said of no change, of one run, of runs that cannot be used, and of two plans; and that no JSON has a figure
// that is none.
func TestHistoryOfFew(t *testing.T) {
	var flat, plans []compare.HistoryRun
	for n := 1; n <= 12; n++ {
		flat = append(flat, historyRun(n, 1))
		r := historyRun(n, 1)
		if n > 6 {
			r.Header.PlanHash = "q"
		}
		plans = append(plans, r)
	}
	empty := historyRun(1, 1)
	empty.Summary = results.Summary{}
	for _, tc := range []struct {
		name, verdict string
		runs          []compare.HistoryRun
		says          []string
	}{
		{"no change", "NO CHANGE  history of 12 runs", flat, []string{"A change of 4.1 % in the middle of these 12 runs would have been found"}},
		{"one", "TOO FEW RUNS  history of 1 run", flat[:1], []string{"this is the first run. With 8 more runs a change can be told."}},
		{"two", "TOO FEW RUNS  history of 2 runs", flat[:2], []string{"2 runs are too few to tell a change: with 7 more runs it can be told."}},
		{"none of use", "TOO FEW RUNS  history of 1 run", []compare.HistoryRun{empty}, []string{"Run 1 is left out: no request was played."}},
		{"twice", "TOO FEW RUNS  history of 1 run", []compare.HistoryRun{flat[0], flat[0]}, []string{"runs/01.rpr is a run that was given before"}},
		{"two plans", "TOO FEW RUNS  history of 12 runs", plans, []string{"Plan A: 6 runs are too few to tell a change: with 3 more runs it can be told.", "run 7: runs/07.rpr played another plan than runs/06.rpr"}},
	} {
		h := historyOfRuns(t, tc.runs)
		for _, f := range HistoryFormats() {
			var b bytes.Buffer
			if err := WriteHistory(&b, f, h); err != nil {
				t.Fatalf("%s as %s: %v", tc.name, f, err)
			}
			text := b.String()
			if f == JSON && !json.Valid(b.Bytes()) || regexp.MustCompile(`\bNaN\b|\bInf\b|%!`).MatchString(text) {
				t.Errorf("%s as %s holds what is no number, or is no JSON: %s", tc.name, f, text)
			}
			for _, want := range append(tc.says, tc.verdict) {
				if f == Text && !strings.Contains(text, want) {
					t.Errorf("%s: %q is not in\n%s", tc.name, want, text)
				}
			}
		}
	}
}

// TestHistoryPanels holds which figures are drawn, and where runs stand: one that stands out at the edge, one that is left out as a cross.
func TestHistoryPanels(t *testing.T) {
	h := stepped(t)
	for i := range h.Series[0].Tracks {
		track := &h.Series[0].Tracks[i]
		if track.Kind == "help" && track.Metric == "p99" { // too few answers
			for k := range track.Values {
				track.Values[k] = math.NaN()
			}
		}
	}
	h.Runs[9].Faithful, h.Runs[9].Lagged = false, true
	all, kinds, _ := seriesPanels(h, 0)
	var names []string
	for _, g := range kinds {
		for _, p := range g.Panels {
			names = append(names, g.Title+" "+p.Title)
		}
	}
	if want := []string{"help p50", "help p90", "reaction p50", "reaction p90", "reaction p99"}; len(all.Panels) != 3 || !slices.Equal(names, want) {
		t.Errorf("%d panels of all, %v", len(all.Panels), names)
	}
	p := all.Panels[0]
	if len(p.Dots) != 14 || len(p.Steps) != 1 || len(p.Levels) != 2 || p.Levels[0].At <= p.Levels[1].At {
		t.Errorf("panel %+v", p)
	}
	if d := p.Dots[3]; d.Class != "spike" || d.Beyond != 1 || !strings.Contains(d.Text, "run 4, 2026-11-04 02:00, commit 4f2c904: p50 55.0 ms, stands out") {
		t.Errorf("spike %+v", d)
	}
	if d := p.Dots[5]; d.Class != "out" || d.Beyond != 0 || !strings.Contains(d.Text, "not faithful: tool: left out") {
		t.Errorf("left out %+v", d)
	}
	if d := p.Dots[9]; d.Class != "lag" || !strings.Contains(d.Text, "not faithful, by lag") || runVerdict(&h.Runs[9]) != "not faithful: lag" {
		t.Errorf("not faithful by lag %+v", d)
	}
	h.Runs[5].Summary.Latency.P50 *= 100
	if all, _, _ := seriesPanels(h, 0); all.Panels[0].Dots[5].Class != "out" || all.Panels[0].Dots[5].Beyond != 1 {
		t.Errorf("left out, and beyond the edge: %+v", all.Panels[0].Dots[5])
	}
	var page bytes.Buffer
	if err := WriteHistory(&page, HTML, h); err != nil || !strings.Contains(page.String(), `left out</title><path class="cross" d="M-3.5 2 `) {
		t.Errorf("one that is left out is no cross beyond the edge: %v", err)
	}
	for _, d := range p.Dots {
		if d.X < float64(p.Left) || d.X > float64(p.Right) || d.Y < float64(p.Top) || d.Y > float64(p.Bottom) {
			t.Errorf("%s is drawn at %v, %v", d.Text, d.X, d.Y)
		}
	}
}

// TestHistoryMissing holds that the page says of each kind what it does not draw, also of one that has no figure at all.
func TestHistoryMissing(t *testing.T) {
	h := stepped(t)
	for i := range h.Series[0].Tracks {
		track := &h.Series[0].Tracks[i]
		if track.Kind == "help" && track.Metric != "errors" || track.Metric == "p99" {
			for k := range track.Values {
				track.Values[k] = math.NaN()
			}
		}
		if track.Kind == "reaction" && track.Metric == "errors" {
			track.Values[3] = 0.1
		}
	}
	all, kinds, _ := seriesPanels(h, 0)
	if all.Missing != "No p99: no run has answers enough. No request failed." || len(kinds) != 2 ||
		kinds[0].Missing != "No p50, no p90, no p99: no run has answers enough. No request failed." || kinds[1].Missing != "No p99: no run has answers enough." {
		t.Errorf("%q, %+v", all.Missing, kinds)
	}
	late := h.Series[0].Tracks[2]
	late.ByLag = true
	if g := (&plotter{h: h}).group([]compare.Track{late}); g.Missing != "No p99: more than a tenth may be the tool's lag." {
		t.Errorf("by lag: %q", g.Missing)
	}
	var b bytes.Buffer
	if err := WriteHistory(&b, HTML, h); err != nil || strings.Count(b.String(), "No p99: no run has answers enough.") != 2 {
		t.Errorf("the page does not say it: %v", err)
	}
}

// TestHistoryStepLabels holds that the label of a step lies within its panel, wherever the step is.
func TestHistoryStepLabels(t *testing.T) {
	for run := 4; run <= 13; run++ {
		h := stepped(t)
		h.Changes[0].Run = run
		all, kinds, _ := seriesPanels(h, 0)
		for _, p := range append(slices.Clone(all.Panels), kinds[0].Panels...) {
			for _, s := range p.Steps {
				from, to := s.At+s.Label, s.At+s.Label+labelWidth(s.Text)
				if s.Anchor == "end" {
					from, to = s.At+s.Label-labelWidth(s.Text), s.At+s.Label
				}
				if from < float64(p.Left) || to > float64(p.Right) {
					t.Errorf("run %d: %q from %.0f to %.0f", run, s.Text, from, to)
				}
			}
		}
	}
}

// TestHistoryCells holds the times that tell runs apart, what changed first, and whose cause is within what is allowed.
func TestHistoryCells(t *testing.T) {
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		apart time.Duration
		want  string
	}{{24 * time.Hour, "2026-11-01"}, {time.Hour, "2026-11-01 02:00"}, {10 * time.Second, "2026-11-01 02:00:00"}} {
		h := &compare.History{Runs: []compare.HistoryRun{historyRun(1, 1), historyRun(2, 1)}}
		h.Runs[0].Header.Started, h.Runs[1].Header.Started = at, at.Add(tc.apart)
		if got := startedOf(&h.Runs[0], startedLayout(h)); got != tc.want {
			t.Errorf("%v apart: %s", tc.apart, got)
		}
	}
	r := historyRun(1, 1)
	r.Changed = []compare.Difference{{Name: "--connections"}, {Name: "label commit"}, {Name: "machine"}, {Name: "target"}}
	if got := changedCell(&r); got != "target, machine, --connections" {
		t.Errorf("changed: %s", got)
	}
	r.Why = &cause.Report{Findings: []cause.Finding{{Pattern: cause.ToolStarved, Whose: cause.OfTool}}}
	if got := causeCell(&r); got != "tool starved (allowed)" {
		t.Errorf("cause: %s", got)
	}
	h := historyOfRuns(t, []compare.HistoryRun{r, historyRun(2, 1)})
	if p := runsPart(h); !strings.Contains(p.After[0], "(allowed): the tool's own") {
		t.Errorf("notes: %q", p.After)
	}
	starved := causeKey{cause.OfTool, "tool starved"}
	h.Runs[1].Faithful = false
	for want, runs := range map[string][]int{" (within what is allowed)": {0}, "": {1}, " (within what is allowed in run 1)": {0, 1}} {
		if got := allowedIn(h, starved, runs); got != want {
			t.Errorf("runs %v: %q", runs, got)
		}
	}
	if got := allowedIn(h, causeKey{cause.OfTarget, "stall"}, []int{0}); got != "" {
		t.Errorf("of the target: %q", got)
	}
	r.Faithful = false
	if got := causeCell(&r); got != "tool starved" {
		t.Errorf("cause: %s", got)
	}
	for n, want := range map[int64]int64{7: 7, 99: 99, 311: 320, 12000: 12000, 12345: 13000} {
		if got := roundedUp(n); got != want {
			t.Errorf("%d is rounded to %d", n, got)
		}
	}
}

// TestHistoryTableFits holds that long labels, names and targets cost the table columns, and not its width.
func TestHistoryTableFits(t *testing.T) {
	var runs []compare.HistoryRun
	for n := 1; n <= 10; n++ {
		r := historyRun(n, 1)
		r.Name = "runs/" + strings.Repeat("long", 20) + ".rpr"
		r.Header.Target = fmt.Sprintf("https://%s.example.com:8443", strings.Repeat("x", 10*n))
		r.Header.Labels["commit"], r.Header.Labels["pipeline"] = strings.Repeat("0123456789", 4), strings.Repeat("p", 60)
		runs = append(runs, r)
	}
	table := runsPart(historyOfRuns(t, runs)).Table
	if !slices.Contains(table.Head, "commit") || slices.Contains(table.Head, "pipeline") || table.Rows[0][slices.Index(table.Head, "commit")] != "012345678901" {
		t.Errorf("head %v, first row %v", table.Head, table.Rows[0])
	}
	var b strings.Builder
	table.write(&b)
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > historyWidth {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
}

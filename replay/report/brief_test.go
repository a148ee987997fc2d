package report

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// optionNames are as a command line has them.
func optionNames(option string) string {
	return map[string]string{"Details": "--details", "File": "-o", "Corpus": "--corpus"}[option]
}

// TestBrief holds what a run is at a glance: one that is all well but for its answers, one that fell short, and one with causes and steps.
func TestBrief(t *testing.T) {
	why := whyOf(cause.Report{Findings: shapes()[:4], Untold: cause.Untold{Failed: 60}, Requests: 600})
	kept := Next{Run: "friday.rpr", Named: optionNames}
	shaped := run(t)
	shaped.Summary.Steps = stepsOf(shaped.Summary)
	shaped.Summary.Completion = &results.Completion{
		Joined: 1900, Never: 40, Latency: results.Quantiles{P50: time.Second, P99: 15 * time.Second}, Peak: 1418, PeakAt: 9 * time.Second,
		Spike: &results.Spike{From: 9 * time.Second, To: 31 * time.Second},
	}
	person := whyOf(cause.Report{WhyNot: &cause.WhyNot{Reason: cause.NoPattern}, Requests: 600, Load: []cause.Unlike{{Pattern: cause.TooFewSenders}, {Pattern: cause.KindsInBatches}}})
	search := run(t)
	search.Summary.Capacity = &results.Capacity{Ended: results.SearchFound, Tempo: 1.84, HeldMean: 203.2, HeldPeak: 240, Served: 200, Interval: [2]float64{1.84, 1.92}, Broke: "p99>500ms/10s"}
	for name, tc := range map[string]struct {
		r    *results.Run
		why  *Why
		next Next
	}{
		"brief.txt":         {run(t), whyOf(cause.Report{WhyNot: &cause.WhyNot{Reason: cause.NothingSlow}, Requests: 600}), kept},
		"brieftest.txt":     {run(t), person, kept},
		"briefburst.txt":    {burst(t), nil, kept},
		"briefsteps.txt":    {shaped, why, kept},
		"briefcapacity.txt": {search, why, Next{Named: optionNames}},
	} {
		text := golden(t, name, func(w io.Writer) error { return WriteBrief(w, tc.r, tc.why, tc.next) })
		if n := strings.Count(text, "\n"); n > BriefLines {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}

// stepsOf are three steps that share a summary, of which the second is slow.
func stepsOf(s results.Summary) []results.Step {
	steps := []results.Step{
		{Number: 1, Text: "1k at 1x", Summary: s},
		{Number: 2, Name: "climb", Text: "ramp 5m to 4x", Summary: s},
		{Number: 3, Text: "hold 10m", Summary: s},
	}
	steps[1].Ledger.Failed = 400
	return steps
}

// TestLimitClause holds how limits are told in a few words, with times as people write them.
func TestLimitClause(t *testing.T) {
	for _, tc := range []struct{ what, amount, want string }{
		{"lag", "19ms", "lag p99 19.0 ms"},
		{"moved", "3.32%", "the curve moved by 3.32%"},
		{"duration", "1.2s", "sending took 1.20 s longer"},
		{"duration", "-988ms", "sending took 988 ms less"},
		{"unsent", "500 requests", "500 requests not sent"},
		{"unsent", "6780 requests", "6,780 requests not sent"},
		{"response_too_large", "3 requests", "response too large (3 requests)"},
		{"latency", "1.5s", "latency 1.50 s"},
	} {
		if got := limitClause(&results.Limit{What: tc.what, Amount: tc.amount}); got != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.what, tc.amount, got, tc.want)
		}
	}
}

// TestWorstStep holds that failures come before slowness, and that a few failures do not.
func TestWorstStep(t *testing.T) {
	step := func(failed int64, p99 time.Duration) results.Step {
		return results.Step{Summary: results.Summary{Ledger: replay.Ledger{Tally: replay.Tally{OK: 1000 - failed, Failed: failed}}, Timing: results.Timing{Latency: results.Quantiles{P99: p99}}}}
	}
	for _, tc := range []struct {
		name  string
		steps []results.Step
		want  int
	}{
		{"the slowest", []results.Step{step(0, 3), step(1, 9), step(4, 5)}, 1},
		{"most failed", []results.Step{step(0, 9), step(300, 1), step(200, 99)}, 1},
		{"all alike", []results.Step{step(0, 9), step(0, 9)}, 0},
		{"one", []results.Step{step(0, 0)}, 0},
	} {
		if got := worstStep(tc.steps); got != tc.want {
			t.Errorf("%s: step %d, want %d", tc.name, got, tc.want)
		}
	}
}

// TestBriefIsShort makes summaries of everything that there may be to tell, and holds that none has more lines than a brief one may, none
// with anything in it that moves a terminal, and that the verdict comes first and what to read next comes last.
func TestBriefIsShort(t *testing.T) {
	seed := time.Now().UnixNano()
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	most := 0
	for range 3000 {
		r, why := anyRun(random), anyWhy(random)
		n := Next{Named: optionNames, Run: pick(random, "", "run.rpr", "a folder/with 'quotes'\n.rpr", strings.Repeat("long/", 60)+"run.rpr")}
		var b bytes.Buffer
		if err := WriteBrief(&b, r, why, n); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		most = max(most, len(lines))
		if len(lines) > BriefLines {
			t.Fatalf("seed %d: %d lines:\n%s", seed, len(lines), b.String())
		}
		if r.Summary.Capacity == nil && !strings.Contains(lines[0], "FAITHFUL") || lines[0] == "" || !strings.HasPrefix(lines[len(lines)-1], "next ") {
			t.Fatalf("seed %d: no verdict first, or no next last:\n%s", seed, b.String())
		}
		for _, l := range lines {
			if !utf8.ValidString(l) || strings.ContainsFunc(l, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Fatalf("seed %d: %q", seed, l)
			}
		}
	}
	if most != BriefLines { // else this test does not reach what it is about
		t.Errorf("seed %d: the longest has %d lines", seed, most)
	}
}

// pick takes one of several at random.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// often is a number that is often 0.
func often(r *rand.Rand) int64 { return pick(r, 0, 0, 1, r.Int64N(50), r.Int64N(1e9)) }

func anyTime(r *rand.Rand) time.Duration {
	return time.Duration(pick(r, 0, r.Int64N(1e6), r.Int64N(1e9), r.Int64N(1e13)))
}

func anyQuantiles(r *rand.Rand) (q results.Quantiles) {
	q.P50, q.P99 = anyTime(r), anyTime(r)
	q.P90, q.Max = q.P50, q.P99
	return q
}

func anyTally(r *rand.Rand) replay.Tally {
	return replay.Tally{OK: often(r), Failed: often(r), Shed: often(r), Unsent: often(r)}
}

// anyWord may be from a file: it may hold anything.
func anyWord(r *rand.Rand) string {
	return pick(r, "errors", "timeout", "x\x1b[2J\ny", strings.Repeat("wide ", 40), "")
}

func anyLimits(r *rand.Rand) (list []results.Limit) {
	for range r.IntN(9) {
		list = append(list, results.Limit{
			What: pick(r, "lag", "moved", "duration", "shed", "unsent", "unsigned", "changed", "arrival", anyWord(r)), Amount: anyWord(r),
			Whose: pick(r, results.Tool, results.Target, results.Network), Text: anyWord(r), Cause: anyWord(r),
		})
	}
	return list
}

func anySummary(r *rand.Rand) results.Summary {
	s := results.Summary{
		Ledger: replay.Ledger{Tally: anyTally(r)}, Duration: anyTime(r), PlannedDuration: anyTime(r), Moved: r.Float64(), LagLimit: anyTime(r),
		Timing: results.Timing{Lag: anyQuantiles(r), Latency: anyQuantiles(r), ServiceTime: anyQuantiles(r)},
		Kinds:  map[string]results.KindSummary{}, Status: map[string]int64{}, Errors: map[string]int64{},
		Verdict: results.Verdict{Faithful: r.IntN(2) == 0, Limits: anyLimits(r), Bottlenecks: anyLimits(r)},
	}
	for _, k := range capture.Kinds()[:r.IntN(len(capture.Kinds())+1)] {
		s.Kinds[k.String()] = results.KindSummary{Timing: results.Timing{Latency: anyQuantiles(r)}}
	}
	for range r.IntN(6) {
		s.Status[pick(r, "200", "302", "404", "429", "503", fmt.Sprint(r.IntN(600)))] = often(r)
		s.Errors[anyWord(r)] = often(r)
	}
	return s
}

func anyRun(r *rand.Rand) *results.Run {
	run := &results.Run{Summary: anySummary(r), Header: results.Header{Run: anyWord(r), Rebuilt: pick(r, "", results.FromNothing)}}
	s := &run.Summary
	if r.IntN(2) == 0 {
		run.Footer = &results.Footer{Lost: often(r), Outcome: replay.Outcome{Stats: replay.Stats{Retries: often(r), Shortcomings: replay.Shortcomings{Unsigned: often(r), Unread: often(r), Unstamped: often(r)}}}}
		for range r.IntN(40) {
			run.Footer.Stats.Changes = append(run.Footer.Stats.Changes, replay.Change{At: anyTime(r), What: anyWord(r)})
		}
	}
	if r.IntN(2) == 0 {
		run.Header.Plan = &replay.Plan{Stretch: anyTime(r), Origins: capture.Origins{Rebuilt: often(r), Synthetic: often(r)}}
	}
	for range r.IntN(30) {
		s.Steps = append(s.Steps, results.Step{Number: len(s.Steps) + 1, Name: anyWord(r), Text: anyWord(r), Summary: anySummary(r)})
	}
	if r.IntN(4) == 0 {
		s.Capacity = &results.Capacity{Ended: pick(r, results.SearchFound, results.SearchFirstBroke, results.SearchTool, ""), Tempo: float64(often(r)), HeldMean: r.Float64() * 1e5, Served: float64(often(r)), Interval: [2]float64{1, float64(often(r))}, Broke: anyWord(r)}
	}
	if r.IntN(2) == 0 {
		s.Completion = &results.Completion{Joined: often(r), Never: often(r), Failed: often(r), Latency: anyQuantiles(r), Peak: often(r), Offset: anyTime(r)}
		if r.IntN(2) == 0 {
			s.Completion.Spike = &results.Spike{From: anyTime(r), To: anyTime(r)}
		}
	}
	for range r.IntN(3) {
		run.Watched = append(run.Watched, results.Watched{Name: anyWord(r)})
	}
	return run
}

// anyWhy is what may have been found, or nothing.
func anyWhy(r *rand.Rand) *Why {
	all := shapes()
	found := cause.Report{Requests: often(r) + 1, Untold: cause.Untold{Failed: often(r), Slow: often(r)}}
	switch r.IntN(4) {
	case 0:
		return nil
	case 1:
		found.WhyNot = &cause.WhyNot{Reason: cause.Reason(r.IntN(6)), Needed: often(r), Class: anyWord(r)}
	default:
		for range r.IntN(12) {
			found.Findings = append(found.Findings, pick(r, all...))
		}
	}
	y := whyOf(found)
	y.Run = "run.rpr"
	return y
}

// TestNotSentOrLost holds that what has no result is not called unsent where results may be lost, or where the run died.
func TestNotSentOrLost(t *testing.T) {
	r := run(t)
	r.Summary.Ledger.Unsent += 40
	r.Summary.Verdict.Limits = append(r.Summary.Verdict.Limits, results.Limit{What: "unsent", Amount: "40 requests", Whose: results.Tool})
	for _, tc := range []struct {
		missing *results.Missing
		noEnd   bool
		want    string
	}{
		{nil, false, "not sent"},
		{&results.Missing{Unknown: true}, true, "not sent or lost"},
		{nil, true, "without a result (sent or not)"},
	} {
		r.Summary.Missing, r.Summary.NoEnd = tc.missing, tc.noEnd
		var brief, page bytes.Buffer
		if err := WriteBrief(&brief, r, nil, Next{Named: optionNames}); err != nil {
			t.Fatal(err)
		}
		if err := WriteRun(&page, HTML, r, nil); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"brief": brief.String(), "page": page.String(), "counts": strings.Join(briefCounts(&r.Summary), "; "), "figure": sentFigure(&r.Summary).Beside,
		} {
			if !strings.Contains(text, tc.want) {
				t.Errorf("%s of %+v does not say so", name, tc)
			}
			if bare := strings.ReplaceAll(text, tc.want, ""); name != "page" && tc.want != "not sent" && strings.Contains(bare, "not sent") {
				t.Errorf("%s of %+v says not sent, too", name, tc)
			}
		}
	}
}

package report

import (
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// TestGlance holds what a page answers at once: whether the run held, who was slow, and what to do.
func TestGlance(t *testing.T) {
	kept := func() *results.Summary {
		s := &results.Summary{Verdict: results.Verdict{Faithful: true}, Kinds: map[string]results.KindSummary{}, Status: map[string]int64{"200": 100}}
		s.Ledger.OK = 100
		for name, p99 := range map[string]time.Duration{"help": 90 * time.Millisecond, "info": 20 * time.Millisecond} {
			s.Kinds[name] = results.KindSummary{Timing: results.Timing{Latency: results.Quantiles{P99: p99, Max: p99}}}
		}
		return s
	}
	looked := &Why{Report: &cause.Report{}, Run: "a b.rpr"}
	for _, tc := range []struct {
		name   string
		change func(s *results.Summary)
		why    *Why
		want   []string
	}{
		{"all well", func(*results.Summary) {}, looked, []string{
			"Did it hold? Yes, the tool kept the schedule; none failed; tool: none; target: none seen.", "Who was slow? By p99: help 90.0 ms, info 20.0 ms.",
			"What next? Keep the run, and hold the next one against it: reprise compare 'a b.rpr' NEXT.rpr",
		}},
		{"not looked for", func(*results.Summary) {}, nil, []string{"", "", "What next? Ask why requests were slow: reprise why RUN.rpr"}},
		{"late, and failures", func(s *results.Summary) {
			s.Verdict = results.Verdict{Limits: []results.Limit{{What: "lag", Amount: "12ms", Whose: results.Tool, Cause: "the tool had no CPU"}}}
			s.Ledger.Failed, s.Status["503"] = 100, 100
		}, looked, []string{
			"Did it hold? No, the schedule was not kept; 50.00 % failed: 100 × 503; tool: lag p99 12.0 ms (the tool had no CPU); target: none seen.", "",
			"What next? See below what kept the schedule from being kept, and play it again.",
		}},
		{"late by the tool alone", func(s *results.Summary) {
			s.Verdict = results.Verdict{Limits: []results.Limit{{What: "lag", Amount: "12ms", Whose: results.Tool, Cause: "the tool had no CPU"}}}
		}, &Why{Report: &cause.Report{Findings: []cause.Finding{{Try: cause.SameAgain, Where: []cause.Condition{oneOf(cause.Kind, "help")}}}}}, []string{
			"", "", "What next? Play it again where the tool has a processor to itself, or at a lower rate (TimeScale); see below what kept the schedule from being kept.",
		}},
		{"a target that slowed down", func(s *results.Summary) {
			s.Verdict.Bottlenecks = []results.Limit{{What: "slowdown", Amount: "19 times slower", Whose: results.Target}}
		}, looked, []string{
			"Did it hold? Yes, the tool kept the schedule; none failed; tool: none; target: slowdown 19 times slower.", "",
			"What next? Ask for more of who is slow, with the corpus that was played: reprise why 'a b.rpr' --corpus CORPUS.rpz",
		}},
		{"nothing sent", func(s *results.Summary) { s.Ledger, s.Kinds = replay.Ledger{}, nil }, looked, []string{"Did it hold? Nothing was sent.", "What next? See below why nothing was sent."}},
	} {
		s := kept()
		tc.change(s)
		list := glance(&results.Run{Summary: *s}, tc.why)
		if len(list) != len(tc.want) {
			t.Errorf("%s: %q", tc.name, list)
			continue
		}
		for i, a := range list {
			if got := strings.TrimSpace(a.Question + " " + a.Answer + " " + a.Command); tc.want[i] != "" && got != tc.want[i] {
				t.Errorf("%s: %q, want %q", tc.name, got, tc.want[i])
			}
		}
	}
}

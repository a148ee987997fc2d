package report

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// burst makes a run of two bursts with ten silent seconds between them, at a target that half of the time says 503, by a
// tool without CPU that was paused for a while.
func burst(t *testing.T) *results.Run {
	t.Helper()
	var file bytes.Buffer
	w, err := results.NewWriter(&file, results.Header{
		Run: "0123456789abcdef", Target: "http://127.0.0.1:9000", Corpus: strings.Repeat("0123456789abcdef", 4),
		Settings: map[string]string{"kinds": "subscribe,unsubscribe,help,info,unrecognized,reaction,custom_keyword,status"},
		Plan:     &replay.Plan{Stretch: 1500 * time.Millisecond, Duration: 15 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	for i := range 1000 {
		at := time.Duration(i) * 10 * time.Millisecond
		if i >= 500 {
			at += 10 * time.Second
		}
		lag := time.Duration(i%20) * time.Millisecond
		res := replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at + lag, FirstByte: at + lag, Done: at + lag + 20*time.Millisecond, Status: 200 + 303*(i%2)}
		tally := book.Of(res.Kind)
		tally.Recorded++
		tally.Count(&res)
		if err := w.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	end := replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Stats: replay.Stats{
		Late: replay.LateBy{Stall: 900}, Elapsed: 20 * time.Second, CPUWait: 15 * time.Second, Retries: 1234, Paused: 2 * time.Second,
		Changes: []replay.Change{{At: 3 * time.Second, What: "pause"}, {At: 5 * time.Second, What: "resume"}},
	}}
	if err := w.Close(end); err != nil {
		t.Fatal(err)
	}
	r, err := results.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	run, err := results.Summarize(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return &run
}

// TestBlame holds that the tool's limits and the target's bottlenecks are told apart, and what else shaped the run.
func TestBlame(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRun(&b, Text, burst(t), nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"NOT FAITHFUL", "\ntool limit (lag): 1 request in 100 left 19.0 ms or more after its time", "no CPU for the tool",
		"\nby hand (changed):", "\ntarget bottleneck (unavailable): 500 requests of 1,000 (50.00 %) got an error for an answer: 500 × 503.",
		"\nThe cap on the rate holds requests back for up to 1.50 s, as planned.", "\n1,234 requests were sent again",
		"\nBy hand at 3.00 s: pause.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	b.Reset()
	quiet := run(t)
	quiet.Summary.Verdict = results.Verdict{Faithful: true}
	if err := WriteRun(&b, Text, quiet, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tool limits: none.", "target bottlenecks: none"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

func TestLonger(t *testing.T) {
	for planned, want := range map[time.Duration]string{15 * time.Second: ", +33.3 %", 20 * time.Second: "", 25 * time.Second: ", -20.0 %", 0: ""} {
		if got := longer(&results.Summary{Duration: 20 * time.Second, PlannedDuration: planned}); got != want {
			t.Errorf("20 s of %v planned: %q, want %q", planned, got, want)
		}
	}
}

// TestGaps holds that nothing is drawn where nothing was answered, and that what was achieved is drawn over the plan.
func TestGaps(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRun(&b, HTML, burst(t), nil); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if n := len(regexp.MustCompile(`polyline class="sb" points=`).FindAllString(page, -1)); n < 2 {
		t.Errorf("the p95 latency of two bursts is drawn in %d stretches", n)
	}
	planned, achieved := strings.Index(page, `polyline class="plan"`), strings.Index(page, `polyline class="achieved"`)
	if planned < 0 || achieved < planned {
		t.Errorf("the plan is drawn at %d and what was achieved at %d", planned, achieved)
	}
	if strings.Contains(page, "overflow-wrap: anywhere") {
		t.Error("words may be broken anywhere")
	}
}

// TestUndecided holds that an inconclusive comparison says why.
func TestUndecided(t *testing.T) {
	c := comparison(t, 20*time.Millisecond, 20*time.Millisecond)
	c.Verdict = compare.Inconclusive
	c.All.Errors.Verdict, c.All.Errors.Why = compare.Inconclusive, compare.Across
	c.Kinds[0].Latency[2].Verdict, c.Kinds[0].Latency[2].Why = compare.Inconclusive, compare.TooFew
	var b bytes.Buffer
	if err := WriteComparison(&b, Markdown, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "- all: failed requests inconclusive: the change is somewhere from") || strings.Contains(b.String(), "- subscribe: p95") {
		t.Errorf("got %s", b.String())
	}
	c.All.Errors.Verdict = compare.Equivalent
	b.Reset()
	if err := WriteComparison(&b, Markdown, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "- subscribe: p95 latency inconclusive: too few requests.") {
		t.Errorf("got %s", b.String())
	}
}

func TestUntil(t *testing.T) {
	r := burst(t)
	whole := RunCourse(r.Windows, nil)
	c := RunCourse(r.Windows, nil)
	half := len(c.T) / 2
	c.Until(time.Duration(c.T[half] * float64(time.Second)))
	if len(c.T) != len(whole.T) || len(c.Planned) != len(whole.Planned) {
		t.Errorf("%d moments and %d of the plan are left of %d", len(c.T), len(c.Planned), len(whole.T))
	}
	if len(c.Achieved) != half || len(c.Status[0].Y) != half {
		t.Errorf("%d rates and %d answers are left, want %d", len(c.Achieved), len(c.Status[0].Y), half)
	}
	c.Until(time.Hour)
	c.Until(-time.Second)
	if len(c.Achieved) != 0 || len(c.Status[0].Y) != 0 {
		t.Errorf("before the start %d rates and %d answers are left", len(c.Achieved), len(c.Status[0].Y))
	}
}

func TestHeldUp(t *testing.T) {
	const none, within = "tool limits: none. Nothing on this side held the schedule up.", "tool limits: none. This side held the schedule up within what is allowed."
	for _, tc := range []struct {
		lag, limit time.Duration
		moved      float64
		want       string
	}{
		{time.Millisecond, 10 * time.Millisecond, 0.001, none},
		{146 * time.Millisecond, 200 * time.Millisecond, 0.001, within},
		{time.Millisecond, 10 * time.Millisecond, 0.015, within},
		{0, 0, 0, none},
	} {
		s := &results.Summary{LagLimit: tc.limit, Moved: tc.moved}
		s.Lag.P99 = tc.lag
		if got := heldUp(s); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
	searched := &results.Summary{Capacity: &results.Capacity{Steps: []results.CapacityStep{{Number: 1}, {Number: 2, NotJudged: "lag p99 was 2 s"}}}}
	if got, want := heldUp(searched), "tool limits: none in the steps that are judged. The tool was late in step 2, which counts for nothing."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	searched.Lag.P99, searched.LagLimit = time.Second, time.Millisecond // over all steps, of which each is judged by its own
	searched.Capacity.Steps = append(searched.Capacity.Steps, results.CapacityStep{Number: 3, NotJudged: "lag p99 was 2 s"})
	if got, want := heldUp(searched), "tool limits: none in the steps that are judged. The tool was late in steps 2 and 3, which count for nothing."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	searched.Capacity.Steps = searched.Capacity.Steps[1:]
	if got, want := heldUp(searched), "tool limits: not known, as no step is judged: the tool was late in steps 2 and 3."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := limitClauses(searched, 2, true)[0]; got != "tool: not known, as no step is judged" {
		t.Errorf("in short: %q", got)
	}
}

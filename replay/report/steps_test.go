package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// steppedRun is a run of three steps, whose third overloads the target; nothing of the last was sent.
func steppedRun() *results.Run {
	step := func(number int, name, text string, start time.Duration, ok, failed int64, p99 time.Duration) results.Step {
		s := results.Step{Number: number, Name: name, Text: text, Start: start}
		s.Ledger.Tally = replay.Tally{Recorded: ok + failed, OK: ok, Failed: failed}
		s.Duration, s.Rate.AchievedMean, s.Latency.P99, s.Status = 20*time.Second, float64(ok+failed)/20, p99, map[string]int64{"200": ok}
		s.Verdict.Faithful = true
		return s
	}
	r := &results.Run{Header: results.Header{Run: "r1"}}
	r.Summary.Steps = []results.Step{
		step(1, "", "20k at 2x", 0, 2000, 0, 30*time.Millisecond), step(2, "peak", "20k at 3x", 20*time.Second, 3900, 100, 4*time.Second), {Number: 3, Text: "hold 10m"},
	}
	r.Summary.Growth = []results.Growth{
		{What: results.GrowthLatency, Step: 2, At: 21 * time.Second, Interval: [2]time.Duration{20 * time.Second, 22500 * time.Millisecond}, Rate: 410, Before: 2e7, After: 4e9, Whose: results.Target},
		{What: results.GrowthErrors, Step: 2, At: 30 * time.Second, Interval: [2]time.Duration{29 * time.Second, 31 * time.Second}, Rate: 400, Before: 0, After: 0.05, Whose: results.Target},
	}
	return r
}

// A faithful run with a step that is not says why that may be, and so does the plan of a step whose busiest second has more than the run's.
func TestStepsByThemselves(t *testing.T) {
	const note = "Each step is judged by its own requests, the run by all of them"
	r := steppedRun()
	r.Summary.Verdict.Faithful, r.Summary.Growth = true, nil
	for _, late := range []bool{false, true} {
		r.Summary.Steps[1].Verdict.Faithful = !late
		var full, brief bytes.Buffer
		if err := errors.Join(WriteRun(&full, Text, r, nil), WriteBrief(&brief, r, nil, Next{})); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(full.String(), note) != late || strings.Contains(strings.ReplaceAll(brief.String(), "\u00a0", " "), "not faithful by its own requests") != late {
			t.Errorf("late %t:\n%s\n%s", late, full.String(), brief.String())
		}
	}
	for _, peak := range []int64{10, 11} {
		var b bytes.Buffer
		if err := writeSteps(&b, &replay.Plan{Peak: 10, Steps: []replay.PlannedStep{{Peak: peak}}}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "A step's seconds are counted from its start") != (peak > 10) {
			t.Errorf("a step's busiest second of %d, and the run's of 10:\n%s", peak, b.String())
		}
	}
}

// Steps and growth are told in every form of a report.
func TestStepsOfARun(t *testing.T) {
	for _, f := range RunFormats() {
		var b bytes.Buffer
		if err := WriteRun(&b, f, steppedRun(), nil); err != nil {
			t.Fatal(err)
		}
		want := []string{"latency begins to grow in step 2 peak (20k at 3x), at 21s (20s to 22.5s), at 410/s: its p90 from 20.0 ms to 4.00 s.", "failures begin to grow", "hold 10m", "2.50 %"}
		if f == JSON {
			want = []string{`"steps":[{"step":1,"name":"step1","text":"20k at 2x","start_ns":0,`, `"growth":[{"what":"latency","step":2,"at_ns":21000000000,"interval_ns":[20000000000,22500000000],"rate":410,`}
		}
		text := strings.ReplaceAll(b.String(), "\u00a0", " ")
		if f == Markdown {
			text = strings.ReplaceAll(text, `\`, "")
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", f, w, text[:min(len(text), 3000)])
			}
		}
	}
	var b bytes.Buffer
	if err := WriteBrief(&b, steppedRun(), nil, Next{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "grow in step 2, at 21s") {
		t.Errorf("in brief:\n%s", b.String())
	}
}

// TestStepsTableNames holds that a table calls a step without a name as a condition does.
func TestStepsTableNames(t *testing.T) {
	for want, s := range map[string]results.Step{"step5": {Number: 5}, "2 rush": {Number: 2, Name: "rush"}} {
		if got := stepRow(&s, false, nil)[0]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package report

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// TestFigures holds the eight figures that a page begins with, and how they are coloured.
func TestFigures(t *testing.T) {
	late, shaped, found := burst(t), run(t), run(t)
	shaped.Summary.Steps = stepsOf(shaped.Summary)
	found.Summary.Capacity = &results.Capacity{Ended: results.SearchFound, Tempo: 1.84, HeldMean: 203.2, HeldPeak: 240, Interval: [2]float64{1.84, 1.92}, Broke: "p99>500ms/10s"}
	found.Summary.Completion = &results.Completion{Joined: 10, Latency: results.Quantiles{P99: 15 * time.Second}}
	person := whyOf(cause.Report{Findings: shapes()[:1], Requests: 600})
	still := whyOf(cause.Report{WhyNot: &cause.WhyNot{Reason: cause.NothingSlow}})
	for _, tc := range []struct {
		name string
		r    *results.Run
		why  *Why
		want []string
	}{
		{"all well but for the answers", run(t), still, []string{
			"faithful=good", "2,000=", "100/s=", "100 µs=", "26.0 ms=", "3.0 %=bad", "nothing slow=", "20.0 s=",
			"40 × 503, 20 × timeout", "allowed 2.60\u00a0ms; it moved the curve by 0.10\u00a0%", "2x the recorded tempo; planned 20.0\u00a0s",
		}},
		{"not faithful", late, nil, []string{"not faithful=bad", "19.0 ms=bad", "not looked for=", "tool: lag p99 19.0\u00a0ms (the tool had no CPU)"}},
		{"a cause", run(t), person, []string{"a lock or a race per person=unsure", "others 10.5\u00a0ms"}},
		{"steps", shaped, still, []string{"2 climb (ramp 5m to 4x)=", "17.09\u00a0% failed", "3 steps; planned"}},
		{"a search", found, person, []string{"1.84x holds=", "203/s; 1.92x breaks (p99>500ms/10s)", "to completion p99 15.0\u00a0s"}},
		{"nothing sent", &results.Run{}, still, []string{"not faithful=bad", "0=", "–=", "nothing was sent", "nothing was answered"}},
	} {
		figures := runFigures(tc.r, tc.why)
		if len(figures) != 8 {
			t.Errorf("%s: %d figures, want 8", tc.name, len(figures))
		}
		var b strings.Builder
		for _, f := range figures {
			b.WriteString(f.Value + "=" + f.Mood + "\n" + f.Beside + "\n")
		}
		for _, want := range tc.want {
			if !strings.Contains("\n"+b.String(), want) {
				t.Errorf("%s: %q is not in\n%s", tc.name, want, b.String())
			}
		}
	}
}

func TestPeak(t *testing.T) {
	windows := func(width time.Duration, planned ...int64) (ws []results.Window) {
		for i, n := range planned {
			ws = append(ws, results.Window{Start: time.Duration(i) * width, Width: width, Planned: n})
		}
		return ws
	}
	for _, tc := range []struct {
		name     string
		ws       []results.Window
		planned  float64
		known    time.Duration
		steered  bool
		at, wide float64
		text     string
	}{
		{"a second, though a window holds more for its length", windows(500*time.Millisecond, 9, 0, 5, 6), 11, -1, false, 1.5, 1, "busiest second 11.0/s planned"},
		{"the second that was counted", windows(2*time.Second, 3, 12, 12, 4), 12, 4 * time.Second, false, 4.5, 1, "busiest second 12.0/s planned"},
		{"a window where it is longer and no more is known", windows(2*time.Second, 3, 12, 13, 4), 12, -1, false, 5, 2, "busiest second 12.0/s planned"},
		{"no further than the run", windows(400*time.Millisecond, 3), 3, 0, false, 0.2, 0.4, "busiest second 3.00/s planned"},
		{"by hand: what was sent", windows(time.Second, 3, 12, 50), 50, 2 * time.Second, true, 0.5, 1, "busiest second 7.00/s sent"},
		{"nothing planned", windows(time.Second, 0, 0), 0, -1, false, 0, 0, ""},
		{"no windows", nil, 3, -1, false, 0, 0, ""},
	} {
		s := &results.Summary{Rate: results.Rates{PlannedPeak: tc.planned, PlannedPeakAt: tc.known, AchievedPeak: 7}}
		p := peakOf(s, tc.ws, tc.steered)
		if (p == nil) != (tc.text == "") || p != nil && (math.Abs(p.At-tc.at) > 1e-9 || math.Abs(p.Wide-tc.wide) > 1e-9 || p.Text != tc.text) {
			t.Errorf("%s: %+v, want %q at %v for %v", tc.name, p, tc.text, tc.at, tc.wide)
		}
	}
}

// TestRunClock holds which moment of the recording a second of a run is: of an even run, of one in steps, and where it is not known.
func TestRunClock(t *testing.T) {
	first := time.Date(2022, 11, 28, 20, 0, 0, 0, time.UTC)
	even := &replay.Plan{First: first, Last: first.Add(time.Hour), Duration: time.Minute}
	step := func(start, length time.Duration, from, to time.Duration, scale ...float64) replay.PlannedStep {
		return replay.PlannedStep{Start: start, Duration: length, First: first.Add(from), Last: first.Add(to), TimeScale: [2]float64{scale[0], scale[1]}}
	}
	ramp := &replay.Plan{Steps: []replay.PlannedStep{
		step(0, 60*time.Second, 0, time.Minute, 1, 1), step(60*time.Second, 60*time.Second, time.Minute, 3*time.Minute, 1, 3),
	}}
	again := &replay.Plan{Steps: []replay.PlannedStep{step(0, time.Minute, 0, time.Minute, 1, 1), step(time.Minute, time.Minute, 0, 2*time.Minute, 2, 2)}}
	outage := &replay.Plan{
		First: first, Last: first.Add(time.Hour), Duration: 3 * time.Minute,
		Outages: []replay.PlannedOutage{{From: first.Add(20 * time.Minute), To: first.Add(30 * time.Minute), Start: 30 * time.Second, Drain: 2 * time.Minute}},
	}
	elsewhere := &replay.Plan{First: first, Last: first.Add(time.Hour), Duration: 3 * time.Minute, Outages: []replay.PlannedOutage{{To: first.Add(30 * time.Minute), Start: time.Minute}}}
	for _, tc := range []struct {
		name    string
		plan    *replay.Plan
		set     map[string]string
		changes []replay.Change
		second  float64
		want    string
	}{
		{"even", even, map[string]string{"time-scale": "60"}, nil, 30, "28 Nov 20:30:00 UTC"},
		{"in the user's zone", even, map[string]string{"time-scale": "60", "tz": "America/New_York"}, nil, 30, "28 Nov 15:30:00 EST"},
		{"a zone that is none", even, map[string]string{"time-scale": "60", "tz": "Nowhere"}, nil, 30, "28 Nov 20:30:00 UTC"},
		{"half a ramp from 1x to 3x", ramp, nil, nil, 90, "28 Nov 20:01:45 UTC"},
		{"the end of a ramp", ramp, nil, nil, 120, "28 Nov 20:03:00 UTC"},
		{"the volume changed by hand", even, map[string]string{"time-scale": "60"}, []replay.Change{{What: "volume 2"}}, 30, "28 Nov 20:30:00 UTC"},
		{"the tempo changed by hand", even, map[string]string{"time-scale": "60"}, []replay.Change{{What: "scale 2"}}, 30, ""},
		{"a search begins again", again, nil, nil, 30, ""},
		{"an outage whose queue lasts longer than the recording", outage, map[string]string{"time-scale": "60"}, nil, 45, "28 Nov 20:45:00 UTC"},
		{"an outage at an uneven tempo", elsewhere, map[string]string{"time-scale": "60"}, nil, 45, ""},
		{"no plan", nil, map[string]string{"time-scale": "60"}, nil, 30, ""},
	} {
		c := runClock(&results.Run{
			Header: results.Header{Plan: tc.plan, Settings: tc.set}, Footer: &results.Footer{Outcome: replay.Outcome{Stats: replay.Stats{Changes: tc.changes}}},
		})
		got := ""
		if c != nil {
			got = c.at(tc.second).Format("2 Jan 15:04:05 MST")
			if back := c.second(c.at(tc.second)); math.Abs(back-tc.second) > 0.01 {
				t.Errorf("%s: second %v becomes %v", tc.name, tc.second, back)
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestStepsOnCurve holds that a curve says where steps begin, and names those that have the room.
func TestStepsOnCurve(t *testing.T) {
	r := run(t)
	r.Summary.Steps = stepsOf(r.Summary)
	r.Summary.Steps[1].Start, r.Summary.Steps[2].Start = 10*time.Second, 10100*time.Millisecond
	var b bytes.Buffer
	if err := WriteRun(&b, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if n, plots := strings.Count(page, `<line class="step"`), strings.Count(page, `<div class="still">`); n != 3*plots || plots < 5 {
		t.Errorf("%d steps are drawn in %d plots, want 3 in each", n, plots)
	}
	if !strings.Contains(page, `dx="2">1<`) || !strings.Contains(page, `dx="2">3<`) || strings.Contains(page, `dx="2">climb<`) {
		t.Error("steps with room are not named, or one without")
	}
	if !strings.Contains(page, `"steps":[{"at":0,"text":"1"},{"at":10,"text":"climb"},{"at":10.1,"text":"3"}]`) {
		t.Error("the course has no steps")
	}
}

// TestHead holds the order of a page: the figures, the curve over the time of day with its peak, the sentences, the other plots, and the
// tables folded away.
func TestHead(t *testing.T) {
	r := run(t)
	first := time.Date(2022, 11, 28, 16, 0, 0, 0, time.UTC)
	r.Header.Plan = &replay.Plan{First: first, Last: first.Add(r.Summary.PlannedDuration * 2), Duration: r.Summary.PlannedDuration}
	r.Summary.Steps = stepsOf(r.Summary)
	var b bytes.Buffer
	if err := WriteRun(&b, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	page, at := b.String(), 0
	for _, want := range []string{
		`<div class="figures">`, "Over the time of day in the recording, UTC, on 28 November 2022. The busiest second was planned for 16:00:00, 0 after the start of the run. A point of the curve is the mean of 100 ms, ", `data-plot="rate"`,
		">busiest second 100/s planned at 16:00<", "<span>recorded time, UTC</span>", `<ul class="lead">`, `data-plot="latency"`, "<details><summary>Ledger</summary>", "<details><summary>Times</summary>",
	} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("after %d there is no %s", at, want)
		}
		at += i
	}
}

package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// TestFlags holds what is written above a plot of what is told of moments: words where there is room, else numbers, and one for several.
func TestFlags(t *testing.T) {
	for _, tc := range []struct {
		name string
		x    []float64
		want []string
	}{
		{"nothing", nil, nil},
		{"room for all", []float64{100, 400, 700}, []string{"100 1 cache warmed", "400 2 volume 2", "700 3 a note that is long ind…"}},
		{"a number where words have no room", []float64{100, 140, 700}, []string{"100 1", "140 2 volume 2", "700 3 a note that is long ind…"}},
		{"one for several, with the words of all where there is room", []float64{100, 105, 500}, []string{"100 1–2 cache warmed, volume 2", "500 3 a note that is long indeed"}},
		{"one for several", []float64{100, 105, 250}, []string{"100 1–2", "250 3 a note that is long indeed"}},
		{"at the end", []float64{100, 884, 886}, []string{"100 1 cache warmed", "867 2–3"}},
	} {
		var list []event
		for i := range tc.x {
			list = append(list, event{Number: i + 1, Text: []string{"cache warmed", "volume 2", "a note that is long indeed"}[i]})
		}
		var got []string
		for _, f := range flags(list, tc.x, 888) {
			if f.Text.Text != "" {
				got = append(got, fmt.Sprintf("%.0f %s", f.Text.At, f.Text.Text))
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestFlagsDoNotTouch holds that no words lie over others or leave the frame, however many moments there are.
func TestFlagsDoNotTouch(t *testing.T) {
	const end = 888.0
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		list, x := make([]event, 1+r.IntN(60)), []float64{}
		for i := range list {
			list[i] = event{Number: i + 1, Text: strings.Repeat("é", r.IntN(40))}
			x = append(x, 72+r.Float64()*(end-72))
		}
		slices.Sort(x)
		free := 0.0
		for _, f := range flags(list, x, end) {
			if f.Text.Text == "" {
				continue
			}
			if f.Text.At < free {
				t.Fatalf("round %d: %q at %.1f lies over what ends at %.1f", round, f.Text.Text, f.Text.At, free)
			}
			if free = f.Text.At + wide(f.Text.Text); free > end+0.01 {
				t.Fatalf("round %d: %q ends at %.1f, beyond %.0f", round, f.Text.Text, free, end)
			}
		}
	}
}

// TestEvents holds that what was done, noted and began to grow is numbered in order, drawn in every plot of the page without a script, and
// listed once with its moment in the run and in the recording.
func TestEvents(t *testing.T) {
	r := run(t)
	first := time.Date(2022, 11, 28, 16, 0, 0, 0, time.UTC)
	r.Header.Plan = &replay.Plan{First: first, Last: first.Add(r.Summary.PlannedDuration * 2), Duration: r.Summary.PlannedDuration}
	r.Summary.Growth = []results.Growth{{What: results.GrowthLatency, At: 10 * time.Second, Interval: [2]time.Duration{9 * time.Second, 11 * time.Second}, Rate: 80, Before: 1e6, After: 9e6}}
	r.Footer.Stats.Notes = []replay.Note{{At: 15 * time.Second, Text: "cache <warmed>"}}
	r.Footer.Stats.Changes = []replay.Change{{At: 5 * time.Second, What: "volume 2"}}
	var b bytes.Buffer
	if err := WriteRun(&b, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		`<ol class="events"><li class="hand"><span>5s of the run, 16:00:10 UTC in the recording:</span> by hand: volume 2</li>` +
			`<li class="grows"><span>10s of the run, 16:00:20 UTC in the recording:</span> latency begins to grow (between 9s and 11s of the run), at 80.0/s: its p90 from 1.00 ms to 9.00 ms</li>` +
			`<li class="note"><span>15s of the run, 16:00:30 UTC in the recording:</span> noted: cache &lt;warmed&gt;</li></ol>`,
		">1 volume 2</text>", ">2 latency grows</text>", ">3 cache &lt;warmed&gt;</text>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	plots := strings.Count(page, `<div class="still">`)
	if n := strings.Count(page, `<line class="event grows"`); n != plots || plots < 5 {
		t.Errorf("where latency begins to grow is marked in %d of %d plots", n, plots)
	}
	if n := strings.Count(page, `<ol class="events">`); n != 1 {
		t.Errorf("the moments are listed %d times", n)
	}
}

// TestAddPlan holds what a run that goes on is to come to: its steps and its busiest second, until somebody steers it.
func TestAddPlan(t *testing.T) {
	plan := &replay.Plan{Peak: 7, Steps: []replay.PlannedStep{{}, {Start: 2 * time.Second, Name: "rush"}}}
	ws := []results.Window{{Width: time.Second, Planned: 3}, {Start: time.Second, Width: time.Second, Planned: 7}}
	for _, tc := range []struct {
		name    string
		changes []replay.Change
		steps   []mark
		peak    string
		events  int
	}{
		{"as planned", nil, []mark{{0, "1"}, {2, "rush"}}, "busiest second 7.00/s planned", 0},
		{"steered", []replay.Change{{At: time.Second, What: "skip 5s"}}, nil, "", 1},
	} {
		c := RunCourse(ws, tc.changes)
		c.AddPlan(plan, ws)
		got := ""
		if c.Peak != nil {
			got = c.Peak.Text
		}
		if !slices.Equal(c.Steps, tc.steps) || got != tc.peak || len(c.Events) != tc.events {
			t.Errorf("%s: steps %v, peak %q, events %v", tc.name, c.Steps, got, c.Events)
		}
	}
	c := RunCourse(ws, nil)
	if c.AddPlan(nil, ws); c.Peak != nil || c.Steps != nil {
		t.Errorf("without a plan: %+v, %v", c.Peak, c.Steps)
	}
}

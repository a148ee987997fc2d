package session_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// shapeOf reads a shape of one line.
func shapeOf(t *testing.T, text string) pace.Shape {
	t.Helper()
	s, err := pace.ParseShape(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestResumeOfAShape holds that a shaped run which was stopped goes on in the step in which it was: each step has the requests that were
// planned for it, once.
func TestResumeOfAShape(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 300, 7)
	target := receive(t)
	dir := t.TempDir()
	part, whole := filepath.Join(dir, "part.rpr"), filepath.Join(dir, "whole.rpr")
	o := session.Options{Tempo: session.Tempo{Shape: shapeOf(t, "60 at 2x; rush: 400ms at 200/s; 300ms at volume 3; ramp 200ms to 300/s")}}
	o.File, o.Engine = part, send.Options{MaxInFlight: 8, Timeout: patience}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	target.holdUntil(100, ctx.Done())
	s, err := session.Open(ctx, path, target.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = s.Play(ctx, session.Hooks{Results: []replay.Recorder{record(func(*replay.Result) {
		if n++; n == 90 { // within the second step
			stop()
		}
	})}})
	if s.Close(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o.File, o.Resume = whole, part
	if _, err := session.Run(t.Context(), path, target.URL, o); err != nil {
		t.Fatal(err)
	}
	r, err := results.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	steps := make(map[int]int64)
	if _, err := results.Summarize(t.Context(), r, record(func(res *replay.Result) { steps[int(res.Step)]++ })); err != nil {
		t.Fatal(err)
	}
	want := make(map[int]int64)
	for i, step := range plan.Steps {
		want[i+1] = step.Requests
	}
	if !maps.Equal(steps, want) || len(want) != 4 || want[1] != 60 || want[2] != 80 || want[3] < 60 {
		t.Errorf("the steps have %v, and were planned with %v", steps, want)
	}
	for id, times := range target.requests() {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
	if int64(len(target.requests())) != plan.Requests() {
		t.Errorf("%d requests came, and %d were planned", len(target.requests()), plan.Requests())
	}
	o.File, o.Shape = filepath.Join(dir, "other.rpr"), shapeOf(t, "60 at 3x")
	if _, err := session.Run(t.Context(), path, target.URL, o); !errors.Is(err, session.ErrOtherPlan) {
		t.Errorf("a run of another shape is gone on with: %v", err)
	}
}

// TestHashOfAShape holds that a plan's hash has the shape and its factors, and not how their file is called.
func TestHashOfAShape(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 300, 7)
	hash := func(shape string, factors ...session.Factor) string {
		t.Helper()
		o := session.Options{Tempo: session.Tempo{Factors: factors}}
		if shape != "" {
			o.Shape = shapeOf(t, shape)
		}
		s, err := session.Open(t.Context(), path, "", o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s.Hash()
	}
	one := session.Factor{Hours: 1<<24 - 1, Volume: 2}
	named, there, less := one, one, one
	named.Name, named.Line = "evening.yaml", 3
	there.Zone = time.FixedZone("there", 3600)
	less.Volume = 1.5
	seen := make(map[string]string)
	for name, h := range map[string]string{
		"none": hash(""), "2x": hash("100 at 2x"), "3x": hash("100 at 3x"), "time": hash("1s at 2x"), "name": hash("a: 100 at 2x"), "rate": hash("100 at 50/s"),
		"factor": hash("", one), "elsewhere": hash("", there), "less": hash("", less), "both": hash("100 at 2x", one),
	} {
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[h] = name
	}
	if hash("", named) != hash("", one) || hash("100  at 2x") != hash("100 at 2x") {
		t.Error("how a shape was written changes the hash")
	}
}

func TestShapesThatArePlanned(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 300, 7) // 10 ms apart
	plan := func(o session.Options) (*replay.Plan, error) {
		s, err := session.Open(t.Context(), path, "", o)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		return s.Plan(t.Context())
	}
	p, err := plan(session.Options{Tempo: session.Tempo{TimeScale: 2, Shape: shapeOf(t, "hold 500ms; peak: 500ms at volume 2; 50 at 100/s")}})
	if err != nil || len(p.Steps) != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	first, second, third := p.Steps[0], p.Steps[1], p.Steps[2]
	if first.Requests != 100 || first.TimeScale != [2]float64{2, 2} || first.Duration != 500*time.Millisecond || first.Last.Sub(first.First) != 990*time.Millisecond {
		t.Errorf("the first step is %+v", first)
	}
	if second.Name != "peak" || second.Requests < 180 || second.Requests > 220 || second.Start != 500*time.Millisecond || second.Volume != [2]float64{2, 2} {
		t.Errorf("the second step is %+v", second)
	}
	if third.Requests != 50 || third.Duration < 490*time.Millisecond || third.Duration > 500*time.Millisecond || third.Kinds[capture.Unrecognized.String()] != 50 {
		t.Errorf("the third step is %+v", third)
	}
	if sum := first.Requests + second.Requests + third.Requests; p.Requests() != sum || p.Ledger.Check() != nil || p.Ledger.Filtered == 0 {
		t.Errorf("%d in the steps: %+v", sum, p.Ledger)
	}
	// A factor for what the steps do not come to is for something all the same.
	late := session.Factor{From: session.Bound{After: 2 * time.Second, Set: true}, Volume: 3}
	if p, err := plan(session.Options{Tempo: session.Tempo{Shape: shapeOf(t, "50 at 1x"), Factors: []session.Factor{late}}}); err != nil || p.Requests() != 50 {
		t.Errorf("a factor of a later time: %+v, %v", p, err)
	}
	for _, tc := range []struct {
		o    session.Options
		want string
	}{
		{session.Options{Tempo: session.Tempo{Shape: shapeOf(t, "5s at 1x; hold 1s")}}, "Shape: step 2: no message is left for it, as the recording ends in step 1"},
		{session.Options{Tempo: session.Tempo{Shape: shapeOf(t, "5s at 1x; 1s at 5/s; hold 1s")}}, "Shape: step 2: no message is left"},
		{session.Options{Tempo: session.Tempo{Shape: shapeOf(t, "1s at 5/s"), Ramp: time.Second}}, "Shape: it cannot be given with Ramp"},
		{session.Options{Tempo: session.Tempo{Shape: pace.Shape{Cap: 1e-6}}}, "Shape: the run would take more than a year"},
		{session.Options{Tempo: session.Tempo{MaxRate: 1e-6}}, "MaxRate: the run would take more than a year"},
		{session.Options{Tempo: session.Tempo{TimeScale: 1e-6, Loops: 100}}, "Loops: the run would take more than a year"},
		{session.Options{Tempo: session.Tempo{Factors: []session.Factor{{Volume: 2}}}}, "Shape: factors.0: it has no hour"},
		{session.Options{Tempo: session.Tempo{Factors: []session.Factor{{Kinds: []capture.Kind{capture.Help}, Volume: 2}}}}, "Shape: factors.0: no message of the selection matches it"},
		{session.Options{Tempo: session.Tempo{Volume: 5000, Factors: []session.Factor{{Hours: 1, Volume: 5000}}}}, "Shape: its factors make the volume"},
	} {
		if _, err := plan(tc.o); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%v; want %s", err, tc.want)
		}
	}
	if _, err := plan(session.Options{Selection: session.Selection{Kinds: []capture.Kind{capture.Help}}, Tempo: session.Tempo{Shape: shapeOf(t, "1s at 5/s")}}); !errors.Is(err, session.ErrNothing) {
		t.Errorf("nothing to play: %v", err)
	}
}

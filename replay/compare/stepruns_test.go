package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

// seasonsInSteps plays rounds of four steps, of which the candidate's given one takes so many times as long.
func seasonsInSteps(tb testing.TB, w weather, trial uint64, slow int, times float64, change func(round int, base *fake)) *Comparison {
	tb.Helper()
	s := NewRounds(Options{})
	for i := range uint64(3) {
		base, candidate := inSteps(w, trial, 1000*trial+2*i+7, 0, 0), inSteps(w, trial, 1000*trial+2*i+8, slow, times)
		if change != nil {
			change(int(i), base)
		}
		if err := s.Add(context.Background(), base, candidate); err != nil {
			tb.Fatal(err)
		}
	}
	c, err := s.Comparison()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// changedSteps names the steps of which a quantile has a verdict.
func changedSteps(c *Comparison, v Verdict) string {
	var list []string
	for _, s := range c.Steps {
		for _, l := range s.Latency {
			if l.Verdict == v {
				list = append(list, s.Name)
				break
			}
		}
	}
	return strings.Join(list, ", ")
}

// TestRoundsNameTheStep holds that rounds find the step that alone is slower, and none where nothing is.
func TestRoundsNameTheStep(t *testing.T) {
	for i := range uint64(5) {
		c := seasonsInSteps(t, halfMinutes(), i, 3, 1.3, nil)
		if c.Verdict != Regressed || len(c.Steps) != 4 || changedSteps(c, Regressed) != "step 3 (rush)" {
			t.Errorf("seed %d: %s of %d steps, regressed are %q", i, c.Verdict, len(c.Steps), changedSteps(c, Regressed))
		}
		for _, s := range c.Steps {
			if n := s.Status.Pairs(); n < 4500 || n > 7500 || s.Errors.Pairs != n || s.Latency[0].Q == nil {
				t.Errorf("seed %d: %s has %d pairs, %d for failures, q of p50 %v", i, s.Name, n, s.Errors.Pairs, s.Latency[0].Q)
			}
		}
		if c := seasonsInSteps(t, halfMinutes(), i, 0, 0, nil); c.Verdict == Regressed || changedSteps(c, Regressed)+changedSteps(c, Improved) != "" {
			t.Errorf("seed %d: %s of a server and itself, regressed are %q, improved %q", i, c.Verdict, changedSteps(c, Regressed), changedSteps(c, Improved))
		}
	}
}

// TestRoundsOfOtherShapes holds that steps are judged where all rounds have the same.
func TestRoundsOfOtherShapes(t *testing.T) {
	w := halfMinutes()
	w.requests = 1000
	for name, change := range map[string]func(int, *fake){
		"none in the first": func(round int, f *fake) { f.header.Plan.Steps = f.header.Plan.Steps[:4*min(round, 1)] },
		"none in the last":  func(round int, f *fake) { f.header.Plan.Steps = f.header.Plan.Steps[:4*(1-round/2)] },
		"moved in the last": func(round int, f *fake) { f.header.Plan.Steps[1].Start += time.Duration(round / 2) },
		"no plan":           func(_ int, f *fake) { f.header.Plan = nil },
	} {
		if c := seasonsInSteps(t, w, 1, 0, 0, change); len(c.Steps) > 0 {
			t.Errorf("%s: %d steps were judged", name, len(c.Steps))
		}
	}
	if c := seasonsInSteps(t, w, 1, 0, 0, nil); len(c.Steps) != 4 {
		t.Errorf("%d steps were judged of four", len(c.Steps))
	}
}

// TestStepsKeepTheFalseAlarms plays candidates that are as slow as the floors in all rows, those of steps too: the more rows there are,
// the clearer each must be, so that no more of them are called regressed.
func TestStepsKeepTheFalseAlarms(t *testing.T) {
	unlessShort(t)
	const n = 1000
	plan, levels := fixed(3)
	for _, shared := range []float64{0, 0.5, 1} {
		floor := truth{change: RoundsFloorChange, tail: RoundsFloorTail, shared: shared}
		without := sequences(t, n, floor, plan, levels).percent(Regressed)
		floor.steps = 4
		with := sequences(t, n, floor, plan, levels).percent(Regressed)
		if with > max(without+1.5, 6.5) { // without steps noise that is alike in all rows has 10 %
			t.Errorf("noise alike by %v: %.1f %% of %d regressed at the floor, without steps %.1f %%", shared, with, n, without)
		}
		t.Logf("noise alike by %v: %.1f %% regressed at the floor, without steps %.1f %%", shared, with, without)
	}
	if got := sequences(t, 200, truth{change: 0.2, tail: 0.2, steps: 4}, plan, levels); got.percent(Regressed) < 99 {
		t.Errorf("+20 %% was found in %.1f %%", got.percent(Regressed))
	}
}

// calibratedInSteps is a baseline of five runs of four steps, written and read.
func calibratedInSteps(tb testing.TB, w weather, now time.Time) (*Profile, []byte) {
	tb.Helper()
	var list []Source
	for i := range uint64(5) {
		list = append(list, inSteps(w, 1, 50+i, 0, 0))
	}
	p, err := Calibrate(context.Background(), list, Options{}, now)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		tb.Fatal(err)
	}
	if p, err = ReadProfile(bytes.NewReader(text)); err != nil {
		tb.Fatal(err)
	}
	return p, text
}

// TestBaselineNamesTheStep holds that a baseline keeps its runs' figures by step, and that a run is held against them.
func TestBaselineNamesTheStep(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	w := halfMinutes()
	p, text := calibratedInSteps(t, w, now)
	if len(p.Steps) != 4 || p.Steps[2].Called != "rush" || len(p.Runs[4].Steps) != 4 {
		t.Fatalf("steps %+v", p.Steps)
	}
	var sent int64
	for _, s := range p.Runs[0].Steps {
		sent += s.Sent
	}
	if all := p.Runs[0].Kinds["all"].Sent; sent != all {
		t.Errorf("steps have %d requests, the run %d", sent, all)
	}
	judge := func(p *Profile, f *fake) *Comparison {
		c, err := p.Judge(context.Background(), f, Options{}, now)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := judge(p, inSteps(w, 1, 99, 3, 1.4)); c.Verdict != Regressed || changedSteps(c, Regressed) != "step 3 (rush)" || c.Steps[2].Errors.Pairs == 0 {
		t.Errorf("%s, regressed are %q of %d steps", c.Verdict, changedSteps(c, Regressed), len(c.Steps))
	}
	if c := judge(p, inSteps(w, 1, 98, 0, 0)); c.Verdict == Regressed || len(c.Steps) != 4 || len(c.Minds) > 0 {
		t.Errorf("the same server: %s of %d steps, regressed are %q", c.Verdict, len(c.Steps), changedSteps(c, Regressed))
	}
	if c := judge(p, w.play(1, 97)); len(c.Steps) != 0 {
		t.Errorf("%d steps of a run without any", len(c.Steps))
	}

	var old Profile // as it was written before there were steps
	if err := json.Unmarshal(text, &old); err != nil {
		t.Fatal(err)
	}
	old.Steps = nil
	for i := range old.Runs {
		old.Runs[i].Steps = nil
	}
	if c := judge(&old, inSteps(w, 1, 96, 3, 1.4)); len(c.Steps) != 0 || len(c.Minds) != 1 || c.Minds[0].What != "no_steps" {
		t.Errorf("an old baseline: %d steps, %+v", len(c.Steps), c.Minds)
	}
	for name, change := range map[string]func(*Profile){
		"a run without steps":   func(p *Profile) { p.Runs[2].Steps = nil },
		"a run with fewer":      func(p *Profile) { p.Runs[2].Steps = p.Runs[2].Steps[:3] },
		"steps of no run":       func(p *Profile) { p.Steps = nil },
		"one step":              func(p *Profile) { p.Steps = p.Steps[:1] },
		"more failed than sent": func(p *Profile) { p.Runs[2].Steps[1].Failed = 1 << 40 },
		"too many":              func(p *Profile) { p.Steps = make([]ProfileStep, replay.MaxSteps+1) },
	} {
		var bad Profile
		if err := json.Unmarshal(text, &bad); err != nil {
			t.Fatal(err)
		}
		change(&bad)
		b, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadProfile(bytes.NewReader(b)); err == nil || !strings.Contains(fmt.Sprint(err), "steps") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzProfile holds that a baseline's file that is read can judge a run, whatever is in it.
func FuzzProfile(f *testing.F) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	w := halfMinutes()
	w.requests = 300
	_, text := calibratedInSteps(f, w, now)
	f.Add(text)
	f.Add([]byte(`{"schema":"reprise.profile/1","runs":[]}`))
	candidate := inSteps(w, 1, 99, 0, 0)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadProfile(bytes.NewReader(text))
		if err != nil {
			return
		}
		run := *candidate
		c, err := p.Judge(context.Background(), &run, Options{}, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
	})
}

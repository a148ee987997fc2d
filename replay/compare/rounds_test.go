package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay/results"
)

// seasons plays pairs of runs, the candidate at a server that change makes another.
func seasons(tb testing.TB, w weather, rounds int, trial uint64, change func(*weather), spoil func(*fake)) *Comparison {
	tb.Helper()
	other := w
	if change != nil {
		change(&other)
	}
	s := NewRounds(Options{})
	for i := range uint64(rounds) {
		base, candidate := w.play(trial, 1000*trial+2*i+7), other.play(trial, 1000*trial+2*i+8)
		if spoil != nil {
			spoil(candidate)
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

// loud is a server with noise that lasts, stalls, and runs that are apart by offset for no reason.
func loud(offset float64) weather {
	return weather{
		requests: 6000, length: 600 * time.Second, base: 40 * time.Millisecond, offset: offset,
		drift: 0.10, lasting: 10 * time.Second, stall: 400 * time.Millisecond, every: 45 * time.Second,
	}
}

func slower(by float64) func(*weather) {
	return func(w *weather) { w.base = time.Duration(float64(w.base) * by) }
}

// TestRoundsOfOneServer holds the share of false alarms, of any kind and metric, at 5 %.
func TestRoundsOfOneServer(t *testing.T) {
	unlessShort(t)
	const trials = 20
	for _, offset := range []float64{0, 0.02, 0.05} {
		alarms := 0
		for i := range uint64(trials) {
			if seasons(t, loud(offset), 3, i, nil, nil).Verdict == Regressed {
				alarms++
			}
		}
		if alarms > trials/20 {
			t.Errorf("offset %v: %d of %d comparisons of a server with itself regressed, at most 1 may", offset, alarms, trials)
		}
	}
}

func TestRoundsFindASlowerServer(t *testing.T) {
	unlessShort(t)
	const trials = 20
	found := 0
	for i := range uint64(trials) {
		if seasons(t, loud(0.02), 3, i, slower(1.2), nil).Verdict == Regressed {
			found++
		}
		if i < 3 {
			if c := seasons(t, loud(0.02), 3, i, slower(1/1.3), nil); c.Verdict == Regressed {
				t.Errorf("trial %d: a faster server regressed", i)
			}
		}
	}
	if found < trials*95/100 {
		t.Errorf("+20 %% was found in %d of %d comparisons, want 95 %%", found, trials)
	}
}

func TestRoundsFindTheKind(t *testing.T) {
	c := seasons(t, loud(0.02), 3, 1, nil, func(f *fake) {
		for i := range f.rows {
			if r := &f.rows[i]; r.Kind == capture.Reaction {
				r.Done += 15 * time.Millisecond
			}
		}
	})
	for _, k := range c.Kinds {
		regressed := false
		for _, l := range k.Latency {
			regressed = regressed || l.Verdict == Regressed
		}
		if want := k.Name == "reaction"; regressed != want {
			t.Errorf("%s: regressed %v, want %v", k.Name, regressed, want)
		}
	}
}

func TestRoundsFindFailuresAndNewStatuses(t *testing.T) {
	c := seasons(t, loud(0.02), 3, 1, nil, func(f *fake) {
		for i := range f.rows {
			if r := &f.rows[i]; r.Kind == capture.Subscribe && r.Seq%10 == 0 {
				r.Status = 503
			}
		}
	})
	if c.Verdict != Regressed || c.All.Errors.Verdict != Regressed {
		t.Errorf("verdict %s, failures of all %s (%s), want regressed", c.Verdict, c.All.Errors.Verdict, c.All.Errors.Why)
	}
	if len(c.NewStatuses) != 1 || c.NewStatuses[0].Kind != "subscribe" || c.NewStatuses[0].Status != "503" || c.NewStatuses[0].Rounds != 3 {
		t.Errorf("new statuses %+v, want 503 of subscribe in 3 rounds", c.NewStatuses)
	}
}

// TestRoundsSayWhatTheyCannotTell holds that every undecided row says how many rounds it would take, and that no number is
// without a value.
func TestRoundsSayWhatTheyCannotTell(t *testing.T) {
	c := seasons(t, loud(0.08), 2, 5, slower(1.08), nil)
	undecided := 0
	c.each(func(v *Verdict, w *Why) {
		if *v == Inconclusive && (*w == Across || *w == TooNoisy) {
			undecided++
		}
	})
	if undecided == 0 {
		t.Fatal("nothing is undecided: the test shows nothing")
	}
	for _, k := range append(c.Kinds, c.All) {
		for _, l := range k.Latency {
			if (l.Why == Across || l.Why == TooNoisy) && l.RoundsNeeded <= 2 {
				t.Errorf("%s %s is undecided and asks for %d rounds in all", k.Name, l.Metric, l.RoundsNeeded)
			}
			for _, v := range []*float64{l.P, l.Q, l.Detectable} {
				if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
					t.Errorf("%s %s has a number without a value", k.Name, l.Metric)
				}
			}
		}
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}

// TestRoundsOfNothing holds the edges: one round, a kind in one run alone, nothing answered, no request, another plan.
func TestRoundsOfNothing(t *testing.T) {
	w := loud(0)
	w.requests = 2000
	without := func(f *fake) {
		kept := f.rows[:0]
		for _, r := range f.rows {
			if r.Kind != capture.Reaction {
				kept = append(kept, r)
			}
		}
		f.rows = kept
	}
	for _, tc := range []struct {
		name   string
		rounds int
		spoil  func(*fake)
		want   Verdict
	}{
		{"one round", 1, nil, Inconclusive},
		{"a kind is missing", 3, without, Invalid},
		{"no request", 3, func(f *fake) { f.rows = nil }, Invalid},
		{"another plan", 3, func(f *fake) { f.header.PlanHash = "q" }, Invalid},
		{"nothing is answered", 3, func(f *fake) {
			for i := range f.rows {
				f.rows[i].Status, f.rows[i].Error = 0, "timeout"
			}
		}, Regressed},
	} {
		c := seasons(t, w, tc.rounds, 3, nil, tc.spoil)
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s (%v)", tc.name, c.Verdict, tc.want, c.Invalid)
		}
		text, err := json.Marshal(c)
		if err != nil || bytes.Contains(text, []byte("NaN")) {
			t.Errorf("%s: JSON: %v", tc.name, err)
		}
	}
	if _, err := NewRounds(Options{}).Comparison(); err == nil {
		t.Error("no round gave a comparison")
	}
}

func TestProfileJudges(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	w := loud(0.02)
	var list []Source
	for i := range uint64(5) {
		list = append(list, w.play(1, 50+i))
	}
	p, err := Calibrate(context.Background(), list, Options{}, now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = ReadProfile(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	slow := w
	slow.base = w.base * 14 / 10
	for _, tc := range []struct {
		name  string
		run   *fake
		after time.Duration
		want  bool // regressed
		gate  string
	}{
		{"the same server", w.play(1, 99), time.Hour, false, ""},
		{"a slower server", slow.play(1, 99), time.Hour, true, ""},
		{"an old profile", slow.play(1, 99), 31 * 24 * time.Hour, false, "age"},
		{"another plan", func() *fake { f := slow.play(1, 99); f.header.PlanHash = "q"; return f }(), 0, false, "plan"},
		{"another tool", func() *fake { f := slow.play(1, 99); f.header.Tool = "v9.9.0"; return f }(), 0, false, "tool"},
		{"another machine", func() *fake { f := slow.play(1, 99); f.header.Machine.CPUs = 99; return f }(), 0, false, "machine"},
		{"a lost header", &fake{header: results.Header{Rebuilt: results.FromNothing}, rows: w.play(1, 99).rows}, 0, false, "header"},
		{"an empty run", &fake{header: w.play(1, 1).header}, 0, false, "empty"},
	} {
		c, err := p.Judge(context.Background(), tc.run, Options{}, now.Add(tc.after))
		if err != nil {
			t.Fatal(err)
		}
		if (c.Verdict == Regressed) != tc.want {
			t.Errorf("%s: %s", tc.name, c.Verdict)
		}
		if tc.gate != "" && (c.Verdict != Invalid || c.Invalid[0].What != tc.gate) {
			t.Errorf("%s: %s %v, want invalid by %s", tc.name, c.Verdict, c.Invalid, tc.gate)
		}
	}
}

func TestProfileRefuses(t *testing.T) {
	ctx, w := context.Background(), loud(0)
	w.requests = 500
	if _, err := Calibrate(ctx, []Source{w.play(1, 1), w.play(1, 2)}, Options{}, time.Now()); err == nil {
		t.Error("two runs made a profile")
	}
	other := w.play(1, 3)
	other.header.Corpus = "d"
	if _, err := Calibrate(ctx, []Source{w.play(1, 1), w.play(1, 2), other}, Options{}, time.Now()); err == nil {
		t.Error("runs of two corpora made a profile")
	}
	const good = `{"all":{"sent":9,"failed":1,"answers":9,"p50_ns":1,"p90_ns":2,"p95_ns":2,"p99_ns":3}}`
	three := func(kinds string) string {
		return `{"schema":"reprise.profile/1","runs":[{"kinds":` + good + `},{"kinds":` + good + `},{"kinds":` + kinds + `}]}`
	}
	if _, err := ReadProfile(strings.NewReader(three(good) + "\n")); err != nil {
		t.Errorf("a baseline was refused: %v", err)
	}
	for _, text := range []string{
		three(good) + "{}", three("{}"), three("null"), three(`{"all":{}}`), three(strings.Replace(good, `"answers":9`, `"answers":10`, 1)),
		three(strings.Replace(good, `"sent":9`, `"sent":9000000000`, 1)), three(strings.Replace(good, `"p90_ns":2`, `"p90_ns":3`, 1)),
		strings.Replace(three(good), "{", `{"warm_up_ns":-1,`, 1), strings.Replace(three(good), "[", "["+strings.Repeat(`{"kinds":`+good+`},`, 998), 1),
		"", "{}", "[]", `{"schema":"reprise.profile/2"}`, `{"schema":"reprise.profile/1","runs":[]}`,
		`{"schema":"reprise.profile/1","runs":[{},{},{"kinds":{"all":{"sent":1,"failed":2}}}]}`, `{"schema":"reprise.profile/1","secret":"5551234"}`,
	} {
		_, err := ReadProfile(strings.NewReader(text))
		if !errors.Is(err, ErrProfile) || strings.Contains(fmt.Sprint(err), "5551234") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// BenchmarkRounds measures how often a server is called another one: alarms where it is the same, found where it is a
// fifth slower, in percent of b.N comparisons of three rounds.
func BenchmarkRounds(b *testing.B) {
	for _, tc := range []struct {
		name   string
		offset float64
		change func(*weather)
	}{
		{"same/offset=0%", 0, nil},
		{"same/offset=2%", 0.02, nil},
		{"same/offset=5%", 0.05, nil},
		{"slower=20%/offset=2%", 0.02, slower(1.2)},
	} {
		b.Run(tc.name, func(b *testing.B) {
			regressed := 0
			for i := range b.N {
				if seasons(b, loud(tc.offset), 3, uint64(i), tc.change, nil).Verdict == Regressed {
					regressed++
				}
			}
			b.ReportMetric(100*float64(regressed)/float64(b.N), "%regressed")
		})
	}
}

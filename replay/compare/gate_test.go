package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// late makes the tool late in a run: every request leaves 20 ms after its time, and is answered that much later.
func (f *fake) late() *fake {
	for i := range f.rows {
		f.rows[i].Sent += 20 * time.Millisecond
		f.rows[i].Done += 20 * time.Millisecond
	}
	return f
}

// slow makes the target slow.
func (f *fake) slow(by time.Duration) *fake {
	for i := range f.rows {
		f.rows[i].Done += by
	}
	return f
}

// copy is another run of the same rows.
func (f *fake) copy() *fake { return &fake{header: f.header, rows: slices.Clone(f.rows), end: f.end} }

// paused ends a run that was changed by hand.
func (f *fake) paused() *fake {
	f.end = &results.Footer{Outcome: replay.Outcome{State: replay.Complete}}
	f.end.Stats.Paused = time.Second
	n := int64(len(f.rows))
	f.end.Ledger.Tally = replay.Tally{Recorded: n, OK: n}
	return f
}

func TestGates(t *testing.T) {
	w := short()
	again := func() *fake { return w.play(1, 1) }
	other := again()
	other.header.PlanHash = "q"
	corpus := again()
	corpus.header.Corpus = "d"
	half := again()
	half.rows = half.rows[:5000]
	failing := again()
	for i := range failing.rows {
		if i%20 == 0 {
			failing.rows[i].Status = 503
		}
	}
	unsent := again()
	for i := range unsent.rows {
		unsent.rows[i].Sent, unsent.rows[i].Done, unsent.rows[i].Status, unsent.rows[i].Error = 0, 0, 0, replay.ReasonUnsent
	}
	for _, tc := range []struct {
		name      string
		base      *fake
		candidate *fake
		want      Verdict
		reason    string
		doubts    int
	}{
		{"the same run twice", again(), again(), Equivalent, "", 0},
		{"another plan", again(), other, Invalid, "plan", 0},
		{"another corpus", again(), corpus, Invalid, "corpus", 0},
		{"half of the requests", again(), half, Invalid, "requests", 0},
		{"nothing was sent", again(), unsent, Invalid, "empty", 0},
		{"one in twenty fails", again(), failing, Regressed, "", 0},
		{"40 ms slower", again(), again().slow(40 * time.Millisecond), Regressed, "", 0},
		{"40 ms faster", again().slow(40 * time.Millisecond), again(), Improved, "", 0},
		{"the tool was late both times, alike", again().late(), again().late(), Invalid, "lag", 2},
		{"the tool was late once: the change may be its own", again(), again().late(), Invalid, "lag", 1},
		{"the tool was late once, and the target is slower by no more than that explains", again(), again().late().slow(70 * time.Millisecond), Invalid, "lag", 1},
		{"the tool was late both times, and the target is slower by far", again().late(), again().late().slow(150 * time.Millisecond), Regressed, "", 2},
		{"the tool was late both times, and the target is faster by far", again().late().slow(150 * time.Millisecond), again().late(), Improved, "", 2},
		{"the tool was late, and one in twenty fails", again().late(), failing.copy().late(), Regressed, "", 2},
		{"the tool was late, and was changed by hand", again().late(), again().late().slow(150 * time.Millisecond).paused(), Invalid, "unfaithful", 2},
		{"the run was changed by hand, alike", again().paused(), again().paused(), Invalid, "unfaithful", 2},
	} {
		c := runs(t, tc.base, tc.candidate)
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s; %+v", tc.name, c.Verdict, tc.want, c.Invalid)
		}
		if tc.reason != "" && (len(c.Invalid) == 0 || c.Invalid[0].What != tc.reason) {
			t.Errorf("%s: invalid for %+v, want %s", tc.name, c.Invalid, tc.reason)
		}
		doubted := map[string]bool{}
		for _, d := range c.Doubts {
			doubted[d.Run] = true
		}
		if tc.want != Invalid || tc.reason == "unfaithful" || tc.reason == "lag" {
			if len(doubted) != tc.doubts {
				t.Errorf("%s: doubts about %d runs, want %d", tc.name, len(doubted), tc.doubts)
			}
		}
	}
}

// TestCorpusLost holds that a plan that differs as a corpus was damaged has that for a reason, and that alike damage is none.
func TestCorpusLost(t *testing.T) {
	w := short()
	hurt := func(plan string, lost *results.CorpusLost) *fake {
		f := w.play(1, 1)
		f.header.PlanHash, f.header.CorpusLost = plan, lost
		return f
	}
	for _, tc := range []struct {
		name            string
		base, candidate *fake
		want            string
	}{
		{"records", hurt("p", nil), hurt("q", &results.CorpusLost{Records: 900}), "candidate played was damaged: 900 records of it were lost."},
		{"one", hurt("p", &results.CorpusLost{Records: 1}), hurt("q", nil), "base played was damaged: 1 record of it was lost."},
		{"more", hurt("p", &results.CorpusLost{Records: 9, More: true}), hurt("q", nil), "9 records of it or more were lost."},
		{"unknown", hurt("p", &results.CorpusLost{More: true}), hurt("q", nil), "part of it, of which it is not known how much, was lost."},
		{"alike", hurt("p", &results.CorpusLost{Records: 9}), hurt("q", &results.CorpusLost{Records: 9}), ""},
		{"the same plan", hurt("p", nil), hurt("p", &results.CorpusLost{Records: 9}), ""},
	} {
		c, text := runs(t, tc.base, tc.candidate), ""
		for _, r := range c.Invalid {
			if r.What == "corpus_lost" {
				text += r.Text
			}
		}
		if tc.want == "" && text != "" || !strings.HasSuffix(text, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, text, tc.want)
		}
	}
}

// TestPlanNamesWhatDiffers holds that a plan's reason says which settings differ, and none that a plan does not follow from.
func TestPlanNamesWhatDiffers(t *testing.T) {
	w := short()
	for _, tc := range []struct {
		name            string
		base, candidate map[string]string
		want            string
	}{
		{"tempo", map[string]string{"time-scale": "10", "seed": "1"}, map[string]string{"time-scale": "5", "seed": "2", "timeout": "1s"}, "--time-scale 10 and 5."},
		{"two", map[string]string{"kinds": "[help]", "volume": "1"}, map[string]string{"volume": "2"}, "--volume 1 and 2, --kinds [help] and (not set)."},
		{"a seed", map[string]string{"volume": "2", "seed": "3823111964309132266"}, map[string]string{"volume": "2", "seed": "7"}, "--seed 3823111964309132266 and 7."},
		{
			"seeds that were drawn",
			map[string]string{"seed": "3823111964309132266"},
			map[string]string{"seed": "2823111964309132266"},
			"--seed 3823111964309132266 and 2823111964309132266, or a file that a flag names, differs.",
		},
		{"a file's contents", map[string]string{"curve-scale": "f"}, map[string]string{"curve-scale": "f"}, "the selection, the tempo, the volume or the seed differs."},
		{"a profile", nil, map[string]string{"volume": "2"}, "the selection, the tempo, the volume or the seed differs."},
	} {
		base, candidate := w.play(1, 1), w.play(1, 2)
		base.header.Settings, candidate.header.Settings, candidate.header.PlanHash = tc.base, tc.candidate, "q"
		c := runs(t, base, candidate)
		if len(c.Invalid) != 1 || !strings.HasSuffix(c.Invalid[0].Text, ": "+tc.want) {
			t.Errorf("%s: %+v, want %s", tc.name, c.Invalid, tc.want)
		}
	}
}

func TestAddCompletions(t *testing.T) {
	w := short()
	again := func() *fake { return w.play(1, 1) }
	half := again()
	half.rows = half.rows[:5000]
	const work = 500 * time.Millisecond
	for _, tc := range []struct {
		name            string
		base, candidate *fake // their answers
		was, is         *fake // their completions
		want, done      Verdict
	}{
		{"as good", again(), again(), again().slow(work), again().slow(work), Equivalent, Equivalent},
		{"work is slower", again(), again(), again(), again().slow(work), Regressed, Regressed},
		{"work is faster", again(), again(), again().slow(work), again(), Improved, Improved},
		{"work is faster, answers are slower", again(), again().slow(work), again().slow(work), again(), Regressed, Improved},
		{"answers cannot be compared", again(), half, again(), again().slow(work), Invalid, Invalid},
		{"the tool was late: slower work stands out from it", again().late(), again().late(), again().late(), again().late().slow(work), Regressed, Regressed},
		{"the tool was late: faster work does not make up for answers of which nothing is known", again().late(), again().late(), again().late().slow(work), again().late(), Invalid, Invalid},
		{"the tool was late: work that is slower by little may be its own", again().late(), again().late(), again().late(), again().late().slow(work / 10), Invalid, Invalid},
		{"the tool was late: answers are slower by far, of the work nothing is known", again().late(), again().late().slow(work), again().late(), again().late(), Regressed, Invalid},
		{"the tool was late: answers are faster by far, of the work nothing is known", again().late().slow(work), again().late(), again().late(), again().late(), Invalid, Invalid},
		{"half of the answers are no good, so that half of the work is not comparable", again(), again(), again(), half, Equivalent, Invalid},
	} {
		c := runs(t, tc.base, tc.candidate)
		c.AddCompletions(runs(t, tc.was, tc.is))
		if c.Verdict != tc.want || c.Completion.Verdict != tc.done {
			t.Errorf("%s: %s, completion %s; want %s, %s", tc.name, c.Verdict, c.Completion.Verdict, tc.want, tc.done)
		}
		if (c.Verdict == Invalid) != (len(c.Invalid) > 0) {
			t.Errorf("%s: %s with reasons %+v", tc.name, c.Verdict, c.Invalid)
		}
	}
}

// failing makes all answers of a kind errors that come at once, those of all kinds where none is named.
func (f *fake) failing(status int, of ...capture.Kind) *fake {
	for i := range f.rows {
		if r := &f.rows[i]; len(of) == 0 || slices.Contains(of, r.Kind) {
			r.Status, r.Done = status, r.Sent+time.Millisecond
		}
	}
	return f
}

// TestFailedAnswersAreNoMeasure holds that a broken base is no measure, that a candidate which fails is worse by its failures, and that times of
// errors are not held against times of good answers: one pair, rounds and a baseline.
func TestFailedAnswersAreNoMeasure(t *testing.T) {
	w := short()
	var seed uint64
	again := func() *fake {
		seed++
		f := w.play(1, 100+seed)
		f.header.Run = fmt.Sprint("r", seed)
		return f
	}
	good, refused, broken := func() *fake { return again() }, func() *fake { return again().failing(401) }, func() *fake { return again().failing(500) }
	for _, tc := range []struct {
		name            string
		base, candidate func() *fake
		want            Verdict
		reason          string
		latency         Why // of the p50 of all
	}{
		{"a broken base", broken, good, Invalid, "base_broken", NotComputed},
		{"a base that refuses all", refused, good, Invalid, "base_broken", NotComputed},
		{"a base that refuses all, and a candidate that is broken", refused, broken, Invalid, "base_broken", NotComputed},
		{"both broken", broken, broken, Invalid, "failed", NotComputed},
		{"both refuse all", refused, refused, Invalid, "base_broken", NotComputed},
		{"a broken candidate", good, broken, Regressed, "", MostFailed},
		{"a candidate that refuses all", good, refused, Regressed, "", MostFailed},
	} {
		check := func(how string, c *Comparison, err error) {
			t.Helper()
			switch {
			case err != nil:
				t.Fatal(err)
			case c.Verdict != tc.want || c.All.Latency[0].Why != tc.latency:
				t.Errorf("%s, %s: %s, p50 of all %s; want %s, %s; %+v", tc.name, how, c.Verdict, c.All.Latency[0].Why, tc.want, tc.latency, c.Invalid)
			case tc.reason != "" && !slices.ContainsFunc(c.Invalid, func(r Reason) bool { return r.What == tc.reason }):
				t.Errorf("%s, %s: invalid for %+v, want %s", tc.name, how, c.Invalid, tc.reason)
			}
		}
		c, err := Runs(t.Context(), tc.base(), tc.candidate(), Options{})
		check("one pair", c, err)
		s := NewRounds(Options{})
		for range 3 {
			if err := s.Add(t.Context(), tc.base(), tc.candidate()); err != nil {
				t.Fatal(err)
			}
		}
		c, err = s.Comparison()
		check("rounds", c, err)
		if tc.reason == "failed" || tc.base().rows[0].Status == 500 {
			continue // no such run is part of a baseline
		}
		p, err := Calibrate(t.Context(), []Source{tc.base(), tc.base(), tc.base()}, Options{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		c, err = p.Judge(t.Context(), tc.candidate(), Options{}, time.Now())
		check("a baseline", c, err)
	}
}

// TestFailedKindIsNotJudgedByTime holds the same of one kind, whose fast errors do not improve it; the others are judged.
func TestFailedKindIsNotJudgedByTime(t *testing.T) {
	w := short()
	c := runs(t, w.play(1, 1), w.play(1, 2).failing(500, capture.CustomKeyword))
	for _, k := range c.Kinds {
		if failed := k.Name == capture.CustomKeyword.String(); failed != (k.Latency[0].Why == MostFailed) || failed != (k.Errors.Verdict == Regressed) {
			t.Errorf("%s: p50 %s, failures %s", k.Name, k.Latency[0].Why, k.Errors.Verdict)
		}
	}
}

// TestMinds holds what is to be minded of a verdict that stands: one target played twice, and a run held against itself.
func TestMinds(t *testing.T) {
	w := short()
	what := func(c *Comparison) (list []string) {
		for _, m := range c.Minds {
			list = append(list, m.What)
		}
		return list
	}
	for _, tc := range []struct {
		name      string
		inTurn    bool
		candidate string
		want      []string
	}{
		{"one target, in turn", true, "http://a", []string{"one_target"}},
		{"two targets", true, "http://b", nil},
		{"saved runs of one address, which may have had two builds", false, "http://a", nil},
	} {
		s := NewRounds(Options{InTurn: tc.inTurn})
		base, candidate := w.play(1, 1), w.play(1, 2)
		base.header.Target, candidate.header.Target = "http://a", tc.candidate
		if err := s.Add(t.Context(), base, candidate); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Comparison(); err != nil || !slices.Equal(what(c), tc.want) {
			t.Errorf("%s: %v, %v", tc.name, what(c), err)
		}
	}
	run := func(i uint64) *fake {
		f := w.play(1, i)
		f.header.Run = fmt.Sprint("r", i)
		return f
	}
	p, err := Calibrate(t.Context(), []Source{run(1), run(2), run(3)}, Options{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[uint64][]string{2: {"in_baseline"}, 4: nil} {
		if c, err := p.Judge(t.Context(), run(i), Options{}, time.Now()); err != nil || !slices.Equal(what(c), want) || c.Verdict == Invalid {
			t.Errorf("run %d: %v, %v, %v", i, what(c), c.Verdict, err)
		}
	}
}

// TestFaultsOfOneCause holds that a run's limits by one cause are one reason, and others are reasons of their own.
func TestFaultsOfOneCause(t *testing.T) {
	limit := func(what, amount, cause string) results.Limit {
		return results.Limit{What: what, Amount: amount, Whose: results.Tool, Text: what + ".", Cause: cause}
	}
	s := &Side{Name: "a.rpr"}
	s.Summary.Verdict.Limits = []results.Limit{
		limit("lag", "905ms", results.CauseNoCPU), limit("duration", "2s", results.CauseNoCPU), limit("moved", "48%", results.CauseNoCPU), limit("shed", "3", ""),
	}
	got := unfaithful(s)
	want := []Reason{
		{
			What: "unfaithful", Run: "a.rpr", Cause: results.CauseNoCPU, Lag: "905ms", Moved: "48%", Longer: "2s",
			Text: "a.rpr is not faithful, by the tool's own fault: the tool had no CPU (lag p99 905ms, moved 48%, longer by 2s).",
		},
		{What: "unfaithful", Run: "a.rpr", Text: "a.rpr is not faithful, by the tool's own fault: shed."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

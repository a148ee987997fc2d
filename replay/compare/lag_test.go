package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// lateBy makes the tool late in a run: every share'th request leaves by that much after its time, and is answered that much later.
func (f *fake) lateBy(share int, by time.Duration) *fake {
	for i := range f.rows {
		if f.rows[i].Seq%int64(share) == 0 {
			f.rows[i].Sent += by
			f.rows[i].Done += by
		}
	}
	return f
}

// TestBoundedPair holds every number of a row that is judged with its lag, and of one that is not.
func TestBoundedPair(t *testing.T) {
	w := short()
	base, candidate := w.play(1, 1).lateBy(12, 60*time.Millisecond), w.play(1, 2).slow(40*time.Millisecond).lateBy(30, 20*time.Millisecond)
	c := runs(t, base, candidate)
	var got strings.Builder
	fmt.Fprintln(&got, c.Verdict, len(c.Doubts), len(c.Invalid))
	for _, l := range c.All.Latency {
		verdict := "not judged"
		if l.Judged {
			verdict = fmt.Sprintf("%s %s", l.Verdict, l.Why)
		}
		fmt.Fprintf(&got, "%s %.1f to %.1f, least %.1f to %.1f, lag %.1f, change %.1f in %.1f to %.1f: %s\n", l.Metric, ms(l.Base), ms(l.Candidate),
			ms(l.Bound.BaseLeast), ms(l.Bound.CandidateLeast), ms(l.Bound.Lag), ms(l.Difference), l.Difference95.Low/1e6, l.Difference95.High/1e6, verdict)
	}
	const want = `
regressed 2 0
p50 22.2 to 60.4, least 21.6 to 60.1, lag 0.6, change 38.2 in 37.4 to 39.5: regressed interval_beyond_floor
p90 76.3 to 68.9, least 30.2 to 67.4, lag 46.1, change -7.4 in -8.9 to 41.0: invalid lag_too_large
p95 83.9 to 75.1, least 36.0 to 70.2, lag 60.0, change -8.8 in -13.7 to 44.4: invalid lag_too_large
p99 282.1 to 95.0, least 277.4 to 93.9, lag 60.0, change -187.1 in -188.2 to 48.9: not judged
`
	if got.String() != want[1:] {
		t.Errorf("got\n%swant%s", got.String(), want)
	}
}

// ms is in milliseconds.
func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// TestUnfaithfulIsNeverEquivalent tries runs of all kinds of lag and of difference. Those that are faithful say what they say without the rule.
func TestUnfaithfulIsNeverEquivalent(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	w := short()
	w.requests, w.length = 1500, 5*time.Second
	doubted, told := 0, map[Verdict]int{}
	for i := range uint64(40) {
		by := []time.Duration{0, 0, 3, 30, 300}[rng.IntN(5)] * time.Millisecond
		base, candidate := w.play(i, 2*i), w.play(i, 2*i+1)
		if rng.IntN(2) == 0 {
			candidate = w.play(i, 2*i)
		}
		base.lateBy(1+rng.IntN(30), time.Duration(rng.IntN(40))*time.Millisecond)
		candidate.slow(by).lateBy(1+rng.IntN(30), time.Duration(rng.IntN(40))*time.Millisecond)
		if rng.IntN(2) == 0 {
			base, candidate = candidate, base
		}
		c := runs(t, base, candidate)
		told[c.Verdict]++
		if len(c.Doubts) == 0 {
			continue
		}
		doubted++
		if c.Verdict == Equivalent {
			t.Errorf("pair %d: equivalent, with doubts %+v", i, c.Doubts)
		}
		if (c.Verdict == Invalid) != (len(c.Invalid) > 0) {
			t.Errorf("pair %d: %s for %+v", i, c.Verdict, c.Invalid)
		}
		for _, k := range append([]Kind{c.All}, c.Kinds...) {
			for _, l := range k.Latency {
				switch {
				case l.Verdict == Equivalent:
					t.Errorf("pair %d: %s %s is equivalent", i, k.Name, l.Metric)
				case (l.Verdict == Regressed || l.Verdict == Improved) && l.Difference.Abs() < LagTimes*l.Bound.Lag:
					t.Errorf("pair %d: %s %s %s by %s, where lag can make %s", i, k.Name, l.Metric, l.Verdict, l.Difference, l.Bound.Lag)
				}
			}
		}
	}
	if doubted < 15 || told[Regressed] < 3 || told[Improved] < 3 || told[Invalid] < 3 {
		t.Errorf("%d pairs with doubts, verdicts %v: too few to say anything", doubted, told)
	}
}

// TestLagHidesNoRise plays runs with a little lag whose other kind is a tenth as slow as before, while requests of all others are slower by
// half: that one kind is faster does not make the candidate improved.
func TestLagHidesNoRise(t *testing.T) {
	w := short()
	w.requests, w.stall = 3000, 0
	base, candidate := w.play(1, 2), w.play(1, 3)
	for i := range base.rows {
		b, c := &base.rows[i], &candidate.rows[i]
		b.Done, c.Done = b.Sent+20*time.Millisecond, c.Sent+30*time.Millisecond
		if b.Kind == base.rows[0].Kind {
			b.Done, c.Done = b.Sent+200*time.Millisecond, c.Sent+10*time.Millisecond
		}
		b.Sent, b.Done, c.Sent, c.Done = b.Sent+4*time.Millisecond, b.Done+4*time.Millisecond, c.Sent+4*time.Millisecond, c.Done+4*time.Millisecond
	}
	c := runs(t, base, candidate)
	improved, hidden := false, false
	c.eachLatency(func(l *Latency) {
		improved, hidden = improved || l.Verdict == Improved, hidden || l.Why == LagTooLarge && l.Difference > 0
	})
	if c.Verdict != Inconclusive || len(c.Doubts) == 0 || !improved || !hidden {
		t.Errorf("%s; a row improved: %t, one may be worse: %t; %+v", c.Verdict, improved, hidden, c.Doubts)
	}
	base.next, candidate.next = 0, 0
	if c = runs(t, candidate, base); c.Verdict != Regressed {
		t.Errorf("the other way round: %s", c.Verdict)
	}
}

// TestUnderLagSwaps holds that the same row the other way round is improved where it regressed, and nothing else but that.
func TestUnderLagSwaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	row := func(base, baseLeast, candidate, candidateLeast int64) Latency {
		between := func(least, most float64) *Interval { return &Interval{Low: least, High: most} }
		d := between(float64(candidateLeast-base), float64(candidate-baseLeast))
		r := between(change(base, candidateLeast), change(baseLeast, candidate))
		l := Latency{
			BaseCount: MinRequests, CandidateCount: MinRequests, Base: time.Duration(base), Candidate: time.Duration(candidate),
			Difference: time.Duration(candidate - base), Change: change(base, candidate), Difference95: d, Difference90: d, Change95: r, Change90: r,
			Bound: boundOf(time.Duration(base), time.Duration(baseLeast), time.Duration(candidate), time.Duration(candidateLeast), 0),
		}
		v, w := judgeLatency(&l, MinSpread)
		l.Verdict, l.Why = underLag(&l, v, w)
		return l
	}
	mirrored := map[Verdict]Verdict{Regressed: Improved, Improved: Regressed, Inconclusive: Inconclusive, Invalid: Invalid}
	seen := map[Verdict]int{}
	for range 20_000 {
		service := func() int64 { return int64(1+rng.IntN(100)) * 1e6 }
		lag := func() int64 { return int64(rng.IntN(1<<rng.IntN(6))) * 1e6 }
		b, c := service(), service()
		base, candidate := b+lag(), c+lag()
		there, back := row(base, b, candidate, c), row(candidate, c, base, b)
		seen[there.Verdict]++
		if mirrored[there.Verdict] != back.Verdict || there.Why != back.Why {
			t.Fatalf("%d (%d) to %d (%d): %s %s, the other way round %s %s", base, b, candidate, c, there.Verdict, there.Why, back.Verdict, back.Why)
		}
	}
	for _, v := range []Verdict{Regressed, Improved, Inconclusive, Invalid} {
		if seen[v] < 100 {
			t.Errorf("%s came %d times", v, seen[v])
		}
	}
}

func TestBoundedRounds(t *testing.T) {
	w := short()
	w.requests = 3000
	for _, tc := range []struct {
		name         string
		base, by     time.Duration // how much slower the base's and the candidate's target are
		lagBase, lag time.Duration // of one request in 12
		want         Verdict
	}{
		{"equal, and both late", 0, 0, 60, 60, Invalid},
		{"equal, and one late", 0, 0, 0, 60, Invalid},
		{"equal, and the base late", 0, 0, 60, 0, Invalid},
		{"slower by far", 0, 40, 60, 60, Regressed},
		{"faster by far", 40, 0, 60, 60, Improved},
		{"in time", 0, 0, 0, 0, Equivalent},
	} {
		s := NewRounds(Options{})
		for i := range uint64(4) {
			quiet := w
			quiet.stall, quiet.every, quiet.offset, quiet.drift = 0, 0, 0, 0.02
			base, candidate := quiet.play(i, 2*i), quiet.play(i, 2*i+1)
			base.slow(tc.base*time.Millisecond).lateBy(12, tc.lagBase*time.Millisecond)
			candidate.slow(tc.by*time.Millisecond).lateBy(12, tc.lag*time.Millisecond)
			if err := s.Add(context.Background(), base, candidate); err != nil {
				t.Fatal(err)
			}
		}
		c, err := s.Comparison()
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s; %+v", tc.name, c.Verdict, tc.want, c.Invalid)
		}
		if late := tc.lag+tc.lagBase > 0; late != (len(c.Doubts) > 0) || late != (c.All.Latency[0].Bound != nil) {
			t.Errorf("%s: %d doubts, bound %+v", tc.name, len(c.Doubts), c.All.Latency[0].Bound)
		}
		for _, l := range c.All.Latency {
			if b := l.Bound; b != nil && (l.Change95.Low > float64(b.CandidateLeast)/float64(l.Base)-1 || l.Change95.High < float64(l.Candidate)/float64(b.BaseLeast)-1) {
				t.Errorf("%s: %s: %+v does not hold the bounds %+v of %s to %s", tc.name, l.Metric, *l.Change95, *b, l.Base, l.Candidate)
			}
		}
	}
}

// A baseline holds good runs alone, so that a candidate alone can be late.
func TestBoundedBaseline(t *testing.T) {
	w := short()
	w.requests, w.stall, w.every, w.offset, w.drift = 3000, 0, 0, 0, 0.02
	var good []Source
	for i := range uint64(4) {
		f := w.play(1, i)
		f.header.Run = fmt.Sprint(i)
		good = append(good, f)
	}
	p, err := Calibrate(context.Background(), good, Options{}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name     string
		by, late time.Duration
		want     Verdict
	}{
		{"in time and slower by far", 40 * time.Millisecond, 0, Regressed},
		{"late and as good", 0, 60 * time.Millisecond, Invalid},
		{"late and slower by far", 40 * time.Millisecond, 60 * time.Millisecond, Regressed},
	} {
		c, err := p.Judge(context.Background(), w.play(1, 9).slow(tc.by).lateBy(12, tc.late), Options{}, time.Unix(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s; %+v", tc.name, c.Verdict, tc.want, c.Invalid)
		}
	}
}

// TestBoundedJSON holds that the same runs give the same bytes.
func TestBoundedJSON(t *testing.T) {
	w := short()
	var texts [2][]byte
	for i := range texts {
		c := runs(t, w.play(1, 1).lateBy(12, 60*time.Millisecond), w.play(1, 2).slow(40*time.Millisecond))
		var err error
		if texts[i], err = json.Marshal(c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) || !bytes.Contains(texts[0], []byte(`"lag_ns"`)) {
		t.Error("two comparisons of the same runs differ, or say nothing of lag")
	}
}

package compare

import (
	"math"
	"time"
)

// design is how the runs of manyRuns belong together.
type design uint8

const (
	inRounds design = iota // base[i] and cand[i] were played in turn
	against                // the one candidate is held against all base runs
)

// minErrorPairs is how many requests there must be for errors to be called equivalent: below it not one failure would
// still be consistent with the floor.
const minErrorPairs = int64(3 / RoundsFloorErrors)

// manyRuns judges runs over rounds, or one run against several.
type manyRuns struct {
	base, cand []*run
	design     design
	// lagged says that a run is not faithful by lag: then the lag is part of every interval.
	lagged bool
	level  level
	// steps are judged beside the kinds, and pairs are those of each, of which a baseline knows the failures alone; none where there are no steps.
	steps []Step
	pairs []stepPairs
	known map[freedomTail]float64 // quantiles, which are the same in all rows
}

// verdictRow is one metric of one kind while it is judged.
type verdictRow struct {
	kind, metric int // kind is also allKinds, or a step by stepRow; metric len4 is errors
	effect       effect
	estimate     estimate
	// least and most are estimates of what the effect can be at least and at most, where a part of it may be lag; else they are the estimate.
	leastEffect, mostEffect effect
	least, most             estimate
	floor                   float64
	tooFew                  Why // empty where it can be judged
	p, fall                 float64
}

// judge fills in all kinds, and the steps of a shape. All of their rows are one family of tests: the more there are, the clearer each change must be.
func (b *manyRuns) judge(out *Comparison, matrix [kinds + 1]Matrix, failed [kinds + 1]failures) {
	if b.lagged {
		out.Method.LagTimes = LagTimes
	}
	var rows []*verdictRow
	for k := range kinds + 1 + len(b.steps) {
		if b.held(k) {
			rows = append(rows, b.rows(k)...)
		}
	}
	b.estimate(rows)
	rise, fall := adjusted(rows)
	out.Kinds = []Kind{}
	for i := 0; i < len(rows); i += len4 + 1 {
		k := rows[i].kind
		kind := Kind{Name: b.name(k), Status: b.matrix(&matrix, k)}
		for m := range len4 {
			kind.Latency = append(kind.Latency, b.latency(rows[i+m], rise[i+m], fall[i+m]))
		}
		kind.Errors = b.errors(rows[i+len4], b.failed(&failed, k), rise[i+len4], fall[i+len4])
		switch at := stepIndex(k); {
		case at >= 0:
			step := b.steps[at]
			step.Kind = kind
			out.Steps = append(out.Steps, step)
		case k == allKinds:
			out.All = kind
		default:
			out.Kinds = append(out.Kinds, kind)
		}
	}
}

// name is what a kind or a step is called.
func (b *manyRuns) name(k int) string {
	if at := stepIndex(k); at >= 0 {
		return nameOfStep(b.steps[at].Number, b.steps[at].Called)
	}
	return kindName(k)
}

// held says whether any run holds the kind; all is always held.
func (b *manyRuns) held(k int) bool {
	if k == allKinds {
		return true
	}
	for _, list := range [][]*run{b.base, b.cand} {
		for _, r := range list {
			if r.of(k).sent > 0 {
				return true
			}
		}
	}
	return false
}

// rows are the metrics of a kind: the quantiles and then errors.
func (b *manyRuns) rows(k int) []*verdictRow {
	var list []*verdictRow
	for m, q := range quantiles() {
		r := &verdictRow{kind: k, metric: m, floor: floorOf(q, b.smaller(k, m))}
		latency, least := func(x *run) float64 { return x.of(k).logs()[m] }, func(x *run) float64 { return logs(x.of(k).least)[m] }
		r.effect = b.effect(latency, latency)
		r.leastEffect, r.mostEffect = b.effect(latency, least), b.effect(least, latency)
		r.tooFew = b.enough(k, func(x *measured) bool { return x.answers == 0 }, func(x *measured) bool { return x.enough(q) })
		if r.tooFew != NoValues && unlikeAnswers(badAnswers(b.base, k), badAnswers(b.cand, k)) {
			r.tooFew = MostFailed
		}
		list = append(list, r)
	}
	r := &verdictRow{kind: k, metric: len4, floor: RoundsFloorErrors}
	share := func(x *run) float64 { return x.of(k).share() }
	r.effect = b.effect(share, share)
	r.tooFew = b.enough(k, func(x *measured) bool { return x.sent == 0 }, func(*measured) bool { return true })
	return append(list, r)
}

// badAnswers is the share of a side's answers that are neither 2xx nor 3xx.
func badAnswers(side []*run, k int) float64 {
	var bad, answers int64
	for _, r := range side {
		bad, answers = bad+r.of(k).bad, answers+r.of(k).answers
	}
	return float64(bad) / float64(max(answers, 1))
}

// floorOf is a quantile's floor as a difference of logarithms, where smaller is the smaller of the values in nanoseconds.
func floorOf(q quantile, smaller float64) float64 {
	share, least := RoundsFloorChange, RoundsFloorLatency
	if q.name == "p99" {
		share, least = RoundsFloorTail, RoundsFloorTailLatency
	}
	return math.Log1p(max(share, float64(least)/max(smaller, 1)))
}

func (b *manyRuns) smaller(k, m int) float64 {
	return min(typical(b.base, k, m), typical(b.cand, k, m))
}

// typical is the geometric mean of a quantile over the runs that have answers, in nanoseconds; 1 where none has.
func typical(runs []*run, k, m int) float64 {
	sum, n := 0.0, 0
	for _, r := range runs {
		if r.of(k).answers > 0 {
			sum += r.of(k).logs()[m]
			n++
		}
	}
	return math.Exp(sum / float64(max(n, 1)))
}

// effect is a value of the candidate minus one of the base, by rounds or against the mean of all base runs.
func (b *manyRuns) effect(base, cand func(*run) float64) effect {
	if b.design == inRounds {
		d := make([]float64, len(b.cand))
		for i := range d {
			d[i] = cand(b.cand[i]) - base(b.base[i])
		}
		return effectOf(d)
	}
	values := make([]float64, len(b.base))
	for i := range values {
		values[i] = base(b.base[i])
	}
	e := effect{n: len(values), scale: math.Sqrt(1 + 1/float64(len(values)))}
	mean, variance := meanVariance(values)
	e.mean, e.variance = cand(b.cand[0])-mean, variance
	return e
}

// enough says why a row cannot be judged; empty where it can.
func (b *manyRuns) enough(k int, none, enough func(*measured) bool) Why {
	all := Why("")
	for _, list := range [][]*run{b.base, b.cand} {
		for _, r := range list {
			switch m := r.of(k); {
			case none(m):
				return NoValues
			case !enough(m):
				all = TooFew
			}
		}
	}
	if all == "" && len(b.base) < MinRounds {
		return TooFewRounds
	}
	return all
}

// leastSpread is the smallest standard deviation of a logarithm that is believed: 0.2 %.
const leastSpread = 0.002

// estimate moderates every row's variance by that of the same metric in all kinds, and that of a step by all steps: these are shorter than the run and
// hold all kinds, so that they vary otherwise. Where runs may be late, a rise is what the least of
// the effect says, and a fall what the most of it does.
func (b *manyRuns) estimate(rows []*verdictRow) {
	b.known = make(map[freedomTail]float64)
	for m := range len4 + 1 {
		b.moderate(rows, m, func(r *verdictRow) (*effect, *estimate) { return &r.effect, &r.estimate })
		if b.lagged && m < len4 {
			b.moderate(rows, m, func(r *verdictRow) (*effect, *estimate) { return &r.leastEffect, &r.least })
			b.moderate(rows, m, func(r *verdictRow) (*effect, *estimate) { return &r.mostEffect, &r.most })
		}
	}
	for _, r := range rows {
		if !b.lagged || r.metric == len4 {
			r.least, r.most = r.estimate, r.estimate
		}
		r.p, r.fall = r.least.above(r.floor), r.most.below(r.floor)
	}
}

// moderate is estimate for one metric and one of its effects.
func (b *manyRuns) moderate(rows []*verdictRow, metric int, of func(*verdictRow) (*effect, *estimate)) {
	var same [2][]effect // of kinds and of steps
	for _, r := range rows {
		if r.metric == metric && r.tooFew == "" && r.kind != allKinds {
			e, _ := of(r)
			same[r.peers()] = append(same[r.peers()], *e)
		}
	}
	for _, r := range rows {
		if r.metric != metric {
			continue
		}
		e, to := of(r)
		all := pooled(same[r.peers()])
		if len(same[r.peers()]) == 0 {
			all = e.variance
		}
		least := leastSpread * leastSpread
		if metric == len4 {
			least = b.binomial(r.kind)
		}
		*to = moderate(*e, all, least)
		to.known = b.known
	}
}

// peers says whose variance is taken for about as large: 0 for that of kinds, 1 for that of steps.
func (r *verdictRow) peers() int {
	if stepIndex(r.kind) >= 0 {
		return 1
	}
	return 0
}

// interval leaves out a tail at either end.
func (r *verdictRow) interval(tail float64) Interval {
	return Interval{Low: r.least.interval(tail).Low, High: r.most.interval(tail).High}
}

// binomial is the least variance of a difference of shares in one round: what counting failures alone brings.
func (b *manyRuns) binomial(k int) float64 {
	var failed, sent float64
	for _, list := range [][]*run{b.base, b.cand} {
		for _, r := range list {
			failed += float64(r.of(k).failed)
			sent += float64(r.of(k).sent)
		}
	}
	p, runs := failed/max(sent, 1), float64(len(b.base)+len(b.cand))
	return 2 * p * (1 - p) / max(sent/runs, 1)
}

// adjusted are the q values of rises and of falls, over all rows that can be judged; 1 for the others.
func adjusted(rows []*verdictRow) (rise, fall []float64) {
	var up, down []float64
	var at []int
	for i, r := range rows {
		if r.tooFew == "" {
			up, down, at = append(up, r.p), append(down, r.fall), append(at, i)
		}
	}
	rise, fall = make([]float64, len(rows)), make([]float64, len(rows))
	for i := range rows {
		rise[i], fall[i] = 1, 1
	}
	up, down = adjust(up), adjust(down)
	for j, i := range at {
		rise[i], fall[i] = up[j], down[j]
	}
	return rise, fall
}

// values fills in what a row's quantile was, of the runs that have answers of the kind.
func (b *manyRuns) values(l *Latency, r *verdictRow) {
	base, candidate := typical(b.base, r.kind, r.metric), typical(b.cand, r.kind, r.metric)
	if r.tooFew != NoValues {
		candidate = base * math.Exp(r.effect.mean)
	}
	if l.BaseCount > 0 {
		l.Base = time.Duration(base)
	}
	if l.CandidateCount > 0 {
		l.Candidate = time.Duration(candidate)
	}
	if l.BaseCount > 0 && l.CandidateCount > 0 {
		l.Difference, l.Change = l.Candidate-l.Base, candidate/base-1
	}
}

// latency is a quantile's row.
func (b *manyRuns) latency(r *verdictRow, rise, fall float64) Latency {
	q := quantiles()[r.metric]
	l := Latency{Metric: q.name}
	for i := range b.base {
		l.BaseCount += b.base[i].of(r.kind).answers
	}
	for i := range b.cand {
		l.CandidateCount += b.cand[i].of(r.kind).answers
	}
	b.values(&l, r)
	if r.tooFew != "" {
		l.Verdict, l.Why = Inconclusive, r.tooFew
		l.Judged = true
		return l
	}
	wide, narrow := r.interval(0.025), r.interval(0.05)
	l.Change95, l.Change90 = expm1(wide), expm1(narrow)
	l.Difference95, l.Difference90 = times(l.Change95, float64(l.Base)), times(l.Change90, float64(l.Base))
	l.P, l.Q = &r.p, &rise
	if r.effect.mean < 0 {
		l.P, l.Q = &r.fall, &fall
	}
	detectable := math.Expm1(r.floor + (r.effect.mean - r.least.mean) + r.least.reach(b.level.change))
	l.Detectable = &detectable
	l.Judged = true
	l.Verdict, l.Why = b.decide(r, rise, fall)
	b.boundRow(r, &l)
	if l.Why == Across {
		l.RoundsNeeded = b.needed(r)
		if detectable > Coarse {
			l.Why = TooNoisy
		}
	}
	return l
}

// decide applies the level and the floor.
func (b *manyRuns) decide(r *verdictRow, rise, fall float64) (Verdict, Why) {
	narrow := r.interval(b.level.same)
	switch {
	case rise <= b.level.change:
		return Regressed, Beyond
	case fall <= b.level.change:
		return Improved, Beyond
	case narrow.Low >= -r.floor && narrow.High <= r.floor:
		return Equivalent, Within
	}
	return Inconclusive, Across
}

// needed is about how many rounds in all would decide the row; 0 where rounds are not what there is more of.
func (b *manyRuns) needed(r *verdictRow) int {
	if b.design != inRounds {
		return 0
	}
	distance := math.Abs(math.Abs(r.effect.mean) - r.floor)
	return max(r.estimate.rounds(b.level.change, distance), r.effect.n+1)
}

func (b *manyRuns) errors(r *verdictRow, f failures, rise, fall float64) Errors {
	e := Errors{Pairs: int64(f.pairs), BaseFailed: int64(f.base), CandidateFailed: int64(f.candidate), BothFailed: int64(f.both)}
	if r.tooFew == NoValues {
		e.Verdict, e.Why = Inconclusive, NoValues
		return e
	}
	for _, x := range b.base {
		e.Base += x.of(r.kind).share() / float64(len(b.base))
	}
	for _, x := range b.cand {
		e.Candidate += x.of(r.kind).share() / float64(len(b.cand))
	}
	e.Difference = r.effect.mean
	if r.tooFew != "" {
		e.Verdict, e.Why = Inconclusive, r.tooFew
		return e
	}
	wide, narrow := r.interval(0.025), r.interval(0.05)
	e.Difference95, e.Difference90 = possible(&wide), possible(&narrow)
	e.P, e.Q = &r.p, &rise
	if r.effect.mean < 0 {
		e.P, e.Q = &r.fall, &fall
	}
	detectable := max(r.floor+r.estimate.reach(b.level.change), MinFailures/float64(max(e.Pairs, 1)))
	e.Detectable = &detectable
	e.Verdict, e.Why = b.decide(r, rise, fall)
	apart := e.CandidateFailed - e.BaseFailed
	switch {
	case e.Verdict == Regressed && apart < MinFailures || e.Verdict == Improved && -apart < MinFailures:
		e.Verdict, e.Why = Inconclusive, TooFew
	case e.Verdict == Equivalent && e.Pairs < minErrorPairs:
		e.Verdict, e.Why = Inconclusive, TooFew
	case e.Why == Across:
		e.RoundsNeeded = b.needed(r)
	}
	return e
}

func expm1(i Interval) *Interval { return &Interval{Low: math.Expm1(i.Low), High: math.Expm1(i.High)} }

func times(i *Interval, by float64) *Interval { return &Interval{Low: i.Low * by, High: i.High * by} }

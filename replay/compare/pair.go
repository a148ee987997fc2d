package compare

import (
	"context"
	"encoding/hex"
	"time"

	"reprise/capture"
)

// pairJudge compares one kind after the other, in buffers that it keeps.
type pairJudge struct {
	cut  cut
	seed [32]byte
	// kept are the blocks that latency is resampled from, by draws; errors are resampled from every block.
	kept            []int
	draws, every    draws
	rows            [2][]row
	buffers         [2][]sample
	changes, shifts [len4][]float64
	// lagged says that a run is not faithful by lag: then the lag is part of every interval.
	lagged bool
}

// len4 is the number of quantiles that are compared.
const len4 = 4

// quantile is one of those that are compared.
type quantile struct {
	name   string
	at     float64
	judged bool
}

func quantiles() [len4]quantile {
	return [len4]quantile{{"p50", 0.5, true}, {"p90", 0.9, true}, {"p95", 0.95, true}, {"p99", 0.99, false}}
}

func method(cut cut, seed [32]byte) Method {
	return Method{
		Name: "single_pair_block_bootstrap", Blocks: cut.n, Block: cut.length, Replicates: replicates,
		Seed: hex.EncodeToString(seed[:8]), FloorChange: FloorChange, FloorLatency: FloorLatency, FloorErrors: FloorErrors,
		MinRequests: MinRequests, MinPairs: MinPairs, MinFailures: MinFailures, MinSpread: MinSpread,
	}
}

func newPairJudge(cut cut, seed [32]byte, base, candidate []row) *pairJudge {
	j := &pairJudge{cut: cut, seed: seed, kept: keep(base, candidate, cut), rows: [2][]row{base, candidate}}
	j.draws = draw(cut.n, j.kept, seed)
	all := make([]int, cut.n)
	for k := range all {
		all[k] = k
	}
	j.every = draw(cut.n, all, seed)
	return j
}

// kinds fills in everything about all requests and about each kind that either run holds.
func (j *pairJudge) kinds(ctx context.Context, p *paired, out *Comparison) error {
	out.All = j.kind(allKinds, "all", p)
	out.Kinds = []Kind{}
	var held [kinds]bool
	for _, rows := range j.rows {
		for i := range rows {
			held[rows[i].kind] = true
		}
	}
	for _, k := range capture.Kinds() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if held[k] {
			out.Kinds = append(out.Kinds, j.kind(int(k), k.String(), p))
		}
	}
	return nil
}

func (j *pairJudge) kind(k int, name string, p *paired) Kind {
	base, candidate := j.rank(0, k, row.latency), j.rank(1, k, row.latency)
	out := Kind{Name: name, Status: p.matrix[k], Latency: j.latency(base, candidate), Errors: j.errors(p.failed[k])}
	if j.lagged {
		j.bound(k, out.Latency)
	}
	unlike := unlikeAnswers(j.badAnswers(0, k), j.badAnswers(1, k))
	for i := range out.Latency {
		if l := &out.Latency[i]; l.Judged {
			l.Detectable = detectable(l)
			l.Verdict, l.Why = judgeLatency(l, min(spread(base.counts, j.kept), spread(candidate.counts, j.kept)))
			if j.lagged {
				l.Verdict, l.Why = underLag(l, l.Verdict, l.Why)
			}
			if unlike && l.Why != NoValues {
				l.Detectable, l.Verdict, l.Why = nil, Inconclusive, MostFailed
			}
		}
	}
	return out
}

// badAnswers is the share of a side's answers of a kind that are neither 2xx nor 3xx.
func (j *pairJudge) badAnswers(side, kind int) float64 {
	bad, answers := 0, 0
	for _, r := range j.rows[side] {
		if r.answered() && j.looksAt(r, kind) {
			answers++
			if !r.outcome.OK() {
				bad++
			}
		}
	}
	return float64(bad) / float64(max(answers, 1))
}

// looksAt says whether a row is of a kind, or of all, and within what is looked at.
func (j *pairJudge) looksAt(r row, kind int) bool {
	return (kind == allKinds || int(r.kind) == kind) && j.cut.holds(r.intended)
}

// rank collects the times of one kind, or of all: latency or service time.
func (j *pairJudge) rank(side, kind int, of func(row) int64) *ranked {
	values := j.buffers[side][:0]
	for _, r := range j.rows[side] {
		if r.answered() && j.looksAt(r, kind) {
			if values == nil {
				values = make([]sample, 0, len(j.rows[side]))
			}
			values = append(values, makeSample(of(r), j.cut.of(r.intended)))
		}
	}
	j.buffers[side] = values
	return rank(values, j.cut.n)
}

func (j *pairJudge) latency(base, candidate *ranked) []Latency {
	out := make([]Latency, 0, len4)
	for _, q := range quantiles() {
		l := Latency{Metric: q.name, BaseCount: int64(len(base.values)), CandidateCount: int64(len(candidate.values)), Judged: q.judged}
		b, okB := base.quantile(q.at)
		c, okC := candidate.quantile(q.at)
		l.Base, l.Candidate = time.Duration(b), time.Duration(c)
		if okB && okC {
			l.Difference, l.Change = l.Candidate-l.Base, change(b, c)
		}
		out = append(out, l)
	}
	if min(len(base.values), len(candidate.values)) >= MinRequests {
		j.resample(base, candidate, out)
	}
	return out
}

// change is candidate against base as a share of base. A base of 0 counts as a nanosecond.
func change(base, candidate int64) float64 {
	return float64(candidate-base) / float64(max(base, 1))
}

// resample fills in the intervals.
func (j *pairJudge) resample(base, candidate *ranked, out []Latency) {
	for m := range len4 {
		j.changes[m], j.shifts[m] = j.changes[m][:0], j.shifts[m][:0]
	}
	for i := range replicates {
		w := j.draws.of(i)
		for m, q := range quantiles() {
			b, okB := base.weighted(q.at, w)
			c, okC := candidate.weighted(q.at, w)
			if okB && okC {
				j.changes[m] = append(j.changes[m], change(b, c))
				j.shifts[m] = append(j.shifts[m], float64(c-b))
			}
		}
	}
	for m := range out {
		out[m].Change95, out[m].Change90 = intervals(j.changes[m], out[m].Change)
		out[m].Difference95, out[m].Difference90 = intervals(j.shifts[m], float64(out[m].Difference))
	}
}

// detectable is the smallest rise that the interval would have told from the floor; nil where there is no interval.
func detectable(l *Latency) *float64 {
	if l.Change95 == nil {
		return nil
	}
	d := max(FloorChange, float64(FloorLatency)/float64(max(l.Base, 1))) + l.Change - l.Change95.Low
	if l.Bound != nil {
		d = max(d, lagDetectable(l))
	}
	return &d
}

// detectableErrors is the same of failures, of which there must be enough too; nil where there is no interval.
func detectableErrors(e *Errors) *float64 {
	if e.Difference95 == nil {
		return nil
	}
	d := max(FloorErrors+e.Difference-e.Difference95.Low, MinFailures/float64(e.Pairs))
	return &d
}

// judgeLatency applies the floors: a change is beyond them where it is beyond both, and inside them where it is inside one.
func judgeLatency(l *Latency, spread float64) (Verdict, Why) {
	switch {
	case l.BaseCount == 0 || l.CandidateCount == 0:
		return Inconclusive, NoValues
	case min(l.BaseCount, l.CandidateCount) < MinRequests:
		return Inconclusive, TooFew
	case spread < MinSpread || l.Change95 == nil:
		return Inconclusive, TooBunched
	}
	// A fall is measured against the smaller value too, so that swapping the runs turns regressed into improved.
	const rise, fall = FloorChange, 1/(1+FloorChange) - 1
	floor := float64(FloorLatency)
	switch {
	case l.Change95.Low > rise && l.Difference95.Low > floor:
		return Regressed, Beyond
	case l.Change95.High < fall && l.Difference95.High < -floor:
		return Improved, Beyond
	case (l.Change90.High <= rise || l.Difference90.High <= floor) && (l.Change90.Low >= fall || l.Difference90.Low >= -floor):
		return Equivalent, Within
	}
	return Inconclusive, Across
}

// errors compares failures: the interval is the wider of what resampling blocks says, which knows that failures come in
// bursts, and of what is known of so few requests even if they did not.
func (j *pairJudge) errors(blocks []failures) Errors {
	var sum failures
	counts := make([]uint32, len(blocks))
	for k, f := range blocks {
		sum.plus(f, 1)
		counts[k] = f.pairs
	}
	e := Errors{
		Pairs: int64(sum.pairs), BaseFailed: int64(sum.base), CandidateFailed: int64(sum.candidate), BothFailed: int64(sum.both),
	}
	if sum.pairs == 0 {
		e.Verdict, e.Why = Inconclusive, NoValues
		return e
	}
	n := float64(sum.pairs)
	e.Base, e.Candidate = float64(sum.base)/n, float64(sum.candidate)/n
	e.Difference = e.Candidate - e.Base
	e.Difference95, e.Difference90 = j.resampleErrors(blocks, sum, e.Difference)
	e.Difference95, e.Difference90 = possible(e.Difference95), possible(e.Difference90)
	e.Detectable = detectableErrors(&e)
	e.Verdict, e.Why = judgeErrors(&e, spread(counts, nil))
	return e
}

func (j *pairJudge) resampleErrors(blocks []failures, all failures, difference float64) (wide, narrow *Interval) {
	values := j.changes[0][:0]
	for i := range replicates {
		var sum failures
		for k, w := range j.every.of(i) {
			sum.plus(blocks[k], uint32(w))
		}
		if sum.pairs > 0 {
			values = append(values, (float64(sum.candidate)-float64(sum.base))/float64(sum.pairs))
		}
	}
	j.changes[0] = values
	if wide, narrow = intervals(values, difference); wide != nil {
		*wide, *narrow = wide.hull(newcombe(all, z95)), narrow.hull(newcombe(all, z90))
	}
	return wide, narrow
}

func judgeErrors(e *Errors, spread float64) (Verdict, Why) {
	apart := e.CandidateFailed - e.BaseFailed
	switch {
	case e.Difference95 == nil:
		return Inconclusive, TooBunched
	case spread < MinSpread && e.Difference95.Low*e.Difference95.High > 0:
		return Inconclusive, TooBunched
	case e.Difference95.Low > FloorErrors && apart >= MinFailures:
		return Regressed, Beyond
	case e.Difference95.High < -FloorErrors && -apart >= MinFailures:
		return Improved, Beyond
	case e.Pairs < MinPairs:
		return Inconclusive, TooFew
	case e.Difference90.High <= FloorErrors && e.Difference90.Low >= -FloorErrors:
		return Equivalent, Within
	}
	return Inconclusive, Across
}

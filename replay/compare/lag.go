package compare

import (
	"fmt"
	"math"
	"strings"
	"time"

	"reprise/replay/results"
)

// What a lag can do to a comparison is bounded, as every request's is known. Had the tool been in time, the answer would have come no later
// than it did, after the intended moment, and no sooner than its service time says, less what the tool stopped for when the answer came. So a
// quantile of a run's true latency lies between that least time and latency, and the difference of two runs between the candidate's
// least time less the base's latency and the candidate's latency less the base's least time.

// LagTimes is how many times as large as what the lags of two runs can differ by a difference must be for it to be judged.
const LagTimes = 5

// Bound says how much of a quantile may be lag.
type Bound struct {
	// BaseLeast and CandidateLeast are the quantile of the least that the true latency can be: service time, but that a request which was
	// answered while the tool stopped counts to the beginning of the stop.
	BaseLeast      time.Duration `json:"base_least_ns"`
	CandidateLeast time.Duration `json:"candidate_least_ns"`
	// Lag is by how much the lags of the two runs can differ there: the largest of latency less that, and of the quantile of lag itself, as what
	// makes a tool late makes answers of a target beside it late, too; over rounds the mean of each pair's.
	Lag time.Duration `json:"lag_ns"`
}

// boundOf is a pair's bound at a quantile, where lag is the larger of the lags there.
func boundOf(base, baseLeast, candidate, candidateLeast, lag time.Duration) *Bound {
	return &Bound{
		BaseLeast: baseLeast, CandidateLeast: candidateLeast,
		Lag: max(base-baseLeast, candidate-candidateLeast, lag, 0),
	}
}

// large says whether a difference stands out from the lag.
func (b *Bound) large(difference time.Duration) bool {
	return float64(difference.Abs()) >= LagTimes*float64(b.Lag)
}

// underLag is what a row of runs comes to that are not faithful by lag, where it was judged with its lag in the interval. A change can
// be told; that there is none cannot.
func underLag(l *Latency, v Verdict, w Why) (Verdict, Why) {
	switch {
	case v == Inconclusive && w != Across && w != TooNoisy:
		return v, w
	case !l.Bound.large(l.Difference):
		l.hidden = v == Regressed || v == Inconclusive && l.Difference > 0
		return Invalid, LagTooLarge
	case v == Equivalent:
		return Inconclusive, NotFaithful
	}
	return v, w
}

// faults are the ways in which a run's own tool fell short.
type faults struct {
	// lag is set for those that every request's lag bounds, other for those that nothing does.
	lag, other bool
}

func (f *faults) add(s *Side) {
	for _, l := range s.toolLimits() {
		f.lag, f.other = f.lag || l.OfLag(), f.other || !l.OfLag()
	}
}

// bounded says whether changes can be told in spite of the faults.
func (f faults) bounded() bool { return f.lag && !f.other }

// toolLimits are the limits of a run that are the tool's own and count, and those by which a hand steered it off its plan.
func (s *Side) toolLimits() (list []results.Limit) {
	for _, l := range s.Summary.Verdict.Limits {
		if (l.Whose == results.Tool || l.Whose == results.Hand) && !(s.lagLeftOut && l.OfLag()) {
			list = append(list, l)
		}
	}
	return list
}

// readLate takes off what the tool stopped for when answers came: a stop is counted as lag of those requests, too.
func (l *loaded) readLate() {
	stops := make([]Stretch, 0, len(l.interference.Stops))
	for _, s := range l.interference.Stops {
		stops = append(stops, Stretch{s.At, s.At + s.For + afterStop})
	}
	stops = merged(stops)
	for i := range l.rows {
		r := &l.rows[i]
		if done := r.intended + r.latency(); r.answered() {
			if s, ok := around(stops, time.Duration(done)); ok {
				r.timing = r.timing.withLag(min(r.timing.lag()+done-int64(s.From), r.latency()))
			}
		}
	}
}

// bound sets a kind's rows between what they can be at least and at most, by the same resampling.
func (j *pairJudge) bound(k int, list []Latency) {
	var lag [len4]int64
	for side := range j.rows {
		lags := j.rank(side, k, row.lag)
		for i, q := range quantiles() {
			ns, _ := lags.quantile(q.at)
			lag[i] = max(lag[i], ns)
		}
	}
	least := j.latency(j.rank(0, k, row.latency), j.rank(1, k, row.least))
	most := j.latency(j.rank(0, k, row.least), j.rank(1, k, row.latency))
	for i := range list {
		l := &list[i]
		l.Bound = boundOf(l.Base, most[i].Base, l.Candidate, least[i].Candidate, time.Duration(lag[i]))
		l.Difference95, l.Difference90 = between(least[i].Difference95, most[i].Difference95), between(least[i].Difference90, most[i].Difference90)
		l.Change95, l.Change90 = between(least[i].Change95, most[i].Change95), between(least[i].Change90, most[i].Change90)
	}
}

// boundRow tells a row of runs that are not faithful how much of it may be lag.
func (b *manyRuns) boundRow(r *verdictRow, l *Latency) {
	if !b.lagged {
		return
	}
	l.Bound = &Bound{
		BaseLeast: typicalLeast(b.base, r.kind, r.metric), CandidateLeast: typicalLeast(b.cand, r.kind, r.metric), Lag: b.lag(r.kind, r.metric),
	}
	if l.Detectable != nil {
		*l.Detectable = max(*l.Detectable, lagDetectable(l))
	}
	l.Verdict, l.Why = underLag(l, l.Verdict, l.Why)
}

// typicalLeast is the geometric mean of a quantile of the least time over runs.
func typicalLeast(runs []*run, k, m int) time.Duration {
	sum := 0.0
	for _, r := range runs {
		sum += logs(r.of(k).least)[m] / float64(len(runs))
	}
	return time.Duration(math.Exp(sum))
}

// lag is by how much the lags of a pair's runs can differ at a quantile, in the mean of pairs. Against a baseline, whose runs are
// faithful, it is the candidate's.
func (b *manyRuns) lag(k, m int) time.Duration {
	of := func(r *run) int64 { return max(r.of(k).at[m]-r.of(k).least[m], r.of(k).lag[m]) }
	sum := int64(0)
	for i := range b.cand {
		most := of(b.cand[i])
		if b.design == inRounds {
			most = max(most, of(b.base[i]))
		}
		sum += most
	}
	return time.Duration(sum / int64(len(b.cand)))
}

// between is the interval from the least of one to the most of another.
func between(least, most *Interval) *Interval {
	if least == nil || most == nil {
		return nil
	}
	return &Interval{Low: least.Low, High: most.High}
}

// lagDetectable is the smallest rise that is judged, as a share of base.
func lagDetectable(l *Latency) float64 {
	return LagTimes * float64(l.Bound.Lag) / float64(max(l.Base, 1))
}

// changed says whether a row shows a change.
func (c *Comparison) changed() bool {
	found := c.foundNew
	c.each(func(v *Verdict, _ *Why) { found = found || *v == Regressed || *v == Improved })
	return found
}

// hidden counts the rows in which lag may hide a rise.
func (c *Comparison) hidden() (n int) {
	c.eachLatency(func(l *Latency) {
		if l.Judged && l.hidden {
			n++
		}
	})
	return n
}

// lagReason says in numbers why nothing can be told of runs that are not faithful by lag.
func (c *Comparison) lagReason() Reason {
	var list []string
	for i := range c.All.Latency {
		if l := &c.All.Latency[i]; l.Judged && l.Why == LagTooLarge {
			list = append(list, fmt.Sprintf("%s differs by %s where lag can make %s", l.Metric, millis(l.Difference.Abs()), millis(l.Bound.Lag)))
		}
	}
	const rule = "only a difference of at least 5 times what lag can make is judged, and runs that are not faithful are never called equivalent"
	if len(list) == 0 {
		return Reason{What: "lag", Text: "requests left late by the tool's own fault, and no quantile of any kind shows a change beyond the floor and beyond the lag: " + rule + "."}
	}
	return Reason{What: "lag", Text: fmt.Sprintf("requests left late by the tool's own fault, and of all requests %s; %s.", strings.Join(list, ", "), rule)}
}

// millis is a time with three digits.
func millis(d time.Duration) string {
	if d == 0 {
		return "0 ms"
	}
	ms := float64(d) / float64(time.Millisecond)
	digits := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(ms))))
	return fmt.Sprintf("%g ms", math.Round(ms*digits)/digits)
}

// reasons are why runs that are not faithful say nothing.
func (c *Comparison) reasons() []Reason {
	if c.faults.bounded() {
		return append([]Reason{c.lagReason()}, c.Doubts...)
	}
	return c.Doubts
}

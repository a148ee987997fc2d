package compare

import "time"

// Verdict says what a comparison, or one row of it, comes to.
type Verdict string

// The verdicts. The texts are part of the JSON.
const (
	Regressed    Verdict = "regressed"    // worse, beyond the floor with the whole interval
	Improved     Verdict = "improved"     // better, beyond the floor with the whole interval
	Equivalent   Verdict = "equivalent"   // the whole interval is inside the floor
	Inconclusive Verdict = "inconclusive" // none of these can be said
	Invalid      Verdict = "invalid"      // the runs cannot be compared
)

// The floors: less than this is not called a change by one pair of runs.
const (
	// FloorChange is the relative floor of latency, as a share of the smaller value; FloorLatency is the absolute one.
	// A change must be beyond both.
	FloorChange  = 0.25
	FloorLatency = 5 * time.Millisecond
	// FloorErrors is the floor of the share of failed requests: 1 percentage point.
	FloorErrors = 0.01
	// MinRequests is how many answers both runs must have for a kind's latency to be judged, MinPairs how many pairs there
	// must be for its errors to be called equivalent (below it, not one failure would still be consistent with 1 in 100), and
	// MinFailures by how many failures the runs must differ.
	MinRequests = 200
	MinPairs    = 300
	MinFailures = 5
	// MinSpread is the effective number of blocks that must hold a kind's requests.
	MinSpread = 4
)

const caveat = "One run each cannot see run-to-run noise: only what is beyond 25 % and 5 ms in a kind's p50, p90 or p95, " +
	"or beyond 1 percentage point of errors, with its whole interval, counts as a change."

// Why says what led to a verdict. The texts are part of the JSON.
type Why string

// What leads to a verdict.
const (
	Beyond      Why = "interval_beyond_floor"
	Within      Why = "interval_inside_floor"
	Across      Why = "interval_across_floor"
	TooFew      Why = "too_few_requests"
	TooBunched  Why = "requests_too_bunched" // nearly all of them are in so few blocks that resampling says nothing
	NoValues    Why = "no_answers"
	MostFailed  Why = "most_answers_failed" // of one side: their times are those of errors, which say nothing of those of good answers
	NotComputed Why = "runs_cannot_be_compared"
	// Where a run is not faithful by lag:
	LagTooLarge Why = "lag_too_large"    // the runs differ by less than 5 times what lag can make
	NotFaithful Why = "run_not_faithful" // the interval is inside the floor, which does not make such a run equivalent
	// Over rounds:
	TooFewRounds Why = "too_few_rounds" // one round says nothing of how runs vary
	TooNoisy     Why = "runs_vary_too_much"
)

// Method says how the comparison was made, with every number that it used.
type Method struct {
	Name       string        `json:"name"` // "single_pair_block_bootstrap", "rounds_moderated_t" or "profile_moderated_t"
	Blocks     int           `json:"blocks,omitempty"`
	Block      time.Duration `json:"block_ns,omitempty"`
	Replicates int           `json:"replicates,omitempty"`
	// Seed is derived from the contents of both runs.
	Seed string `json:"seed,omitempty"`
	// Rounds is the number of pairs, or of a baseline's runs; WarmUp is what was left out of the beginning of each run.
	Rounds int           `json:"rounds,omitempty"`
	WarmUp time.Duration `json:"warm_up_ns,omitempty"`
	// PriorFreedom is the weight of all kinds' variance in one kind's, in degrees of freedom; Level is the accepted share of
	// false findings, over all looks where several were planned.
	PriorFreedom float64 `json:"prior_degrees_of_freedom,omitempty"`
	Level        float64 `json:"level,omitempty"`
	// Looks says at which look rounds were judged, where several were planned.
	Looks *LooksUsed `json:"looks,omitempty"`
	// FloorTail and FloorTailLatency are the floors of p99 over rounds.
	FloorTail        float64       `json:"floor_tail_change,omitempty"`
	FloorTailLatency time.Duration `json:"floor_tail_latency_ns,omitempty"`
	// FloorChange is a share, FloorLatency in nanoseconds, FloorErrors a share: see the constants of the same names.
	FloorChange  float64       `json:"floor_change"`
	FloorLatency time.Duration `json:"floor_latency_ns"`
	FloorErrors  float64       `json:"floor_errors"`
	MinRequests  int64         `json:"min_requests"`
	MinPairs     int64         `json:"min_pairs"`
	MinFailures  int64         `json:"min_failures"`
	MinSpread    float64       `json:"min_spread,omitempty"`
	// LagTimes is the constant of that name, where a run is not faithful by lag; else 0.
	LagTimes int `json:"lag_times,omitempty"`
}

// LooksUsed is one look of several that were planned (see Looks).
type LooksUsed struct {
	// Look counts from 1; it is 0 where there was one round alone, which can tell nothing. Of is how many were planned, and MostRounds
	// the rounds of the last.
	Look       int `json:"look"`
	Of         int `json:"of"`
	MostRounds int `json:"most_rounds"`
	// Level is the share of false findings that is accepted at this look, with which each q was compared; Spent is that of all looks
	// until now.
	Level float64 `json:"level"`
	Spent float64 `json:"level_spent"`
	// Same is the tail left out at either end of the interval that must lie inside the floor: 0.05 is an interval of 90 %.
	Same float64 `json:"equivalence_tail"`
}

// Latency compares one quantile of a kind's latency. Quantiles are exact, by nearest rank, of every request with an answer.
type Latency struct {
	// Metric is "p50", "p90", "p95" or "p99".
	Metric string `json:"metric"`
	// BaseCount and CandidateCount are the answers behind the values.
	BaseCount      int64 `json:"base_count"`
	CandidateCount int64 `json:"candidate_count"`
	// Base and Candidate are 0 where there is no answer.
	Base      time.Duration `json:"base_ns"`
	Candidate time.Duration `json:"candidate_ns"`
	// Difference is candidate minus base and Change is that as a share of base; 0 where a side has no answer.
	Difference time.Duration `json:"difference_ns"`
	Change     float64       `json:"change"`
	// The intervals are nil where there is too little to resample. Those of differences are in nanoseconds.
	Difference95 *Interval `json:"difference_95_ns,omitempty"`
	Difference90 *Interval `json:"difference_90_ns,omitempty"`
	Change95     *Interval `json:"change_95,omitempty"`
	Change90     *Interval `json:"change_90,omitempty"`
	// Bound says how much of the values may be lag; nil where the runs are faithful. Where it is not, the intervals hold the lag too: they go
	// from the least that the difference can be, resampled, to the most.
	Bound *Bound `json:"bound,omitempty"`
	Evidence
	// Judged says whether this quantile counts for the verdict; Verdict and Why are empty where it does not.
	Judged  bool    `json:"judged"`
	Verdict Verdict `json:"verdict,omitempty"`
	Why     Why     `json:"why,omitempty"`
	// hidden says that lag may hide a rise: the candidate is slower, and without the rule of LagTimes the row would be regressed, or undecided.
	hidden bool
}

// Errors compares the share of failed requests in the joined pairs: every outcome but a 2xx or 3xx answer is one.
type Errors struct {
	Pairs int64 `json:"pairs"`
	// BaseFailed and CandidateFailed count failures, BothFailed the pairs in which both halves did.
	BaseFailed      int64   `json:"base_failed"`
	CandidateFailed int64   `json:"candidate_failed"`
	BothFailed      int64   `json:"both_failed"`
	Base            float64 `json:"base"`
	Candidate       float64 `json:"candidate"`
	// Difference is candidate minus base, as a share: 0.01 is 1 percentage point.
	Difference   float64   `json:"difference"`
	Difference95 *Interval `json:"difference_95,omitempty"`
	Difference90 *Interval `json:"difference_90,omitempty"`
	Evidence
	Verdict Verdict `json:"verdict"`
	Why     Why     `json:"why"`
}

// Evidence is what a judged row could have shown.
type Evidence struct {
	// P is the one-sided p value of a change beyond the floor in the direction that was seen, and Q the same with regard to
	// all rows that were judged; nil for a single pair of runs.
	P *float64 `json:"p,omitempty"`
	Q *float64 `json:"q,omitempty"`
	// Detectable is about the smallest true change that would have been found four times of five, as a share (of errors: a
	// difference of shares); nil where there is too little to say.
	Detectable *float64 `json:"detectable,omitempty"`
	// RoundsNeeded is about how many rounds in all would decide an undecided row; 0 where that is not known.
	RoundsNeeded int `json:"rounds_needed,omitempty"`
}

// conclude makes the overall verdict of the rows'. Rows that have too few requests to be judged do not count, unless
// there are no others. Runs that are not faithful by the tool's own fault are invalid. Where lag is all that is wrong with them, a
// change that stands out from it is told all the same.
func (c *Comparison) conclude() {
	if len(c.Invalid) == 0 {
		if c.Verdict = c.sum(); c.foundNew {
			c.Verdict = Regressed
		}
		if len(c.Doubts) == 0 || c.faults.bounded() && c.changed() {
			return
		}
		c.open = c.faults.bounded() && c.undecided()
		c.Invalid, c.unfaithful = c.reasons(), true
	}
	c.Verdict = Invalid
	c.each(func(v *Verdict, w *Why) {
		if *v = Invalid; *w != LagTooLarge {
			*w = NotComputed
		}
	})
}

// sum is the verdict of the rows together. Where lag may hide a rise in one row, the others do not make the runs improved.
func (c *Comparison) sum() Verdict {
	seen := map[Verdict]int{Inconclusive: c.hidden()}
	c.each(func(v *Verdict, w *Why) {
		if *v != Inconclusive || *w == Across {
			seen[*v]++
		}
	})
	for _, v := range []Verdict{Regressed, Inconclusive, Improved, Equivalent} {
		if seen[v] > 0 && (v != Equivalent || c.latencyTells()) {
			return v
		}
	}
	return Inconclusive
}

// latencyTells says whether a latency was found to be equivalent, or none was left undecided since runs vary too much or most answers failed: that as many
// requests failed says nothing of how long the others took.
func (c *Comparison) latencyTells() bool {
	noisy, told := false, false
	c.eachLatency(func(l *Latency) {
		noisy = noisy || l.Judged && (l.Why == TooNoisy || l.Why == MostFailed)
		told = told || l.Judged && l.Verdict == Equivalent
	})
	return told || !noisy
}

// eachLatency calls f with every row of latency, those of all first.
func (c *Comparison) eachLatency(f func(*Latency)) {
	for i := range c.All.Latency {
		f(&c.All.Latency[i])
	}
	for k := range c.Kinds {
		for i := range c.Kinds[k].Latency {
			f(&c.Kinds[k].Latency[i])
		}
	}
	for k := range c.Steps {
		for i := range c.Steps[k].Latency {
			f(&c.Steps[k].Latency[i])
		}
	}
}

// each calls f with every judged row, those of all first.
func (c *Comparison) each(f func(*Verdict, *Why)) {
	one := func(k *Kind) {
		for i := range k.Latency {
			if l := &k.Latency[i]; l.Judged {
				f(&l.Verdict, &l.Why)
			}
		}
		f(&k.Errors.Verdict, &k.Errors.Why)
	}
	one(&c.All)
	for i := range c.Kinds {
		one(&c.Kinds[i])
	}
	for i := range c.Steps {
		one(&c.Steps[i].Kind)
	}
}

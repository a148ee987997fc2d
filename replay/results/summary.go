package results

import (
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Summary is what a run amounts to. Its JSON is part of the contract with users.
//
// Lag is actual send minus intended, of every request that was sent; latency is response minus intended send and
// service time response minus actual send, of every request that has an answer. Both end when the answer is whole.
type Summary struct {
	Ledger replay.Ledger `json:"ledger"`
	// Duration runs from the run's start to the last actual send, PlannedDuration to the last intended one.
	Duration        time.Duration `json:"duration_ns"`
	PlannedDuration time.Duration `json:"planned_duration_ns"`
	Rate            Rates         `json:"rate"`
	Timing
	// Moved is how far lag moved the curve, 0 to 1: the mean over the requests that were sent of their lag, at most MovedBin, as a
	// share of MovedBin. That is a second, or 100 ms where the planned mean rate is over 100/s.
	Moved    float64       `json:"moved"`
	MovedBin time.Duration `json:"moved_bin_ns"`
	// LagLimit is what the verdict allows the 99th percentile of lag to be.
	LagLimit time.Duration          `json:"lag_limit_ns"`
	Kinds    map[string]KindSummary `json:"kinds"`
	// Status counts answers by HTTP status.
	Status map[string]int64 `json:"status"`
	// Errors counts requests without an answer by reason; shed and unsent ones are in the ledger alone.
	Errors map[string]int64 `json:"errors"`
	// Answers counts failed answers by name: AnswerLimited, AnswerRejected and AnswerUnavailable; those of no name are in Status alone.
	Answers map[string]int64 `json:"answers,omitempty"`
	// RetryAfter is nil where no answer of 429 asked to wait.
	RetryAfter *RetryAfter `json:"retry_after,omitempty"`
	// Shortcomings count the requests that were sent otherwise than asked for; absent where there were none.
	Shortcomings replay.Shortcomings `json:"shortcomings,omitzero"`
	// Slowest are the 20 answers that took longest, the slowest first, and Failures the failed requests by the way in which they failed;
	// both are nil in the sums of a part of a run, and of a side of a comparison.
	Slowest  []Noted  `json:"slowest,omitempty"`
	Failures []Failed `json:"failures,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	// Completion is nil where nothing is known of it.
	Completion *Completion `json:"completions,omitempty"`
	// Missing is nil where nothing of the run file is.
	Missing *Missing `json:"missing,omitempty"`
	// NoEnd says that the run file has no end: what became of a request without a result, which the ledger counts as unsent, is not known then.
	NoEnd bool `json:"no_end,omitempty"`
	// Origins count, of the requests that were planned, those whose bytes the vendor never sent; absent where it sent all.
	Origins capture.Origins `json:"origins,omitzero"`
	// StoppedOn is the condition that ended the run, nil where none did.
	StoppedOn *replay.Broken `json:"stopped_on,omitempty"`
	// Steps are those of a shaped run, in order.
	Steps []Step `json:"steps,omitempty"`
	// Growth says where latency, failures and what waits began to grow, in order of time; nil where they do not, and where the load is even.
	Growth []Growth `json:"growth,omitempty"`
	// Capacity is what a search for the highest tempo found; nil where there was none.
	Capacity *Capacity `json:"capacity,omitempty"`
}

// Step is what one step of a shaped run amounts to. Its Summary has the shape of the whole; its times count from Start.
type Step struct {
	// Number counts from 1; Name is what the user calls it, Text the step as it was written.
	Number int    `json:"step"`
	Name   string `json:"name,omitempty"`
	Text   string `json:"text"`
	// Start is the first moment of the step, since the run's start.
	Start time.Duration `json:"start_ns"`
	// TimeScale and Volume are those planned at its beginning and at its end.
	TimeScale [2]float64 `json:"time_scale"`
	Volume    [2]float64 `json:"volume"`
	// Broke is the condition of --stop-on that ended the step of a search, empty where it held.
	Broke string `json:"broke,omitempty"`
	Summary
}

// Rates are requests a second. The peaks are those of the busiest second, seconds counted from the run's start, and never below the mean.
type Rates struct {
	PlannedMean  float64 `json:"planned_mean"`
	PlannedPeak  float64 `json:"planned_peak"`
	AchievedMean float64 `json:"achieved_mean"`
	AchievedPeak float64 `json:"achieved_peak"`
	// PlannedPeakAt and AchievedPeakAt are where these seconds begin, of a whole run; below 0 where that is not known.
	PlannedPeakAt  time.Duration `json:"-"`
	AchievedPeakAt time.Duration `json:"-"`
}

// Timing holds the three distributions.
type Timing struct {
	Lag         Quantiles `json:"lag"`
	Latency     Quantiles `json:"latency"`
	ServiceTime Quantiles `json:"service_time"`
}

// Quantiles of a distribution, in nanoseconds, true to three digits; Max is exact. All are 0 where there is no value.
type Quantiles struct {
	P50  time.Duration `json:"p50"`
	P90  time.Duration `json:"p90"`
	P95  time.Duration `json:"p95"`
	P99  time.Duration `json:"p99"`
	P999 time.Duration `json:"p999"`
	Max  time.Duration `json:"max"`
}

// KindSummary is the part of a summary that is about one kind.
type KindSummary struct {
	Timing
	// Moved is Summary.Moved of this kind alone, by the same bin.
	Moved  float64          `json:"moved"`
	Status map[string]int64 `json:"status"`
	Errors map[string]int64 `json:"errors"`
}

// Verdict says whether the target was offered the schedule as planned.
type Verdict struct {
	Faithful bool `json:"faithful"`
	// Limits names what fell short, never nil. A run is faithful where the tool and the network did what was planned: it may
	// have limits that are the target's, as its answers' are.
	Limits []Limit `json:"limits"`
	// Bottlenecks names what the target did not do well, also where it is too little to be a limit; never nil. A limit
	// that is the target's is among them.
	Bottlenecks []Limit `json:"bottlenecks"`
	// Disturbed says that the tool itself was so late that how long answers took tells of it as well.
	Disturbed bool `json:"-"`
}

// Limit is one thing that fell short.
type Limit struct {
	// What names it. That the plan was not followed: "lag", "moved", "duration", "shed", "unsent", "unsigned", "changed", "asleep", "arrival".
	// That the answers were bad: "timeout", "reset", "invalid_response", "response_too_large", "rate_limited", "unavailable", "errors",
	// "rejected", "latency", "slowdown".
	What string `json:"what"`
	// Amount is how much, with its unit: "12.3ms".
	Amount string `json:"amount"`
	Whose  Owner  `json:"whose"`
	// Text says it in a sentence, with what to do about it.
	Text string `json:"text"`
	// Cause is what held requests up, in a few words: of "lag", "moved" and "duration" alone.
	Cause string `json:"cause,omitempty"`
	// Step is the step of a search that a limit is of; 0 for the whole run.
	Step int `json:"-"`
}

// Owner is whose a limit was.
type Owner string

// The owners.
const (
	Tool    Owner = "tool"
	Target  Owner = "target"
	Network Owner = "network"
	Hand    Owner = "hand" // what the one who steered the run asked for
)

// MarshalText writes what a hand did as the tool's: the JSON of a summary knows the owners tool, target and network alone. What a limit is of says the
// rest.
func (o Owner) MarshalText() ([]byte, error) {
	if o == Hand {
		o = Tool
	}
	return []byte(o), nil
}

// Window is one stretch of a run, for plots. Planned counts deadlines in it, Achieved actual sends; the rest is about
// the requests whose deadline is in it.
type Window struct {
	Start    time.Duration `json:"start_ns"`
	Width    time.Duration `json:"width_ns"`
	Planned  int64         `json:"planned"`
	Achieved int64         `json:"achieved"`
	LagP99   time.Duration `json:"lag_p99"`
	// The latency quantiles are true to one digit (6 %).
	LatencyP50 time.Duration `json:"latency_p50"`
	LatencyP95 time.Duration `json:"latency_p95"`
	LatencyP99 time.Duration `json:"latency_p99"`
	// Classes counts answers by hundreds of their status: Classes[2] those of 200 to 299; [0] all others.
	Classes [6]int64 `json:"classes"`
	// Errors counts requests without an answer.
	Errors int64 `json:"errors"`
	// Kinds counts the deadlines and the sends in the window by kind's name.
	Kinds map[string]KindWindow `json:"kinds,omitempty"`
	// Heat counts answers by latency: Heat[i] those of at most HeatEdge(i) and above the edge before. It ends with the last
	// that is not 0, and is nil where there are none.
	Heat []uint32 `json:"-"`
}

// KindWindow is planned against achieved for one kind in one window.
type KindWindow struct {
	Planned  int64 `json:"planned"`
	Achieved int64 `json:"achieved"`
	// LatencyP95 is true to one digit; 0 where nothing was answered.
	LatencyP95 time.Duration `json:"latency_p95,omitempty"`
}

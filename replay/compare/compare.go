// Package compare says what changed between two runs of the same plan, and whether the change is real. Begin with [Runs]; [Calibrate]
// makes a baseline of several good ones. Package rounds reads the files.
//
// The one idea: requests are autocorrelated, so that tests which take them for independent call two equal runs different
// most of the time. Here whole stretches of run time are resampled, the same stretches for both runs, and a change counts
// only where the interval that this gives lies beyond a floor. Before anything is judged, gates say whether the two runs
// can be compared at all: a pair that cannot is invalid, never regressed.
//
// The package does no formatting and no I/O but to read its two sources. Its results depend on the rows alone, to the
// last digit. Functions may be called from any goroutine; a Source is used by one call at a time.
package compare

import (
	"context"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/internal/answers"
	"reprise/replay/results"
)

// Schema names the version of a Comparison's JSON.
const Schema = "reprise.compare/1"

// Source is a run to be read once. A *results.Reader is one.
type Source interface {
	Header() results.Header
	// Next fills in the next row and returns io.EOF after the last.
	Next(*replay.Result) error
	// Footer and Damage are asked after the last row.
	Footer() (results.Footer, bool)
	Damage() []results.Damage
	Answers() []answers.Shape
}

// Options are what a comparison may be told. The zero value works.
type Options struct {
	// BaseName and CandidateName say which run is which to people, such as the names of their files.
	// Empty ones become "base" and "candidate".
	BaseName, CandidateName string
	// Names are those of the runs that a baseline is made of; one that is missing is "run N".
	Names []string
	// WarmUp leaves out the requests of each run's first stretch; for rounds and profiles.
	WarmUp time.Duration
	// Looks says when rounds are judged, where that is more than once; for rounds.
	Looks Looks
	// InTurn says that the rounds were played just now, base and candidate in turn: then one address is one build.
	InTurn bool
	// Noise says which paths of answers are known to differ, or are to be looked at strictly.
	Noise *Noise
}

// Comparison is all that is known of two runs. Its JSON is part of the contract with users.
type Comparison struct {
	Schema  string  `json:"schema"`
	Verdict Verdict `json:"verdict"`
	// Caveat says in a sentence what this method cannot see.
	Caveat string `json:"caveat"`
	// Invalid says why the runs cannot be compared; it is empty, never nil, where they can.
	Invalid []Reason `json:"invalid"`
	// Doubts says which of the runs were not faithful by the tool's own fault, and why, in what was compared of them; empty, never nil, where none.
	Doubts []Reason `json:"doubts"`
	// Minds says what to mind of a verdict that stands: "one_target", "in_baseline", "missing".
	Minds     []Reason `json:"minds,omitempty"`
	Base      Side     `json:"base"`
	Candidate Side     `json:"candidate"`
	// Setup lists what differed in how the two were run; empty, never nil, where nothing did.
	Setup []Difference `json:"setup"`
	// Spoiled says what was left out of both runs, as this machine did something else; nil where that was not looked for. Rounds say it each.
	Spoiled *Spoiled `json:"spoiled,omitempty"`
	Join    Join     `json:"join"`
	Method  Method   `json:"method"`
	All     Kind     `json:"all"`
	// Kinds are in the order in which people read them; kinds that occur in neither run are absent.
	Kinds []Kind `json:"kinds"`
	// Steps are those of the shape that the runs were played by, in order; none where there are not several.
	Steps []Step `json:"steps,omitempty"`
	// Answers says how the bodies of the answers differ; nil where there are none to tell of.
	Answers *Answers `json:"answers,omitempty"`
	// Completion compares when the work was done; nil where that is not known.
	Completion *Completions `json:"completions,omitempty"`
	// Causes says for whom the candidate was slower; nil where that was not looked for. Package report has its JSON, as causes.
	Causes *cause.Difference `json:"-"`
	// Differences are those of Setup that a person can act on, what spoils a comparison first, and how the runs of one side differ; empty,
	// never nil, where there are none.
	Differences []RunDifference `json:"differences"`
	// Rounds lists the pairs of runs, where there are several.
	Rounds []Round `json:"rounds,omitempty"`
	// LeftOut are the runs that the baseline was given and is not made of.
	LeftOut []LeftOut `json:"left_out,omitempty"`
	// NewStatuses lists the HTTP statuses that no base run answered with.
	NewStatuses []NewStatus `json:"new_statuses,omitempty"`
	// FailOn is what a gate on the comparison fails on. Package report has it in its JSON as fail_on, and Fails as fails.
	FailOn FailOn `json:"-"`
	// open says that the runs are invalid by lag alone, and that a row is undecided.
	open bool
	// foundNew says that a new status counts as a regression.
	foundNew bool
	// faults are behind Doubts, and unfaithful says that they alone make the runs invalid.
	faults     faults
	unfaithful bool
}

// Side is one of the two runs.
type Side struct {
	Name string `json:"name"`
	// Header is the run's own; its plan is left out, as its ledger and its curve are in Summary and Windows.
	Header  results.Header   `json:"header"`
	Summary results.Summary  `json:"summary"`
	State   replay.EndState  `json:"state"` // empty for a run that died before its end
	Windows []results.Window `json:"-"`
	Damage  []results.Damage `json:"damage,omitempty"`
	// Recorded is the stretch of the recording that the run played; nil where it was not played at an even pace.
	Recorded *Recorded `json:"recorded,omitempty"`
	// lagLeftOut says that what was compared of the run is faithful by lag.
	lagLeftOut bool
}

// Kind compares what is of one kind of message, or everything.
type Kind struct {
	// Name is the kind's, or "all".
	Name string `json:"name"`
	// Status counts joined pairs by what became of each half.
	Status Matrix `json:"status"`
	// Latency holds p50, p90, p95 and p99, in that order.
	Latency []Latency `json:"latency"`
	Errors  Errors    `json:"errors"`
}

// Runs reads two runs and compares them. It takes 32 bytes a row of each while it reads, and a quarter of that again while
// it judges: two runs of 2.8 million rows need less than 400 MB, those that are not faithful less than 500 MB.
//
// Two runs that cannot be compared give a Comparison whose Verdict is Invalid, not an error.
func Runs(ctx context.Context, base, candidate Source, opt Options) (*Comparison, error) {
	b, err := load(ctx, base, opt.BaseName, "base", 0)
	if err != nil {
		return nil, err
	}
	c, err := load(ctx, candidate, opt.CandidateName, "candidate", len(b.rows))
	if err != nil {
		return nil, err
	}
	spoiled := leaveOut(b, c)
	cut := cutBlocks(b.rows, c.rows)
	differ := newAnswerDiff(b, c)
	paired := join(b.rows, c.rows, cut, differ)
	out := &Comparison{
		Schema: Schema, Caveat: caveat, Base: b.side, Candidate: c.side,
		Setup: Changed(b.side.Header, c.side.Header), Differences: differences(b.side.Header, c.side.Header), Spoiled: spoiled, Join: paired.Join,
	}
	seed := seedOf(b.rows, c.rows)
	out.Method = method(cut, seed)
	out.Answers = differ.answers(nil, opt.Noise)
	out.doubt(&out.Base, &out.Candidate)
	out.Minds = append(out.Minds, missing(&out.Base, &out.Candidate)...)
	j := newPairJudge(cut, seed, b.rows, c.rows)
	if j.lagged = out.faults.bounded(); j.lagged {
		out.Method.LagTimes = LagTimes
		b.readLate()
		c.readLate()
	}
	if err := j.kinds(ctx, paired, out); err != nil {
		return nil, err
	}
	if out.Steps, err = j.steps(ctx, b, c); err != nil {
		return nil, err
	}
	out.Invalid = gates(out, b.plan, c.plan)
	out.conclude()
	return out, nil
}

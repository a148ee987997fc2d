package cause

import "time"

// Report is what a run tells of why requests were slow, failed or were not completed.
type Report struct {
	// Findings are the causes, that which explains most first; never nil.
	Findings []Finding
	// WhyNot says why there are none, nil where there are some.
	WhyNot *WhyNot
	// Untold is what findings leave over; it is of a report with findings.
	Untold Untold
	// Requests is how many were looked at.
	Requests int64
	Missing  []Missing
	// Load is what of the load as a whole is unlike recorded traffic, the gravest first, whether or not a finding goes with it: what is
	// slow by it, and what is slow by the target, may not be told apart. Its figures are in Traffic.
	Load    []Unlike
	Traffic Traffic
	// Figures are the platform's own, each with what it tells, in the order given; nil where there are none.
	Figures []Figure
}

// Unlike is something of a load that is the test's own making.
type Unlike struct {
	// Pattern is TooFewSenders, KindsInBatches or RepeatedIDs.
	Pattern Pattern
	// Try is the experiment that would mend it.
	Try Experiment
}

// Measure is what of a request is judged.
type Measure uint8

// The measures.
const (
	ServiceTime    Measure = iota // answer minus actual send
	Latency                       // answer minus intended send
	Lag                           // actual send minus intended: the tool's own, or a full cap on those in flight
	Failing                       // no good answer
	CompletionTime                // completion minus intended send
	NeverCompleted
)

// Owner is whose a cause is.
type Owner string

// The owners. They are part of the JSON of reprise why.
const (
	OfTarget Owner = "target"
	OfTool   Owner = "tool"
	OfTest   Owner = "test" // the load is unlike what was recorded
)

// Condition is one part of a rule: the requests whose attribute has one of some values.
type Condition struct {
	Attribute Attribute
	// Values are the labels, of an attribute of names; a flag has "yes" or "no".
	Values []string
	// From and To bound an amount, a gap or a moment in the attribute's unit: From ≤ value < To. NaN is no bound.
	From, To float64
	// Series is the name of a watched figure.
	Series string
}

// Pattern is what a cause usually is.
type Pattern uint8

// The patterns. Each has its words in package report.
const (
	Unexplained    Pattern = iota // a group of requests is slow, and it is not known what that usually is
	PersonRace                    // a lock or a race per person: slow where the same person wrote shortly before
	RecipientLock                 // the same per recipient
	SlowRecipient                 // one recipient, or few, slow
	SlowKind                      // a kind that takes longer, whenever it comes
	OneConsumer                   // a kind that waits for too few consumers after its answer
	SharedPool                    // several kinds wait for one pool
	Queue                         // a queue in front of at most about Servers servers
	SharedCPU                     // all slow down together with the number in flight
	Stall                         // everything stands still for a while
	Periodic                      // stalls at a period
	Drift                         // slower and slower: a leak, a table that grows
	Step                          // slower from one moment on
	ColdStart                     // slow at first: caches, pools, compilation
	FirstSeen                     // the first request of each person is slow: a look-up, a row to insert
	NewConnections                // slow on fresh connections
	LargePayload                  // slow with size
	RepeatSlow                    // a kind that the same person repeats: subscribe of one who is subscribed
	FollowsFigure                 // goes with a figure of the platform's own: a correlation
	TooFewSenders                 // the test's: nearly all requests are of one person or few
	KindsInBatches                // the test's: a kind comes in a row, which recorded traffic does not
	RepeatedIDs                   // the test's: ids are sent again, and the target answers otherwise to what it knows
	ClockStepped                  // the test's: a clock was set
	ToolStarved                   // the tool's: no processor, a stop
	CapFull                       // every in-flight slot was taken
)

// Experiment is a change to the run that would confirm or refute a cause.
type Experiment uint8

// The experiments.
const (
	NoExperiment    Experiment = iota
	SerialSenders              // --per-sender serial
	OtherSenders               // the recorded senders in place of --senders, or more of them
	WithoutKind                // --skip-kinds
	HalfRate                   // half the time-scale
	ShuffleKinds               // --shuffle-kinds
	FreshIDs                   // without --keep-ids
	OtherMachine               // more CPU for the tool
	SameAgain                  // the same once more: is it the time, or chance
	OtherRecipients            // spread over other recipients
	RestedTarget               // the same against a target that was just started, or has rested
)

// Finding is one cause.
type Finding struct {
	Measure Measure
	// Where is the rule: one condition or two, all of which hold. Empty for a change over time that Pattern and Span describe.
	Where []Condition
	// Same are other rules that fit the same requests as well, so that it cannot be told apart here which of them it is.
	Same    [][]Condition
	Pattern Pattern
	Whose   Owner
	// Requests fit the rule; Share is their part of all.
	Requests int64
	Share    float64
	// TailExplained is the part of the slow (or failed) requests that fit the rule beyond what chance would give, ExcessExplained the part
	// of the time above the median of the rest.
	TailExplained, ExcessExplained float64
	// With and Without are of the requests that fit and of the rest; for failures the shares that failed are FailedWith and FailedWithout.
	With, Without             Quantiles
	FailedWith, FailedWithout float64
	// Class is the class of failure, where failures are judged: one of Table.Failures.
	Class string
	// P is the probability that so strong a rule is found in a run in which nothing is the matter, over everything that was tried.
	P float64
	// Span is the stretch of the run, of changes over time, and Period the time from one stall to the next; 0 where there is none.
	Span   Span
	Period time.Duration
	// Steps are those of a shaped run in which its slow requests were due, or those that failed; nil where there are no steps.
	Steps []StepShare
	// Servers is how many a queue has at most; 0 where it cannot be told.
	Servers int
	// Series is the watched figure, and Leads by how long it goes ahead of the latency; below 0 it follows.
	Series string
	Leads  time.Duration
	// Try is the experiment that would tell.
	Try Experiment
}

// Span is a stretch of a run.
type Span struct{ From, To time.Duration }

// Quantiles of a group of requests.
type Quantiles struct{ P50, P90, P99 time.Duration }

// Untold is what is left of a run in which something is told: what no finding of the target or of the test is about.
type Untold struct {
	// Failed counts failures of which nothing is told, Slow requests that took targetTimes as long as the middle or longer where nothing is
	// told of service times but the tool's own; stops of the tool cannot have made them so slow. Few of either are 0.
	Failed, Slow int64
}

// WhyNot says why no cause is told.
type WhyNot struct {
	Reason Reason
	// Needed is about how many requests it would take, 0 where more would not help.
	Needed int64
	// Class is how nearly all requests failed, "" where they failed in several ways; it is of NoAnswers.
	Class string
	// Answered says that the target answered them.
	Answered bool
}

// Reason is why nothing is told.
type Reason uint8

// The reasons.
const (
	NothingSlow   Reason = iota + 1 // no tail: nothing is slow enough beside the median
	TooFew                          // too few requests
	NoAnswers                       // nearly all failed
	NoPattern                       // there is a tail, and no attribute goes with it
	ToolDisturbed                   // the tool itself was disturbed, so that times say nothing of the target
)

package cause

import (
	"math"
	"slices"
	"time"
)

// Micros is a length of time in microseconds: half the memory of a time.Duration, up to 71 minutes.
type Micros uint32

// NoMicros stands for a time that never came, such as the latency of a request without an answer.
const NoMicros Micros = math.MaxUint32

// MicrosOf rounds a length of time, at least 0, to microseconds; the longest are cut to what fits.
func MicrosOf(d time.Duration) Micros {
	return Micros(min(max(d.Microseconds(), 0), int64(NoMicros)-1))
}

// Duration is m as a length of time.
func (m Micros) Duration() time.Duration { return time.Duration(m) * time.Microsecond }

// Table holds the requests of a run that were sent, in order of the moments at which they were due, a column an attribute.
// All columns are of one length. It is made once and only read after.
type Table struct {
	Intended []time.Duration
	// Lag is actual send minus intended, Service answer minus actual send (NoMicros without an answer).
	Lag, Service []Micros
	// Status is that of the answer, 0 without one; Failure is 0 for a 2xx or 3xx answer, else 1 + the place in Failures.
	Status  []uint16
	Failure []uint8
	// Failures are the classes of failure that occur: reasons ("timeout"), names of answers ("rate_limited") or "status 500".
	Failures []string
	// Completion is completion minus intended, NoMicros for a request that is never completed or that nothing is known of. Nil where no
	// completions are known. Never says of an answered request that it was never completed.
	Completion []Micros
	Never      []bool
	// Before is the service time of the same request in another run, NoMicros without an answer, and BeforeFailed whether it failed there,
	// Unknown of one that was not sent. Both are nil where there is no other run.
	Before       []Micros
	BeforeFailed []Truth
	// Columns are the attributes that are known.
	Columns []Column
	// Missing are those that are not, and why.
	Missing []Missing
	Traffic Traffic
	Tool    Tool
	// Stops are when the tool itself did not run, apart and in order; nil where that is not known.
	Stops []Span
	// Steps are those of a shaped run, in order; nil where there are not several.
	Steps []StepSpan
	// Series are figures of the platform's own, tried as explanations by correlation.
	Series []Series
	// Seq and Copy say which play of which record each request is, where Options.Records asked for it; else they are nil.
	Seq  []uint32
	Copy []uint16
}

// Len is the number of requests.
func (t *Table) Len() int { return len(t.Intended) }

// Column returns the column of an attribute, nil where it is not known.
func (t *Table) Column(a Attribute) *Column {
	for i := range t.Columns {
		if t.Columns[i].Attribute == a {
			return &t.Columns[i]
		}
	}
	return nil
}

// Fits says which requests a rule holds of: all of its conditions. It holds of none where an attribute of it is not known.
func (t *Table) Fits(where []Condition) []bool {
	fits := make([]bool, t.Len())
	for i := range fits {
		fits[i] = true
	}
	for i := range where {
		codes := t.codes(&where[i])
		for row := range fits {
			fits[row] = fits[row] && codes != nil && codes.has(row)
		}
	}
	return fits
}

// fit is a column and which of its codes a condition means.
type fit struct {
	column *Column
	codes  [256]bool
}

func (f *fit) has(row int) bool { return f.codes[f.column.Codes[row]] }

// codes returns which codes a condition means, nil where its column is not known.
func (t *Table) codes(c *Condition) *fit {
	for i := range t.Columns {
		column := &t.Columns[i]
		if column.Attribute != c.Attribute || column.Series != c.Series {
			continue
		}
		f := &fit{column: column}
		for code, label := range column.Labels {
			f.codes[code] = slices.Contains(c.Values, label)
		}
		for code, edge := range column.Edges {
			f.codes[code] = !(edge < c.From) && !(edge >= c.To) // NaN is no bound
		}
		if column.Labels == nil && column.Edges == nil {
			f.codes[0], f.codes[1] = slices.Contains(c.Values, "no"), slices.Contains(c.Values, "yes")
		}
		return f
	}
	return nil
}

// NoCode is the code of a value that is not known of a request, or of a gap that has no beginning: the first of its person.
const NoCode = 255

// Column is one attribute of every request, as codes: at most 250 values, or bins of values.
type Column struct {
	Attribute Attribute
	Codes     []uint8
	// Labels are what codes stand for where values are names: a kind, a vendor, the rank of a recipient. The last may be "others".
	Labels []string
	// Edges, of all other forms but flags, are the lower edges of the bins: code i is of values from Edges[i] on and below Edges[i+1].
	// They are round numbers, ten to a decade where values spread far. A flag's codes are 0 and 1.
	Edges []float64
	// Series is the name of a watched figure.
	Series string
}

// Missing is an attribute that is not known.
type Missing struct {
	Attribute Attribute
	Why       Why
}

// Why is why something is not known.
type Why uint8

// The reasons.
const (
	NoCorpus   Why = iota + 1 // the corpus was not given
	OldRun                    // the run file was written before it kept this
	NotInIt                   // no record of the corpus has it
	OneValue                  // it is the same for all requests, so that nothing can be told by it
	NotWatched                // no figures of the platform were taken
	CutRun                    // the run file is cut or damaged where it would be
)

// Traffic is what the load as a whole was like: whether it is the test's own.
type Traffic struct {
	// People sent the requests, Recipients got them; 0 where that is not known. TopPerson and TopRecipient are the shares of those with
	// the most.
	People, Recipients      int64
	TopPerson, TopRecipient float64
	// RecordedPeople and RecordedTopPerson are the same of the corpus; 0 where it is not known.
	RecordedPeople    int64
	RecordedTopPerson float64
	// SameKindNext is the share of requests whose next one is of the same kind, SameKindByChance what it would be in random order, and
	// RecordedSameKindNext what it is in the corpus.
	SameKindNext, SameKindByChance, RecordedSameKindNext float64
	// RepeatedIDs counts requests whose message id had been sent in the run before, but for recorded retries; -1 where it is not known.
	RepeatedIDs int64
	// ClockStep is the largest step of the tool's wall clock against its monotonic one during the run.
	ClockStep time.Duration
}

// Tool is what the run says of the tool and of its machine.
type Tool struct {
	CPU, CPUWait, Elapsed, LongestStall time.Duration
	CPUs                                float64
	MaxInFlight, PeakInFlight           int
	// Faithful is the run's own verdict, and LagOf whose the lag is by it where that was too much; "" where it was not.
	Faithful bool
	LagOf    Owner
}

package results

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"reprise/capture/frame"
)

// Capacity is what a search for the highest tempo that holds found. Its JSON is part of the contract with users.
type Capacity struct {
	// Tempo is the highest time-scale of which a step held; 0 where the first step broke.
	Tempo float64 `json:"tempo"`
	// HeldMean and HeldPeak are requests a second of that step, as a whole and in its busiest 10 s.
	HeldMean float64 `json:"held_mean"`
	HeldPeak float64 `json:"held_peak_10s"`
	// Served is good answers a second while a backlog stood: what the target can do. 0 where none stood.
	Served float64 `json:"served"`
	// Interval is the highest time-scale that held and the lowest above it that broke; 0 where there was none.
	Interval [2]float64 `json:"interval"`
	// Broke is the condition that ended the lowest step that broke.
	Broke string `json:"broke"`
	// Ended says why the search ended, and Says the same in a sentence.
	Ended SearchEnd `json:"ended"`
	Says  string    `json:"says"`
	// Advice is what to do, in a clause, where the search told less than it could; empty otherwise.
	Advice string `json:"advice,omitempty"`
	// Steps are those that were played, in order.
	Steps []CapacityStep `json:"steps"`
}

// CapacityStep is one step of a search.
type CapacityStep struct {
	Number    int     `json:"step"`
	TimeScale float64 `json:"time_scale"`
	// Start is when it began, since the run's start, and Duration how long it lasted, to its last answer.
	Start    time.Duration `json:"start_ns"`
	Duration time.Duration `json:"duration_ns"`
	Held     bool          `json:"held"`
	// Broke is the condition that ended it, empty where it held, and Value what there was.
	Broke string `json:"broke,omitempty"`
	Value string `json:"value,omitempty"`
	// NotJudged says why it counts for nothing; empty where it does.
	NotJudged string `json:"not_judged,omitempty"`
	// Again says that it played an answer once more.
	Again bool `json:"again,omitempty"`
	// Planned is how many requests it has, OK, Failed and Shed what became of them, and Unsent how many were not sent as it was ended.
	Planned int64 `json:"planned"`
	OK      int64 `json:"ok"`
	Failed  int64 `json:"failed"`
	Shed    int64 `json:"shed,omitempty"`
	Unsent  int64 `json:"unsent,omitempty"`
	// Mean and Peak are requests sent a second, as a whole and in its busiest 10 s; Latency and Lag are those of the step.
	Mean    float64   `json:"mean"`
	Peak    float64   `json:"peak_10s"`
	Latency Quantiles `json:"latency"`
	Lag     Quantiles `json:"lag"`
}

// mostHeldFailed is the share of failed requests above which a step that held is no capacity.
const mostHeldFailed = 0.05

// FailedPart is the share of the step's requests that failed.
func (s *CapacityStep) FailedPart() float64 {
	return float64(s.Failed) / float64(max(s.OK+s.Failed, 1))
}

// HeldFailing is the step of which most failed though it held; nil where no step that held failed by more than 5 %.
func (c *Capacity) HeldFailing() (worst *CapacityStep) {
	for i := range c.Steps {
		s := &c.Steps[i]
		if part := s.FailedPart(); s.Held && part > mostHeldFailed && (worst == nil || part > worst.FailedPart()) {
			worst = s
		}
	}
	return worst
}

// SearchEnd says why a search ended. The texts are part of the run file and of the summary's JSON.
type SearchEnd string

// The ends of a search. The first alone has an answer that was played twice.
const (
	SearchFound       SearchEnd = "found"
	SearchFirstBroke  SearchEnd = "first_broke" // the first step broke already
	SearchUnsettled   SearchEnd = "unsettled"   // answers broke when they were played once more, several times
	SearchTool        SearchEnd = "tool"        // the tool could not send as planned
	SearchBacklog     SearchEnd = "backlog"     // what waited was not answered in time for the next step
	SearchShort       SearchEnd = "short"       // a pass is over before any condition looks back so far
	SearchUnbroken    SearchEnd = "unbroken"    // nothing broke up to the highest tempo that there is
	SearchInterrupted SearchEnd = "interrupted"
	SearchUnfinished  SearchEnd = "unfinished" // it has no end: it was killed, or the file is cut short; what is told is of the steps until then
	SearchFailed      SearchEnd = "failed"     // the corpus or the run file could not be read or written
)

// capacityBlock is the name of the extension. Part of the file format.
const capacityBlock = "capacity"

// longestCapacity bounds the JSON of a block that a reader looks at: a search has 100 steps.
const longestCapacity = 1 << 20

// Capacity writes what a search found, or has found so far. It is called between steps, and after the last row.
func (w *Writer) Capacity(c *Capacity) error {
	if c == nil {
		return w.err
	}
	w.flush()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	w.block(&frame.Head{Type: frame.Extension}, append(frame.AppendName(nil, capacityBlock), text...))
	return w.err
}

// Capacity adds what a search found, or has found so far.
func (f *File) Capacity(c *Capacity) error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Capacity(c)
}

// Capacity returns what a search found, nil where the run was none; asked after the last row. Of one that was killed before a step was over
// nothing is known.
func (r *Reader) Capacity() *Capacity {
	if r.capacity == nil && r.Search() {
		return &Capacity{Ended: SearchUnfinished, Says: "The search has no end: nothing is known of the target yet.", Steps: []CapacityStep{}}
	}
	return r.capacity
}

// parseCapacity takes in a block's payload; false where it is none.
func (r *Reader) parseCapacity(payload []byte) bool {
	c := new(Capacity)
	if len(payload) > longestCapacity || json.Unmarshal(payload, c) != nil {
		return false
	}
	r.capacity = c
	return true
}

// Searched makes it the summary of a search. Its steps were judged one by one, each by its own times: how late the tool was over all of
// them, those above the target's capacity too, is no limit of the run, and what a step that broke did not send is none either.
func (s *Summary) Searched(c *Capacity) {
	if c == nil {
		return
	}
	s.Capacity = c
	s.Verdict.Disturbed = c.Ended == SearchTool
	s.Verdict.Limits = slices.DeleteFunc(s.Verdict.Limits, func(l Limit) bool {
		return l.Whose == Tool && (l.What == "lag" || l.What == "moved" || l.What == "duration") || l.What == "unsent" && c.Ended != SearchInterrupted
	})
	for i := range s.Steps { // what was not sent as a step was ended is none of the tool's faults
		v := &s.Steps[i].Verdict
		v.Limits = slices.DeleteFunc(v.Limits, func(l Limit) bool {
			return l.What == "unsent" && (c.Ended != SearchInterrupted || s.Steps[i].Broke != "")
		})
		v.Faithful = v.faithful()
	}
	if l := c.toolLimit(); l != nil {
		s.Verdict.Limits = slices.Insert(s.Verdict.Limits, 0, *l)
	}
	s.Verdict.Faithful = s.Verdict.faithful()
}

// faithful says whether no limit is one of the schedule's.
func (v *Verdict) faithful() bool {
	return !slices.ContainsFunc(v.Limits, func(l Limit) bool { return slices.Contains(faithfulLimits(), l.What) })
}

// toolLimit is what of the tool ended a search; nil where that was something else.
func (c *Capacity) toolLimit() *Limit {
	if c.Ended != SearchTool {
		return nil
	}
	l := &Limit{What: "lag", Whose: Tool, Text: c.Says}
	for i := range c.Steps {
		step := &c.Steps[i]
		if step.NotJudged == "" {
			continue
		}
		l.What, l.Amount, l.Step = "lag", round(step.Lag.P99), step.Number
		if step.Shed > 0 {
			l.What, l.Amount = "shed", amount(step.Shed)
		}
		l.Text = fmt.Sprintf("step %d, at time-scale %s, and those before it that were not judged: %s", step.Number, strconv.FormatFloat(step.TimeScale, 'f', -1, 64), step.NotJudged)
	}
	return l
}

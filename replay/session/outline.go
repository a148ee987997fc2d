package session

import (
	"fmt"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Outline is a plan in a few figures; its JSON is relied on. Durations are nanoseconds, rates requests a second.
type Outline struct {
	Requests int64         `json:"requests"`
	Duration time.Duration `json:"duration_ns"`
	Mean     float64       `json:"mean_per_second"`
	Peak     int64         `json:"peak_per_second"`
	Stretch  time.Duration `json:"stretch_ns"`
	Idle     time.Duration `json:"idle_left_out_ns,omitempty"`
	// Outages are those of the vendor that the run plays.
	Outages []replay.PlannedOutage `json:"outages,omitempty"`
	First   time.Time              `json:"first"`
	Last    time.Time              `json:"last"`
	Kinds   map[string]int64       `json:"kinds"`
	Ledger  replay.Ledger          `json:"ledger"`
	// Steps are those of the shape, and Curve counts the requests in each stretch of Window of the run.
	Steps  []replay.PlannedStep `json:"steps,omitempty"`
	Window time.Duration        `json:"window_ns"`
	Curve  []int64              `json:"curve"`
	// Origins count the requests whose bytes the vendor never sent.
	Origins capture.Origins `json:"origins,omitzero"`

	// Search is what a search begins with; nil of any other run. Then everything else is of one pass at the first step's tempo.
	Search *SearchOutline `json:"search,omitempty"`

	Recipients *RecipientOutline `json:"recipients,omitempty"`
	Senders    *SenderOutline    `json:"senders,omitempty"`
}

// SearchOutline is how a search begins, and what breaks a step of it.
type SearchOutline struct {
	// Every is how long a step lasts; 0 is one pass.
	Every time.Duration `json:"every_ns"`
	// TimeScale, Requests, Duration and Peak are those of the first step.
	TimeScale float64       `json:"time_scale"`
	Requests  int64         `json:"requests"`
	Duration  time.Duration `json:"duration_ns"`
	Peak      int64         `json:"peak_per_second"`
	StopOn    []string      `json:"stop_on"`
	// JudgedBelow is for each of StopOn the time-scale from which on a pass is no longer than its window, so that it cannot be met. ShortFrom is the
	// highest of them: there the search ends. Steps of a time have neither.
	JudgedBelow []float64 `json:"judged_below,omitempty"`
	ShortFrom   float64   `json:"short_from,omitempty"`
	// Advice says what to do before the search begins; empty where there is nothing.
	Advice string `json:"advice,omitempty"`
}

// RecipientOutline says what Options.Recipients does.
type RecipientOutline struct {
	// Map has a row for each recipient of the corpus.
	Map []RecipientRow `json:"map"`
	// Outside counts those that the file leaves out, Unused its entries that nobody becomes, Shared the recipients that become what
	// one before them became.
	Outside int `json:"outside"`
	Unused  int `json:"unused"`
	Shared  int `json:"shared"`
}

// RecipientRow says what one recipient becomes.
type RecipientRow struct {
	Fake    string `json:"fake"`              // "recipient 1" and so on where numbers are hidden
	Staging string `json:"staging,omitempty"` // absent where the file has none
	Class   string `json:"class"`
	// Requests counts those of this run; see Options.CountRecipients.
	Requests int64 `json:"requests"`
}

// SenderOutline says what Options.Senders does.
type SenderOutline struct {
	// People are those of this run, with those of copies, and Numbers what they are sent from; Corpus are the people of the whole
	// corpus, Outside those that the file leaves out.
	People  int `json:"people"`
	Numbers int `json:"numbers"`
	Corpus  int `json:"corpus_people"`
	Outside int `json:"outside"`
}

// namedSteps are steps with the names that conditions know them by.
func namedSteps(steps []replay.PlannedStep) []replay.PlannedStep {
	steps = slices.Clone(steps)
	for i := range steps {
		if steps[i].Name == "" {
			steps[i].Name = fmt.Sprintf("step%d", i+1)
		}
	}
	return steps
}

// Outline sums up the plan, after Plan. Where hidden is set, recipients are counted through and not named, as those of a raw corpus are
// real.
func (s *Session) Outline(hidden bool) *Outline {
	p := s.plan.Plan
	o := &Outline{
		Requests: p.Requests(), Duration: p.Duration, Mean: p.Mean(), Peak: max(p.Peak, int64(math.Ceil(p.Mean()))), Stretch: p.Stretch, Idle: p.Idle, Outages: p.Outages, First: p.First, Last: p.Last,
		Steps: namedSteps(p.Steps), Window: p.Window, Curve: p.Curve,
		Kinds: make(map[string]int64), Ledger: p.Ledger, Origins: p.Origins, Recipients: s.Numbers().outline(hidden), Senders: s.Numbers().senderOutline(), Search: s.searchOutline(),
	}
	for kind, t := range p.Ledger.Kinds {
		if n := t.Scheduled(); n > 0 {
			o.Kinds[kind] = n
		}
	}
	return o
}

func (n *Numbers) outline(hidden bool) *RecipientOutline {
	if n == nil || n.Receivers == nil {
		return nil
	}
	o := &RecipientOutline{Map: []RecipientRow{}, Outside: len(n.Outside), Unused: n.Unused(), Shared: n.Shared()}
	for place, a := range n.Met.List() {
		row := RecipientRow{Fake: a.Name, Staging: n.Recipients[a.Name], Class: a.Class.String()}
		if hidden {
			row.Fake = fmt.Sprintf("recipient %d", place+1)
		}
		if place < len(n.Sent) {
			row.Requests = n.Sent[place]
		}
		o.Map = append(o.Map, row)
	}
	return o
}

func (n *Numbers) senderOutline() *SenderOutline {
	if n == nil || n.People == nil {
		return nil
	}
	o := &SenderOutline{Corpus: n.Met.People(), Outside: n.Unpaired}
	if o.People, o.Numbers, _ = n.Sending(); n.People.Pairs {
		o.Numbers = len(n.People.Entries)
	}
	return o
}

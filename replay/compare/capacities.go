package compare

import (
	"slices"

	"reprise/replay/results"
)

// Capacities hold what two searches found beside one another. Its JSON is part of the contract with users.
type Capacities struct {
	// Verdict says whether the candidate's tempo is another: one of the constants.
	Verdict CapacityVerdict `json:"verdict"`
	// TempoRatio is the candidate's tempo as a part of the base's; 0 where one of them found none.
	TempoRatio float64 `json:"tempo_ratio,omitempty"`
	// Base and Candidate are where each capacity is: from the first time-scale on, which held, and below the second, which broke. 0 is no bound.
	Base      [2]float64 `json:"base"`
	Candidate [2]float64 `json:"candidate"`
	// Resolution is the part by which two tempos must be apart to be told from one another.
	Resolution float64 `json:"resolution"`
	// Differs lists what was not the same in how the two were searched; empty, never nil, where nothing was.
	Differs []Difference `json:"differs"`
}

// CapacityVerdict says how two capacities compare. The texts are part of the JSON.
type CapacityVerdict string

// The verdicts.
const (
	CapacityMore    CapacityVerdict = "more"    // the candidate holds what the base does not
	CapacityLess    CapacityVerdict = "less"    // the candidate does not hold what the base does
	CapacityAlike   CapacityVerdict = "alike"   // both were found, and are nearer than the searches can tell
	CapacityUnknown CapacityVerdict = "unknown" // a search did not come so far, or they played other traffic or had other conditions
)

// CapacityResolution is how near a search comes to a capacity: it halves its interval until it is less.
const CapacityResolution = 0.05

// Capacities is nil where the two are not both searches.
func (c *Comparison) Capacities() *Capacities {
	a, b := c.Base.Summary.Capacity, c.Candidate.Summary.Capacity
	if a == nil || b == nil {
		return nil
	}
	out := &Capacities{Resolution: CapacityResolution, Verdict: CapacityUnknown, Base: boundsOf(a), Candidate: boundsOf(b), Differs: searchDiffers(&c.Base, &c.Candidate)}
	if c.Base.HeldByRefusing() || c.Candidate.HeldByRefusing() {
		return out
	}
	found := a.Ended == results.SearchFound && b.Ended == results.SearchFound
	if found && a.Tempo > 0 {
		out.TempoRatio = b.Tempo / a.Tempo
	}
	switch {
	case len(out.Differs) > 0:
	case tempoAbove(out.Base, out.Candidate):
		out.Verdict = CapacityMore
	case tempoAbove(out.Candidate, out.Base):
		out.Verdict = CapacityLess
	case found:
		out.Verdict = CapacityAlike
	}
	return out
}

// HeldByRefusing says that requests failed in a step that held, and that no condition of the search counted what fails: its tempo is no capacity.
func (s *Side) HeldByRefusing() bool {
	if found := s.Summary.Capacity; found == nil || found.HeldFailing() == nil {
		return false
	}
	list, err := results.ParseStopOn(s.Header.Settings["stop-on"])
	return err != nil || !slices.ContainsFunc(list, results.StopCondition.OfErrors)
}

// boundsOf is where a capacity is, as far as a search came: what it found, or what held and what broke until it ended.
func boundsOf(c *results.Capacity) [2]float64 {
	switch c.Ended {
	case results.SearchUnsettled, results.SearchFailed:
		return [2]float64{}
	case results.SearchFirstBroke:
		return [2]float64{0, c.Interval[1]}
	}
	return [2]float64{c.Tempo, c.Interval[1]}
}

// tempoAbove says whether the least that the second can be is more than the most that the first can be, by what a search can tell.
func tempoAbove(first, second [2]float64) bool {
	return first[1] > 0 && second[0] > first[1]*(1+CapacityResolution/2)
}

// searchDiffers lists what makes the tempos of two searches no measure of the same: another corpus, selection or condition. Where they began
// is none, and neither is the seed.
func searchDiffers(b, c *Side) []Difference {
	list := []Difference{}
	if x, y := b.Header.Corpus, c.Header.Corpus; x != "" && y != "" && x != y {
		list = append(list, Difference{Name: "corpus", Base: x, Candidate: y})
	}
	if b.Header.Settings == nil || c.Header.Settings == nil {
		return list
	}
	for _, name := range append(planFlags(), "stop-on", "max-in-flight") {
		x, y := b.Header.Settings[name], c.Header.Settings[name]
		if x != y && name != "time-scale" {
			list = append(list, Difference{Name: "--" + name, Base: x, Candidate: y})
		}
	}
	return list
}

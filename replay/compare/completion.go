package compare

// Completions compares when two runs' systems were done with their messages: the same method as for answers, with the
// completion in the answer's place, and a request that was never completed as one that failed.
type Completions struct {
	Verdict Verdict `json:"verdict"`
	All     Kind    `json:"all"`
	Kinds   []Kind  `json:"kinds"`
	Steps   []Step  `json:"steps,omitempty"`
	// Spoiled says what was left out of both runs, by when work was done; nil where that was not looked for.
	Spoiled *Spoiled `json:"spoiled,omitempty"`
}

// AddCompletions takes in the comparison of the same runs read as results.CompletedRun. The verdict becomes the worse one:
// a candidate whose answers are as good and whose work is not has regressed. Where runs are not faithful, a change that stands out from
// the lag is told, be it of answers or of completions; but for a regression, both must be told from it.
func (c *Comparison) AddCompletions(done *Comparison) {
	c.Completion = &Completions{Verdict: done.Verdict, All: done.All, Kinds: done.Kinds, Steps: done.Steps, Spoiled: done.Spoiled}
	switch {
	case c.unfaithful && done.Verdict == Regressed:
		c.Verdict, c.Invalid, c.unfaithful = Regressed, []Reason{}, false
		return
	case c.Verdict == Invalid:
		c.Completion.Verdict = Invalid
		return
	case done.unfaithful && c.Verdict == Regressed:
		return
	case done.unfaithful:
		c.Invalid, c.unfaithful, c.open = done.Invalid, true, done.open
		c.conclude()
		return
	}
	for _, v := range []Verdict{Regressed, Inconclusive, Improved, Equivalent} {
		if c.Verdict == v || c.Completion.Verdict == v {
			c.Verdict = v
			return
		}
	}
}

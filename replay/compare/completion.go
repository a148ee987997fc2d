package compare

// Completions compares when two runs' systems were done with their messages: the same method as for answers, with the
// completion in the answer's place, and a request that was never completed as one that failed.
type Completions struct {
	Verdict Verdict `json:"verdict"`
	All     Kind    `json:"all"`
	Kinds   []Kind  `json:"kinds"`
}

// AddCompletions takes in the comparison of the same runs read as results.CompletedRun. The verdict becomes the worse one:
// a candidate whose answers are as good and whose work is not has regressed. Where a change in completion could be the
// tool's own, the runs are invalid, as they are where one in latency could be.
func (c *Comparison) AddCompletions(done *Comparison) {
	c.Completion = &Completions{Verdict: done.Verdict, All: done.All, Kinds: done.Kinds}
	switch {
	case c.Verdict == Invalid:
		c.Completion.Verdict = Invalid
		return
	case done.Verdict == Invalid && len(done.Doubts) > 0 && len(done.Invalid) == len(done.Doubts):
		c.Invalid = done.Invalid
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

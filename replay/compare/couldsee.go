package compare

// Sight is about the smallest true change that a comparison could have shown, so that a verdict without a finding says what it is worth.
type Sight struct {
	// All is of the latency of all requests, and Errors of their failures: a difference of shares. Both are nil where nothing could have
	// been seen.
	All    *Smallest `json:"all,omitempty"`
	Errors *float64  `json:"errors,omitempty"`
	// Worst is the kind of whose latency the least could have been seen, of several kinds; Blind are those of which nothing could.
	Worst *Smallest `json:"worst,omitempty"`
	Blind []string  `json:"blind,omitempty"`
}

// Smallest is the smallest change, as a share, that the most telling of a kind's judged quantiles could have shown.
type Smallest struct {
	Kind   string  `json:"kind"`
	Metric string  `json:"metric"`
	Change float64 `json:"change"`
}

// CouldSee is nothing where the runs cannot be compared.
func (c *Comparison) CouldSee() Sight {
	if c.Verdict == Invalid {
		return Sight{}
	}
	s := Sight{All: smallest(&c.All), Errors: c.All.Errors.Detectable}
	for i := range c.Kinds {
		one := smallest(&c.Kinds[i])
		switch {
		case one == nil:
			s.Blind = append(s.Blind, c.Kinds[i].Name)
		case len(c.Kinds) > 1 && (s.Worst == nil || one.Change > s.Worst.Change):
			s.Worst = one
		}
	}
	return s
}

// smallest is nil where no judged quantile tells.
func smallest(k *Kind) (least *Smallest) {
	for i := range k.Latency {
		l := &k.Latency[i]
		if l.Judged && l.Detectable != nil && (least == nil || *l.Detectable < least.Change) {
			least = &Smallest{k.Name, l.Metric, *l.Detectable}
		}
	}
	return least
}

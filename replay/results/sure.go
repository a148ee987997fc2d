package results

import "slices"

// Sure says whether a condition that Check finds met would be met whatever the missing results of a damaged file were: where it is false, it
// cannot be judged. Each of them may have been the slowest or the quickest, and of whichever step and answer hurts the most.
func (x Expectation) Sure(s *Summary) bool {
	m := s.Missing
	switch {
	case m == nil:
		return true
	case x.metric == completionNever, x.metric == completionFailed, x.metric == "completion":
		return false
	case m.Results == 0:
		return !m.Unknown
	case x.step == "" && slices.Contains(countNames(), x.metric):
		return true // the ledger counts all
	}
	if x.step != "" {
		step := s.stepOf(x.step)
		if step == nil || slices.Contains(countNames(), x.metric) {
			return false
		}
		s = &step.Summary
	}
	tally, timing, moved, answers, errors := s.Ledger.Tally, s.Timing, s.Moved, s.Status, s.Errors
	if x.kind != "" {
		k := s.Kinds[x.kind]
		tally, timing, moved, answers, errors = s.Ledger.Kinds[x.kind], k.Timing, k.Moved, k.Status, k.Errors
	}
	there := sum(answers)
	if x.metric == "lag" || x.metric == "moved" {
		there += sum(errors)
	}
	worst := worstCase{there: float64(there), missing: float64(m.Results), more: x.op == ">" || x.op == ">="}
	switch {
	case x.op == "=" || x.metric == "faithful" || x.measure == asRate:
		return false
	case x.measure == asTime:
		return worst.quantile(x, timing)
	case x.metric == "moved":
		return compare(worst.share(moved), x.op, x.value)
	case worst.more: // there can only be more answers of this kind
		return true
	}
	n, of := x.count(tally, answers)
	if n += worst.missing; x.measure == asShare {
		n /= max(of, 1)
	}
	return compare(n, x.op, x.value)
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// worstCase is what the missing results can do to a figure of those that are there; more says that the condition asks for more than a limit.
type worstCase struct {
	there, missing float64
	more           bool
}

// quantile says whether a condition on a quantile would be met: the missing ones push it towards the next quantile that is known, or beyond.
func (w *worstCase) quantile(x Expectation, t Timing) bool {
	names, shares := quantileNames(), quantiles()
	at := shares[slices.Index(names, x.quantile)] * (w.there + w.missing)
	if w.more {
		at -= w.missing
	}
	if at /= max(w.there, 1); at > 1 || at <= 0 {
		return false
	}
	next := -1
	for i, share := range shares {
		if !w.more && share >= at-1e-12 {
			next = i
			break
		}
		if w.more && share <= at+1e-12 {
			next = i
		}
	}
	if next < 0 {
		return false
	}
	x.quantile = names[next]
	return compare(x.at(x.of(t)), x.op, x.value)
}

// share is a mean share of all, each of which is between 0 and 1.
func (w *worstCase) share(mean float64) float64 {
	all := mean * w.there
	if !w.more {
		all += w.missing
	}
	return all / max(w.there+w.missing, 1)
}

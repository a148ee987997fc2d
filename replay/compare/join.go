package compare

import "reprise/replay"

// Join says how the rows of the two runs found each other, by record number and copy.
type Join struct {
	// Base and Candidate count the requests of each run; a request whose turn never came is none.
	Base      int64 `json:"base"`
	Candidate int64 `json:"candidate"`
	// Pairs counts those in both, and Share is their part of those in either, from 0 to 1.
	Pairs int64   `json:"pairs"`
	Share float64 `json:"share"`
	// Apart counts the pairs whose halves were planned at moments more than a millisecond apart, or are of two kinds.
	Apart int64 `json:"apart"`
	// Changed counts the pairs whose halves ended differently, of classes of statuses; StatusChanged also those within a class, such
	// as 200 and 202, of the pairs that both runs played.
	Changed       int64 `json:"changed"`
	StatusChanged int64 `json:"status_changed"`
}

// sameMoment is how far apart two plans may put a request and still be taken for one.
const sameMoment = 1e6

// paired is what joining yields. The last kind stands for all.
type paired struct {
	Join
	matrix [kinds + 1]Matrix
	// failed counts requests that failed by kind and block.
	failed [kinds + 1][]failures
}

const allKinds = kinds

// failures counts the pairs of one kind in one block, and of them those with a failure.
type failures struct {
	pairs, base, candidate, both uint32
}

// join walks two runs in order of their keys.
func join(a, b []row, cut cut, differ *answerDiff) *paired {
	p := &paired{}
	for k := range p.failed {
		p.failed[k] = make([]failures, cut.n)
	}
	var either int64
	for len(a) > 0 || len(b) > 0 {
		either++
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].key < b[0].key:
			p.Base += played(a[0])
			a = a[1:]
		case len(a) == 0 || b[0].key < a[0].key:
			p.Candidate += played(b[0])
			b = b[1:]
		default:
			if cut.holds(a[0].intended) && cut.holds(b[0].intended) {
				p.pair(a[0], b[0], cut)
			}
			differ.pair(a[0], b[0])
			a, b = a[1:], b[1:]
		}
	}
	if either > 0 {
		p.Share = float64(p.Pairs) / float64(either)
	}
	p.Changed = p.matrix[allKinds].Changed()
	return p
}

func played(r row) int64 {
	if !r.answered() && r.outcome.Reason() == replay.ReasonUnsent {
		return 0
	}
	return 1
}

func (p *paired) pair(a, b row, cut cut) {
	x, y := played(a), played(b)
	p.Base += x
	p.Candidate += y
	if x&y == 1 {
		p.Pairs++
		if a.outcome != b.outcome || a.status != b.status {
			p.StatusChanged++
		}
	}
	if d := a.intended - b.intended; d > sameMoment || d < -sameMoment || a.kind != b.kind {
		p.Apart++
	}
	for _, k := range [...]int{int(a.kind), allKinds} {
		p.matrix[k][a.outcome][b.outcome]++
		p.failed[k][cut.of(a.intended)].count(!a.outcome.OK(), !b.outcome.OK())
	}
}

func (f *failures) count(base, candidate bool) {
	f.pairs++
	if base {
		f.base++
	}
	if candidate {
		f.candidate++
	}
	if base && candidate {
		f.both++
	}
}

func (f *failures) plus(g failures, times uint32) {
	f.pairs += g.pairs * times
	f.base += g.base * times
	f.candidate += g.candidate * times
	f.both += g.both * times
}

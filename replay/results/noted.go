package results

import (
	"cmp"
	"slices"
	"time"

	"reprise/replay"
)

// How many requests a summary names: so many of the slowest, of failures the first of each way of failing, and of all of them together.
const (
	mostSlow       = 20
	mostFailed     = 1000
	mostFailedEver = 10_000
)

// Noted is one request that a summary names. Its JSON is part of the contract with users.
type Noted struct {
	// Record is SEQ.COPY, as the request's header Reprise-Record says; the copies that are an attempt made again are beyond it.
	Record string `json:"record"`
	Kind   string `json:"kind"`
	// At is when it was meant to be sent, since the run's start, Latency from then to the end of its answer, or to when it was given up; 0
	// where it never went.
	At      time.Duration `json:"at_ns"`
	Latency time.Duration `json:"latency_ns"`
	Status  int           `json:"status,omitempty"`
	Error   replay.Reason `json:"error,omitempty"`
	// Trace is its trace id in a run that was traced.
	Trace string `json:"trace_id,omitempty"`
}

// Failed are the requests that failed in one way.
type Failed struct {
	// What is the way: see Failure.
	What string `json:"what"`
	// Count is how many did; Requests are the first of them, 1,000 at most.
	Count    int64   `json:"count"`
	Requests []Noted `json:"requests"`
}

// notes collects the requests that a summary names. Its memory is bounded: 10,020 results.
type notes struct {
	on     bool
	run    string // where it was traced
	slow   []replay.Result
	failed []way
	named  int
}

// way is one way of failing: the reason and the status of its first, or the status' name.
type way struct {
	what   string
	reason replay.Reason
	status int
	count  int64
	first  []replay.Result
}

// is says whether a result that is not OK failed in this way.
func (w *way) is(res *replay.Result) bool {
	if w.reason != res.Error {
		return false
	}
	return res.Error != replay.ReasonNone || w.status == res.Status || nameOf(w.status) != "" && nameOf(w.status) == nameOf(res.Status)
}

// begin has requests noted, of a run with such a header.
func (n *notes) begin(h *Header) {
	n.on = true
	if t := h.Settings[replay.SettingTrace]; t != "" && t != replay.TraceOff.String() {
		n.run = h.Run
	}
}

func (n *notes) add(res *replay.Result) {
	if !n.on {
		return
	}
	if res.Error == replay.ReasonNone {
		n.addSlow(res)
	}
	if !res.OK() {
		n.addFailed(res)
	}
}

// slower is the order of the slowest: it does not depend on the order in which results come.
func slower(a, b *replay.Result) int {
	return cmp.Or(cmp.Compare(b.Done-b.Intended, a.Done-a.Intended), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Copy, b.Copy))
}

// addSlow keeps the slowest. Once there are enough of them they are a heap with the least slow at its root: while answers take longer and longer, each
// is among the slowest.
func (n *notes) addSlow(res *replay.Result) {
	if len(n.slow) < mostSlow {
		n.slow = append(n.slow, *res)
		if len(n.slow) == mostSlow {
			slices.SortFunc(n.slow, func(x, y replay.Result) int { return slower(&y, &x) })
		}
		return
	}
	if slower(res, &n.slow[0]) >= 0 {
		return
	}
	at := 0
	for {
		child := 2*at + 1
		if child+1 < mostSlow && slower(&n.slow[child+1], &n.slow[child]) > 0 {
			child++
		}
		if child >= mostSlow || slower(res, &n.slow[child]) >= 0 {
			break
		}
		n.slow[at] = n.slow[child]
		at = child
	}
	n.slow[at] = *res
}

func (n *notes) addFailed(res *replay.Result) {
	if res.Error.Class() == replay.ClassWithheld { // it was not sent, which is no failure
		return
	}
	i := slices.IndexFunc(n.failed, func(w way) bool { return w.is(res) })
	if i < 0 {
		i = len(n.failed)
		n.failed = append(n.failed, way{what: Failure(res), reason: res.Error, status: res.Status})
	}
	f := &n.failed[i]
	f.count++
	if len(f.first) < mostFailed && n.named < mostFailedEver {
		f.first = append(f.first, *res)
		n.named++
	}
}

// list names results.
func (n *notes) list(of []replay.Result) []Noted {
	out := make([]Noted, 0, len(of))
	for i := range of {
		r := &of[i]
		one := Noted{
			Record: r.Mark(), Kind: r.Kind.Known().String(), At: r.Intended, Latency: max(r.Done-r.Intended, 0), Status: r.Status, Error: r.Error,
		}
		if n.run != "" && r.Attempted() {
			one.Trace = replay.TraceID(n.run, r.Seq, r.Copy)
		}
		out = append(out, one)
	}
	return out
}

// slowest are the answers that took longest, the slowest first.
func (n *notes) slowest() []Noted {
	if len(n.slow) == 0 {
		return nil
	}
	inOrder := slices.SortedFunc(slices.Values(n.slow), func(x, y replay.Result) int { return slower(&x, &y) })
	return n.list(inOrder)
}

// failures are the failed requests by way, the most frequent first.
func (n *notes) failures() (out []Failed) {
	for i := range n.failed {
		f := &n.failed[i]
		out = append(out, Failed{f.what, f.count, n.list(f.first)})
	}
	slices.SortStableFunc(out, func(a, b Failed) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What)) })
	return out
}

package box

import (
	"cmp"
	"math/rand/v2"
	"reprise/capture"
	"reprise/fixtures/sink"
	"slices"
	"time"
)

// bySink has a fault played by the receiver that ships with reprise, on its simulated clock, in place of the receivers of this package: what a
// request takes longer is the difference to the same receiver without the fault. Each draw is by one of the two, so that neither's mistakes
// are the box's.
func (p *part) bySink(faulty func(u *run, size float64) (with, without sink.Behaviour)) {
	p.sink = func(r *rand.Rand, u *run, size float64) {
		with, without := faulty(u, size)
		seed := r.Uint64()
		order, arrivals := u.arrivals(p.after || with.Default.Stall != (sink.Stall{}))
		slow, fast := simulate(with, seed, arrivals), simulate(without, seed, arrivals)
		for place, i := range order {
			if p.after {
				u.finish[i] += slow[place].Finished - fast[place].Finished
			} else {
				u.service[i] += slow[place].At - fast[place].At
			}
		}
	}
}

// simulate panics where a draw asks for what no sink can be: a mistake in the box.
func simulate(b sink.Behaviour, seed uint64, arrivals []sink.Arrival) []sink.Answer {
	answers, err := sink.Simulate(b, seed, arrivals)
	if err != nil {
		panic("box: internal error: " + err.Error())
	}
	return answers
}

// arrivals are requests as they reach the sink; or as their answers would be due, for what is held up at that moment or begins then.
func (d *run) arrivals(answered bool) (order []int, list []sink.Arrival) {
	at := func(i int) time.Duration {
		if answered {
			return d.at[i] + d.service[i]
		}
		return d.at[i]
	}
	order = slices.Clone(d.order)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at(a), at(b)) })
	for _, i := range order {
		q := &d.requests[i]
		a := sink.Arrival{At: at(i), Kind: q.kind, Person: hashOf(q.person), Recipient: hashOf(q.to)}
		if q.kind != capture.Status {
			a.ID = hashOf(q.id)
		}
		list = append(list, a)
	}
	return order, list
}

// slower is a behaviour whose faults of one condition take so many medians, for some kinds or for all.
func slower(f sink.Fault, kinds ...capture.Kind) func(u *run, size float64) (with, without sink.Behaviour) {
	return func(u *run, size float64) (with, without sink.Behaviour) {
		f := f
		f.Slower = sink.Spread{Base: time.Duration(size * float64(u.median)), Sigma: 0.3}
		profile := sink.Profile{Faults: []sink.Fault{f}}
		if len(kinds) == 0 {
			return sink.Behaviour{Default: profile}, sink.Behaviour{}
		}
		with.Kinds = make(map[capture.Kind]sink.Profile)
		for _, k := range kinds {
			with.Kinds[k] = profile
		}
		return with, sink.Behaviour{}
	}
}

// behind is a behaviour with kinds behind n servers, before the answer or after it, which work load; each kind's own, or one for all.
func behind(n int, after, shared bool, kinds []capture.Kind) func(u *run, load float64) (with, without sink.Behaviour) {
	return func(u *run, load float64) (with, without sink.Behaviour) {
		with.Kinds, without.Kinds = make(map[capture.Kind]sink.Profile), make(map[capture.Kind]sink.Profile)
		pool, ample := &sink.Queue{Servers: n}, &sink.Queue{Servers: 512} // more than ever come at once
		rate := u.rate(func(q *request) bool { return slices.Contains(kinds, q.kind) })
		for _, k := range kinds {
			if !shared {
				pool, rate = &sink.Queue{Servers: n}, u.rate(func(q *request) bool { return q.kind == k })
			}
			hold := sink.Spread{Base: seconds(load * float64(n) / max(rate, 0.01)), Sigma: 0.3}
			if after {
				with.Kinds[k] = sink.Profile{Work: sink.Work{Queue: pool, Time: hold}}
				without.Kinds[k] = sink.Profile{Work: sink.Work{Time: hold}}
			} else {
				with.Kinds[k], without.Kinds[k] = sink.Profile{Queue: pool, Service: hold}, sink.Profile{Queue: ample, Service: hold}
			}
		}
		return with, without
	}
}

// busy is a behaviour in which all requests share n cores, which are busy for load of the time.
func busy(n int) func(u *run, load float64) (with, without sink.Behaviour) {
	return func(u *run, load float64) (with, without sink.Behaviour) {
		with.Cores, without.Cores = n, 1<<20
		with.Default.CPU = sink.Spread{Base: seconds(load * float64(n) / meanRate(u.requests)), Sigma: 0.3}
		without.Default.CPU = with.Default.CPU
		return with, without
	}
}

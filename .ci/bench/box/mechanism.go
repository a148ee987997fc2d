package box

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"reprise/replay/cause"
	"slices"
	"time"
)

// What receivers do wrong. Each adds to what a receiver without the fault takes.

// delay makes the requests that fit take so many medians longer, about.
func (d *run) delay(r *rand.Rand, medians float64, fits func(i int) bool) {
	for _, i := range d.order {
		if fits(i) {
			d.service[i] += time.Duration(medians * float64(d.median) * math.Exp(0.3*r.NormFloat64()))
		}
	}
}

// follows says of each request whether one with the same key came within t before it.
func (d *run) follows(t time.Duration, key func(*request) string) []bool {
	last := make(map[string]time.Duration)
	list := make([]bool, len(d.requests))
	for _, i := range d.order {
		k := key(&d.requests[i])
		before, ok := last[k]
		list[i] = ok && d.at[i]-before < t
		last[k] = d.at[i]
	}
	return list
}

// freeing is a heap of the moments at which servers become free.
type freeing []time.Duration

func (f freeing) Len() int           { return len(f) }
func (f freeing) Less(i, j int) bool { return f[i] < f[j] }
func (f freeing) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *freeing) Push(x any)        { *f = append(*f, x.(time.Duration)) }
func (f *freeing) Pop() any          { panic("box: no server is taken away") }

// take gives the server that is free first to someone who comes at a moment and holds it for a time; it returns the wait.
func (f freeing) take(at, hold time.Duration) (wait time.Duration) {
	wait = max(f[0]-at, 0)
	f[0] = at + wait + hold
	heap.Fix(&f, 0)
	return wait
}

// queue has the requests that fit wait for one of n servers, which work load (1 is all the time, at the mean rate); before the answer, or after it.
func (d *run) queue(r *rand.Rand, n int, load float64, afterAnswer bool, fits func(i int) bool) {
	members, come := []int(nil), make([]time.Duration, len(d.requests))
	for i := range d.requests {
		if come[i] = d.at[i]; afterAnswer {
			come[i] += d.service[i]
		}
		if fits(i) {
			members = append(members, i)
		}
	}
	if len(members) == 0 {
		return
	}
	slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(come[a], come[b]) })
	hold := load * float64(n) * d.length().Seconds() / float64(len(members))
	servers := make(freeing, n)
	for _, i := range members {
		wait := servers.take(come[i], seconds(hold*math.Exp(0.3*r.NormFloat64()-0.045)))
		if afterAnswer {
			d.finish[i] += wait
		} else {
			d.service[i] += wait
		}
	}
}

// sharing is a request that is being worked on: it is done when the work that each has had since the start reaches need.
type sharing struct {
	need float64
	i    int
}

type sharingHeap []sharing

func (h sharingHeap) Len() int           { return len(h) }
func (h sharingHeap) Less(i, j int) bool { return h[i].need < h[j].need }
func (h sharingHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sharingHeap) Push(x any)        { *h = append(*h, x.(sharing)) }
func (h *sharingHeap) add(s sharing)     { heap.Push(h, s) }
func (h *sharingHeap) take() sharing     { return heap.Pop(h).(sharing) }
func (h *sharingHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// share has all requests share processors, which would be busy for that part of the time.
func (d *run) share(load float64) {
	var work float64
	for _, c := range d.cost {
		work += c.Seconds()
	}
	processors := work / d.length().Seconds() / load
	var h sharingHeap
	var now, each float64
	step := func(until float64) {
		for len(h) > 0 {
			speed := min(1, processors/float64(len(h)))
			end := now + (h[0].need-each)/speed
			if end > until {
				each += (until - now) * speed
				break
			}
			now, each = end, h[0].need
			done := h.take()
			d.service[done.i] += max(seconds(now)-d.at[done.i]-d.cost[done.i], 0)
		}
		now = max(now, until)
	}
	for _, i := range d.order {
		step(d.at[i].Seconds())
		h.add(sharing{each + d.cost[i].Seconds(), i})
	}
	step(math.Inf(1))
}

// stretch is a time in which something stands still.
type stretch struct{ from, to time.Duration }

// every lists stretches at a period that is not quite even.
func every(r *rand.Rand, period, length, end time.Duration) (list []stretch) {
	for at := time.Duration(r.Float64() * float64(period)); at < end; at += time.Duration(float64(period) * (1 + 0.02*r.NormFloat64())) {
		list = append(list, stretch{at, at + length})
	}
	return list
}

// stall has the requests that fit and are being worked on, or come, wait for the end of each stretch. It says which met one.
func (d *run) stall(list []stretch, fits func(i int) bool) (met []bool) {
	met = make([]bool, len(d.requests))
	for i := range d.requests {
		from := d.at[i]
		k, _ := slices.BinarySearchFunc(list, from, func(s stretch, t time.Duration) int { return cmp.Compare(s.to, t) })
		for ; k < len(list) && list[k].from < d.at[i]+d.service[i] && fits(i); k++ {
			d.service[i] += list[k].to - max(from, list[k].from)
			met[i] = true
		}
	}
	return met
}

// starve has the tool stand still: nothing is sent, and no answer is seen.
func (d *run) starve(list []stretch) {
	ends := func(t time.Duration) time.Duration { // when the tool runs again
		k, _ := slices.BinarySearchFunc(list, t, func(s stretch, t time.Duration) int { return cmp.Compare(s.to, t) })
		if k < len(list) && list[k].from <= t {
			return list[k].to
		}
		return t
	}
	for i := range d.requests {
		due := d.requests[i].due
		sent := ends(due + d.lag[i])
		seen := ends(sent + d.service[i])
		d.lag[i], d.service[i] = sent-due, seen-sent
	}
	d.stopped = d.stopped[:0]
	for _, s := range list {
		d.stopped = append(d.stopped, cause.Span{From: s.from, To: s.to})
	}
	d.arrive()
}

package results

import (
	"math"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// firstWidth is the width at which windows start; it becomes replay.Wider whenever a run outgrows replay.MaxWindows of them.
// A plan's curve starts and grows alike, so that one is always a multiple of the other. Those of earlier versions doubled.
const firstWidth = replay.FirstWindow

// widest bounds the width that a plan may ask for: 600 such windows are as long as a time.Duration can be.
const widest = 1 << 54 * time.Nanosecond

// windows are the stretches of a run, in bounded memory however long it is.
type windows struct {
	width time.Duration
	all   []*bin
}

// bin is what is kept of one stretch.
type bin struct {
	planned, achieved [capture.KindCount]int64
	classes           [6]int64
	errors            int64
	lag, service      *coarse
	latency           [capture.KindCount]*coarse
}

// add counts a result whose kind is one of this version's.
func (w *windows) add(res *replay.Result) {
	if jumpedOver(res) {
		return
	}
	if !res.Attempted() {
		w.reach(res.Intended)
		w.at(res.Intended).planned[res.Kind]++
		return
	}
	w.reach(max(res.Intended, res.Sent))
	b := w.at(res.Intended)
	b.planned[res.Kind]++
	w.at(res.Sent).achieved[res.Kind]++
	record(&b.lag, res.Sent-res.Intended)
	if res.Error != replay.ReasonNone {
		b.errors++
		return
	}
	record(&b.latency[res.Kind], res.Done-res.Intended)
	record(&b.service, res.Done-res.Sent)
	class := uint(res.Status) / 100
	if class >= uint(len(b.classes)) {
		class = 0
	}
	b.classes[class]++
}

// reach widens all windows until one holds the moment.
func (w *windows) reach(t time.Duration) {
	if w.width == 0 {
		w.width = firstWidth
	}
	for t/w.width >= replay.MaxWindows {
		w.widen()
	}
}

// at returns the window that holds a moment which reach was asked for.
func (w *windows) at(t time.Duration) *bin {
	i := int(max(t, 0) / w.width)
	for len(w.all) <= i {
		w.all = append(w.all, nil)
	}
	if w.all[i] == nil {
		w.all[i] = new(bin)
	}
	return w.all[i]
}

// widen makes the windows wider and merges neighbours.
func (w *windows) widen() {
	var of int
	w.width, of = replay.Wider(w.width)
	for i, b := range w.all {
		if i%of == 0 {
			w.all[i/of] = b
		} else {
			w.all[i/of] = merge(w.all[i/of], b)
		}
	}
	fewer := (len(w.all) + of - 1) / of
	clear(w.all[fewer:])
	w.all = w.all[:fewer]
}

func merge(a, b *bin) *bin {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	for k := range a.planned {
		a.planned[k] += b.planned[k]
		a.achieved[k] += b.achieved[k]
	}
	for c := range a.classes {
		a.classes[c] += b.classes[c]
	}
	a.errors += b.errors
	a.lag = mergeCoarse(a.lag, b.lag)
	for k := range a.latency {
		a.latency[k] = mergeCoarse(a.latency[k], b.latency[k])
	}
	a.service = mergeCoarse(a.service, b.service)
	return a
}

func (b *bin) window(start, width time.Duration) Window {
	w := Window{Start: start, Width: width, Classes: b.classes, Errors: b.errors, Kinds: make(map[string]KindWindow)}
	var latency coarse
	for k := range b.planned {
		n := KindWindow{Planned: b.planned[k], Achieved: b.achieved[k], LatencyP95: b.latency[k].percentile(95)}
		if b.latency[k] != nil {
			latency.add(b.latency[k])
		}
		if n == (KindWindow{}) {
			continue
		}
		w.Planned += n.Planned
		w.Achieved += n.Achieved
		w.Kinds[capture.Kind(k).String()] = n
	}
	w.LagP99 = b.lag.percentile(99)
	w.LatencyP50, w.LatencyP95, w.LatencyP99 = latency.percentile(50), latency.percentile(95), latency.percentile(99)
	if latency.n > 0 {
		w.Heat = latency.heat()
	}
	return w
}

// list returns the windows from the start to the last moment seen or planned. Where there is a plan, Planned is its
// curve: it also holds the requests that were never sent.
func (w *windows) list(plan *replay.Plan) []Window {
	if w.width == 0 {
		w.width = firstWidth
	}
	n := len(w.all)
	var curve []int64
	if plan != nil && plan.Window >= firstWidth && plan.Window <= widest {
		for w.width < plan.Window {
			w.widen()
		}
		curve = spread(plan.Curve, plan.Window, w.width)
		n = max(len(w.all), len(curve))
	}
	out := make([]Window, n)
	for i := range out {
		b := &bin{}
		if i < len(w.all) && w.all[i] != nil {
			b = w.all[i]
		}
		out[i] = b.window(time.Duration(i)*w.width, w.width)
		if curve != nil {
			out[i].Planned = 0
			if i < len(curve) {
				out[i].Planned = curve[i]
			}
		}
	}
	return out
}

// spread counts a curve in windows at least as wide as its own. Where one of its own lies in two of them, it is taken as even within itself.
func spread(curve []int64, from, to time.Duration) (out []int64) {
	place, used, taken := 0, time.Duration(0), int64(0) // how much of the window at place is counted, in time and in number
	for place < len(curve) && len(out) < replay.MaxWindows {
		n, need := int64(0), to
		for need > 0 && place < len(curve) {
			if all := from - used; all <= need {
				n, need = n+curve[place]-taken, need-all
				place, used, taken = place+1, 0, 0
				continue
			}
			used += need
			upTo := int64(math.Round(float64(curve[place]) * float64(used) / float64(from)))
			n, taken, need = n+upTo-taken, upTo, 0
		}
		out = append(out, n)
	}
	return out
}

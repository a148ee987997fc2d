package compare

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// Spoiled says which windows of the time of two runs were spoiled, in either run, as the tool was held up: mostly by what else this machine
// did. It is looked for where a run is not faithful by lag, and its file tells of such things; not where requests waited for others, as a cap on
// those in flight or an order of each sender's asks for.
type Spoiled struct {
	// Window is a window's length; Windows is how many were spoiled, Of how many there are.
	Window  time.Duration `json:"window_ns"`
	Windows int           `json:"windows"`
	Of      int           `json:"of"`
	// LeftOut says that they were left out of both runs: at least half of the windows and of either run's requests remain. Requests is how
	// many of the base's are in them, OfRequests how many it has.
	LeftOut    bool  `json:"left_out"`
	Requests   int64 `json:"requests"`
	OfRequests int64 `json:"of_requests"`
	// Faithful says that what remains of both runs is faithful by lag.
	Faithful bool `json:"faithful"`
	// Stretches are the windows, next to each other as one, in order.
	Stretches []Stretch `json:"stretches"`
}

// Stretch is a part of a run's time; its moments are since the run's start.
type Stretch struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
}

const (
	// spoiledWindow is how long a window is, where that makes mostWindows at most; else it is doubled until they are.
	spoiledWindow = replay.StopWindow
	mostWindows   = 3600
	// afterStop is how soon after a stop of the tool an answer is read that came in it.
	afterStop = time.Millisecond
)

// interfered is a Source that knows what kept its tool from running.
type interfered interface {
	Disturbances() (replay.Disturbances, bool)
}

// spoiling looks for spoiled windows.
type spoiling struct {
	first, width time.Duration
	spoiled      []bool
	runs         [2]*loaded
}

// leaveOut takes out of both runs what was spoiled, where a run is not faithful by lag and lag is all that is wrong; nil where nothing was
// looked for.
func leaveOut(base, candidate *loaded) *Spoiled {
	var f faults
	f.add(&base.side)
	f.add(&candidate.side)
	if !f.bounded() || !base.interferenceKnown || !candidate.interferenceKnown || base.queued || candidate.queued {
		return nil
	}
	first, last := span(base.rows, candidate.rows)
	s := &spoiling{first: first, width: spoiledWindow, runs: [2]*loaded{base, candidate}}
	for (last-first)/s.width >= mostWindows {
		s.width *= 2
	}
	s.spoiled = make([]bool, (last-first)/s.width+1)
	inTime := s.search()
	out := s.told()
	if out.Windows == 0 || !s.enough(out) {
		return out
	}
	out.LeftOut, out.Faithful = true, inTime
	for _, l := range s.runs {
		l.rows = slices.DeleteFunc(l.rows, func(r row) bool { return s.spoiled[s.of(r.intended)] })
		l.side.lagLeftOut = inTime
	}
	return out
}

func (s *spoiling) of(intended int64) int { return s.at(time.Duration(intended)) }

// at is the window that a moment is in, the nearest one of a moment before or after all.
func (s *spoiling) at(moment time.Duration) int {
	return min(max(int((moment-s.first)/s.width), 0), len(s.spoiled)-1)
}

// worst is how many times what is allowed the tool was held up in the windows that go first.
const worst = 16

// search marks windows until what remains is in time: those first in which the tool was held up longest, so that no more go than need to.
// What lag is allowed depends on the answers' times, and those fall as spoiled windows are left out.
func (s *spoiling) search() (inTime bool) {
	for times := time.Duration(worst); ; times = max(times/2, 1) {
		var rest [2]results.Summary
		inTime = true
		for i, l := range s.runs {
			rest[i] = s.judge(l)
			inTime = inTime && !slices.ContainsFunc(rest[i].Verdict.Limits, func(l results.Limit) bool { return l.OfLag() })
		}
		if inTime {
			return true
		}
		more := false
		for i, l := range s.runs {
			more = s.mark(l, rest[i].LagLimit, times) || more
		}
		if !more && times == 1 {
			return false
		}
	}
}

// judge sums up what remains of a run.
func (s *spoiling) judge(l *loaded) results.Summary {
	sums := results.NewAccumulator(nil)
	for _, r := range l.rows {
		if !s.spoiled[s.of(r.intended)] {
			res := r.result()
			_ = sums.Record(&res)
		}
	}
	return sums.Summary(nil)
}

// mark adds the windows in which the tool was held up for so many times longer than is allowed: a request was sent late, the tool stopped, or
// an answer came while it was stopped. Where the tool had too little of a processor, once is enough. It says whether there are more windows
// than before.
func (s *spoiling) mark(l *loaded, allowed, times time.Duration) (more bool) {
	starved := l.starved()
	held := func(at, by time.Duration) bool { return by > times*allowed || by > allowed && covered(starved, at) }
	add := func(from, to time.Duration) {
		for i := s.at(from); i <= s.at(to); i++ {
			more = more || !s.spoiled[i]
			s.spoiled[i] = true
		}
	}
	last := s.first + s.width*time.Duration(len(s.spoiled))
	var stops []Stretch
	for _, stop := range l.interference.Stops {
		if held(stop.At, stop.For) && stop.At+stop.For >= s.first && stop.At < last {
			add(stop.At, stop.At+stop.For)
			stops = append(stops, Stretch{stop.At, stop.At + stop.For + afterStop})
		}
	}
	stops = merged(stops)
	for _, r := range l.rows {
		due, done := time.Duration(r.intended), time.Duration(r.intended+r.latency())
		if held(due, time.Duration(r.timing.lag())) || r.answered() && covered(stops, done) {
			add(due, due)
		}
	}
	return more
}

// starved are the seconds in which this machine had too little of a processor for the tool: its threads waited for one for as long as the
// second took, or the host took a quarter of all away.
func (l *loaded) starved() (list []Stretch) {
	const second = time.Second
	for _, w := range l.interference.Waits {
		if w.For >= second {
			list = append(list, Stretch{w.At, w.At + second})
		}
	}
	for _, w := range l.interference.Steals {
		if 4*w.For >= second*time.Duration(max(l.side.Header.Machine.CPUs, 1)) {
			list = append(list, Stretch{w.At, w.At + second})
		}
	}
	return merged(list)
}

// merged makes stretches one that overlap, in order.
func merged(list []Stretch) []Stretch {
	slices.SortFunc(list, func(a, b Stretch) int { return cmp.Compare(a.From, b.From) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// covered says whether a moment is in a stretch.
func covered(list []Stretch, at time.Duration) bool {
	_, ok := around(list, at)
	return ok
}

// around is the stretch that a moment is in.
func around(list []Stretch, at time.Duration) (Stretch, bool) {
	i := sort.Search(len(list), func(i int) bool { return list[i].To >= at })
	if i == len(list) || list[i].From > at {
		return Stretch{}, false
	}
	return list[i], true
}

// told says what was found.
func (s *spoiling) told() *Spoiled {
	out := &Spoiled{Window: s.width, Of: len(s.spoiled), Stretches: []Stretch{}}
	for i, bad := range s.spoiled {
		if !bad {
			continue
		}
		out.Windows++
		from := s.first + s.width*time.Duration(i)
		if n := len(out.Stretches); n > 0 && out.Stretches[n-1].To == from {
			out.Stretches[n-1].To = from + s.width
			continue
		}
		out.Stretches = append(out.Stretches, Stretch{from, from + s.width})
	}
	out.Requests, out.OfRequests = s.requests(s.runs[0]), int64(len(s.runs[0].rows))
	return out
}

// requests counts those of a run in spoiled windows.
func (s *spoiling) requests(l *loaded) (n int64) {
	for _, r := range l.rows {
		if s.spoiled[s.of(r.intended)] {
			n++
		}
	}
	return n
}

// enough says whether at least half of everything remains.
func (s *spoiling) enough(out *Spoiled) bool {
	for _, l := range s.runs {
		if 2*s.requests(l) > int64(len(l.rows)) {
			return false
		}
	}
	return 2*out.Windows <= out.Of
}

package results

import "time"

// stretches is how many parts a run is cut into to see whether its answers became slower, and stretchAnswers how many
// answers a part must hold to be judged: its 99th percentile is to be more than one answer.
const (
	stretches      = 20
	stretchAnswers = 200
)

// Stretch is a part of a run and how long the target took in it.
type Stretch struct {
	From, To time.Duration
	// Rate is in requests a second, as sent.
	Rate float64
	// P99 is that of service time; 0 where there are too few answers to tell.
	P99 time.Duration
	// Lag is the 99th percentile of lag.
	Lag time.Duration
}

// growth compares the first quarter of a run with its busiest part, or with its last quarter where that is worse.
func (w *windows) growth() (quiet, busy Stretch) { return w.growthOf(0, len(w.all)) }

// growthIn is growth of a part of the run: of the windows that lie in it whole. Its moments are since the part's start.
func (w *windows) growthIn(from, to time.Duration) (quiet, busy Stretch) {
	if w.width == 0 {
		return quiet, busy
	}
	first := int((from + w.width - 1) / w.width)
	quiet, busy = w.growthOf(first, min(int(to/w.width), len(w.all)))
	for _, s := range []*Stretch{&quiet, &busy} {
		s.From, s.To = max(s.From-from, 0), max(s.To-from, 0)
	}
	return quiet, busy
}

// growthOf is growth of windows from to to, the last not included.
func (w *windows) growthOf(from, to int) (quiet, busy Stretch) {
	if n := to - from; n >= 4 {
		quiet = w.stretch(from, from+n/4)
		size := max(n/stretches, 1)
		for i := from + n/4; i+size <= to; i += size {
			if s := w.stretch(i, i+size); s.P99 > 0 && s.Rate > busy.Rate {
				busy = s
			}
		}
		if last := w.stretch(to-n/4, to); last.P99 > busy.P99 {
			busy = last
		}
	}
	return quiet, busy
}

// stretch is windows from to to, the last not included.
func (w *windows) stretch(from, to int) Stretch {
	var service, lag coarse
	var sent int64
	for _, b := range w.all[from:to] {
		if b == nil {
			continue
		}
		for _, n := range b.achieved {
			sent += n
		}
		if b.service != nil {
			service.add(b.service)
		}
		if b.lag != nil {
			lag.add(b.lag)
		}
	}
	s := Stretch{From: time.Duration(from) * w.width, To: time.Duration(to) * w.width}
	s.Rate = float64(sent) / (s.To - s.From).Seconds()
	if service.n >= stretchAnswers {
		s.P99, s.Lag = service.percentile(99), lag.percentile(99)
	}
	return s
}

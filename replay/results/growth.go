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
}

// growth compares the first quarter of a run with its busiest part, or with its last quarter where that is worse.
func (w *windows) growth() (quiet, busy Stretch) {
	if n := len(w.all); n >= 4 {
		quiet = w.stretch(0, n/4)
		size := max(n/stretches, 1)
		for i := n / 4; i+size <= n; i += size {
			if s := w.stretch(i, i+size); s.P99 > 0 && s.Rate > busy.Rate {
				busy = s
			}
		}
		if last := w.stretch(n-n/4, n); last.P99 > busy.P99 {
			busy = last
		}
	}
	return quiet, busy
}

// stretch is windows from to to, the last not included.
func (w *windows) stretch(from, to int) Stretch {
	var service coarse
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
	}
	s := Stretch{From: time.Duration(from) * w.width, To: time.Duration(to) * w.width}
	s.Rate = float64(sent) / (s.To - s.From).Seconds()
	if service.n >= stretchAnswers {
		s.P99 = service.percentile(99)
	}
	return s
}

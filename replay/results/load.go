package results

import (
	"net/http"
	"slices"
	"time"

	"reprise/replay"
)

const (
	// loadBucket is the width of a StepLoad's buckets at first; it doubles when a step outgrows mostBuckets of them.
	loadBucket  = 100 * time.Millisecond
	mostBuckets = 1 << 15
	// busiest is the stretch of which the busiest is looked for.
	busiest = 10 * time.Second
	// leastServed is how long a backlog must stand before a rate is told of it.
	leastServed = time.Second
	// queued is how many times as long as the quickest answer a request waits at least where a backlog stands.
	queued = 1.5
)

// StepLoad counts the load of one step over time: what was due, sent and answered. It is a replay.Recorder, in bounded memory.
type StepLoad struct {
	width   time.Duration
	buckets []loadCounts
	sent    int64
	last    time.Duration // the last send
	fastest time.Duration // the quickest good answer, since its request was due
	// GaveUp counts the requests whose answer was given up on.
	GaveUp int64
	latest []outcomeAt // the requests that were due last, in order, at most mostLatest
}

// outcomeAt is when a request was due, and whether its target has failed it. One that limits is alive.
type outcomeAt struct {
	due    time.Duration
	failed bool
}

// mostLatest is how many of a step's last requests are looked at by themselves.
const mostLatest = 20

type loadCounts struct{ due, sent, done, good uint32 }

// Record counts a result. It never fails.
func (l *StepLoad) Record(res *replay.Result) error {
	if !res.Attempted() {
		return nil
	}
	if l.width == 0 {
		l.width = loadBucket
	}
	for max(res.Intended, res.Sent, res.Done)/l.width >= mostBuckets {
		l.widen()
	}
	l.at(res.Intended).due++
	l.at(res.Sent).sent++
	done := l.at(max(res.Done, res.Sent))
	done.done++
	if res.OK() {
		done.good++
		if took := max(res.Done-res.Intended, 1); l.fastest == 0 || took < l.fastest {
			l.fastest = took
		}
	}
	if res.Error.Class() == replay.ClassTimeout {
		l.GaveUp++
	}
	l.sent++
	l.last = max(l.last, res.Sent)
	l.late(outcomeAt{res.Intended, !res.OK() && res.Status != http.StatusTooManyRequests})
	return nil
}

// late takes a request in among the last.
func (l *StepLoad) late(o outcomeAt) {
	i := len(l.latest)
	for i > 0 && l.latest[i-1].due > o.due {
		i--
	}
	if len(l.latest) < mostLatest {
		l.latest = slices.Insert(l.latest, i, o)
	} else if i > 0 {
		copy(l.latest, l.latest[1:i])
		l.latest[i-1] = o
	}
}

// LastFailed says of how many of the requests that were due last how many failed: of the last 20, and of no more than half of all. A step of
// which these fail ended with a target that was dead, whatever came before. Answers of 429 come of one that is alive.
func (l *StepLoad) LastFailed() (last, failed int64) {
	list := l.latest[len(l.latest)-int(min(int64(len(l.latest)), (l.sent+1)/2)):]
	for _, o := range list {
		if o.failed {
			failed++
		}
	}
	return int64(len(list)), failed
}

func (l *StepLoad) at(t time.Duration) *loadCounts {
	i := int(max(t, 0) / l.width)
	for len(l.buckets) <= i {
		l.buckets = append(l.buckets, loadCounts{})
	}
	return &l.buckets[i]
}

func (l *StepLoad) widen() {
	l.width *= 2
	half := (len(l.buckets) + 1) / 2
	for i := range half {
		c := l.buckets[2*i]
		if 2*i+1 < len(l.buckets) {
			o := l.buckets[2*i+1]
			c = loadCounts{c.due + o.due, c.sent + o.sent, c.done + o.done, c.good + o.good}
		}
		l.buckets[i] = c
	}
	l.buckets = l.buckets[:half]
}

// Mean is the requests sent a second. length is how long the step was planned to be; 0 counts to the last send.
func (l *StepLoad) Mean(length time.Duration) float64 {
	if length <= 0 {
		length = l.last
	}
	return replay.Rate(l.sent, length)
}

// Peak is the requests sent a second in the busiest 10 s; of a shorter step it is Mean.
func (l *StepLoad) Peak(length time.Duration) float64 {
	if l.width == 0 || max(length, l.last) < busiest {
		return l.Mean(length)
	}
	n := max(int(busiest/l.width), 1)
	var in, most int64
	for i := range l.buckets {
		in += int64(l.buckets[i].sent)
		if i >= n {
			in -= int64(l.buckets[i-n].sent)
		}
		most = max(most, in)
	}
	return float64(most) / (time.Duration(n) * l.width).Seconds()
}

// Served counts the good answers that came while a backlog stood, and how long it stood: while at least half as many requests waited as
// at the worst moment. Whoever serves them then had always one to go on with, as long as the wait was longer than the service. Both are 0
// where that was too short to tell, or where requests took hardly longer than the quickest, so that nothing was queued.
func (l *StepLoad) Served() (answers int64, stood time.Duration) {
	var worst, waiting int64
	for i := range l.buckets {
		waiting += int64(l.buckets[i].due) - int64(l.buckets[i].done)
		worst = max(worst, waiting)
	}
	waiting = 0
	for i := range l.buckets {
		before := waiting
		waiting += int64(l.buckets[i].due) - int64(l.buckets[i].done)
		if worst > 1 && 2*min(before, waiting) >= worst {
			answers += int64(l.buckets[i].good)
			stood += l.width
		}
	}
	// So many are on their way at this rate where each takes that long (Little's law).
	unqueued := queued * l.fastest.Seconds() * float64(answers) / max(stood, 1).Seconds()
	if stood < leastServed || float64(worst)/2 < unqueued {
		return 0, 0
	}
	return answers, stood
}

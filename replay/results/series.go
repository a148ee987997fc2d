package results

import (
	"strconv"
	"time"

	"reprise/replay"
)

// longest is the largest duration a histogram tells from larger ones; the maximum is kept exactly beside it.
const longest = 24 * time.Hour

// distribution is a histogram with its exact maximum.
type distribution struct {
	hist *histogram
	max  time.Duration
}

func (d *distribution) add(v time.Duration) {
	if d.hist == nil {
		d.hist = new(histogram)
	}
	v = max(v, 0)
	d.max = max(d.max, v)
	d.hist.record(int64(min(v, longest)))
}

// merge adds all that o holds.
func (d *distribution) merge(o *distribution) {
	if o.hist == nil {
		return
	}
	if d.hist == nil {
		d.hist = new(histogram)
	}
	d.hist.merge(o.hist)
	d.max = max(d.max, o.max)
}

func (d *distribution) quantiles() Quantiles {
	if d.hist == nil {
		return Quantiles{}
	}
	at := func(percent float64) time.Duration {
		return min(time.Duration(d.hist.percentile(percent)), d.max)
	}
	return Quantiles{P50: at(50), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9), Max: d.max}
}

// codes is one more than the highest status that is counted by itself; there are none beyond it (RFC 9110, section 15).
const codes = 1000

// series is what is kept of the requests of one kind, or of all.
type series struct {
	lag, latency, service distribution
	delay                 delay
	// status[0] counts what is no status.
	status []int64
	errors reasons
	// gaveUp is the shortest time after which an answer was given up on; 0 where none was.
	gaveUp time.Duration
}

func (s *series) add(res *replay.Result) {
	if !res.Attempted() {
		if res.Error.Class() != replay.ClassWithheld { // those are in the ledger
			s.errors.add(res.Error, 1)
		}
		return
	}
	s.lag.add(res.Sent - res.Intended)
	s.delay.add(res.Sent - res.Intended)
	switch {
	case res.Error != replay.ReasonNone:
		s.errors.add(res.Error, 1)
		if d := res.Done - res.Sent; res.Error.Class() == replay.ClassTimeout && d > 0 && (s.gaveUp == 0 || d < s.gaveUp) {
			s.gaveUp = d
		}
	case res.Status > 0:
		s.latency.add(res.Done - res.Intended)
		s.service.add(res.Done - res.Sent)
		if s.status == nil {
			s.status = make([]int64, codes)
		}
		if res.Status < codes {
			s.status[res.Status]++
		} else {
			s.status[0]++
		}
	}
}

// merge adds all that o holds.
func (s *series) merge(o *series) {
	s.lag.merge(&o.lag)
	s.delay.merge(&o.delay)
	s.latency.merge(&o.latency)
	s.service.merge(&o.service)
	if s.status == nil && o.status != nil {
		s.status = make([]int64, codes)
	}
	for code, n := range o.status {
		s.status[code] += n
	}
	for _, c := range o.errors.list {
		s.errors.add(c.reason, c.n)
	}
	for reason, n := range o.errors.more {
		s.errors.add(reason, n)
	}
	if o.gaveUp > 0 && (s.gaveUp == 0 || o.gaveUp < s.gaveUp) {
		s.gaveUp = o.gaveUp
	}
}

// reasons counts requests without an answer. There are few reasons, and a short list is quicker than a map; a file may
// hold others.
type reasons struct {
	list []reasonCount
	more map[replay.Reason]int64
}

type reasonCount struct {
	reason replay.Reason
	n      int64
}

const listed = 16

func (r *reasons) add(reason replay.Reason, n int64) {
	for i := range r.list {
		if r.list[i].reason == reason {
			r.list[i].n += n
			return
		}
	}
	if len(r.list) < listed {
		r.list = append(r.list, reasonCount{reason, n})
		return
	}
	if r.more == nil {
		r.more = make(map[replay.Reason]int64)
	}
	r.more[reason] += n
}

func (r *reasons) all() map[string]int64 {
	out := make(map[string]int64, len(r.list)+len(r.more))
	for _, c := range r.list {
		out[string(c.reason)] = c.n
	}
	for reason, n := range r.more {
		out[string(reason)] = n
	}
	return out
}

func (s *series) timing() Timing {
	return Timing{Lag: s.lag.quantiles(), Latency: s.latency.quantiles(), ServiceTime: s.service.quantiles()}
}

func (s *series) statuses() map[string]int64 {
	out := make(map[string]int64)
	for code, n := range s.status {
		if n > 0 {
			out[strconv.Itoa(code)] = n
		}
	}
	return out
}

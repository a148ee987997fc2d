package results

import (
	"strconv"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"reprise/replay"
)

// longest is the largest duration a histogram tells from larger ones; the maximum is kept exactly beside it.
const longest = 24 * time.Hour

// distribution is an HDR histogram from 1 ns with its exact maximum.
type distribution struct {
	hist *hdr.Histogram
	max  time.Duration
}

func (d *distribution) add(v time.Duration) {
	if d.hist == nil {
		d.hist = hdr.New(1, int64(longest), 3)
	}
	v = max(v, 0)
	d.max = max(d.max, v)
	// The value is inside the histogram's range, so that there is no error to have.
	_ = d.hist.RecordValue(int64(min(v, longest)))
}

func (d *distribution) quantiles() Quantiles {
	if d.hist == nil {
		return Quantiles{}
	}
	at := func(percent float64) time.Duration {
		return min(time.Duration(d.hist.ValueAtPercentile(percent)), d.max)
	}
	return Quantiles{P50: at(50), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9), Max: d.max}
}

// series is what is kept of all requests, or of those of one kind.
type series struct {
	lag, latency, service distribution
	status                map[int]int64
	errors                map[replay.Reason]int64
}

func (s *series) add(res *replay.Result) {
	if sent(res) {
		s.lag.add(res.Sent - res.Intended)
	}
	if res.Status > 0 && res.Error == replay.ReasonNone {
		s.latency.add(res.Done - res.Intended)
		s.service.add(res.Done - res.Sent)
		if s.status == nil {
			s.status = make(map[int]int64)
		}
		s.status[res.Status]++
	}
	if failed(res.Error) {
		if s.errors == nil {
			s.errors = make(map[replay.Reason]int64)
		}
		s.errors[res.Error]++
	}
}

// sent says whether an attempt was made to send the request.
func sent(res *replay.Result) bool {
	return res.Error != replay.ReasonShed && res.Error != replay.ReasonUnsent
}

// failed says whether a reason is one of the target, the network or this machine, rather than of the schedule.
func failed(r replay.Reason) bool {
	return r != replay.ReasonNone && r != replay.ReasonShed && r != replay.ReasonUnsent
}

func (s *series) timing() Timing {
	return Timing{Lag: s.lag.quantiles(), Latency: s.latency.quantiles(), ServiceTime: s.service.quantiles()}
}

func (s *series) statuses() map[string]int64 {
	out := make(map[string]int64, len(s.status))
	for code, n := range s.status {
		out[strconv.Itoa(code)] = n
	}
	return out
}

func (s *series) reasons() map[string]int64 {
	out := make(map[string]int64, len(s.errors))
	for reason, n := range s.errors {
		out[string(reason)] = n
	}
	return out
}

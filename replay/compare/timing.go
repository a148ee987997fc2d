package compare

import (
	"math/bits"
	"time"

	"reprise/replay"
)

// timing is a request's latency and its lag in 8 bytes: nanoseconds of latency in the lowest 46 bits, above them the lag as a
// number of 13 bits shifted to the left by one of 5. A lag that does not fit is rounded up, by 1 in 4,096 at most: what is told by it is
// a bound.
type timing uint64

const (
	latencyBits = 46
	// longestLatency is what longer ones are taken for: 19 hours.
	longestLatency = time.Duration(1<<latencyBits - 1)

	lagBits = 13
	// longestLag is what longer ones are taken for: 4 hours and 53 minutes.
	longestLag = int64(1<<lagBits-1) << 31
)

func timingOf(res *replay.Result) timing {
	latency := min(max(res.Done-res.Intended, 0), longestLatency)
	lag := int64(0)
	if res.Attempted() {
		lag = min(max(int64(res.Sent-res.Intended), 0), longestLag)
	}
	return timing(latency) | timing(packLag(lag))<<latencyBits
}

// packLag rounds up a lag, from 0 to longestLag.
func packLag(ns int64) uint64 {
	shift := max(bits.Len64(uint64(ns))-lagBits, 0)
	n := (uint64(ns) + 1<<shift - 1) >> shift
	if n == 1<<lagBits { // rounded up to the next power of 2
		shift, n = shift+1, n>>1
	}
	return n<<5 | uint64(shift)
}

func (t timing) latency() int64 { return int64(t & (1<<latencyBits - 1)) }

// lag is the actual moment of sending minus the intended one, rounded up; 0 of a request that was never sent.
func (t timing) lag() int64 {
	packed := t >> latencyBits
	return int64(packed>>5) << (packed & 31)
}

// withLag is the same latency with another lag, from 0 to longestLag.
func (t timing) withLag(ns int64) timing {
	return t&(1<<latencyBits-1) | timing(packLag(min(ns, longestLag)))<<latencyBits
}

// least is the latency less the lag, rounded down: the time from sending to the answer.
func (t timing) least() int64 { return max(t.latency()-t.lag(), 0) }

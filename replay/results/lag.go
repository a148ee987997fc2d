package results

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// How far lag may go. It counts where it moves the curve, and where it is a part of the answers' times.
const (
	// LimitMoved bounds Summary.Moved, in all and of each kind. LimitMovedFloor is for a kind alone, which may always move by as
	// much as so many requests that each left a whole bin after their time.
	LimitMoved      = 0.02
	LimitMovedFloor = 10
	// LimitLagShare bounds the 99th percentile of lag as a share of latency's, and of the mean gap between two requests. What is
	// within LimitLagFloor is never too much, and within LimitLagUnanswered where nothing was answered, so that there is no
	// latency. However wide the gap is, it allows no more than LimitLagGap.
	LimitLagShare      = 0.1
	LimitLagFloor      = time.Millisecond
	LimitLagUnanswered = 5 * time.Millisecond
	LimitLagGap        = 10 * time.Millisecond
)

// movedBins are the widths of which one is what Moved is told in: the second from movedFast requests a second on.
const movedFast = 100

func movedBins() [2]time.Duration { return [2]time.Duration{time.Second, 100 * time.Millisecond} }

// movedBin is the place in movedBins of the bin for a planned mean rate.
func movedBin(mean float64) int {
	if mean > movedFast {
		return 1
	}
	return 0
}

// delay adds up how late requests were, for each of movedBins at most a bin. The sums are whole numbers, so that they are the same
// in whatever order the requests come.
type delay struct {
	requests int64
	sums     [2]int64
}

func (d *delay) add(lag time.Duration) {
	n := int64(max(lag, 0))
	d.requests++
	d.sums[0] += min(n, int64(time.Second))
	d.sums[1] += min(n, int64(100*time.Millisecond))
}

func (d *delay) merge(o *delay) {
	d.requests += o.requests
	for i := range d.sums {
		d.sums[i] += o.sums[i]
	}
}

// moved is the mean delay as a share of a bin.
func (d *delay) moved(bin int) float64 {
	return float64(d.sums[bin]) / (float64(max(d.requests, 1)) * float64(movedBins()[bin]))
}

// lagLimit is how long the 99th percentile of lag may be, and why it is that long.
func (e *Evidence) lagLimit() (limit time.Duration, why string) {
	limit, why = LimitLagFloor, ""
	if !e.answered() {
		limit, why = LimitLagUnanswered, " where nothing is answered"
	}
	if gap := min(time.Duration(float64(e.Planned)*LimitLagShare/float64(max(e.Ledger.Scheduled(), 1))), LimitLagGap); gap > limit {
		limit, why = gap, " where one request follows another every "+wording.Duration(e.Planned/time.Duration(max(e.Ledger.Scheduled(), 1)))
	}
	if of := time.Duration(float64(e.Latency.P99) * LimitLagShare); e.answered() && of > limit {
		limit, why = of, ", a tenth of latency's"
	}
	return limit, why
}

// lagged says whether the 99th percentile of lag is beyond its limit.
func (e *Evidence) lagged() bool {
	limit, _ := e.lagLimit()
	return e.Lag.P99 > limit
}

func judgeLag(e *Evidence) (Limit, bool) {
	limit, why := e.lagLimit()
	of := ""
	if e.answered() {
		of = fmt.Sprintf(", and latency's 99th percentile is %s", wording.Duration(e.Latency.P99))
	}
	c := e.cause()
	return Limit{
		What: "lag", Amount: round(e.Lag.P99), Whose: c.whose, Cause: c.brief,
		Text: fmt.Sprintf("1 request in 100 left %s or more after its time (worst %s%s; allowed %s%s): %s.",
			wording.Duration(e.Lag.P99), wording.Duration(e.Lag.Max), of, wording.Duration(limit), why, c.text),
	}, e.lagged()
}

// judgeMoved says whether lag moved the curve. Of one kind alone, or of some where all together are within the limit, it names them.
func judgeMoved(e *Evidence) (Limit, bool) {
	short, kinds := movedBeyond(e.Moved, &e.Ledger, e.MovedKinds)
	share, what := e.Moved, "requests"
	scheduled := sent(e.Ledger.Tally)
	if len(kinds) == 1 || !short && len(kinds) > 0 {
		worth := 0.0
		scheduled = 0
		for _, name := range kinds {
			n := sent(e.Ledger.Kinds[name])
			scheduled, worth = scheduled+n, worth+e.MovedKinds[name]*float64(n)
		}
		share = worth / float64(max(scheduled, 1))
		what = "requests of kind " + kinds[0]
		if len(kinds) > 1 {
			what = "requests of the kinds " + strings.Join(kinds, ", ")
		}
	}
	c := e.cause()
	return Limit{
		What: "moved", Amount: percent(share), Whose: c.whose, Cause: c.brief,
		Text: fmt.Sprintf("lag moved the curve of %s %s by %s (the mean lag as a share of %s; allowed %s), so that the curve that arrived is not the one recorded: %s.",
			wording.Number(scheduled), what, wording.Percent(share), wording.Duration(e.MovedBin), wording.Percent(LimitMoved), c.text),
	}, short || len(kinds) > 0
}

// movedBeyond says whether the curve of all requests moved by more than is allowed, and of which kinds, in order of their names.
func movedBeyond(moved float64, l *replay.Ledger, byKind map[string]float64) (short bool, kinds []string) {
	for _, name := range slices.Sorted(maps.Keys(byKind)) {
		if share := byKind[name]; share > LimitMoved && share*float64(sent(l.Kinds[name])) > LimitMovedFloor {
			kinds = append(kinds, name)
		}
	}
	return moved > LimitMoved, kinds
}

// sent counts the requests that were sent.
func sent(t replay.Tally) int64 { return t.OK + t.Failed }

// percent writes a share as amounts are in JSON.
func percent(share float64) string { return wording.Plain(share*100, 3) + "%" }

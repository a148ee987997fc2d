package results

import (
	"fmt"
	"time"

	"reprise/replay"
)

// Evidence is what a verdict is made from.
type Evidence struct {
	State             replay.EndState
	Ledger            replay.Tally
	Planned, Achieved time.Duration
	LagP99, LagMax    time.Duration
	// Moved counts the requests that left in another second than they were meant to.
	Moved  int64
	Errors map[replay.Reason]int64
	Stats  replay.Stats
}

// The thresholds of the verdict: a run within all of them is faithful.
const (
	// LimitLag bounds the 99th percentile of lag.
	LimitLag = 5 * time.Millisecond
	// LimitStretch bounds the difference between achieved and planned duration as a share of the plan, and
	// LimitStretchFloor is the difference that is always allowed.
	LimitStretch      = 0.01
	LimitStretchFloor = 50 * time.Millisecond
	// LimitMoved bounds the share of requests that leave in another second than planned; LimitMovedFloor of them may always.
	LimitMoved      = 0.02
	LimitMovedFloor = 10
	// LimitArrival bounds the share of requests that never reached the target: no connection, no TLS session, or this
	// machine's own limits. Answers that are late, broken or errors leave a run faithful: the target was offered the load.
	LimitArrival = 0.01
)

// Judge says whether the target was offered the planned schedule, and if not what fell short and whose it was.
func Judge(e Evidence) Verdict {
	v := Verdict{Limits: []Limit{}}
	add := func(l Limit, short bool) {
		if short {
			v.Limits = append(v.Limits, l)
		}
	}
	add(judgeLag(e))
	add(judgeDuration(e))
	add(judgeCurve(e))
	add(judgeShed(e))
	add(judgeUnsent(e))
	add(judgeArrival(e))
	v.Faithful = len(v.Limits) == 0
	return v
}

// late says who held the schedule up, and how that shows.
func (e Evidence) late() (Owner, string) {
	if e.Stats.AtCap > 0 && e.Stats.AtCap*100 >= e.Ledger.Scheduled() {
		return Target, fmt.Sprintf("%d requests found all %d in-flight slots waiting for answers: the target answers too slowly for this rate, or --max-in-flight is too small",
			e.Stats.AtCap, e.Stats.MaxInFlight)
	}
	if e.Stats.LateRender*100 > e.Ledger.Scheduled() {
		return Tool, fmt.Sprintf("%d requests were not prepared in time: this machine is too slow for the rate, or another program had its CPU", e.Stats.LateRender)
	}
	return Tool, "this machine did not keep up: give it more CPU, or ask for a lower rate"
}

func judgeLag(e Evidence) (Limit, bool) {
	whose, why := e.late()
	return Limit{
		What: "lag", Amount: round(e.LagP99), Whose: whose,
		Text: fmt.Sprintf("1 request in 100 left %s or more after its time (worst %s; allowed %s); %s.", round(e.LagP99), round(e.LagMax), LimitLag, why),
	}, e.LagP99 > LimitLag
}

func judgeDuration(e Evidence) (Limit, bool) {
	off := e.Achieved - e.Planned
	allowed := max(time.Duration(float64(e.Planned)*LimitStretch), LimitStretchFloor)
	whose, why := e.late()
	return Limit{
		What: "duration", Amount: round(off), Whose: whose,
		Text: fmt.Sprintf("sending took %s where %s were planned; %s.", round(e.Achieved), round(e.Planned), why),
	}, e.Ledger.Unsent+e.Ledger.Shed == 0 && (off > allowed || off < -allowed)
}

func judgeCurve(e Evidence) (Limit, bool) {
	whose, why := e.late()
	return Limit{
		What: "curve", Amount: fmt.Sprintf("%d requests", e.Moved), Whose: whose,
		Text: fmt.Sprintf("%d of %d requests left in another second than planned: the curve that arrived is not the one recorded; %s.", e.Moved, e.Ledger.Scheduled(), why),
	}, e.Ledger.Unsent+e.Ledger.Shed == 0 && e.Moved > max(int64(float64(e.Ledger.Scheduled())*LimitMoved), LimitMovedFloor)
}

func judgeShed(e Evidence) (Limit, bool) {
	return Limit{
		What: "shed", Amount: fmt.Sprintf("%d requests", e.Ledger.Shed), Whose: Target,
		Text: fmt.Sprintf("%d requests were dropped because all %d in-flight slots were waiting for answers, as --late drop asks.", e.Ledger.Shed, e.Stats.MaxInFlight),
	}, e.Ledger.Shed > 0
}

func judgeUnsent(e Evidence) (Limit, bool) {
	l := Limit{What: "unsent", Amount: fmt.Sprintf("%d requests", e.Ledger.Unsent), Whose: Tool}
	switch e.State {
	case replay.Interrupted:
		l.Text = fmt.Sprintf("the run was stopped by hand with %d requests still to send.", e.Ledger.Unsent)
		return l, true
	case replay.Aborted:
		l.Text = fmt.Sprintf("the run gave up with %d requests still to send.", e.Ledger.Unsent)
		if e.Ledger.Failed > e.Ledger.OK {
			l.Whose = Target
			l.Text = fmt.Sprintf("the run gave up with %d requests still to send: too many of those before had failed (--abort-on).", e.Ledger.Unsent)
		}
		return l, true
	}
	l.Text = fmt.Sprintf("%d requests were never sent: the run ended without a word.", e.Ledger.Unsent)
	return l, e.Ledger.Unsent > 0
}

func judgeArrival(e Evidence) (Limit, bool) {
	local := e.Errors[replay.ReasonLocal]
	refused := e.Errors[replay.ReasonConnect] + e.Errors[replay.ReasonTLS]
	n := local + refused
	l := Limit{What: "arrival", Amount: fmt.Sprintf("%d requests", n), Whose: Network}
	switch {
	case local >= refused:
		l.Whose = Tool
		l.Text = fmt.Sprintf("%d requests could not be sent for want of ports or file descriptors on this machine: raise its limits, or use more --connections.", local)
	case e.Errors[replay.ReasonTLS] > e.Errors[replay.ReasonConnect]:
		l.Whose = Target
		l.Text = fmt.Sprintf("%d requests found no TLS session with the target: see --cacert and the target's certificate.", refused)
	default:
		l.Text = fmt.Sprintf("%d requests found no connection: the target, or the way to it, refused or dropped them.", refused)
	}
	return l, float64(n) > LimitArrival*float64(e.Ledger.Scheduled())
}

// round makes a duration readable: three significant digits or so.
func round(d time.Duration) string {
	for _, unit := range []time.Duration{time.Minute, time.Second, time.Millisecond, time.Microsecond} {
		if d >= 10*unit || -d >= 10*unit {
			return d.Round(unit / 10).String()
		}
		if d >= unit || -d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

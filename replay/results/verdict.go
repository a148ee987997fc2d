package results

import (
	"fmt"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// Evidence is what a verdict is made from.
type Evidence struct {
	State             replay.EndState
	Ledger            replay.Ledger
	Planned, Achieved time.Duration
	// Peak is the planned rate of the busiest second.
	Peak                  float64
	Lag, Latency, Service Quantiles
	// Moved, MovedBin and MovedKinds, by name, are Summary.Moved, Summary.MovedBin and KindSummary.Moved.
	Moved      float64
	MovedBin   time.Duration
	MovedKinds map[string]float64
	// Status and Errors are those of the summary.
	Status, Errors map[string]int64
	RetryAfter     *RetryAfter
	// GaveUpAfter is the shortest time after which an answer was given up on; 0 where none was.
	GaveUpAfter time.Duration
	// Quiet is the first quarter of the run and Busy its busiest or slowest part; P99 is 0 where that cannot be told.
	Quiet, Busy Stretch
	Stats       replay.Stats
	// Stopped is the condition that ended the run, nil where none did.
	Stopped *replay.Broken
}

// The thresholds of the verdict, beside those of lag: a run within all of them is faithful.
const (
	// LimitStretch bounds the difference between achieved and planned duration as a share of the plan, and
	// LimitStretchFloor is the difference that is always allowed.
	LimitStretch      = 0.01
	LimitStretchFloor = 50 * time.Millisecond
	// LimitArrival bounds the share of requests that never reached the target: no connection, no TLS session, or this
	// machine's own limits.
	LimitArrival = 0.01
)

// Judge says whether the target was offered the planned schedule, and if not what fell short and whose it was. Answers
// that are late, broken or errors leave a run faithful, as the target was offered the load; where they hurt more than 1
// request in 100 they are among the limits all the same, as the target's, and always among the bottlenecks.
//
// What the tool did is never charged to the target: a limit is the target's only where nothing on this side explains it.
func Judge(e Evidence) Verdict {
	v := Verdict{Limits: []Limit{}, Bottlenecks: []Limit{}, Disturbed: e.disturbed()}
	add := func(l Limit, short bool) {
		if short {
			v.Limits = append(v.Limits, l)
		}
	}
	add(judgeLag(&e))
	add(judgeDuration(&e))
	add(judgeMoved(&e))
	add(judgeShed(&e))
	add(judgeUnsent(&e))
	add(judgeUnsigned(&e))
	add(judgeChanged(&e))
	add(judgeAsleep(&e))
	v.Limits = append(v.Limits, judgeArrival(&e)...)
	v.Faithful = len(v.Limits) == 0
	for _, l := range v.Limits {
		if l.Whose == Target {
			v.Bottlenecks = append(v.Bottlenecks, l)
		}
	}
	for _, f := range answerLimits(&e) {
		if f.hurts && f.Whose != Network {
			v.Limits = append(v.Limits, f.Limit)
		}
		if f.Whose == Target {
			v.Bottlenecks = append(v.Bottlenecks, f.Limit)
		}
	}
	return v
}

func judgeDuration(e *Evidence) (Limit, bool) {
	off := e.Achieved - e.Planned
	allowed := max(time.Duration(float64(e.Planned)*LimitStretch), LimitStretchFloor)
	c := e.cause()
	if e.thought(off) {
		c = e.thinking()
	}
	return Limit{
		What: "duration", Amount: round(off), Whose: c.whose, Cause: c.brief,
		Text: fmt.Sprintf("sending took %s where %s were planned: %s.", wording.Duration(e.Achieved), wording.Duration(e.Planned), c.text),
	}, e.whole() && !e.changed() && (off > allowed || off < -allowed)
}

// whole says whether every request of the plan was sent.
func (e *Evidence) whole() bool {
	return e.Ledger.Unsent+e.Ledger.Shed+e.errors(replay.ReasonUnsigned) == 0
}

func judgeShed(e *Evidence) (Limit, bool) {
	c, ok := e.machine()
	if !ok {
		c = e.atCap()
	}
	return Limit{
		What: "shed", Amount: amount(e.Ledger.Shed), Whose: c.whose,
		Text: fmt.Sprintf("%s not sent because all %d in-flight slots were taken, as --late drop asks: %s.", were(e.Ledger.Shed, "request"), e.Stats.MaxInFlight, c.text),
	}, e.Ledger.Shed > 0
}

func judgeUnsent(e *Evidence) (Limit, bool) {
	n := e.Ledger.Unsent
	l := Limit{What: "unsent", Amount: amount(n), Whose: Tool}
	switch {
	case e.State == replay.Interrupted:
		l.Whose, l.Cause = Hand, "stopped by hand"
		l.Text = fmt.Sprintf("the run was stopped by hand with %s still to send.", requests(n))
		return l, true
	case e.State == replay.Aborted && e.Stopped != nil:
		l.Whose = e.stoppedBy()
		l.Text = fmt.Sprintf("the run gave up with %s still to send: %s (--stop-on).", requests(n), e.Stopped.Text)
		if own := e.Stopped.Tool; own != "" {
			l.Text = strings.TrimSuffix(l.Text, ".") + ", but " + own + "."
		}
		return l, true
	case e.State == replay.Aborted && e.Ledger.Failed > e.Ledger.OK: // of a file whose program did not say why
		l.Whose = e.failures()
		l.Text = fmt.Sprintf("the run gave up with %s still to send: too many of those before had failed (--stop-on).", requests(n))
		return l, true
	case e.State == replay.Aborted:
		l.Text = fmt.Sprintf("the run gave up with %s still to send.", requests(n))
		return l, true
	}
	if len(e.Stats.Skips) > 0 || e.Stats.Thinned > 0 {
		l.Whose, l.Cause = Hand, "jumped over, or left out by a lower volume"
		l.Text = fmt.Sprintf("%s never sent: they were jumped over by hand, or left out by a lower volume (%s).", were(n, "request"), wording.Number(e.Stats.Thinned))
		if e.Stats.Thinned == 0 {
			l.Cause = "jumped over"
			l.Text = fmt.Sprintf("%s never sent: they were jumped over by hand.", were(n, "request"))
		}
		return l, n > 0
	}
	l.Text = fmt.Sprintf("%s never sent: the run ended without a word.", were(n, "request"))
	if e.State == "" { // there is no end that says so
		l.Text = fmt.Sprintf("%s without a result: the run has no end, and it is not known which of them were sent.", were(n, "request"))
	}
	return l, n > 0
}

// stoppedBy says whose the condition was that ended the run.
func (e *Evidence) stoppedBy() Owner {
	switch metric, _, _ := strings.Cut(e.Stopped.Condition, "."); {
	case e.Stopped.Tool != "":
		return Tool
	case strings.HasPrefix(metric, "errors"), strings.HasPrefix(metric, "failed"):
		return e.failures()
	case metric == "lag":
		return e.cause().whose
	case e.disturbed():
		return Tool
	}
	return Target
}

func judgeUnsigned(e *Evidence) (Limit, bool) {
	n := e.errors(replay.ReasonUnsigned)
	return Limit{
		What: "unsigned", Amount: amount(n), Whose: Tool,
		Text: fmt.Sprintf("%s not sent, as the vendor's scheme does not sign such requests: leave them out (--vendors, --kinds, --path), or play without --sign for that vendor.", were(n, "request")),
	}, n > 0
}

// changed says whether somebody took a hand in the run while it was going.
func (e *Evidence) changed() bool { return e.Stats.Paused > 0 || len(e.Stats.Changes) > 0 }

func judgeChanged(e *Evidence) (Limit, bool) {
	n := len(e.Stats.Changes)
	l := Limit{What: "changed", Amount: fmt.Sprintf("%d changes", n), Whose: Hand}
	if n == 1 {
		l.Amount = "1 change"
	}
	l.Text = fmt.Sprintf("the run was changed by hand %d times while it was going (paused for %s in all): it did not follow the plan.", n, wording.Duration(e.Stats.Paused))
	return l, e.changed()
}

// judgeAsleep tells of a machine that slept: the schedule stood still with its clock, and so no lag tells of it.
func judgeAsleep(e *Evidence) (Limit, bool) {
	a := e.Stats.Asleep
	return Limit{
		What: "asleep", Amount: wording.Duration(a.Total), Whose: Tool,
		Text: fmt.Sprintf("this machine slept for %s from %s on, and the schedule stood still: the target saw a gap that was not recorded; "+
			"keep the machine awake (systemd-inhibit, caffeinate).", wording.Duration(a.Total), wording.Duration(a.At)),
	}, a.Total > 0
}

// judgeArrival tells apart why requests never reached the target.
func judgeArrival(e *Evidence) []Limit {
	local, tls := e.errors(replay.ReasonLocal), e.class(replay.ClassTLS)
	way, unpaid := e.class(replay.ClassProxy), e.Status["407"]
	refused := e.class(replay.ClassConnect)
	all := local + tls + refused + way + unpaid
	if float64(all) <= LimitArrival*float64(e.Ledger.Scheduled()) {
		return nil
	}
	var list []Limit
	add := func(n int64, whose Owner, text string) {
		if n*4 >= all {
			list = append(list, Limit{What: "arrival", Amount: amount(n), Whose: whose, Text: fmt.Sprintf("%s %s.", requests(n), text)})
		}
	}
	add(local, Tool, "could not be sent for want of ports, file descriptors or memory on this machine: raise its limits (ulimit -n, "+
		"net.ipv4.ip_local_port_range), or use more --connections, which are kept")
	add(tls, Target, "found no TLS session with the target: see --cacert and the target's certificate, and --cert where it demands one")
	add(way, Network, "got no further than the proxy, which could not be reached or did not open the way to the target: see --proxy and --allow-host")
	add(unpaid, Network, "were answered with 407, by a proxy that wants credentials: see --proxy-auth")
	if e.answered() {
		add(refused, Target, "found no connection: the target, which answered others, refused them or did not take them in time")
	} else {
		add(refused, Network, "found no connection, and no other was ever answered: the target is not running, or the way to it is closed")
	}
	return list
}

// answered says whether the target ever answered.
func (e *Evidence) answered() bool { return len(e.Status) > 0 }

// amount counts requests as Limit.Amount has it, which programs read: without commas.
func amount(n int64) string { return strings.ReplaceAll(requests(n), ",", "") }

// requests counts requests in words.
func requests(n int64) string {
	if n == 1 {
		return "1 request"
	}
	return wording.Number(n) + " requests"
}

// were is "1 answer was" or "3 answers were".
func were(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%s %ss were", wording.Number(n), noun)
}

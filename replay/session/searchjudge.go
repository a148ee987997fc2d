package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// judge says what became of a step.
func (x *search) judge(p *playedStep, err error) results.CapacityStep {
	sum := p.sums.Summary(&p.end)
	t := p.end.Ledger.Tally
	length := x.Session.o.Shape.Search.Every
	step := results.CapacityStep{
		Number: p.number, TimeScale: p.tempo, Start: p.offset, Duration: p.took, Held: err == nil, Again: p.again,
		Planned: p.plan.Requests(), OK: t.OK, Failed: t.Failed, Shed: t.Shed, Unsent: p.plan.Requests() - t.OK - t.Failed - t.Shed,
		Latency: sum.Latency, Lag: sum.Lag,
	}
	if b := p.end.Stopped; b != nil {
		step.Broke, step.Value, length = b.Condition, b.Value, 0
	}
	step.Mean, step.Peak = p.load.Mean(length), p.load.Peak(length)
	if why := x.toolLate(&sum, p); why != "" {
		step.NotJudged, step.Held = why, false
		x.spoiled++
		return step
	}
	x.spoiled = 0
	if x.refused = refusedBy(&step, &sum); step.Held && x.refused.most != "" {
		step.Held, step.Broke = false, "nearly all answers were failures"
		step.Value = fmt.Sprintf("%d of %d, mostly %s", step.Failed, step.OK+step.Failed, x.refused.most)
	}
	if last, bad := p.load.LastFailed(); step.Held && last >= fewestLast && float64(last-bad) < fewestGood*float64(last) {
		step.Held, step.Broke = false, "nearly all of its last answers were failures"
		step.Value, x.refused.late = fmt.Sprintf("%d of the last %d", bad, last), true
	}
	if step.Broke != "" {
		good, stood := p.load.Served()
		x.good, x.stood = x.good+good, x.stood+stood
	}
	return step
}

// toolLate says how the tool spoiled a step, "" where it did not. A step that held, or that broke by its answers, is spoiled only where
// another curve than the planned one was sent. One that broke by times did so without what the tool was late by: it is spoiled only where so many
// requests left late that this may be what broke it. One that ended with nothing but a condition met by the tool's lateness tells nothing.
func (x *search) toolLate(s *results.Summary, p *playedStep) string {
	broke := p.end.Stopped
	if broke == nil {
		broke = p.doubt
	}
	if broke != nil && broke.Tool != "" {
		return fmt.Sprintf("%s was met (it was %s), but %s.", broke.Condition, broke.Value, broke.Tool)
	}
	timed := broke != nil && x.timed(broke.Condition)
	for _, l := range s.Verdict.Limits {
		switch {
		case l.Whose != results.Tool:
		case l.What == "moved" && !timed, l.What == "shed", l.What == "lag" && timed:
			if broke != nil {
				return fmt.Sprintf("%s was met (it was %s), but %s", broke.Condition, broke.Value, l.Text)
			}
			return l.Text
		}
	}
	return ""
}

const (
	// fewestGood is the share of good answers below which no step holds, whatever its conditions are: of all requests, and of the last ones.
	fewestGood = 0.1
	// fewestLast is how many last requests tell of a target that died.
	fewestLast = 3
)

// timed says whether a condition is about how long requests take or wait.
func (x *search) timed(condition string) bool {
	for _, c := range x.Session.o.StopOn {
		if c.String() == condition {
			return c.Timed()
		}
	}
	return true
}

// clear waits until what a step left behind is gone, and says how the search ends where it is not.
func (x *search) clear(ctx context.Context, p *playedStep, said results.CapacityStep) (results.SearchEnd, error) {
	if b := p.end.Stopped; b != nil && p.took-b.At >= clearing {
		x.found.Says = fmt.Sprintf("%s after the step at time-scale %s had been ended, requests were still not answered.", wording.Duration(clearing), factor(p.tempo))
		return results.SearchBacklog, &SearchError{results.SearchBacklog}
	}
	left, ok := leftBehind(p)
	if !ok {
		x.found.Says = fmt.Sprintf("%s of the step at time-scale %s were given up on, and at the rate of its answers the target is busy with them for more than %s.",
			wording.Count(p.load.GaveUp, "request"), factor(p.tempo), wording.Duration(clearing))
		return results.SearchBacklog, &SearchError{results.SearchBacklog}
	}
	if err := wait(ctx, left); err != nil {
		return ended(ctx, err)
	}
	for end := time.Now().Add(clearing); ; {
		_, err := x.engine.Warm(ctx)
		if err == nil {
			return "", nil
		}
		if ctx.Err() == nil && time.Now().After(end) {
			x.found.Says = fmt.Sprintf("The target could not be reached any more after the step at time-scale %s.", factor(p.tempo))
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return ended(ctx, reachError(err))
		}
		if err := wait(ctx, time.Second); err != nil {
			return ended(ctx, err)
		}
	}
}

// leftBehind is how long the target may still be busy with requests that were given up on: at the rate at which it answered while a
// backlog stood. ok is false where that is too long to wait.
func leftBehind(p *playedStep) (wait time.Duration, ok bool) {
	if p.load.GaveUp == 0 {
		return 0, true
	}
	good, stood := p.load.Served()
	if good == 0 {
		return 0, false
	}
	left := float64(p.load.GaveUp) * stood.Seconds() / float64(good)
	return time.Duration(left * float64(time.Second)), left <= clearing.Seconds()
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tell fills in what was found.
func (x *search) tell(ended results.SearchEnd) {
	c := &x.found
	c.Ended, c.Tempo, c.Interval = ended, x.next.Low(), [2]float64{x.next.Low(), x.next.High()}
	var broke *results.CapacityStep
	for i := range c.Steps {
		s := &c.Steps[i]
		switch {
		case s.Held && s.TimeScale == c.Tempo:
			c.HeldMean, c.HeldPeak = s.Mean, s.Peak
		case s.Broke != "" && s.NotJudged == "" && s.TimeScale == x.next.High():
			broke = s
		}
	}
	at := ""
	if broke != nil {
		c.Broke = broke.Broke
		at = fmt.Sprintf("time-scale %s breaks (%s: it was %s)", factor(broke.TimeScale), broke.Broke, broke.Value)
	}
	if x.stood > 0 {
		c.Served = float64(x.good) / x.stood.Seconds()
	}
	if ended == results.SearchInterrupted {
		x.end.State = replay.Interrupted
	}
	failed, advice := x.failing()
	c.Says = strings.TrimSpace(strings.TrimSpace(failed+" "+x.says(ended, at)) + " " + x.upTo(ended, at))
	if advice != "" && c.Advice != "" {
		advice += "; "
	}
	c.Advice = advice + c.Advice
}

// says tells how the search ended; at says where it breaks.
func (x *search) says(ended results.SearchEnd, at string) string {
	c := &x.found
	switch ended {
	case results.SearchFound:
		by := "time-scale"
		if c.HeldFailing() != nil {
			by = "By these conditions time-scale"
		}
		return fmt.Sprintf("%s %s holds, %s/s on average and %s/s in the busiest 10 s; %s.", by, factor(c.Tempo), wording.Plain(c.HeldMean, 4), wording.Plain(c.HeldPeak, 4), at)
	case results.SearchFirstBroke:
		return fmt.Sprintf("The first step broke already: %s. %s", at, x.advice())
	case results.SearchUnsettled:
		return fmt.Sprintf("No tempo held twice: %d times one that had held broke when it was played once more. The target holds less than it did: longer steps tell more, and so does a look for what grows in it.",
			x.next.Lost())
	case results.SearchUnbroken:
		if c.Says != "" {
			return c.Says
		}
		return "Nothing broke up to the highest tempo that there is."
	case results.SearchUnfinished:
		return "The search has no end: it was killed, or the file is cut short."
	case results.SearchInterrupted:
		return fmt.Sprintf("The search was stopped in step %d.", max(len(c.Steps), 1))
	case results.SearchFailed:
		return strings.TrimSpace("The search broke off. " + c.Says)
	}
	return c.Says
}

// upTo tells what is known so far where there is no answer.
func (x *search) upTo(ended results.SearchEnd, at string) string {
	low := x.found.Tempo
	switch {
	case ended == results.SearchFound || ended == results.SearchFirstBroke:
		return ""
	case low == 0 && at == "":
		return "Nothing is known of the target yet."
	case low == 0:
		return fmt.Sprintf("So far %s.", at)
	case at == "" && x.found.HeldFailing() != nil:
		return fmt.Sprintf("So far time-scale %s held by these conditions, %s/s sent on average: what the target can do is not known.", factor(low), wording.Plain(x.found.HeldMean, 4))
	case at == "":
		return fmt.Sprintf("So far time-scale %s held, %s/s on average: the target can do that at least.", factor(low), wording.Plain(x.found.HeldMean, 4))
	}
	return fmt.Sprintf("So far time-scale %s held, %s/s on average, and %s.", factor(low), wording.Plain(x.found.HeldMean, 4), at)
}

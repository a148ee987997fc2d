package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// ErrNoCondition: a search is told by StopOn when a step breaks.
var ErrNoCondition = errors.New("a search needs a condition of its own that says when a step breaks, such as 'p99>500ms/10s'")

// checkSearch refuses what a search cannot be combined with; given are the conditions that the caller gave.
func (o *Options) checkSearch(given []results.StopCondition) error {
	if o.Shape.Search == nil {
		return nil
	}
	every := o.Shape.Search.Every
	if len(given) == 0 {
		return o.bad("StopOn", ErrNoCondition)
	}
	for _, c := range given {
		if c.OfLag() {
			return o.bad("StopOn", fmt.Errorf("condition %q is about how late the tool itself sends: a search would find what the tool can do, and not the target", c.String()))
		}
		if c.MetByGood() {
			return o.bad("StopOn", fmt.Errorf("condition %q is met while all is well: every step would break by it", c.String()))
		}
		if every > 0 && c.Window >= every {
			return o.bad("StopOn", fmt.Errorf("condition %q looks back %v, and a step of the search lasts %v: it could never be met", c.String(), c.Window, every))
		}
	}
	for _, v := range []struct {
		option string
		set    bool
		why    string
	}{
		{"Resume", o.Resume != "", "a search is not gone on with: begin it anew, with the tempo that held as the first"},
		{"Loops", o.Loops > 1, "a search repeats the recording itself where a step is longer"},
		{"Limit", o.Limit > 0 && every > 0, "a step of a search ends after its time"},
		{"MaxRate", o.MaxRate > 0 || o.Shape.Cap > 0, "a search would find the cap in place of the target's capacity"},
		{"Outages", len(o.Outages) > 0, "a search plays each step as it was recorded"},
		{"Ramp", o.Ramp > 0, "a step of a search has one tempo"},
		{"Retries", o.Retries == RetriesVendor, "a vendor's retries come long after the step of a search is over"},
		{"Share", o.Share.Of > 1, "a search is played by one machine"},
		{"Start", !o.Start.IsZero(), "a search begins at once"},
		{"Shape", len(o.Shape.Steps) > 0, "a search is the only step"},
	} {
		if v.set {
			return o.bad(v.option, errors.New(v.why))
		}
	}
	return nil
}

// planSearch plans the first step of a search.
func (s *Session) planSearch(ctx context.Context) (err error) {
	if s.o.Shape.Search == nil {
		return nil
	}
	if s.tooFast(s.o.TimeScale) {
		return s.o.bad("TimeScale", fmt.Errorf("the first step of the search would have more than %s requests a second, which one machine does not send: begin lower", wording.Number(mostSearched)))
	}
	if s.plan.first, _, err = s.planStep(ctx, s.o.TimeScale); err != nil {
		return err
	}
	if s.tooShort(s.plan.first) {
		return s.o.bad("StopOn", fmt.Errorf("a pass at time-scale %s takes %v, and no condition looks back so little: none could be met",
			factor(s.o.TimeScale), s.plan.first.Duration.Round(time.Millisecond)))
	}
	return nil
}

// mostSearched is how many requests a second a step of a search has at most: no machine sends more, and they would have to be counted.
const mostSearched = 200_000

// tooFast says that a step of a length would have more requests than could be sent.
func (s *Session) tooFast(tempo float64) bool {
	n, recorded := float64(s.plan.Requests()), s.plan.Duration.Seconds()*s.o.TimeScale
	return s.o.Shape.Search.Every > 0 && n > 1 && recorded > 0 && n/recorded*tempo > mostSearched
}

// headerPlan is the plan that the run file has: none of a search, whose steps follow from its answers.
func (s *Session) headerPlan() *replay.Plan {
	if s.o.Shape.Search != nil {
		return nil
	}
	return s.plan.Plan
}

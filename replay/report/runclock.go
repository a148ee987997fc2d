package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// rampKnots is into how many even pieces a ramp is cut.
const rampKnots = 8

// runClock says which moment of the recording a second of a run is; nil where that is not known: where the plan does not say it, and
// where the tempo was changed by hand, and of a search, which plays the same again and again.
func runClock(r *results.Run) *clock {
	p := r.Header.Plan
	if p == nil || r.Summary.Capacity != nil || r.Footer != nil && slices.ContainsFunc(r.Footer.Stats.Changes, movesClock) {
		return nil
	}
	c := clockOf(compare.RecordedOf(p, r.Header.Settings["time-scale"]))
	switch {
	case len(p.Steps) > 0:
		c = stepsClock(p.Steps)
	case c == nil && len(p.Outages) > 0:
		c = outageClock(p, r.Header.Settings["time-scale"])
	}
	if c != nil {
		c.inZone(r.Header.Settings["tz"])
	}
	return c
}

// outageClock is the clock of a run that plays an outage of the vendor: what was held back is sent beside the rest, and the rest keeps its
// moments, also where the queue lasts longer than the recording. It is nil where the first outage does not end when that tempo says.
func outageClock(p *replay.Plan, timeScale string) *clock {
	scale, err := strconv.ParseFloat(timeScale, 64)
	if err != nil || !(scale > 0) || p.First.IsZero() {
		return nil
	}
	o := &p.Outages[0]
	const even = 0.01
	want := float64(o.To.Sub(p.First)) / scale
	if math.Abs(want-float64(o.Start)) > max(even*want, float64(time.Second)) {
		return nil
	}
	return &clock{First: p.First.UnixMilli(), Scale: scale}
}

// movesClock says whether a change moves what comes after it: all do but one of the volume.
func movesClock(c replay.Change) bool { return !strings.HasPrefix(c.What, "volume") }

// inZone writes moments in the zone in which the user wrote them, else in UTC, as a corpus has them.
func (c *clock) inZone(name string) {
	c.Zone, c.Offset = "UTC", 0
	zone, err := time.LoadLocation(name)
	if name == "" || err != nil {
		return
	}
	abbreviated, seconds := c.at(0).In(zone).Zone() // of the first moment: a run over a change of the clocks keeps it
	c.Zone, c.Offset = abbreviated, seconds/60
}

// stepsClock is the clock of a shaped run, whose steps each go on where the last ended; nil for a search, whose steps begin again.
func stepsClock(steps []replay.PlannedStep) *clock {
	var knots [][2]float64
	add := func(second, ms float64) bool {
		if n := len(knots); n > 0 && (second <= knots[n-1][0] || ms <= knots[n-1][1]) {
			return second >= knots[n-1][0] && ms >= knots[n-1][1]
		}
		knots = append(knots, [2]float64{second, ms})
		return true
	}
	for i := range steps {
		s := &steps[i]
		if s.First.IsZero() || s.Duration <= 0 {
			continue
		}
		from, span := float64(s.First.UnixNano())/1e6, float64(s.Last.Sub(s.First))/1e6
		for k := range rampKnots + 1 {
			part := float64(k) / rampKnots
			if !add(s.Start.Seconds()+part*s.Duration.Seconds(), from+span*played(s.TimeScale, part)) {
				return nil
			}
		}
	}
	if len(knots) < 2 {
		return nil
	}
	first, last := knots[0], knots[len(knots)-1]
	return &clock{First: int64(math.Round(first[1])), Scale: (last[1] - first[1]) / 1000 / (last[0] - first[0]), Knots: knots}
}

// played is which part of a step's recording has been played after a part of its time, where the tempo goes evenly from one to another.
func played(scale [2]float64, part float64) float64 {
	all := (scale[0] + scale[1]) / 2
	if !(all > 0) {
		return part
	}
	return (scale[0]*part + (scale[1]-scale[0])*part*part/2) / all
}

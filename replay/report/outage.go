package report

import (
	"cmp"
	"fmt"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// outageText tells an outage of the vendor as it was planned.
func outageText(o *replay.PlannedOutage) string {
	order := "in order"
	switch {
	case o.Order == "shuffled" && o.Within > 0:
		order = fmt.Sprintf("shuffled, each drawn from at least %s as memory does not hold the whole queue", count(int64(o.Within)))
	case o.Order == "shuffled":
		order = "shuffled"
	}
	held, each := wording.Count(o.Held, "message"), ""
	if o.Loops > 1 {
		held, each = fmt.Sprintf("%s in %d loops (%d in the first)", held, o.Loops, o.First), " in each"
	}
	return fmt.Sprintf("%s to %s holds %s, sent from %s of the run on within %s%s, %s",
		o.From.UTC().Format(time.RFC3339Nano), o.To.UTC().Format(time.RFC3339Nano), held, wording.Duration(o.Start), queueLength(o), each, order)
}

// queueLength is how long a queue is sent and at what rate: "20.0 s (206/s)".
func queueLength(o *replay.PlannedOutage) string {
	if o.Capped > 0 {
		return fmt.Sprintf("%s (%s/s; the cap on the rate makes it longer than the %s asked for)", wording.Duration(o.Capped), wording.Digits(o.Rate), wording.Duration(o.Drain))
	}
	return fmt.Sprintf("%s (%s/s)", wording.Duration(o.Drain), wording.Digits(o.Rate))
}

// briefStorms says what outages held and what idle time was left out.
func briefStorms(p *replay.Plan) (out []string) {
	if p == nil {
		return nil
	}
	if p.Idle > 0 {
		out = append(out, "idle time left out: "+wording.Duration(p.Idle))
	}
	for i := range p.Outages {
		o := &p.Outages[i]
		held := count(o.Held)
		if o.Loops > 1 {
			held = fmt.Sprintf("%s in the first of %d loops", count(o.First), o.Loops)
		}
		out = append(out, fmt.Sprintf("an outage held %s, sent within %s (%s/s)", held, wording.Duration(cmp.Or(o.Capped, o.Drain)), wording.Digits(o.Rate)))
	}
	return out
}

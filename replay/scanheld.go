package replay

import (
	"context"

	"reprise/capture"
	"reprise/replay/pace"
)

// CountHeld reads a source to its end and says how many plays each outage of the options holds, loop by loop, so that their queues can be
// placed: Outages[i].Held.
func CountHeld(ctx context.Context, src capture.Source, o pace.Options, so ScanOptions) ([][]int64, error) {
	schedule, err := pace.New(o)
	if err != nil {
		return nil, err
	}
	held := make([][]int64, len(o.Outages))
	w := walk{src: src, again: so.Again, schedule: schedule, keep: so.Keep, factor: so.Factor}
	w.visit = func(_ *capture.Record, p pace.Play) error {
		if p.Held.Outage == 0 {
			return nil
		}
		loops := &held[p.Held.Outage-1]
		for len(*loops) <= p.Loop {
			*loops = append(*loops, 0)
		}
		(*loops)[p.Loop]++
		return nil
	}
	return held, w.run(ctx)
}

// plannedOutages begins what a plan says of outages.
func plannedOutages(list []pace.Outage) (planned []PlannedOutage) {
	for _, o := range list {
		p := PlannedOutage{Drain: o.Drain, Order: "fifo", Kinds: make(map[string]int64)}
		if o.Shuffled {
			p.Order = "shuffled"
		}
		if len(o.Held) > 0 {
			p.Rate = float64(o.Held[0]) / o.Drain.Seconds()
		}
		if n := len(o.Held); n > 1 {
			p.Loops, p.First = n, o.Held[0]
		}
		planned = append(planned, p)
	}
	return planned
}

// hold counts a play that an outage holds.
func (p *Plan) hold(r *capture.Record, play *pace.Play) {
	if play.Held.Outage == 0 {
		return
	}
	o := &p.Outages[play.Held.Outage-1]
	o.Held++
	o.Kinds[r.Kind.Known().String()]++
	if play.Loop == 0 {
		o.Start = play.Held.To
	}
	o.Capped = max(o.Capped, play.Deadline-play.Held.To)
}

// cappedFrom is how much longer than asked for a queue is sent, as a share of that, so that it is told.
const cappedFrom = 0.01

// capped ends what a plan says of outages: how long a queue takes that the cap on the rate holds back.
func (p *Plan) capped(list []pace.Outage) {
	for i := range p.Outages {
		o := &p.Outages[i]
		if float64(o.Capped) <= (1+cappedFrom)*float64(o.Drain) {
			o.Capped = 0
		} else if held := list[i].Held; len(held) > 0 {
			o.Rate = float64(held[0]) / o.Capped.Seconds()
		}
	}
}

// mixed says how far a shuffled queue was.
func (p *Plan) mixed(h *heldQueue) {
	if h == nil || h.mixer == nil {
		return
	}
	for i := range p.Outages {
		p.Outages[i].Within = h.mixer.within[i]
	}
}

package cause

import (
	"context"
	"slices"
)

// lateShare is the share of requests that were sent late at least, so that the tool's lag is told.
const lateShare = 0.005

// judgeLag tells of the tool's own lag where it is a part of the latency that counts. It needs no proof: the tool measured itself. What it
// goes with is searched as for any other measure.
func (s *search) judgeLag(ctx context.Context, o *outcome) error {
	least := s.lateFrom(o)
	late := make(group, len(o.rows))
	for i, row := range o.rows {
		late[i] = s.table.Lag[row] >= least
	}
	c := cause{outcome: o, in: late}
	if !o.figures(s.table, late, &c.Finding) || c.Share < lateShare || !s.lagCounts(o, late) {
		return nil
	}
	before := len(s.found)
	if err := s.judge(ctx, o); err != nil {
		return err
	}
	if len(s.found) > before {
		s.found = s.found[:before+1] // the same lag again tells nothing new
		return nil
	}
	c.P = leastP
	c.Where = []Condition{{Attribute: ToolLag, From: float64(least.Duration()), To: none()}}
	c.weight = o.weight(s.table, late, &c.Finding)
	s.found = append(s.found, c)
	return nil
}

// lateFrom is the lag from which on a request is late: beside the median of service times, in a round number of the column where there is one.
func (s *search) lateFrom(o *outcome) Micros {
	services := make([]Micros, 0, len(o.rows))
	for _, row := range o.rows {
		if v := s.table.Service[row]; v != NoMicros {
			services = append(services, v)
		}
	}
	slices.Sort(services)
	least := max(floorTime, Micros(floorPart*float64(quantile(services, 0.5))))
	if c := s.table.Column(ToolLag); c != nil {
		for _, e := range c.Edges {
			if m := Micros(e / 1000); m >= least {
				return m
			}
		}
	}
	return least
}

// lagPart is the part of what latency has above its median that lag must be.
const lagPart = 0.1

// lagCounts says whether late sends are a good part of what is slow.
func (s *search) lagCounts(o *outcome, late group) bool {
	t := s.table
	latency := make([]Micros, 0, len(o.rows))
	for _, row := range o.rows {
		if v := t.Service[row]; v != NoMicros {
			latency = append(latency, Micros(min(uint64(v)+uint64(t.Lag[row]), uint64(NoMicros)-1)))
		}
	}
	slices.Sort(latency)
	excess := sumAbove(latency, quantile(latency, 0.5))
	var lag float64
	for i, row := range o.rows {
		if late[i] {
			lag += float64(t.Lag[row])
		}
	}
	return lag >= lagPart*excess
}

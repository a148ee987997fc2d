package cause

import "slices"

const (
	// untoldShare is the share of requests from which on it is said that nothing is told of them.
	untoldShare = 0.01
	// failsMore is how many times as often the requests of a cause fail as the others, so that it may be why they do.
	failsMore = 2
)

// untold counts what nothing is told of but what the tool did: whoever reads of the tool's lag alone takes it for the cause.
func (s *search) untold(judged []outcome) (u Untold) {
	least := int64(max(fewest, int(untoldShare*float64(s.table.Len()))))
	for i := range judged {
		switch o := &judged[i]; o.measure {
		case Failing:
			if !s.toldOf(func(c *cause) bool {
				return c.outcome == o || c.FailedWith >= failsMore*c.FailedWithout && c.FailedWith > 0
			}) {
				for _, failed := range o.score {
					u.Failed += int64(failed)
				}
			}
		case ServiceTime:
			if !s.toldOf(func(c *cause) bool { return c.Measure == ServiceTime }) {
				u.Slow = s.slowBeside(o)
			}
		}
	}
	if u.Failed < least {
		u.Failed = 0
	}
	if u.Slow < least {
		u.Slow = 0
	}
	return u
}

// toldOf says whether a finding that is not the tool's fits.
func (s *search) toldOf(fits func(*cause) bool) bool {
	return slices.ContainsFunc(s.found, func(c cause) bool { return c.Whose != OfTool && fits(&c) })
}

// slowBeside counts requests that are far slower than the middle, and by more than the tool's stops at their ends can explain.
func (s *search) slowBeside(o *outcome) (n int64) {
	values := make([]Micros, 0, len(o.rows))
	for _, row := range o.rows {
		if v := o.value(row); v != NoMicros {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	median := int64(quantile(values, 0.5))
	stood := s.disturbed()
	for _, row := range o.rows {
		v := o.value(row)
		if v == NoMicros || int64(v) < targetTimes*median || float64(int64(v)-median) < o.floor {
			continue
		}
		if _, sure := stood.of(s.table, row); targetTimes*sure <= int64(v)-median {
			n++
		}
	}
	return n
}

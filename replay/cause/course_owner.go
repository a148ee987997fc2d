package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// stalled is the change that some stalls are. Where the tool stood as well, or its machine had no processor for it, they are the tool's; but
// those that the tool's own trouble cannot have made are the target's own all the same.
func (c *course) stalled(found []stall, p float64) change {
	byTool := 0
	for _, s := range found {
		if c.toolStood(s) {
			byTool++
		}
	}
	if 2*byTool < len(found) && !c.table.Tool.starved() {
		return c.changeOf(found, p)
	}
	if own := c.ownStalls(found); own != nil {
		return c.changeOf(own, p)
	}
	ch := c.changeOf(found, p)
	ch.pattern, ch.period, ch.whose, ch.try = ToolStarved, 0, OfTool, OtherMachine
	return ch
}

// changeOf is what some stalls are, whoever's they are.
func (c *course) changeOf(found []stall, p float64) change {
	slices.SortFunc(found, func(a, b stall) int { return cmp.Compare(a.from, b.from) })
	ch := change{pattern: Stall, hit: make([]bool, len(c.rows)), whose: OfTarget, try: SameAgain, p: min(p, 1)}
	for _, s := range found {
		c.hitBy(s, ch.hit)
	}
	ch.span = Span{micros(found[0].from), micros(found[len(found)-1].to)}
	if period, ok := periodOf(found); ok {
		ch.pattern, ch.period = Periodic, micros(int64(period))
	}
	return ch
}

// periodOf is the period at which some stalls come, in order: of the long ones, since short ones come between them by chance; or of all.
func periodOf(found []stall) (period float64, ok bool) {
	for _, list := range [][]stall{longOnes(found), found} {
		ends := make([]float64, len(list))
		for i, s := range list {
			ends[i] = float64(s.to)
		}
		if period, ok = regular(ends, regularWithin(len(ends))); ok {
			return period, true
		}
	}
	return 0, false
}

// longOnes are those of some stalls that are half as long as the longest, or longer, in order.
func longOnes(found []stall) []stall {
	longest := int64(0)
	for _, s := range found {
		longest = max(longest, s.to-s.from)
	}
	long := slices.DeleteFunc(slices.Clone(found), func(s stall) bool { return 2*(s.to-s.from) < longest })
	slices.SortFunc(long, func(a, b stall) int { return cmp.Compare(a.from, b.from) })
	return long
}

// turn is how long in microseconds other processes have a busy machine in turns: a tool that was seen to stand for less was lucky.
const turn = 100_000

// ownStalls are the target's own of some stalls in a run in which the tool stood as well, nil where that cannot be told: two or more that are
// targetTimes as long as the tool ever stood, or long ones that come at a period, of which the tool made two in five at most. What starves a
// tool, or a target beside it, keeps no time.
func (c *course) ownStalls(found []stall) []stall {
	stood := disturbanceOf(c.table)
	limit := targetTimes * max(stood.longest(), turn)
	large := slices.DeleteFunc(slices.Clone(found), func(s stall) bool { return s.to-s.from < limit })
	if len(large) >= 2 {
		return large
	}
	long := longOnes(found)
	own := slices.DeleteFunc(slices.Clone(long), func(s stall) bool { return 2*stood.ends(s.from, s.to) >= s.to-s.from })
	row := inRow(own)
	few := len(row) < 5 // of few, chance makes equal gaps easily
	if 5*len(row) < 3*len(long) || few && !oneLength(row) || len(row) < 4 && len(row) < len(own) {
		return nil
	}
	return row
}

// rowWithin is how far the gaps of a row may be from its period, as a part of it, and rowTries how many stalls are tried at most.
const rowWithin, rowTries = 0.04, 200

// inRow are the most of some stalls that follow each other at one period, at least three, with none left out; nil where there is no such row.
func inRow(list []stall) (best []stall) {
	list = list[:min(len(list), rowTries)]
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			period := float64(list[j].to - list[i].to)
			row := []stall{list[i], list[j]}
			for _, s := range list[j+1:] {
				if math.Abs(float64(s.to-row[len(row)-1].to)-period) <= rowWithin*period {
					row = append(row, s)
				}
			}
			if len(row) >= 3 && len(row) > len(best) {
				best = row
			}
		}
	}
	return best
}

// oneLength says whether stalls are of one length, within a fifth.
func oneLength(list []stall) bool {
	shortest, longest := int64(math.MaxInt64), int64(0)
	for _, s := range list {
		shortest, longest = min(shortest, s.to-s.from), max(longest, s.to-s.from)
	}
	return 5*(longest-shortest) <= longest
}

// starved says whether the tool's machine had no processor for it for a good part of the run: who plays a load from there sees stalls that
// are the machine's, and which may be the target's where it runs there too.
func (t Tool) starved() bool { return 10*t.CPUWait >= t.Elapsed && t.CPUWait > 0 }

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// hitBy marks those who waited in a stall, and those who then wait until what gathered is worked off.
func (c *course) hitBy(s stall, hit []bool) {
	for _, i := range s.waited {
		hit[c.points[i].place] = true
	}
	slow, quick := Micros(min(1.5*c.median, float64(NoMicros))), 0
	for i := c.from(s.to); i < len(c.points) && quick < 3 && c.points[i].start < s.to+(s.to-s.from); i++ {
		if c.points[i].took <= slow {
			quick++
			continue
		}
		quick = 0
		hit[c.points[i].place] = true
	}
}

// toolStood says whether the tool itself stood still for a good part of a stall, so that it says nothing of the target.
func (c *course) toolStood(s stall) bool {
	length, stood := float64(s.to-s.from), 0
	for _, i := range s.waited {
		if c.toolTook(c.rows[c.points[i].place]) >= length/3 {
			stood++
		}
	}
	return 3*stood >= len(s.waited)
}

// toolTook is how long in microseconds the tool was late with a request, or did not run before its answer. A full cap on those in flight
// delays sends as well; it is no stop of the tool.
func (c *course) toolTook(row int32) float64 {
	took := 0.0
	if tool := c.table.Tool; tool.MaxInFlight <= 0 || tool.PeakInFlight < tool.MaxInFlight {
		took = float64(c.table.Lag[row])
	}
	if c.stops != nil {
		took = max(took, c.stops.at(row)/1000)
	}
	return took
}

// at is the lower edge of a row's value, 0 where it is not known.
func (c *Column) at(row int32) float64 {
	code := int(c.Codes[row])
	if code >= len(c.Edges) {
		return 0
	}
	return c.Edges[code]
}

// regular says whether moments in order come at a period: at least three, each a period after the one before, within a part of one. Of five or
// more some gaps may be of several periods, for stalls that met nobody, and one in five may be off; but most are of one: a period by which
// nothing came at most of its moments is none.
func regular(at []float64, within float64) (period float64, ok bool) {
	if len(at) < 3 {
		return 0, false
	}
	gaps := make([]float64, len(at)-1)
	for i := range gaps {
		gaps[i] = at[i+1] - at[i]
	}
	ordered := slices.Sorted(slices.Values(gaps))
	period = ordered[(len(ordered)-1)/2]
	for range 3 { // the estimate gets better with the gaps that it explains
		sum, count := 0.0, 0.0
		for _, g := range gaps {
			n := math.Round(g / period)
			if n >= 1 && math.Abs(g-n*period) <= within*period {
				sum, count = sum+g, count+n
			}
		}
		if count == 0 {
			return 0, false
		}
		period = sum / count
	}
	fits, ones := 0, 0
	var each []float64
	for _, g := range gaps {
		if n := math.Round(g / period); n >= 1 && n <= 4 && math.Abs(g-n*period) <= within*period {
			each = append(each, g/n)
			if fits++; n == 1 {
				ones++
			}
		}
	}
	if len(each) >= 5 { // an end that was met late or early counts in two gaps, and at the ends of the row in one
		slices.Sort(each)
		period = each[len(each)/2]
	}
	if len(at) < 5 {
		return period, ones == len(gaps)
	}
	return period, fits*5 >= len(gaps)*4 && 2*ones > len(gaps)
}

// regularWithin is how far a gap may be from whole periods, as a part of one: of few gaps chance makes equal ones easily.
func regularWithin(moments int) float64 {
	if moments <= 4 {
		return 0.06
	}
	return 0.15
}

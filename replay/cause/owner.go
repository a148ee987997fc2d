package cause

import (
	"math"
	"slices"
	"time"
)

// weight orders findings of all outcomes: the part of all time that would be saved, or of all requests that fail for it.
func (o *outcome) weight(t *Table, in group, f *Finding) float64 {
	if !o.isTime() {
		const failedCounts = 5 // a request that fails is worse than one that is slow
		return failedCounts * f.Share * (f.FailedWith - f.FailedWithout)
	}
	var all float64
	var sum, count [2]float64
	for i, row := range o.rows {
		v := o.value(row)
		if v == NoMicros {
			continue
		}
		all += float64(v)
		if o.measure != CompletionTime && t.Service[row] != NoMicros {
			all += float64(t.Lag[row]) + float64(t.Service[row]) - float64(v) // latency is what both parts are of
			if o.measure == Lag && t.Completion != nil && t.Completion[row] != NoMicros {
				all += max(float64(t.Completion[row])-float64(t.Lag[row])-float64(t.Service[row]), 0) // late sends beside late completions
			}
		}
		sum[side(in[i])] += float64(v)
		count[side(in[i])]++
	}
	saved := sum[1] - count[1]*sum[0]/max(count[0], 1)
	return f.TailExplained * max(saved, 0) / max(all, 1)
}

// own says of each finding what it usually is, whose, and what would tell.
func (s *search) own() {
	faults := faultsOf(s.table)
	for i := range s.found {
		c := &s.found[i]
		if c.Pattern == Unexplained {
			c.Pattern = patternOf(&c.Finding)
		}
		if c.Whose == "" {
			c.Whose = OfTarget
		}
		if c.Whose == OfTarget {
			s.ofTool(c)
		}
		if c.Whose == OfTarget {
			s.queued(c)
		}
		if c.Whose == OfTarget {
			ofTest(s.table, faults, &c.Finding)
		}
		if c.Try == NoExperiment {
			c.Try = experimentOf(&c.Finding)
		}
	}
}

// ofTest says that a finding is the test's own making, where the load is unlike what was recorded in what the finding goes with.
func ofTest(t *Table, faults []fault, f *Finding) {
	for _, x := range faults {
		if x.covers(f.Where) || slices.ContainsFunc(f.Same, x.covers) || x.load(t) && goesWithLoad(f) {
			f.Whose, f.Pattern, f.Try = OfTest, x.pattern, x.try
			return
		}
	}
	if t.Traffic.clockSpoils(f.Measure, f.With.P50-f.Without.P50) {
		f.Whose, f.Pattern, f.Try = OfTest, ClockStepped, SameAgain
	}
}

// mostOfAll is the share of a person from which on how much there is to do is how much that person sends.
const mostOfAll = 0.25

// load says that load as a whole, and what changes with time, shows the fault as well: all is of one person, or of one kind at a time.
func (f fault) load(t *Table) bool {
	return f.pattern == KindsInBatches || f.pattern == TooFewSenders && t.Traffic.TopPerson >= mostOfAll
}

// goesWithLoad says that a finding names no property of a request but how much there was to do, or when.
func goesWithLoad(f *Finding) bool {
	for _, c := range f.Where {
		if !isLoad(c.Attribute) && c.Attribute != RunSecond && c.Attribute != SameRecipientWithin && c.Attribute != NewConnection {
			return false
		}
	}
	return true
}

// capFull says that every in-flight slot was taken, so that requests waited in the tool for a slow target.
func capFull(t *Table) bool {
	return t.Tool.MaxInFlight > 0 && t.Tool.PeakInFlight >= t.Tool.MaxInFlight
}

// toolPart is the part of an effect by which the tool's own lag or stops grow in the same requests, so that the target is not accused unless
// its effect shows where the tool was not disturbed.
const toolPart = 1.0 / targetTimes

// ofTool says that a finding is the tool's own, where its lag or its stops grow together with the effect, or take it away.
func (s *search) ofTool(c *cause) {
	t := s.table
	tool, stopped := c.Measure == Lag, false // stopped says that slots were taken as the tool itself stood still
	for _, w := range c.Where {
		tool = tool || w.Attribute == ToolLag
		stopped = stopped || w.Attribute == ToolStop
	}
	full := capFull(t)
	if named := tool || stopped; c.outcome.isTime() && !named && !s.calm(c) {
		effect := c.rise(c.outcome.value)
		part := func(of func(row int32) Micros) bool {
			v := c.rise(of)
			return v >= float64(floorTime) && v >= toolPart*effect
		}
		tool = tool || !full && part(func(row int32) Micros { return t.Lag[row] })
		if stop := t.Column(ToolStop); stop != nil && !stopped {
			stopped = part(stop.micros)
		}
		stopped = stopped || s.byStops(c)
	}
	switch {
	case stopped:
		c.Whose, c.Pattern, c.Try = OfTool, ToolStarved, OtherMachine
	case tool && full && !s.heldByTool():
		c.Pattern, c.Try = CapFull, HalfRate
	case tool:
		c.Whose, c.Pattern, c.Try = OfTool, ToolStarved, OtherMachine
	}
}

// heldByTool says whether it was the tool that had requests wait for a slot. The verdict of the run has that from what held each request up;
// where lag was within its limit, the table says it.
func (s *search) heldByTool() bool {
	if of := s.table.Tool.LagOf; of != "" {
		return of == OfTool
	}
	return filledByTool(s.table)
}

// micros is the lower edge of a value in ns.
func (c *Column) micros(row int32) Micros {
	code := int(c.Codes[row])
	if code >= len(c.Edges) {
		return 0
	}
	return MicrosOf(time.Duration(c.Edges[code]))
}

// rise is how much larger the mean of something is among the requests of a cause than among the rest.
func (c *cause) rise(of func(row int32) Micros) float64 {
	var sum, count [2]float64
	for i, row := range c.outcome.rows {
		if v := of(row); v != NoMicros {
			k := side(c.in[i])
			sum[k] += float64(v)
			count[k]++
		}
	}
	return sum[1]/max(count[1], 1) - sum[0]/max(count[0], 1)
}

// patternOf is what a cause of its attribute and shape usually is.
func patternOf(f *Finding) Pattern {
	if len(f.Where) == 0 {
		return Unexplained
	}
	has := func(a Attribute) *Condition {
		for i := range f.Where {
			if f.Where[i].Attribute == a {
				return &f.Where[i]
			}
		}
		return nil
	}
	within := func(a Attribute) bool { c := has(a); return c != nil && !math.IsNaN(c.To) }
	again := func() bool {
		if c := has(SamePersonWithin); c != nil && math.IsNaN(c.From) && math.IsNaN(c.To) { // whenever that was
			return true
		}
		c := has(FirstOfPerson)
		return c != nil && c.Values[0] == "no"
	}
	kind := has(Kind)
	switch {
	case kind != nil && (within(SamePersonWithin) || again()):
		return RepeatSlow
	case within(SamePersonWithin) || again():
		return PersonRace
	case has(FirstOfPerson) != nil || has(SamePersonWithin) != nil:
		return FirstSeen
	case within(SameRecipientWithin):
		return RecipientLock
	case has(Recipient) != nil:
		return SlowRecipient
	case kind != nil:
		return kindPattern(f, kind)
	case has(NewConnection) != nil:
		return NewConnections
	case has(Watched) != nil:
		return FollowsFigure
	case isLoad(f.Where[0].Attribute):
		switch f.Measure {
		case CompletionTime:
			return Queue
		case Failing, NeverCompleted:
			return Unexplained
		}
		return SharedCPU
	case has(BodyBytes) != nil || has(Segments) != nil || has(Media) != nil:
		return LargePayload
	}
	return Unexplained
}

func kindPattern(f *Finding, kind *Condition) Pattern {
	load := slices.ContainsFunc(f.Where, func(c Condition) bool { return isLoad(c.Attribute) })
	switch {
	case f.Measure != CompletionTime && f.Measure != NeverCompleted && !(load && len(kind.Values) > 1):
		return SlowKind
	case len(kind.Values) > 1:
		return SharedPool
	}
	return OneConsumer
}

// experimentOf is what would confirm or refute a pattern.
func experimentOf(f *Finding) Experiment {
	switch f.Pattern {
	case PersonRace, RepeatSlow:
		return SerialSenders
	case FirstSeen, TooFewSenders:
		return OtherSenders
	case RecipientLock, SlowRecipient:
		return OtherRecipients
	case SlowKind, OneConsumer:
		return WithoutKind
	case SharedPool, Queue, SharedCPU, CapFull, NewConnections:
		return HalfRate
	case KindsInBatches:
		return ShuffleKinds
	case RepeatedIDs:
		return FreshIDs
	case ToolStarved:
		return OtherMachine
	case ColdStart, Drift:
		return RestedTarget
	case Stall, Periodic, Step, FollowsFigure, ClockStepped:
		return SameAgain
	}
	return NoExperiment
}

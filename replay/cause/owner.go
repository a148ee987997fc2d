package cause

import "math"

// weight orders findings of all outcomes: the part of all time that would be saved, or of all requests that fail for it.
func (o *outcome) weight(in group, f *Finding) float64 {
	if !o.isTime() {
		const failedCounts = 5 // a request that fails is worse than one that is slow
		return failedCounts * f.Share * (f.FailedWith - f.FailedWithout)
	}
	var saved, all float64
	base := float64(MicrosOf(f.Without.P50))
	for i, row := range o.rows {
		v := o.value(row)
		if v == NoMicros {
			continue
		}
		all += float64(v)
		if in[i] {
			saved += max(float64(v)-base, 0)
		}
	}
	return f.TailExplained * saved / max(all, 1)
}

// own says of each finding what it usually is, whose, and what would tell.
func (s *search) own() {
	for i := range s.found {
		f := &s.found[i].Finding
		if f.Pattern == Unexplained {
			f.Pattern = patternOf(f)
		}
		f.Whose = OfTarget
		switch {
		case ofTool(f):
			f.Whose, f.Pattern = OfTool, ToolStarved
			if s.table.Tool.MaxInFlight > 0 && s.table.Tool.PeakInFlight >= s.table.Tool.MaxInFlight {
				f.Whose, f.Pattern = OfTarget, CapFull
			}
		}
		f.Try = experimentOf(f)
	}
}

// ofTool says that a finding speaks of the tool itself.
func ofTool(f *Finding) bool {
	if f.Measure == Lag {
		return true
	}
	for _, c := range f.Where {
		if c.Attribute == ToolLag || c.Attribute == ToolStop {
			return true
		}
	}
	return false
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
	again := func() bool { c := has(FirstOfPerson); return c != nil && c.Values[0] == "no" }
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
		if f.Measure == CompletionTime {
			return Queue
		}
		return SharedCPU
	case has(BodyBytes) != nil || has(Segments) != nil || has(Media) != nil:
		return LargePayload
	}
	return Unexplained
}

func kindPattern(f *Finding, kind *Condition) Pattern {
	switch {
	case f.Measure != CompletionTime && f.Measure != NeverCompleted:
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

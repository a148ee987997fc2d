package cause

import (
	"math"
	"slices"
	"time"
)

// What makes a load unlike what was recorded. In recorded traffic of 13,000 messages of 11,600 people nobody sent more than 6, and rows
// of one kind were at most 1.15 times as long as by chance in any hundred messages: a factor of three below the figures here.
const (
	// fewRequests is how many requests it takes to say anything of a load.
	fewRequests = 20
	// fewPeople never are a brand's customers, however the corpus was made.
	fewPeople = 3
	// topAlone is the share of the traffic that no customer has, where no corpus says what one has; topBeside and topTimes are the share
	// that counts where the corpus says so, and how many times the recorded one it must be.
	topAlone, topBeside, topTimes = 0.25, 0.05, 3
	// fewTimes is by how much fewer people than recorded send as many requests: --volume and --loop add people with the messages.
	fewTimes = 10
	// perPerson is how many requests each of them then sends at least.
	perPerson = 10
	// runTimes is how many times longer than by chance a kind's rows are on average. Replies to one campaign come together, and so do
	// the reactions of one conversation: a third of them in twos and threes makes rows less than twice as long. runTimesBeside is the
	// same beside the recorded rows.
	runTimes, runTimesBeside = 4, 2
	// runChanges is how many changes of kind chance must give, so that their number is known to a fifth.
	runChanges = 25
	// repeatedAtLeast is how many repeated ids count: what the vendor itself sent twice is not among them.
	repeatedAtLeast = 5
	// clockStep is what no clock that is slewed moves at once: NTP steps from 128 ms on.
	clockStep = 100 * time.Millisecond
)

// fault is something that the test itself does wrong.
type fault struct {
	pattern Pattern
	try     Experiment
	// through are the attributes by which its effect shows: a rule of one of them is the test's own.
	through []Attribute
}

// covers says whether a rule shows the fault's effect and not the target's.
func (f fault) covers(where []Condition) bool {
	return slices.ContainsFunc(where, func(c Condition) bool { return slices.Contains(f.through, c.Attribute) })
}

// faultsOf lists what of the load is the test's own making, the gravest first.
func faultsOf(t *Table) []fault {
	var found []fault
	if t.Traffic.fewSenders(t.Len()) {
		found = append(found, fault{TooFewSenders, OtherSenders, []Attribute{SamePersonWithin, FirstOfPerson}})
	}
	if t.Traffic.kindsInBatches(t.Len()) {
		found = append(found, fault{KindsInBatches, ShuffleKinds, []Attribute{Kind, SameKindWithin, KindBurst100ms, KindBurst1s, KindBurst10s}})
	}
	if t.Traffic.RepeatedIDs >= repeatedAtLeast {
		found = append(found, fault{RepeatedIDs, FreshIDs, []Attribute{RepeatedID, Copy, Retry}})
	}
	return found
}

// unlike is faultsOf for a report.
func unlike(t *Table) (list []Unlike) {
	for _, f := range faultsOf(t) {
		list = append(list, Unlike{f.pattern, f.try})
	}
	return list
}

// fewSenders says whether far fewer people sent the requests than do in recorded traffic, or one of them sent far more.
func (tr Traffic) fewSenders(requests int) bool {
	n := float64(requests)
	switch {
	case requests < fewRequests || tr.People <= 0:
		return false
	case tr.People <= fewPeople && n >= perPerson*float64(tr.People):
		return true
	case tr.TopPerson*n < perPerson:
		return false // however large a share of few requests: chance
	case tr.RecordedPeople <= 0:
		return tr.TopPerson >= topAlone
	case tr.TopPerson >= topBeside && tr.TopPerson >= topTimes*tr.RecordedTopPerson:
		return true
	}
	return tr.People*fewTimes <= tr.RecordedPeople && n >= perPerson*fewTimes*float64(tr.People)
}

// kindsInBatches says whether kinds come in rows that neither chance nor the recording explains.
func (tr Traffic) kindsInBatches(requests int) bool {
	n := float64(requests)
	byChance, changes := n*(1-tr.SameKindByChance), n*(1-tr.SameKindNext)
	if byChance < runChanges || changes*runTimesBeside > byChance {
		return false
	}
	if recorded := n * (1 - tr.RecordedSameKindNext); tr.RecordedSameKindNext > 0 && changes*runTimesBeside <= recorded {
		return true
	}
	return changes*runTimes <= byChance
}

// clockSpoils says whether a clock was set by so much that an excess of completion time may be only that. All other times are taken
// with the monotonic clock, which nobody sets.
func (tr Traffic) clockSpoils(m Measure, excess time.Duration) bool {
	step := time.Duration(math.Abs(float64(tr.ClockStep)))
	return m == CompletionTime && step >= clockStep && 2*step >= excess
}

package cause

import (
	"cmp"
	"slices"
	"time"
)

// Table returns the table of all rows, once.
func (b *Builder) Table() *Table {
	b.settle()
	t := &b.t
	b.nameFailures()
	t.Tool = b.o.Tool
	t.Traffic.RepeatedIDs = -1
	b.order = nil
	b.addFacts()
	b.addRows()
	b.addPeople()
	b.addTimes()
	b.hideUnanswered()
	t.Traffic.SameKindNext, t.Traffic.SameKindByChance = b.sameKinds()
	if b.o.Records {
		t.Seq, t.Copy = b.rows.seq, b.rows.copied
	}
	b.rows, b.room = rawRows{}, scratch{}
	slices.SortFunc(t.Columns, func(x, y Column) int { return cmp.Compare(x.Attribute, y.Attribute) })
	slices.SortFunc(t.Missing, func(x, y Missing) int { return cmp.Compare(x.Attribute, y.Attribute) })
	return t
}

// nameFailures puts the classes of failure in the order of the alphabet.
func (b *Builder) nameFailures() {
	list, place := b.failures.sorted()
	b.t.Failures = list
	for i, f := range b.t.Failure {
		if f > 0 {
			b.t.Failure[i] = 1 + place[f-1]
		}
	}
}

// addFacts adds what the records tell.
func (b *Builder) addFacts() {
	c := &b.facts
	why := NotInIt
	if !b.described {
		why = NoCorpus
	}
	of := func(a Attribute) []uint8 { return c.codes[a] }
	b.add(c.vendor.column(Vendor, of(Vendor)), why)
	b.add(c.intent.column(Intent, of(Intent)), why)
	b.add(c.encoding.column(Encoding, of(Encoding)), why)
	b.add(binned(Segments, of(Segments), c.counts), why)
	b.add(binned(BodyBytes, of(BodyBytes), c.bytes), why)
	b.add(Column{Attribute: Media, Codes: of(Media)}, why)
	b.add(Column{Attribute: Receipt, Codes: of(Receipt)}, why)
	b.add(Column{Attribute: RecordedHour, Codes: of(RecordedHour), Labels: hours()}, why)
	b.add(b.retries(), why)
	if b.rows.id == nil {
		b.miss(RepeatedID, why)
		return
	}
	repeated, n := b.repeated()
	b.add(repeated, why)
	b.t.Traffic.RepeatedIDs = n
	b.rows.id = nil
}

// retries are those that the vendor sent before, as recorded, and those that the run did.
func (b *Builder) retries() Column {
	recorded, own := b.facts.codes[Retry], b.marked(Retry, isRetry, retryKnown)
	for i, code := range recorded {
		if own.Codes[i] != 1 && code != NoCode {
			own.Codes[i] = code
		}
	}
	return own
}

// addRows adds what each row tells by itself.
func (b *Builder) addRows() {
	b.add(b.kinds(), OneValue)
	b.add(b.marked(Copy, isCopy, 0), OneValue)
	b.add(b.marked(NewConnection, isNewConnection, connectionKnown), OldRun)
	b.add(b.flights(), OneValue)
	b.rows.marks, b.rows.inFlight = nil, nil
}

// addPeople adds what depends on who sent and who received.
func (b *Builder) addPeople() {
	if b.rows.person == nil {
		b.miss(FirstOfPerson, OldRun)
		b.miss(SamePersonWithin, OldRun)
	} else {
		g := grouped(b.rows.person, &b.room)
		b.t.Traffic.People, b.t.Traffic.TopPerson = g.count()
		b.add(b.firsts(FirstOfPerson, g), OldRun)
		b.add(b.gaps(SamePersonWithin, g), OneValue)
		b.rows.person = nil
	}
	if b.rows.recipient == nil {
		b.miss(Recipient, OldRun)
		b.miss(SameRecipientWithin, OldRun)
		return
	}
	g := grouped(b.rows.recipient, &b.room)
	b.t.Traffic.Recipients, b.t.Traffic.TopRecipient = g.count()
	b.add(b.ranks(Recipient, g), OldRun)
	b.add(b.gaps(SameRecipientWithin, g), OneValue)
	b.rows.recipient = nil
}

// addTimes adds what depends on when rows were due, sent and answered.
func (b *Builder) addTimes() {
	b.add(b.kindGaps(), OneValue)
	for _, burst := range []struct {
		all, kind Attribute
		length    time.Duration
	}{{Burst100ms, KindBurst100ms, 100 * time.Millisecond}, {Burst1s, KindBurst1s, time.Second}, {Burst10s, KindBurst10s, 10 * time.Second}} {
		all, kind := b.bursts(burst.all, burst.kind, burst.length)
		b.add(all, OneValue)
		b.add(kind, OneValue)
	}
	b.add(b.seconds(), OneValue)
	b.add(b.lags(), OneValue)
	if b.o.StopsKnown {
		b.add(b.stops(), OneValue)
	} else {
		b.miss(ToolStop, OldRun)
	}
	b.miss(Watched, NotWatched)
}

// add adds a column by which something can be told: one with two values or more. A column without any is missing for a reason.
func (b *Builder) add(c Column, why Why) {
	values, first := 0, uint8(NoCode)
	for _, code := range c.Codes {
		if code != NoCode && code != first {
			if values++; values == 2 {
				b.t.Columns = append(b.t.Columns, c)
				return
			}
			first = code
		}
	}
	if values == 1 || b.t.Len() == 0 {
		why = OneValue
	}
	b.miss(c.Attribute, why)
}

func (b *Builder) miss(a Attribute, why Why) { b.t.Missing = append(b.t.Missing, Missing{a, why}) }

// hideUnanswered leaves no service time to a request that has no answer: when it was given up was needed until here.
func (b *Builder) hideUnanswered() {
	for i, status := range b.t.Status {
		if status == 0 {
			b.t.Service[i] = NoMicros
		}
	}
}

// sameKinds is the share of requests whose next one is of the same kind, and what it would be in random order.
func (b *Builder) sameKinds() (next, chance float64) {
	kinds := b.rows.kind
	if len(kinds) < 2 {
		return 0, 0
	}
	var count [256]float64
	same := 0
	for i, k := range kinds {
		count[k]++
		if i > 0 && kinds[i-1] == k {
			same++
		}
	}
	n := float64(len(kinds))
	for _, c := range count {
		chance += c / n * (c - 1) / (n - 1)
	}
	return float64(same) / (n - 1), chance
}

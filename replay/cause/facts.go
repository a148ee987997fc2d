package cause

import (
	"fmt"
	"sort"
)

// factColumns are the columns that records are described by; each begins with its first value.
type factColumns struct {
	vendor, intent, encoding names
	codes                    [attributes][]uint8
	counts, bytes            bins
}

// Wanted says whether a record is one of those that were sent, so that Describe has a use for it. No row may come after it.
func (b *Builder) Wanted(seq int64) bool {
	b.settle()
	from, to := b.rowsOf(seq)
	return from < to
}

// Describe tells of a record that was sent; of others nothing is kept. What it says last of a record counts.
func (b *Builder) Describe(seq int64, f *Facts) {
	b.settle()
	b.described = true
	c := &b.facts
	if c.counts == nil {
		c.counts, c.bytes = countBins(), byteBins()
	}
	from, to := b.rowsOf(seq)
	if from == to {
		return
	}
	b.set(Vendor, from, to, c.vendor.known(f.Vendor))
	b.set(Intent, from, to, c.intent.known(f.Intent))
	b.set(Encoding, from, to, c.encoding.known(f.Encoding))
	if f.Segments > 0 {
		b.set(Segments, from, to, c.counts.code(float64(f.Segments)))
	}
	b.set(BodyBytes, from, to, c.bytes.code(float64(f.BodyBytes)))
	b.set(Media, from, to, f.Media.code())
	b.set(Receipt, from, to, f.Receipt.code())
	b.set(Retry, from, to, f.Retry.code())
	if !f.Recorded.IsZero() {
		b.set(RecordedHour, from, to, uint8(f.Recorded.UTC().Hour()))
	}
	b.identify(from, to, f)
}

// known is the code of a name, NoCode of "".
func (n *names) known(name string) uint8 {
	if name == "" {
		return NoCode
	}
	return n.code(name)
}

// code is that of a flag.
func (t Truth) code() uint8 {
	switch t {
	case No:
		return 0
	case Yes:
		return 1
	}
	return NoCode
}

// rowsOf returns the places of a record's rows in the order of records. Records mostly come in that order.
func (b *Builder) rowsOf(seq int64) (from, to int) {
	if seq < 0 || seq >= noSeq {
		return 0, 0
	}
	n, at := b.t.Len(), func(place int) int64 { return int64(b.rows.seq[b.row(place)]) }
	if from = b.last; from >= n || at(from) > seq || from > 0 && at(from-1) == seq {
		from = 0
	}
	if from < n && at(from) < seq {
		next := from + 1
		for next < n && next < from+64 && at(next) < seq {
			next++
		}
		from = next + sort.Search(n-next, func(i int) bool { return at(next+i) >= seq })
	}
	for to = from; to < n && at(to) == seq; {
		to++
	}
	b.last = from
	return from, to
}

// set gives the rows of a record their code.
func (b *Builder) set(a Attribute, from, to int, code uint8) {
	column := b.facts.codes[a]
	if column == nil {
		if code == NoCode {
			return
		}
		column = unknown(b.t.Len())
		b.facts.codes[a] = column
	}
	for place := from; place < to; place++ {
		column[b.row(place)] = code
	}
}

// unknown is a column of which nothing is known.
func unknown(n int) []uint8 {
	column := make([]uint8, n)
	for i := range column {
		column[i] = NoCode
	}
	return column
}

// identify gives the rows of a record its person, its recipient and its message's id.
func (b *Builder) identify(from, to int, f *Facts) {
	n, raw := b.t.Len(), &b.rows
	for place := from; place < to; place++ {
		i := b.row(place)
		give(&raw.person, n, i, folded(f.Person))
		give(&raw.recipient, n, i, folded(f.Recipient))
		give(&raw.id, n, i, f.ID)
		if f.Retry == Yes {
			raw.marks[i] |= isRecordedRetry
		}
	}
}

// give sets the value of a row that has none.
func give[K uint32 | uint64](column *[]K, n, i int, v K) {
	if v == 0 {
		return
	}
	if *column == nil {
		*column = make([]K, n)
	}
	if (*column)[i] == 0 {
		(*column)[i] = v
	}
}

// hours are the labels of hours of the day.
func hours() (labels []string) {
	for h := range 24 {
		labels = append(labels, fmt.Sprintf("%02d", h))
	}
	return labels
}

package results

import (
	"encoding/binary"
	"slices"

	"reprise/capture/frame"
	"reprise/replay"
)

// The columns that version 2 had not at first, in the order in which they are written. Their names are part of the file format.
const (
	namedInFlight = iota
	namedNewConnection
	namedAttempt
	namedPerson
	namedRecipient
	namedStep
	namedColumns
)

var columnNames = [namedColumns]string{"in-flight", "new-connection", "attempt", "person", "recipient", "step"}

// lookNamed notes which of them a row needs.
func (e *rowEncoder) lookNamed(r *replay.Result) {
	e.named[namedStep] = e.named[namedStep] || r.Step != 0
	if r.Known {
		e.named[namedInFlight] = true
		e.named[namedNewConnection] = e.named[namedNewConnection] || r.NewConnection
		e.named[namedAttempt] = e.named[namedAttempt] || r.Attempt != 0
		e.named[namedPerson] = e.named[namedPerson] || r.Person != 0
		e.named[namedRecipient] = e.named[namedRecipient] || r.Recipient != 0
	}
}

func (e *rowEncoder) countNamed() (n uint64) {
	for _, u := range e.named {
		if u {
			n++
		}
	}
	return n
}

// appendNamed appends those that the rows need.
func (e *rowEncoder) appendNamed(dst []byte, rows []replay.Result) []byte {
	for i, name := range columnNames {
		if e.named[i] {
			e.col = e.namedColumn(frame.AppendName(e.col[:0], name), i, rows)
			dst = append(dst, colNamed)
			dst = binary.AppendUvarint(dst, uint64(len(e.col)))
			dst = append(dst, e.col...)
		}
	}
	return dst
}

// namedColumn appends the values of one. Rows of which nothing is known have 0 in each.
func (e *rowEncoder) namedColumn(dst []byte, column int, rows []replay.Result) []byte {
	switch column {
	case namedPerson:
		e.values = e.values[:0]
		for i := range rows {
			e.values = append(e.values, rows[i].Person)
		}
		return e.hashColumn(dst, e.values)
	case namedRecipient:
		e.values = e.values[:0]
		for i := range rows {
			e.values = append(e.values, rows[i].Recipient)
		}
		return e.hashColumn(dst, e.values)
	}
	n := len(dst)
	b := slices.Grow(dst, binary.MaxVarintLen32*len(rows))
	b = b[:cap(b)]
	switch column {
	case namedInFlight:
		for i := range rows {
			v := uint64(0)
			if rows[i].Known {
				v = 1 + uint64(max(rows[i].InFlight, 0))
			}
			n = put(b, n, v)
		}
	case namedNewConnection:
		for i := range rows {
			b[n+i] = 0
			if rows[i].NewConnection {
				b[n+i] = 1
			}
		}
		n += len(rows)
	case namedAttempt:
		for i := range rows {
			b[n+i] = rows[i].Attempt
		}
		n += len(rows)
	case namedStep:
		for i := range rows {
			n = put(b, n, uint64(rows[i].Step))
		}
	}
	return b[:n]
}

// parseNamed reads a column that has a name. One that is not known is passed over, and names takes its name.
func parseNamed(rows []replay.Result, c *cursor, names *frame.Names) bool {
	name, rest, ok := frame.CutName(c.b)
	if !ok {
		return false
	}
	c.b = rest
	switch slices.Index(columnNames[:], name) {
	case namedInFlight:
		for i := range rows {
			if v := c.uvarint(); v > 0 {
				rows[i].Known, rows[i].InFlight = true, int32(min(v-1, maxInFlight))
			}
		}
		return !c.bad
	case namedNewConnection:
		return parseBytes(rows, c, func(r *replay.Result, b byte) { r.NewConnection = b&1 != 0 })
	case namedAttempt:
		return parseBytes(rows, c, func(r *replay.Result, b byte) { r.Attempt = b })
	case namedStep:
		for i := range rows {
			rows[i].Step = uint16(min(c.uvarint(), maxStep))
		}
		return !c.bad
	case namedPerson:
		return parseHashes(rows, c, func(r *replay.Result, h uint32) { r.Person = h })
	case namedRecipient:
		return parseHashes(rows, c, func(r *replay.Result, h uint32) { r.Recipient = h })
	}
	names.Add(name)
	return true
}

// forgetUnknown has rows of which nothing is known say nothing: the columns come in any order.
func forgetUnknown(rows []replay.Result) {
	for i := range rows {
		if r := &rows[i]; !r.Known {
			r.InFlight, r.NewConnection, r.Attempt, r.Person, r.Recipient = 0, false, 0, 0, 0
		}
	}
}

// maxInFlight is what higher numbers in a file are taken for.
const maxInFlight = 1<<31 - 1

// maxStep is what higher numbers of steps in a file are taken for.
const maxStep = 1<<16 - 1

// parseBytes reads a column of one byte a row.
func parseBytes(rows []replay.Result, c *cursor, set func(*replay.Result, byte)) bool {
	values := c.take(uint64(len(rows)))
	if c.bad {
		return false
	}
	for i, b := range values {
		set(&rows[i], b)
	}
	return true
}

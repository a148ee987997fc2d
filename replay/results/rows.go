package results

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// The columns of a row block. Part of the file format; never renumber.
const (
	colSeq = 1 + iota
	colCopy
	colKind
	colIntended
	colSent
	colFirstByte
	colDone
	colStatus
	colBytes
	colError
	columns = colError
)

var errRows = errors.New("results: the rows of a block do not unpack")

// appendRows appends the payload of a row block, before compression: the reasons that occur, then column after column.
func appendRows(dst []byte, rows []replay.Result) []byte {
	var reasons []replay.Reason
	for i := range rows {
		if r := rows[i].Error; r != replay.ReasonNone && !slices.Contains(reasons, r) {
			reasons = append(reasons, r)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(reasons)))
	for _, r := range reasons {
		dst = binary.AppendUvarint(dst, uint64(len(r)))
		dst = append(dst, r...)
	}
	dst = binary.AppendUvarint(dst, columns)
	var col []byte
	for id := byte(1); id <= columns; id++ {
		col = appendColumn(col[:0], id, rows, reasons)
		dst = append(dst, id)
		dst = binary.AppendUvarint(dst, uint64(len(col)))
		dst = append(dst, col...)
	}
	return dst
}

// appendColumn writes one column: numbers that run on as differences, moments as their distance from the one before them
// in the same row.
func appendColumn(dst []byte, id byte, rows []replay.Result, reasons []replay.Reason) []byte {
	var seq int64
	var intended time.Duration
	for i := range rows {
		r := &rows[i]
		switch id {
		case colSeq:
			dst = binary.AppendVarint(dst, r.Seq-seq)
			seq = r.Seq
		case colCopy:
			dst = binary.AppendUvarint(dst, uint64(r.Copy))
		case colKind:
			dst = append(dst, byte(r.Kind))
		case colIntended:
			dst = binary.AppendVarint(dst, int64(r.Intended-intended))
			intended = r.Intended
		case colSent:
			dst = appendMoment(dst, r.Sent, r.Intended)
		case colFirstByte:
			dst = appendMoment(dst, r.FirstByte, latest(r.Intended, r.Sent))
		case colDone:
			dst = appendMoment(dst, r.Done, latest(r.Intended, r.Sent, r.FirstByte))
		case colStatus:
			dst = binary.AppendUvarint(dst, uint64(r.Status))
		case colBytes:
			dst = binary.AppendUvarint(dst, uint64(r.Bytes))
		case colError:
			dst = append(dst, byte(slices.Index(reasons, r.Error)+1))
		}
	}
	return dst
}

// appendMoment writes 0 for a moment that never came, else 1 + the zigzag distance from base.
func appendMoment(dst []byte, t, base time.Duration) []byte {
	if t == 0 {
		return append(dst, 0)
	}
	d := int64(t - base)
	return binary.AppendUvarint(dst, uint64(d<<1^d>>63)+1)
}

// latest returns the last of the moments that came.
func latest(moments ...time.Duration) (t time.Duration) {
	for _, m := range moments {
		if m != 0 {
			t = m
		}
	}
	return t
}

// cursor reads varints off a slice and remembers whether it ran out.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (c *cursor) moment(base time.Duration) time.Duration {
	u := c.uvarint()
	if u == 0 {
		return 0
	}
	u--
	return base + time.Duration(int64(u>>1)^-int64(u&1))
}

func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

// parseRows is the inverse of appendRows. Columns that it does not know are passed over.
func parseRows(dst []replay.Result, raw []byte, n int) ([]replay.Result, error) {
	c := cursor{b: raw}
	var reasons []replay.Reason
	for range min(c.uvarint(), 256) {
		reasons = append(reasons, replay.Reason(c.take(c.uvarint())))
	}
	dst = slices.Grow(dst[:0], n)[:n]
	clear(dst)
	for range min(c.uvarint(), 256) {
		id := c.take(1)
		col := cursor{b: c.take(c.uvarint())}
		if c.bad || !parseColumn(dst, id[0], &col, reasons) {
			return nil, errRows
		}
	}
	if c.bad {
		return nil, errRows
	}
	return dst, nil
}

func parseColumn(rows []replay.Result, id byte, c *cursor, reasons []replay.Reason) bool {
	var seq int64
	var intended time.Duration
	for i := range rows {
		r := &rows[i]
		switch id {
		case colSeq:
			seq += c.varint()
			r.Seq = seq
		case colCopy:
			r.Copy = int(c.uvarint() & (1<<31 - 1))
		case colKind:
			if b := c.take(1); b != nil {
				r.Kind = capture.Kind(b[0])
			}
		case colIntended:
			intended += time.Duration(c.varint())
			r.Intended = intended
		case colSent:
			r.Sent = c.moment(r.Intended)
		case colFirstByte:
			r.FirstByte = c.moment(latest(r.Intended, r.Sent))
		case colDone:
			r.Done = c.moment(latest(r.Intended, r.Sent, r.FirstByte))
		case colStatus:
			r.Status = int(c.uvarint() & 0xffff)
		case colBytes:
			r.Bytes = int64(c.uvarint() & (1<<63 - 1))
		case colError:
			b := c.take(1)
			if b == nil || int(b[0]) > len(reasons) {
				return false
			}
			if b[0] > 0 {
				r.Error = reasons[b[0]-1]
			}
		default:
			return true
		}
	}
	return !c.bad
}

package results

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
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
	colHash
	colShard
	colRetryAfter
	columns = colRetryAfter

	colNamed = 0 // a column of an extension, whose values its name precedes
)

var errRows = errors.New("results: the rows of a block do not unpack")

// rowEncoder makes the payloads of row blocks in buffers that it keeps.
type rowEncoder struct {
	col     []byte
	reasons []replay.Reason
	hashes  []uint32
	list    []byte
	values  []uint32           // of a column of hashes
	named   [namedColumns]bool // those that the rows need
}

// append appends the payload of a row block, before compression: the reasons that occur, then column after column. A
// column that is 0 in every row is left out.
func (e *rowEncoder) append(dst []byte, rows []replay.Result) []byte {
	e.reasons = e.reasons[:0]
	var used [columns + 1]bool
	e.named = [namedColumns]bool{}
	for i := range rows {
		e.look(&rows[i], &used)
	}
	dst = binary.AppendUvarint(dst, uint64(len(e.reasons)))
	for _, r := range e.reasons {
		dst = binary.AppendUvarint(dst, uint64(len(r)))
		dst = append(dst, r...)
	}
	n := uint64(0)
	for _, u := range used {
		if u {
			n++
		}
	}
	dst = binary.AppendUvarint(dst, n+e.countNamed())
	e.col = slices.Grow(e.col[:0], binary.MaxVarintLen64*len(rows))
	for id := byte(1); id <= columns; id++ {
		if used[id] {
			e.col = e.column(e.col[:0], id, rows)
			dst = append(dst, id)
			dst = binary.AppendUvarint(dst, uint64(len(e.col)))
			dst = append(dst, e.col...)
		}
	}
	return e.appendNamed(dst, rows)
}

// look notes which columns a row needs, and its reason.
func (e *rowEncoder) look(r *replay.Result, used *[columns + 1]bool) {
	used[colSeq] = true
	used[colCopy] = used[colCopy] || r.Copy != 0
	used[colKind] = used[colKind] || r.Kind != 0
	used[colIntended] = used[colIntended] || r.Intended != 0
	used[colSent] = used[colSent] || r.Sent != 0
	used[colFirstByte] = used[colFirstByte] || r.FirstByte != 0
	used[colDone] = used[colDone] || r.Done != 0
	used[colStatus] = used[colStatus] || r.Status != 0
	used[colBytes] = used[colBytes] || r.Bytes != 0
	used[colHash] = used[colHash] || r.Hash != 0
	used[colShard] = used[colShard] || r.Shard != 0
	used[colRetryAfter] = used[colRetryAfter] || r.RetryAfter != 0
	e.lookNamed(r)
	if r.Error != replay.ReasonNone {
		used[colError] = true
		if !slices.Contains(e.reasons, r.Error) {
			e.reasons = append(e.reasons, r.Error)
		}
	}
}

// column writes one column: numbers that run on as differences, moments as their distance from the one before them in
// the same row. Each has a loop of its own that writes into room set aside, as this is most of what a row costs.
func (e *rowEncoder) column(dst []byte, id byte, rows []replay.Result) []byte {
	if id == colHash {
		e.values = e.values[:0]
		for i := range rows {
			e.values = append(e.values, rows[i].Hash)
		}
		return e.hashColumn(dst, e.values)
	}
	b := dst[:cap(dst)]
	n := 0
	switch id {
	case colSeq:
		last := int64(0)
		for i := range rows {
			n = put(b, n, zigzag(rows[i].Seq-last))
			last = rows[i].Seq
		}
	case colCopy:
		for i := range rows {
			n = put(b, n, uint64(rows[i].Copy))
		}
	case colKind:
		for i := range rows {
			b[i] = byte(rows[i].Kind)
		}
		n = len(rows)
	case colIntended:
		last := time.Duration(0)
		for i := range rows {
			n = put(b, n, zigzag(int64(rows[i].Intended-last)))
			last = rows[i].Intended
		}
	case colSent:
		for i := range rows {
			n = put(b, n, moment(rows[i].Sent, rows[i].Intended))
		}
	case colFirstByte:
		for i := range rows {
			r := &rows[i]
			n = put(b, n, moment(r.FirstByte, latest(r.Intended, r.Sent)))
		}
	case colDone:
		for i := range rows {
			r := &rows[i]
			n = put(b, n, moment(r.Done, latest(latest(r.Intended, r.Sent), r.FirstByte)))
		}
	case colStatus:
		for i := range rows {
			n = put(b, n, uint64(rows[i].Status))
		}
	case colBytes:
		for i := range rows {
			n = put(b, n, uint64(rows[i].Bytes))
		}
	case colError:
		for i := range rows {
			b[i] = 0
			if rows[i].Error != replay.ReasonNone {
				b[i] = byte(slices.Index(e.reasons, rows[i].Error) + 1)
			}
		}
		n = len(rows)
	case colShard:
		for i := range rows {
			n = put(b, n, uint64(rows[i].Shard))
		}
	case colRetryAfter:
		for i := range rows {
			n = put(b, n, wait(rows[i].RetryAfter))
		}
	}
	return b[:n]
}

// put writes a uvarint at b[n] and returns where the next begins.
func put(b []byte, n int, v uint64) int {
	for v >= 0x80 {
		b[n] = byte(v) | 0x80
		v >>= 7
		n++
	}
	b[n] = byte(v)
	return n + 1
}

// hashList is how many different hashes a block lists; a byte tells them apart.
const hashList = 256

// hashColumn lists the hashes that occur, most answers being the same, and then has a byte for each row. Where they are
// too many it says so by an empty list, and has the hashes themselves.
func (e *rowEncoder) hashColumn(dst []byte, hashes []uint32) []byte {
	e.hashes = e.hashes[:0]
	at := len(dst)
	place := 0
	for _, h := range hashes {
		if place >= len(e.hashes) || e.hashes[place] != h {
			place = slices.Index(e.hashes, h)
		}
		if place < 0 {
			if len(e.hashes) == hashList {
				return allHashes(dst[:at], hashes)
			}
			place = len(e.hashes)
			e.hashes = append(e.hashes, h)
		}
		dst = append(dst, byte(place))
	}
	if 4*len(e.hashes)+len(hashes) >= 4*len(hashes) { // nearly all differ, and a list makes more of them
		return allHashes(dst[:at], hashes)
	}
	// The list comes first: what was written so far moves behind it.
	e.list = binary.AppendUvarint(e.list[:0], uint64(len(e.hashes)))
	for _, h := range e.hashes {
		e.list = binary.LittleEndian.AppendUint32(e.list, h)
	}
	return slices.Insert(dst, at, e.list...)
}

func allHashes(dst []byte, hashes []uint32) []byte {
	dst = append(dst, 0)
	for _, h := range hashes {
		dst = binary.LittleEndian.AppendUint32(dst, h)
	}
	return dst
}

func zigzag(d int64) uint64 { return uint64(d<<1 ^ d>>63) }

// moment is 0 for a moment that never came, else 1 + the zigzag distance from base.
func moment(t, base time.Duration) uint64 {
	if t == 0 {
		return 0
	}
	return zigzag(int64(t-base)) + 1
}

// latest returns the later moment if it came, else the one before it.
func latest(before, moment time.Duration) time.Duration {
	if moment != 0 {
		return moment
	}
	return before
}

// wait is 0 for an answer that asked for none, else 1 + the milliseconds it asked to wait.
func wait(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	return 1 + uint64(d/time.Millisecond)
}

// waited is the inverse of wait.
func waited(v uint64) time.Duration {
	const most = 1 << 43 // milliseconds, which a time.Duration holds
	if v == 0 {
		return 0
	}
	return max(time.Duration(min(v-1, most))*time.Millisecond, 1)
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

// parseRows is the inverse of rowEncoder.append. Columns that it does not know are passed over; names, where it is not nil, takes the
// names of those that have one.
func parseRows(dst []replay.Result, raw []byte, n int, names *frame.Names) ([]replay.Result, error) {
	c := cursor{b: raw}
	var reasons []replay.Reason
	for range min(c.uvarint(), 256) {
		reasons = append(reasons, replay.Reason(c.take(c.uvarint())))
	}
	dst = slices.Grow(dst[:0], n)[:n]
	clear(dst)
	named := false
	for range min(c.uvarint(), 256) {
		id := c.take(1)
		col := cursor{b: c.take(c.uvarint())}
		if !c.bad && id[0] == colNamed && names != nil {
			if !parseNamed(dst, &col, names) {
				return nil, errRows
			}
			named = true
			continue
		}
		if c.bad || !parseColumn(dst, id[0], &col, reasons) {
			return nil, errRows
		}
	}
	if c.bad {
		return nil, errRows
	}
	if named {
		forgetUnknown(dst)
	}
	return dst, nil
}

func parseColumn(rows []replay.Result, id byte, c *cursor, reasons []replay.Reason) bool {
	if id == colHash {
		return parseHashes(rows, c, func(r *replay.Result, h uint32) { r.Hash = h })
	}
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
			r.Done = c.moment(latest(latest(r.Intended, r.Sent), r.FirstByte))
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
		case colShard:
			r.Shard = int(c.uvarint() & (1<<31 - 1))
		case colRetryAfter:
			r.RetryAfter = waited(c.uvarint())
		default:
			return true
		}
	}
	return !c.bad
}

func parseHashes(rows []replay.Result, c *cursor, set func(*replay.Result, uint32)) bool {
	n := c.uvarint()
	if n > hashList {
		return false
	}
	list := c.take(4 * n)
	if n == 0 {
		all := c.take(4 * uint64(len(rows)))
		for i := range rows {
			if all != nil {
				set(&rows[i], binary.LittleEndian.Uint32(all[4*i:]))
			}
		}
		return !c.bad
	}
	places := c.take(uint64(len(rows)))
	if c.bad {
		return false
	}
	for i, p := range places {
		if uint64(p) >= n {
			return false
		}
		set(&rows[i], binary.LittleEndian.Uint32(list[4*int(p):]))
	}
	return true
}

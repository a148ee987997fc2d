package corpus

import (
	"encoding/binary"
	"math"

	"reprise/capture"
)

// Limits of a record and of a block. Part of the file format; never change.
const (
	maxHeaders = 10_000
	maxStatus  = math.MaxUint16
	kindLimit  = 16
	// originLimit bounds the origins, as a row has four bits for one.
	originLimit = 16
)

// Outside the years 1678 to 2261 a time does not fit 64 bits of nanoseconds: these are their begin and their end, in seconds since 1970.
const (
	earliest = -9_214_560_000
	latest   = 9_214_646_400
)

// checkRecord says whether the format can hold r, and at most how many bytes of a block r takes.
func checkRecord(r *capture.Record) (size int, err error) {
	const numbers = 64 // room for a record's own numbers and lengths, and as much again as they can be
	size = numbers + len(r.Method) + len(r.URL) + len(r.Host) + len(r.Vendor) + len(r.Body) + len(r.Message.ID) +
		len(r.Message.From) + len(r.Message.To) + len(r.Message.Text)
	for i := range r.Headers {
		size += len(r.Headers[i].Name) + len(r.Headers[i].Value) + 2*binary.MaxVarintLen32
	}
	if len(r.Headers) > maxHeaders || size+2*numbers > maxRaw {
		return 0, ErrTooLarge
	}
	if r.Kind >= kindLimit || r.Origin >= originLimit || r.Response.Status < 0 || r.Response.Status > maxStatus {
		return 0, ErrInvalid
	}
	if s := r.Time.Unix(); s < earliest || s >= latest {
		return 0, ErrInvalid
	}
	return size, nil
}

// batch is what a block's head says of its records, whatever their codec.
type batch struct {
	records     int
	kinds       [kindLimit]uint32
	first, last int64 // times
	digest      uint64
}

func (b *batch) add(r *capture.Record) {
	ns := r.Time.UnixNano()
	if b.records == 0 {
		b.first = ns
	}
	b.last = ns
	b.records++
	b.kinds[r.Kind]++
}

// head is the block's head, but for its payload; seq is the number of its first record.
func (b *batch) head(id fileID, codec byte, seq int64) head {
	h := head{ID: id, Type: typeRecords, Codec: codec, Records: uint32(b.records), Seq: seq, First: b.first, Last: b.last, Digest: b.digest}
	for k, n := range b.kinds {
		if n > 0 {
			h.Kinds |= 1 << k
		}
	}
	return h
}

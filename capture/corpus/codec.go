package corpus

import (
	"errors"

	"reprise/capture"
)

// How the records of a block are encoded. Part of the file format; never renumber.
const (
	codecRows = 1
	// codecMarkedRows is rows with the origin of each record. Only a block that has one is written so: a program that does not know
	// origins must not take such records for what a vendor sent.
	codecMarkedRows = 2
	// codecColumns is the records' columns, see package columns.
	codecColumns = 3
)

// originShift is where a row's byte of the kind has the origin. Part of the file format; never change.
const originShift = 4

// encoder turns records into the payloads of blocks, one block after another. It checks nothing: its user keeps to the limits
// of the format and to the order of time.
type encoder interface {
	// fits says whether the block under way, which is not empty, takes one more record, which adds at most size bytes, without growing
	// beyond limit bytes.
	fits(r *capture.Record, size, limit int) bool
	// add appends a record to the block and returns about how many bytes it has by now. size is what fits was told; alike says that
	// method, host and header names are those of the record before.
	add(r *capture.Record, size int, alike bool) int
	// codec is the number of the codec of the block under way.
	codec() byte
	// take ends the block and returns its payload, which is the caller's. The next payload may be written to buf.
	take(buf []byte) []byte
}

// decoder gives the records of one block after another.
type decoder interface {
	// start begins a block. The decoder keeps the payload until the next one.
	start(h *head, payload []byte)
	// next fills r with the next record of the block, which shares memory with the decoder until the next call. It is called at most
	// as often as the head has records. It returns the record's time in nanoseconds since 1970. After errMalformed the rest of the
	// block is lost.
	next(r *capture.Record) (ns int64, err error)
	// skim makes next leave URL, Headers, Body and Message empty.
	skim()
}

// errMalformed is why a block whose checksums are right could not be used: something else than this package wrote it.
var errMalformed = errors.New("malformed records")

// newEncoder returns the encoder that a writer uses.
func newEncoder() encoder { return newRowEncoder() }

// newDecoder returns the decoder of a codec; nil for one that this package does not know. History is the dictionary of the file.
func newDecoder(codec byte, history []byte) decoder {
	switch codec {
	case codecRows, codecMarkedRows:
		return &rowDecoder{marked: codec == codecMarkedRows}
	case codecColumns:
		return newColumnDecoder(history)
	}
	return nil
}

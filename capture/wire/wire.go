// Package wire says how a record becomes an HTTP request: which headers are the recorded connection's alone, how the body is
// framed, which URL is signed, and where in the bytes each part ends up, so that nobody takes them apart again.
//
// Whatever sends, exports or serves a record goes through a Request, so that all of them send the same. The package keeps no
// state; a Request is for one goroutine at a time.
package wire

import (
	"strconv"
	"strings"
)

// SignedURL is the URL that a vendor is taken to have signed where nobody says otherwise: https, the Host that is sent and the
// request's target.
func SignedURL(host, target string) string { return "https://" + host + target }

// The bounds of a Key: a record's number has 40 bits, a copy's 24.
const (
	seqBits  = 40
	copyBits = 24
)

// Key packs a record's number and which copy of it a request is into one number, which sorts by the record first; ok is false
// where they do not fit: from 2^40 records and 2^24 copies on.
func Key(seq int64, copied int) (key uint64, ok bool) {
	if seq < 0 || seq >= 1<<seqBits || copied < 0 || copied >= 1<<copyBits {
		return 0, false
	}
	return uint64(seq)<<copyBits | uint64(copied), true
}

// SplitKey is the inverse of Key.
func SplitKey(key uint64) (seq int64, copied int) {
	return int64(key >> copyBits), int(key & (1<<copyBits - 1))
}

// AppendMark appends the value of HeaderRecord: SEQ.COPY. What is below 0 is taken for 0.
func AppendMark(dst []byte, seq int64, copied int) []byte {
	dst = AppendDecimal(dst, int(max(0, seq)))
	return AppendDecimal(append(dst, '.'), max(0, copied))
}

// Mark is AppendMark as a string.
func Mark(seq int64, copied int) string {
	var buffer [40]byte
	return string(AppendMark(buffer[:0], seq, copied))
}

// ParseMark is the inverse of Mark, for what fits a Key. The copy may be missing: it is 0 then.
func ParseMark(mark string) (seq int64, copied int, ok bool) {
	record, replica, dotted := strings.Cut(mark, ".")
	seq, err := strconv.ParseInt(record, 10, 64)
	if err != nil || seq < 0 || seq >= 1<<seqBits {
		return 0, 0, false
	}
	if !dotted {
		return seq, 0, true
	}
	n, err := strconv.ParseUint(replica, 10, copyBits)
	return seq, int(n), err == nil
}

package anonymize

import (
	"bytes"
	"regexp"
)

// IsKey says whether text is a key's file, as NewKey makes them.
func IsKey(text []byte) bool {
	return regexp.MustCompile(`\A[0-9a-f]{64}\r?\n?\z`).Match(text)
}

// IsLedger says whether a file that begins with start is a ledger, of this version or of another.
func IsLedger(start []byte) bool { return bytes.HasPrefix(start, []byte(ledgerMark)) }

// IsCount says whether a file that begins with start is the count beside a ledger, of this version or of another.
func IsCount(start []byte) bool { return bytes.HasPrefix(start, []byte(countMark)) }

package corpus

import (
	"slices"

	"reprise/capture/frame"
)

type (
	// Reason is why a part of a corpus could not be used: one of the constants below.
	Reason = frame.Reason
	// Damage is a part of a corpus that could not be used.
	Damage = frame.Damage
)

// The reasons.
const (
	NoBlock      = frame.NoBlock
	BadChecksum  = frame.BadChecksum
	BadPayload   = frame.BadPayload
	Truncated    = frame.Truncated
	Missing      = frame.Missing
	BadRows      = Reason("a block holds malformed rows")
	BadColumns   = Reason("a block holds malformed columns")
	NoDictionary = Reason("the dictionary that a block needs is damaged or missing")
	NoFooter     = Reason("the file ends before its footer")
	BadFooter    = Reason("the footer is damaged")
	BadHeader    = Reason("the header is damaged")
	BadMagic     = Reason("the bytes that every corpus begins with are damaged")
	OutOfOrder   = Reason("a block is out of order")
	UnknownType  = Reason("a block is of an unknown type")
	TrailingData = Reason("data after the end")
	BadJournal   = Reason("a journal of the unfinished file is damaged")
)

// Damage returns what could not be used so far, in the order in which it was met.
func (r *Reader) Damage() []Damage { return r.damage.List() }

// EndsEarly says that a corpus was read whole but for its end, where a kill cut it off.
func EndsEarly(damage []Damage) bool {
	for _, d := range damage {
		if d.Reason != Truncated && d.Reason != NoFooter {
			return false
		}
	}
	return true
}

// KeepsRecords says that no record is lost of a corpus with such damage, nor what it is known to be: a copy of the damaged part is whole, or it
// follows from the rest.
func KeepsRecords(damage []Damage) bool {
	return !slices.ContainsFunc(damage, func(d Damage) bool {
		known := d.Reason == BadMagic || d.Reason == BadSummary || d.Reason == BadHeader
		return !d.Spare && (!known || d.Block)
	})
}

package corpus

import "reprise/capture/frame"

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
	NoFooter     = Reason("the file ends before its footer")
	BadFooter    = Reason("the footer is damaged")
	BadHeader    = Reason("the header is damaged")
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

package corpus

import "slices"

// Reason is why a part of a corpus could not be used: one of the constants below.
type Reason string

// The reasons.
const (
	NoBlock      Reason = "no block where one should begin"
	BadChecksum  Reason = "a block's checksum does not match"
	BadPayload   Reason = "a block does not decompress"
	BadRows      Reason = "a block holds malformed rows"
	Truncated    Reason = "the file ends inside a block"
	NoFooter     Reason = "the file ends before its footer"
	BadFooter    Reason = "the footer is damaged"
	BadHeader    Reason = "the header is damaged"
	Missing      Reason = "records are missing"
	OutOfOrder   Reason = "a block is out of order"
	UnknownType  Reason = "a block is of an unknown type"
	TrailingData Reason = "data after the end"
)

// Damage is a part of a corpus that could not be used.
type Damage struct {
	// Offset is where the part begins, in bytes from the start of the file; Length is how much it takes, as far as is known.
	Offset, Length int64
	Reason         Reason
	// Records is how many records are lost by it; -1 where that cannot be known.
	Records int64
	// Block says that records or hosts may be lost, not just the header or the footer.
	Block bool
}

// maxDamage bounds the list: what comes after is added up in its last entry.
const maxDamage = 4096

// damaged takes note of damage. Where it does not say how many records are lost, the next block may.
func (r *Reader) damaged(d Damage) {
	same := func(o Damage) bool { return o.Offset == d.Offset && o.Reason == d.Reason }
	if i := slices.IndexFunc(r.damage, same); i >= 0 { // met before a seek
		if d.Records < 0 && r.open < 0 {
			r.open = i
		}
		return
	}
	if len(r.damage) == maxDamage {
		last := &r.damage[maxDamage-1]
		last.Length = d.Offset + d.Length - last.Offset
		if last.Records < 0 || d.Records < 0 {
			last.Records = -1
		} else {
			last.Records += d.Records
		}
		return
	}
	r.damage = append(r.damage, d)
	if d.Records < 0 && r.open < 0 {
		r.open = len(r.damage) - 1
	}
}

// Damage returns what could not be used so far, in the order in which it was met.
func (r *Reader) Damage() []Damage { return r.damage }

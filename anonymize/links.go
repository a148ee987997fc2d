package anonymize

import "reprise/capture/sms"

// One person is known in several ways: by a number, by ids of channels, by an e-mail address. A link says of one of them by which
// other the person's name is chosen. In a ledger a link is two entries, of the one and of the other; versions that know of no links
// read them as short codes of lengths that there are not. Since each tag stands in a ledger once, the first entry has the one's tag with
// its bits inverted, and the second the difference of the two.

// maxLinks bounds the memory of links: some 80 bytes each.
const maxLinks = 1 << 22

// idGroup is the group of tags that need no place: their fakes are made of the address alone.
const idGroup = maxGroups - 1

func fromGroup() group { return group{sms.ShortCode, maxLength - 1} }
func toGroup() group   { return group{sms.ShortCode, maxLength} }

func (t tag) inverted() tag {
	for i := range t {
		t[i] = ^t[i]
	}
	return t
}

// differs returns where the bits of two tags differ: whoever knows that and one of them knows the other.
func (t tag) differs(o tag) tag {
	for i := range t {
		t[i] ^= o[i]
	}
	return t
}

// meet takes note of a tag that needs no place, and returns true the first time.
func (p *people) meet(t tag) (fresh bool) {
	if _, ok := p.known[t]; ok {
		return false
	}
	p.known[t] = newPlace(idGroup, 0)
	return true
}

// who returns the tag by which a person's name is chosen.
func (p *people) who(t tag) tag {
	for {
		next, ok := p.links[t]
		if !ok {
			return t
		}
		t = next
	}
}

// same makes one person of a tag and of who, to whom no link leads on. Where there are too many links already it does nothing.
func (p *people) same(t, who tag) error {
	if t = p.who(t); t == who || len(p.links) >= maxLinks {
		return nil
	}
	p.links[t] = who
	if p.ledger == nil {
		return nil
	}
	for _, half := range [...]struct {
		group
		tag
	}{{fromGroup(), t.inverted()}, {toGroup(), t.differs(who)}} {
		_, n := p.numbering(half.group)
		if err := p.ledger.append(half.group, n.next, half.tag); err != nil {
			return err
		}
		n.next++
	}
	return nil
}

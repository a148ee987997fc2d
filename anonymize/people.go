package anonymize

import (
	"encoding/binary"
	"fmt"
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/keyed"
	"reprise/capture/sms"
)

// tag stands for an address: a keyed hash of its canonical spelling. Only tags are kept, never the addresses.
type tag [16]byte

// people gives each address a fake one of its class, and no two addresses the same.
//
// Each new tag gets the next ordinal of its group, and a keyed permutation makes of it a place among the group's fakes:
// they never collide, and do not tell who came first. A number's group is its time zone, as far as the pool has numbers
// there. An address that is itself in the pool is mapped like any other. It keeps some 50 bytes for each address.
type people struct {
	keys   keys
	pool   sms.Pool
	ledger *Ledger // nil where nothing is kept
	known  map[tag]place
	groups []*numbering
	byName map[group]uint8 // index in groups
	links  map[tag]tag     // of who is known in several ways: to the one whose name counts
	link   tag             // of the ledger, whose other half has not come yet
}

// place is where a tag stands: its ordinal, in the low 24 bits, within a group, in the seven above. The highest bit
// says that it was a sender.
type place uint32

const (
	senderBit   place = 1 << 31
	ordinalBits       = 24
	ordinalMask place = 1<<ordinalBits - 1
	maxGroups         = 1 << 7
)

func (v place) group() uint8 { return uint8(v &^ senderBit >> ordinalBits) }
func (v place) ordinal() int { return int(v & ordinalMask) }

// group is a class of address and what its fakes have in common: telephone numbers the zone, all others the length.
type group struct {
	class sms.Class
	param uint8
}

type numbering struct {
	group
	order keyed.Permutation
	size  int
	next  int // the next ordinal
}

func newPeople(k keys, pool sms.Pool, ledger *Ledger) (*people, error) {
	p := &people{keys: k, pool: pool, ledger: ledger, known: make(map[tag]place), byName: make(map[group]uint8), links: make(map[tag]tag)}
	if ledger == nil {
		return p, nil
	}
	return p, ledger.replay(k.fingerprint, pool.Name(), p.restore)
}

// restore takes an entry of the ledger.
func (p *people) restore(g group, ordinal int, t tag) error {
	if g.class != sms.E164 && g.class != sms.ShortCode && g.class != sms.Alphanumeric ||
		g.class == sms.E164 && int(g.param) >= p.pool.Zones() || g.class != sms.E164 && (g.param < 1 || g.param > maxLength) {
		return errEntry
	}
	i, n := p.numbering(g)
	v, known := p.known[t] // by a link before: versions that know of none give an id a number
	if known && v.group() != idGroup || ordinal != n.next || n.next >= n.size {
		return errEntry
	}
	n.next++
	switch g {
	case fromGroup():
		p.link = t.inverted()
	case toGroup():
		who := p.link.differs(t)
		p.links[p.link] = who
		p.meet(p.link)
		p.meet(who)
	default:
		p.known[t] = newPlace(i, ordinal)
	}
	return nil
}

// maxLength bounds the length of a short code or a sender's name.
const maxLength = 32

func newPlace(group uint8, ordinal int) place { return place(group)<<ordinalBits | place(ordinal) }

// number returns the fake number of a tag, within a zone while it has room, and whether the tag is new.
func (p *people) number(t tag, zone sms.Zone) (fake string, fresh bool, err error) {
	v, ok := p.known[t]
	if !ok {
		g, free := p.zoneWithRoom(zone)
		if !free {
			return "", false, fmt.Errorf("%w: more numbers than the %d of the %s pool%s", ErrExhausted, p.pool.Len(), p.pool.Name(), p.widerPool())
		}
		if v, err = p.add(g, t); err != nil {
			return "", false, err
		}
	}
	n := p.groups[v.group()]
	return p.pool.AtZone(sms.Zone(n.param), n.order.At(v.ordinal())), !ok, nil
}

// zoneWithRoom returns the group of a zone, or of the first other one that has numbers left.
func (p *people) zoneWithRoom(zone sms.Zone) (g group, free bool) {
	zones := p.pool.Zones()
	for i := -1; i < zones; i++ {
		g = group{sms.E164, uint8(zone)}
		if i >= 0 {
			g.param = uint8(i)
		}
		if int(g.param) >= zones {
			continue
		}
		if _, n := p.numbering(g); n.next < n.size {
			return g, true
		}
	}
	return group{}, false
}

// widerPool is the advice of who has exhausted a pool.
func (p *people) widerPool() string {
	switch p.pool {
	case sms.Wide():
		return ": no other is larger; leave records out, or list numbers of your own in a file"
	case sms.Strict():
		return fmt.Sprintf(": the wide pool has %d", sms.Wide().Len())
	}
	return fmt.Sprintf(": the strict pool has %d, the wide one %d", sms.Strict().Len(), sms.Wide().Len())
}

// add gives a new tag the next ordinal of a group.
func (p *people) add(g group, t tag) (place, error) {
	i, n := p.numbering(g)
	v := newPlace(i, n.next)
	if p.ledger != nil {
		if err := p.ledger.append(g, n.next, t); err != nil {
			return 0, err
		}
	}
	n.next++
	p.known[t] = v
	return v, nil
}

// numbering returns a group's, made when first asked for.
func (p *people) numbering(g group) (uint8, *numbering) {
	i, ok := p.byName[g]
	if !ok {
		if len(p.groups) == idGroup {
			panic("anonymize: internal error: more groups of addresses than there can be")
		}
		i = uint8(len(p.groups))
		p.groups, p.byName[g] = append(p.groups, p.newNumbering(g)), i
	}
	return i, p.groups[i]
}

func (p *people) newNumbering(g group) *numbering {
	key, size := p.keys.short, 0
	switch g.class {
	case sms.E164:
		key, size = p.keys.perm, p.pool.ZoneLen(sms.Zone(g.param))
	case sms.ShortCode:
		size = 2
		for range g.param - 1 {
			size = min(10*size, int(ordinalMask))
		}
	default:
		size = texts.SenderNames(int(g.param))
	}
	size = min(size, int(ordinalMask))
	binary.BigEndian.PutUint16(key[:], binary.BigEndian.Uint16(key[:])^uint16(g.class)<<8^uint16(g.param))
	return &numbering{group: g, order: keyed.NewPermutation(key, size), size: size}
}

// seenSender marks a tag as a sender and returns true the first time.
func (p *people) seenSender(t tag) bool {
	v, ok := p.known[t]
	if !ok || v&senderBit != 0 {
		return false
	}
	p.known[t] = v | senderBit
	return true
}

// within returns the place of a tag within a group, permuted.
func (p *people) within(g group, t tag) (at int, fresh bool, err error) {
	v, ok := p.known[t]
	if !ok {
		if _, n := p.numbering(g); n.next >= n.size {
			return 0, false, fmt.Errorf("%w: more than %d addresses of class %s and length %d", ErrExhausted, n.size, g.class, g.param)
		}
		if v, err = p.add(g, t); err != nil {
			return 0, false, err
		}
	}
	return p.groups[v.group()].order.At(v.ordinal()), !ok, nil
}

// shortCode returns a fake short code of the same length: it begins with 0 or 1, as no real one does.
func (p *people) shortCode(t tag, length int) (fake string, fresh bool, err error) {
	at, fresh, err := p.within(group{sms.ShortCode, uint8(length)}, t)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%0*d", length, at), fresh, nil
}

// senderName returns a fake sender's name of the same length, up to the longest there can be, in the case of the original. An
// agent's of RCS ends as they do.
func (p *people) senderName(t tag, original string) (fake string, fresh bool, err error) {
	stem, isAgent := strings.CutSuffix(original, agentMark)
	length := min(max(1, len([]rune(stem))), texts.MaxSenderLength)
	at, fresh, err := p.within(group{sms.Alphanumeric, uint8(length)}, t)
	if err != nil {
		return "", false, err
	}
	fake = texts.SenderName(length, at)
	switch {
	case original == strings.ToUpper(original):
		fake = strings.ToUpper(fake)
	case original != strings.ToLower(original):
		fake = strings.ToUpper(fake[:1]) + fake[1:]
	}
	if isAgent {
		fake += agentMark
	}
	return fake, fresh, nil
}

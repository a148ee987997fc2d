package anonymize

import (
	"encoding/binary"
	"fmt"
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/sms"
)

// tag stands for an address: a keyed hash of its canonical spelling. Only tags are kept, never the addresses.
type tag [16]byte

// people gives each address a fake one of its class, and no two addresses the same.
//
// Each new tag gets the next ordinal of its class, and a keyed permutation makes of it a place in the pool: the fakes
// never collide, and do not tell who came first. An address that is itself in the pool is mapped like any other. It
// keeps some 50 bytes for each address.
type people struct {
	key   [32]byte // of the small permutations
	pool  sms.Pool
	order sms.Permutation
	known map[tag]uint32 // ordinal; the highest bit says that it was a sender
	// Short codes and sender names have few addresses each: a numbering of its own for every length.
	small map[group]*numbering
}

const (
	senderBit   = 1 << 31
	ordinalMask = senderBit - 1
)

// group is a class of address whose fakes have one length.
type group struct {
	class  sms.Class
	length int
}

type numbering struct {
	order sms.Permutation
	size  int
	known map[tag]uint32
}

func newPeople(k keys, pool sms.Pool) *people {
	return &people{
		key: k.short, pool: pool, order: sms.NewPermutation(k.perm, pool.Len()),
		known: make(map[tag]uint32), small: make(map[group]*numbering),
	}
}

// number returns the fake number of a tag, and whether the tag is new.
func (p *people) number(t tag) (fake string, fresh bool, err error) {
	v, ok := p.known[t]
	if !ok {
		if len(p.known) >= p.pool.Len() {
			return "", false, fmt.Errorf("%w: more numbers than the %d of the %s pool", ErrExhausted, p.pool.Len(), p.pool.Name())
		}
		v = uint32(len(p.known))
		p.known[t] = v
	}
	return p.pool.At(p.order.At(int(v & ordinalMask))), !ok, nil
}

// seenSender marks a tag as a sender and returns true the first time. Addresses of the small classes are not counted
// twice either, as their tags are in their numbering.
func (p *people) seenSender(t tag) bool {
	if v, ok := p.known[t]; ok {
		p.known[t] = v | senderBit
		return v&senderBit == 0
	}
	for _, n := range p.small {
		if v, ok := n.known[t]; ok {
			n.known[t] = v | senderBit
			return v&senderBit == 0
		}
	}
	return false
}

// place returns the ordinal of a tag within a group, permuted.
func (p *people) place(g group, t tag) (place int, fresh bool, err error) {
	n := p.small[g]
	if n == nil {
		n = p.newNumbering(g)
		p.small[g] = n
	}
	v, ok := n.known[t]
	if !ok {
		if len(n.known) >= n.size {
			return 0, false, fmt.Errorf("%w: more than %d addresses of class %s and length %d", ErrExhausted, n.size, g.class, g.length)
		}
		v = uint32(len(n.known))
		n.known[t] = v
	}
	return n.order.At(int(v & ordinalMask)), !ok, nil
}

func (p *people) newNumbering(g group) *numbering {
	size := texts.SenderNames(g.length)
	if g.class == sms.ShortCode {
		size = 2
		for range g.length - 1 {
			size *= 10
		}
	}
	key := p.key
	binary.BigEndian.PutUint16(key[:], binary.BigEndian.Uint16(key[:])^uint16(g.class)<<8^uint16(g.length))
	return &numbering{order: sms.NewPermutation(key, size), size: size, known: make(map[tag]uint32)}
}

// shortCode returns a fake short code of the same length: it begins with 0 or 1, as no real one does.
func (p *people) shortCode(t tag, length int) (fake string, fresh bool, err error) {
	place, fresh, err := p.place(group{sms.ShortCode, length}, t)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%0*d", length, place), fresh, nil
}

// senderName returns a fake sender's name of the same length, up to the longest there can be, in the case of the original.
func (p *people) senderName(t tag, original string) (fake string, fresh bool, err error) {
	length := min(max(1, len([]rune(original))), texts.MaxSenderLength)
	place, fresh, err := p.place(group{sms.Alphanumeric, length}, t)
	if err != nil {
		return "", false, err
	}
	fake = texts.SenderName(length, place)
	switch {
	case original == strings.ToUpper(original):
		fake = strings.ToUpper(fake)
	case original != strings.ToLower(original):
		fake = strings.ToUpper(fake[:1]) + fake[1:]
	}
	return fake, fresh, nil
}

// address is one address of the record at hand.
type address struct {
	raw, canonical string
	class          sms.Class
	tag            tag
	fake           string
}

// address maps an address as written. Equal addresses of one record are mapped once.
func (a *Anonymizer) address(raw string) address {
	if raw == "" {
		return address{}
	}
	c := &a.cur
	for _, known := range [...]address{c.from, c.to, c.person} {
		if known.raw == raw {
			return known
		}
	}
	canonical, class := sms.Canonical(raw)
	ad := address{raw: raw, canonical: canonical, class: class, tag: tag(a.keys.tag.sum("address", canonical, ""))}
	var fresh bool
	var err error
	switch {
	case class == sms.ShortCode:
		if ad.fake, fresh, err = a.people.shortCode(ad.tag, len(canonical)); fresh {
			a.report.ShortCodes++
		}
	case class == sms.E164 || manyDigits(canonical):
		if ad.fake, fresh, err = a.people.number(ad.tag); fresh {
			a.report.Numbers++
			a.report.Countries[a.region(canonical)]++
		}
	default:
		if ad.fake, fresh, err = a.people.senderName(ad.tag, canonical); fresh {
			a.report.SenderNames++
		}
	}
	if err != nil {
		a.fail(err)
	}
	return ad
}

// manyDigits says whether what is no telephone number may yet hold one.
func manyDigits(s string) bool {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n >= 7
}

// write returns the fake address in the style of the original.
func (ad address) write() string {
	if ad.class == sms.None || ad.class == sms.Alphanumeric {
		return ad.fake
	}
	return sms.Restyle(ad.raw, ad.fake)
}

// region returns the country of a number, remembered for all numbers that begin alike.
func (a *Anonymizer) region(number string) string {
	decisive := len("+442")
	if strings.HasPrefix(number, "+1") {
		decisive = len("+1415")
	}
	prefix := number[:min(len(number), decisive)]
	region, ok := a.regions[prefix]
	if !ok {
		if region = sms.Region(number); region == "" {
			region = "unknown"
		}
		if len(a.regions) < maxRegions {
			a.regions[prefix] = region
		}
	}
	return region
}

// maxRegions and maxAccounts bound what is remembered only for speed.
const (
	maxRegions  = 1 << 16
	maxAccounts = 1 << 12
)

package render

import (
	"maps"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// Address is one that receives: a number that the platform owns, or a name under which it sends.
type Address struct {
	// Name is its canonical spelling, as sms.Canonical has it.
	Name  string
	Class sms.Class
}

// Addresses are the addresses of a whole corpus, in the order in which they first appear: those that receive, and the people,
// of whom a hash is kept, 16 bytes each. Who becomes whom is said by them, and so is the same whatever part of the corpus is
// played. Fill it with every record, in the order of the corpus, before the Renderer is made.
//
// A number in a path is no address by itself: it may be an order's. It is replaced where it is one that receives.
type Addresses struct {
	table  dialect.Table
	want   dialect.Classes
	list   []Address
	place  map[string]int // in list, of the canonical spelling
	spelt  map[string]int // the same of a spelling met before
	people map[uint64]uint32
	spans  []dialect.Span
	raw    []byte
	value  []byte
	met    []int
	unread int64
}

// NewAddresses returns an empty list. people says that they are to be met too.
func NewAddresses(table dialect.Table, people bool) *Addresses {
	a := &Addresses{table: table, want: dialect.ClassSet(dialect.Business), place: make(map[string]int), spelt: make(map[string]int)}
	if people {
		a.want |= dialect.ClassSet(dialect.Person)
		a.people = make(map[uint64]uint32)
	}
	return a
}

// Observe takes the next record of the corpus.
func (a *Addresses) Observe(r *capture.Record) {
	if _, ok := a.In(r); !ok {
		a.unread++
	}
}

// In returns the places in List of those that a record is sent to, valid until the next call; ok is false where its payload
// cannot be read, and is sent as it was recorded. What was not met before is met now.
func (a *Addresses) In(r *capture.Record) (places []int, ok bool) {
	a.met = a.met[:0]
	d, ok := a.table.Named(r.Vendor)
	if !ok {
		return nil, false
	}
	spans, err := d.Locate(a.spans[:0], r, a.want)
	a.spans = spans[:0]
	if err != nil {
		return nil, false
	}
	for i := range spans {
		switch value := a.valueOf(r, &spans[i]); {
		case len(value) == 0 || spans[i].Literal && !allDigits(value):
		case spans[i].Class == dialect.Person:
			a.meet(string(value))
		case spans[i].Part != payload.InPath:
			if place := a.placeOf(value); !slices.Contains(a.met, place) {
				a.met = append(a.met, place)
			}
		}
	}
	if a.people != nil {
		a.meet(r.Person())
	}
	return a.met, true
}

// valueOf is what a span says.
func (a *Addresses) valueOf(r *capture.Record, s *dialect.Span) []byte {
	switch s.Part {
	case payload.InBody:
		a.raw = append(a.raw[:0], r.Body[s.Start:s.End]...)
	case payload.InHeader:
		a.raw = append(a.raw[:0], r.Headers[s.Header].Value[s.Start:s.End]...)
	default:
		a.raw = append(a.raw[:0], r.URL[s.Start:s.End]...)
	}
	if s.Plain || s.Literal {
		return a.raw
	}
	a.value = s.Decode(a.value[:0], a.raw)
	return a.value
}

// maxSpelt bounds how many spellings are remembered, which is only for speed.
const maxSpelt = 1 << 14

func (a *Addresses) placeOf(value []byte) int {
	if place, ok := a.spelt[string(value)]; ok {
		return place
	}
	raw := string(value)
	name, class := addressOf(raw)
	place, ok := a.place[name]
	if !ok {
		place = len(a.list)
		name = strings.Clone(name)
		a.list, a.place[name] = append(a.list, Address{name, class}), place
	}
	if len(a.spelt) < maxSpelt {
		a.spelt[raw] = place
	}
	return place
}

// addressOf is the spelling by which an address is known.
func addressOf(raw string) (name string, class sms.Class) {
	if name, class = sms.Canonical(raw); class == sms.None && name == "" {
		name = raw
	}
	return name, class
}

// meet gives a person the next place among people.
func (a *Addresses) meet(raw string) {
	canonical, class := sms.Canonical(raw)
	if class != sms.E164 && class != sms.ShortCode {
		return
	}
	key := mix(hashNumber(canonical))
	if _, ok := a.people[key]; !ok {
		a.people[key] = uint32(len(a.people))
	}
}

// List returns those that receive.
func (a *Addresses) List() []Address { return a.list }

// People is how many people there are.
func (a *Addresses) People() int { return len(a.people) }

// Unread counts the records whose payload no dialect reads: they keep their numbers.
func (a *Addresses) Unread() int64 { return a.unread }

// Assign says what each of those that receive becomes: the nth telephone number of the corpus the nth in list, the nth short
// code the nth short code. outside are the places of those for which list has none. Names have none.
func (a *Addresses) Assign(list []string) (to map[string]string, outside []int) {
	byClass := make(map[sms.Class][]string)
	for _, number := range list {
		_, class := sms.Canonical(number)
		byClass[class] = append(byClass[class], number)
	}
	to = make(map[string]string)
	for place, address := range a.list {
		numbers := byClass[address.Class]
		if len(numbers) == 0 || address.Class != sms.E164 && address.Class != sms.ShortCode {
			outside = append(outside, place)
			continue
		}
		to[address.Name], byClass[address.Class] = numbers[0], numbers[1:]
	}
	return to, outside
}

// AssignPairs is Assign where a table says what becomes what.
func (a *Addresses) AssignPairs(table map[string]string) (to map[string]string, outside []int) {
	to = make(map[string]string)
	for place, address := range a.list {
		number, ok := table[address.Name]
		if !ok {
			outside = append(outside, place)
			continue
		}
		to[address.Name] = number
	}
	return to, outside
}

// Senders say which number sends in place of which person, in every copy of them.
type Senders struct {
	list  []string
	pairs map[uint64]string
	rank  map[uint64]uint32
}

// Senders gives the nth person of the corpus number n, round and round; those who stand for them in the kth set of copies come
// behind all people of the corpus, k times.
func (a *Addresses) Senders(list []string) *Senders { return &Senders{list: list, rank: a.people} }

// SenderPairs is Senders where a table says who becomes whom. It knows no copies. outside counts the people it leaves out.
func (a *Addresses) SenderPairs(table map[string]string) (s *Senders, outside int) {
	s = &Senders{pairs: make(map[uint64]string, len(table)), rank: a.people}
	for from, to := range table {
		s.pairs[mix(hashNumber(from))] = to
	}
	for person := range maps.Keys(a.people) {
		if _, ok := s.pairs[person]; !ok {
			outside++
		}
	}
	return s, outside
}

// of returns the number that sends for a person, or for one who stands for them.
func (s *Senders) of(canonical string, person int) (number string, ok bool) {
	key := mix(hashNumber(canonical))
	if s.pairs != nil {
		number, ok = s.pairs[key]
		return number, ok
	}
	place, _ := s.place(key, person)
	return s.list[place%uint64(len(s.list))], true
}

// place counts a person, or one who stands for them, among all; known is false for one who was not met.
func (s *Senders) place(key uint64, person int) (place uint64, known bool) {
	rank, known := s.rank[key]
	if !known {
		return mix(key + uint64(person)), false
	}
	return uint64(person)*uint64(len(s.rank)) + uint64(rank), true
}

// Place counts the person that a record is about among all people, those of copies behind; ok is false for nobody.
func (s *Senders) Place(r *capture.Record, person int) (place uint64, ok bool) {
	canonical, class := sms.Canonical(r.Person())
	if class != sms.E164 && class != sms.ShortCode {
		return 0, false
	}
	return s.place(mix(hashNumber(canonical)), person)
}

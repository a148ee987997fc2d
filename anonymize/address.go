package anonymize

import (
	"errors"
	"hash/maphash"
	"strings"
	"sync"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// address is one address of the record at hand.
type address struct {
	raw, canonical string
	class          sms.Class
	way            way
	person         bool // it is a person's, not the platform's
	fresh          bool // no record before had it
	given          bool // by Options.Recipients
	tag            tag
	who            tag // stands for whom it names: the same in all ways in which one person is known
	fake           string
}

// address maps an address as written. Equal addresses of one record are mapped once.
func (a *Anonymizer) address(raw string) address {
	if raw == "" {
		return address{}
	}
	return *a.meet(raw)
}

// meet returns the address that is so written, and valid until the next one is met.
func (a *Anonymizer) meet(raw string) *address {
	if i := a.find(raw); i >= 0 {
		return &a.met[i]
	}
	canonical, class := sms.Canonical(raw)
	ad := address{raw: raw, canonical: canonical, class: class, way: wayOf(canonical, class)}
	if ad.way == byEmail {
		ad.canonical = strings.ToLower(canonical)
	}
	ad.tag = tag(a.keys.tag.sum("address", ad.canonical, ""))
	switch {
	case ad.way == byMask:
		ad.tag = tag(a.keys.tag.sum("masked", plainMask(canonical), ""))
		ad.fake = a.hidden(canonical)
	case ad.way > byNumber:
		ad.fake = a.keys.madeID(canonical, ad.way)
	}
	if err := a.roll.meet(&ad); err != nil {
		a.fail(err)
	}
	a.met = append(a.met, ad)
	return &a.met[len(a.met)-1]
}

// remember begins a record, of which these addresses were met already.
func (a *Anonymizer) remember(met []address) {
	a.met = append(a.met[:0], met...)
	clear(a.metAt)
}

// find returns where an address that was met in the record stands in met, and -1 where it was not. Most records have two; of many, a map
// knows them.
func (a *Anonymizer) find(raw string) int {
	if len(a.met) <= fewAddresses {
		for i := range a.met {
			if a.met[i].raw == raw {
				return i
			}
		}
		return -1
	}
	for i := len(a.metAt); i < len(a.met); i++ {
		a.metAt[a.met[i].raw] = i
	}
	if i, ok := a.metAt[raw]; ok {
		return i
	}
	return -1
}

// fewAddresses are faster looked through than looked up.
const fewAddresses = 32

// enrol maps the addresses of a record in the order in which Rewrite would, and appends them to dst. What depends on the
// order of records is done here, so that the rest can be done for many records at once.
func (a *Anonymizer) enrol(dst []address, r *capture.Record) ([]address, error) {
	a.cur = current{}
	a.remember(nil)
	a.address(r.Message.From)
	a.address(r.Message.To)
	if handset := r.Handset(); handset != "" {
		a.meet(handset).person = true
	}
	eachPathNumber(r.URL, func(number string) { a.address(number) })
	d, ok := a.table.Named(r.Vendor)
	switch {
	case r.Message.From == "" && r.Message.To == "" && a.isUnread(r):
		a.enrolUnread(r)
	case !ok:
	case a.rules[r.Vendor].phones():
		a.enrolByRule(d, r)
	default:
		spans, err := d.Locate(a.spans[:0], r, dialect.ClassSet(dialect.Person, dialect.Business, dialect.Email))
		if a.spans = spans[:0]; err == nil {
			for i := range spans {
				if spans[i].Part != payload.InPath {
					a.enlist(a.valueOf(r, &spans[i]), spans[i].Class)
				}
			}
		}
	}
	a.unite()
	a.unmask()
	return append(dst, a.met...), a.cur.err
}

// enlist meets what a field of that class holds.
func (a *Anonymizer) enlist(value string, class dialect.Class) {
	if value == "" || class == dialect.Email && !isEmail(value) {
		return
	}
	if ad := a.meet(value); class != dialect.Business {
		ad.person = true
	}
}

// enrolByRule is enrol for a vendor of whose fields a rule makes numbers: only Rewrite tells the names of all.
func (a *Anonymizer) enrolByRule(d *dialect.Vendor, r *capture.Record) {
	_ = d.Rewrite(r.Clone(), func(f dialect.Field) (string, dialect.Op) {
		action, _, ok := a.rules[r.Vendor].of(f)
		switch {
		case f.Part == payload.InPath || f.Value == "":
		case action == Phone && f.Class != dialect.Person, !ok && f.Class == dialect.Business:
			a.address(f.Value)
		case action == Phone || !ok && (f.Class == dialect.Person || f.Class == dialect.Email):
			a.enlist(f.Value, f.Class)
		}
		return "", dialect.Leave
	})
}

// valueOf returns what a span of a record says.
func (a *Anonymizer) valueOf(r *capture.Record, s *dialect.Span) string {
	switch s.Part {
	case payload.InBody:
		a.raw = append(a.raw[:0], r.Body[s.Start:s.End]...)
	case payload.InHeader:
		a.raw = append(a.raw[:0], r.Headers[s.Header].Value[s.Start:s.End]...)
	default:
		a.raw = append(a.raw[:0], r.URL[s.Start:s.End]...)
	}
	if s.Plain || s.Literal {
		return string(a.raw)
	}
	return string(s.Decode(nil, a.raw))
}

// roll gives fakes to the addresses of all records, whoever works on them, and counts them. It may be used by several
// goroutines at once.
type roll struct {
	mu     sync.Mutex
	people *people
	// recipients says what some numbers become, whatever the ledger says.
	recipients map[string]string
	// given are the numbers that they become.
	given map[string]struct{}
	// regions remembers the country of a number's first digits.
	regions map[string]string
	counts  Report // of people alone
	seed    maphash.Seed
}

// meet gives an address its fake.
func (l *roll) meet(ad *address) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fresh bool
	defer func() { ad.fresh, ad.who = fresh, l.people.who(ad.tag) }()
	if to, ok := l.recipients[ad.canonical]; ok {
		ad.fake, ad.given = to, true
		return nil
	}
	switch {
	case ad.way == byMask, ad.way > byNumber:
		if fresh = l.people.meet(ad.tag); fresh && ad.way != byMask {
			l.counts.UserIDs++
		}
	case ad.way == byCode:
		if ad.fake, fresh, err = l.people.shortCode(ad.tag, len(ad.canonical)); fresh {
			l.counts.ShortCodes++
		}
		if _, given := l.given[ad.fake]; given && err == nil {
			err = errGiven
		}
	case ad.way == byNumber:
		if ad.fake, fresh, err = l.people.number(ad.tag, zoneOf(ad.canonical)); fresh {
			l.counts.Numbers++
			l.counts.Countries[l.region(ad.canonical)]++
			if isTollFree(ad.canonical) {
				l.counts.TollFree++
			}
		}
	default:
		if ad.fake, fresh, err = l.people.senderName(ad.tag, ad.canonical); fresh {
			l.counts.SenderNames++
		}
	}
	return err
}

// errGiven says that a short code's fake is also what a number of Options.Recipients becomes.
var errGiven = errors.New("recipients: a short code that is given is also another one's fake: give another, or let that one become itself")

// givenBy are the numbers that a table gives.
func givenBy(table map[string]string) map[string]struct{} {
	given := make(map[string]struct{}, len(table))
	for _, to := range table {
		given[to] = struct{}{}
	}
	return given
}

// checkRecipients refuses a table by which two numbers would become one, or that gives what may be somebody's fake. A number
// may become itself.
func checkRecipients(table map[string]string, pool sms.Pool) error {
	given := make(map[string]struct{}, len(table))
	for from, to := range table {
		number, class := sms.Canonical(to)
		_, twice := given[to]
		switch _, known := sms.Canonical(from); {
		case class != sms.E164 && class != sms.ShortCode || number != to || known == sms.None:
			return errors.New("recipients: an entry is not two numbers in E.164 or short codes")
		case twice:
			return errors.New("recipients: two numbers become one")
		case pool.Contains(to) || sms.Wide().Contains(to):
			return errors.New("recipients: a number is given that is of a pool, and may be someone's fake")
		}
		given[to] = struct{}{}
	}
	return nil
}

// sent counts the sender of a message, once.
func (l *roll) sent(t tag) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.people.seenSender(t) {
		l.counts.Senders++
	}
}

// zoneOf is the zone that a number's fake is to be of: its own, or the largest where the pools have none of it.
func zoneOf(number string) sms.Zone {
	z, _ := sms.ZoneOf(number)
	return z
}

// isTollFree says whether a number is one that who calls does not pay for, of the North American plan. Those with 555 are real.
func isTollFree(number string) bool {
	if len(number) != len("+18005550100") || number[:2] != "+1" {
		return false
	}
	switch number[2:5] {
	case "800", "833", "844", "855", "866", "877", "888":
		return true
	}
	return false
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

// write returns the fake of an address in the style of the original. A telephone number in place of what is none is written as
// the record writes another.
func (a *Anonymizer) write(ad address) string {
	switch {
	case ad.given && ad.class != sms.E164 && strings.HasPrefix(ad.fake, "+"):
		for i := range a.met {
			if a.met[i].class == sms.E164 {
				return sms.Restyle(a.met[i].raw, ad.fake)
			}
		}
		return ad.fake
	case ad.way == byMask && !ad.given:
		return writtenMasked(ad.raw, ad.fake)
	case ad.way == byEmail && !ad.given:
		return a.keys.email(ad.raw)
	}
	return sms.Restyle(ad.raw, ad.fake)
}

// region returns the country of a number, remembered for all numbers that begin alike.
func (l *roll) region(number string) string {
	decisive := len("+442")
	if strings.HasPrefix(number, "+1") {
		decisive = len("+1415")
	}
	prefix := number[:min(len(number), decisive)]
	region, ok := l.regions[prefix]
	if !ok {
		if region = sms.Region(number); region == "" {
			region = "unknown"
		}
		if len(l.regions) < maxRegions {
			l.regions[prefix] = region
		}
	}
	return region
}

// maxRegions and maxAccounts bound what is remembered only for speed.
const (
	maxRegions  = 1 << 16
	maxAccounts = 1 << 12
)

package anonymize

import (
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// detail says which part of a place or a name a field holds, and of whom.
func (a *Anonymizer) detail(f dialect.Field) dialect.Detail {
	if v, ok := a.table.Named(a.cur.vendor); ok {
		return v.Detail(f.Name, f.Class)
	}
	return dialect.DetailByName(f.Name, f.Class)
}

// placeField returns a part of the place that the fake number of that side of the message is from.
func (a *Anonymizer) placeField(f dialect.Field) string {
	d := a.detail(f)
	p := a.placeOf(d.Recipient)
	switch d.Is {
	case dialect.City:
		return inCaseOf(f.Value, p.City)
	case dialect.Region:
		if len(f.Value) > len("D.C.") {
			return inCaseOf(f.Value, p.StateName)
		}
		return p.State
	case dialect.PostalCode:
		return p.Zip
	case dialect.Country:
		return country(f.Value, p)
	case dialect.MCC:
		return p.Network[:3]
	case dialect.MNC:
		return p.Network[3:]
	case dialect.NetworkCode:
		return p.Network
	}
	return ""
}

// country writes a country as the original is written: by two letters, by three, or in full.
func country(old string, p *texts.Place) string {
	switch {
	case len(old) <= len("US"):
		return p.Country
	case len(old) > len("USA"):
		return inCaseOf(old, p.CountryName)
	case p.Country == "US":
		return inCaseOf(old, "USA")
	}
	return inCaseOf(old, "CAN")
}

// placeOf returns the place of the record's sender or recipient, by its fake number's area code; of an event that is no message, that
// of whom it tells of.
func (a *Anonymizer) placeOf(recipient bool) *texts.Place {
	side, of := 0, a.cur.from
	if recipient {
		side, of = 1, a.cur.to
	}
	if a.cur.places[side] == nil {
		if a.cur.from.raw == "" && a.cur.to.raw == "" {
			of = a.subject()
		}
		area := areaOf(strings.TrimPrefix(a.phoneOf(of), "+"))
		p := a.texts.Place(a.keys.place.seed("place", string(of.who[:]), ""), area)
		a.cur.places[side] = &p
	}
	return a.cur.places[side]
}

// phoneOf returns the fake number of whom an address names: its own, or that by which the record knows the same person.
func (a *Anonymizer) phoneOf(of address) string {
	if of.way > byNumber {
		for i := range a.met {
			if a.met[i].way == byNumber && a.met[i].who == of.who {
				return a.met[i].fake
			}
		}
	}
	if len(of.fake) != len("+14155550100") {
		return ""
	}
	return of.fake
}

// subject returns the address of the one person that an event tells of, the number first.
func (a *Anonymizer) subject() address {
	who, ok := a.whom()
	for _, least := range [...]bool{true, false} {
		for i := range a.met {
			if ad := &a.met[i]; ok && ad.person && ad.who == who && (ad.way == byNumber) == least {
				return *ad
			}
		}
	}
	return address{}
}

// whom returns who the person of a record is, where it is one: the sender of a message, the recipient of a receipt, or the only one
// that an event tells of.
func (a *Anonymizer) whom() (who tag, ok bool) {
	if a.cur.person.raw != "" {
		return a.cur.person.who, true
	}
	for i := range a.met {
		switch ad := &a.met[i]; {
		case !ad.person:
		case !ok:
			who, ok = ad.who, true
		case ad.who != who:
			return tag{}, false
		}
	}
	return who, ok
}

// name returns the name of the person or of the network that a side of the message belongs to: one word for one word.
func (a *Anonymizer) name(f dialect.Field) string {
	d := a.detail(f)
	if d.Is == dialect.Carrier {
		of := a.cur.from
		if d.Recipient {
			of = a.cur.to
		}
		return a.texts.Carrier(a.keys.place.seed("carrier", string(of.tag[:]), ""))
	}
	first, last := a.nameSeeds(f)
	words := len(strings.Fields(f.Value))
	switch {
	case d.Is == dialect.UserName:
		at := ""
		if strings.HasPrefix(f.Value, "@") {
			at = "@"
		}
		return at + strings.ToLower(a.texts.FirstName(first)+"_"+a.texts.LastName(last))
	case d.Is == dialect.LastName:
		return inCaseOf(f.Value, a.texts.LastName(last))
	case d.Is != dialect.FirstName && words > 1:
		return inCaseOf(f.Value, a.texts.FirstName(first)+" "+a.texts.LastName(last))
	}
	return inCaseOf(f.Value, a.texts.FirstName(first))
}

// nameSeeds returns what a name's first and last word are made from: the person whom the record tells of, or of several
// the one beside whom the name stands. Where there is nobody who is known by anything else, each word of the original becomes the same
// one everywhere.
func (a *Anonymizer) nameSeeds(f dialect.Field) (first, last [2]uint64) {
	who, ok := a.whom()
	if at := a.cur.names - 1; f.Part == payload.InBody && at >= 0 && at < len(a.owned) {
		who, ok = a.owned[at], true
	}
	if ok {
		first = a.keys.place.seed("name", string(who[:]), "")
		return first, first
	}
	words := strings.Fields(strings.ToLower(f.Value))
	if len(words) == 0 {
		return first, last
	}
	return a.keys.place.seed("first name", words[0], ""), a.keys.place.seed("last name", words[len(words)-1], "")
}

// inCaseOf writes a name in upper or lower case where the original was written so.
func inCaseOf(original, name string) string {
	switch original {
	case strings.ToUpper(original):
		return strings.ToUpper(name)
	case strings.ToLower(original):
		return strings.ToLower(name)
	}
	return name
}

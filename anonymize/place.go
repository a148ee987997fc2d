package anonymize

import (
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/dialect"
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
		return p.State
	case dialect.PostalCode:
		return p.Zip
	case dialect.Country:
		return p.Country
	case dialect.MCC:
		return p.Network[:3]
	case dialect.MNC:
		return p.Network[3:]
	case dialect.NetworkCode:
		return p.Network
	}
	return ""
}

// placeOf returns the place of the record's sender or recipient, by its fake number's area code.
func (a *Anonymizer) placeOf(recipient bool) *texts.Place {
	side, of := 0, a.cur.from
	if recipient {
		side, of = 1, a.cur.to
	}
	if a.cur.places[side] == nil {
		area := ""
		if len(of.fake) == len("+14155550100") {
			area = of.fake[2:5]
		}
		p := a.texts.Place(a.keys.place.seed("place", string(of.tag[:]), ""), area)
		a.cur.places[side] = &p
	}
	return a.cur.places[side]
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
	seed := a.keys.place.seed("name", string(a.cur.person.tag[:]), "")
	switch d.Is {
	case dialect.LastName:
		return inCaseOf(f.Value, a.texts.LastName(seed))
	case dialect.UserName:
		return a.userName(f.Value, seed)
	case dialect.FirstName:
	default:
		if strings.Contains(strings.TrimSpace(f.Value), " ") {
			return inCaseOf(f.Value, a.texts.Name(seed))
		}
	}
	return inCaseOf(f.Value, a.texts.FirstName(seed))
}

// userName returns a name that a person may have chosen, of one word, behind an @ where the original has one.
func (a *Anonymizer) userName(old string, seed [2]uint64) string {
	at := ""
	if strings.HasPrefix(old, "@") {
		at = "@"
	}
	return at + strings.ToLower(strings.ReplaceAll(a.texts.Name(seed), " ", "_"))
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

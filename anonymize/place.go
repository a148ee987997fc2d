package anonymize

import (
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/dialect"
)

// placeField returns a part of the place that the fake number of that side of the message is from.
func (a *Anonymizer) placeField(f dialect.Field) string {
	name := strings.ToLower(f.Name)
	p := a.placeOf(isRecipient(name))
	switch {
	case strings.Contains(name, "city"):
		return inCaseOf(f.Value, p.City)
	case strings.Contains(name, "state") || strings.Contains(name, "region"):
		return p.State
	case strings.Contains(name, "zip") || strings.Contains(name, "postal"):
		return p.Zip
	case strings.Contains(name, "country"):
		return p.Country
	case strings.Contains(name, "mcc"):
		return p.Network[:3]
	case strings.Contains(name, "mnc"):
		return p.Network[3:]
	case strings.Contains(name, "network"):
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

// isRecipient says whether a field, its name in lower case, tells of the message's recipient rather than its sender.
func isRecipient(name string) bool {
	return strings.HasPrefix(name, "to") || strings.Contains(name, ".to.") || strings.HasSuffix(name, ".to") ||
		strings.HasPrefix(name, "called") || strings.HasPrefix(name, "destination") || strings.Contains(name, ".destination")
}

// name returns the name of the person or of the network that a side of the message belongs to: one word for one word.
func (a *Anonymizer) name(f dialect.Field) string {
	lower := strings.ToLower(f.Name)
	of := a.cur.from
	if isRecipient(lower) {
		of = a.cur.to
	}
	if strings.Contains(lower, "carrier") || strings.Contains(lower, "network") {
		return a.texts.Carrier(a.keys.place.seed("carrier", string(of.tag[:]), ""))
	}
	seed := a.keys.place.seed("name", string(a.cur.person.tag[:]), "")
	if strings.Contains(strings.TrimSpace(f.Value), " ") {
		return inCaseOf(f.Value, a.texts.Name(seed))
	}
	return inCaseOf(f.Value, a.texts.FirstName(seed))
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

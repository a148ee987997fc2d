package anonymize

import (
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// field answers for one field of the record at hand.
func (a *Anonymizer) field(f dialect.Field) (value string, op dialect.Op) {
	if f.Part == payload.InPath {
		return "", dialect.Leave // its segments were replaced before
	}
	if f.Class == dialect.Name && f.Part == payload.InBody {
		a.cur.names++
	}
	if action, ok := a.rule(f); ok {
		return a.apply(f, action)
	}
	if f.Part == payload.InHeader {
		return a.header(f)
	}
	switch f.Class {
	case dialect.Time:
		return a.time(f)
	case dialect.Keep, dialect.Encoding, dialect.Segments:
		if couldBeNumber(f.Value) {
			return a.unknown(f)
		}
		return "", dialect.Leave
	case dialect.Secret:
		return "", dialect.Drop
	case dialect.Unknown:
		return a.unknown(f)
	}
	if f.Value == "" || f.Literal && f.Value == f.Blank() {
		a.cur.emptyText = a.cur.emptyText || f.Class == dialect.Text
		return "", dialect.Leave
	}
	a.cur.content = a.cur.content || f.Class == dialect.Text || f.Class == dialect.Link || f.Class == dialect.Place && a.detail(f).Is == dialect.Other
	value = a.replace(f)
	if f.Literal && !isNumber(value) {
		return "", dialect.Drop
	}
	return value, dialect.Set
}

// couldBeNumber says whether a value that was to stay has the digits of a telephone number and nothing else, as no count, size, version or word of
// a vendor has, but the columns of a table that were shifted by one.
func couldBeNumber(value string) bool {
	digits := 0
	for i := range len(value) {
		switch c := value[i]; {
		case isDigit(c):
			digits++
		case strings.IndexByte("+-() /", c) < 0:
			return false
		}
	}
	return digits >= 10
}

// time moves a time by as much as its record. One in a form that is not known goes, and is counted.
func (a *Anonymizer) time(f dialect.Field) (value string, op dialect.Op) {
	if a.by == 0 || f.Value == "" || f.Literal && f.Value == f.Blank() {
		return "", dialect.Leave
	}
	moved, ok := payload.AppendMoved(nil, []byte(f.Value), a.cur.at, a.by)
	if !ok || f.Literal && !isNumber(string(moved)) {
		a.report.Unmoved++
		return "", dialect.Drop
	}
	return string(moved), dialect.Set
}

// replace returns what a field of a known class becomes.
func (a *Anonymizer) replace(f dialect.Field) string {
	switch f.Class {
	case dialect.Person, dialect.Business:
		return a.write(a.address(f.Value))
	case dialect.ID:
		return a.id(f.Value)
	case dialect.Account:
		return a.account(f.Value)
	case dialect.Text:
		if f.Value == a.cur.text {
			return a.cur.newText
		}
		return a.newText(f.Value)
	case dialect.TextWord:
		return firstWord(a.cur.newText)
	case dialect.Place:
		return a.placeField(f)
	case dialect.Name:
		return a.name(f)
	case dialect.Email:
		return a.keys.email(f.Value)
	case dialect.Link:
		return a.link(f.Value)
	}
	return ""
}

// unknown blanks a field that the dialect does not know, unless it holds the URL of the record itself.
func (a *Anonymizer) unknown(f dialect.Field) (value string, op dialect.Op) {
	if f.Value == f.Blank() {
		return "", dialect.Leave
	}
	if made, ok := a.ownURL(f.Value); ok {
		return made, dialect.Set
	}
	vendor := a.cur.vendor
	if vendor == "" {
		vendor = "other"
	}
	a.report.unknown(vendor, f)
	return "", dialect.Drop
}

// id returns the replacement of an id: the same one for each place where the id occurs, whatever its name there.
func (a *Anonymizer) id(old string) string {
	for _, known := range a.cur.ids {
		if known.from == old {
			return known.to
		}
	}
	fresh := a.freshID(old)
	if len(a.cur.ids) < maxIDs {
		a.cur.ids = append(a.cur.ids, replaced{old, fresh})
	}
	return fresh
}

// maxIDs is how many ids of one record are remembered for speed.
const maxIDs = 64

// freshID returns another id of the same shape. A channel's prefix ("whatsapp:") stays before it.
func (a *Anonymizer) freshID(old string) string {
	if strings.IndexByte(old, ':') > 0 {
		channel, id := sms.CutChannel(old)
		return channel + keyed.FreshID(a.keys.ids, id)
	}
	return keyed.FreshID(a.keys.ids, old)
}

// account is id for the few that nearly every record names.
func (a *Anonymizer) account(old string) string {
	fresh, ok := a.accounts[old]
	if !ok {
		fresh = a.freshID(old)
		if len(a.accounts) >= maxAccounts {
			clear(a.accounts)
		}
		a.accounts[strings.Clone(old)] = fresh
	}
	return fresh
}

// isNumber says whether a JSON number may be written so.
func isNumber(s string) bool {
	if s == "" || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// firstWord returns the first word of a text in upper case, as some vendors give it beside the text.
func firstWord(text string) string {
	for word := range strings.FieldsSeq(text) {
		return strings.ToUpper(word)
	}
	return ""
}

package anonymize

import (
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// OtherVendor stands for all payloads that no vendor's dialect reads, where a policy or a report names vendors.
const OtherVendor = "other"

// unread rewrites a record of which no dialect knows the payload: names and structure stay, each value becomes another one of its class.
// A body that is neither JSON nor a form that can be read is replaced as a whole.
func (a *Anonymizer) unread(r *capture.Record) {
	told := len(r.Body) > 0 || strings.Contains(r.URL, "?")
	if a.plain.RewriteUnread(r, a.editUnread) != nil {
		a.opaque(r, a.plain.RewriteUnread, a.editUnread)
	} else if told {
		a.report.Shaped++
	}
}

// Reads says whether a vendor's dialect can read the payload of a record that counts as of that vendor.
func Reads(v *dialect.Vendor, r *capture.Record) bool {
	if v.AnyPayload() {
		return false
	}
	if r.Kind != capture.Other {
		return true // it was read when it was captured
	}
	_, err := v.Parse(r)
	return err == nil
}

// isUnread says whether no dialect reads the payload of a record.
func (a *Anonymizer) isUnread(r *capture.Record) bool {
	d, ok := a.table.Named(r.Vendor)
	return !ok || !Reads(d, r)
}

// enrolUnread maps the addresses of a record of which no dialect knows the payload, in the order in which unread does.
func (a *Anonymizer) enrolUnread(r *capture.Record) {
	alone := *r
	a.cur.vendor, a.cur.at = r.Vendor, r.Time
	if a.plain.RewriteUnread(&alone, a.enrolField) != nil {
		alone.Body = nil
		_ = a.plain.RewriteUnread(&alone, a.enrolField) // of the query alone: that can always be read
	}
}

// enrolField maps the address that a field is.
func (a *Anonymizer) enrolField(f dialect.Field) (string, dialect.Op) {
	if _, ok := a.numberOf(f); ok || f.Part == payload.InHeader {
		return "", dialect.Leave
	}
	if _, _, _, ruled := ruleUnread(a.rules, a.cur.vendor, f); ruled {
		return "", dialect.Leave
	}
	if _, ok := a.nested(f, a.enrolField); !ok && holdsNumbers(f) {
		eachPlus(f.Value, func(number string) { a.address(number) }, func(string) {})
	}
	return "", dialect.Leave
}

// unreadField answers for one field of a record of which no dialect knows the payload.
func (a *Anonymizer) unreadField(f dialect.Field) (value string, op dialect.Op) {
	if f.Part == payload.InHeader {
		return a.field(f)
	}
	a.report.sawName(f)
	if action, ruled := a.ruledUnread(f); ruled {
		if action == Name && f.Value != "" && !f.Literal {
			return a.nameLike(f.Value), dialect.Set
		}
		return a.apply(f, action)
	}
	if f.Value == "" || f.Literal && f.Value == f.Blank() {
		return "", dialect.Leave
	}
	if ad, ok := a.numberOf(f); ok {
		return a.writeIn(f, ad), dialect.Set
	}
	switch {
	case isNear(f.Value, a.cur.at) && !a.hints(f.Name).has(aboutBirth):
		return a.timeLike(f)
	case f.Literal:
		return a.literalLike(f), dialect.Set
	case !f.Key && Structural(f.Name, f.Value), isMarks(f.Value):
		return "", dialect.Leave
	}
	if made, ok := a.nested(f, a.editUnread); ok {
		return made, dialect.Set
	}
	made := a.valueLike(f)
	if made != f.Value {
		a.report.enums.add(&a.report, f, a.roll.seed)
	}
	return made, dialect.Set
}

// maxNested is how deep JSON may stand in values of JSON.
const maxNested = 4

// nested rewrites JSON that stands in a value that stands in another.
func (a *Anonymizer) nested(f dialect.Field, edit dialect.Edit) (made string, ok bool) {
	if f.Literal || f.Key || a.nesting == maxNested || !payload.StartsJSON([]byte(f.Value[:min(len(f.Value), 64)])) {
		return "", false
	}
	a.nesting++
	defer func() { a.nesting-- }()
	doc, err := dialect.RewriteValues(payload.JSON, f.Part, []byte(f.Value), func(in dialect.Field) (string, dialect.Op) {
		in.Name = f.Name + "." + in.Name
		return edit(in)
	})
	return string(doc), err == nil
}

// numberOf maps the address that a field is, and says whether it is one.
func (a *Anonymizer) numberOf(f dialect.Field) (ad address, ok bool) {
	action, _, _, ruled := ruleUnread(a.rules, a.cur.vendor, f)
	switch {
	case f.Value == "" || f.Literal && f.Value == f.Blank():
		return address{}, false
	case ruled && action == Phone:
		return a.address(f.Value), true
	case ruled, f.Part == payload.InHeader, len(f.Value) > maxNumber:
		return address{}, false
	}
	switch a.addressClass(f) {
	case sms.E164:
		return a.address(f.Value), true
	case sms.ShortCode:
		return a.shortAddress(f.Value), true
	}
	return address{}, false
}

// maxNumber is how long, in bytes, an address can be.
const maxNumber = 64

// addressClass says whether a value is a telephone number, or a short code, by its form and by the name of its field.
func (a *Anonymizer) addressClass(f dialect.Field) sms.Class {
	digits, wide := 0, false
	for i := range len(f.Value) {
		wide = wide || f.Value[i] >= 0x80
		if isDigit(f.Value[i]) {
			digits++
		}
	}
	hint := a.hints(f.Name)
	plus := strings.ContainsAny(f.Value, "+\uff0b:")
	switch {
	case wide: // which may be digits of another script
	case digits < 5, digits < 10 && !plus && !hint.has(aboutAddress):
		return sms.None // asking what it is costs ten microseconds
	case f.Literal && !isNumber(f.Value), isDecimal(f.Value), isHost(f.Value), startsWithDay(f.Value):
		return sms.None
	}
	number, class := sms.Canonical(f.Value)
	switch {
	case class == sms.ShortCode:
		if !f.Literal && !f.Key && number == f.Value && len(number) >= 5 && hint.has(aboutAddress) && !hint.has(aboutID) {
			return class
		}
	case class != sms.E164:
	case plus, hint.has(aboutAddress) && !hint.has(aboutID):
		return class
	case isNear(f.Value, a.cur.at):
	case isNorthAmerican(number), !hint.has(aboutID) && sms.IsValid(number):
		return class
	}
	return sms.None
}

// isNorthAmerican says whether a number in E.164 has the form of one of the North American plan.
func isNorthAmerican(number string) bool {
	return len(number) == len("+14155551234") && number[:2] == "+1" && number[2] >= '2'
}

// shortAddress is address for what may be a short code. Where there are no more fakes of its length, other digits take its place.
func (a *Anonymizer) shortAddress(raw string) address {
	before, count := a.cur.err, len(a.met)
	ad := a.address(raw)
	if before == nil && a.cur.err != nil && len(a.met) > count {
		a.cur.err = nil
		a.met[count].fake = a.digits(ad.canonical)
		ad = a.met[count]
	}
	return ad
}

// writeIn writes the fake of an address in place of a field: of a JSON number as one.
func (a *Anonymizer) writeIn(f dialect.Field, ad address) string {
	made := a.write(ad)
	if !f.Literal {
		return made
	}
	if made = strings.TrimPrefix(made, "+"); isNumber(made) {
		return made
	}
	return a.digits(f.Value)
}

// ruledUnread returns what a rule of the policy says of a field of a payload that no dialect reads, and takes note that there was such a field.
func (a *Anonymizer) ruledUnread(f dialect.Field) (Action, bool) {
	action, name, vendor, ok := ruleUnread(a.rules, a.cur.vendor, f)
	if a.rules[OtherVendor] != nil {
		a.report.named[OtherVendor] = true
	}
	if ok {
		a.report.used[ruleName{vendor, false, name}] = true
	}
	return action, ok
}

// ruleUnread returns the rule for a field of a payload that no dialect reads, where there is one, with its name and its vendor: that which
// the record counts as of, or OtherVendor.
func ruleUnread(all map[string]*rules, vendor string, f dialect.Field) (action Action, name, of string, ok bool) {
	if f.Key || len(all) == 0 {
		return "", "", "", false
	}
	if vendor != "" {
		if action, name, ok = all[vendor].of(f); ok {
			return action, name, vendor, true
		}
	}
	action, name, ok = all[OtherVendor].ofUnread(f)
	return action, name, OtherVendor, ok
}

// ofUnread is of for a payload that no dialect reads: a rule names a field in full, or by its last key alone, however deep that stands.
func (r *rules) ofUnread(f dialect.Field) (action Action, name string, ok bool) {
	if action, name, ok = r.of(f); ok || f.Part == payload.InHeader {
		return action, name, ok
	}
	f.Name = lastKey(f.Name)
	return r.of(f)
}

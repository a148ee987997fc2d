package publish

import (
	"strings"
	"time"
	"unicode"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// unreadFields tells an audit of the values of payloads that no dialect reads.
type unreadFields struct {
	schema *dialect.Schema
	keeps  func(vendor string, f dialect.Field) bool // by the policy
}

// each calls f for each value of the body and of the query, and for each key that looks like data.
func (u unreadFields) each(r *capture.Record, f func(audit.FieldSort, []byte)) {
	alone := *r
	alone.Headers = nil
	look := func(field dialect.Field) (string, dialect.Op) {
		if sort, tells := u.sort(r, field); tells {
			f(sort, []byte(field.Value))
		}
		return "", dialect.Leave
	}
	if u.schema.RewriteUnread(&alone, look) == nil {
		return
	}
	f(audit.Personal, r.Body)
	alone.Body = nil
	_ = u.schema.RewriteUnread(&alone, look) // of the query alone: that can always be read
}

// sort says what a value is by its form; tells is false of what cannot tell of anyone.
func (u unreadFields) sort(r *capture.Record, f dialect.Field) (sort audit.FieldSort, tells bool) {
	digits := 0
	for i := range len(f.Value) {
		if c := f.Value[i]; c >= '0' && c <= '9' {
			digits++
		}
	}
	alone := digits == len(f.Value)
	switch {
	case f.Value == "", f.Literal && digits < 7, anonymize.TellsNothing(f.Value):
		return 0, false
	case !f.Key && !f.Literal && anonymize.Structural(f.Name, f.Value), u.keeps(r.Vendor, f) && anonymize.LooksLikeEnum(f.Value),
		isTime(f, r.Time):
		return audit.Common, true
	case isNumber(f.Value, digits):
		return audit.Number, true
	case strings.IndexFunc(f.Value, unicode.IsSpace) >= 0 && len(f.Value) >= 8:
		return audit.Personal, true
	case len(f.Value) < 8, alone && digits < 12, f.Literal && !alone:
		return audit.Brief, true
	}
	return audit.Made, true
}

// isNumber says whether a value is certainly a telephone number: with a plus sign, or as North America writes them.
func isNumber(value string, digits int) bool {
	if digits < 7 || digits > 15 || len(value) > 2*digits+2 {
		return false
	}
	first := 0
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			if first == 0 {
				first = int(c)
			}
		case !strings.ContainsRune(" ()+-.", c):
			return false
		}
	}
	number, class := sms.Canonical(value)
	return class == sms.E164 && (value[0] == '+' || digits == 11 && first == '1' && number[2] >= '2' || digits == 10 && len(number) == 12 && number[1] == '1')
}

// nearby is how far from its record a time may be that is no birthday.
const nearby = 400 * 24 * time.Hour

// isTime says whether a value is a time near that of its record.
func isTime(f dialect.Field, moment time.Time) bool {
	name := strings.ToLower(f.Name)
	if len(f.Value) > 48 || strings.Contains(name, "birth") || strings.Contains(name, "dob") {
		return false
	}
	whole := f.Value
	if len(whole) > 11 && whole[10] == '.' {
		whole = whole[:10] // seconds with a fraction
	}
	for _, text := range [...]string{f.Value, whole} {
		at, ok := payload.Moment(text, moment)
		if day, err := time.Parse(time.DateOnly, text); !ok && err == nil {
			at, ok = day, true
		}
		if ok && at.Sub(moment).Abs() < nearby {
			return true
		}
	}
	return false
}

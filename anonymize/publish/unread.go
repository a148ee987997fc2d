package publish

import (
	"net/netip"
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
	kept := u.keeps(r.Vendor, f) && (anonymize.LooksLikeEnum(f.Value) || alone && digits <= 5)
	switch {
	case f.Value == "", f.Literal && digits < 7:
		return 0, false
	case anonymize.TellsNothing(f.Value):
		return audit.Common, digits >= 7 // of as many noughts as a number has digits it has to be said
	case !f.Key && !f.Literal && anonymize.Structural(f.Name, f.Value), kept, isTime(f, r.Time):
		return audit.Common, true
	case (alone || !f.Literal) && isNumber(f.Value, digits):
		return audit.Number, true
	case longestWord(f.Value) < 6, len(f.Value) < 8, alone && digits < 12, f.Literal && !alone:
		return audit.Brief, true
	case strings.IndexFunc(f.Value, unicode.IsSpace) >= 0:
		return audit.Personal, true
	}
	return audit.Made, true
}

// isNumber says whether a value is certainly a telephone number: with a plus sign, or as North America writes them.
func isNumber(value string, digits int) bool {
	if _, err := netip.ParseAddr(value); err == nil || digits < 7 || digits > 15 || len(value) > 2*digits+2 || isDecimal(value) {
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

// longestWord returns how many letters and digits, in a row, a value has at most, in bytes.
func longestWord(value string) int {
	longest, run := 0, 0
	for i := range len(value) {
		if c := value[i]; c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
			run++
			longest = max(longest, run)
			continue
		}
		run = 0
	}
	return longest
}

// isDecimal says whether a value is a number with a fraction.
func isDecimal(value string) bool {
	whole, fraction, ok := strings.Cut(strings.TrimPrefix(value, "-"), ".")
	return ok && strings.Trim(whole+fraction, "0123456789") == ""
}

// nearby is how far from its record a time may be that is no birthday.
const nearby = 400 * 24 * time.Hour

// isTime says whether a value is a time near that of its record.
func isTime(f dialect.Field, moment time.Time) bool {
	if len(f.Value) > 48 || anonymize.AboutBirth(f.Name) {
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

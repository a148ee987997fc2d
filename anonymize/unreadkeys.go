package anonymize

import (
	"slices"
	"strings"
	"time"

	"reprise/capture/payload"
)

// StructureKeys returns the names of fields whose values tell a receiver what to do with a payload, in lower case and sorted. In a payload
// that no dialect reads, such a field keeps a value that looks like one word of a program. Capitals, - and _ do not matter.
func StructureKeys() []string {
	return strings.Fields(`action api_version call_status channel channel_type charset content_type currency datacontenttype delivery_status
		direction encoding event event_kind event_name event_status event_type event_version format kind media_type message_status
		message_type method mime_type mode msg_type notification_type object object_type op operation record_type resource_type schema
		schema_version sms_status specversion status subtopic subtype topic type version webhook_type`)
}

// Structural says whether a value of a payload that no dialect reads holds its structure: by the last key of the field's name, and by
// looking like one word of a program.
func Structural(name, value string) bool {
	if len(name) == 0 || len(value) == 0 || len(value) > maxEnum {
		return false
	}
	key := lastKey(name)
	if at := strings.LastIndexByte(key, '['); at > 0 { // data[type]
		key = strings.TrimSuffix(key[at+1:], "]")
	}
	key = normalKey(key)
	_, ok := slices.BinarySearch(structureKeys, key)
	return ok && (LooksLikeEnum(value) || strings.HasSuffix(key, "version") && isDay(value))
}

// structureKeys are the StructureKeys as normalKey writes them. They do not change.
var structureKeys = func() []string {
	keys := StructureKeys()
	for i := range keys {
		keys[i] = normalKey(keys[i])
	}
	slices.Sort(keys)
	return keys
}()

// normalKey writes a key in lower case, without what joins its words.
func normalKey(key string) string {
	plain := func(r rune) rune {
		switch {
		case r == '_' || r == '-':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}
	return strings.Map(plain, key)
}

// lastKey returns the last step of a field's name that is a key's: of contacts.*.number it is number, of to.* it is to.
func lastKey(name string) string {
	for strings.HasSuffix(name, ".*") || strings.HasSuffix(name, ".#") {
		name = name[:len(name)-2]
	}
	return name[strings.LastIndexByte(name, '.')+1:]
}

// maxEnum is how long a word of a program is at most.
const maxEnum = 64

// LooksLikeEnum says whether a value is like a word of a program: letters, joints and few digits, such as message.received, MO_TEXT,
// application/json and v1.2; no number, date, address or sentence.
func LooksLikeEnum(value string) bool {
	letters, digits, run := 0, 0, 0
	for i := range len(value) {
		c := value[i]
		switch {
		case isDigit(c):
			digits++
			if run++; run > 4 {
				return false
			}
			continue
		case isLetter(c):
			letters++
		case i > 0 && strings.IndexByte("_-./:", c) >= 0:
		default:
			return false
		}
		run = 0
	}
	switch {
	case value == "" || len(value) > maxEnum || strings.Contains(value, "//"):
		return false
	case letters == 0:
		return digits <= 4
	}
	return digits <= 6
}

// hint is what the name of a field says of its value.
type hint uint8

const (
	aboutAddress hint = 1 << iota
	aboutID
	aboutBirth
	aboutPerson
	aboutName
	aboutPlace
)

func (h hint) has(want hint) bool { return h&want != 0 }

// hints returns what the last key of a field's name says. Most fields are met again and again.
func (a *Anonymizer) hints(name string) hint {
	h, ok := a.known[name]
	if !ok {
		h = hintsOf(lastKey(name))
		if len(a.known) >= maxHints {
			clear(a.known)
		}
		a.known[strings.Clone(name)] = h
	}
	return h
}

// maxHints bounds how many names are remembered for speed.
const maxHints = 1 << 10

// AboutBirth says whether a field's name is about somebody's birthday: no time in it stays.
func AboutBirth(name string) bool { return hintsOf(lastKey(name)).has(aboutBirth) }

// hintsOf looks at the words of a key, as in toNumber, to_number and data[to][number].
func hintsOf(key string) (h hint) {
	eachKeyWord(key, func(word string) {
		switch strings.ToLower(word) {
		case "phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "phonenumber", "msisdn", "msisdns", "from", "to", "sender", "recipient",
			"recipients", "originator", "destination", "destinations", "source", "caller", "called", "callee", "ani", "dnis", "handset", "whatsapp", "shortcode",
			"longcode", "fax":
			h |= aboutAddress
		case "id", "ids", "uid", "uuid", "guid", "sid", "ref", "reference", "token", "nonce", "key", "hash", "order", "invoice", "tracking", "sequence":
			h |= aboutID
		case "birth", "birthday", "birthdate", "dob", "born", "age":
			h |= aboutBirth
		case "lat", "lon", "lng", "latitude", "longitude", "pin":
			h |= aboutPlace
		case "name", "firstname", "lastname", "fullname", "surname":
			h |= aboutName | aboutPerson
		case "username", "user", "nickname", "nick", "handle", "person", "customer", "email", "mail", "city", "town", "state", "zip", "postcode",
			"postal", "street", "address", "address1", "address2", "company", "gender":
			h |= aboutPerson
			if w := strings.ToLower(word); w == "zip" || w == "postcode" || w == "postal" {
				h |= aboutPlace
			}
		}
	})
	return h
}

// eachKeyWord calls f for each word of a key: words end at what is no letter and no digit, and before a capital behind a small letter.
func eachKeyWord(key string, f func(word string)) {
	start := 0
	for i := 0; i <= len(key); i++ {
		switch {
		case i == len(key) || !isLetter(key[i]) && !isDigit(key[i]):
			if i > start {
				f(key[start:i])
			}
			start = i + 1
		case i > start && key[i] >= 'A' && key[i] <= 'Z' && key[i-1] >= 'a' && key[i-1] <= 'z':
			f(key[start:i])
			start = i
		}
	}
}

// nearby is how far from its request a time may be that the request tells of. What is farther may be somebody's birthday.
const nearby = 400 * 24 * time.Hour

// isNear says whether a value is a time near that moment: with or without its time of day, or a time of day alone.
func isNear(value string, moment time.Time) bool {
	if len(value) > maxTime || len(value) < len("15:04") {
		return false
	}
	if isClock(value) {
		return true
	}
	at, ok := payload.Moment(value, moment)
	if !ok {
		if whole, _, cut := strings.Cut(value, "."); cut && len(whole) == 10 { // seconds with a fraction
			at, ok = payload.Moment(whole, moment)
			ok = ok && strings.Trim(value[11:], "0123456789") == ""
		}
	}
	if !ok && isDay(value) {
		var err error
		at, err = time.Parse(time.DateOnly, value)
		ok = err == nil
	}
	return ok && at.Sub(moment).Abs() < nearby
}

// maxTime is how long a time is at most.
const maxTime = 48

// isDay says whether a value is of the form 2006-01-02 or 2006-01.
func isDay(value string) bool {
	for i := range len(value) {
		if dash := i == len("2006") || i == len("2006-01"); dash && value[i] != '-' || !dash && !isDigit(value[i]) {
			return false
		}
	}
	return len(value) == len("2006-01") || len(value) == len(time.DateOnly)
}

// isClock says whether a value is a time of day, or how far one is from UTC: 15:04, 15:04:05, +01:00.
func isClock(value string) bool {
	value = strings.TrimLeft(value, "+-")
	if len(value) != len("15:04") && len(value) != len("15:04:05") {
		return false
	}
	for i := range len(value) {
		if i%3 == 2 && value[i] != ':' || i%3 != 2 && !isDigit(value[i]) {
			return false
		}
	}
	return value[:2] < "25"
}

package traces

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value is one of a Ruby literal as inspect prints it: a string, a hash, an array, or anything that JSON writes in the same way, as raw.
type value struct {
	kind    valueKind
	text    string // of a string, or the JSON of a raw one
	members []member
	items   []value
}

type member struct {
	key   string
	value value
}

type valueKind uint8

const (
	rawValue valueKind = iota
	stringValue
	hashValue
	arrayValue
)

// maxNested is how deeply a literal may nest.
const maxNested = 100

// parseRuby reads a hash as inspect prints it, before Ruby 3.4 ("a"=>1, :b=>2) and from it on ("a" => 1, b: 2). What prints as an object
// (#<…>) cannot be read back.
func parseRuby(text string) (value, bool) {
	p := rubyParser{text: text}
	v, ok := p.value(0)
	p.space()
	return v, ok && p.i == len(p.text) && v.kind == hashValue
}

type rubyParser struct {
	text string
	i    int
}

func (p *rubyParser) space() {
	for p.i < len(p.text) && (p.text[p.i] == ' ' || p.text[p.i] == '\t' || p.text[p.i] == '\r' || p.text[p.i] == '\n') {
		p.i++
	}
}

func (p *rubyParser) take(token string) bool {
	if strings.HasPrefix(p.text[p.i:], token) {
		p.i += len(token)
		return true
	}
	return false
}

func (p *rubyParser) value(depth int) (v value, ok bool) {
	p.space()
	if p.i >= len(p.text) || depth > maxNested {
		return v, false
	}
	switch c := p.text[p.i]; {
	case c == '"':
		v.kind = stringValue
		v.text, ok = p.str()
		return v, ok
	case c == '{':
		return p.hash(depth)
	case c == '[':
		return p.array(depth)
	case c == ':':
		p.i++
		v.kind = stringValue
		v.text, ok = p.symbol()
		return v, ok
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, l := range [...]struct{ ruby, json string }{{"nil", "null"}, {"true", "true"}, {"false", "false"}} {
		if p.take(l.ruby) {
			return value{text: l.json}, true
		}
	}
	return v, false
}

func (p *rubyParser) hash(depth int) (v value, ok bool) {
	v.kind = hashValue
	p.i++
	for p.space(); !p.take("}"); p.space() {
		if len(v.members) > 0 && !p.take(",") {
			return v, false
		}
		p.space()
		var m member
		if m.key, ok = p.key(); !ok {
			return v, false
		}
		if m.value, ok = p.value(depth + 1); !ok {
			return v, false
		}
		v.members = append(v.members, m)
	}
	return v, true
}

// key reads a key and what parts it from its value.
func (p *rubyParser) key() (key string, ok bool) {
	switch {
	case p.i < len(p.text) && p.text[p.i] == '"':
		if key, ok = p.str(); ok && p.take(":") { // "a-b": 1 is a symbol
			return key, true
		}
	case p.take(":"):
		key, ok = p.symbol()
	default:
		if key, ok = p.name(); ok && p.take(":") {
			return key, true
		}
		return "", false
	}
	p.space()
	return key, ok && p.take("=>")
}

func (p *rubyParser) symbol() (string, bool) {
	if p.i < len(p.text) && p.text[p.i] == '"' {
		return p.str()
	}
	return p.name()
}

func (p *rubyParser) name() (string, bool) {
	start := p.i
	for p.i < len(p.text) {
		c := p.text[p.i]
		if c < utf8.RuneSelf && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '?' && c != '!' {
			break
		}
		p.i++
	}
	return p.text[start:p.i], p.i > start
}

func (p *rubyParser) array(depth int) (v value, ok bool) {
	v.kind = arrayValue
	p.i++
	for p.space(); !p.take("]"); p.space() {
		if len(v.items) > 0 && !p.take(",") {
			return v, false
		}
		item, ok := p.value(depth + 1)
		if !ok {
			return v, false
		}
		v.items = append(v.items, item)
	}
	return v, true
}

// number takes a token that JSON writes in the same way.
func (p *rubyParser) number() (value, bool) {
	start := p.i
	for p.i < len(p.text) && strings.IndexByte("+-.0123456789eE", p.text[p.i]) >= 0 {
		p.i++
	}
	token := p.text[start:p.i]
	return value{text: token}, json.Valid([]byte(token))
}

// str reads a string from its opening quote to behind its closing one.
func (p *rubyParser) str() (string, bool) {
	var b []byte
	for i := p.i + 1; i < len(p.text); {
		c := p.text[i]
		switch {
		case c == '"':
			p.i = i + 1
			return string(b), true
		case c != '\\':
			b = append(b, c)
			i++
			continue
		}
		n := 0
		if b, n = rubyEscape(b, p.text[i+1:]); n == 0 {
			return "", false
		}
		i += 1 + n
	}
	return "", false
}

// rubyEscape appends what stands behind a backslash, and says how many bytes of it there are; 0 where it is no escape.
func rubyEscape(b []byte, rest string) ([]byte, int) {
	if rest == "" {
		return b, 0
	}
	if i := strings.IndexByte("abefnrtv", rest[0]); i >= 0 {
		return append(b, "\a\b\x1b\f\n\r\t\v"[i]), 1
	}
	switch c := rest[0]; {
	case c == 'u':
		return rubyRunes(b, rest)
	case c == 'x' && len(rest) >= 3:
		n, err := strconv.ParseUint(rest[1:3], 16, 8)
		if err != nil {
			return b, 0
		}
		return append(b, byte(n)), 3
	case c >= '0' && c <= '7':
		digits := 1
		for digits < 3 && digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '7' {
			digits++
		}
		n, err := strconv.ParseUint(rest[:digits], 8, 8)
		if err != nil {
			return b, 0
		}
		return append(b, byte(n)), digits
	case c >= utf8.RuneSelf || c|0x20 >= 'a' && c|0x20 <= 'z':
		return b, 0
	}
	return append(b, rest[0]), 1 // a quote, a backslash, or the sharp before a brace
}

// rubyRunes reads u0041 and u{1F600}.
func rubyRunes(b []byte, rest string) ([]byte, int) {
	digits, length := "", 5
	if strings.HasPrefix(rest, "u{") {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return b, 0
		}
		digits, length = rest[2:end], end+1
	} else if len(rest) >= length {
		digits = rest[1:length]
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n > utf8.MaxRune {
		return b, 0
	}
	return utf8.AppendRune(b, rune(n)), length
}

// appendJSON writes a value as JSON, without white space.
func (v *value) appendJSON(b []byte) []byte {
	switch v.kind {
	case stringValue:
		return appendString(b, v.text)
	case arrayValue:
		b = append(b, '[')
		for i := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.items[i].appendJSON(b)
		}
		return append(b, ']')
	case hashValue:
		b = append(b, '{')
		for i := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, v.members[i].key), ':')
			b = v.members[i].value.appendJSON(b)
		}
		return append(b, '}')
	}
	return append(b, v.text...)
}

func appendString(b []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always can be
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte{'\n'})...)
}

// appendForm writes a value as a form's fields below a name: a[b]=c of hashes, a[]=c of arrays.
func (v *value) appendForm(b []byte, name string) []byte {
	switch v.kind {
	case hashValue:
		for i := range v.members {
			key := v.members[i].key
			if name != "" {
				key = name + "[" + key + "]"
			}
			b = v.members[i].value.appendForm(b, key)
		}
		return b
	case arrayValue:
		for i := range v.items {
			b = v.items[i].appendForm(b, name+"[]")
		}
		return b
	}
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = append(append(b, url.QueryEscape(name)...), '=')
	if v.kind == stringValue {
		return append(b, url.QueryEscape(v.text)...)
	}
	if v.text == "null" {
		return b
	}
	return append(b, url.QueryEscape(v.text)...)
}

// stringsAlone says whether every leaf is a string.
func (v *value) stringsAlone() bool {
	for i := range v.members {
		if !v.members[i].value.stringsAlone() {
			return false
		}
	}
	for i := range v.items {
		if !v.items[i].stringsAlone() {
			return false
		}
	}
	return v.kind != rawValue
}

// equal compares two values.
func (v *value) equal(o *value) bool {
	return v.kind == o.kind && v.text == o.text &&
		slices.EqualFunc(v.items, o.items, func(a, b value) bool { return a.equal(&b) }) &&
		slices.EqualFunc(v.members, o.members, func(a, b member) bool { return a.key == b.key && a.value.equal(&b.value) })
}

// member returns the value of a key.
func (v *value) member(key string) *value {
	for i := range v.members {
		if v.members[i].key == key {
			return &v.members[i].value
		}
	}
	return nil
}

// holds says whether some string of the value is text.
func (v *value) holds(text string) bool {
	if v.kind == stringValue && v.text == text {
		return true
	}
	for i := range v.members {
		if v.members[i].value.holds(text) {
			return true
		}
	}
	for i := range v.items {
		if v.items[i].holds(text) {
			return true
		}
	}
	return false
}

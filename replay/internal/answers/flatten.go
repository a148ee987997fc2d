package answers

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// flat collects the leaves of a body.
type flat struct {
	values []Value
}

func (f *flat) add(path string, c Class, v string) {
	if len(f.values) >= maxValues {
		return
	}
	size := len(v)
	if whole := strings.IndexByte(v, '.'); c == Epoch && whole > 0 { // the fraction of a second is as long as its digits happen to be
		size = whole
	}
	f.values = append(f.values, Value{Path: path[:min(len(path), maxPath)], Class: c, Len: size, Mark: mark(v)})
}

// text adds a text value.
func (f *flat) text(path, v string) { f.add(path, classOf(v), v) }

// join is a path with one more step. A name that holds four digits or an @ may be somebody's: it becomes a star.
func join(path, name string) string {
	digits := 0
	for _, c := range name {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits >= 4 || strings.Contains(name, "@") || len(name) > 64 {
		name = "*"
	}
	name = strings.Map(func(r rune) rune {
		if r == '/' || !unicode.IsPrint(r) { // a target's names end up on a terminal
			return '_'
		}
		return r
	}, name)
	if path == "" {
		return name
	}
	return path + "/" + name
}

// json flattens a document. Numbers stay texts, so that large ones are told apart, and names that occur twice are two
// values. It returns false where the text is no JSON.
func (f *flat) json(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := f.jsonValue(d, "", 0); err != nil {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}

var errDeep = errors.New("answers: nested too deeply")

func (f *flat) jsonValue(d *json.Decoder, path string, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		return f.jsonInside(d, v, path, depth)
	case string:
		f.text(path, v)
	case json.Number:
		f.add(path, numberClass(v.String()), v.String())
	case bool:
		f.add(path, Bool, strconv.FormatBool(v))
	case nil:
		f.add(path, Null, "")
	}
	return nil
}

func (f *flat) jsonInside(d *json.Decoder, open json.Delim, path string, depth int) error {
	n := 0
	for ; d.More(); n++ {
		inner := join(path, "*")
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			inner = join(path, text)
		}
		if err := f.jsonValue(d, inner, depth+1); err != nil {
			return err
		}
	}
	if n == 0 {
		f.add(path, Empty, open.String())
	}
	_, err := d.Token()
	return err
}

// xml flattens a document: elements are steps, attributes steps that begin with @.
func (f *flat) xml(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	var path []string
	some := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return some && len(path) == 0
		}
		if err != nil || len(path) > maxDepth {
			return false
		}
		switch v := t.(type) {
		case xml.StartElement:
			some = true
			here := join(last(path), v.Name.Local)
			path = append(path, here)
			f.add(here, Empty, "element")
			for _, a := range v.Attr {
				// The sign is no part of the name that join looks at.
				f.text(here+"/@"+join("", a.Name.Local), a.Value)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if s := strings.TrimSpace(string(v)); s != "" && len(path) > 0 {
				f.text(last(path)+"/text", s)
			}
		}
	}
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

func isForm(text string) bool {
	i := strings.IndexByte(text, '=')
	return i > 0 && !strings.ContainsAny(text, " \n\t<{")
}

func (f *flat) form(text string) bool {
	values, err := url.ParseQuery(text)
	for name, list := range values {
		for _, v := range list {
			f.text(join("", name), v)
		}
	}
	return err == nil
}

// epochs are the moments that a number is taken for one: 2001 to 2100, in seconds and in milliseconds.
const (
	epochFrom = 978307200
	epochTo   = 4102444800
)

func numberClass(v string) Class {
	n, err := strconv.ParseFloat(v, 64)
	if err == nil && (n >= epochFrom && n < epochTo || n >= epochFrom*1e3 && n < epochTo*1e3) {
		return Epoch
	}
	return Number
}

func classOf(v string) Class {
	switch {
	case v == "":
		return Empty
	case isUUID(v):
		return UUID
	case isTime(v):
		return Time
	case len(v) == 26 && only(v, crockford):
		return ULID
	case len(v) >= 16 && only(v, "0123456789abcdefABCDEF"):
		return Hex
	case len(v) >= 16 && only(v, letters+digits+"_-") && strings.ContainsAny(v, digits):
		return ID
	case len(v) >= 24 && len(v)%4 == 0 && only(strings.TrimRight(v, "="), letters+digits+"+/_-") && strings.ContainsAny(v, digits):
		return Base64
	}
	if only(v, digits+".") {
		return numberClass(v)
	}
	return Text
}

const (
	digits    = "0123456789"
	letters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

func only(v, of string) bool { return strings.Trim(v, of) == "" }

func isUUID(v string) bool {
	if len(v) != 36 || v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-' {
		return false
	}
	return only(strings.ReplaceAll(v, "-", ""), "0123456789abcdefABCDEF")
}

func isTime(v string) bool {
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123Z, time.RFC1123, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if _, err := time.Parse(layout, v); err == nil {
			return true
		}
	}
	return false
}

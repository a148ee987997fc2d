package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"reprise/capture"
)

// parts looks through the parts of a record's path, query and body, each under its own name. It is for those who want to know where
// something stands: what is looked for in whole fields is found without it.
func (s *scanner) parts(out *capture.Record) {
	s.inParts = true
	defer func() { s.inParts = false }()
	if s.routes != nil && s.counterpart != nil {
		s.current()
	}
	at := 0
	for part := range strings.SplitSeq(strings.TrimPrefix(pathOf(out.URL), "/"), "/") {
		at++
		s.part(field{name: "url path segment", segment: at}, part)
	}
	if i := strings.IndexByte(out.URL, '?'); i >= 0 {
		s.pairs("query", out.URL[i+1:])
	}
	switch body := bytes.TrimSpace(out.Body); {
	case len(body) == 0:
	case body[0] == '{' || body[0] == '[':
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		_ = s.json(d, "", 0) // what cannot be read is looked at as a whole
	case bytes.IndexByte(body, '=') > 0:
		s.pairs("form", string(body))
	}
}

func (s *scanner) part(f field, value string) {
	if value != "" {
		s.reader.views(f, []byte(value), s.look)
		s.placeStayed(f, value)
	}
}

// ofName says that something stands in the name of a parameter, of a form's field or of JSON's member.
const ofName = " name"

// pairs looks through names and values of a form.
func (s *scanner) pairs(part, form string) {
	for item := range strings.SplitSeq(form, "&") {
		name, value, _ := strings.Cut(item, "=")
		s.part(field{name: part, behind: ofName}, name)
		plain := plainSegment(nil, []byte(name))
		s.part(field{name: part, header: string(plain)}, value)
	}
}

// maxDepth bounds how deep JSON is followed.
const maxDepth = 100

// json looks through one value of JSON.
func (s *scanner) json(d *json.Decoder, at string, depth int) error {
	if depth > maxDepth {
		return errors.New("audit: too deep")
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		for d.More() {
			name := "*"
			if v == '{' {
				t, err := d.Token()
				if err != nil {
					return err
				}
				name, _ = t.(string)
				s.part(field{name: "json", header: at, behind: ofName}, name)
			}
			if err := s.json(d, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), depth+1); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	case string:
		s.part(field{name: "json", header: at}, v)
	case json.Number:
		s.part(field{name: "json", header: at}, v.String())
	}
	return nil
}

// part says which part of a request a field is of, as policies know them.
func (f field) part() string {
	switch f.name {
	case "url path segment":
		return "path"
	case "query", "form", "json", "header":
		return f.name
	}
	return ""
}

// isWhole says whether all that a field holds stands in parts.
func (f field) isWhole() bool {
	return f == urlField || f == bodyField || strings.HasPrefix(f.name, "message.")
}

// shown is a field's own name, where it is documented or looks like one: without white space, and with no digits that may be a number.
func (f field) shown() string {
	if f.segment > 0 {
		return strconv.Itoa(f.segment)
	}
	if f.listed {
		return f.header
	}
	digits, run := 0, 0
	for i := range len(f.header) {
		c := f.header[i]
		run++
		switch {
		case c-'0' < 10:
			digits++
			if run > 4 {
				return ""
			}
			continue
		case c|0x20-'a' < 26, c == '-', c == '_':
		case f.name != "header" && strings.IndexByte("./~*[]#", c) >= 0:
		default:
			return ""
		}
		run = 0
	}
	if len(f.header) > 100 || f.name == "header" && digits > 5 || digits > 12 {
		return ""
	}
	return f.header
}

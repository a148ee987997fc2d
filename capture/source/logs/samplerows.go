package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"

	"reprise/capture/source/open"
)

// document is what a line holds, as a list of all that places can point at.
type document []found

// found is one value of a document.
type found struct {
	place string // as a map names it
	name  string // the last part of it, in lower case, without what parts its words
	in    string // the place of the object that it stands in
	kind  kind
	text  string // of a string, a number or what is true or false
	raw   []byte // of an object or an array
}

// get is the value at a place; nil where there is none.
func (d document) get(place string) *found {
	for i := range d {
		if d[i].place == place {
			return &d[i]
		}
	}
	return nil
}

const (
	// mostRows is how many lines Try and Propose look at, and mostSampled how many bytes.
	mostRows    = 100
	mostSampled = 4 << 20
	// deepestPlace is how deep places go that a proposal may name.
	deepestPlace = 6
)

// sampled are the first lines of a log.
type sampled struct {
	format string // an Input constant
	rows   [][]byte
	docs   []document
	start  []byte // what was read of the log, as it stands

	payloads payloads
}

// sampleRows reads the first lines of a log, without a map.
func sampleRows(ctx context.Context, in io.Reader) (*sampled, error) {
	var s sampled
	var start bytes.Buffer
	tee := io.TeeReader(io.LimitReader(in, mostSampled), &start)
	r, err := New(tee, Options{Map: Map{Time: "/", URL: "/"}})
	if err != nil {
		return nil, err
	}
	r.rows = r.begin()
	s.format = InputJSON
	switch r.rows.(type) {
	case *table:
		s.format = InputCSV
	case *lines:
		if r.plan.rows != nil {
			s.format = InputLogfmt
		}
	}
	for len(s.rows) < mostRows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		line, err := r.line()
		if len(line) > 0 {
			row := bytes.Clone(line)
			if t, ok := r.rows.(*table); ok {
				s.docs = append(s.docs, tableDocument(t, line))
			} else if objects := splitObjects(row); objects != nil {
				for _, o := range objects[:min(len(objects), mostRows-len(s.rows))] {
					s.rows, s.docs = append(s.rows, o), append(s.docs, jsonDocument(o))
				}
				row = nil
			} else {
				s.docs = append(s.docs, textDocument(row, s.format))
			}
			if row != nil {
				s.rows = append(s.rows, row)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, open.ErrCorrupt) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	s.start = start.Bytes()
	if s.format == InputJSON && len(s.docs) > 0 && len(s.docs[0]) == 0 {
		s.format = InputText
	}
	return &s, nil
}

// splitObjects gives the objects of a line that is one, or several back to back; nil where it is not.
func splitObjects(line []byte) (list [][]byte) {
	dec := json.NewDecoder(bytes.NewReader(line))
	for dec.More() {
		var raw json.RawMessage
		if dec.Decode(&raw) != nil || len(raw) == 0 || raw[0] != '{' {
			return nil
		}
		list = append(list, raw)
	}
	return list
}

func tableDocument(t *table, row []byte) (d document) {
	header := t.Columns()
	for i, f := range t.Fields {
		if i < len(header) && sayable(header[i]) {
			d = append(d, found{place: header[i], name: plainName(header[i]), kind: jsonString, text: string(f.Content(row))})
		}
	}
	return d
}

func textDocument(line []byte, format string) (d document) {
	if format != InputLogfmt {
		return nil
	}
	logfmtPairs(line, func(key []byte, start, end int) {
		if !sayable(string(key)) {
			return
		}
		text := string(unquote(bytes.Clone(line[start:end])))
		d = append(d, found{place: string(key), name: plainName(string(key)), kind: jsonString, text: text})
	})
	return d
}

// jsonDocument lists what an object holds.
func jsonDocument(raw []byte) document {
	var d document
	d.add(raw, "", 0)
	return d
}

func (d *document) add(raw []byte, in string, depth int) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return
	}
	for dec.More() {
		key, err := dec.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || dec.Decode(&value) != nil {
			return
		}
		if !sayable(name) {
			continue
		}
		f := found{place: in + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name), name: plainName(name), in: in}
		switch c := value[0]; c {
		case '"':
			f.kind = jsonString
			_ = json.Unmarshal(value, &f.text)
		case '{':
			f.kind, f.raw = jsonObject, value
		case '[':
			f.kind, f.raw = jsonArray, value
		case 'n':
			f.kind = jsonNull
		case 't', 'f':
			f.kind, f.text = jsonBool, string(value)
		default:
			f.kind, f.text = jsonNumber, string(value)
		}
		*d = append(*d, f)
		if f.kind == jsonObject && depth < deepestPlace {
			d.add(value, f.place, depth+1)
		}
	}
}

// sayable says whether a name is one that a program gives, and none that holds what was logged, as that of an object by telephone numbers or of a
// table without a header: a proposal prints it.
func sayable(name string) bool {
	const longest, mostDigits = 64, 4
	digits := 0
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
			if digits++; digits > mostDigits {
				return false
			}
			continue
		case unicode.IsLetter(r), strings.ContainsRune("_-.@/$ ()~:", r):
		default:
			return false
		}
		digits = 0
	}
	return name != "" && len(name) <= longest
}

// plainName is a name as roles know it: request_URI, requestUri and request-uri are requesturi.
func plainName(name string) string {
	if i := strings.LastIndexAny(name, "./"); i >= 0 && i+1 < len(name) {
		name = name[i+1:]
	}
	return strings.NewReplacer("_", "", "-", "", "@", "", " ", "", "$", "").Replace(strings.ToLower(name))
}

// elements are the objects of an array, also where they stand as JSON in strings; nil where it holds anything else.
func elements(raw []byte) (list []document) {
	var values []json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return nil
	}
	for _, v := range values {
		switch inner := inString(v); {
		case len(v) > 0 && v[0] == '{':
			list = append(list, jsonDocument(v))
		case inner != nil:
			list = append(list, jsonDocument(inner))
		default:
			return nil
		}
	}
	return list
}

// inString is the object that stands as JSON in a JSON string; nil where there is none.
func inString(raw []byte) []byte {
	var text string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return nil
	}
	return objectIn(text)
}

// objectIn is the object that a text is, also within another string; nil where it is none.
func objectIn(text string) []byte {
	text = strings.TrimSpace(text)
	for range maxQuoted {
		if !strings.HasPrefix(text, `"`) {
			break
		}
		inner, err := strconv.Unquote(text)
		if err != nil {
			return nil
		}
		text = strings.TrimSpace(inner)
	}
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return nil
	}
	return []byte(text)
}

package columns

import (
	"bytes"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// stop says where a value of a column ends, when a record is split by a template that is known.
type stop uint8

const (
	stopEnd     stop = iota // at the end of its part
	stopForm                // before an ampersand
	stopString              // before a quotation mark that is not escaped
	stopLiteral             // before what ends a JSON number, boolean or null
	stopText                // before the first byte of what follows
	stopArray               // before the bracket that ends a JSON array
)

// detail is how far a body is split.
type detail uint8

const (
	allDetail detail = iota
	noArrays         // what is in an array of JSON is one value
	noDetail         // the body is one value
)

// piece is a part of a template: text that is always the same, or a column.
type piece struct {
	text   []byte
	column int // -1: none
	stop   stop
}

// part is one string of a record: what stands in it, piece by piece.
type part []piece

// The parts of a template, in the order in which they are written: the body first, as the others may repeat what it says, then the
// URL, the headers' values, and the message.
const (
	partBody    = 0
	partURL     = 1
	partHeaders = 2 // as many as there are headers, and then
	partID      = 0
	partFrom    = 1
	partTo      = 2
	partText    = 3
	partMessage = 4 // how many
)

// template is what the records of one shape share.
type template struct {
	method, host, vendor string
	names                []string
	parts                []part
	columns              []int // in the order of the pieces
}

// of says whether a record has the template's method, host, vendor and header names.
func (t *template) of(r *capture.Record) bool {
	if t.method != r.Method || t.host != r.Host || t.vendor != r.Vendor || len(t.names) != len(r.Headers) {
		return false
	}
	for i := range r.Headers {
		if t.names[i] != r.Headers[i].Name {
			return false
		}
	}
	return true
}

// text returns the bytes of one of the template's parts in a record.
func (t *template) text(r *capture.Record, k int) string {
	switch {
	case k == partURL:
		return r.URL
	case k < partHeaders+len(t.names):
		return r.Headers[k-partHeaders].Value
	}
	switch k - partHeaders - len(t.names) {
	case partID:
		return r.Message.ID
	case partFrom:
		return r.Message.From
	case partTo:
		return r.Message.To
	}
	return r.Message.Text
}

// splitBy finds the values of a record by a template. They are appended to cuts, as the begin and end of each in its part.
func splitBy(t *template, r *capture.Record, cuts []cut) ([]cut, bool) {
	cuts, ok := cutPart(t.parts[partBody], r.Body, cuts)
	for k := partURL; ok && k < len(t.parts); k++ {
		cuts, ok = cutPart(t.parts[k], t.text(r, k), cuts)
	}
	return cuts, ok
}

// cut is where a value of a column stands in its part.
type cut struct{ from, to int }

func cutPart[T string | []byte](p part, s T, cuts []cut) ([]cut, bool) {
	at := 0
	for i := range p {
		c := &p[i]
		if c.column < 0 {
			if len(s)-at < len(c.text) || string(s[at:at+len(c.text)]) != string(c.text) {
				return cuts, false
			}
			at += len(c.text)
			continue
		}
		to := len(s)
		if c.stop != stopEnd {
			next := byte(0)
			if i+1 < len(p) {
				next = p[i+1].text[0]
			}
			to = at + ending(c.stop, next, s[at:])
		}
		cuts = append(cuts, cut{at, to})
		at = to
	}
	return cuts, at == len(s)
}

// ending is how long the value at the begin of s is.
func ending[T string | []byte](how stop, next byte, s T) int {
	switch how {
	case stopForm:
		next = '&'
	case stopLiteral:
		for i := range len(s) {
			switch s[i] {
			case ',', '}', ']', ' ', '\t', '\r', '\n':
				return i
			}
		}
		return len(s)
	case stopArray:
		return arrayEnd(s)
	case stopString:
		for i := 0; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return i
			}
		}
		return len(s)
	}
	for i := range len(s) {
		if s[i] == next {
			return i
		}
	}
	return len(s)
}

// splitter makes templates of records.
type splitter struct {
	walk  payload.Walker
	names map[string]int // how often a column's name was used in the record under way
	made  []string       // the names of its columns
}

// token is a piece of a template whose column is known by its name alone.
type token struct {
	text []byte
	name string // of the column; empty for text
	stop stop
}

// own returns a name that no other column of the record has: also where one is called as the second of another name is.
func (s *splitter) own(name string) string {
	n := s.names[name]
	s.names[name] = n + 1
	if n == 0 {
		return name
	}
	for ; ; n++ {
		if other := name + "\x00" + strconv.Itoa(n); s.names[other] == 0 {
			s.names[other] = 1
			return other
		}
	}
}

// newTemplate makes the template of a record; column returns the number of the column of a name.
func (s *splitter) newTemplate(r *capture.Record, how detail, column func(name string) int) *template {
	clear(s.names)
	s.made = s.made[:0]
	t := &template{method: r.Method, host: r.Host, vendor: r.Vendor, parts: make([]part, partHeaders+len(r.Headers)+partMessage)}
	set := func(k int, tokens []token) {
		for _, c := range tokens {
			if c.name == "" {
				t.parts[k] = append(t.parts[k], piece{text: c.text, column: -1})
				continue
			}
			c.name = s.own(c.name)
			number := column(c.name)
			t.columns = append(t.columns, number)
			s.made = append(s.made, c.name)
			t.parts[k] = append(t.parts[k], piece{column: number, stop: c.stop})
		}
	}
	one := func(name string) []token { return []token{{name: name}} }
	body := one("body")
	if how != noDetail {
		body = s.body(r, how)
	}
	set(partBody, body)
	set(partURL, s.url(r.URL))
	for i, h := range r.Headers {
		t.names = append(t.names, h.Name)
		set(partHeaders+i, one("header "+strings.ToLower(h.Name)))
	}
	said := s.said(t, r)
	for k, name := range [partMessage]string{"id", "from", "to", "text"} {
		at := partHeaders + len(r.Headers) + k
		set(at, one("message "+name+said.source(t.text(r, at))))
	}
	return t
}

// saying is what the columns of a template say in its first record.
type saying struct {
	columns []string
	texts   [][]byte
}

func (s *splitter) said(t *template, r *capture.Record) (all saying) {
	body, _ := cutPart(t.parts[partBody], r.Body, nil)
	url, _ := cutPart(t.parts[partURL], r.URL, nil)
	for _, c := range body {
		all.texts = append(all.texts, r.Body[c.from:c.to])
	}
	for _, c := range url {
		all.texts = append(all.texts, []byte(r.URL[c.from:c.to]))
	}
	all.columns = s.made[:len(all.texts)]
	return all
}

// sourceOf tells in a column's name how it follows from the column whose name comes then.
var sourceOf = [...]string{opCopy: " as ", opForm: " of the form's ", opJSON: " of the JSON's "}

// source is a part of the name of a column of the message: where its value stands, too, and how it is written there. So those that have it
// from the same place are one column.
func (s saying) source(value string) string {
	if value == "" {
		return " empty"
	}
	for i, raw := range s.texts {
		for _, op := range [...]byte{opCopy, opForm, opJSON} {
			if out, ok := derive(nil, op, raw); ok && string(out) == value {
				return sourceOf[op] + s.columns[i]
			}
		}
	}
	return " alone"
}

// body splits a body by its own form.
func (s *splitter) body(r *capture.Record, how detail) []token {
	format := payload.Sniff(r)
	if format == payload.JSON || format == payload.Form {
		if s.walk.Reset(format, payload.InBody, r.Body) == nil {
			var arrays []cut
			if format == payload.JSON && how == noArrays {
				arrays = arraysOf(r.Body)
			}
			if list, ok := s.walked(r.Body, format == payload.JSON, "body ", arrays); ok {
				return list
			}
		}
	}
	return []token{{name: "body"}}
}

// walked makes pieces of what the walker finds, if cutPart finds the same. What is in one of the arrays is one value.
func (s *splitter) walked(text []byte, isJSON bool, prefix string, arrays []cut) (list []token, ok bool) {
	at := 0
	var p part
	add := func(c token) {
		list = append(list, c)
		column := -1
		if c.name != "" {
			column = 0
		}
		p = append(p, piece{text: c.text, column: column, stop: c.stop})
	}
	addArrays := func(before int) { // that begin before a place
		for len(arrays) > 0 && arrays[0].from <= before {
			a := arrays[0]
			add(token{text: bytes.Clone(text[at:a.from])})
			add(token{name: prefix + "[" + keyOfArray(text[:a.from]), stop: stopArray})
			at, arrays = a.to, arrays[1:]
		}
	}
	for s.walk.Next() {
		var span payload.Span
		s.walk.SetSpan(&span)
		addArrays(span.Start)
		if span.Start < at || span.Start == at && at > 0 { // two values with nothing between them: one
			continue
		}
		if len(p) > maxHeaders {
			return nil, false
		}
		if span.Start > at {
			add(token{text: bytes.Clone(text[at:span.Start])})
		}
		how := stopText
		switch {
		case !isJSON:
			how = stopForm
		case span.Literal:
			how = stopLiteral
		case span.End < len(text) && text[span.End] == '"' && span.Start > 0 && text[span.Start-1] == '"':
			how = stopString
		}
		add(token{name: prefix + string(s.walk.Name()), stop: how})
		at = span.End
	}
	addArrays(len(text))
	if at < len(text) {
		add(token{text: bytes.Clone(text[at:])})
	}
	if n := len(p); n > 0 && p[n-1].stop == stopText {
		p[n-1].stop, list[n-1].stop = stopEnd, stopEnd
	}
	_, ok = cutPart(p, text, nil)
	return list, ok
}

// url splits a request target into its path and the values of its query.
func (s *splitter) url(url string) []token {
	path, query, asked := strings.Cut(url, "?")
	whole := []token{{name: "path"}}
	if !asked || path == "" || s.walk.Reset(payload.Form, payload.InQuery, []byte(query)) != nil {
		return whole
	}
	list, ok := s.walked([]byte(query), false, "query ", nil)
	if !ok {
		return whole
	}
	if len(list) > 0 && list[0].name == "" {
		list[0].text = append([]byte("?"), list[0].text...)
	} else {
		list = append([]token{{text: []byte("?")}}, list...)
	}
	return append([]token{{name: "path", stop: stopText}}, list...)
}

func columnsOf(p part) (n int) {
	for i := range p {
		if p[i].column >= 0 {
			n++
		}
	}
	return n
}

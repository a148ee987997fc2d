package completions

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// maxLine bounds a line of NDJSON or text, in bytes.
const maxLine = 1 << 20

// The fields of a line.
const (
	fieldTime = iota
	fieldRecord
	fieldRun
	fieldOutcome
	fieldID
	fieldClock
	fieldCount
)

// fields are a line's; what it lacks is empty.
type fields [fieldCount]string

// parser reads lines of one format.
type parser struct {
	in    *bufio.Reader
	line  int64
	names [fieldCount][]string

	split   func(line []byte) (fields, string) // for NDJSON and text
	columns [fieldCount]int
	comma   rune // between the columns of CSV
}

func newParser(r io.Reader, m Map) (*parser, error) {
	p := &parser{in: bufio.NewReaderSize(r, 64<<10), names: m.names()}
	format := m.Format
	if format == "" {
		if format = NDJSON; p.first() != '{' {
			format = CSV
		}
	}
	switch format {
	case NDJSON:
		p.split = p.object
	case Text:
		re, err := m.pattern()
		if err != nil {
			return nil, err
		}
		p.match(re)
	case CSV:
		p.split = p.row
		return p, p.header()
	default:
		return nil, m.Validate()
	}
	return p, nil
}

// first is the first byte that is no white space; 0 where there is none near.
func (p *parser) first() byte {
	b, _ := p.in.Peek(512) // what is wrong with the input comes up when it is read
	if b = bytes.TrimLeft(b, " \t\r\n\ufeff"); len(b) == 0 {
		return '{'
	}
	return b[0]
}

// next returns a line's fields, or why it has none; io.EOF after the last.
func (p *parser) next() (f fields, reason string, err error) {
	for {
		line, long, err := p.read()
		if err != nil {
			return f, "", err
		}
		p.line++
		if long {
			return f, "more than 1 MiB", nil
		}
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			if p.comma == '\t' { // a tab at an end is an empty column
				trimmed = bytes.TrimRight(line, "\r\n")
			}
			f, reason = p.split(trimmed)
			return f, reason, nil
		}
	}
}

// read returns a line. One that is too long is passed over to its end.
func (p *parser) read() (line []byte, long bool, err error) {
	for {
		part, err := p.in.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case err == nil:
			return line, long, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && (len(line) > 0 || long):
			return line, long, nil
		default:
			return nil, false, err
		}
	}
}

// object reads a line of NDJSON.
func (p *parser) object(line []byte) (f fields, reason string) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var o map[string]any
	if d.Decode(&o) != nil || d.More() {
		return f, "no JSON object"
	}
	for i, names := range p.names {
		for _, name := range names {
			if v := lookUp(o, name); v != "" {
				f[i] = v
				break
			}
		}
	}
	return f, ""
}

// lookUp returns a text or a number; a.b is b in a, unless there is a field called a.b.
func lookUp(o map[string]any, name string) string {
	switch v := o[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	first, rest, dotted := strings.Cut(name, ".")
	if inner, ok := o[first].(map[string]any); ok && dotted {
		return lookUp(inner, rest)
	}
	return ""
}

// groups are the numbers of the groups that hold the fields; -1 where there is none.
func groups(re *regexp.Regexp, names [fieldCount][]string) (of [fieldCount]int) {
	for i, list := range names {
		of[i] = -1
		for _, name := range list {
			if g := re.SubexpIndex(name); g >= 0 {
				of[i] = g
				break
			}
		}
	}
	return of
}

// match makes the splitter of text.
func (p *parser) match(re *regexp.Regexp) {
	groups := groups(re, p.names)
	p.split = func(line []byte) (f fields, reason string) {
		m := re.FindSubmatch(line)
		if m == nil {
			return f, "no match of the pattern"
		}
		for i, g := range groups {
			if g >= 0 {
				f[i] = string(m[g])
			}
		}
		return f, ""
	}
}

// header reads the first line of a CSV file (RFC 4180). Fields that go over several lines are not read: a quote that is
// never closed would be the rest of the file.
func (p *parser) header() error {
	line, _, err := p.read()
	if errors.Is(err, io.EOF) {
		p.columns = [fieldCount]int{-1, -1, -1, -1, -1, -1}
		return nil
	}
	if err != nil {
		return err
	}
	p.line = 1
	most := -1
	for _, comma := range []rune{',', ';', '\t'} {
		columns, found := p.find(line, comma)
		if found > most {
			most, p.columns, p.comma = found, columns, comma
		}
	}
	switch {
	case most < 0:
		return fmt.Errorf("the header line is no CSV")
	case p.columns[fieldTime] < 0:
		return fmt.Errorf("the header line has no column called %s (the map's time names it)", strings.Join(p.names[fieldTime], ", "))
	case p.columns[fieldRecord] < 0 && p.columns[fieldID] < 0:
		return fmt.Errorf("the header line has no column called %s (the map's record or id names it)",
			strings.Join(append(p.names[fieldRecord], p.names[fieldID]...), ", "))
	}
	return nil
}

// find says which columns of a header line hold the fields, and how many do; -1 where it is no CSV.
func (p *parser) find(line []byte, comma rune) (columns [fieldCount]int, found int) {
	head, err := separated(line, comma)
	if err != nil {
		return columns, -1
	}
	for i, names := range p.names {
		columns[i] = slices.IndexFunc(head, func(h string) bool { return slices.Contains(names, strings.Trim(h, " \ufeff")) })
		if columns[i] >= 0 {
			found++
		}
	}
	return columns, found
}

// separated are the columns of one line.
func separated(line []byte, comma rune) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma = comma
	return r.Read()
}

// row reads a line of CSV.
func (p *parser) row(line []byte) (f fields, reason string) {
	row, err := separated(line, p.comma)
	if err != nil {
		return f, "no CSV"
	}
	for i, c := range p.columns {
		if c >= 0 && c < len(row) {
			f[i] = strings.TrimSpace(row[c])
		}
	}
	return f, ""
}

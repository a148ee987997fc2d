package logs

import (
	"bytes"

	"reprise/capture/internal/rows"
)

// begin looks at the first bytes and says how the input is cut. A pipe is not waited for beyond its first line.
func (r *Reader) begin() splitter {
	start := rows.Await(r.content, Begun)
	p := r.plan
	format := p.m.Format
	if format == "" {
		format = p.format(start)
	}
	switch format {
	case InputText:
		p.rows = newPattern(p.m.Pattern, p.wanted)
	case InputLogfmt:
		p.rows = logfmt{p.wanted}
	case InputCSV, InputTSV:
		t := newTable(r.content, commaOf(rows.FirstLine(start), format), r.in, p.wanted)
		p.rows, p.table = t, true
		return t
	default:
		if !jsonLines(start) {
			return newObjects(r.content, p)
		}
	}
	return newLines(r.content)
}

// Begun says whether as much of an input has come as tells how it is cut: the first line with something in it, behind comments. Where that begins
// an object the object is whole; where it begins with a bracket, what tells an array from a line of text is there.
func Begun(start []byte) bool {
	text := SkipComments(start)
	if bytes.IndexByte(text, '\n') < 0 {
		return false
	}
	switch text[0] {
	case '{':
		c := rows.Cutter{}
		return c.End(text) > 0
	case '[':
		_, known := inBrackets(text[1:])
		return known
	}
	return true
}

// SkipComments gives what stands behind the blank lines and the comments that a log may begin with.
func SkipComments(start []byte) []byte {
	for {
		start = bytes.TrimLeft(start, "\ufeff \t\r\n")
		if len(start) == 0 || start[0] != '#' {
			return start
		}
		_, start, _ = bytes.Cut(start, []byte{'\n'})
	}
}

// format tells by the first line, and by what the map looks for.
func (p *plan) format(start []byte) string {
	text := bytes.TrimLeft(start, "\ufeff \t\r\n\x1e")
	switch {
	case p.m.Pattern != "" && len(p.unwrap) == 0:
		return InputText
	case len(text) == 0 || text[0] == '{' || text[0] == '[':
		return InputJSON
	}
	line := rows.FirstLine(start)
	best, most := "", 0
	for _, format := range [...]string{InputCSV, InputTSV} {
		t := fields(line, commaOf(line, format))
		hits := 0
		for _, f := range t.Fields {
			if p.wanted.children[string(bytes.TrimSpace(line[f.Start:f.End]))] != nil {
				hits++
			}
		}
		if hits > most && !t.Broken {
			best, most = format, hits
		}
	}
	pairs := 0
	logfmtPairs(line, func(key []byte, start, _ int) {
		if p.wanted.children[string(key)] != nil && start > 0 && line[start-1] != ' ' {
			pairs++
		}
	})
	if pairs > most {
		best = InputLogfmt
	}
	switch {
	case best != "":
		return best
	case p.m.Pattern != "":
		return InputText
	case isHeader(line, '\t'):
		return InputTSV
	case isHeader(line, commaOf(line, InputCSV)):
		return InputCSV
	case isLogfmt(line):
		return InputLogfmt
	}
	return InputJSON
}

// isHeader says whether a line looks like the names of a table's columns.
func isHeader(line []byte, comma byte) bool {
	t := fields(line, comma)
	for _, f := range t.Fields {
		name := line[f.Start:f.End]
		if !isName(bytes.TrimRight(name, " ")) { // what begins with a space is the next part of a sentence
			return false
		}
	}
	return len(t.Fields) >= fewColumns && !t.Broken
}

// commaOf is what parts the columns of a table.
func commaOf(header []byte, format string) byte {
	if format == InputTSV {
		return '\t'
	}
	return rows.Comma(header)
}

// FormatOf tells by the first bytes of an input how it holds its lines: InputJSON, InputCSV, InputTSV or InputLogfmt; "" where it is
// none of these, or more is needed to tell.
func FormatOf(start []byte) string {
	text := bytes.TrimLeft(start, "\ufeff \t\r\n\x1e")
	switch {
	case len(text) == 0:
		return ""
	case text[0] == '{', text[0] == '[' && isArray(text):
		return InputJSON
	}
	for _, format := range [...]string{InputTSV, InputCSV} {
		if isTable(text, commaOf(rows.FirstLine(text), format)) {
			return format
		}
	}
	if isLogfmt(text) {
		return InputLogfmt
	}
	return ""
}

// isArray tells an array from text that begins with a bracket, as that of a time.
func isArray(text []byte) bool {
	inside := bytes.TrimLeft(text[1:], " \t\r\n")
	s := scanner{}
	return len(inside) > 0 && bytes.IndexByte([]byte(`{[]"`), inside[0]) >= 0 || s.scan(bytes.TrimSpace(rows.FirstLine(text)), nil)
}

const (
	// fewColumns and fewPairs are how many a table, or a line of logfmt, has at least to be told by its looks.
	fewColumns = 3
	fewPairs   = 3
	// mostLooked is how many lines are looked at.
	mostLooked = 20
)

// isTable says whether text is a header with names and at least one record, all with as many columns.
func isTable(text []byte, comma byte) bool {
	if !isHeader(rows.FirstLine(text), comma) {
		return false
	}
	t := rows.Record{Comma: comma}
	columns := 0
	for n := range mostLooked {
		length := t.Cut(text, false)
		switch {
		case length == 0:
			return n > 1
		case n == 0:
			columns = len(t.Fields)
		case t.Broken || len(t.Fields) != columns:
			return false
		}
		text = text[length:]
	}
	return true
}

// isName says whether a text may name a column: it begins with a letter, and is short.
func isName(text []byte) bool {
	const longest = 64
	if len(text) == 0 || len(text) > longest {
		return false
	}
	c := text[0] | 0x20
	return c >= 'a' && c <= 'z' || text[0] == '@' || text[0] == '_' || text[0] >= 0x80
}

// isLogfmt says whether each line is pairs of keys and values alone.
func isLogfmt(text []byte) bool {
	lines := bytes.SplitN(text, []byte{'\n'}, mostLooked+1)
	if len(lines) > 1 {
		lines = lines[:len(lines)-1] // the last one may be half
	}
	for _, line := range lines {
		pairs, bare := 0, 0
		line = bytes.TrimSpace(line)
		ok := logfmtPairs(line, func(key []byte, start, _ int) {
			if start > 0 && (line[start-1] == '=' || line[start-1] == '"') && isName(key) {
				pairs++
			} else {
				bare++
			}
		})
		if !ok || len(line) > 0 && (pairs < fewPairs || bare > 0) {
			return false
		}
	}
	return true
}

// jsonLines says whether an input has a JSON object a line, and not one after another, over lines, or in an array. Where it has neither
// it is lines, each of them wrong.
func jsonLines(start []byte) bool {
	text := bytes.TrimLeft(start, "\ufeff \t\r\n")
	switch {
	case len(text) == 0:
		return true
	case text[0] == '[':
		words, _ := inBrackets(text[1:])
		return words
	case text[0] != '{':
		return text[0] != 0x1e
	}
	s := scanner{}
	if s.scan(bytes.TrimSpace(rows.FirstLine(text)), nil) {
		return true
	}
	c := rows.Cutter{}
	n := c.End(text)
	return n > 0 && !s.scan(text[:n], nil)
}

// inBrackets says whether what follows a bracket is a time or a word, as lines of text begin, and not the first value of an array; and
// whether it has come as far as that takes.
func inBrackets(text []byte) (words, known bool) {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) > 0 && bytes.IndexByte([]byte("{[\"]"), text[0]) >= 0 {
		return false, true
	}
	s := scanner{}
	end := bytes.IndexAny(text, ",] \t\r\n")
	return end >= 0 && !s.scan(text[:end], nil), end >= 0
}

package logs

import (
	"bytes"
)

// parser takes a line that is no JSON apart: it fills in the level's document and what is found there. A reason says that it cannot.
type parser interface {
	parse(line []byte, l *level) (reason string)
}

// ReasonPattern is the reason for which a line of text is no request.
const ReasonPattern = "not what the pattern is for"

const reasonPatternLong = "too long for the pattern"

// pattern takes lines of text apart by a regular expression.
type pattern struct {
	re    expression
	slots []int // by group
}

// newPattern makes one of an expression that was validated.
func newPattern(text string, wanted *node) *pattern {
	t := &pattern{re: mustCompile(text)}
	for _, name := range t.re.SubexpNames() {
		t.slots = append(t.slots, wanted.named(name))
	}
	return t
}

func (t *pattern) parse(line []byte, l *level) (reason string) {
	if len(line) > t.re.longest {
		return reasonPatternLong
	}
	at := t.re.FindSubmatchIndex(line)
	if at == nil {
		return ReasonPattern
	}
	l.doc = line
	clear(l.found)
	for group, slot := range t.slots {
		if start := at[2*group]; slot != noSlot && start >= 0 && l.found[slot].kind == missing {
			l.found[slot] = span{kind: plainText, start: start, end: at[2*group+1]}
		}
	}
	return ""
}

// named is the slot of the field of that name at the top.
func (n *node) named(name string) int {
	if child := n.children[name]; child != nil && name != "" {
		return child.slot
	}
	return noSlot
}

// ReasonLogfmt is the reason for which a line cannot be read as logfmt.
const ReasonLogfmt = "a quote that does not end"

// logfmt reads key=value pairs; a value with spaces is quoted, as JSON escapes it. Of a key that comes twice the last value counts.
type logfmt struct{ wanted *node }

func (t logfmt) parse(line []byte, l *level) (reason string) {
	l.doc = line
	clear(l.found)
	ok := logfmtPairs(line, func(key []byte, start, end int) {
		if child := t.wanted.children[string(key)]; child != nil && child.slot != noSlot {
			end = start + len(unquote(line[start:end]))
			l.found[child.slot] = span{kind: plainText, start: start, end: end}
		}
	})
	if !ok {
		return ReasonLogfmt
	}
	return ""
}

// logfmtPairs calls f for each key of a line, and tells where its value stands: without its quotes, and still escaped.
func logfmtPairs(line []byte, f func(key []byte, start, end int)) bool {
	for i := 0; i < len(line); {
		if line[i] <= ' ' {
			i++
			continue
		}
		start := i
		for i < len(line) && line[i] > ' ' && line[i] != '=' {
			i++
		}
		key := line[start:i]
		if i >= len(line) || line[i] != '=' {
			f(key, i, i)
			continue
		}
		if i++; i < len(line) && line[i] == '"' {
			n := quotedLength(line[i:])
			if n == 0 {
				return false
			}
			f(key, i+1, i+n-1)
			i += n
			continue
		}
		start = i
		for i < len(line) && line[i] > ' ' {
			i++
		}
		f(key, start, i)
	}
	return true
}

// quotedLength is how long the quoted text is that b begins with, with its quotes; 0 where it does not end.
func quotedLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

// unquote decodes the escapes of JSON and Go in place. What is none stands for itself.
func unquote(b []byte) []byte {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return b
	}
	out, rest := b[:i], b[i:]
	for len(rest) > 0 {
		switch c := rest[0]; {
		case c != '\\' || len(rest) == 1:
			out, rest = append(out, c), rest[1:]
		case rest[1] == 'x' && len(rest) >= 4 && hexadecimal(rest[2:4]):
			out, rest = append(out, byte(hexValue(rest[2:4]))), rest[4:]
		case rest[1] == 'u' && len(rest) >= 6 && hexadecimal(rest[2:6]):
			out, rest = unicodeEscape(out, rest[2:])
		case bytes.IndexByte([]byte(`abfnrtv"\/`), rest[1]) >= 0:
			out, rest = append(out, "\a\b\f\n\r\t\v\"\\/"[bytes.IndexByte([]byte(`abfnrtv"\/`), rest[1])]), rest[2:]
		default:
			out, rest = append(out, c), rest[1:]
		}
	}
	return out
}

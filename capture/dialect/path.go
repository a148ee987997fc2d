package dialect

import (
	"bytes"
	"strings"
)

// splicePath edits the parts of a path that hold a number or an id, and returns path itself where none
// changes.
func splicePath(path string, classify func(Part, string) Class, edit Edit) string {
	if !hasData(path) {
		return path
	}
	p := patch{src: []byte(path)}
	style := documentStyle{form: formStyle{path: true}, seen: true}
	eachPathField(p.src, func(name string, start, end int) {
		raw := p.src[start:end]
		f := Field{Part: InPath, Name: name, Value: decodePath(raw), Class: classify(InPath, name)}
		made, op := edit(f)
		if value, changed := answer(f, made, op); changed {
			p.open(start, end)
			p.out = style.appendValue(p.out, value, tokForm, raw, p.src)
		}
	})
	if p.out == nil {
		return path
	}
	return string(p.finish())
}

// hasData is a quick test for what eachPathField looks for.
func hasData(path string) bool { return strings.ContainsAny(path, "0123456789@%") }

// eachPathField calls visit for each part of a path that looks like data: a whole segment, or one of the words
// that dashes, dots and the like join into a segment.
func eachPathField(path []byte, visit func(name string, start, end int)) {
	pos := pathStart(path)
	for pos < len(path) {
		end := pos + bytes.IndexByte(path[pos:], '/')
		if end < pos {
			end = len(path)
		}
		var buffer [64]byte
		decoded := appendDecodedPath(buffer[:0], path[pos:end])
		name := pathField(decoded)
		if name == "" {
			name = oddSegment(decoded)
		}
		if name != "" {
			visit(name, pos, end)
		} else {
			eachPathWord(path, pos, end, visit)
		}
		pos = end + 1
	}
}

// pathStart passes over the scheme and authority of an absolute URL.
func pathStart(path []byte) int {
	scheme := bytes.Index(path, []byte("://"))
	if scheme < 0 || bytes.IndexByte(path, '/') < scheme {
		return 0
	}
	host := scheme + len("://")
	if slash := bytes.IndexByte(path[host:], '/'); slash >= 0 {
		return host + slash
	}
	return len(path)
}

// eachPathWord looks for data among the words of one segment.
func eachPathWord(path []byte, pos, end int, visit func(name string, start, end int)) {
	for pos < end {
		stop := pos
		for stop < end && (isAlnum(path[stop]) || stop == pos && path[stop] == '+') {
			stop++
		}
		if stop > pos {
			if name := pathField(path[pos:stop]); name != "" {
				visit(name, pos, stop)
			}
			pos = stop
			continue
		}
		if _, ok := escapedByte(path[pos:end]); ok {
			pos += 2
		}
		pos++
	}
}

// oddSegment says what a whole segment is that no word of it tells: a number as people write it, or what no route is called,
// since it has characters that have to be escaped.
func oddSegment(text []byte) string {
	digits, separators, odd := 0, 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' || c == '.' || c == ' ' || c == '(' || c == ')' || c == '+':
			separators++
		case isAlnum(c) || bytes.IndexByte([]byte("_~!$&'*,;=:/%"), c) >= 0: // RFC 3986, section 3.3, and what an escape can be for
			separators = -len(text)
		default:
			odd++
		}
	}
	switch {
	case isDay(text):
		return "" // of a version, as 2010-04-01 is
	case odd == 0 && separators >= 0 && digits >= 7 && digits <= 15:
		return PathNumber
	case odd > 0 || bytes.ContainsAny(text, " ()+"):
		return PathOther
	}
	return ""
}

// isDay says whether a segment is of the form 2006-01-02.
func isDay(text []byte) bool {
	return len(text) == len("2006-01-02") && text[4] == '-' && text[7] == '-' && digits(text[:4]) == 4 && digits(text[5:7]) == 2 && digits(text[8:]) == 2
}

// pathField says what a segment or a word of one looks like: one of the names of path fields, or "".
func pathField(text []byte) string {
	if bytes.IndexByte(text, '@') >= 0 {
		return PathOther
	}
	number := bytes.TrimPrefix(text, []byte{'+'})
	for _, scheme := range [...]string{"whatsapp:", "sms:", "tel:", "rcs:"} {
		number = bytes.TrimPrefix(number, []byte(scheme))
	}
	number = bytes.TrimPrefix(number, []byte{'+'})
	decimals, hex, letters := 0, 0, 0
	for i := 0; i < len(number); i++ {
		switch c := number[i]; {
		case c >= '0' && c <= '9':
			decimals++
		case hexDigit(c) < 16:
			hex++
		case isAlnum(c):
			letters++
		case c == '-' && (i == 8 || i == 13 || i == 18 || i == 23) && len(number) == 36:
		default:
			return ""
		}
	}
	switch {
	case hex+letters == 0 && decimals >= 7 && decimals <= 15:
		return PathNumber
	case decimals+hex+letters >= 16 && decimals > 0:
		return PathID
	}
	return ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// decodePath decodes percent escapes; + stands for itself.
func decodePath(raw []byte) string {
	if bytes.IndexByte(raw, '%') < 0 {
		return string(raw)
	}
	return string(appendDecodedPath(make([]byte, 0, len(raw)), raw))
}

func appendDecodedPath(dst, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if b, ok := escapedByte(raw[i:]); ok {
			dst = append(dst, b)
			i += 2
			continue
		}
		dst = append(dst, raw[i])
	}
	return dst
}

package payload

import (
	"bytes"
	"strings"
)

// The names of the fields of a path: what a segment, or a part of one, looks like.
const (
	PathNumber = "number" // a phone number
	PathID     = "id"     // an account's, a message's or a tenant's identifier
	PathOther  = "other"  // an e-mail address, or what cannot be told
)

// hasData is a quick test for what EachPathField looks for.
func hasData(path []byte) bool { return bytes.ContainsAny(path, "0123456789@%") }

// EachPathField calls visit for each part of a path that looks like data: a whole segment, or one of the words
// that dashes, dots and the like join into a segment.
func EachPathField(path []byte, visit func(name string, start, end int)) {
	if !hasData(path) {
		return
	}
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

// EditPath offers each segment of a path to edit, as written and decoded, with its index from 0, and puts what it answers in
// its place, escaped as the old one was. The path may be of an absolute URL; it holds no query. It returns path itself where
// nothing changes.
func EditPath(path string, edit func(i int, raw, decoded string) (string, bool)) string {
	p := NewPatch(bytesOf(path))
	pos := pathStart(p.src)
	if pos < len(path) && path[pos] == '/' {
		pos++
	}
	for i := 0; pos <= len(path); i++ {
		end := pos + strings.IndexByte(path[pos:], '/')
		if end < pos {
			end = len(path)
		}
		raw := path[pos:end]
		if value, changed := edit(i, raw, decodePath(p.src[pos:end])); changed {
			var span Span
			span.SetPath(p.src, pos, end)
			p.Set(&span, value)
		}
		pos = end + 1
	}
	if p.out == nil {
		return path
	}
	return string(p.Finish())
}

// PathSort says what a segment of a path, decoded, looks like: PathNumber, PathID, PathOther, or "" for a word.
func PathSort(segment string) string {
	text := bytesOf(segment)
	if name := pathField(text); name != "" {
		return name
	}
	return oddSegment(text)
}

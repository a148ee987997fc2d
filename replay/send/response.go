package send

import (
	"bytes"
	"hash/crc32"
	"time"

	"reprise/replay"
)

// maxHeader bounds an answer's header, trailers included.
const maxHeader = 64 << 10

// response reads one HTTP/1.x answer as it comes in (RFC 9112). It keeps what it needs of the header, and of the body its
// length and its checksum. It is begun before each answer.
type response struct {
	status    int
	bytes     int64
	hash      uint32
	keepAlive bool
	// retryAfter is what a 429 or a 503 asks to wait; 0 where it does not say.
	retryAfter time.Duration
	headed     bool // the header has come whole: status is that of the answer
	done       bool

	wants bool   // the body is to be kept while it is short
	body  []byte // what came of it, while bytes is at most AnswerBytes

	maxBody int64
	noBody  bool // the answer to a HEAD
	state   responseState
	header  int // bytes of header so far
	minor   byte
	length  int64 // what is left of the body or the chunk; -1 where the header names no length
	chunked bool
	coded   bool // some transfer coding is named
	close   bool
	keep    bool
	line    []byte // the beginning of a line of which the end has not come
}

type responseState uint8

const (
	atStatusLine responseState = iota
	atHeader
	inBody
	inRest // a body that ends with the connection
	atChunkSize
	inChunk
	atChunkEnd
	atTrailer
)

// begin makes it ready for the next answer.
func (r *response) begin(noBody bool, maxBody int64) {
	*r = response{line: r.line[:0], wants: r.wants, body: r.body[:0], length: -1, noBody: noBody, maxBody: maxBody}
}

// feed reads what has come. It returns the reason for which the answer is no good, if it is not; what comes after the
// answer's end is left over.
func (r *response) feed(b []byte) (rest []byte, reason replay.Reason) {
	for len(b) > 0 && !r.done {
		switch r.state {
		case inBody, inChunk:
			n := int(min(r.length, int64(len(b))))
			if reason = r.take(b[:n]); reason != "" {
				return nil, reason
			}
			b = b[n:]
			if r.length -= int64(n); r.length == 0 {
				r.done = r.state == inBody
				r.state = atChunkEnd
			}
		case inRest:
			return nil, r.take(b)
		default:
			line, after, ok := r.nextLine(b)
			if r.header > maxHeader {
				return nil, replay.ReasonInvalid
			}
			if b = after; !ok {
				return nil, ""
			}
			good := r.read(line)
			r.line = r.line[:0]
			if !good {
				return nil, replay.ReasonInvalid
			}
			if r.state == inBody && r.length > r.maxBody {
				return nil, replay.ReasonTooLarge
			}
		}
	}
	return b, ""
}

// eof says what it means that the connection has ended here.
func (r *response) eof() replay.Reason {
	if r.state == inRest {
		r.done = true
		return ""
	}
	return replay.ReasonReset
}

// table is that of CRC-32C, which processors compute themselves.
var table = crc32.MakeTable(crc32.Castagnoli)

func (r *response) take(b []byte) replay.Reason {
	r.bytes += int64(len(b))
	r.hash = crc32.Update(r.hash, table, b)
	if r.wants && r.bytes <= AnswerBytes {
		r.body = append(r.body, b...)
	}
	if r.bytes > r.maxBody {
		return replay.ReasonTooLarge
	}
	return ""
}

// nextLine returns the next line without its end: CRLF, or a bare LF, which RFC 9112 (section 2.2) lets a recipient take
// for one.
func (r *response) nextLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		if r.header += len(b); r.header <= maxHeader {
			r.line = append(r.line, b...)
		}
		return nil, nil, false
	}
	r.header += i + 1
	if line = b[:i]; len(r.line) > 0 {
		r.line = append(r.line, line...)
		line = r.line
	}
	return bytes.TrimSuffix(line, []byte{'\r'}), b[i+1:], true
}

// read reads one line; false where it is not what has to stand there.
func (r *response) read(line []byte) bool {
	switch r.state {
	case atStatusLine:
		return r.statusLine(line)
	case atHeader:
		if len(line) == 0 {
			return r.endHeader()
		}
		return r.field(line)
	case atChunkSize:
		return r.chunkSize(line)
	case atChunkEnd:
		r.state = atChunkSize
		return len(line) == 0
	case atTrailer:
		r.done = len(line) == 0
		return true
	}
	return false
}

func (r *response) statusLine(line []byte) bool {
	// HTTP/1.1 200 OK
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[7] != '0' && line[7] != '1' || line[8] != ' ' ||
		len(line) > 12 && line[12] != ' ' {
		return false
	}
	r.status = 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return false
		}
		r.status = 10*r.status + int(c-'0')
	}
	r.minor, r.state = line[7], atHeader
	return r.status >= 100
}

// field reads one header line. Of those that do not say where the answer ends it only checks the form.
func (r *response) field(line []byte) bool {
	if line[0] == ' ' || line[0] == '\t' { // obsolete folding: the end of a value that was of no concern
		return true
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || line[colon-1] == ' ' || line[colon-1] == '\t' {
		return false
	}
	name, value := line[:colon], line[colon+1:]
	switch {
	case len(name) == 14 && foldEqual(name, "content-length"):
		return r.contentLength(bytes.Trim(value, " \t"))
	case len(name) == 17 && foldEqual(name, "transfer-encoding"):
		return r.transferEncoding(bytes.Trim(value, " \t"))
	case len(name) == 11 && asksToWait(r.status) && foldEqual(name, "retry-after"):
		r.retryAfter = retryAfter(string(value), time.Now())
	case len(name) == 10 && foldEqual(name, "connection"):
		for option := range bytes.SplitSeq(value, []byte{','}) {
			option = bytes.Trim(option, " \t")
			r.close = r.close || foldEqual(option, "close")
			r.keep = r.keep || foldEqual(option, "keep-alive")
		}
	}
	return true
}

// foldEqual compares with a lower-case name.
func foldEqual(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// contentLength accepts the same length again and refuses another (RFC 9110, section 8.6).
func (r *response) contentLength(value []byte) bool {
	for part := range bytes.SplitSeq(value, []byte{','}) {
		n, ok := decimal(bytes.Trim(part, " \t"))
		if !ok || r.length >= 0 && r.length != n {
			return false
		}
		r.length = n
	}
	return true
}

func decimal(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// transferEncoding knows chunked alone: nothing else was asked for.
func (r *response) transferEncoding(value []byte) bool {
	if r.coded {
		return false
	}
	r.coded, r.chunked = true, foldEqual(value, "chunked")
	return r.chunked
}

// endHeader decides where the body ends (RFC 9112, section 6.3).
func (r *response) endHeader() bool {
	r.headed = true
	switch {
	case r.status == 101:
		return false // nobody asked to switch protocols
	case r.status < 200:
		*r = response{line: r.line, wants: r.wants, body: r.body, length: -1, noBody: r.noBody, maxBody: r.maxBody, header: r.header}
		return true
	case r.coded && (r.length >= 0 || r.minor == '0'):
		return false // two ways to frame one answer: a way to smuggle another
	}
	r.keepAlive = !r.close && (r.minor == '1' || r.keep)
	switch {
	case r.noBody || r.status == 204 || r.status == 304:
		r.done = true
	case r.chunked:
		r.state = atChunkSize
	case r.length >= 0:
		r.state, r.done = inBody, r.length == 0
	default:
		r.state, r.keepAlive = inRest, false
	}
	return true
}

func (r *response) chunkSize(line []byte) bool {
	if i := bytes.IndexByte(line, ';'); i >= 0 { // extensions are ignored
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t")
	if len(line) == 0 || len(line) > 15 {
		return false
	}
	var n int64
	for _, c := range line {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return false
		}
		n = n<<4 | int64(c)
	}
	r.header = 0 // the bound is on headers and trailers, and on each line between chunks
	if r.length, r.state = n, inChunk; n == 0 {
		r.state = atTrailer
	}
	return true
}

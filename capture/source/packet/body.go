package packet

import "bytes"

type bodyMode uint8

const (
	bodyNone bodyMode = iota
	bodyLength
	bodyChunked
	bodyUntilClose
)

type chunkPhase uint8

const (
	phaseSize     chunkPhase = iota // the line before a chunk
	phaseData                       // the chunk
	phaseDataEnd                    // the line end behind it
	phaseTrailers                   // what follows the last chunk
)

const (
	maxChunkLine = 4096      // bytes
	maxTrailers  = 64 << 10  // bytes
	maxLength    = 1<<62 - 1 // bytes; a length beyond it is malformed
)

// body finds the end of a message's content and takes the chunks' framing off (RFC 9112, section 7.1).
type body struct {
	mode     bodyMode
	strict   bool // as a server must read it that does not want to be smuggled past
	phase    chunkPhase
	left     int64 // bytes of the content, or of the chunk
	trailers int   // bytes read of them
}

// next takes the first n bytes of p, of which data is content. It wants more bytes where n is 0 and done is false.
func (b *body) next(p []byte) (data []byte, n int, done, ok bool) {
	switch b.mode {
	case bodyNone:
		return nil, 0, true, true
	case bodyUntilClose:
		return p, len(p), false, true
	case bodyLength:
		data = p[:min(int64(len(p)), b.left)]
		b.left -= int64(len(data))
		return data, len(data), b.left == 0, true
	}
	switch b.phase {
	case phaseData:
		data = p[:min(int64(len(p)), b.left)]
		if b.left -= int64(len(data)); b.left == 0 {
			b.phase = phaseDataEnd
		}
		return data, len(data), false, true
	case phaseDataEnd:
		return b.dataEnd(p)
	}
	end := bytes.IndexByte(p, '\n')
	if end < 0 {
		return nil, 0, false, len(p) <= maxChunkLine
	}
	line, ok := b.line(p[:end])
	if !ok || end > maxChunkLine {
		return nil, 0, false, false
	}
	if b.phase == phaseTrailers {
		if len(line) > 0 {
			b.trailers += end
		}
		return nil, end + 1, len(line) == 0, b.trailers <= maxTrailers
	}
	if b.left, ok = b.size(line); !ok {
		return nil, 0, false, false
	}
	if b.phase = phaseData; b.left == 0 {
		b.phase = phaseTrailers
	}
	return nil, end + 1, false, true
}

// line takes the CR off, without which, and with more than which, a line is ambiguous.
func (b *body) line(p []byte) ([]byte, bool) {
	line, cr := bytes.CutSuffix(p, []byte{'\r'})
	if b.strict && (!cr || bytes.IndexByte(line, '\r') >= 0) {
		return nil, false
	}
	return line, true
}

func (b *body) dataEnd(p []byte) (data []byte, n int, done, ok bool) {
	switch {
	case len(p) == 0:
		return nil, 0, false, true
	case p[0] == '\n' && !b.strict:
		n = 1
	case p[0] != '\r':
		return nil, 0, false, false
	case len(p) == 1:
		return nil, 0, false, true
	case p[1] != '\n':
		return nil, 0, false, false
	default:
		n = 2
	}
	b.phase = phaseSize
	return nil, n, false, true
}

// size reads a chunk's length; extensions are passed over.
func (b *body) size(line []byte) (int64, bool) {
	digits, _, _ := bytes.Cut(line, []byte{';'})
	if !b.strict {
		digits = bytes.TrimRight(digits, " \t")
	}
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	var size int64
	for _, d := range digits {
		switch {
		case d >= '0' && d <= '9':
			d -= '0'
		case d|0x20 >= 'a' && d|0x20 <= 'f':
			d = d | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		size = size<<4 | int64(d)
	}
	return size, true
}

// skip passes over n bytes that are missing and reports whether the end of the content can still be found.
func (b *body) skip(n int64) bool {
	switch {
	case b.mode == bodyUntilClose:
		return true
	case b.mode == bodyLength, b.mode == bodyChunked && b.phase == phaseData:
		if n > b.left {
			return false
		}
		if b.left -= n; b.left == 0 && b.mode == bodyChunked {
			b.phase = phaseDataEnd
		}
		return true
	}
	return false
}

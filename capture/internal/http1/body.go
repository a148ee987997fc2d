package http1

import "bytes"

// BodyMode is how the end of a message's content is told.
type BodyMode uint8

// The modes.
const (
	BodyNone       BodyMode = iota // there is no content
	BodyLength                     // Content-Length says it
	BodyChunked                    // the content comes in chunks, of which the last is empty
	BodyUntilClose                 // the connection ends with it
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

// Body finds the end of a message's content and takes the chunks' framing off (RFC 9112, section 7.1).
type Body struct {
	Mode BodyMode
	// Strict reads chunks as a server must that does not want to be smuggled past.
	Strict bool
	// Left is how many bytes of the content, or of its chunk, are still to come.
	Left int64
	// Trailers is how many bytes of trailer fields were read.
	Trailers int

	phase chunkPhase
}

// Next takes the first n bytes of p, of which data is content. It wants more bytes where n is 0 and done is false.
func (b *Body) Next(p []byte) (data []byte, n int, done, ok bool) {
	switch b.Mode {
	case BodyNone:
		return nil, 0, true, true
	case BodyUntilClose:
		return p, len(p), false, true
	case BodyLength:
		data = p[:min(int64(len(p)), b.Left)]
		b.Left -= int64(len(data))
		return data, len(data), b.Left == 0, true
	}
	switch b.phase {
	case phaseData:
		data = p[:min(int64(len(p)), b.Left)]
		if b.Left -= int64(len(data)); b.Left == 0 {
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
			b.Trailers += end
		}
		return nil, end + 1, len(line) == 0, b.Trailers <= maxTrailers
	}
	if b.Left, ok = b.size(line); !ok {
		return nil, 0, false, false
	}
	if b.phase = phaseData; b.Left == 0 {
		b.phase = phaseTrailers
	}
	return nil, end + 1, false, true
}

// line takes the CR off, without which, and with more than which, a line is ambiguous.
func (b *Body) line(p []byte) ([]byte, bool) {
	line, cr := bytes.CutSuffix(p, []byte{'\r'})
	if b.Strict && (!cr || bytes.IndexByte(line, '\r') >= 0) {
		return nil, false
	}
	return line, true
}

func (b *Body) dataEnd(p []byte) (data []byte, n int, done, ok bool) {
	switch {
	case len(p) == 0:
		return nil, 0, false, true
	case p[0] == '\n' && !b.Strict:
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
func (b *Body) size(line []byte) (int64, bool) {
	digits, _, _ := bytes.Cut(line, []byte{';'})
	if !b.Strict {
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

// Skip passes over n bytes that are missing and reports whether the end of the content can still be found.
func (b *Body) Skip(n int64) bool {
	switch {
	case b.Mode == BodyUntilClose:
		return true
	case b.Mode == BodyLength, b.Mode == BodyChunked && b.phase == phaseData:
		if n > b.Left {
			return false
		}
		if b.Left -= n; b.Left == 0 && b.Mode == BodyChunked {
			b.phase = phaseDataEnd
		}
		return true
	}
	return false
}

package goreplay

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"reprise/capture/internal/http1"
)

// separator is the line behind each payload (protocol.go of GoReplay: payloadSeparator); the line end before it is no part of the payload.
const separator = "🐵🙈🙉"

// maxPayload is the longest payload that is read, in bytes.
const maxPayload = http1.MaxHead + http1.MaxBody + 1<<20

// payloads cuts a file into its payloads.
type payloads struct {
	in     *bufio.Reader
	text   []byte
	passed int64 // bytes of the payload given up last; 0 where it was not
}

func newPayloads(r io.Reader) payloads { return payloads{in: bufio.NewReaderSize(r, 256<<10)} }

// next returns a payload, valid until the next call, without its separator. whole says that the separator stood behind it. An error
// comes with what stands before it.
func (p *payloads) next() (text []byte, whole bool, err error) {
	p.text, p.passed = p.text[:0], 0
	begins := true // a line does
	for {
		part, err := p.in.ReadSlice('\n')
		if begins && isSeparator(part) {
			return bytes.TrimSuffix(p.text, []byte{'\n'}), true, nil
		}
		begins = err == nil
		switch {
		case p.passed > 0:
			p.passed += int64(len(part))
		case len(p.text)+len(part) > maxPayload:
			p.passed = int64(len(p.text) + len(part))
			p.text = p.text[:0]
		default:
			p.text = append(p.text, part...)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return p.text, false, err
		}
	}
}

// isSeparator says whether a line ends a payload, also one whose line end was made another.
func isSeparator(line []byte) bool {
	return len(line) <= len(separator)+len("\r\n") && string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})) == separator
}

// The sorts of payload.
const (
	request  = '1'
	response = '2'
	replayed = '3'
)

// head is a payload's first line: "1 f45590522cd1838b4a0d5c5aab80b77929dea3b3 1669408200123456789 -1".
type head struct {
	sort byte
	id   string
	time int64 // ns since 1970; of an answer in old files, and wherever it is small, how long it took
	took int64 // ns: of an answer to the end of which time is the request's; 0 where it is not said
}

// minTime is the first time, in nanoseconds, that is one of day and no duration: in 2001.
const minTime = 1e18

// parseHead reads a first line, of which the last field may be missing.
func parseHead(line []byte) (h head, reason string) {
	fields := bytes.Split(bytes.TrimSuffix(line, []byte{'\r'}), []byte{' '})
	if len(fields) < 3 || len(fields) > 4 || len(fields[0]) != 1 || fields[0][0] < request || fields[0][0] > replayed ||
		len(fields[1]) == 0 || len(fields[1]) > maxID {
		return h, reasonLine
	}
	h.sort, h.id = fields[0][0], string(fields[1])
	var err error
	if h.time, err = strconv.ParseInt(string(fields[2]), 10, 64); err != nil {
		return h, reasonLine
	}
	if len(fields) == 4 {
		if h.took, err = strconv.ParseInt(string(fields[3]), 10, 64); err != nil {
			h.took = 0 // a fork writes the client's address there
		}
	}
	if h.sort == request && h.time < minTime {
		return h, reasonTime
	}
	return h, ""
}

// maxID bounds the id of a payload, which is 24 or 40 hexadecimal digits.
const maxID = 128

// Detect says whether an input begins as GoReplay's files do.
func Detect(start []byte) bool {
	line, _, _ := bytes.Cut(start, []byte{'\n'})
	return firstLine().Match(line)
}

func firstLine() *regexp.Regexp {
	return regexp.MustCompile(`\A[123] [0-9a-f]{8,` + strconv.Itoa(maxID) + `} [0-9]+( -?[0-9]+)?\r?\z`)
}

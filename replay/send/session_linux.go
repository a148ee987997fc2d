package send

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2/hpack"
	"golang.org/x/sys/unix"

	"reprise/capture/wire"
	"reprise/replay"
)

// session is one connection of HTTP/2: the requests that share it, and what waits to be written.
type session struct {
	socket
	streams map[uint32]*stream
	next    uint32 // number of the next stream
	limit   int    // how many streams the other side takes at once
	fresh   bool   // it was just opened for a request that waits
	used    bool   // it has answered
	leaving bool   // the other side takes no more requests on it

	// What is written. sent counts the bytes that the socket took, and out holds what comes after those.
	out     []byte
	sent    int64
	sealed  int       // of out, encrypted and not yet taken whole
	before  int64     // what the wire had taken when that was encrypted
	dirty   bool      // it is in line for being written
	writing bool      // the socket is watched for room
	unsent  []*stream // not written whole
	pack    *hpack.Encoder
	block   bytes.Buffer // what pack makes
	names   map[string]headerName
	window  int64 // how much more of bodies may be sent
	initial int64 // the same of a new stream

	// What is read.
	in       []byte // the beginning of a frame
	received uint32 // since more was granted
	settled  bool   // its settings have come
	unpack   *hpack.Decoder
	head     head // of an answer, in the making
	open     bool // more of that header follows
	packed   []byte
}

// stream is one request on a session.
type stream struct {
	id       uint32
	tries    int
	q        *replay.Request
	res      replay.Result
	phase    phase
	since    time.Duration
	body     []byte // what of it is not yet in the session's out
	ended    bool   // all of the request is
	from, to int64  // where it begins and ends among the bytes of the session
	window   int64
	answer   response
	length   int64  // of the answer's body, as its header says; -1 where it does not
	received uint32 // since more was granted
}

// headerName is a header's name as HTTP/2 writes it.
type headerName struct {
	lower string
	role  wire.Role
}

// maxNames bounds the names that a session knows.
const maxNames = 1000

// plainStreams is how many requests a session carries until its settings have come, manyStreams where these name no number.
const (
	plainStreams = 100
	manyStreams  = 1000
)

func newSession(c socket) *session {
	s := &session{
		socket: c, streams: make(map[uint32]*stream), next: 1, limit: plainStreams, window: plainWindow, initial: plainWindow,
		names: make(map[string]headerName), out: appendPreface(nil),
	}
	s.pack = hpack.NewEncoder(&s.block)
	s.unpack = hpack.NewDecoder(4096, s.field)
	s.unpack.SetMaxStringLength(maxHeader)
	return s
}

// room says whether it takes another request.
func (s *session) room() bool { return !s.leaving && len(s.streams) < s.limit }

// end is the number of bytes that were put into out so far.
func (s *session) end() int64 { return s.sent + int64(s.sealed) + int64(len(s.out)) }

// request puts a request in line for being written.
func (s *session) request(st *stream, m *wire.Request, secure bool) {
	st.id, st.from, st.window = s.next, s.end(), s.initial
	if s.next += 2; s.next > maxWindow-2 {
		s.leaving = true
	}
	s.streams[st.id] = st
	s.unsent = append(s.unsent, st)
	st.body, st.ended = m.Body, len(m.Body) == 0
	s.headers(m, secure)
	flags := byte(0)
	if st.ended {
		flags = flagEndStream
	}
	of := frameHeaders
	for b := s.block.Bytes(); of == frameHeaders || len(b) > 0; of = frameContinuation {
		n := min(len(b), maxFrame)
		if n == len(b) {
			flags |= flagEndHeaders
		}
		s.out = append(appendFrame(s.out, of, flags, st.id, n), b[:n]...)
		b, flags = b[n:], 0
	}
	st.to = s.end()
	s.fill(st)
}

// headers packs a request's header into block, in the order in which it was recorded.
func (s *session) headers(m *wire.Request, secure bool) {
	s.block.Reset()
	put := func(name, value string) { _ = s.pack.WriteField(hpack.HeaderField{Name: name, Value: value}) } // a buffer takes everything
	scheme := "http"
	if secure {
		scheme = "https"
	}
	put(":authority", m.Host)
	put(":method", m.Method)
	put(":path", m.URL)
	put(":scheme", scheme)
	length := !m.Chunked && (len(m.Body) > 0 || wire.WantsLength(m.Method))
	for i := range m.Headers {
		h := &m.Headers[i]
		switch n := s.name(h.Name); {
		case n.role == wire.RoleNone:
			put(n.lower, strings.Trim(h.Value, " \t"))
		case n.role == wire.RoleLength && length:
			put(n.lower, strconv.Itoa(len(m.Body)))
			length = false
		}
	}
	if length {
		put("content-length", strconv.Itoa(len(m.Body)))
	}
}

func (s *session) name(written string) headerName {
	n, ok := s.names[written]
	if !ok {
		n = headerName{strings.ToLower(written), wire.RoleOf(written)}
		if len(s.names) < maxNames {
			s.names[strings.Clone(written)] = n
		}
	}
	return n
}

// fullEnough is when no more of bodies is put into out.
const fullEnough = 64 << 10

// fill puts as much of a request's body into out as the other side takes; true where that is any.
func (s *session) fill(st *stream) (some bool) {
	for !st.ended && len(s.out) < fullEnough {
		n := int(min(int64(len(st.body)), maxFrame, s.window, st.window))
		if n <= 0 {
			return some
		}
		flags := byte(0)
		if st.ended = n == len(st.body); st.ended {
			flags = flagEndStream
		}
		s.out = append(appendFrame(s.out, frameData, flags, st.id, n), st.body[:n]...)
		st.body = st.body[n:]
		s.window -= int64(n)
		st.window -= int64(n)
		st.to = s.end()
		some = true
	}
	return some
}

// fillAll does so for all requests, in their order.
func (s *session) fillAll() (some bool) {
	for _, st := range s.unsent {
		some = s.fill(st) || some
	}
	return some
}

// write writes what is in out; done says that nothing is left.
func (s *session) write() (done bool, reason replay.Reason) {
	if s.tls != nil {
		return s.writeTLS()
	}
	n := 0
	for n < len(s.out) {
		took, errno := rawSend(s.fd, s.out[n:])
		switch errno {
		case 0:
			n += took
		case unix.EINTR:
		case unix.EAGAIN:
			s.took(n)
			return false, ""
		default:
			s.took(n)
			return false, errnoReason(errno)
		}
	}
	s.took(n)
	return true, ""
}

func (s *session) took(n int) {
	s.sent += int64(n)
	s.out = s.out[:copy(s.out, s.out[n:])]
}

// writeTLS encrypts what is in out once the socket has taken what was encrypted before. What is encrypted is written at once.
func (s *session) writeTLS() (done bool, reason replay.Reason) {
	for s.sealed > 0 || len(s.out) > 0 {
		if s.sealed == 0 {
			s.before, s.wire.hold = s.wire.taken, true
			_, err := s.tls.Write(s.out)
			s.wire.hold = false
			if err != nil {
				return false, replay.ReasonTLS
			}
			s.sealed, s.out = len(s.out), s.out[:0]
		}
		done, errno := s.wire.flush()
		if errno != 0 {
			if s.wire.taken == s.before { // nothing of it was taken
				s.sent -= int64(s.sealed)
			}
			s.sent, s.sealed = s.sent+int64(s.sealed), 0
			return false, errnoReason(errno)
		}
		if !done {
			return false, ""
		}
		s.sent, s.sealed = s.sent+int64(s.sealed), 0
	}
	return true, ""
}

// written takes note of the requests that are written whole; true where there are any.
func (s *session) written(now time.Duration) bool {
	before := len(s.unsent)
	s.unsent = slices.DeleteFunc(s.unsent, func(st *stream) bool {
		if !st.ended || st.to > s.sent {
			return false
		}
		if st.phase == toWrite {
			st.phase, st.since = toAnswer, now
		}
		return true
	})
	return len(s.unsent) < before
}

// remove takes a request off the session.
func (s *session) remove(st *stream) {
	delete(s.streams, st.id)
	if i := slices.Index(s.unsent, st); i >= 0 {
		s.unsent = slices.Delete(s.unsent, i, i+1)
	}
}

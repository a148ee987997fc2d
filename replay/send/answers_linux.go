package send

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"golang.org/x/net/http2/hpack"

	"reprise/replay"
)

// head is the header of an answer over HTTP/2, in the making.
type head struct {
	stream  uint32
	ends    bool // the answer has no body
	status  int
	length  int64 // -1 where it names none
	retry   string
	size    int
	regular bool // a header that is not the status has come
	bad     bool
}

// field takes one header of an answer.
func (s *session) field(f hpack.HeaderField) {
	h := &s.head
	if h.size += len(f.Name) + len(f.Value) + 32; h.size > maxHeader {
		h.bad = true
		return
	}
	switch {
	case f.Name == ":status":
		n, err := strconv.Atoi(f.Value)
		h.bad = h.bad || err != nil || len(f.Value) != 3 || n < 100 || h.status != 0 || h.regular
		h.status = n
		return
	case f.IsPseudo():
		h.bad = true
	case f.Name == "content-length":
		n, ok := decimal([]byte(f.Value))
		h.bad = h.bad || !ok || h.length >= 0 && h.length != n
		h.length = n
	case f.Name == "retry-after":
		h.retry = f.Value
	}
	h.regular = true
}

// numbers returns those of the streams, in order.
func (s *session) numbers() []uint32 { return slices.Sorted(maps.Keys(s.streams)) }

// feed reads the frames that have come. A reason ends the session.
func (m *mux) feed(s *session, b []byte) replay.Reason {
	if len(s.in) > 0 {
		s.in = append(s.in, b...)
		b = s.in
	}
	for s.fd >= 0 {
		f, size, reason := nextFrame(b)
		if reason != "" {
			return reason
		}
		if size == 0 {
			break
		}
		if reason := m.frame(s, &f); reason != "" {
			return reason
		}
		b = b[size:]
	}
	s.in = append(s.in[:0], b...)
	return ""
}

// frame does what a frame asks for.
func (m *mux) frame(s *session, f *frame) replay.Reason {
	if !s.settled && f.of != frameSettings || s.open != (f.of == frameContinuation) {
		return replay.ReasonInvalid // settings come first, and nothing comes between the parts of a header
	}
	if len(s.out) > maxFrame<<10 { // it asks for answers, and does not take them
		return replay.ReasonInvalid
	}
	switch f.of {
	case frameData:
		return m.data(s, f)
	case frameHeaders, frameContinuation:
		return m.header(s, f)
	case frameReset:
		return m.reset(s, f)
	case frameSettings:
		return m.settings(s, f)
	case framePing:
		if len(f.payload) != 8 || f.stream != 0 {
			return replay.ReasonInvalid
		}
		if !f.has(flagAck) {
			s.out = append(appendFrame(s.out, framePing, flagAck, 0, 8), f.payload...)
			m.touch(s)
		}
	case frameGoAway:
		return m.goAway(s, f)
	case frameWindowUpdate:
		return m.grant(s, f)
	case framePushPromise:
		return replay.ReasonInvalid // it was told not to
	}
	return "" // others are passed over (RFC 9113, section 5.5)
}

// known returns the request of a stream, nil where it is over; ok is false for a stream that never was.
func (s *session) known(id uint32) (st *stream, ok bool) {
	return s.streams[id], id&1 == 1 && id < s.next
}

func (m *mux) data(s *session, f *frame) replay.Reason {
	st, ok := s.known(f.stream)
	b, whole := f.content()
	if !ok || !whole {
		return replay.ReasonInvalid
	}
	if s.received += uint32(len(f.payload)); s.received >= giveBack {
		s.out = appendWord(s.out, frameWindowUpdate, 0, s.received)
		s.received = 0
		m.touch(s)
	}
	switch {
	case st == nil:
		return ""
	case !st.answer.headed || st.answer.noBody && len(b) > 0 || st.length >= 0 && st.answer.bytes+int64(len(b)) > st.length:
		m.finish(s, st, replay.ReasonInvalid)
		return ""
	}
	if reason := st.answer.take(b); reason != "" {
		m.finish(s, st, reason)
		return ""
	}
	if f.has(flagEndStream) {
		m.complete(s, st)
		return ""
	}
	if st.received += uint32(len(f.payload)); st.received >= giveBack {
		s.out = appendWord(s.out, frameWindowUpdate, st.id, st.received)
		st.received = 0
		m.touch(s)
	}
	return ""
}

// complete ends a request of which the answer has ended.
func (m *mux) complete(s *session, st *stream) {
	reason := replay.ReasonNone
	if st.length >= 0 && !st.answer.noBody && st.answer.status != 304 && st.answer.bytes < st.length {
		reason = replay.ReasonReset
	}
	m.finish(s, st, reason)
}

// header takes a header, or a part of one.
func (m *mux) header(s *session, f *frame) replay.Reason {
	b := f.payload
	if f.of == frameHeaders {
		_, ok := s.known(f.stream)
		var whole bool
		if b, whole = f.content(); !ok || !whole {
			return replay.ReasonInvalid
		}
		s.head, s.packed = head{stream: f.stream, ends: f.has(flagEndStream), length: -1}, s.packed[:0]
	} else if f.stream != s.head.stream {
		return replay.ReasonInvalid
	}
	if s.open = !f.has(flagEndHeaders); s.open || len(s.packed) > 0 {
		if s.packed = append(s.packed, b...); len(s.packed) > maxBlock {
			return replay.ReasonInvalid
		}
		if s.open {
			return ""
		}
		b = s.packed
	}
	if _, err := s.unpack.Write(b); err != nil {
		return replay.ReasonInvalid
	}
	if s.unpack.Close() != nil {
		return replay.ReasonInvalid
	}
	if st := s.streams[s.head.stream]; st != nil {
		m.answer(s, st, &s.head)
	}
	return ""
}

// answer takes a header that is whole: an answer's, one before it that only informs, or a trailer.
func (m *mux) answer(s *session, st *stream, h *head) {
	if st.res.FirstByte == 0 {
		st.res.FirstByte = max(m.now, st.res.Sent, 1)
		st.phase, st.since = toEnd, st.res.FirstByte
		m.expiry(m.e.o.limit(&st.res, st.phase, st.since))
	}
	s.used = true
	a := &st.answer
	switch {
	case h.bad, a.headed && (!h.ends || h.status != 0), !a.headed && h.status < 200 && (h.status == 0 || h.ends || h.status == 101):
		m.finish(s, st, replay.ReasonInvalid)
		return
	case !a.headed && h.status < 200:
		return
	case !a.headed:
		a.headed, a.status, st.length = true, h.status, h.length
		if asksToWait(h.status) {
			a.retryAfter = retryAfter(h.retry, time.Now())
		}
		if !a.noBody && h.length > a.maxBody {
			m.finish(s, st, replay.ReasonTooLarge)
			return
		}
	}
	if h.ends {
		m.complete(s, st)
	}
}

// reset ends a request that the other side gave up.
func (m *mux) reset(s *session, f *frame) replay.Reason {
	st, ok := s.known(f.stream)
	if !ok || len(f.payload) != 4 {
		return replay.ReasonInvalid
	}
	if st == nil {
		return ""
	}
	if binary.BigEndian.Uint32(f.payload) == codeRefused && !st.answer.headed {
		m.placeAgain([]waiting{m.takeBack(s, st)})
		return ""
	}
	st.ended = true // there is nobody to tell
	m.finish(s, st, replay.ReasonReset)
	return ""
}

// goAway lets the requests be answered that the other side has taken, and no other.
func (m *mux) goAway(s *session, f *frame) replay.Reason {
	if len(f.payload) < 8 || f.stream != 0 {
		return replay.ReasonInvalid
	}
	s.leaving = true
	last := binary.BigEndian.Uint32(f.payload) & maxWindow
	var again []waiting
	for _, id := range s.numbers() {
		if id > last {
			again = append(again, m.takeBack(s, s.streams[id]))
		}
	}
	if len(s.streams) == 0 {
		m.discard(s)
	}
	m.placeAgain(again)
	m.more()
	return ""
}

// grant takes note that the other side takes more of bodies.
func (m *mux) grant(s *session, f *frame) replay.Reason {
	if len(f.payload) != 4 {
		return replay.ReasonInvalid
	}
	window := &s.window
	if f.stream != 0 {
		st, ok := s.known(f.stream)
		if !ok {
			return replay.ReasonInvalid
		}
		if st == nil {
			return ""
		}
		window = &st.window
	}
	more := int64(binary.BigEndian.Uint32(f.payload) & maxWindow)
	if *window += more; more == 0 || *window > maxWindow {
		return replay.ReasonInvalid
	}
	if s.fillAll() {
		m.touch(s)
	}
	return ""
}

// settings does as the other side wishes, and says so.
func (m *mux) settings(s *session, f *frame) replay.Reason {
	if f.stream != 0 || len(f.payload)%6 != 0 || f.has(flagAck) && len(f.payload) > 0 {
		return replay.ReasonInvalid
	}
	if f.has(flagAck) {
		return ""
	}
	if !s.settled {
		s.settled, s.limit = true, manyStreams
	}
	for b := f.payload; len(b) > 0; b = b[6:] {
		switch value := binary.BigEndian.Uint32(b[2:]); binary.BigEndian.Uint16(b) {
		case settingTableSize:
			s.pack.SetMaxDynamicTableSize(value)
		case settingStreams:
			s.limit = int(min(value, maxWindow))
		case settingInitialWindow:
			if value > maxWindow {
				return replay.ReasonInvalid
			}
			by := int64(value) - s.initial
			s.initial = int64(value)
			for _, st := range s.streams {
				if st.window += by; st.window > maxWindow {
					return replay.ReasonInvalid
				}
			}
		}
	}
	s.out = appendFrame(s.out, frameSettings, flagAck, 0, 0)
	s.fillAll()
	m.touch(s)
	m.drain()
	m.more()
	return ""
}

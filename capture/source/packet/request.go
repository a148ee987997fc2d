package packet

import (
	"bytes"
	"cmp"
	"slices"

	"reprise/capture/internal/http1"
)

type readState uint8

const (
	readStart  readState = iota // between two messages
	readHead                    // the head has begun
	readBody                    // the head has been read
	readResync                  // looking for the start of a message
)

// tail is how many bytes are kept while looking for the start of a message.
const tail = maxLine

// hopeless is how many bytes of an unknown stream are searched before it is left alone.
const hopeless = 1 << 20

// requestReader cuts the client's bytes into requests and puts each into the connection's queue as soon as its head
// has been read.
type requestReader struct {
	conn     *conn
	state    readState
	searched int   // bytes of the view that were looked at before
	passed   int64 // bytes passed over while nothing had been recognised yet
	off      int64 // of the request's first byte
	mark     mark  // of the request's first byte
	current  *exchange
	body     http1.Body
	seen     seen
	run      run
	// bar, where it is not -1, is how much the client must have received when it sent what is taken for a request again, and
	// from is where that may be at the earliest: what is before belongs to a request that was refused.
	bar, from int64
}

// read takes what it can of view, whose first byte is at off, and returns how many bytes that is.
func (r *requestReader) read(view []byte, off int64) (taken int) {
	for r.conn.state == stateLive {
		rest := view[taken:]
		n := 0
		switch r.state {
		case readStart:
			n = r.begin(rest, off+int64(taken))
		case readHead:
			n = r.head(rest, off+int64(taken))
		case readBody:
			n = r.content(rest, off+int64(taken))
		case readResync:
			n = r.resync(rest, off+int64(taken))
		}
		if n < 0 {
			return taken
		}
		taken += n
	}
	return taken
}

// begin passes over the empty lines before a request (RFC 9112, section 2.2). Like the other steps it returns how
// many bytes it took, or -1 where it wants more.
func (r *requestReader) begin(b []byte, off int64) int {
	if len(b) >= 2 && b[0] == '\r' && b[1] == '\n' {
		return 2
	}
	if len(b) == 0 || len(b) == 1 && (b[0] == '\r' || b[0] == tlsHandshake) {
		return -1
	}
	if !http1.BeginsRequest(b) {
		return r.stranger(b, off)
	}
	r.state, r.searched = readHead, 0
	r.off, r.mark = off, r.conn.client.at
	return 0
}

// stranger deals with bytes that begin no request.
func (r *requestReader) stranger(b []byte, off int64) int {
	c := r.conn
	if c.confirmed {
		if bytes.HasPrefix(b, []byte("PRI")) {
			c.refuse(reasonHTTP2)
			return 0
		}
		c.table.note(c.client.at.number, reasonJunk)
		r.refused(off, nil, 0)
		return 0
	}
	r.state = readStart
	c.suspect = cmp.Or(c.suspect, otherProtocol(b))
	switch {
	case len(b) >= 2 && b[0] == tlsHandshake && b[1] == 3:
		c.refuse(reasonTLS)
	case bytes.HasPrefix(b, []byte("PRI")):
		c.refuse(reasonHTTP2)
	case c.server.started && !c.responses.silent():
		c.refuse(reasonNotHTTP)
	default:
		c.try()
	}
	return 0
}

// The first bytes of TLS records, whose second one is 3.
const (
	tlsHandshake   = 0x16
	tlsApplication = 0x17
)

// isTLS says whether a segment begins with a TLS record.
func isTLS(b []byte) bool {
	return len(b) >= 5 && (b[0] == tlsHandshake || b[0] == tlsApplication) && b[1] == 3 && b[2] <= 4
}

// otherProtocol is the reason to leave a connection alone in which a segment begins so; "" where that tells nothing.
func otherProtocol(b []byte) string {
	switch {
	case isTLS(b):
		return reasonTLS
	case isHTTP2(b):
		return reasonHTTP2
	}
	return ""
}

// head reads a head that is whole.
func (r *requestReader) head(b []byte, off int64) int {
	c := r.conn
	size, searched := http1.HeadEnd(b, r.searched)
	switch {
	case !http1.BeginsRequest(b): // as begin would have seen, had more of it been there
		return r.stranger(b, off)
	case size == 0 && len(b) <= http1.MaxHead:
		r.searched = searched
		return -1
	case size == 0 || size > http1.MaxHead:
		r.unread(http1.ReasonHeadSize)
		r.refused(off+int64(len(b)), b, 0)
		return len(b)
	}
	e := c.table.newExchange()
	h, ok := http1.ParseRequest(b[:size], &e.record)
	if !ok {
		c.table.recycle(e)
		return r.noRequest(b, size, off)
	}
	c.table.traffic = nil
	if !c.confirmed {
		c.confirmed = true
		c.table.server(c.serverAddress())
	}
	c.table.server(e.record.Host)
	c.table.learn(e.record.Method)
	e.off, e.start = r.off, r.mark
	c.hold(e, size)
	c.queue.push(c, e)
	r.current = e
	if h.Reason == "" && h.Mode == http1.BodyLength && h.Length > http1.MaxBody {
		h.Refuse("body", http1.ReasonBodySize, false)
	}
	if h.Reason != "" {
		r.skip(h.Field, h.Reason)
	}
	if h.Adrift {
		r.complete()
		r.refused(off+int64(size), b[:size], h.Longest)
		return size
	}
	if !e.skipped {
		if h.Mode == http1.BodyLength && h.Length <= 64<<10 {
			e.record.Body = slices.Grow(e.record.Body, int(h.Length))
		}
		c.hold(e, cap(e.record.Body))
	}
	r.state, r.body = readBody, http1.Body{Mode: h.Mode, Left: h.Length, Strict: true}
	return size
}

// noRequest deals with a head of that size whose first line is no request line.
func (r *requestReader) noRequest(b []byte, size int, off int64) int {
	c := r.conn
	if !c.confirmed && c.table.ports == nil {
		return r.stranger(b, off)
	}
	r.unread(http1.ReasonRequestLine)
	r.refused(off+int64(size), b[:size], http1.LongestContent(b[:size]))
	return size
}

// unread counts a request whose head cannot be read; it keeps its place in the queue, as it may be answered.
func (r *requestReader) unread(reason string) {
	c := r.conn
	c.table.skip(r.mark.number, "", reason)
	e := c.table.newExchange()
	e.off, e.start, e.complete, e.skipped = r.off, r.mark, true, true
	c.queue.push(c, e)
}

// content reads of the body what is there.
func (r *requestReader) content(b []byte, off int64) int {
	c, e := r.conn, r.current
	trailers := r.body.Trailers
	data, n, done, ok := r.body.Next(b)
	if !ok {
		r.skip("body", http1.ReasonChunk)
		r.complete()
		r.refused(off, nil, 0)
		return 0
	}
	if trailers == 0 && r.body.Trailers > 0 {
		c.table.note(e.start.number, http1.ReasonTrailers)
	}
	if len(data) > 0 && !e.skipped {
		if len(e.record.Body)+len(data) > http1.MaxBody {
			r.skip("body", http1.ReasonBodySize)
		} else {
			had := cap(e.record.Body)
			e.record.Body = append(e.record.Body, data...)
			c.hold(e, cap(e.record.Body)-had)
		}
	}
	switch {
	case done:
		size := off + int64(n) - r.off
		r.seen.add(size)
		c.table.sizes.count++
		c.table.sizes.bytes += size
		r.complete()
	case n == 0:
		return -1
	}
	return n
}

// resync looks for the next request line.
func (r *requestReader) resync(b []byte, off int64) int {
	c := r.conn
	at := -1
	if !c.onTrial {
		at = c.table.findRequest(b, r.searched, func(at int) bool { return r.mayBegin(off + int64(at)) })
	}
	if at < 0 {
		n := max(0, len(b)-tail)
		if r.searched = len(b) - n; c.onTrial {
			r.searched = 0
		}
		c.client.forget(off + int64(n))
		if r.passed += int64(n); r.passed > hopeless && !c.confirmed {
			c.refuse(reasonNotHTTP)
		}
		if n == 0 {
			return -1
		}
		return n
	}
	r.state, r.searched = readHead, 0
	r.off, r.mark = off+int64(at), c.client.found(off+int64(at))
	r.bar = -1
	return at
}

// mayBegin says whether what looks like a request at off may be one: a segment begins with it, and behind a request that was
// refused its client has had an answer since. All else may be inside a body. What that costs is requests that a client
// sent in one segment behind a gap.
func (r *requestReader) mayBegin(off int64) bool {
	at, ok := r.conn.client.begins(off)
	return ok && (r.bar < 0 || at.ack > r.bar && off >= r.from)
}

// skip counts the current request as one that is not given, and lets go of its bytes.
func (r *requestReader) skip(field, reason string) {
	e := r.current
	if e.skipped {
		return
	}
	e.skipped = true
	r.conn.table.skip(e.start.number, field, reason)
	r.conn.hold(e, -e.held)
	e.record.Body = nil
}

// complete ends the current request.
func (r *requestReader) complete() {
	e := r.current
	e.complete = true
	r.current, r.state = nil, readStart
	r.conn.queue.settle(r.conn, e)
}

// adrift says that from off on nobody knows where the next request begins.
func (r *requestReader) adrift(off int64) {
	r.state, r.searched = readResync, 0
	r.conn.client.search(off)
}

// refused says the same behind a request that was refused, whose content begins at off, and whose head says, one way or the
// other, that this is up to longest bytes.
func (r *requestReader) refused(off int64, head []byte, longest int64) {
	if http1.ExpectsContinue(head) { // then the client sends its content when it has had an answer
		r.conn.ignore()
		return
	}
	r.bar, r.from = max(r.conn.client.at.ack, r.mark.ack, 0), off+longest
	r.adrift(off)
}

// lose takes note of n missing bytes at off.
func (r *requestReader) lose(off, n int64) {
	c := r.conn
	if r.state != readBody {
		c.discard(&c.client)
	}
	from, least := off, int64(0)
	switch r.state {
	case readStart:
		least = 1
		if c.confirmed {
			c.debt.owed++
		}
	case readHead:
		from, least = r.off, 1
		c.table.skip(r.mark.number, "", reasonHole)
		c.debt.excused++
	case readBody:
		r.skip("body", reasonHole)
		if len(c.client.buffer) == 0 && r.body.Skip(n) {
			if r.body.Mode == http1.BodyLength && r.body.Left == 0 {
				r.complete()
			}
			return
		}
		c.discard(&c.client)
		r.complete()
	}
	c.queue.pushLost(c, from, least)
	r.adrift(off + n)
}

// end says that nothing more comes.
func (r *requestReader) end(reason string) {
	switch r.state {
	case readHead:
		r.conn.table.skip(r.mark.number, "", reason)
	case readBody:
		r.skip("body", reason)
		r.complete()
	}
	r.state = readStart
}

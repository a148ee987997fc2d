package packet

import "reprise/capture/internal/http1"

// responseReader cuts the server's bytes into responses and finds the request that each belongs to. Of a response
// only the status and the times are kept.
type responseReader struct {
	conn     *conn
	state    readState
	searched int // bytes of the view that were looked at before
	off      int64
	mark     mark // of the response's first byte
	current  *exchange
	body     http1.Body
	lastEnd  int64 // offset at which the last whole response ended
	// uncertain says that responses may have been missed since the last one that was paired.
	uncertain bool
	gap       gap // since the last response
	seen      seen
}

// gap is a place at which responses are missing.
type gap struct {
	on    bool
	from  int64 // its offset; -1 where that is not known
	size  int64 // up to the next response; -1 where not known
	least int64 // how many responses it held at least
}

// read is like requestReader.read.
func (r *responseReader) read(view []byte, off int64) (taken int) {
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

func (r *responseReader) begin(b []byte, off int64) int {
	if len(b) == 0 {
		return -1
	}
	if !http1.BeginsResponse(b) {
		r.conn.tried(false)
		r.adrift(off)
		return 0
	}
	r.state, r.searched = readHead, 0
	r.off, r.mark = off, r.conn.server.at
	return 0
}

func (r *responseReader) head(b []byte, off int64) int {
	c := r.conn
	size, searched := http1.HeadEnd(b, r.searched)
	switch {
	case size == 0 && http1.BeginsResponse(b) && len(b) <= http1.MaxHead:
		r.searched = searched
		return -1
	case size == 0:
		if !http1.BeginsResponse(b) { // as begin would have seen, had more of it been there
			c.tried(false)
		}
		r.adrift(off + 1)
		return 1
	}
	status, h, ok := http1.ParseResponse(b[:size])
	c.tried(ok)
	if !ok {
		r.adrift(off + 1)
		return 1
	}
	if status < 200 && status != 101 { // an interim response: the real one follows
		r.state = readStart
		return size
	}
	method := r.answer(status)
	switch {
	case status == 101, method == "CONNECT" && status < 300:
		r.complete(off + int64(size))
		c.ignore() // what follows is no HTTP/1
		return size
	case method == "HEAD", status == 204, status == 304, h.Mode == http1.BodyLength && h.Length == 0:
		h.Mode = http1.BodyNone
	}
	r.state, r.body = readBody, http1.Body{Mode: h.Mode, Left: h.Length}
	return size
}

// silent says whether nothing was read of the server.
func (r *responseReader) silent() bool { return r.state == readStart && r.lastEnd == 0 }

// answer gives the status to the request that the response is to, and returns that request's method.
func (r *responseReader) answer(status int) (method string) {
	e := r.conn.queue.match(r.conn, r.off, r.mark.ack, status)
	r.current, r.gap = e, gap{}
	if e == nil {
		return ""
	}
	e.answer(answer{status, r.mark.time})
	return e.record.Method
}

func (r *responseReader) content(b []byte, off int64) int {
	_, n, done, ok := r.body.Next(b)
	switch {
	case !ok:
		r.cut(off)
		r.adrift(off)
		return 0
	case done:
		r.complete(off + int64(n))
	case n == 0:
		return -1
	}
	return n
}

func (r *responseReader) resync(b []byte, off int64) int {
	c := r.conn
	at := findResponse(b, r.searched)
	if at < 0 {
		n := max(0, len(b)-tail)
		r.searched = len(b) - n
		c.server.forget(off + int64(n))
		if n == 0 {
			return -1
		}
		return n
	}
	r.state, r.searched = readHead, 0
	r.off, r.mark = off+int64(at), c.server.found(off+int64(at))
	if r.gap.size = -1; r.gap.from >= 0 {
		r.gap.size = r.off - r.gap.from
	}
	return at
}

// complete ends the current response, whose last byte is before off.
func (r *responseReader) complete(off int64) {
	e := r.current
	r.seen.add(off - r.off)
	r.current, r.state, r.lastEnd = nil, readStart, off
	if e != nil {
		e.done = true
		r.conn.queue.settle(r.conn, e)
	}
}

// cut ends the current response where it is not whole.
func (r *responseReader) cut(off int64) {
	had := r.seen
	r.complete(off)
	r.seen = had
}

// adrift says that from off on nobody knows where the next response begins, nor how many there were before it.
func (r *responseReader) adrift(off int64) {
	r.gap.on, r.gap.from = true, -1
	r.state, r.searched, r.uncertain = readResync, 0, true
	r.conn.server.search(off)
}

// lose takes note of n missing bytes at off.
func (r *responseReader) lose(off, n int64) {
	c := r.conn
	if r.state == readBody && len(c.server.buffer) == 0 && r.body.Skip(n) {
		if r.body.Mode == http1.BodyLength && r.body.Left == 0 {
			r.complete(off + n)
		}
		return
	}
	if r.state == readHead && len(c.server.buffer) > 12 {
		if status, ok := http1.StatusLine(c.server.buffer[:13]); ok && status >= 200 {
			r.answer(status)
			r.state = readBody
		}
	}
	c.discard(&c.server)
	from, known := off, !r.gap.on
	switch r.state {
	case readBody:
		r.cut(off)
	case readHead:
		from = r.off
		r.gap.least++
	case readStart:
		r.gap.least++
	}
	if r.adrift(off + n); known {
		r.gap.from = from
	}
}

// end says that nothing more comes.
func (r *responseReader) end() {
	if r.state == readBody {
		r.complete(r.conn.server.next)
	}
}

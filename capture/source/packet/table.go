package packet

import (
	"bytes"
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// Limits of memory and of patience. Times are capture times.
const (
	maxConnections = 1 << 15
	maxMemory      = 64 << 20 // bytes held for all connections together

	idleTimeout = 120e9 // ns of silence after which a connection is taken to be over
	deadTimeout = 5e9   // ns for which a finished connection's late packets are recognised
	maxSpare    = 256   // finished connections and exchanges kept for use again
	maxServers  = 4096  // names for which OnServer's calls are kept from repeating
)

// flowKey is a connection's two ends, the lower one first.
type flowKey struct {
	low, high endpoint
}

func (s *segment) key() (k flowKey, fromLow bool) {
	c := bytes.Compare(s.src.ip[:], s.dst.ip[:])
	if c < 0 || c == 0 && s.src.port <= s.dst.port {
		return flowKey{s.src, s.dst}, true
	}
	return flowKey{s.dst, s.src}, false
}

// table holds the connections under way and the requests that are ready to be given. Its input is segments, in the
// order of the recording.
type table struct {
	opts    Options
	files   []string            // by the high bits of the numbers of packets
	ports   *[65536 / 64]uint64 // nil: any
	conns   map[flowKey]*conn
	count   int     // of connections
	lastKey flowKey // that was looked for last, and the first of its connections
	last    *conn
	live    list // least recently heard of first
	// opening are those of which nothing but the handshake has come, as live. A flood of them ends no other.
	opening list
	reset   list  // those that were reset, and of which nothing new has come since; as live
	dead    list  // finished ones, in the order of their ends
	now     int64 // the earlier of the last two packets' times: one damaged time ends no connection
	heard   int64 // time of the last packet

	memory    int // bytes held
	limit     int // of memory; a variable for tests
	most      int // connections; a variable for tests
	out       []*exchange
	outAt     int
	spareConn []*conn
	spare     []*exchange
	past      past
	sizes     sizes
	servers   map[string]struct{}
	methods   []string         // of requests, beside the usual ones
	strangers map[string]int64 // connections that were left alone, by reason, where no port was asked for
	encrypted bool             // TLS was seen inside connections whose beginning is not in the recording
	http2     bool             // HTTP/2 was
	traffic   *traffic         // nil once a request was found
}

func newTable(o Options) *table {
	t := &table{
		opts: o, conns: make(map[flowKey]*conn), limit: maxMemory, most: maxConnections,
		servers: make(map[string]struct{}), past: newPast(), traffic: new(traffic),
	}
	if len(o.Ports) > 0 {
		t.ports = new([65536 / 64]uint64)
		for _, p := range o.Ports {
			t.ports[uint16(p)/64] |= 1 << (uint16(p) % 64)
		}
	}
	return t
}

func (t *table) serves(port uint16) bool {
	return t.ports != nil && t.ports[port/64]&(1<<(port%64)) != 0
}

// segment takes one TCP segment in.
func (t *table) segment(s *segment) {
	if t.ports != nil && !t.serves(s.src.port) && !t.serves(s.dst.port) {
		t.opts.Account.OtherPorts++
		return
	}
	if t.now = s.time; t.heard != 0 {
		t.now = min(t.now, t.heard)
	}
	t.heard = s.time
	t.sweep()
	key, fromLow := s.key()
	c := t.find(s, key, fromLow)
	if c == nil {
		if c = t.open(s, key, fromLow); c == nil {
			return
		}
	}
	if c.state == stateDead {
		if !c.goesOn(s, fromLow) {
			return
		}
		c.list.remove(c)
		c.reopen()
	}
	if net := c.net(fromLow); *net == unknownNet {
		*net = int64(s.net)
	}
	c.seen = s.time
	if c.segment(s, fromLow); c.state != stateDead {
		t.listOf(c).toBack(c)
	}
	if t.memory > t.limit {
		t.relieve()
	}
}

// open makes a connection of a segment that begins one or that shows, in mid-stream, whose it is.
func (t *table) open(s *segment, key flowKey, fromLow bool) *conn {
	if s.flags&flagRST != 0 || s.flags&flagSYN == 0 && len(s.payload) == 0 {
		return nil
	}
	fromClient, ok := t.fromClient(s)
	if !ok {
		t.encrypted = t.encrypted || isTLS(s.payload)
		t.http2 = t.http2 || isHTTP2(s.payload)
		return nil
	}
	if t.past.sentAgain(s, key, fromLow, t.now) {
		return nil
	}
	if t.count >= t.most {
		t.makeRoom()
	}
	var c *conn
	if n := len(t.spareConn); n > 0 {
		c, t.spareConn = t.spareConn[n-1], t.spareConn[:n-1]
	} else {
		c = new(conn)
	}
	c.reset(t, key, fromLow == fromClient)
	c.suspect = otherProtocol(s.payload)
	t.opening.toBack(c)
	t.addNamesake(c)
	return c
}

// listOf is the list that a connection under way belongs to.
func (t *table) listOf(c *conn) *list {
	switch {
	case c.wasReset:
		return &t.reset
	case c.spoke:
		return &t.live
	}
	return &t.opening
}

// fromClient finds out whether the client sent s: by the port, by the handshake, or by what is said.
func (t *table) fromClient(s *segment) (yes, ok bool) {
	switch to, from := t.serves(s.dst.port), t.serves(s.src.port); {
	case to != from:
		return to, true
	case s.flags&flagSYN != 0:
		return s.flags&flagACK == 0, true
	}
	return saidByClient(s.payload)
}

// saidByClient tells a request from a response.
func saidByClient(payload []byte) (yes, ok bool) {
	if http1.BeginsResponse(payload) { // which looks like a method, where it is cut
		return false, len(payload) >= len("HTTP/1.1 2") && beginsStatusLine(payload)
	}
	return true, http1.BeginsRequest(payload) && len(payload) >= 4
}

// beginsStatusLine says whether b is "HTTP/1.x NNN", or the part of that which there is.
func beginsStatusLine(b []byte) bool {
	for i, c := range b[:min(len(b), len("HTTP/1.1 200"))] {
		switch digit := c >= '0' && c <= '9'; {
		case i == 7 || i > 8:
			if !digit {
				return false
			}
		case i == 8 && c != ' ':
			return false
		}
	}
	return true
}

// sweep ends the connections that have been silent for too long.
func (t *table) sweep() {
	for _, l := range [...]*list{&t.live, &t.opening} {
		for c := l.first; c != nil && t.now-c.seen > idleTimeout; c = l.first {
			t.finish(c, http1.ReasonCut)
			t.remove(c)
		}
	}
	for c := t.reset.first; c != nil && t.now-c.seen > deadTimeout; c = t.reset.first {
		t.finish(c, http1.ReasonCut)
	}
	for c := t.dead.first; c != nil && t.now-c.seen > deadTimeout; c = t.dead.first {
		t.remove(c)
	}
}

// relieve gives connections up, those first that were silent longest, until memory is within its limit.
func (t *table) relieve() {
	for t.memory > t.limit { // only what has spoken holds any
		c := cmp.Or(t.reset.first, t.live.first)
		if c == nil {
			return
		}
		t.giveUp(c, reasonMemory)
	}
}

// leastNeeded is the connection under way to give up first; nil where there is none.
func (t *table) leastNeeded() *conn {
	return cmp.Or(t.opening.first, t.reset.first, t.live.first)
}

// makeRoom gives the connection up that matters least.
func (t *table) makeRoom() {
	if c := t.dead.first; c != nil {
		t.remove(c)
	} else {
		t.giveUp(t.leastNeeded(), reasonConnections)
	}
}

func (t *table) giveUp(c *conn, reason string) {
	if c.memory > 0 {
		t.note(c.number, reason)
	}
	t.finish(c, reason)
	t.remove(c)
}

// finishOldest ends one connection and reports whether there was one.
func (t *table) finishOldest() bool {
	c := t.leastNeeded()
	if c == nil {
		return false
	}
	t.finish(c, http1.ReasonCut)
	t.remove(c)
	return true
}

// finish gives what can be given of the connection; incomplete requests are counted under the reason. The connection
// stays in the table, so that its late packets open no new one.
func (t *table) finish(c *conn, reason string) {
	if c.state == stateDead {
		return
	}
	c.finish(reason)
	c.state = stateDead
	c.seen = t.now
	t.dead.toBack(c)
}

func (t *table) remove(c *conn) {
	t.past.remember(c)
	c.list.remove(c)
	t.removeNamesake(c)
	if len(t.spareConn) < maxSpare {
		t.spareConn = append(t.spareConn, c)
	}
}

// ready returns the next request to give, or nil.
func (t *table) ready() *exchange {
	if t.outAt == len(t.out) {
		t.out, t.outAt = t.out[:0], 0
		return nil
	}
	e := t.out[t.outAt]
	t.out[t.outAt] = nil
	t.outAt++
	return e
}

func (t *table) newExchange() *exchange {
	if n := len(t.spare); n > 0 {
		e := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return e
	}
	return new(exchange)
}

func (t *table) recycle(e *exchange) {
	if len(t.spare) == maxSpare || cap(e.record.Body) > 16<<10 || cap(e.record.Headers) > 256 {
		return
	}
	headers := e.record.Headers[:cap(e.record.Headers)]
	clear(headers)
	*e = exchange{record: capture.Record{Headers: headers[:0], Body: e.record.Body[:0]}}
	t.spare = append(t.spare, e)
}

func (t *table) note(number int64, reason string) {
	t.opts.Account.Note(t.problem(number, "", reason))
}

// strange counts a connection that is no HTTP/1.
func (t *table) strange(reason string) {
	if t.strangers == nil {
		t.strangers = make(map[string]int64)
	}
	t.strangers[reason]++
}

// sayStrangers notes what else there was, for a recording that holds no request.
func (t *table) sayStrangers() {
	if t.encrypted && t.strangers[reasonTLS] == 0 {
		t.strange(reasonTLS)
	}
	if t.http2 && t.strangers[reasonHTTP2] == 0 {
		t.strange(reasonHTTP2)
	}
	if t.traffic != nil {
		t.opts.Account.Traffic = t.traffic.account()
	}
	for _, reason := range slices.Sorted(maps.Keys(t.strangers)) {
		t.opts.Account.NoteMany(capture.Problem{File: t.files[0], Reason: reason}, t.strangers[reason])
	}
	t.strangers, t.encrypted, t.http2 = nil, false, false
}

// skip counts a request that was read but is not given.
func (t *table) skip(number int64, field, reason string) {
	t.opts.Account.Read++
	t.opts.Account.Skip(t.problem(number, field, reason))
}

// problem is one at a packet, whose number tells its file.
func (t *table) problem(number int64, field, reason string) capture.Problem {
	return capture.Problem{File: t.files[number>>placeBits], Record: number & (1<<placeBits - 1), Unit: "packet", Field: field, Reason: reason}
}

func (t *table) lost(bytes int64) { t.opts.Account.Lost += bytes }

func (t *table) missing(requests int64) { t.opts.Account.Missing += requests }

// server tells of a server's address or name.
func (t *table) server(name string) {
	if t.opts.OnServer == nil || name == "" {
		return
	}
	if _, known := t.servers[name]; known {
		return
	}
	if len(t.servers) < maxServers {
		t.servers[name] = struct{}{}
	}
	t.opts.OnServer(name)
}

// address writes the endpoint's address without its port.
func (e *endpoint) address() string { return netip.AddrFrom16(e.ip).Unmap().String() }

// list is a doubly linked list of connections; each is in one at most.
type list struct {
	first, last *conn
}

func (l *list) toBack(c *conn) {
	if l.last == c {
		return
	}
	if c.list != nil {
		c.list.remove(c)
	}
	c.list, c.before, c.after = l, l.last, nil
	if l.last != nil {
		l.last.after = c
	} else {
		l.first = c
	}
	l.last = c
}

func (l *list) remove(c *conn) {
	if c.before != nil {
		c.before.after = c.after
	} else {
		l.first = c.after
	}
	if c.after != nil {
		c.after.before = c.before
	} else {
		l.last = c.before
	}
	c.list, c.before, c.after = nil, nil, nil
}

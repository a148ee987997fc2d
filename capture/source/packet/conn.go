package packet

import (
	"time"

	"reprise/capture/internal/http1"
)

// How long, in ns of capture time, a hole may wait for its bytes.
const (
	// The receiver has acknowledged them, so nobody will send them again; they can only be late in the recording.
	ackedPatience = 250e6
	// The sender will try again, for a minute or so.
	patience = 60e9
)

type connState uint8

const (
	stateLive    connState = iota
	stateIgnored           // no HTTP/1, or not any more
	stateDead              // finished; kept to recognise late packets
)

// conn is one TCP connection: two halves put in order, two readers of messages, and the queue between them.
type conn struct {
	table         *table
	key           flowKey
	list          *list
	before, after *conn
	namesake      *conn // another one of the same addresses and ports
	netLow        int64 // the network in which the lower end's packets came first, unknownNet
	netHigh       int64
	seen          int64 // time of the last packet, or of the end
	number        int64 // of the last packet
	memory        int   // bytes held
	state         connState
	clientIsLow   bool
	confirmed     bool   // a request line or a status line has been seen
	odd           int    // segments in a row that fit by one of their two numbers alone
	spoke         bool   // bytes have come
	wasReset      bool   // nothing new has come since a reset
	bothOpen      bool   // both sides have asked for the connection: what they say first tells who is the client
	suspect       string // the reason to leave it alone, if it turns out to be no HTTP/1; "" where that is not known
	onTrial       bool   // it did not begin with a request; what the server says first decides
	debt          debt

	client, server half
	requests       requestReader
	responses      responseReader
	queue          queue
}

func (c *conn) reset(t *table, key flowKey, clientIsLow bool) {
	*c = conn{
		table: t, key: key, clientIsLow: clientIsLow, netLow: unknownNet, netHigh: unknownNet,
		client: half{fin: -1, urgent: -1, sums: c.client.sums.empty()}, server: half{fin: -1, urgent: -1, sums: c.server.sums.empty()},
		queue: queue{waiting: c.queue.waiting[:0], shift: shift{later: c.queue.shift.later[:0]}},
	}
	c.requests.conn, c.responses.conn, c.requests.bar = c, c, -1
}

// serverAddress is the address of the side that answers.
func (c *conn) serverAddress() string {
	if c.clientIsLow {
		return c.key.high.address()
	}
	return c.key.low.address()
}

// sides returns the half that s is part of, and the other.
func (c *conn) sides(fromLow bool) (own, peer *half) {
	if fromLow == c.clientIsLow {
		return &c.client, &c.server
	}
	return &c.server, &c.client
}

// replacedBy says whether s belongs to a later connection between the same ports.
func (c *conn) replacedBy(s *segment, fromLow bool) bool {
	h, _ := c.sides(fromLow)
	if !h.started {
		return false
	}
	if s.flags&flagSYN != 0 {
		return s.seq+1 != h.first && !c.noStart(s, fromLow)
	}
	if len(s.payload) == 0 || c.state == stateIgnored {
		return false
	}
	if h.near(s.seq) {
		c.odd = 0
		return false
	}
	return !c.damaged(s, fromLow)
}

// mostOdd is how many segments in a row may have a damaged number.
const mostOdd = 3

// damaged says whether a segment whose own number fits nowhere is one of this connection all the same, because it
// acknowledges what this connection's other side has sent.
func (c *conn) damaged(s *segment, fromLow bool) bool {
	_, peer := c.sides(fromLow)
	if s.flags&flagACK == 0 || !peer.started || !peer.near(s.ack) {
		return false
	}
	c.odd++
	return c.odd <= mostOdd
}

// segment takes in a segment of this connection.
func (c *conn) segment(s *segment, fromLow bool) {
	if c.state == stateIgnored {
		if s.flags&flagRST != 0 {
			c.table.finish(c, http1.ReasonCut)
		}
		return
	}
	c.number = s.number
	if c.bothOpen {
		c.tellSides(s, fromLow)
	}
	own, peer := c.sides(fromLow)
	if c.odd > 0 {
		c.table.note(s.number, reasonHeaders)
		return
	}
	seq, syn := s.seq, s.flags&flagSYN != 0
	if syn && c.noStart(s, fromLow) {
		syn = false
	}
	if syn {
		seq++
		c.start(own, seq, true)
		c.bothOpen = c.bothOpen || own == &c.server && s.flags&flagACK == 0
	}
	if s.flags&flagACK != 0 {
		c.start(peer, s.ack, syn)
		peer.acknowledged(s.ack)
	}
	if len(s.payload) > 0 || s.flags&flagFIN != 0 {
		c.start(own, seq, false)
		off := own.offset(seq)
		if s.flags&flagFIN != 0 {
			own.fin = off + int64(len(s.payload)+s.cut)
		}
		m := mark{time: s.time, number: s.number, ack: -1}
		if s.flags&flagACK != 0 {
			if m.ack = peer.offset(s.ack); off >= own.next && m.ack < own.at.ack {
				m.ack = -1 // who sends more does not acknowledge less
			}
		}
		if s.urgent > 0 {
			own.urgent = off + int64(s.urgent) - 1
		}
		c.arriveAround(own, off, s.payload, m)
	}
	c.settle(s.time)
	switch {
	case c.state != stateLive:
	case c.client.closed && c.server.closed:
		c.table.finish(c, http1.ReasonCut)
	case s.flags&flagRST != 0 && len(s.payload) == 0 && own.plausible(seq):
		c.wasReset = true // the other side may have ignored it: what comes next tells
	}
}

// tellSides exchanges client and server where both opened the connection and the bytes say that it is the other way round.
func (c *conn) tellSides(s *segment, fromLow bool) {
	if len(s.payload) == 0 {
		return
	}
	c.bothOpen = false
	own, _ := c.sides(fromLow)
	fromClient, ok := saidByClient(s.payload)
	if ok && fromClient != (own == &c.client) && c.table.ports == nil {
		c.clientIsLow = !c.clientIsLow
		c.client, c.server = c.server, c.client
	}
}

// start fixes where the half's stream begins, if that is not known yet. Of one that is not whole the reader looks for
// the first message.
func (c *conn) start(h *half, seq uint32, whole bool) {
	if h.started {
		return
	}
	h.start(seq)
	switch {
	case whole:
	case h == &c.client:
		c.requests.state = readResync
		h.search(0)
	default:
		c.responses.state = readResync
		h.search(0)
	}
}

// arriveAround takes bytes in of which one may be urgent. The receiver's program does not find it in the stream, unless it has
// asked for that, which no server of HTTP does.
func (c *conn) arriveAround(h *half, off int64, data []byte, m mark) {
	at := h.urgent - off
	if h.urgent < h.next || at < 0 || at >= int64(len(data)) {
		c.arrive(h, off, data, m)
		return
	}
	apart := m
	apart.urgent = true
	c.arrive(h, off, data[:at], m)
	c.arrive(h, off+at, data[at:at+1], apart)
	c.arrive(h, off+at+1, data[at+1:], m)
}

// arrive hands bytes on if they are the next ones, and keeps them if not.
func (c *conn) arrive(h *half, off int64, data []byte, m mark) {
	end := off + int64(len(data))
	if h.fin >= 0 && end > h.fin && off >= h.fin {
		h.goOn(end)
	}
	if c.wasNoHole(h, off, end) {
		h.next = off
	}
	if off < h.next && len(data) > 0 && h.differs(off, data) {
		c.table.note(m.number, reasonOther)
	}
	if end <= h.next || h.closed {
		return
	}
	c.spoke, c.wasReset = true, false
	if off < h.next {
		data, off = data[h.next-off:], h.next
	}
	if off == h.next && len(h.pending) == 0 && !c.blocked(h, m.ack) {
		h.next = end
		c.deliver(h, off, data, m)
		return
	}
	if off == h.next || off <= h.acked {
		c.charge(-h.dropOther(off, data))
	}
	kept, other := h.keep(off, data, m)
	if c.charge(kept); other {
		c.table.note(m.number, reasonOther)
	}
}

// blocked says whether the server's bytes must wait, because the requests that the server had received when it sent
// them have not been read yet.
func (c *conn) blocked(h *half, ack int64) bool {
	return h == &c.server && c.client.started && ack > c.client.next && ack <= c.client.acked
}

// settle delivers whatever can be, and gives up the holes that have waited for too long.
func (c *conn) settle(now int64) {
	for c.state == stateLive {
		c.drain(&c.client)
		c.drain(&c.server)
		if !c.giveUp(&c.client, now) && !c.giveUp(&c.server, now) {
			return
		}
	}
}

// drain delivers the kept bytes that have become the next ones.
func (c *conn) drain(h *half) {
	for len(h.pending) > 0 && h.pending[0].off <= h.next && !c.blocked(h, h.pending[0].mark.ack) {
		p := h.shift()
		h.next = p.off + int64(len(p.data))
		c.charge(-p.size())
		c.deliver(h, p.off, p.data, p.mark)
	}
	if h.fin >= 0 && h.next == h.fin && !h.closed {
		h.next++ // a FIN takes a sequence number
		h.closed = true
		if h == &c.server {
			c.responses.end()
		}
	}
}

// giveUp skips the half's first hole if that will not be filled any more, and says whether it did.
func (c *conn) giveUp(h *half, now int64) bool {
	to, acked := h.hole()
	if to < 0 {
		h.holeSince = 0
		return false
	}
	if h.holeSince == 0 || h.holeAt != h.next || now < h.holeSince {
		h.holeSince, h.holeAt, h.holeTo = now, h.next, to
	}
	waited := now - h.holeSince
	switch {
	case h.pendingBytes > maxPending, len(h.pending) > maxSegments:
	case waited > patience:
		if !acked && h.unwanted() {
			c.charge(-h.drop())
			return true
		}
	case acked && waited > ackedPatience:
		to = min(to, h.holeTo) // what was acknowledged since may still come
	default:
		return false
	}
	c.skipHole(h, to)
	return true
}

// skipHole goes on behind a hole.
func (c *conn) skipHole(h *half, to int64) {
	n := to - h.next
	from := h.next
	h.next, h.holeSince = to, 0
	h.skipped = hole{}
	if c.state != stateLive || n == 1 && len(h.pending) == 0 && c.between(h) {
		return // a FIN that is not in the recording takes a sequence number too
	}
	h.skipped = hole{from: from, to: to, owed: c.debt.owed}
	if c.confirmed || c.table.ports != nil {
		c.table.lost(n)
		h.skipped.lost = n
		c.missed(h, from, to)
	}
	if h == &c.client {
		c.requests.lose(from, n)
	} else {
		c.responses.lose(from, n)
	}
}

// between says whether the half's reader is between two messages.
func (c *conn) between(h *half) bool {
	if h == &c.client {
		return c.requests.state == readStart || c.requests.state == readResync
	}
	return c.responses.state == readStart || c.responses.state == readResync || c.responses.body.Mode == http1.BodyUntilClose
}

// deliver gives the next bytes of one direction to its reader.
func (c *conn) deliver(h *half, off int64, data []byte, m mark) {
	if c.state != stateLive {
		return
	}
	held := h.held()
	h.arrived(off, m)
	if m.urgent {
		c.table.note(m.number, reasonUrgent)
		return
	}
	if h.sums == nil {
		h.sums = newSums()
	}
	h.sums.add(off, data)
	view := h.view(data)
	off += int64(len(data) - len(view))
	taken := 0
	if h == &c.client {
		taken = c.requests.read(view, off)
	} else {
		taken = c.responses.read(view, off)
	}
	if c.state != stateLive {
		return // the buffers are gone
	}
	h.left(view, taken)
	c.charge(h.held() - held)
}

// discard drops the bytes that the half's reader has left.
func (c *conn) discard(h *half) {
	c.charge(-cap(h.buffer))
	h.buffer = nil
}

// try gives a connection a chance whose first bytes begin no request: they may be damaged. Its server's first bytes tell.
func (c *conn) try() {
	c.onTrial = true
	c.requests.refused(c.client.next, nil, 0)
}

// tried says what the server's first bytes are.
func (c *conn) tried(http bool) {
	if !c.onTrial {
		return
	}
	if c.onTrial = false; http {
		c.confirmed = true
		c.table.server(c.serverAddress())
	} else {
		c.refuse(reasonNotHTTP)
	}
}

// refuse leaves a connection alone that is no HTTP/1. That is worth a word where its port was asked for, or where there
// was no other.
func (c *conn) refuse(reason string) {
	if reason == reasonNotHTTP && c.suspect != "" {
		reason = c.suspect
	}
	if c.table.ports != nil {
		c.table.note(c.number, reason)
	} else {
		c.table.strange(reason)
	}
	c.ignore()
}

// ignore stops looking into the connection. Requests that are whole are given.
func (c *conn) ignore() {
	c.requests.end(http1.ReasonCut)
	c.queue.flush(c)
	c.state, c.confirmed = stateIgnored, false
	c.release()
}

// finish gives what is left, without any patience.
func (c *conn) finish(reason string) {
	if c.state == stateLive {
		c.exhaust(&c.client)
		c.exhaust(&c.server)
		c.tried(false)
	}
	if c.state == stateLive && !c.confirmed && c.suspect != "" {
		c.refuse(c.suspect)
	}
	if c.state == stateLive {
		c.requests.end(reason)
		c.responses.end()
		c.queue.flush(c)
	}
	c.settleDebt()
	if c.confirmed {
		c.table.opts.Account.TapLoss.Add(c.client.acked+c.server.acked, 0, 0)
	}
	c.release()
}

func (c *conn) exhaust(h *half) {
	for c.state == stateLive {
		c.drain(h)
		to, acked := h.hole()
		if to < 0 {
			return
		}
		if !acked && h.unwanted() {
			c.charge(-h.drop())
			return
		}
		c.skipHole(h, to)
	}
}

func (c *conn) release() {
	c.client.release()
	c.server.release()
	c.charge(-c.memory)
}

// charge counts bytes that the connection begins, or ceases, to hold.
func (c *conn) charge(n int) {
	c.memory += n
	c.table.memory += n
}

// latency is the time from a to b, never below zero.
func latency(a, b int64) time.Duration { return time.Duration(max(0, b-a)) }

package packet

import (
	"bytes"
	"slices"
)

// This file is about what the recording holds that cannot be: what a bit flipped in a packet's headers makes of a
// connection. Each rule gives a single segment up, where believing it would cost the rest of the connection.

// hole is bytes of a stream that were given up.
type hole struct {
	from, to int64 // offsets
	lost     int64 // bytes counted as lost
	missed   int64 // of those, how many were acknowledged
	requests int64 // counted as missed by the tap
	owed     int64 // the connection's debt.owed before
}

// near says whether a sequence number is close to what comes next.
func (h *half) near(seq uint32) bool {
	off := h.offset(seq) - h.next
	return off <= maxJump && off >= -maxJump
}

// goOn takes a FIN back behind which there is more, up to the offset end.
func (h *half) goOn(end int64) {
	if h.closed {
		h.next-- // the FIN had taken a sequence number
	}
	h.closed, h.fin = false, -1
}

// unwanted says whether the other side, whose acknowledgements are in the recording, never acknowledged what waits
// behind the first hole, as it would have done if that had been sent.
func (h *half) unwanted() bool { return h.acked > 0 && h.acked >= h.next }

// drop gives up what waits, and returns how many bytes that was.
func (h *half) drop() int {
	n := h.pendingBytes
	h.pending, h.pendingBytes = nil, 0
	return n
}

// dropOther gives up the pieces that came before their turn and hold other bytes than data, which comes in its turn at
// off: all before it was delivered, or acknowledged. It returns how many bytes that was.
func (h *half) dropOther(off int64, data []byte) (dropped int) {
	end := off + int64(len(data))
	h.pending = slices.DeleteFunc(h.pending, func(p piece) bool {
		from, to := max(p.off, off), min(p.off+int64(len(p.data)), end)
		if p.off <= off || from >= to || bytes.Equal(p.data[from-p.off:to-p.off], data[from-off:to-off]) {
			return false
		}
		dropped += p.size()
		return true
	})
	h.pendingBytes -= dropped
	return dropped
}

// wasNoHole says whether bytes from off to end are those of the hole that was given up last, behind which nothing came:
// the acknowledgement that spoke of more was wrong, or was of the FIN, too. What was counted for the hole is taken back as far as
// it was none.
func (c *conn) wasNoHole(h *half, off, end int64) bool {
	s := h.skipped
	if s.to == 0 || h.next != s.to || off < s.from || off >= s.to || len(h.pending) > 0 || len(h.buffer) > 0 {
		return false
	}
	rest, loss := off-s.from, &c.table.opts.Account.TapLoss
	c.table.lost(min(rest, s.lost) - s.lost)
	loss.Add(0, min(rest, s.missed)-s.missed, 0)
	switch {
	case h == &c.server:
		c.queue.forget(end)
	case rest == 0:
		loss.Add(0, 0, -s.requests)
		c.debt.owed = s.owed
		c.queue.takeBack(c, s.from)
	}
	h.skipped, h.acked = hole{}, min(h.acked, end)
	return true
}

// noStart says whether a segment only seems to start a connection: it answers nobody, and both its numbers go on where
// this connection is.
func (c *conn) noStart(s *segment, fromLow bool) bool {
	own, peer := c.sides(fromLow)
	return c.state == stateLive && s.flags&flagACK != 0 && own.started && peer.started && s.seq+1 != own.first &&
		own.near(s.seq) && peer.near(s.ack)
}

// takeBack removes the mark that there may have been more requests at off.
func (q *queue) takeBack(c *conn, off int64) {
	if n := len(q.waiting); n > 0 && q.waiting[n-1].lost && q.waiting[n-1].off == off {
		c.table.recycle(q.waiting[n-1])
		q.waiting[n-1] = nil
		q.waiting = q.waiting[:n-1]
	}
}

// forget forgets the acknowledgements beyond end, which were wrong.
func (q *queue) forget(end int64) {
	for _, e := range q.waiting {
		if e.start.ack > end {
			e.start.ack = -1
		}
	}
}

// goesOn says whether a segment shows that a connection has not ended: it holds more than there was.
func (c *conn) goesOn(s *segment, fromLow bool) bool {
	own, _ := c.sides(fromLow)
	return c.confirmed && own.started && len(s.payload) > 0 && s.flags&(flagSYN|flagRST) == 0 &&
		own.near(s.seq) && own.offset(s.seq)+int64(len(s.payload)) > own.next
}

// reopen makes a connection that was taken to be over one under way.
func (c *conn) reopen() {
	key, clientIsLow, namesake, low, high := c.key, c.clientIsLow, c.namesake, c.netLow, c.netHigh
	c.reset(c.table, key, clientIsLow)
	c.namesake, c.netLow, c.netHigh = namesake, low, high
	c.confirmed, c.spoke = true, true
}

// debt is what a connection still has to say about requests that are not in the recording.
type debt struct {
	// owed counts requests of which a gap took the bytes; each becomes known when its response comes, or at the end.
	owed int64
	// excused counts requests that were given or skipped and whose responses nobody will look for.
	excused int64
}

// unpaired counts a response without its request. Where it is known that no request of the recording is meant, a
// request is missing.
func (c *conn) unpaired(known bool) {
	c.table.opts.Account.UnpairedResponses++
	switch {
	case !known:
	case c.debt.excused > 0:
		c.debt.excused--
	default:
		c.table.missing(1)
		c.debt.owed = max(0, c.debt.owed-1)
	}
}

// settleDebt counts the requests of which nothing more was heard.
func (c *conn) settleDebt() {
	c.table.missing(c.debt.owed)
	c.debt = debt{}
}

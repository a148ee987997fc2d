package packet

import "reprise/capture/internal/http1"

// This file is about networks: two connections may have the same addresses and ports where their packets come in
// different VLANs, VNIs or the like. But one connection may come in several, too: a mirror may have another one for each
// direction, and what is recorded at two places comes twice. So a network makes a connection another one only where its
// numbers do, or its bytes.

// mostNamesakes is how many connections of the same addresses and ports are under way at a time.
const mostNamesakes = 8

// unknownNet is the network of a direction of which no packet has come.
const unknownNet = -1

// mixNet makes a number of the networks that a packet's headers name, the outermost first.
func mixNet(net uint32, kind uint16, id uint32) uint32 {
	net = (net ^ uint32(kind)) * 0x01000193
	return (net ^ id) * 0x9e3779b1
}

// net is where the network of one direction is kept.
func (c *conn) net(low bool) *int64 {
	if low {
		return &c.netLow
	}
	return &c.netHigh
}

// find returns the connection that a segment belongs to; nil where that is none of those under way.
func (t *table) find(s *segment, key flowKey, fromLow bool) *conn {
	if t.lastKey != key { // most packets are of the connection of the one before
		t.lastKey, t.last = key, t.conns[key]
	}
	c := t.last
	if c == nil {
		return nil
	}
	if net := *c.net(fromLow); c.namesake != nil || net != int64(s.net) && (net != unknownNet || *c.net(!fromLow) != int64(s.net)) {
		return t.among(c, s, fromLow)
	}
	if c.replacedBy(s, fromLow) {
		t.finish(c, http1.ReasonCut)
		t.remove(c)
		return nil
	}
	return c
}

// among chooses between the connections of the same addresses and ports: of those whose numbers fit, one of the same network,
// else one of which nothing has come in this direction, else any.
func (t *table) among(first *conn, s *segment, fromLow bool) *conn {
	var own, best *conn
	most := 0
	for c := first; c != nil; c = c.namesake {
		net, rank := *c.net(fromLow), 1
		switch {
		case net == int64(s.net):
			own, rank = c, 3
		case net == unknownNet && *c.net(!fromLow) == int64(s.net):
			rank = 3
		case net == unknownNet:
			rank = 2
		}
		if rank > most && c.fits(s, fromLow, rank == 3) {
			best, most = c, rank
		}
	}
	switch {
	case best != nil:
		return best
	case own == nil:
		return nil
	case own.replacedBy(s, fromLow):
		t.finish(own, http1.ReasonCut)
		t.remove(own)
		return nil
	}
	return own
}

// fits says whether a segment's numbers are the connection's, and, where it is of another network, what came there before, too.
func (c *conn) fits(s *segment, fromLow, sameNet bool) bool {
	own, peer := c.sides(fromLow)
	switch {
	case s.flags&flagSYN != 0 && own.started:
		return s.seq+1 == own.first
	case s.flags&flagSYN != 0:
		return s.flags&flagACK != 0 && peer.started && s.ack == peer.first
	case s.flags&flagACK != 0 && peer.started && !peer.near(s.ack):
		return false
	case !own.started:
		return peer.started
	}
	return own.near(s.seq) && (sameNet || !own.contradicts(own.offset(s.seq), s.payload))
}

// contradicts says whether other bytes have come at this place. What is recorded twice is the same, segment by segment.
func (h *half) contradicts(off int64, data []byte) bool {
	if off >= h.next || len(data) <= 1 || h.sums == nil {
		return false
	}
	for _, s := range h.sums.last {
		if s.size > 0 && s.off == off {
			return s.size != len(data) || s.hash != h.sums.of(data)
		}
	}
	return false
}

// addNamesake puts a new connection before those of the same addresses and ports.
func (t *table) addNamesake(c *conn) {
	c.namesake = t.conns[c.key]
	t.conns[c.key] = c
	t.lastKey, t.last = c.key, c
	t.count++
	n := 0
	for other := c.namesake; other != nil; other = other.namesake {
		if n++; n == mostNamesakes {
			t.giveUp(other, reasonConnections)
			return
		}
	}
}

// removeNamesake takes a connection out of those of the same addresses and ports.
func (t *table) removeNamesake(c *conn) {
	t.count--
	if t.lastKey == c.key {
		t.lastKey, t.last = flowKey{}, nil // of no packet that is looked for: its ports are 0
	}
	first := t.conns[c.key]
	if first == c {
		if c.namesake == nil {
			delete(t.conns, c.key)
		} else {
			t.conns[c.key] = c.namesake
		}
		return
	}
	for ; first != nil; first = first.namesake {
		if first.namesake == c {
			first.namesake = c.namesake
			return
		}
	}
}

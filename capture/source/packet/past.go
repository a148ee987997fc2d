package packet

import "hash/maphash"

const (
	pastTime = 300e9   // ns after which the older half of the ended connections is forgotten
	pastMost = 1 << 17 // ended connections in a half
	// longestPast is after how many ns no TCP sends anything again (RFC 9293, section 3.8.3, gives up after some minutes). The same numbers
	// are those of another connection then, or of a recording that was played again.
	longestPast = 900e9
)

// past remembers of connections that are out of the table how far their two sides had come, so that what is sent again
// minutes later begins no new connection. It is two maps, so that forgetting costs nothing: of the older one no new
// entries are made, and it is dropped as a whole.
type past struct {
	seed          maphash.Seed
	recent, older map[uint64]bothEnds
	since         int64 // time of the first entry of recent
}

// bothEnds are the sequence numbers of the first bytes of a connection's two sides, those behind the last ones, and when it was seen last.
type bothEnds struct {
	low, high, lowFirst, highFirst uint32
	seen                           int64
}

func newPast() past { return past{seed: maphash.MakeSeed()} }

// remember takes note of a connection that goes out of the table.
func (p *past) remember(c *conn) {
	if !c.confirmed || !c.client.started || !c.server.started {
		return
	}
	if len(p.recent) >= pastMost || len(p.recent) > 0 && c.table.now-p.since > pastTime {
		p.older, p.recent = p.recent, nil
	}
	if p.recent == nil {
		p.recent, p.since = make(map[uint64]bothEnds), c.table.now
	}
	low, high := &c.client, &c.server
	if !c.clientIsLow {
		low, high = high, low
	}
	e := bothEnds{low.end(), high.end(), low.first, high.first, c.seen}
	p.recent[maphash.Comparable(p.seed, c.key)] = e
}

// sentAgain says whether all that a segment holds was sent before in a connection that is over. Both its numbers must
// fit: those of a new connection do so by a rare chance.
func (p *past) sentAgain(s *segment, key flowKey, fromLow bool, now int64) bool {
	if len(p.recent) == 0 && len(p.older) == 0 {
		return false
	}
	k := maphash.Comparable(p.seed, key)
	e, known := p.recent[k]
	if !known {
		if e, known = p.older[k]; !known {
			return false
		}
	}
	if now-e.seen > longestPast {
		return false
	}
	own, peer, first := e.high, e.low, e.highFirst
	if fromLow {
		own, peer, first = e.low, e.high, e.lowFirst
	}
	if s.flags&flagSYN != 0 {
		return s.seq+1 == first
	}
	return behind(s.seq+uint32(len(s.payload)), own) && (s.flags&flagACK == 0 || behind(s.ack, peer))
}

// behind says whether a sequence number is at most another one, and close to it.
func behind(seq, end uint32) bool {
	d := int32(seq - end)
	return d <= 0 && d >= -maxJump
}

// end is the sequence number of the next byte, or of the FIN.
func (h *half) end() uint32 { return h.first + uint32(h.next) }

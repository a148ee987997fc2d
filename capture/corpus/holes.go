package corpus

// holes says whether a reader knows every host that the corpus was captured from. The list is not complete where a block
// of hosts is lost, or a stretch that may have held one and that records follow, unless the footer repeats the whole list.
type holes struct {
	// whole says that the footer's list was read.
	whole bool
	// sure says that a block of hosts is lost. maybe says that a stretch was passed over in which one may have been, and lost
	// that records follow it: without them it does no harm, since hosts precede their records.
	sure, maybe, lost bool
	// last is the offset of the last hole, and footer that of the last header block, with which a footer begins.
	last, footer int64
}

// open notes a stretch in which there may have been any block.
func (h *holes) open(at int64) { h.maybe, h.last = true, at }

// lose notes a lost block of hosts. The footer's only repeats what was said before.
func (h *holes) lose(at int64) { h.sure, h.last = h.sure || h.footer == 0, at }

// rows says that records follow.
func (h *holes) rows() { h.lost, h.maybe = h.lost || h.maybe, false }

// end is told by the end block where the footer begins.
func (h *holes) end(footer int64) {
	h.whole = h.whole || footer > 0 && footer == h.footer && h.last < footer
}

// incomplete says whether hosts are lost of a corpus of which n are known. An anonymized one without its end and without a
// host has lost them, since its writer may have kept them for the end; a synthetic one has none to lose.
func (h *holes) incomplete(s State, n int) bool {
	return !h.whole && (h.sure || h.lost && s != Synthetic || n == 0 && s == Anonymized)
}

// Hosts returns the hosts that the corpus was captured from: all of them where the footer was read, and always those of the
// records so far. A list of which a part is lost, or that should be there and is not, matches every host but loopback.
func (r *Reader) Hosts() Hosts {
	h := r.hosts.clone()
	h.overflow = h.overflow || r.holes.incomplete(r.header.State, h.count)
	return h
}

// HostsKnown says whether Hosts has the whole list already: at once in a file with a footer, at the end in a stream.
func (r *Reader) HostsKnown() bool { return r.holes.whole }

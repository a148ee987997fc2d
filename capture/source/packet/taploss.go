package packet

import "math"

// This file estimates what the tap lost, as Zeek does (misc/capture-loss): bytes that were acknowledged had arrived, so that
// the network had carried them.

// run is gaps among a client's bytes between two requests that were found.
type run struct {
	bytes    int64
	requests int64 // counted for it
}

// missed counts a gap that was given up, as far as its bytes were acknowledged.
func (c *conn) missed(h *half, from, to int64) {
	n := min(to, h.acked) - from
	if n <= 0 {
		return
	}
	requests := int64(0)
	if h == &c.client {
		requests = c.requests.missed(n)
	}
	h.skipped.missed, h.skipped.requests = n, requests
	c.table.opts.Account.TapLoss.Add(0, n, requests)
}

// missed returns how many more requests cannot be read for n missing bytes: those that it touches, or as many as fit.
func (r *requestReader) missed(n int64) (requests int64) {
	if r.state == readStart || r.state == readHead || r.state == readBody && !r.current.skipped {
		r.run = run{}
	}
	r.run.bytes += n
	all := int64(1)
	if sizes := &r.conn.table.sizes; sizes.count > 0 {
		all = max(1, int64(math.Round(float64(r.run.bytes)*float64(sizes.count)/float64(sizes.bytes))))
	}
	requests = max(0, all-r.run.requests)
	r.run.requests += requests
	return requests
}

// sizes are how many requests were read whole, and their bytes.
type sizes struct{ count, bytes int64 }

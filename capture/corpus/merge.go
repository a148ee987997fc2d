package corpus

import (
	"context"
	"errors"
	"io"

	"reprise/capture"
)

// merger gives the records of several sources in time order.
type merger struct {
	heads   heap[headRecord]
	pending []headRecord // sources to be asked before the next record is known
	err     error
}

// headRecord is a source and its next record.
type headRecord struct {
	src   capture.Source
	rec   *capture.Record
	ns    int64
	order int
}

// Merge gives the records of several sources, each in time order, in one time order. Of records with equal times those of an
// earlier source come first. Their Seq is 0. It holds one record a source.
func Merge(sources ...capture.Source) capture.Source {
	m := &merger{heads: heap[headRecord]{less: func(a, b *headRecord) bool {
		return a.ns < b.ns || a.ns == b.ns && a.order < b.order
	}}}
	for i, s := range sources {
		m.pending = append(m.pending, headRecord{src: s, rec: new(capture.Record), order: i})
	}
	return m
}

// Next implements capture.Source.
func (m *merger) Next(ctx context.Context, r *capture.Record) error {
	if m.err != nil {
		return m.err
	}
	for len(m.pending) > 0 {
		h := m.pending[len(m.pending)-1]
		switch err := h.src.Next(ctx, h.rec); {
		case err == nil:
			h.ns = h.rec.Time.UnixNano()
			m.heads.push(h)
		case !errors.Is(err, io.EOF):
			// The source stays pending: after a cancelled context it may be asked again.
			return err
		}
		m.pending = m.pending[:len(m.pending)-1]
	}
	if m.heads.len() == 0 {
		m.err = io.EOF
		return m.err
	}
	h := m.heads.pop()
	*r = *h.rec
	r.Seq = 0
	// The source is asked again only at the next call: until then r shares its memory.
	m.pending = append(m.pending, h)
	return nil
}

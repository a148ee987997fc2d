package corpus

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"reprise/capture/frame"
)

// spares keep the memory of a twin that was closed for the next one: its buffers, and decoders that know the file's dictionary. And they
// keep what a twin found in the blocks at the ends of a window, and that the heads of all blocks agree with the index, which the next one wants to
// know again.
type spares struct {
	mu struct {
		sync.Mutex
		last   *Reader // nil where there is none
		edges  []edge  // two at most
		heads  bool    // they were held against the index, and agree
		closed bool
	}
}

// edge is the projection of a whole block, without persons.
type edge struct {
	offset int64
	p      *Projection
}

// keepEdge keeps the projection of a block.
func (s *spares) keepEdge(offset int64, p *Projection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return
	}
	if len(s.mu.edges) == 2 {
		s.mu.edges = s.mu.edges[:copy(s.mu.edges, s.mu.edges[1:])]
	}
	s.mu.edges = append(s.mu.edges, edge{offset, p})
}

// edge takes out the projection of a block with a head; nil where it was not kept.
func (s *spares) edge(offset int64, h *head) *Projection {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range s.mu.edges {
		if e.offset == offset && e.p.Seq == h.Seq && len(e.p.Times) == int(h.Records) {
			s.mu.edges = slices.Delete(s.mu.edges, i, i+1)
			return e.p
		}
	}
	return nil
}

// headsAgree says whether a twin has held the heads of all blocks against the index.
func (s *spares) headsAgree() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mu.heads
}

// keepHeads remembers that they agree.
func (s *spares) keepHeads() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.heads = true
}

// take returns a reader of a section in the memory of the last twin, or in its own.
func (s *spares) take(section io.Reader) (*Reader, error) {
	s.mu.Lock()
	old := s.mu.last
	s.mu.last = nil
	s.mu.Unlock()
	if old == nil {
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		return newReader(section, u), nil
	}
	r := newReader(section, old.unpack)
	r.decoders = old.decoders
	r.in.Reuse(&old.in.Window)
	return r, nil
}

// give keeps the memory of a twin that is closed; false where it has to go.
func (s *spares) give(twin *Reader) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed || s.mu.last != nil {
		return false
	}
	kept := &Reader{unpack: twin.unpack, decoders: twin.decoders}
	kept.in.Reuse(&twin.in.Window)
	s.mu.last = kept
	return true
}

// close lets go of what is kept.
func (s *spares) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.edges = nil
	if s.mu.closed = true; s.mu.last != nil {
		s.mu.last.release()
		s.mu.last = nil
	}
}

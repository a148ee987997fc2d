package replay

import (
	"sync"
	"time"
)

// outbox takes batches of results and gives an empty one back.
type outbox interface {
	put(batch []Result) []Result
}

// kept keeps every result: the outbox of a lane that NewLine made.
type kept struct{ all []Result }

func (k *kept) put(batch []Result) []Result {
	k.all = append(k.all, batch...)
	return batch[:0]
}

// maxBehind bounds the results that wait for the recorder (12 MB). Beyond it, sending waits.
const maxBehind = 100_000

// shelf is where lanes leave their results for the recorder.
type shelf struct {
	mu     sync.Mutex
	full   [][]Result
	empty  [][]Result
	count  int
	most   int
	waited time.Duration
	// filled is signalled, without blocking, when a batch was left; emptied when the recorder took all. One slot each:
	// one recorder waits for the one, and a lane that waits for the other looks again and passes the signal on.
	filled, emptied chan struct{}
}

func newShelf() *shelf {
	return &shelf{filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

func (s *shelf) put(batch []Result) []Result {
	s.mu.Lock()
	for s.count >= maxBehind {
		s.mu.Unlock()
		began := time.Now()
		<-s.emptied
		s.mu.Lock()
		s.waited += time.Since(began)
	}
	s.full = append(s.full, batch)
	s.count += len(batch)
	s.most = max(s.most, s.count)
	var next []Result
	if n := len(s.empty); n > 0 {
		next, s.empty = s.empty[n-1], s.empty[:n-1]
	} else {
		next = make([]Result, 0, batchSize)
	}
	more := s.count < maxBehind
	s.mu.Unlock()
	poke(s.filled)
	if more {
		poke(s.emptied)
	}
	return next
}

// take returns all batches that were left.
func (s *shelf) take() [][]Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.full
	s.full = nil
	return all
}

// give hands batches back that were recorded.
func (s *shelf) give(batches [][]Result) {
	s.mu.Lock()
	for _, b := range batches {
		s.count -= len(b)
		if len(s.empty) < 16 {
			s.empty = append(s.empty, b[:0])
		}
	}
	s.mu.Unlock()
	poke(s.emptied)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

package replay

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"reprise/capture"
)

// shuffleBytes bounds what a shuffled source holds of the records to come.
const shuffleBytes = 16 << 20

// Shuffle returns a source whose requests come at the times of src but in random order, so that no kind comes in a batch
// because it was recorded in one. A request moves within what 16 MiB of requests hold (some 16,000 of them): memory does
// not grow with the corpus. The same seed gives the same order.
func Shuffle(src capture.Source, seed uint64) capture.Source {
	return &shuffled{src: src, random: rand.New(rand.NewPCG(seed, 0x5bf0_3635_0aef_1d8b))}
}

type shuffled struct {
	src    capture.Source
	random *rand.Rand
	held   []capture.Record
	times  []time.Time // of the records held, in order; from next on
	next   int
	bytes  int
	err    error // the source's last word
}

func (s *shuffled) Next(ctx context.Context, r *capture.Record) error {
	for s.err == nil && (s.bytes < shuffleBytes || len(s.held) == 0) {
		s.fetch(ctx)
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return s.err
	}
	if len(s.held) == 0 {
		return io.EOF
	}
	i, last := s.random.IntN(len(s.held)), len(s.held)-1
	// The record given out is kept at the end, where the next one that is fetched takes its buffers over.
	s.held[i], s.held[last] = s.held[last], s.held[i]
	s.held = s.held[:last]
	given := &s.held[:last+1][last]
	s.bytes -= weight(given)
	*r = *given
	r.Time = s.times[s.next]
	if s.next++; s.next > len(s.times)/2 {
		s.times = append(s.times[:0], s.times[s.next:]...)
		s.next = 0
	}
	return nil
}

func (s *shuffled) fetch(ctx context.Context) {
	var r capture.Record
	if s.err = s.src.Next(ctx, &r); s.err != nil {
		return
	}
	s.times = append(s.times, r.Time)
	s.bytes += weight(&r)
	if len(s.held) < cap(s.held) {
		s.held = s.held[:len(s.held)+1]
	} else {
		s.held = append(s.held, capture.Record{})
	}
	copyRecord(&s.held[len(s.held)-1], &r)
}

// weight is roughly the memory that a record holds.
func weight(r *capture.Record) int { return 512 + len(r.Body) + len(r.URL) + 64*len(r.Headers) }

// copyRecord copies a record into memory of dst's own.
func copyRecord(dst, r *capture.Record) {
	r.MakeWhole()
	headers, body := dst.Headers[:0], dst.Body[:0]
	*dst = *r
	dst.Cuts = nil
	dst.Headers = append(headers, r.Headers...)
	dst.Body = append(body, r.Body...)
}

package ingest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// Spread says how the records of a second are spread within it of which no more is known than the second. How many fall into each second stays as it is, and
// so does the order: records of one second keep that of their rows, also over several files.
type Spread string

// The ways to spread. The zero value is SpreadPoisson.
const (
	// SpreadPoisson draws the times as those of independent people are: any moment of the second is as likely as any other. They are drawn from a
	// seed that the records of the second give, so that the same messages give the same times.
	SpreadPoisson Spread = "poisson"
	// SpreadEven puts the same distance between all records of a second.
	SpreadEven Spread = "even"
	// SpreadNone leaves every record at the begin of its second.
	SpreadNone Spread = "none"
)

// check fills in the default.
func (s *Spread) check() error {
	switch *s {
	case "":
		*s = SpreadPoisson
	case SpreadPoisson, SpreadEven, SpreadNone:
	default:
		return &OptionError{"Spread", fmt.Errorf("%q is none of %s, %s and %s", string(*s), SpreadPoisson, SpreadEven, SpreadNone)}
	}
	return nil
}

// seconds takes records of which the second is known alone, in any order, and gives them on at Close, spread. It keeps them in memory, and in temporary files what
// memory cannot hold.
type seconds struct {
	*corpus.Sorter
	spread *spreader
}

func newSeconds(to keeper, how Spread, tempDir string, memory int64) *seconds {
	s := &spreader{to: to, how: how, tempDir: tempDir, memory: memory / 4, random: rand.NewPCG(0, 0)}
	return &seconds{corpus.NewSorter(s, tempDir, memory), s}
}

// Close gives all records on.
func (s *seconds) Close(ctx context.Context) error {
	s.spread.ctx = ctx
	if err := s.Sorter.Close(ctx); err != nil {
		return err
	}
	return s.spread.end()
}

// Discard drops what is held.
func (s *seconds) Discard() error {
	var err error
	if s.spread.many != nil {
		err = s.spread.many.Discard()
	}
	return errors.Join(err, s.Sorter.Discard())
}

// spreader is the capture.Sink that a sorter gives the records of seconds to, in order. How many there are in a second decides where in it the first is, so that
// those of a second wait for each other.
type spreader struct {
	to      keeper
	how     Spread
	tempDir string
	memory  int64
	ctx     context.Context //nolint:containedctx // of the Close that is under way, as a Sink's Write has none
	copies  corpus.Holder

	begun  bool
	second int64
	n      int64  // records of the second
	seed   uint64 // the sum of theirs, which is the same in any order
	held   []*capture.Record
	bytes  int64
	many   *corpus.Sorter // of a second that memory cannot hold, all its records

	random *rand.PCG
	given  int64   // of the second's records
	left   float64 // of the second behind the last one given
}

// Write implements capture.Sink.
func (s *spreader) Write(r *capture.Record) error { return s.Take(s.copies.Hold(r)) }

// Take is Write for a record that is handed over.
func (s *spreader) Take(r *capture.Record) error {
	if second := r.Time.Unix(); !s.begun || second != s.second {
		if err := s.end(); err != nil {
			return err
		}
		s.begun, s.second = true, second
	}
	s.n++
	s.seed += digest(r)
	if s.many != nil {
		return s.many.Take(r)
	}
	s.held = append(s.held, r)
	const record, header = 400, 40
	if s.bytes += int64(record + len(r.Body) + header*len(r.Headers)); s.bytes <= s.memory {
		return nil
	}
	s.many = corpus.NewSorter(placed{s}, s.tempDir, s.memory)
	for _, r := range s.held {
		if err := s.many.Take(r); err != nil {
			return err
		}
	}
	clear(s.held)
	s.held = s.held[:0]
	return nil
}

// end gives the records of the second on.
func (s *spreader) end() error {
	s.random.Seed(s.seed, uint64(s.second))
	s.given, s.left = 0, 1
	for _, r := range s.held {
		if err := (placed{s}).Take(r); err != nil {
			return err
		}
	}
	if s.many != nil {
		if err := s.many.Close(s.ctx); err != nil {
			return err
		}
		s.many = nil
	}
	clear(s.held)
	s.held, s.bytes, s.n, s.seed, s.begun = s.held[:0], 0, 0, 0, false
	return nil
}

// placed gives the records of a second their times, in their order.
type placed struct{ *spreader }

// Write implements capture.Sink.
func (p placed) Write(r *capture.Record) error { return p.Take(p.copies.Hold(r)) }

// Take is Write for a record that is handed over.
func (p placed) Take(r *capture.Record) error {
	r.Time = r.Time.Add(p.next())
	return p.to.Take(r)
}

// next is where in its second the next record is. Of n moments that are drawn from a whole, the least leaves u^(1/n) of it behind, and the others are drawn from
// that.
func (s *spreader) next() time.Duration {
	if s.how == SpreadEven {
		at := (2*s.given + 1) * int64(time.Second) / (2 * s.n)
		s.given++
		return time.Duration(at)
	}
	u := float64(s.random.Uint64()>>11+1) / (1 << 53) // above 0, up to 1
	s.left = s.left * math.Pow(u, 1/float64(s.n-s.given))
	s.given++
	return min(time.Duration(float64(1-s.left)*float64(time.Second)), time.Second-1)
}

// digest is what a record adds to the seed of its second: of its body, which has the message's id.
func digest(r *capture.Record) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h, b := uint64(len(r.Body))*prime, r.Body
	for ; len(b) >= 8; b = b[8:] {
		h = (h ^ binary.LittleEndian.Uint64(b)) * prime
		h ^= h >> 32
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
		h ^= h >> 32
	}
	return h
}

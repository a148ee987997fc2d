package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"reprise/capture"
	"reprise/capture/output"
)

// Sorter puts records of any disorder into exact time order in bounded memory; records of equal times stay in
// the order in which they came. It is a capture.Sink.
//
// It holds the newest records in memory. When they exceed its memory the oldest leaves, and a record that
// is older than one that has left starts a new run; the runs are merged at Close. Over a *File, or a sink that embeds one, the first run is that
// file itself, so that a recording whose disorder fits the memory is written once and can be read while it grows;
// the file is rewritten only if a record came later than that. Over any other sink the runs are temporary files, and the
// sink gets nothing before Close unless everything fits the memory.
type Sorter struct {
	dst    capture.Sink
	file   growing   // dst, if it is one
	coming announcer // dst, if it is one
	takes  taker     // dst, if it is one
	dir    string
	memory int64

	held    heldRecords
	used    int64 // bytes in held
	arrived int64
	copies  Holder
	current int     // number of the run that is being written
	last    int64   // time of the record that left last, in the current run
	out     *Writer // of the current run; nil in a run not begun
	runs    []*run
	took    func(h heldRecord) // where set, is told of each record
	err     error
	done    bool
}

// NewSorter returns a Sorter that writes to dst, with runs in the folder tempDir (empty: the system's) and about
// memory bytes of records in memory.
func NewSorter(dst capture.Sink, tempDir string, memory int64) *Sorter {
	s := &Sorter{dst: dst, dir: tempDir, memory: memory, held: newHeldRecords(), last: math.MinInt64}
	s.file, _ = dst.(growing)
	s.coming, _ = dst.(announcer)
	s.takes, _ = dst.(taker)
	return s
}

// Write takes a record in any order. ErrTooLarge and ErrInvalid leave the record out and the sorter usable.
func (s *Sorter) Write(r *capture.Record) error {
	if err := s.check(r); err != nil {
		return err
	}
	return s.take(s.copies.Hold(r))
}

// Take is Write for a record that Holder.Hold made and that nobody changes any more, so that it need not be copied.
func (s *Sorter) Take(r *capture.Record) error {
	if err := s.check(r); err != nil {
		return err
	}
	return s.take(r)
}

func (s *Sorter) check(r *capture.Record) error {
	if s.err != nil {
		return s.err
	}
	if s.done {
		return errors.New("corpus: write after close")
	}
	_, err := checkRecord(r)
	return err
}

func (s *Sorter) take(r *capture.Record) error {
	if s.coming != nil {
		s.coming.Announce(r) // hosts come before their rows, also where rows come in another order
	}
	h := heldRecord{rec: r, ns: r.Time.UnixNano(), order: s.arrived, run: s.current}
	if h.ns < s.last {
		h.run++
	}
	h.size = heldSize(h.rec)
	s.arrived++
	s.used += h.size
	s.held.push(h)
	if s.took != nil {
		s.took(h)
	}
	for s.used > s.memory && s.err == nil {
		s.err = s.leave()
	}
	return s.err
}

// growing is a sink whose records are kept in their order as they come, and which can be written anew where one came too
// late: a *File, or what embeds one.
type growing interface {
	capture.Sink
	Flush() error
	Path() string
	rewrite(fill func(dst capture.Sink) error) error
}

// taker is a sink to which a record may be handed over, as to a Sorter.
type taker interface {
	Take(r *capture.Record) error
}

// announcer is a sink that wants to know a record's host before it gets the record, which may be long after: a *Writer, a
// *File, or what embeds one.
type announcer interface {
	Announce(r *capture.Record)
	AddHost(host string)
}

// AddHost remembers a host that records are captured from, where the sink does, as Writer.AddHost.
func (s *Sorter) AddHost(host string) {
	if s.coming != nil {
		s.coming.AddHost(host)
	}
}

// Settle says that no record older than t is expected: over a *File those held are written now. If one comes all the
// same, it is sorted in at Close.
func (s *Sorter) Settle(t time.Time) error {
	if s.file == nil || s.current > 0 {
		return s.err
	}
	ns := clampTime(t)
	for s.err == nil {
		if first := s.held.first(); first == nil || first.run != s.current || first.ns >= ns {
			break
		}
		s.err = s.leave()
	}
	return s.err
}

// leave moves the oldest record held to the run that it belongs to.
func (s *Sorter) leave() error {
	h := s.held.pop()
	s.used -= h.size
	if h.run != s.current {
		if err := s.endRun(); err != nil {
			return err
		}
		s.current = h.run
	}
	s.last = h.ns
	if s.file != nil && h.run == 0 {
		return s.file.Write(h.rec)
	}
	if s.out == nil {
		run, w, err := newRun(s.dir)
		if err != nil {
			return err
		}
		s.runs, s.out = append(s.runs, run), w
	}
	return s.out.Write(h.rec)
}

// endRun finishes the current run. Runs are merged before they are too many to be read at once.
func (s *Sorter) endRun() error {
	if s.out == nil {
		return nil
	}
	err := s.out.Close()
	s.out = nil
	for err == nil {
		n := len(s.runs)
		if n < fanIn || s.runs[n-fanIn].level != s.runs[n-1].level {
			return nil
		}
		var merged *run
		if merged, err = mergeRuns(s.dir, s.runs[n-fanIn:]); err == nil {
			s.runs = append(s.runs[:n-fanIn], merged)
		}
	}
	return err
}

// Close writes everything to the sink in order and removes the runs. It does not close or commit the sink.
func (s *Sorter) Close(ctx context.Context) error {
	if s.done {
		return s.err
	}
	s.done = true
	if s.err == nil {
		s.err = s.finish(ctx)
	}
	s.held = heldRecords{}
	if err := s.removeRuns(); s.err == nil {
		s.err = err
	}
	return s.err
}

// Discard drops what is held and removes the runs. After Close it does nothing, so it may be deferred.
func (s *Sorter) Discard() error {
	if s.done {
		return nil
	}
	s.done, s.held = true, heldRecords{}
	return s.removeRuns()
}

func (s *Sorter) removeRuns() error {
	var err error
	for _, r := range s.runs {
		err = errors.Join(err, r.remove())
	}
	s.runs = nil
	return err
}

func (s *Sorter) finish(ctx context.Context) error {
	inMemory := s.file == nil && len(s.runs) == 0
	for i := 0; s.held.len() > 0; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var err error
		if inMemory && s.takes != nil {
			err = s.takes.Take(s.held.pop().rec)
		} else if inMemory {
			err = s.dst.Write(s.held.pop().rec)
		} else {
			err = s.leave()
		}
		if err != nil {
			return err
		}
	}
	if err := s.endRun(); err != nil || len(s.runs) == 0 {
		return err
	}
	if s.file == nil {
		return drain(ctx, s.dst, s.runs)
	}
	return s.rewrite(ctx)
}

// rewrite merges what the file has with what came too late for it.
func (s *Sorter) rewrite(ctx context.Context) error {
	if err := s.file.Flush(); err != nil {
		return err
	}
	have, err := output.Open(s.file.Path())
	if err != nil {
		return err
	}
	defer have.Close()
	first := &run{file: have, growing: true}
	return s.file.rewrite(func(dst capture.Sink) error {
		err := drain(ctx, dst, append([]*run{first}, s.runs...))
		have.Close() // before the file is replaced
		return err
	})
}

var errRun = errors.New("corpus: a temporary file was damaged")

// drain writes the records of all runs to dst in order.
func drain(ctx context.Context, dst capture.Sink, runs []*run) error {
	sources := make([]capture.Source, len(runs))
	readers := make([]*Reader, len(runs))
	for i, run := range runs {
		r, err := run.reader()
		if err != nil {
			return fmt.Errorf("corpus: read back a temporary file: %w", err)
		}
		defer r.Close()
		sources[i], readers[i] = r, r
	}
	if _, err := capture.Copy(ctx, dst, Merge(sources...)); err != nil {
		return err
	}
	for i, r := range readers {
		for _, d := range r.Damage() {
			if !runs[i].growing || d.Reason != NoFooter {
				return errRun
			}
		}
	}
	return nil
}

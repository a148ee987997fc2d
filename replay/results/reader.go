package results

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"reprise/capture/frame"
	"reprise/capture/output"
	"reprise/replay"
	"reprise/replay/internal/answers"
)

// Reader streams a run file. Blocks that are damaged are passed over and told by Damage.
type Reader struct {
	in        frame.Reader
	closer    io.Closer
	unpacker  *frame.Unpacker
	header    Header
	footer    *Footer
	damage    frame.Damages
	answers   []answers.Shape
	rows      []replay.Result
	counted   replay.Tally // of all rows so far
	next      int
	ended     bool
	version   uint16
	names     frame.Names // of extensions that are not known
	disturbed disturbed
	played    []PlayedStep
	watched   []Watched
	capacity  *Capacity
	stored    *Stored
	begun     bool  // a block of rows was met
	failed    error // of what Completions read ahead
	given     int64 // how many rows Next returned
	lost      lost
	// watchedPoints counts those of all figures.
	watchedPoints int
	// copyAt and copyLen are where the header's other copy stands, and how long it is; 0 where there is none.
	copyAt, copyLen int64
}

// Open opens a run file, whole or unfinished.
func Open(path string) (*Reader, error) {
	f, err := output.Open(path)
	if err != nil {
		return nil, err
	}
	var in io.Reader = f
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() { // read at offsets: others may read by the same descriptor
		in = io.NewSectionReader(f, 0, math.MaxInt64)
	}
	r, err := NewReader(in)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	r.closer = f
	return r, nil
}

// NewReader reads the header from a stream: ErrFormat where it is no run file, ErrVersion where it is of a newer version.
func NewReader(in io.Reader) (*Reader, error) {
	r, err := newReader(in)
	if err != nil {
		return nil, err
	}
	if err := r.preamble(); err != nil {
		r.unpacker.Close()
		return nil, err
	}
	return r, nil
}

func newReader(in io.Reader) (*Reader, error) {
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	return &Reader{in: *frame.NewReader(in, layout1{}, u), unpacker: u}, nil
}

func (r *Reader) preamble() error {
	b := r.in.Peek(preambleSize)
	if err := r.in.Failed(); err != nil && len(b) < preambleSize {
		return err
	}
	if len(b) < preambleSize || string(b[:len(magic)]) != magic {
		return ErrFormat
	}
	v := binary.LittleEndian.Uint16(b[len(magic):])
	if v == 0 || v > formatVersion {
		return fmt.Errorf("results: format version %d: %w", v, ErrVersion)
	}
	r.in.Skip(int64(preambleSize))
	if r.version = v; v == 1 {
		return r.header1()
	}
	switch state, err := r.header2(); {
	case err != nil:
		return err
	case state == HeaderLost:
		return ErrHeader
	}
	return nil
}

// header1 reads the header of version 1, which has no copy.
func (r *Reader) header1() error {
	h, payload, err := r.block()
	if err != nil || h.Type != blockHeader || r.damage.List() != nil || json.Unmarshal(payload, &r.header) != nil {
		return ErrHeader
	}
	return nil
}

// header2 reads the header, or the copy of it that follows. HeaderLost says that neither can be read; what comes next is at hand then.
func (r *Reader) header2() (HeaderState, error) {
	r.in.SetLayout(layout2())
	for state := HeaderWhole; ; state = HeaderMended {
		from, pass := r.in.Offset(), int64(1)
		h, err := r.in.First()
		switch {
		case err == nil && h.Type == blockHeader:
			r.in.SetID(h.ID)
			var payload []byte
			if payload, err = r.in.Payload(&h); err == nil && json.Unmarshal(payload, &r.header) == nil {
				r.spare(state, r.in.Size(&h))
				return state, nil
			}
			if err == nil { // read, and no header: the next block is at hand
				pass, r.header = 0, Header{}
			}
		case err == nil:
			r.in.SetID(h.ID)
			if state == HeaderWhole { // the file begins with something else
				r.damaged(from, 0, headerDamaged)
			}
			return HeaderLost, nil
		case errors.Is(err, io.EOF):
			if state == HeaderWhole { // nothing follows the file's first bytes
				r.damaged(from, 0, headerDamaged)
			}
			return HeaderLost, nil
		}
		if _, damaged := errors.AsType[Reason](err); err != nil && !damaged {
			return 0, err
		}
		_, err = r.in.ResyncFirst(pass)
		r.damaged(from, r.in.Offset()-from, headerDamaged)
		if err != nil {
			return 0, err
		}
	}
}

// spare takes note of where the copy stands of a header that was just read and is so long.
func (r *Reader) spare(state HeaderState, length int64) {
	r.copyAt, r.copyLen = r.in.Offset(), length
	if state == HeaderMended {
		r.copyAt -= 2 * length
	}
	r.damage.Spare(r.copyAt, r.copyLen)
}

// headerDamaged is the reason of damage to a header, whether it could be read all the same or not.
const headerDamaged Reason = "the header is damaged"

// copyDamaged is the reason of damage to the copy of a header that was read.
const copyDamaged Reason = "the header's copy is damaged"

// Header returns the file's header.
func (r *Reader) Header() Header { return r.header }

// Footer returns the file's last footer; ok is false before Next returned io.EOF, and for a run that died.
func (r *Reader) Footer() (f Footer, ok bool) {
	if r.footer == nil {
		return Footer{}, false
	}
	return *r.footer, true
}

// Answers returns what the answers' bodies looked like, as far as the file says; asked after the last row.
func (r *Reader) Answers() []answers.Shape { return r.answers }

// Extensions returns the names of what was met so far that a later version has added and that this one passes over. What is delivered
// means the same without it.
func (r *Reader) Extensions() []string { return r.names.List() }

// Damage returns the stretches that could not be used, so far.
func (r *Reader) Damage() []Damage { return r.damage.List() }

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	r.unpacker.Close()
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Next fills res with the next row, in the order in which answers came, and returns io.EOF after the last.
func (r *Reader) Next(res *replay.Result) error {
	for r.next >= len(r.rows) {
		if r.failed != nil {
			return r.failed
		}
		if err := r.advance(); err != nil {
			return err
		}
	}
	*res = r.rows[r.next]
	r.next++
	r.given++
	return nil
}

// advance reads one block.
func (r *Reader) advance() error {
	at := r.in.Offset()
	h, payload, err := r.block()
	if errors.Is(err, io.EOF) && !r.ended {
		r.ended = true
		r.doubt()
	}
	if err != nil {
		return err
	}
	r.rows, r.next = r.rows[:0], 0
	switch h.Type {
	case blockRows:
		r.begun = true
		if r.version > 1 && h.Codec != codecColumns {
			return fmt.Errorf("results: block at offset %d: codec %d: %w", at, h.Codec, ErrNewer)
		}
		rows, err := parseRows(r.rows, payload, int(h.Records), &r.names)
		if err != nil {
			r.lost.rows = true
			r.damaged(at, r.in.Offset()-at, "a block's rows do not unpack")
			return nil
		}
		r.rows = rows
		r.count(rows)
	case frame.Extension:
		if r.version > 1 {
			r.extension(payload, at)
		}
	case blockAnswer:
		var list []answers.Shape
		if err := json.Unmarshal(payload, &list); err != nil {
			r.damaged(at, r.in.Offset()-at, "a block of answers is not JSON")
			return nil
		}
		r.answers = append(r.answers, list[:min(len(list), answers.MaxShapes-min(len(r.answers), answers.MaxShapes))]...)
	case blockFooter:
		var footer Footer
		if err := json.Unmarshal(payload, &footer); err != nil {
			r.damaged(at, r.in.Offset()-at, "a footer is not JSON")
			return nil
		}
		r.footer = &footer
	}
	return nil
}

// extension reads an extension that is known, and takes note of the name of another.
func (r *Reader) extension(payload []byte, at int64) {
	switch name, rest, ok := frame.CutName(payload); {
	case !ok:
		r.damaged(at, r.in.Offset()-at, "an extension has no name")
	case name == lostBefore:
		r.lost.before = true
	case name == watchedFigures:
		if !r.parseWatched(rest) {
			r.damaged(at, r.in.Offset()-at, "a block of watched figures does not unpack")
		}
	case name == playedSteps:
		if !r.parsePlayed(rest) {
			r.damaged(at, r.in.Offset()-at, "a block of a step does not unpack")
		}
	case name == capacityBlock:
		if !r.parseCapacity(rest) {
			r.damaged(at, r.in.Offset()-at, "what a search found is not JSON")
		}
	case name == storedCompletions:
		if why := r.parseCompletions(rest); why != "" {
			r.lost.completions = true
			r.damaged(at, r.in.Offset()-at, why)
		}
	case name != disturbances:
		r.names.Add(name)
	case !r.disturbed.parse(rest):
		r.damaged(at, r.in.Offset()-at, "a block of disturbances does not unpack")
	}
}

// Disturbances returns what kept the tool from running, in order of time, so far as the file says; asked after the last row. Known is
// false of a run whose program did not take it down.
func (r *Reader) Disturbances() (d replay.Disturbances, known bool) {
	return r.disturbed.all(), r.disturbed.known
}

// block returns the next whole block, passing over what is damaged. The payload is valid until the next call.
func (r *Reader) block() (frame.Head, []byte, error) {
	for {
		h, err := r.in.Head()
		var payload []byte
		if err == nil {
			payload, err = r.in.Payload(&h)
		}
		reason, ok := errors.AsType[frame.Reason](err)
		if !ok {
			return h, payload, err
		}
		if err := r.resync(reason, &h); err != nil {
			return h, nil, err
		}
	}
}

// resync moves to the next block and notes what lies before it: a block with this head, or what has none.
func (r *Reader) resync(reason Reason, h *frame.Head) error {
	from, stored := r.in.Offset(), []byte(nil)
	if h.Type != 0 {
		head := r.in.Layout().Len()
		stored = bytes.Clone(r.in.Peek(head + namePlace)[head:])
	}
	passed, err := r.in.Resync(1)
	if spare := from == r.copyAt && passed == r.copyLen; !spare && reason != CutOff { // what a kill cut off was never written
		r.losing(h, stored, h.Type != 0 && passed == r.in.Size(h))
	}
	r.damaged(from, passed, reason)
	return err
}

// damaged notes a part that could not be used; one that follows the last without a gap is counted to it.
func (r *Reader) damaged(offset, length int64, reason Reason) {
	if offset == r.copyAt && length == r.copyLen && length > 0 {
		reason = copyDamaged
	}
	r.damage.Extend(Damage{Offset: offset, Length: length, Reason: reason})
	r.damage.Spare(r.copyAt, r.copyLen)
}

// Run is a run file in all: what Summarize returns.
type Run struct {
	Header Header
	// Footer is nil for a run that died before its end.
	Footer  *Footer
	Summary Summary
	Windows []Window
	Damage  []Damage
	// Watched are the figures of the platform's own that were taken.
	Watched []Watched
	// Stored are the completions that the file holds; nil where it holds none.
	Stored *Stored
	// Extensions are the names of what the file has of a later version, and what was passed over.
	Extensions []string
}

// Start is the moment of the run's deadline 0.
func (r *Run) Start() time.Time {
	if r.Footer != nil && !r.Footer.Started.IsZero() {
		return r.Footer.Started
	}
	return r.Header.Started
}

// Summarize reads the rest of a run file and returns what it amounts to: the same figures that the live run gave. Each
// row is given to more, too. The completions that the file holds are joined to it, unless more has a Completer of others.
func Summarize(ctx context.Context, r *Reader, more ...replay.Recorder) (Run, error) {
	a := newRunAccumulator(&r.header)
	stored := r.Completions()
	var done *Completer
	if stored != nil && !slices.ContainsFunc(more, func(m replay.Recorder) bool { _, is := m.(*Completer); return is }) {
		done = NewCompleter(stored.Completions())
		more = append(slices.Clone(more), done)
	}
	var res replay.Result
	for n := 0; ; n++ {
		if n%rowsPerBlock == 0 {
			if err := context.Cause(ctx); err != nil {
				return Run{}, err
			}
		}
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			var end *replay.Outcome
			if r.footer != nil {
				end = &r.footer.Outcome
			}
			for _, p := range r.played {
				a.PlayStep(p)
			}
			sum := a.Summary(end)
			sum.Searched(r.Capacity())
			sum.Missing, sum.NoEnd = r.Missing(), r.footer == nil
			run := Run{Header: r.header, Footer: r.footer, Summary: sum, Windows: a.Windows(r.footer != nil && len(r.footer.Stats.Changes) > 0), Damage: r.damage.List(), Watched: r.Watched(), Stored: stored, Extensions: r.Extensions()}
			if done != nil {
				stored.join(done, &run)
			}
			return run, nil
		case err != nil:
			return Run{}, err
		}
		_ = a.Record(&res)
		for _, m := range more {
			if err := m.Record(&res); err != nil {
				return Run{}, err
			}
		}
	}
}

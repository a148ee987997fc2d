package results

import (
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/replay"
)

// ErrNothing says that a run file holds nothing that can be kept.
var ErrNothing = errors.New("results: no row of it can be read")

// Salvaged says what RepairFile kept.
type Salvaged struct {
	Kept int64 `json:"kept"`
	// Lost is how many rows are known to be missing: the footer tells. Where there is none and there is damage, Unknown says
	// that some may be.
	Lost    int64 `json:"lost"`
	Unknown bool  `json:"unknown"`
	// Ended says that the run's own end was kept: its ledger and what it says of itself.
	Ended bool `json:"ended"`
	// Search says that the run is a search for the highest tempo, which is not gone on with; Held is the highest tempo of which a step was
	// judged, and held, 0 where there is none.
	Search bool     `json:"search,omitempty"`
	Held   float64  `json:"held,omitempty"`
	Damage []Damage `json:"damage"`
	// Header says what became of the header.
	Header HeaderState `json:"-"`
}

// RepairOptions say how RepairFile repairs. The zero value overwrites nothing, and makes a lost header from nothing.
type RepairOptions struct {
	// Like is the file of another run of the same plan, of which a lost header's corpus, plan and settings are taken.
	Like string
	// Force overwrites the new file.
	Force bool
}

// InputError says that what was to be repaired cannot be read as a run file.
type InputError struct{ Err error }

// Error is Err's.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }

// LikeError says that nothing can be taken from the run of RepairOptions.Like: ErrHeaderLost, an *OtherPlanError, or why it cannot be
// opened.
type LikeError struct{ Err error }

// Error is Err's.
func (e *LikeError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *LikeError) Unwrap() error { return e.Err }

// RepairFile writes what is whole of a run file, whatever is left of its header, to a new one: every row that can be read, and what is known
// of the answers and of the run's end. A run without its end stays one, which can be gone on with. Its errors are *InputError,
// *LikeError, ErrNothing, and those of the new file.
func RepairFile(ctx context.Context, in io.Reader, path string, o RepairOptions) (s Salvaged, err error) {
	r, state, err := Salvage(in)
	if err != nil {
		return s, &InputError{err}
	}
	defer r.Close()
	h := r.Header()
	var like *likeness
	if state == HeaderLost {
		if like, err = likenessOf(ctx, o.Like); err != nil {
			return s, &LikeError{err}
		}
		h = like.rebuilt()
	}
	s, err = repair(ctx, r, path, h, o.Force, like.See, like.Check)
	s.Header = state
	if other, ok := errors.AsType[*OtherPlanError](err); ok {
		err = &LikeError{other}
	}
	return s, err
}

// likenessOf reads another run; "" is none.
func likenessOf(ctx context.Context, path string) (*likeness, error) {
	if path == "" {
		return nil, nil
	}
	other, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer other.Close()
	return newLikeness(ctx, other)
}

// rebuilt is the header for a run like this one.
func (l *likeness) rebuilt() Header {
	if l == nil {
		return rebuiltHeader(nil)
	}
	return rebuiltHeader(&l.Header)
}

// rebuiltHeader is the header for a run whose own is lost; like, where it is not nil, is the header of another run of the same
// plan, of which the corpus, the plan and the settings are taken, but for the seed and the share of the plan: those were the run's own.
func rebuiltHeader(like *Header) Header {
	if like == nil {
		return Header{Rebuilt: FromNothing, Settings: map[string]string{}}
	}
	h := Header{Rebuilt: FromAnother, Corpus: like.Corpus, PlanHash: like.PlanHash, Plan: like.Plan, CorpusLost: like.CorpusLost, Settings: make(map[string]string)}
	for name, value := range like.Settings {
		if name != "seed" && name != "share" {
			h.Settings[name] = value
		}
	}
	return h
}

// repair writes every row of src that can be read, and what is known of the answers and of the run's end, to the new run file
// path under the header h. A run without its end stays one: it can be gone on with. see, where set, is given each row, and sure is asked
// after the last whether the file may get its name. Where no row is kept, or on an error, there is no file.
func repair(ctx context.Context, src *Reader, path string, h Header, force bool, see func(*replay.Result), sure func() error) (s Salvaged, err error) {
	f, err := Create(path, h, force)
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Discard())
		}
	}()
	if stored := src.Completions(); stored != nil {
		if err := f.writer.completions(stored); err != nil {
			return s, err
		}
	}
	if err := keepRows(ctx, src, f, see, &s); err != nil {
		return s, err
	}
	if s.Kept == 0 {
		return s, ErrNothing
	}
	if sure != nil {
		if err := sure(); err != nil {
			return s, err
		}
	}
	if d, known := src.Disturbances(); known {
		if err := f.Disturbed(&d); err != nil {
			return s, err
		}
	}
	played := src.Played()
	if c := src.Capacity(); c != nil {
		s.Held = c.Tempo
	}
	s.Search = src.Search()
	for _, p := range played {
		if err := f.PlayStep(p); err != nil {
			return s, err
		}
	}
	if err := errors.Join(f.Watched(src.Watched()), f.Answers(src.Answers()), f.Capacity(src.Capacity())); err != nil {
		return s, err
	}
	end, ended := src.Footer()
	if s.Ended = ended; !ended {
		if s.Unknown = s.Unknown || src.lost.before; s.Unknown {
			f.writer.lose()
		}
		return s, f.unfinished()
	}
	if err := f.writer.close(end.Outcome, s.Lost); err != nil {
		return s, err
	}
	return s, f.file.Commit()
}

// keepRows copies the rows and counts what is lost.
func keepRows(ctx context.Context, src *Reader, f *File, see func(*replay.Result), s *Salvaged) error {
	var res replay.Result
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		err := src.Next(&res)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && see != nil {
			see(&res)
		}
		if err == nil {
			err = f.Record(&res)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", s.Kept+1, err)
		}
		s.Kept++
	}
	s.Damage = src.Damage()
	if end, ok := src.Footer(); ok {
		s.Lost = max(0, end.Rows+end.Lost-s.Kept)
	} else {
		s.Unknown = len(s.Damage) > 0
	}
	return nil
}

// unfinished gives the file its name without a footer, as that of a run that died.
func (f *File) unfinished() error {
	f.writer.flush()
	f.writer.packer.Close()
	if f.writer.err != nil {
		return f.writer.err
	}
	return f.file.Commit()
}

package terminal

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// Progress tells on stderr how far long work has come: a line that renews itself where stderr is a terminal,
// nothing elsewhere. Count may be called by any goroutine.
type Progress struct {
	Count atomic.Int64
	stop  chan struct{} // closed by End
	next  atomic.Pointer[stage]
	wait  sync.WaitGroup
}

// stage is work that counts nothing: how long it has taken shows that it goes on.
type stage struct {
	doing string
	began time.Time
}

// Doing has the line say what goes on from now on, and for how long, in place of a count.
func (p *Progress) Doing(what string) { p.next.Store(&stage{what, time.Now()}) }

// Start begins to show "what: N records". It shows nothing when quiet is set.
func Start(w io.Writer, what string, quiet bool) *Progress {
	p := &Progress{stop: make(chan struct{})}
	if quiet || !Is(w) {
		return p
	}
	p.wait.Go(func() { p.show(Bytes(w), what) })
	return p
}

func (p *Progress) show(w io.Writer, what string) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-p.stop:
			fmt.Fprint(w, "\r\x1b[K")
			return
		case <-tick.C:
			fmt.Fprint(w, "\r\x1b[K", p.line(what, began))
		}
	}
}

// line is what is shown now.
func (p *Progress) line(what string, began time.Time) string {
	if s := p.next.Load(); s != nil {
		return fmt.Sprintf("%s: %s, %.0f s", what, s.doing, time.Since(s.began).Seconds())
	}
	n := p.Count.Load()
	return fmt.Sprintf("%s: %d records, %.0f/s", what, n, float64(n)/time.Since(began).Seconds())
}

// End takes the line away; it returns when nothing more will be written.
func (p *Progress) End() {
	close(p.stop)
	p.wait.Wait()
}

// Is says whether people look at a stream while it is written.
func Is(w io.Writer) bool {
	if p, ok := w.(*Printer); ok {
		w = p.w
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// Stages is the progress of work that has several stages. It is for one goroutine at a time.
type Stages struct {
	w     io.Writer
	quiet bool
	now   string
	p     *Progress // nil between stages
}

// NewStages shows nothing when quiet is set, as Start does.
func NewStages(w io.Writer, quiet bool) *Stages { return &Stages{w: w, quiet: quiet} }

// Show says how many records a stage is through with; another stage than before begins.
func (s *Stages) Show(stage string, records int64) {
	if stage != s.now {
		s.End()
		s.now, s.p = stage, Start(s.w, stage, s.quiet)
	}
	s.p.Count.Store(records)
}

// End takes the line away.
func (s *Stages) End() {
	if s.p != nil {
		s.p.End()
	}
	s.now, s.p = "", nil
}

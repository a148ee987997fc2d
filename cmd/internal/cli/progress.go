package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// progress tells on stderr how far long work has come: a line that renews itself where stderr is a terminal,
// nothing elsewhere. Count may be called by any goroutine.
type progress struct {
	count atomic.Int64
	stop  chan struct{} // closed by end
	wait  sync.WaitGroup
}

// startProgress begins to show "what: N records". It shows nothing when quiet is set.
func startProgress(w io.Writer, what string, quiet bool) *progress {
	p := &progress{stop: make(chan struct{})}
	if quiet || !isTerminal(w) {
		return p
	}
	p.wait.Go(func() { p.show(bytesTo(w), what) })
	return p
}

func (p *progress) show(w io.Writer, what string) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-p.stop:
			fmt.Fprint(w, "\r\x1b[K")
			return
		case <-tick.C:
			n := p.count.Load()
			fmt.Fprintf(w, "\r\x1b[K%s: %d records, %.0f/s", what, n, float64(n)/time.Since(began).Seconds())
		}
	}
}

// end takes the line away; it returns when nothing more will be written.
func (p *progress) end() {
	close(p.stop)
	p.wait.Wait()
}

// isTerminal says whether people look at a stream while it is written.
func isTerminal(w io.Writer) bool {
	if p, ok := w.(*printer); ok {
		w = p.w
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

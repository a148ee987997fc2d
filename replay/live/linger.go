package live

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// lastScrape knows when metrics have been read after a run's end. Its zero value is ready.
type lastScrape struct {
	over atomic.Bool
	once sync.Once
	read atomic.Pointer[chan struct{}]
}

// after returns a channel that is closed when a scrape that began after this call was answered. It is called once.
func (l *lastScrape) after() <-chan struct{} {
	read := make(chan struct{})
	l.read.Store(&read)
	l.over.Store(true)
	return read
}

// watch notes the scrapes that h answers.
func (l *lastScrape) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := l.over.Load() && r.Method == http.MethodGet // which is asked before the figures are gathered
		h.ServeHTTP(w, r)
		if whole {
			l.once.Do(func() { close(*l.read.Load()) })
		}
	})
}

// Linger serves the metrics of a run that has ended until they were read once more, for as long as ShowOptions.Linger at most, or until
// ctx ends, and stops to serve them. It says whether they were read.
func (w *Show) Linger(ctx context.Context) (read bool) {
	defer w.Close()
	if w.metrics == nil || w.stopMetrics == nil {
		return false
	}
	timer := time.NewTimer(w.linger)
	defer timer.Stop()
	select {
	case <-w.metrics.after():
		return true
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

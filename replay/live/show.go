// Package live shows a run while it is going: a dashboard for people, drawn by the same script as a report, and metrics
// for Prometheus.
//
// Both are told of the run and never ask it: what they are told is immutable, and a client that is slow or hostile costs
// the run nothing. Both listen where they are told to and answer nobody who came by another site's name.
package live

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"reprise/capture/pages"
	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
)

// ShowOptions say where a run is shown while it is going. Without a listener nothing is.
type ShowOptions struct {
	// Title heads the dashboard, Version is told with the metrics.
	Title, Version string
	// Run is the run's id, and Trace says whether its requests carry a traceparent.
	Run   string
	Trace replay.Tracing
	// Dashboard and Metrics are where the two are served; nil for not at all. MetricsHost is a name by which metrics are asked for.
	Dashboard, Metrics net.Listener
	MetricsHost        string
	// Linger is how long metrics are served after the run's end, where nobody asks for them until then; see Show.Linger.
	Linger time.Duration

	Plan          *replay.Plan
	InFlightLimit int
	// Watcher takes figures of the platform's own, which the dashboard draws; nil for none.
	Watcher *Watcher
	// Control steers the run from the dashboard.
	Control *replay.Control
	// Completions count what the system has finished so far; nil where nobody tells. See Show.Completed.
	Completions func() CompletionCounts
}

// Show shows a run while it is going.
type Show struct {
	// Results take every result of the run.
	Results []replay.Recorder
	// URL is the dashboard's; "" where there is none.
	URL string

	dashboard *Dashboard
	metrics   *Metrics
	control   *replay.Control
	linger    time.Duration
	last      time.Time
	// What stops the servers, nil where there are none.
	stopDashboard, stopMetrics func()
}

// publishEvery is how often the dashboard is told.
const publishEvery = time.Second

// NewShow begins to show a run; End and Linger take it away again, and close the listeners.
func NewShow(ctx context.Context, o ShowOptions) *Show {
	w := &Show{control: o.Control, linger: o.Linger}
	if l := o.Dashboard; l != nil {
		w.dashboard = NewDashboard(DashboardOptions{
			Title: o.Title, Plan: o.Plan, InFlightLimit: o.InFlightLimit, Control: o.Control, Watcher: o.Watcher, Completions: o.Completions, Listener: l.Addr(),
		})
		w.URL = "http://" + l.Addr().String() + w.dashboard.Path()
		w.stopDashboard = serve(ctx, l, w.dashboard)
	}
	if l := o.Metrics; l != nil {
		w.metrics = NewMetrics(MetricsOptions{
			Run: o.Run, Trace: o.Trace, Completions: o.Completions,
			Version: o.Version, Plan: o.Plan, InFlightLimit: o.InFlightLimit, Control: o.Control, Listener: l.Addr(), Names: []string{o.MetricsHost},
		})
		w.Results = append(w.Results, w.metrics)
		w.stopMetrics = serve(ctx, l, w.metrics)
	}
	return w
}

// serve serves until the returned function is called, which waits for the end.
func serve(ctx context.Context, l net.Listener, h http.Handler) (end func()) {
	// An interrupt ends the run; what shows it goes on until the run has ended.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { _ = pages.Serve(serving, l, h) })
	return func() {
		stop()
		running.Wait()
	}
}

// Tell shows how a run stands, once a second at most. It is called from the goroutine that owns the sums.
func (w *Show) Tell(sums *results.Accumulator) {
	if now := time.Now(); w.dashboard != nil && now.Sub(w.last) >= publishEvery {
		w.last = now
		w.publish(sums)
	}
}

func (w *Show) publish(sums *results.Accumulator) {
	w.dashboard.Publish(sums.Windows(len(w.control.Changes()) > 0), sums.Errors(), sums.Played())
}

// Over shows the run's last state. It is called when the run has ended; sums is nil where it never began.
func (w *Show) Over(sums *results.Accumulator) {
	if w.dashboard != nil && sums != nil {
		w.publish(sums)
	}
}

// End tells the pages what the run came to, and stops the servers, but for metrics that are to linger.
func (w *Show) End(what report.Ended) {
	if w.dashboard != nil {
		w.dashboard.End(what)
	}
	if w.stopDashboard != nil {
		w.stopDashboard()
	}
	if w.linger <= 0 {
		w.Close()
	}
}

// Close stops to serve metrics. It may be called more than once.
func (w *Show) Close() {
	if w.stopMetrics != nil {
		w.stopMetrics()
		w.stopMetrics = nil
	}
}

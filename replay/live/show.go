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
	"reprise/replay/results"
)

// ShowOptions say where a run is shown while it is going. Without a listener nothing is.
type ShowOptions struct {
	// Title heads the dashboard, Version is told with the metrics.
	Title, Version string
	// Dashboard and Metrics are where the two are served; nil for not at all. MetricsHost is a name by which metrics are asked for.
	Dashboard, Metrics net.Listener
	MetricsHost        string

	Plan          *replay.Plan
	InFlightLimit int
	// Control steers the run from the dashboard.
	Control *replay.Control
}

// Show shows a run while it is going.
type Show struct {
	// Results take every result of the run.
	Results []replay.Recorder
	// URL is the dashboard's; "" where there is none.
	URL string

	dashboard *Dashboard
	control   *replay.Control
	last      time.Time
	servers   []func()
}

// publishEvery is how often the dashboard is told.
const publishEvery = time.Second

// NewShow begins to show a run; End takes it away again. It closes the listeners.
func NewShow(ctx context.Context, o ShowOptions) *Show {
	w := &Show{control: o.Control}
	if l := o.Dashboard; l != nil {
		w.dashboard = NewDashboard(DashboardOptions{
			Title: o.Title, Plan: o.Plan, InFlightLimit: o.InFlightLimit, Control: o.Control, Listener: l.Addr(),
		})
		w.URL = "http://" + l.Addr().String() + w.dashboard.Path()
		w.serve(ctx, l, w.dashboard)
	}
	if l := o.Metrics; l != nil {
		m := NewMetrics(MetricsOptions{
			Version: o.Version, Plan: o.Plan, InFlightLimit: o.InFlightLimit, Control: o.Control, Listener: l.Addr(), Names: []string{o.MetricsHost},
		})
		w.Results = append(w.Results, m)
		w.serve(ctx, l, m)
	}
	return w
}

func (w *Show) serve(ctx context.Context, l net.Listener, h http.Handler) {
	// An interrupt ends the run; what shows it goes on until the run has ended.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { _ = pages.Serve(serving, l, h) })
	w.servers = append(w.servers, func() {
		stop()
		running.Wait()
	})
}

// Tell shows how a run stands, once a second at most. It is called from the goroutine that owns the sums.
func (w *Show) Tell(sums *results.Accumulator) {
	if now := time.Now(); w.dashboard != nil && now.Sub(w.last) >= publishEvery {
		w.last = now
		w.publish(sums)
	}
}

func (w *Show) publish(sums *results.Accumulator) {
	w.dashboard.Publish(sums.Windows(len(w.control.Changes()) > 0), sums.Errors())
}

// End shows the run's last state and stops the servers. It is called when the run has ended; sums is nil where it never began.
func (w *Show) End(sums *results.Accumulator) {
	if w.dashboard != nil {
		if sums != nil {
			w.publish(sums)
		}
		w.dashboard.End()
	}
	for _, stop := range w.servers {
		stop()
	}
}

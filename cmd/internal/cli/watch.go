package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"reprise/replay"
	"reprise/replay/live"
	"reprise/replay/results"
)

// watchFlags say where a run is shown while it is going.
type watchFlags struct {
	dashboard, metrics string
	printGrafana       bool
}

func (o *watchFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.dashboard, "dashboard", "", "show the run at this `ADDRESS`, such as 127.0.0.1:0, with buttons that pause and steer it")
	f.StringVar(&o.metrics, "metrics", "", "serve Prometheus metrics at this `ADDRESS`, such as 127.0.0.1:9464")
	f.BoolVar(&o.printGrafana, "print-grafana", false, "print a Grafana dashboard of the metrics, and send nothing")
}

// watch is what shows a run. Its zero value shows nothing.
type watch struct {
	recorder  replay.Recorder
	dashboard *live.Dashboard
	file      *results.File
	control   *replay.Control
	last      time.Time
	servers   []func()
}

// watched is a recorder of which another takes each result too.
type watched struct {
	*results.File
	metrics *live.Metrics
}

// Record gives the result to both.
func (w watched) Record(res *replay.Result) error {
	_ = w.metrics.Record(res)
	return w.File.Record(res)
}

// watch begins to show the run; end takes it away again.
func (o *replayOptions) watch(ctx context.Context, s Streams, p *plan, c *replay.Control, file *results.File, title string) (*watch, error) {
	w := &watch{recorder: file, file: file, control: c}
	if o.watching.dashboard != "" {
		l, err := w.listen(ctx, "--dashboard", o.watching.dashboard)
		if err != nil {
			return nil, err
		}
		w.dashboard = live.NewDashboard(live.DashboardOptions{
			Title: title, Plan: p.Plan, InFlightLimit: o.maxInFlight, Control: c, Listener: l.Addr(),
		})
		w.serve(ctx, l, w.dashboard)
		fmt.Fprintf(s.Err, "dashboard: http://%s%s\n", l.Addr(), w.dashboard.Path())
		if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
			fmt.Fprintln(s.Err, "dashboard: whoever reaches this machine and reads the address on its way can steer the run: it goes in clear")
		}
	}
	if o.watching.metrics != "" {
		l, err := w.listen(ctx, "--metrics", o.watching.metrics)
		if err != nil {
			w.end()
			return nil, err
		}
		m := live.NewMetrics(live.MetricsOptions{
			Version: version(), Plan: p.Plan, InFlightLimit: o.maxInFlight, Control: c, Listener: l.Addr(),
			Names: []string{hostOf(o.watching.metrics)},
		})
		w.recorder = watched{file, m}
		w.serve(ctx, l, m)
		fmt.Fprintf(s.Err, "metrics: http://%s/metrics\n", l.Addr())
	}
	return w, nil
}

func (w *watch) listen(ctx context.Context, flag, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, misuse("%s: %v", flag, err)
	}
	return l, nil
}

func (w *watch) serve(ctx context.Context, l net.Listener, h http.Handler) {
	// An interrupt ends the run; what shows it goes on until the run has ended.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { _ = live.Serve(serving, l, h) })
	w.servers = append(w.servers, func() {
		stop()
		running.Wait()
	})
}

// publishEvery is how often the dashboard is told.
const publishEvery = time.Second

// hostOf is the host of an address to listen at.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}

// tell is called by the recorder's goroutine.
func (w *watch) tell() {
	if now := time.Now(); w.dashboard != nil && now.Sub(w.last) >= publishEvery {
		w.last = now
		w.publish()
	}
}

func (w *watch) publish() {
	w.dashboard.Publish(w.file.Windows(len(w.control.Changes()) > 0), w.file.Errors())
}

// end shows the run's last state and stops the servers. It is called when the run has ended.
func (w *watch) end() {
	if w.dashboard != nil {
		w.publish()
		w.dashboard.End()
	}
	for _, stop := range w.servers {
		stop()
	}
}

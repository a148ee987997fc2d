package live

import (
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"reprise/capture"
	"reprise/capture/pages"
	"reprise/replay"
)

// Metrics counts a run for Prometheus. It is a replay.Recorder, and an http.Handler that answers GET /metrics.
//
// Names and labels: every name begins with reprise_, units are seconds, and the labels are the kind of message, the class
// of the status and the reason for having no answer, all of which are few. Histograms are native ones and classic ones at
// once, as servers before Prometheus 3.8 read the latter alone. In a traced run those of answers have exemplars.
type Metrics struct {
	handler http.Handler
	exemplars
	lastScrape
	kinds   [capture.KindCount]kindMetrics
	errors  map[replay.Reason]prometheus.Counter
	unknown prometheus.Counter
	shed    prometheus.Counter
	unsent  prometheus.Counter
	lag     prometheus.Histogram
	// completions is nil where none are followed.
	completions *completionMetrics
}

// kindMetrics are those of one kind, looked up once.
type kindMetrics struct {
	classes          [6]prometheus.Counter
	latency, service prometheus.Observer
}

// MetricsOptions say what the metrics are of.
type MetricsOptions struct {
	// Version is the tool's.
	Version       string
	Plan          *replay.Plan
	InFlightLimit int
	Control       *replay.Control
	// Run is the run's id, and Trace says whether its requests carry a traceparent: exemplars name it.
	Run   string
	Trace replay.Tracing
	// Completions count what the system has finished; nil where nobody tells.
	Completions func() CompletionCounts
	// Listener is where they will be served, and Names how the machine is called there: requests that name another port or
	// another host are refused.
	Listener net.Addr
	Names    []string
}

// seconds are the classic buckets: 1 ms to 60 s, and 100 µs to 1 s for the tool's own lag.
func seconds() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
}

func lagSeconds() []float64 {
	return []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}
}

func histogram(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
	}
}

// NewMetrics makes the metrics of a run, in a registry of their own.
func NewMetrics(o MetricsOptions) *Metrics {
	reg := prometheus.NewPedanticRegistry()
	m := &Metrics{errors: make(map[replay.Reason]prometheus.Counter), exemplars: newExemplars(o.Run, o.Trace)}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "reprise_requests_total", Help: "Requests with an answer, by kind of message and class of the status.",
	}, []string{"kind", "code_class"})
	latency := prometheus.NewHistogramVec(histogram("reprise_request_duration_seconds",
		"Time from the moment a request was meant to be sent to the end of its answer.", seconds()), []string{"kind"})
	service := prometheus.NewHistogramVec(histogram("reprise_service_time_seconds",
		"Time from the moment a request was sent to the end of its answer.", seconds()), []string{"kind"})
	errors := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "reprise_errors_total", Help: "Requests without an answer, by reason.",
	}, []string{"reason"})
	m.lag = prometheus.NewHistogram(histogram("reprise_start_lag_seconds", "How much later than planned requests left.", lagSeconds()))
	m.shed = prometheus.NewCounter(prometheus.CounterOpts{Name: "reprise_shed_total", Help: "Requests not sent: beyond the cap on those in flight."})
	m.unsent = prometheus.NewCounter(prometheus.CounterOpts{Name: "reprise_unsent_total", Help: "Requests not sent: the run ended before their turn."})
	reg.MustRegister(requests, latency, service, errors, m.lag, m.shed, m.unsent)
	for _, k := range capture.Kinds() {
		x := &m.kinds[k]
		for class, name := range []string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"} {
			x.classes[class] = requests.WithLabelValues(k.String(), name)
		}
		x.latency, x.service = latency.WithLabelValues(k.String()), service.WithLabelValues(k.String())
	}
	for _, r := range replay.Reasons() {
		if r.Class() != replay.ClassWithheld { // those have counters of their own
			m.errors[r] = errors.WithLabelValues(string(r))
		}
	}
	m.unknown = errors.WithLabelValues("other")
	m.completions = newCompletionMetrics(reg, o.Completions)
	gauges(reg, o)
	serve := http.NewServeMux()
	serve.Handle("GET /metrics", m.lastScrape.watch(promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true})))
	m.handler = pages.Own(serve, o.Listener, o.Names...)
	return m
}

// gauges are read when somebody asks.
func gauges(reg *prometheus.Registry, o MetricsOptions) {
	status := func(name, help string, of func(replay.Status) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return of(o.Control.Status()) }))
	}
	status("reprise_inflight_requests", "Requests that wait for their answer.", func(s replay.Status) float64 { return float64(s.InFlight) })
	status("reprise_position_seconds", "How far the schedule is.", func(s replay.Status) float64 { return s.Position.Seconds() })
	status("reprise_elapsed_seconds", "Time since the run's start.", func(s replay.Status) float64 { return max(s.Elapsed.Seconds(), 0) })
	status("reprise_time_scale_ratio", "Recorded time played in a second, outside of pauses.", func(s replay.Status) float64 { return s.TimeScale })
	status("reprise_step", "Number of the step of a shaped run or of a search that is played; 0 where there are none.", func(s replay.Status) float64 { return float64(s.Step) })
	status("reprise_retries_waiting", "Requests that wait to be sent again by their vendor's schedule.", func(s replay.Status) float64 { return float64(s.Retrying) })
	status("reprise_retries_left_seconds", "How long retries go on at most: where all fail until their last attempt.", func(s replay.Status) float64 { return s.RetriesLeft.Seconds() })
	status("reprise_paused", "1 while the run is paused.", func(s replay.Status) float64 {
		if s.State == "paused" {
			return 1
		}
		return 0
	})
	constant := func(name, help string, v float64) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		g.Set(v)
		reg.MustRegister(g)
	}
	constant("reprise_inflight_requests_limit", "How many requests may wait for their answer at once.", float64(o.InFlightLimit))
	if p := o.Plan; p != nil {
		constant("reprise_planned_requests", "Requests that the plan holds.", float64(p.Requests()))
		constant("reprise_planned_duration_seconds", "How long the plan is.", p.Duration.Seconds())
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "reprise_build_info", Help: "1, with the version of reprise."}, []string{"version"})
	build.WithLabelValues(o.Version).Set(1)
	reg.MustRegister(build)
}

// Record counts one result. It never fails.
func (m *Metrics) Record(res *replay.Result) error {
	k := &m.kinds[res.Kind.Known()]
	switch res.Error {
	case replay.ReasonShed:
		m.shed.Inc()
		return nil
	case replay.ReasonUnsent:
		m.unsent.Inc()
		return nil
	}
	if res.Attempted() {
		m.lag.Observe((res.Sent - res.Intended).Seconds())
	}
	if res.Error != replay.ReasonNone {
		c, ok := m.errors[res.Error]
		if !ok {
			c = m.unknown
		}
		c.Inc()
		return nil
	}
	class := res.Status / 100
	if class < 1 || class > 5 {
		class = 0
	}
	k.classes[class].Inc()
	m.observe(k, res)
	return nil
}

// ServeHTTP answers a scrape.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.handler.ServeHTTP(w, r)
}

package live

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"reprise/capture"
)

// CompletionCounts count what a system has finished of a run so far.
type CompletionCounts struct {
	// Completed of the requests with a good answer, of those Failed, and Waiting of them.
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Waiting   int64 `json:"waiting"`
}

// completionMetrics are there only where completions are followed.
type completionMetrics struct {
	kinds [capture.KindCount]struct {
		done, failed prometheus.Counter
		took         prometheus.Observer
	}
}

func newCompletionMetrics(reg *prometheus.Registry, counts func() CompletionCounts) *completionMetrics {
	if counts == nil {
		return nil
	}
	m := new(completionMetrics)
	done := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "reprise_completions_total", Help: "Requests with a good answer that the system has finished, by kind of message and whether it failed.",
	}, []string{"kind", "result"})
	took := prometheus.NewHistogramVec(histogram("reprise_completion_duration_seconds",
		"Time from the moment a request was meant to be sent to the moment at which the system had finished it.", append(seconds(), 120, 300, 600)), []string{"kind"})
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "reprise_completions_waiting", Help: "Requests with a good answer that the system has not finished so far.",
	}, func() float64 { return float64(counts().Waiting) })
	reg.MustRegister(done, took, waiting)
	for _, k := range capture.Kinds() {
		x := &m.kinds[k]
		x.done, x.failed, x.took = done.WithLabelValues(k.String(), "ok"), done.WithLabelValues(k.String(), "failed"), took.WithLabelValues(k.String())
	}
	return m
}

// Completed counts a request that the system has finished.
func (w *Show) Completed(kind capture.Kind, took time.Duration, failed bool) {
	if w.metrics == nil || w.metrics.completions == nil {
		return
	}
	k := &w.metrics.completions.kinds[kind.Known()]
	if failed {
		k.failed.Inc()
	} else {
		k.done.Inc()
	}
	k.took.Observe(took.Seconds())
}

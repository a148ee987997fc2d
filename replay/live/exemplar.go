package live

import (
	"sort"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"reprise/capture"
	"reprise/replay"
)

// exemplarEvery is how far apart the exemplars of one kind and bucket are: a scrape takes the last of each, so that more would be work
// for nothing.
const exemplarEvery = time.Second

// exemplars name requests of a traced run by their trace id and record, and by nothing that a message holds.
type exemplars struct {
	run   string
	on    bool
	edges []float64
	last  [capture.KindCount][]time.Duration // when each bucket was given one; 0 for never
}

func newExemplars(run string, t replay.Tracing) exemplars {
	e := exemplars{run: run, on: t != replay.TraceOff, edges: seconds()}
	if e.on {
		for k := range e.last {
			e.last[k] = make([]time.Duration, len(e.edges)+1)
		}
	}
	return e
}

// due says whether an answer is to be an exemplar, and notes that it is.
func (e *exemplars) due(res *replay.Result) bool {
	if !e.on {
		return false
	}
	last := &e.last[res.Kind.Known()][sort.SearchFloat64s(e.edges, (res.Done-res.Intended).Seconds())]
	if *last != 0 && res.Done-*last < exemplarEvery {
		return false
	}
	*last = res.Done
	return true
}

// observe counts an answer's times.
func (e *exemplars) observe(k *kindMetrics, res *replay.Result) {
	latency, service := (res.Done - res.Intended).Seconds(), (res.Done - res.Sent).Seconds()
	if !e.due(res) {
		k.latency.Observe(latency)
		k.service.Observe(service)
		return
	}
	labels := prometheus.Labels{"trace_id": replay.TraceID(e.run, res.Seq, res.Copy), "record": res.Mark()}
	k.latency.(prometheus.ExemplarObserver).ObserveWithExemplar(latency, labels)
	k.service.(prometheus.ExemplarObserver).ObserveWithExemplar(service, labels)
}

package dialect

import (
	"reprise/capture"
	"reprise/capture/payload"
)

// SettleEach settles the spans of a batch, an array of JSON, event by event: f is given each element as the only one of an array, and
// those of the spans that stand in it. It is what a Layout.Settle calls, since of a batch Variant only knows the first.
func SettleEach(r *capture.Record, spans []Span, f func(event *capture.Record, spans []Span)) {
	next := 0
	event := capture.Record{Method: r.Method, URL: "/", Headers: r.Headers}
	payload.Elements(r.Body, func(start, end int) {
		for next < len(spans) && (spans[next].Part != payload.InBody || spans[next].Start < start) {
			next++
		}
		first := next
		for next < len(spans) && spans[next].Part == payload.InBody && spans[next].End <= end {
			next++
		}
		if first == next {
			return
		}
		event.Body = append(append(append(event.Body[:0], '['), r.Body[start:end]...), ']')
		f(&event, spans[first:next])
	})
}

// Batched says whether spans hold more than one field of that name, as those of a batch do of a field that an event has once.
func Batched(spans []Span, name string) bool {
	n := 0
	for i := range spans {
		if spans[i].Name == name {
			n++
		}
	}
	return n > 1
}

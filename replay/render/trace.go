package render

import (
	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay"
)

// noParent holds the place of a traceparent until the bytes of its request are there: written into them, it needs no memory of its own.
const noParent = "00-00000000000000000000000000000000-0000000000000000-00"

// makeRoomForTrace gives a traced record the header. search says that it may have recorded ones.
func (r *Renderer) makeRoomForTrace(w *capture.Record, search bool) {
	if r.o.Trace == replay.TraceOff {
		return
	}
	if search {
		w.Headers = wire.Drop(wire.Drop(w.Headers, wire.HeaderTraceParent), wire.HeaderTraceState)
	}
	w.Headers = append(w.Headers, capture.Header{Name: wire.HeaderTraceParent, Value: noParent})
}

// trace writes the traceparent of a finished request into it.
func (r *Renderer) trace(q *replay.Request, seq int64, copied int) {
	if r.o.Trace == replay.TraceOff {
		return
	}
	if value := q.Parts.Value(q.Wire, wire.HeaderTraceParent); len(value) == replay.TraceParentLength {
		r.o.Trace.PutTraceParent(value, r.o.RunID, seq, copied)
	}
}

// Again gives a request that is sent once more the traceparent of its new copy number. It may be called while Render runs, and by several
// goroutines for different requests.
func (r *Renderer) Again(q *replay.Request) { r.trace(q, q.Seq, q.Copy) }

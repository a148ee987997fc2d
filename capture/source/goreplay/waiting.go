package goreplay

import (
	"time"

	"reprise/capture"
)

const (
	// maxWait is how much recorded time may pass before a request is given without its answer.
	maxWait = int64(time.Minute)
	// maxHeld bounds the requests that wait, in bytes.
	maxHeld = 32 << 20
	// maxAnswers bounds the answers that came before their request.
	maxAnswers = 1 << 16
	// overhead is what a waiting request takes beside its message, in bytes.
	overhead = 512
)

// exchange is a request and what is known of its answer.
type exchange struct {
	record   capture.Record
	head     head
	number   int64 // of its payload
	size     int
	answered bool
}

// waiting are the requests whose answer may still come, in the order of the file, and answers whose request may.
type waiting struct {
	queue   []*exchange
	byID    map[string]*exchange
	held    int
	latest  int64 // the latest time that was read
	answers map[string]answer
	order   []string // of answers, the oldest first
	lost    int64    // answers that were given up
}

type answer struct {
	head   head
	status int
}

func newWaiting() waiting {
	return waiting{byID: make(map[string]*exchange), answers: make(map[string]answer)}
}

// add takes a request in.
func (w *waiting) add(e *exchange, size int) {
	e.size = size + overhead
	w.held += e.size
	w.queue = append(w.queue, e)
	w.latest = max(w.latest, e.head.time)
	if a, ok := w.answers[e.head.id]; ok {
		delete(w.answers, e.head.id)
		e.take(a.head, a.status)
		return
	}
	w.byID[e.head.id] = e
}

// answer gives a status to its request, or keeps it until that comes.
func (w *waiting) answer(h head, status int) {
	if e, ok := w.byID[h.id]; ok {
		delete(w.byID, h.id)
		e.take(h, status)
		return
	}
	if _, twice := w.answers[h.id]; twice {
		w.lost++
		return
	}
	for len(w.answers) >= maxAnswers || len(w.order) >= 2*maxAnswers {
		if _, ok := w.answers[w.order[0]]; ok {
			delete(w.answers, w.order[0])
			w.lost++
		}
		w.order = w.order[1:]
	}
	w.answers[h.id], w.order = answer{h, status}, append(w.order, h.id)
}

// take notes an answer. The time of its first line is that of its first byte, or of the request (then what follows is how long it took
// until its last byte), or in the oldest files how long it took.
func (e *exchange) take(h head, status int) {
	latency := h.time - e.head.time
	switch {
	case h.time < minTime:
		latency = h.time
	case latency == 0:
		latency = h.took
	}
	e.answered = true
	e.record.Response = capture.Response{Status: status, Latency: time.Duration(max(0, latency))}
}

// next returns the first request that needs not wait any more; all says that nothing more comes.
func (w *waiting) next(all bool) *exchange {
	if len(w.queue) == 0 {
		return nil
	}
	e := w.queue[0]
	if !e.answered && !all && w.held <= maxHeld && w.latest-e.head.time <= maxWait {
		return nil
	}
	w.queue[0], w.queue = nil, w.queue[1:]
	w.held -= e.size
	if w.byID[e.head.id] == e {
		delete(w.byID, e.head.id)
	}
	return e
}

// unpaired counts, once, the answers for which no request came.
func (w *waiting) unpaired() int64 {
	n := w.lost + int64(len(w.answers))
	w.lost, w.answers = 0, nil
	return n
}

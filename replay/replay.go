// Package replay plays a schedule of requests at a target and keeps account of every one.
//
// The schedule is open loop: a request's deadline is start + offset, whatever happened to those before it.
// Latency counts from that deadline; the time from the actual send is kept beside it, so that the tool's own
// lag is visible and never charged to the target.
package replay

import (
	"context"
	"time"

	"reprise/capture"
)

// Request is one rendered request, ready to send.
type Request struct {
	// Seq is the record's position in its corpus and Copy which playing of it this is, from 0.
	Seq  int64
	Copy int
	Kind capture.Kind
	// Deadline is the intended moment of sending, since the run's start.
	Deadline time.Duration

	Method  string
	URL     string // path and query
	Host    string // the Host header to send
	Headers []capture.Header
	Body    []byte
	// Chunked says that the body goes out in chunked framing, as it was recorded.
	Chunked bool
}

// Result is what became of one request. Times are since the run's start; 0 where the moment never came.
type Result struct {
	Seq       int64
	Copy      int
	Kind      capture.Kind
	Intended  time.Duration
	Sent      time.Duration
	FirstByte time.Duration
	Done      time.Duration
	// Status is the HTTP status; 0 where none arrived.
	Status int
	// Bytes is the size of the response body.
	Bytes int64
	// Error is empty, or a fixed reason.
	Error Reason
}

// Reason says why a request has no answer. The texts are part of the run file and of the summary's JSON.
type Reason string

// The reasons.
const (
	ReasonNone    Reason = ""
	ReasonConnect Reason = "connect" // no connection: refused, unreachable, name not found
	ReasonTimeout Reason = "timeout"
	ReasonReset   Reason = "reset" // the connection broke after the request was sent
	ReasonTLS     Reason = "tls"
	ReasonInvalid Reason = "invalid_response"
	ReasonShed    Reason = "shed"   // not sent: beyond the in-flight cap under the drop policy
	ReasonUnsent  Reason = "unsent" // not sent: the run ended before its turn
	ReasonLocal   Reason = "local"  // this machine's own limit: ports, file descriptors
)

// OK says whether the answer was a 2xx or a 3xx.
func (r *Result) OK() bool { return r.Error == ReasonNone && r.Status >= 200 && r.Status < 400 }

// Sender sends one request and reports. It may be called by many goroutines at once, fills in every field of
// the result but Seq, Copy, Kind and Intended, and never returns before the answer or its failure is known.
type Sender interface {
	Send(ctx context.Context, start time.Time, q *Request, res *Result)
}

// Recorder takes each result once, from one goroutine.
type Recorder interface {
	Record(res *Result) error
}

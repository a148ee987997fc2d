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
	"reprise/capture/wire"
)

// Made is what a Renderer keeps of how it made a request, to refresh it: by what, and where in its body the values stand that may change.
type Made struct {
	By     any
	Places []int32
}

// Request is one rendered request, ready to send. Its buffers are used again for a later request when its result is in.
type Request struct {
	// Seq is the record's position in its corpus and Copy which playing of it this is, from 0.
	Seq  int64
	Copy int
	Kind capture.Kind
	// Vendor is the name of the record's dialect, empty where none knows it.
	Vendor string
	// Deadline is the planned moment of sending, since the run's start; Clock.Due says when that is in a run that was
	// paused or scaled.
	Deadline time.Duration
	// Step is Result.Step.
	Step uint16
	// Overdue is how much earlier the message was due than it is sent, as an outage of the vendor held it.
	Overdue time.Duration
	// Person stands for the customer's handset, equal for equal numbers within a run; 0 where there is none. It decides
	// affinity and whose requests wait for one another.
	Person uint64
	// PersonHash and RecipientHash are Result.Person and Result.Recipient.
	PersonHash, RecipientHash uint32

	// Answered is how long the recorded answer took; 0 where that is not known. It is taken from the pause of a sender who thinks.
	Answered time.Duration

	// Wire is the whole HTTP/1.1 message as it goes onto the wire (RFC 9112): request line, headers, blank line and the
	// body in its framing. Parts says where its parts are.
	Wire  []byte
	Parts wire.Parts
	// Stamped is the wall-clock moment for which the request was made. Where Timed is set, its signature or a field of it
	// tells that moment, and whoever sends it much later asks Renderer.Refresh first.
	Stamped time.Time
	Timed   bool
	// Made is for Renderer.Refresh.
	Made Made
	// Unfit, where set, is why the request must not be sent: it gets a result of that reason when it is due.
	Unfit Reason

	// The lane's own.
	due     time.Duration // when it was due in the run
	queued  time.Duration // when it was put in line
	from    time.Duration // since when it waits for the target; since the run's start
	beside  int           // how many others of its lane were on their way when it was sent
	others  int           // how many others of all lanes were
	attempt uint8
	held    hold
	turn    bool // of its sender's requests it is the one to be sent
	retried bool // it waits for its vendor's next attempt
	moved   bool // its Deadline is later than the plan's, which plan says
	plan    time.Duration
}

// size is roughly the memory that a request holds.
func (q *Request) size() int { return 256 + len(q.Wire) }

// Result is what became of one request. Times are since the run's start; 0 where the moment never came.
type Result struct {
	Seq  int64
	Copy int
	Kind capture.Kind
	// Known says that Attempt, NewConnection, InFlight, Person and Recipient were taken down. They are 0 in the results of a run whose
	// program did not.
	Known bool
	// Attempt is how often the vendor's schedule of retries had sent the request before: 0 of the first.
	Attempt uint8
	// NewConnection says that the request was sent on a connection that was opened for it, and so its service time holds the opening.
	NewConnection bool
	// InFlight is how many other requests of the whole run were sent and not answered when it was sent, or was due and left out.
	InFlight int32
	// Person stands for the customer's handset and Recipient for the platform's own number that the message is to (of a receipt, the
	// one that it was sent from), both as they were sent. They are equal for equal numbers of a run, and different for different ones,
	// but for one of 2^32 pairs; 0 where there is none. They are hashes under a key that the run file does not hold.
	Person, Recipient uint32
	// Step is the number of the step of a shaped run that the request is of, from 1: what is sent again stays in the step in which it was
	// first sent. 0 in a run without a shape.
	Step      uint16
	Intended  time.Duration
	Sent      time.Duration
	FirstByte time.Duration
	Done      time.Duration
	// Status is the HTTP status; 0 where none arrived.
	Status int
	// Bytes is the size of the response body, and Hash its CRC-32C (Castagnoli); 0 of an empty one.
	Bytes int64
	Hash  uint32
	// RetryAfter is what an answer of 429 or 503 asked to wait by a Retry-After: 1 ns at least, 0 where there was none. Nothing obeys it.
	RetryAfter time.Duration
	// Shard is the lane that sent it.
	Shard int
	// Error is empty, or a fixed reason.
	Error Reason
	// Own is how much of the time from Intended to Done was the tool's doing: it sent late though a slot was free, or stood still. Known while
	// the run goes on; run files do not hold it.
	Own time.Duration
}

// Mark names the request within its run: SEQ.COPY.
func (r *Result) Mark() string { return wire.Mark(r.Seq, r.Copy) }

// OK says whether the answer was a 2xx or a 3xx.
func (r *Result) OK() bool { return r.Error == ReasonNone && r.Status >= 200 && r.Status < 400 }

// Player sends what its lanes hand out.
type Player interface {
	// Lanes is the number of lanes it wants.
	Lanes() int
	// Play sends until every lane is over; start is moment 0 of the run. When ctx ends it gives up the requests on their
	// way. It returns when Done was called for each and nothing of it is running.
	Play(ctx context.Context, start time.Time, lanes []*Lane) error
}

// Sender sends one request and reports: with NewPool, the simple way to be a Player. It may be called by many goroutines
// at once, fills in what Lane.Done asks for, and never returns before the answer or its failure is known.
type Sender interface {
	Send(ctx context.Context, start time.Time, q *Request, res *Result)
}

// Recorder takes each result once, from one goroutine. One that holds results back may have a method Flush() error, which is called
// from there every FlushEvery.
type Recorder interface {
	Record(res *Result) error
}

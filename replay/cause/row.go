package cause

import (
	"time"

	"reprise/capture"
)

// Truth is yes or no, where it is known.
type Truth uint8

// The truths.
const (
	Unknown Truth = iota
	No
	Yes
)

// TruthOf is what is known: Yes or No.
func TruthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Row is one request that was sent, as the run tells it. Times are since the run's start.
type Row struct {
	// Seq is its record's position in the corpus, by which Describe tells of it, and Copy which play of that it is. Records
	// from 4,294,967,296 on are not described.
	Seq  int64
	Copy int
	Kind capture.Kind
	// Intended is when it was due, Sent when it was sent, Done when its answer was whole or it was given up; 0 where that never came.
	Intended, Sent, Done time.Duration
	// Status is that of its answer, 0 where no whole one came. Failure is its class of failure, "" for a good answer.
	Status  int
	Failure string
	// Person and Recipient are equal for equal ones; 0 is not known, or nobody.
	Person, Recipient uint64
	// InFlight is how many others were on their way when it was sent; below 0 is not known: then it is counted.
	InFlight int
	// NewConnection says whether a connection was opened for it, Retry whether it was sent again on the vendor's schedule, Copied
	// whether --volume or --loop added it.
	NewConnection, Retry Truth
	Copied               bool
	// Before is what the same request took in another run, from its sending on, and BeforeFailed whether it failed there: Unknown of one
	// that was not sent, and where there is no other run.
	Before       time.Duration
	BeforeFailed Truth
	// Completed says whether the system finished it, and Completion when, since it was due.
	Completed  Truth
	Completion time.Duration
}

// Facts are what a record of the corpus tells of all requests that it was sent as. The zero value of each field is not known, but that
// of BodyBytes, which is known.
type Facts struct {
	Vendor, Intent, Encoding string
	Segments, BodyBytes      int
	Media, Receipt           Truth
	// Retry says whether the vendor had sent the message before.
	Retry Truth
	// Recorded is when it was.
	Recorded time.Time
	// Person and Recipient are used where the run does not tell them.
	Person, Recipient uint64
	// ID is a hash of the message's id; 0 where it has none, and of receipts, which repeat that of their message.
	ID uint64
}

// Options say what a Builder knows of the run as a whole. Its zero value knows nothing.
type Options struct {
	// Rows is about how many there will be: memory for them is taken at once.
	Rows int
	// KeepIDs says that copies were sent under the ids of their record.
	KeepIDs bool
	// Stops are when the tool itself did not run; they are known where StopsKnown is set.
	Stops      []Span
	StopsKnown bool
	Tool       Tool
	// Records has the table tell of which record each row is.
	Records bool
}

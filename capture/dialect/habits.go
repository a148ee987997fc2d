package dialect

import (
	"time"

	"reprise/capture"
)

// Retries say when a vendor makes a failed delivery again, and how its attempts are told to be of one delivery. The zero value
// is a vendor that does not repeat a delivery to the same URL, or of whom nothing is known.
type Retries struct {
	// Delays are how long after a failed delivery the vendor makes it again: the first counts from the first failure, each later
	// one from the failure before it.
	Delays []time.Duration
	// Token is the header that names a delivery, the same at each attempt; "" where the vendor sends none of its own.
	Token string
	// Delivery appends what each attempt at delivering a receipt has in common: a message has several receipts, so its id does not
	// tell. nil, or an answer of nothing, means that method, target and body are the same in each attempt.
	Delivery func(dst []byte, r *capture.Record) []byte
}

// Doubling returns delays that double up to the longest, as many as end within a time.
func Doubling(first, longest, within time.Duration) (delays []time.Duration) {
	for d := first; d <= within; d = min(2*d, longest) {
		delays = append(delays, d)
		within -= d
	}
	return delays
}

// Answer is the body with which a receiver answers a webhook that it took, and its media type.
type Answer struct{ MediaType, Body string }

// JSONAnswer is the answer to vendors that do not read it, and to requests of which no vendor is known.
func JSONAnswer() Answer { return Answer{"application/json", "{}"} }

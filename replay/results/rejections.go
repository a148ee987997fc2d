package results

import (
	"net/http"

	"reprise/replay"
)

// Rejections is a recorder that notices, once and early, that a target takes nothing.
type Rejections struct {
	// Say is called at most once, with the status of the last rejection.
	Say func(last int)

	n, bad int64
	last   int
	said   bool
}

// Say is called once so many answers came, of which so many percent were rejections.
const (
	enoughAnswers = 20
	nearlyAll     = 99
)

// Record counts a result.
func (r *Rejections) Record(res *replay.Result) error {
	if r.said || res.Status == 0 {
		return nil
	}
	r.n++
	if nameOf(res.Status) == AnswerRejected || res.Status == http.StatusProxyAuthRequired { // the load is not the reason
		r.bad++
		r.last = res.Status
	}
	if r.n >= enoughAnswers && r.bad*100 >= r.n*nearlyAll {
		r.said = true
		r.Say(r.last)
	}
	return nil
}

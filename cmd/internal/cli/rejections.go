package cli

import (
	"fmt"
	"io"
	"net/http"
	"slices"

	"reprise/replay"
)

// rejections is a recorder that says, once and early, that a target takes nothing: whoever waits for the end of a long run
// would learn it then only. It changes nothing of the run.
type rejections struct {
	w      io.Writer
	n, bad int64
	last   int // status that was met last
	said   bool
}

// Said once so many answers came, of which so many percent were rejections.
const (
	enoughAnswers = 20
	nearlyAll     = 99
)

// Record counts a result.
func (r *rejections) Record(res *replay.Result) error {
	if !r.said && res.Status != 0 {
		r.n++
		if slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired}, res.Status) {
			r.bad++
			r.last = res.Status
		}
		if r.n >= enoughAnswers && r.bad*100 >= r.n*nearlyAll {
			r.said = true
			fmt.Fprintf(r.w, "reprise: replay: nearly all answers so far are rejections, the last %d: %s; the run goes on\n", r.last, mendOf(r.last))
		}
	}
	return nil
}

// mendOf names the flags that mend a rejection.
func mendOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return "see --path-rewrite, --recipients and the path of --target"
	case http.StatusProxyAuthRequired:
		return "see --proxy-auth @FILE"
	}
	return "see --sign, --sign-url, --host and --header 'Authorization: @FILE'"
}

package cli

import (
	"fmt"
	"io"
	"net/http"

	"reprise/replay/results"
)

// sayRejections is a recorder that says, once and early, that a target takes nothing: whoever waits for the end of a long run
// would learn it then only. It changes nothing of the run.
func sayRejections(w io.Writer) *results.Rejections {
	return &results.Rejections{Say: func(last int) {
		fmt.Fprintf(w, "reprise: replay: nearly all answers so far are rejections, the last %d: %s; the run goes on\n", last, mendOf(last))
	}}
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

package cli

import (
	"fmt"
	"io"

	"reprise/capture/corpus"
	"reprise/replay/session"
)

const hostsLostHint = "make the corpus again from an original that is whole (reprise anonymize, cat, merge or repair of it), or capture it again; a target on this machine can be played at as it is"

// sayHosts tells that the list of captured hosts is not complete.
func sayHosts(w io.Writer, name string, hosts corpus.Hosts) {
	if !hosts.Complete() {
		fmt.Fprintf(w, "reprise: %s: %v\n", name, session.ErrHostsLost)
	}
}

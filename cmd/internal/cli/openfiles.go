package cli

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// otherFiles is how many files a run has open beside its connections: the corpus, the run file, the standard streams, the
// engine's own, a dashboard with a few pages.
const otherFiles = 24

// checkFiles holds that this machine lets the run open as many connections as it is to have. Where the limit is below what
// --max-in-flight may ask for, it is said.
func (o *replayOptions) checkFiles(w io.Writer, limit int) error {
	room := limit - otherFiles
	switch {
	case limit <= 0: // not known
	case o.connections > room:
		hint := "raise that limit (ulimit -n)"
		if room > 0 {
			hint += fmt.Sprintf(", or give --connections %d --max-in-flight %d", room, room)
		}
		return withHint(misuse("--connections %d needs about %d open files, and this machine allows this process %d", o.connections, o.connections+otherFiles, limit), hint)
	case o.maxInFlight > room && !o.quiet:
		fmt.Fprintf(w, "reprise: replay: this machine allows this process %d open files (ulimit -n), so that about %d requests can be in flight, and not %d\n",
			limit, room, o.maxInFlight)
	}
	return nil
}

// blameMachine says of an error that is no fault of the target's whose it is.
func blameMachine(err error) (error, bool) {
	if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) {
		return err, false
	}
	return withHint(withCode(exitFailed, fmt.Errorf("this machine allows no more open files: %w", err)),
		"raise the limit (ulimit -n), or give fewer --connections"), true
}

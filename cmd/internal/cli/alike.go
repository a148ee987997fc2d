package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"reprise/replay"
	"reprise/replay/control"
	"reprise/replay/session"
)

// aboutRun is what tells a run from others that are going.
func aboutRun(r *session.Session, corpus string) replay.About {
	about := r.About()
	about.PID, about.Began = os.Getpid(), time.Now().Truncate(time.Millisecond)
	if about.Corpus = filepath.Base(corpus); corpus == "-" {
		about.Corpus = "stdin"
	}
	return about
}

// sayAlike warns of other replays of this user that are going and send as the same people to the same target.
func sayAlike(ctx context.Context, w io.Writer, socket string, mine replay.Identity) {
	others := control.Others(ctx, socket)
	for _, path := range slices.Sorted(maps.Keys(others)) {
		status := others[path]
		if status.State == "over" {
			continue
		}
		switch people, ids := mine.Collides(status.Identity); {
		case ids:
			fmt.Fprintf(w, "reprise: replay: another replay of this corpus with this seed sends to this target (%s): both send as the same people and with the same message ids, "+
				"so that the target takes the second for retries. Give each another --seed and other --senders, or wait for its end.\n", path)
		case people:
			fmt.Fprintf(w, "reprise: replay: another replay of this corpus sends to this target (%s): both send as the same people, with message ids of their own, "+
				"so that what one opts out of the other finds opted out. Give each other --senders, or wait for its end.\n", path)
		}
	}
}

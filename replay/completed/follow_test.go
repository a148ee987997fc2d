package completed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// TestFollow follows a file that comes later than the run, grows in the middle of a line, and begins anew.
func TestFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "done.ndjson")
	synctest.Test(t, func(t *testing.T) {
		var took []time.Duration
		f := Files{Paths: []string{path}, Failures: []string{"dead"}}
		w := f.Follow("r", func(_ capture.Kind, d time.Duration, _ bool) { took = append(took, d) })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.Run(ctx) }()
		began := time.Now()
		w.Began(began)
		w.Began(began.Add(time.Hour)) // the first counts
		for seq := range int64(4) {
			_ = w.Record(&replay.Result{Seq: seq, Intended: time.Duration(seq) * time.Second, Done: 1, Status: 200})
		}
		_ = w.Record(&replay.Result{Seq: 4, Done: 1, Status: 503})
		line := func(seq int, run, outcome string) string {
			return fmt.Sprintf(`{"record":"%d.0","run":%q,"time":%q,"outcome":%q}`+"\n", seq, run, began.Add(5*time.Second).UTC().Format(time.RFC3339Nano), outcome)
		}
		write := func(flags int, text string) {
			file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flags, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = file.WriteString(text)
			_ = file.Close()
			time.Sleep(2 * poll)
			synctest.Wait()
		}
		check := func(when string, want FollowCounts) {
			t.Helper()
			if got := w.Counts(); got != want {
				t.Errorf("%s: %+v, want %+v", when, got, want)
			}
		}
		time.Sleep(time.Second)
		check("no file yet", FollowCounts{Waiting: 4})
		half := line(1, "r", "ok")
		write(os.O_APPEND, line(0, "r", "ok")+line(0, "r", "ok")+line(2, "other", "ok")+half[:20])
		check("one, twice", FollowCounts{Completed: 1, Waiting: 3})
		write(os.O_APPEND, half[20:]+"no line\n")
		check("the other half", FollowCounts{Completed: 2, Waiting: 2})
		write(os.O_APPEND, line(4, "r", "ok")+line(9, "r", "ok"))
		check("before its answer, or of none", FollowCounts{Completed: 2, Waiting: 2})
		_ = w.Record(&replay.Result{Seq: 9, Done: 1, Status: 200})
		check("its answer", FollowCounts{Completed: 3, Waiting: 2})
		write(os.O_TRUNC, line(2, "r", "dead"))
		check("a file anew", FollowCounts{Completed: 4, Failed: 1, Waiting: 1})
		if len(took) != 4 || took[0] != 5*time.Second || took[1] != 4*time.Second || took[3] != 3*time.Second {
			t.Errorf("they took %v", took)
		}
		if err := os.WriteFile(path, []byte(line(2, "r", "dead")+line(3, "r", "ok")), 0o600); err != nil {
			t.Fatal(err)
		}
		stop()
		<-ended
		check("at the end", FollowCounts{Completed: 5, Failed: 1})
	})
}

package completed_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/completed"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

const minute = "../session/testdata/minute.rpz"

// played plays a minute at a system that answers at once and says when it has finished each request: by the request's own name, or by
// the id of the message that it got.
func played(t *testing.T, byID bool) (run, done string) {
	t.Helper()
	dir := t.TempDir()
	run, done = filepath.Join(dir, "run.rpr"), filepath.Join(dir, "done.ndjson")
	var mu sync.Mutex
	var lines strings.Builder
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		what := fmt.Sprintf(`"record":%q`, r.Header.Get("Reprise-Record"))
		if byID {
			what = fmt.Sprintf(`"id":%q`, r.FormValue("MessageSid"))
		}
		fmt.Fprintf(&lines, `{"time":%q,%s,"outcome":"done"}`+"\n", time.Now().UTC().Format(time.RFC3339Nano), what)
	}))
	defer target.Close()
	o := session.Options{Tempo: session.Tempo{TimeScale: 100}, Output: session.Output{File: run}, Engine: send.Options{Timeout: 10 * time.Minute}}
	if byID {
		o.Vendors = []string{"twilio"}
	}
	if _, err := session.Run(t.Context(), minute, target.URL, o); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(done, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return run, done
}

func TestJoin(t *testing.T) {
	run, done := played(t, false)
	f := completed.Files{Paths: []string{done}}
	joined, err := f.Join(t.Context(), run)
	if err != nil || joined.Summary.Completion.Joined != 60 || joined.Summary.Completion.Never != 0 {
		t.Errorf("%v, %+v", err, joined.Summary.Completion)
	}
	_, err = (&completed.Files{Paths: []string{run}}).Join(t.Context(), run)
	if _, ok := errors.AsType[*completed.FileError](err); !ok {
		t.Errorf("a file of something else: %v", err)
	}
	if _, err := f.Join(t.Context(), done); !errors.Is(err, results.ErrFormat) {
		t.Errorf("a run file of something else: %v", err)
	}
}

// TestIDs holds that the ids of a run are known again by its seed and its corpus.
func TestIDs(t *testing.T) {
	run, done := played(t, true)
	f := completed.Files{Paths: []string{done}}
	_, err := f.Join(t.Context(), run)
	if missing, ok := errors.AsType[*completed.CorpusError](err); !ok || missing.IDs != 27 {
		t.Errorf("without the corpus: %v", err)
	}
	f.Corpus = minute
	joined, err := f.Join(t.Context(), run)
	if err != nil || joined.Summary.Completion.Joined != 27 {
		t.Errorf("%v, %+v", err, joined.Summary.Completion)
	}
	f.Corpus = filepath.Join(t.TempDir(), "other.rpz")
	other, err := corpus.Create(f.Corpus, corpus.Header{State: corpus.Synthetic}, false)
	if err == nil {
		err = errors.Join(other.Write(&capture.Record{Time: time.Unix(1, 0), Method: "POST", URL: "/"}), other.Commit())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Join(t.Context(), run); !errors.Is(err, completed.ErrOtherCorpus) {
		t.Errorf("another corpus: %v", err)
	}
}

// TestForgedCopy holds that a copy's number which is none does not make the search for ids long: it was one of 16 million for each record.
func TestForgedCopy(t *testing.T) {
	path, done := played(t, true)
	r, err := results.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	forged := filepath.Join(t.TempDir(), "forged.rpr")
	f, err := results.Create(forged, r.Header(), false)
	if err != nil {
		t.Fatal(err)
	}
	var res replay.Result
	for r.Next(&res) == nil {
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	res.Copy = 1<<24 - 1
	end, _ := r.Footer()
	if err := errors.Join(f.Record(&res), f.Finish(end.Outcome)); err != nil {
		t.Fatal(err)
	}
	joined, err := (&completed.Files{Paths: []string{done}, Corpus: minute}).Join(t.Context(), forged)
	if err != nil || joined.Summary.Completion.Joined != 27 {
		t.Errorf("%v, %+v", err, joined.Summary.Completion)
	}
}

// TestAwait holds that a file may come after the run, and that one which never comes is said.
func TestAwait(t *testing.T) {
	run, done := played(t, false)
	late := done + ".late"
	go func() {
		time.Sleep(50 * time.Millisecond)
		_ = os.Rename(done, late)
	}()
	var r results.Run
	f := completed.Files{Paths: []string{late}, Wait: 10 * time.Minute}
	if set, err := f.Await(t.Context(), run, &r); err != nil || set.Len() != 60 || r.Summary.Completion.Joined != 60 {
		t.Errorf("%v, %+v", err, r.Summary.Completion)
	}
	f = completed.Files{Paths: []string{done}}
	if _, err := f.Await(t.Context(), run, &r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that never comes: %v", err)
	}
	if missing := f.Missing(); len(missing) != 1 {
		t.Errorf("missing are %v", missing)
	}
}

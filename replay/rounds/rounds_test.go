package rounds_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reprise/capture/yamldoc"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
	"reprise/replay/rounds"
	"reprise/replay/send"
	"reprise/replay/session"
)

const corpus = "../session/testdata/minute.rpz"

func TestTurnsAreShared(t *testing.T) {
	var names []string
	for _, turn := range rounds.Turns(3) {
		names = append(names, turn.Name())
	}
	want := []string{
		"round1-base.rpr", "round1-candidate.rpr", "round2-candidate.rpr", "round2-base.rpr", "round3-base.rpr", "round3-candidate.rpr",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	if got := rounds.Pairs(names); !slices.IsSorted(got) || len(got) != 6 {
		t.Errorf("pairs are %v", got)
	}
}

// TestNothingIsPlayedBeforeAllIsThere holds that a target which is not there, or a name which is taken, ends several runs before the
// first.
func TestNothingIsPlayedBeforeAllIsThere(t *testing.T) {
	got := 0
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got++ }))
	defer target.Close()
	play := func(folder string, targets ...string) error {
		var plays []rounds.Play
		for i, u := range targets {
			plays = append(plays, rounds.Play{Name: string(rune('a'+i)) + ".rpr", Target: u, Options: session.Options{Tempo: session.Tempo{TimeScale: 1000}}})
		}
		f := rounds.Files{Folder: folder}
		defer f.Close()
		return f.Play(t.Context(), corpus, plays, rounds.Hooks{})
	}
	err := play("", target.URL, "http://127.0.0.1:1")
	if bad, ok := errors.AsType[*rounds.TargetError](err); !ok || bad.Target != "http://127.0.0.1:1" || !errors.Is(err, send.ErrUnreachable) {
		t.Errorf("a target that is not there: %v", err)
	}
	if err := play("", target.URL, ""); !errors.Is(err, session.ErrNoTarget) {
		t.Errorf("no target: %v", err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "b.rpr"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := play(folder, target.URL, target.URL); !errors.Is(err, os.ErrExist) {
		t.Errorf("a name that is taken: %v", err)
	}
	if got > 0 {
		t.Errorf("%d requests were sent", got)
	}
}

// TestPlayed holds that each run is told of, also one that gave up, and that what Played returns ends all.
func TestPlayed(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer target.Close()
	stopOn, err := results.ParseStopOn("errors>50%/50ms")
	if err != nil {
		t.Fatal(err)
	}
	o := session.Options{Tempo: session.Tempo{TimeScale: 100}, StopOn: stopOn}
	play := rounds.Play{Target: target.URL, Options: o}
	var files rounds.Files
	defer files.Close()
	enough := errors.New("enough")
	var ends []error
	err = files.Play(t.Context(), corpus, []rounds.Play{play, play, play}, rounds.Hooks{
		Played: func(_ context.Context, i int, _ *session.Session, run *results.Run, _ string, err error) error {
			if ends = append(ends, err); run.Footer.State != replay.Aborted {
				t.Errorf("run %d is %s", i, run.Footer.State)
			}
			if i == 1 {
				return enough
			}
			return nil
		},
	})
	if !errors.Is(err, enough) || len(ends) != 2 || !errors.Is(ends[0], replay.ErrAborted) || len(files.Paths) != 2 {
		t.Errorf("%v after %v, %d files", err, ends, len(files.Paths))
	}
}

// TestBaseline holds that a run is judged alike by run files and by what was written of them.
func TestBaseline(t *testing.T) {
	var good []string
	for _, name := range []string{"cal1.rpr", "cal2.rpr", "cal3.rpr"} {
		good = append(good, "../../cmd/reprise/testdata/"+name)
	}
	var j rounds.Judge
	now := time.Now()
	p, err := j.Learn(t.Context(), good, nil, now)
	if err != nil || len(p.Runs) != 3 {
		t.Fatalf("%v, %+v", err, p)
	}
	c, err := j.Baseline(t.Context(), good, good[1], now)
	if err != nil || c.Verdict != compare.Equivalent {
		t.Errorf("%v, %+v", err, c)
	}
	if c, err := j.Baseline(t.Context(), good[:1], good[1], now); err != nil || c.Verdict != compare.Invalid || c.Invalid[0].What != "baseline" {
		t.Errorf("one run is a baseline: %v, %+v", err, c)
	}
	p, err = j.Learn(t.Context(), append([]string{good[0], "../../cmd/reprise/testdata/base.rpr"}, good...), nil, now)
	if err != nil || len(p.Runs) != 3 || len(p.LeftOut) != 2 || p.LeftOut[0].What != "plan" || p.LeftOut[1].What != "repeated" {
		t.Errorf("of good runs and others: %v, %+v", err, p)
	}
	_, err = j.Baseline(t.Context(), []string{corpus}, good[1], now)
	content, ok := errors.AsType[*yamldoc.ContentError](err)
	if !ok || content.Name != corpus || !errors.As(err, new(*rounds.BaselineError)) || !errors.Is(err, compare.ErrProfile) {
		t.Errorf("a corpus as a baseline: %v", err)
	}
	_, err = j.Files(t.Context(), []string{good[0], corpus})
	if bad, ok := errors.AsType[*rounds.RunError](err); !ok || bad.Path != corpus || !errors.Is(err, results.ErrFormat) {
		t.Errorf("a corpus as a run: %v", err)
	}
}

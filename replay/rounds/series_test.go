package rounds_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"reprise/replay/compare"
	"reprise/replay/rounds"
	"reprise/replay/session"
)

// played is what came of rounds that were played until they were decided.
type played struct {
	series rounds.Series
	files  rounds.Files
	begun  []string // names of plays
	looked []int    // rounds
}

// until plays the corpus, of 60 requests, at a base and at a candidate, each of which fails so many of the first.
func until(t *testing.T, looks compare.Looks, base, candidate int64, change func(*played, *rounds.Hooks)) (*played, error) {
	t.Helper()
	serve := func(failures int64) string {
		var got atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if (got.Add(1)-1)%60 < failures {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	at := func(url string) rounds.Play {
		return rounds.Play{Target: url, Options: session.Options{Tempo: session.Tempo{TimeScale: 1000}}}
	}
	p := &played{files: rounds.Files{Folder: t.TempDir()}}
	t.Cleanup(p.files.Close)
	p.series.Judge = &rounds.Judge{Options: compare.Options{Looks: looks}, WarmUp: rounds.WarmUp{Fixed: true}}
	p.series.Looked = func(c *compare.Comparison) { p.looked = append(p.looked, c.Method.Rounds) }
	plays := rounds.Planned(looks, at(serve(base)), at(serve(candidate)))
	hooks := rounds.Hooks{Enough: p.series.Enough, Begin: func(i int) { p.begun = append(p.begun, plays[i].Which) }}
	if change != nil {
		change(p, &hooks)
	}
	return p, p.files.Play(t.Context(), corpus, plays, hooks)
}

// TestPlayedUntilDecided holds that what is decided ends the playing, that what is not is played to the end of the plan in the order of
// Turns, and that rounds which were read one by one come to what they come to when they are read at once.
func TestPlayedUntilDecided(t *testing.T) {
	for _, tc := range []struct {
		name            string
		looks           compare.Looks
		base, candidate int64
		rounds          int
		looked          []int
	}{
		{"a candidate that fails", compare.Looks{First: 2, Most: 4}, 0, 60, 2, nil},
		{"one round first", compare.Looks{First: 1, Most: 3}, 0, 60, 2, []int{1}},
		{"a failure more", compare.Looks{First: 2, Most: 4}, 30, 31, 4, []int{2, 3}},
		{"too few requests to tell", compare.Looks{First: 2, Most: 4}, 0, 0, 2, nil},
	} {
		p, err := until(t, tc.looks, tc.base, tc.candidate, nil)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if len(p.files.Paths) != 2*tc.rounds || !slices.Equal(p.looked, tc.looked) {
			t.Errorf("%s: %d runs, looks after %v, want %d and %v", tc.name, len(p.files.Paths), p.looked, 2*tc.rounds, tc.looked)
		}
		got, err := p.series.End(t.Context(), p.files.Paths)
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.series.Judge.Rounds(t.Context(), rounds.Pairs(p.files.Paths))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(got)
		if b, _ := json.Marshal(want); len(a) == 0 || string(a) != string(b) {
			t.Errorf("%s: read one by one %s, at once %s", tc.name, a, b)
		}
		// On a busy machine runs may be invalid by lag, which ends nothing earlier that is undecided.
		wrong := compare.Regressed
		if tc.candidate == 60 {
			wrong = compare.Inconclusive
		}
		if got.Verdict == wrong || got.Method.Looks.MostRounds != tc.looks.Most {
			t.Errorf("%s: %s, %+v", tc.name, got.Verdict, got.Method.Looks)
		}
	}
	p, _ := until(t, compare.Looks{First: 2, Most: 3}, 30, 31, nil)
	want := []string{
		"round 1 of up to 3, base", "round 1 of up to 3, candidate", "round 2 of up to 3, candidate", "round 2 of up to 3, base",
		"round 3 of up to 3, base", "round 3 of up to 3, candidate",
	}
	if !slices.Equal(p.begun, want) {
		t.Errorf("played were %q", p.begun)
	}
}

// TestNothingIsPlayedAfterAnEndInDisorder holds that an interrupt while rounds are judged, and a run that cannot be read, end all.
func TestNothingIsPlayedAfterAnEndInDisorder(t *testing.T) {
	looks := compare.Looks{First: 1, Most: 3}
	enough := errors.New("enough of it")
	p, err := until(t, looks, 0, 0, func(p *played, h *rounds.Hooks) {
		h.Enough = func(ctx context.Context, paths []string) (bool, error) {
			cut, cancel := context.WithCancelCause(ctx)
			if len(paths) == 2 {
				cancel(enough)
			}
			defer cancel(nil)
			return p.series.Enough(cut, paths)
		}
	})
	if !errors.Is(err, enough) || len(p.files.Paths) != 2 {
		t.Errorf("after an interrupt: %v, %d runs", err, len(p.files.Paths))
	}
	p, err = until(t, looks, 0, 0, func(p *played, h *rounds.Hooks) {
		h.Enough = func(ctx context.Context, paths []string) (bool, error) {
			if len(paths) < 4 {
				return p.series.Enough(ctx, paths)
			}
			return p.series.Enough(ctx, []string{paths[0], paths[1], corpus, paths[3]})
		}
	})
	if bad, ok := errors.AsType[*rounds.RunError](err); !ok || bad.Path != corpus || len(p.files.Paths) != 4 {
		t.Errorf("after a file that is no run: %v, %d runs", err, len(p.files.Paths))
	}
}

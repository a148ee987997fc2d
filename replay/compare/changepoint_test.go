package compare

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"reprise/replay"
)

// oneTrack is a series of one figure.
func oneTrack(values []float64) *Series {
	return &Series{Runs: identity(len(values)), Tracks: []Track{{Kind: "all", Metric: MetricP50, Values: values}}}
}

func changesOf(t testing.TB, s *Series) (at []int) {
	t.Helper()
	found, _, err := s.changes(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		at = append(at, c.Run)
	}
	return at
}

// The statistic and the places against testdata/energy.py, which has nothing in common with the code here; and the change points that Otava
// finds in the series of its own tests.
func TestEnergy(t *testing.T) {
	b, err := os.ReadFile("testdata/energy.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name          string
		Values        []float64
		At            int
		Energy        float64
		AtExponentOne int `json:"at_exponent_1"`
		Changes       []int
	}
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		track := clean(&Track{Metric: MetricP50, Values: c.Values})
		for i := range track.weights { // spikes are no part of the definition
			track.weights[i] = 1
		}
		whole := segment{0, len(c.Values)}
		s := newScanner([]cleaned{track}, []segment{whole}, 0)
		s.lay(0, identity(whole.to))
		at, clear := s.divide(whole, 0)
		// The evidence has the energy in it: q of rest.
		n := float64(whole.to)
		mean := s.sum[whole.to] / n
		q := c.Energy / 2
		want := evidence(q, s.square[whole.to]-n*mean*mean-q, 0, n)
		if at != c.At || math.Abs(clear-want) > 1e-9*want {
			t.Errorf("%s: parts at %d by %v, want %d by %v", c.Name, at, clear, c.At, want)
		}
		if len(c.Changes) == 1 && c.AtExponentOne != c.At {
			t.Errorf("%s: the exponent 1 parts at %d, 2 at %d", c.Name, c.AtExponentOne, c.At)
		}
		if got := changesOf(t, oneTrack(c.Values)); !slices.Equal(got, c.Changes) {
			t.Errorf("%s: changes at %v, want %v", c.Name, got, c.Changes)
		}
	}
}

// A history told backwards has its changes at the same runs, and one in other units has the same changes.
func TestHistoryTurnedAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 20 {
		n := 20 + rng.IntN(60)
		at := 6 + rng.IntN(n-12)
		values := make([]float64, n)
		for k := range values {
			values[k] = 2e7 * math.Exp(0.02*rng.NormFloat64())
			if k >= at {
				values[k] *= 1.25
			}
		}
		values[rng.IntN(n)] *= 1.5
		backwards, seconds := slices.Clone(values), slices.Clone(values)
		slices.Reverse(backwards)
		for k := range seconds {
			seconds[k] *= 1e-9
		}
		here, there, same := changesOf(t, oneTrack(values)), changesOf(t, oneTrack(backwards)), changesOf(t, oneTrack(seconds))
		for k := range there {
			there[k] = n - there[k]
		}
		slices.Sort(there)
		if len(here) == 0 || !slices.Equal(here, same) || len(here) != len(there) {
			t.Fatalf("%d: step at %d of %d: %v, backwards %v, in seconds %v", i, at, n, here, there, same)
		}
		for k := range here {
			if d := here[k] - there[k]; d < -1 || d > 1 {
				t.Errorf("%d: step at %d of %d: %v, backwards %v", i, at, n, here, there)
			}
		}
	}
}

// A level that lasts for twelve runs of two hundred is found by the windows.
func TestShortLevelOfALongHistory(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	values := make([]float64, 200)
	for k := range values {
		values[k] = math.Exp(0.02 * rng.NormFloat64())
		if k >= 90 && k < 102 {
			values[k] *= 1.07
		}
	}
	if got := changesOf(t, oneTrack(values)); len(got) != 2 || got[0] < 89 || got[0] > 91 || got[1] < 101 || got[1] > 103 {
		t.Errorf("changes at %v", got)
	}
}

// Runs without a figure are passed over, and a track that most runs do not have is not tested.
func TestHistoryWithHoles(t *testing.T) {
	s := simulated{runs: 40, noise: 0.02, failing: 0.001, step: 0.1, at: 25}.series(rand.New(rand.NewPCG(1, 1)))
	for i := range s.Tracks {
		for k := range s.Runs {
			if i == 0 && k%2 == 0 || i > 0 && k%7 == 3 {
				s.Tracks[i].Values[k] = math.NaN()
			}
		}
	}
	if got := changesOf(t, s); !slices.Equal(got, []int{25}) {
		t.Errorf("changes at %v", got)
	}
	if s.Tracks[0].Tested || !s.Tracks[1].Tested {
		t.Errorf("tested: %v and %v", s.Tracks[0].Tested, s.Tracks[1].Tested)
	}
}

// Runs that are as one have no noise, and a change of them is one.
func TestHistoryWithoutNoise(t *testing.T) {
	values := slices.Repeat([]float64{2e7}, 20)
	if got := changesOf(t, oneTrack(values)); got != nil {
		t.Errorf("flat: %v", got)
	}
	for k := 12; k < 20; k++ {
		values[k] = 2.1e7
	}
	if got := changesOf(t, oneTrack(values)); !slices.Equal(got, []int{12}) {
		t.Errorf("step: %v", got)
	}
	for k := 12; k < 20; k++ {
		values[k] = 2.01e7 // half a percent is below the floor
	}
	if got := changesOf(t, oneTrack(values)); len(got) != 0 {
		t.Errorf("small step: %v", got)
	}
}

// FuzzHistory holds that any figures give a history whose JSON is whole.
func FuzzHistory(f *testing.F) {
	f.Add([]byte("a history of figures that say nothing at all, and of more than ten runs, as each takes ten bytes of this text here"))
	f.Add(bytes.Repeat([]byte{255, 255, 255, 255, 255, 255, 255, 127, 3, 9}, 12))
	f.Add(append(make([]byte, 120), bytes.Repeat([]byte{0, 1}, 60)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var runs []HistoryRun
		for i := 0; len(b) >= 10 && i < 40; i, b = i+1, b[10:] {
			r := historyRun(i, time.Duration(binary.LittleEndian.Uint64(b)))
			sent, failed := int64(b[8])*int64(b[8]), int64(b[9])
			r.Summary.Ledger.Tally = replay.Tally{OK: sent, Failed: failed}
			r.Summary.Status = map[string]int64{"200": sent}
			runs = append(runs, r)
		}
		h := historyOf(t, runs)
		last := -1
		for _, c := range h.Changes {
			if c.Run <= last || c.Run >= len(h.Runs) || c.Before >= c.Run || len(c.Tracks) == 0 || c.P <= 0 || c.P > HistoryLevel {
				t.Errorf("change %+v", c)
			}
			last = c.Run
		}
	})
}

func BenchmarkHistory(b *testing.B) {
	for _, c := range []struct {
		name string
		of   simulated
	}{
		{"40 runs", usual()},
		{"500 runs", simulated{runs: 500, noise: 0.02, failing: 0.001}},
		{"500 runs of 5 levels", simulated{runs: 500, noise: 0.02, failing: 0.001, levels: 5}},
	} {
		b.Run(c.name, func(b *testing.B) {
			series := c.of.series(rand.New(rand.NewPCG(1, 1)))
			for b.Loop() {
				if _, _, err := series.changes(b.Context(), 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package corpus

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"reprise/capture"
)

// list is a sink that keeps clones.
type list []capture.Record

func (l *list) Write(r *capture.Record) error {
	*l = append(*l, *r.Clone())
	return nil
}

func byTime(a, b capture.Record) int { return a.Time.Compare(b.Time) }

// disorders are ways to shuffle.
func disorders(seed uint64) map[string]func([]capture.Record) {
	rng := rand.New(rand.NewPCG(seed, 2))
	return map[string]func([]capture.Record){
		"sorted":  func([]capture.Record) {},
		"reverse": slices.Reverse[[]capture.Record],
		"random": func(r []capture.Record) {
			rng.Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
		},
		"nearly": func(r []capture.Record) {
			for i := range len(r) - 20 {
				j := i + rng.IntN(20)
				r[i], r[j] = r[j], r[i]
			}
		},
		"one late": func(r []capture.Record) {
			first := r[0]
			copy(r, r[1:])
			r[len(r)-1] = first
		},
	}
}

func TestSorter(t *testing.T) {
	for name, disorder := range disorders(1) {
		for _, memory := range []int64{1, 50_000, 1 << 30} {
			t.Run(name, func(t *testing.T) {
				n := 3000
				if memory == 1 {
					n = 300
				}
				in := sample(n, 7)
				disorder(in)
				want := slices.Clone(in)
				slices.SortStableFunc(want, byTime)

				dir := t.TempDir()
				var got list
				s := NewSorter(&got, dir, memory)
				for i := range in {
					if err := s.Write(&in[i]); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Close(context.Background()); err != nil {
					t.Fatal(err)
				}
				mustEqual(t, got, want)
				mustBeEmpty(t, dir)

				path := filepath.Join(dir, "a.rpz")
				f, err := Create(path, Header{State: Raw}, false)
				if err != nil {
					t.Fatal(err)
				}
				s = NewSorter(f, dir, memory)
				for i := range in {
					if err := s.Write(&in[i]); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Close(context.Background()); err != nil {
					t.Fatal(err)
				}
				if err := f.Commit(); err != nil {
					t.Fatal(err)
				}
				r, err := Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if !r.Hosts().Match("A.EXAMPLE") || r.Hosts().Len() != 2 {
					t.Errorf("hosts were lost")
				}
				mustEqual(t, readAll(t, r), want)
				if d := r.Damage(); len(d) > 0 {
					t.Errorf("damage %v", d)
				}
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				mustBeEmpty(t, dir)
			})
		}
	}
}

func mustBeEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v (%v)", left, err)
	}
}

package pace

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// crowd are arrivals of some people and of nobody, in clumps.
func crowd(n int) (list []Arrival) {
	random := rand.New(rand.NewPCG(3, 4))
	at := time.Duration(0)
	for i := range n {
		if random.IntN(8) == 0 {
			at += time.Duration(random.Int64N(int64(10 * time.Second)))
		}
		at += time.Duration(random.Int64N(int64(20 * time.Millisecond)))
		a := Arrival{Seq: int64(3 * i), At: at}
		if random.IntN(10) > 0 {
			a.Person = uint64(1 + random.IntN(n/3+1))
		}
		list = append(list, a)
	}
	return list
}

// cut is what a Ranking makes of arrivals.
func cut(seed uint64, list []Arrival, n int64) *PeopleCut {
	r := NewRanking(seed)
	for _, a := range list {
		r.Count(a.Seq, a.Person)
	}
	r.Narrow(n)
	for _, a := range list {
		r.Look(a.Seq, a.Person)
	}
	return r.Cut()
}

// TestExact holds that so many are played as were asked for, each recorded one a whole number of times or once more, and that new people
// play what is beyond the recorded.
func TestExact(t *testing.T) {
	for _, recorded := range []int{1, 7, 500} {
		list := crowd(recorded)
		for _, n := range []int64{1, 2, 7, 499, 500, 501, 1250, 1500} {
			for _, people := range []bool{false, true} {
				o := Options{Seed: 11, Exact: &Exact{Messages: n, Recorded: int64(recorded)}}
				if people {
					o.Exact.People = cut(o.Seed, list, n%int64(recorded))
				}
				plays := playAll(t, o, list)
				if int64(len(plays)) != n {
					t.Errorf("%d of %d, by people %v: %d plays", n, recorded, people, len(plays))
				}
				times := make(map[int64]int64)
				for _, p := range plays {
					times[p.Seq]++
				}
				for seq, got := range times {
					if whole := n / int64(recorded); got < whole || got > whole+1 {
						t.Errorf("%d of %d: record %d is played %d times", n, recorded, seq, got)
					}
				}
			}
		}
	}
}

// TestExactByPeople holds that people are chosen whole, but for the last one, whose first messages are.
func TestExactByPeople(t *testing.T) {
	list := crowd(3000)
	for _, n := range []int64{1, 10, 500, 1234, 2999, 3000} {
		o := Options{Seed: 5, Exact: &Exact{Messages: n, Recorded: 3000, People: cut(5, list, n%3000)}}
		if n == 3000 {
			o.Exact.Messages = 2999 // all but one
			o.Exact.People = cut(5, list, 2999)
		}
		played := make(map[int64]bool)
		for _, p := range playAll(t, o, list) {
			played[p.Seq] = true
		}
		partly := 0
		of := make(map[uint64][]bool)
		for _, a := range list {
			if a.Person > 0 {
				of[a.Person] = append(of[a.Person], played[a.Seq])
			}
		}
		for person, messages := range of {
			if slices.Contains(messages, true) && slices.Contains(messages, false) {
				partly++
				if slices.Index(messages, false) < len(messages)-1 && slices.Contains(messages[slices.Index(messages, false):], true) {
					t.Errorf("%d: of person %d not the first messages are played", n, person)
				}
			}
		}
		if partly > 1 {
			t.Errorf("%d: %d people are cut", n, partly)
		}
	}
}

// TestExactKeepsTheCurve holds that what is drawn lies where the recorded messages do: in each tenth of them as many, but for chance, and
// other ones under another seed.
func TestExactKeepsTheCurve(t *testing.T) {
	const recorded, n = 20000, 5000
	list := crowd(recorded)
	var first []Play
	for seed := range uint64(3) {
		plays := playAll(t, Options{Seed: seed, Exact: &Exact{Messages: n, Recorded: recorded}}, list)
		var tenths [10]int
		for _, p := range plays {
			tenths[p.Seq/3*10/recorded]++
		}
		for i, got := range tenths {
			if got < n/10-80 || got > n/10+80 { // four standard deviations
				t.Errorf("seed %d: %d of tenth %d", seed, got, i)
			}
		}
		if seed > 0 && slices.Equal(plays, first) {
			t.Error("two seeds draw the same")
		}
		first = plays
	}
}

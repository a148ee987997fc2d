package cause

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// ill are worlds with one fault each, and the attributes that may be told first.
func ill() []struct {
	name string
	make func(w *world)
	want []Attribute
} {
	return []struct {
		name string
		make func(w *world)
		want []Attribute
	}{
		{"a race of one person", func(w *world) {
			w.since(func(i int) int { return w.person[i] }, func(i int, gap time.Duration) {
				if gap >= 0 && gap < time.Second {
					w.service[i] *= 8
				}
			})
		}, []Attribute{SamePersonWithin}},
		{"one recipient", func(w *world) {
			for i := range w.at {
				if w.recipient[i] == 6 {
					w.service[i] *= 6
				}
			}
		}, []Attribute{Recipient}},
		{"a kind", func(w *world) {
			for i := range w.at {
				if w.kind[i] == 1 {
					w.service[i] *= 5
				}
			}
		}, []Attribute{Kind}},
		{"subscribe again", func(w *world) {
			w.since(func(i int) int { return w.person[i] }, func(i int, gap time.Duration) {
				if gap >= 0 && w.kind[i] == 4 {
					w.service[i] *= 6
				}
			})
		}, []Attribute{Kind, FirstOfPerson}},
		{"shared CPU", func(w *world) {
			b := w.burst(100*time.Millisecond, func(int) int { return 0 })
			for i := range w.at {
				w.service[i] *= 1 + max(0, b[i]-15)*0.3
			}
		}, []Attribute{Burst100ms, Burst1s, InFlight}},
		{"a size", func(w *world) {
			for i := range w.at {
				if w.bytes[i] > 1200 {
					w.service[i] *= 7
				}
			}
		}, []Attribute{BodyBytes}},
		{"one consumer", func(w *world) {
			w.completion = make([]float64, len(w.at))
			free := time.Duration(0)
			for i, at := range w.at {
				if w.completion[i] = 5 + 5*w.r.ExpFloat64(); w.kind[i] == 0 {
					free = max(free, at) + time.Duration(float64(38*time.Millisecond)*w.r.ExpFloat64())
					w.completion[i] = float64(free-at) / 1e6
				}
			}
		}, []Attribute{Kind}},
		{"an outage", func(w *world) {
			w.failures = []string{"status 500", "timeout"}
			for i := range w.at {
				if s := w.at[i].Seconds(); s > 20 && s < 23.5 && w.r.Float64() < 0.8 {
					w.failure[i] = 2
				}
			}
		}, []Attribute{RunSecond}},
		{"429 above a rate", func(w *world) {
			w.failures = []string{"rate_limited"}
			b := w.burst(time.Second, func(int) int { return 0 })
			for i := range w.at {
				if b[i] > 150 && w.r.Float64() < 0.5 {
					w.failure[i] = 1
				}
			}
		}, []Attribute{Burst1s}},
		{"a recipient fails", func(w *world) {
			w.failures = []string{"status 500"}
			for i := range w.at {
				if w.recipient[i] == 5 && w.r.Float64() < 0.3 {
					w.failure[i] = 1
				}
			}
		}, []Attribute{Recipient}},
	}
}

func TestSearchFinds(t *testing.T) {
	inOneGoroutine(t)
	for _, tc := range ill() {
		for seed := range uint64(3) {
			w := newWorld(seed, 6000, 100)
			tc.make(w)
			start := time.Now()
			r, err := Search(t.Context(), w.table(), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, seed %d, %v:%s", tc.name, seed, time.Since(start), tell(r))
			if len(r.Findings) == 0 || len(r.Findings[0].Where) == 0 || !has(tc.want, r.Findings[0].Where[0].Attribute) {
				t.Errorf("%s, seed %d: not found", tc.name, seed)
			}
		}
	}
}

func has(in []Attribute, a Attribute) bool {
	for _, v := range in {
		if v == a {
			return true
		}
	}
	return false
}

// tell is a report for logs of tests.
func tell(r *Report) string {
	s := ""
	for _, f := range r.Findings {
		s += fmt.Sprintf("\n\tm%d %s p=%.2g n=%d tail=%.2f excess=%.2f %v/%v fail %.3f/%.3f pattern %d %s same:", f.Measure, conditions(f.Where), f.P, f.Requests, f.TailExplained, f.ExcessExplained,
			f.With.P50.Round(time.Millisecond), f.Without.P50.Round(time.Millisecond), f.FailedWith, f.FailedWithout, f.Pattern, f.Whose)
		for _, c := range f.Same {
			s += " [" + conditions(c) + "]"
		}
	}
	if r.WhyNot != nil {
		s += fmt.Sprintf(" why not %+v", *r.WhyNot)
	}
	return s
}

func conditions(cs []Condition) string {
	s := ""
	for _, c := range cs {
		s += c.Attribute.String()
		if len(c.Values) > 0 {
			s += fmt.Sprint(c.Values)
		}
		if !math.IsNaN(c.From) {
			s += fmt.Sprintf(">=%g", c.From)
		}
		if !math.IsNaN(c.To) {
			s += fmt.Sprintf("<%g", c.To)
		}
		s += " "
	}
	return s
}

func TestSearchHealthy(t *testing.T) {
	inOneGoroutine(t)
	accused := 0
	for seed := range uint64(100) {
		w := newWorld(1000+seed, 3000, 100)
		r, err := Search(t.Context(), w.table(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) > 0 {
			accused++
			t.Logf("seed %d:%s", seed, tell(r))
		}
	}
	if accused > 1 {
		t.Errorf("%d of 100 healthy runs accused", accused)
	}
}

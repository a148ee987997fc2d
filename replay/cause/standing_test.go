package cause

import (
	"math"
	"testing"
)

// fullQueue is a run of 1,440 requests in bursts in front of servers that are busy nearly all the time.
func fullQueue(seed uint64, servers int, load float64, after bool) *world {
	const rate = 120
	w := newWorld(seed, 1440, rate)
	span := w.at[len(w.at)-1].Seconds()
	each := load * float64(servers) * span / float64(len(w.at))
	free := make([]float64, servers)
	waits := make([]float64, len(w.at))
	for i, at := range w.at {
		first := 0
		for k := range free {
			if free[k] < free[first] {
				first = k
			}
		}
		free[first] = max(free[first], at.Seconds()) + each*math.Exp(0.1*w.r.NormFloat64())
		waits[i] = (free[first] - at.Seconds()) * 1000
	}
	if after {
		w.completion = waits
		return w
	}
	for i := range waits {
		w.service[i] += waits[i]
	}
	return w
}

// TestStandingQueue: a queue that is hardly ever empty is found, before the answer and after it, though it is one piece of time. In one
// of the 60 runs something that grows along with the queue may be named.
func TestStandingQueue(t *testing.T) {
	inOneGoroutine(t)
	other := 0
	for _, after := range []bool{false, true} {
		for _, servers := range []int{1, 2, 4} {
			for seed := range uint64(5) {
				for _, load := range []float64{0.97, 1.5} {
					report := mustSearch(t, fullQueue(seed, servers, load, after).table())
					if len(report.Findings) == 0 {
						t.Errorf("after the answer %v, %d servers, load %v, seed %d: nothing is told: %+v", after, servers, load, seed, report.WhyNot)
						continue
					}
					f := report.Findings[0]
					if f.Whose != OfTarget || f.Pattern != Queue && f.Pattern != SharedCPU {
						other++
						t.Logf("after the answer %v, %d servers, load %v, seed %d: %v's, pattern %d, where %+v", after, servers, load, seed, f.Whose, f.Pattern, f.Where)
					}
					if want := map[bool]Measure{false: ServiceTime, true: CompletionTime}[after]; f.Measure != want {
						t.Errorf("after the answer %v, %d servers, load %v, seed %d: measure %d, want %d", after, servers, load, seed, f.Measure, want)
					}
					if f.Servers != 0 && f.Servers < servers {
						t.Errorf("after the answer %v, %d servers, load %v, seed %d: at most %d servers are told", after, servers, load, seed, f.Servers)
					}
				}
			}
		}
	}
	if other > 1 {
		t.Errorf("%d of 60 runs name something else", other)
	}
}

// TestNothingStands: what drifts, leaps, stands still or is slow by chance is no queue.
func TestNothingStands(t *testing.T) {
	inOneGoroutine(t)
	for seed := range uint64(40) {
		for name, d := range map[string]*drawn{
			"healthy":      healthy(seed),
			"a step":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).times(func(at float64) float64 { return 1 + 4*above(at, 70) }),
			"a leak":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).times(func(at float64) float64 { return 1 + 4*at/120 }),
			"stalls":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).stallEvery(5, 10, 1),
			"rows of slow": slowRows(seed),
			"slow, spread": drawRun(seed, 120, 60, 0.5, 1.2, 0.3, 10),
		} {
			table := d.table()
			o := outcome{measure: ServiceTime, value: func(row int32) Micros { return table.Service[row] }}
			for i := range table.Len() {
				o.rows = append(o.rows, int32(i))
			}
			o.score = make([]float32, table.Len())
			s := &search{table: table, level: 0.002}
			if r := s.standing(&o, newRemainder(&o), &grid{}, nil, nil); r != nil {
				t.Errorf("%s, seed %d: a queue, p %v", name, seed, r.p)
			}
		}
	}
}

func mustSearch(t *testing.T, table *Table) *Report {
	t.Helper()
	report, err := Search(t.Context(), table, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

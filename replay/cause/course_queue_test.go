package cause

import (
	"math"
	"math/rand/v2"
	"testing"
)

// behind has each request wait for one of some servers, each of which takes so long for one; the rate humps.
func behind(seed uint64, seconds, rate float64, servers int, each float64) *drawn {
	d := &drawn{r: rand.New(rand.NewPCG(seed, 3))}
	free := make([]float64, servers)
	for at := 0.0; at < seconds; {
		now := rate * (1 + 0.6*math.Sin(2*math.Pi*at/seconds))
		at += d.r.ExpFloat64() / now
		first := 0
		for i := range free {
			if free[i] < free[first] {
				first = i
			}
		}
		free[first] = max(free[first], at) + each*math.Exp(0.2*d.r.NormFloat64())
		d.due, d.takes = append(d.due, at), append(d.takes, free[first]-at)
	}
	return d
}

func TestQueue(t *testing.T) {
	for _, servers := range []int{1, 3, 8} {
		for seed := range uint64(5) {
			const each = 0.1
			table := behind(seed, 200, 0.9*float64(servers)/each, servers, each).table()
			rows := make([]int32, table.Len())
			for i := range rows {
				rows[i] = int32(i)
			}
			q, ok := newCourse(table, ServiceTime, rows, func(row int32) Micros { return table.Service[row] }).queue(nil)
			if got := q.servers(); !ok || math.Abs(float64(got-servers)) > 0.35*float64(servers) {
				t.Errorf("seed %d: %d servers: queue %v, %d servers, %+v", seed, servers, ok, got, q)
			}
			if servers == 3 {
				if ch := only(t, "a queue that saturates", changesIn(table), Queue); ch.servers < 2 || ch.servers > 4 {
					t.Errorf("seed %d: a change of %d servers", seed, ch.servers)
				}
			}
		}
	}
}

func TestNoQueue(t *testing.T) {
	for seed := range uint64(20) {
		for name, table := range map[string]*Table{
			"healthy":      healthy(seed).table(),
			"a step":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).times(func(at float64) float64 { return 1 + 4*above(at, 70) }).table(),
			"a leak":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).times(func(at float64) float64 { return 1 + 4*at/120 }).table(),
			"stalls":       drawRun(seed, 120, 60, 0.1, 0.3, 0.05, 10).stallEvery(5, 10, 1).table(),
			"rows of slow": slowRows(seed).table(),
		} {
			rows := make([]int32, table.Len())
			for i := range rows {
				rows[i] = int32(i)
			}
			if q, ok := newCourse(table, ServiceTime, rows, func(row int32) Micros { return table.Service[row] }).queue(nil); ok {
				t.Errorf("%s, seed %d: called a queue: %+v", name, seed, q)
			}
		}
	}
}

func slowRows(seed uint64) *drawn {
	d := drawRun(seed, 120, 20, 0.01, 0.2, 0, 0)
	for at := 5.0; at < 120; at += 7 {
		d.row(at, 8, 0.02, func(int) float64 { return 0.3 })
	}
	return d
}

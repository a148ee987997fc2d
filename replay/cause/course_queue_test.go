package cause

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
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
				if ch := only(t, "a queue that saturates", changesIn(table), Queue); ch.servers != 0 && (ch.servers < 3 || ch.servers > 4) {
					t.Errorf("seed %d: a change of %d servers", seed, ch.servers)
				}
			}
		}
	}
}

func TestNoQueue(t *testing.T) {
	inOneGoroutine(t)
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

// sharing has requests share processors: each needs some time of one.
func sharing(seed uint64, rate func(at float64) float64, seconds, need float64, processors float64) *drawn {
	d := &drawn{r: rand.New(rand.NewPCG(seed, 4))}
	type job struct {
		i    int
		left float64
	}
	var jobs []job
	now := 0.0
	run := func(until float64) {
		for len(jobs) > 0 {
			next := 0
			for k := range jobs {
				if jobs[k].left < jobs[next].left {
					next = k
				}
			}
			speed := min(1, processors/float64(len(jobs)))
			ends := now + jobs[next].left/speed
			step := (min(ends, until) - now) * speed
			for k := range jobs {
				jobs[k].left -= step
			}
			if now = min(ends, until); ends > until {
				return
			}
			d.takes[jobs[next].i] = ends - d.due[jobs[next].i]
			jobs = slices.Delete(jobs, next, next+1)
		}
		now = until
	}
	for at := 0.0; at < seconds; {
		at += d.r.ExpFloat64() / rate(at)
		run(at)
		jobs = append(jobs, job{len(d.due), need * math.Exp(0.3*d.r.NormFloat64())})
		d.due, d.takes = append(d.due, at), append(d.takes, 0)
	}
	run(math.MaxFloat64 / 4)
	return d
}

// TestOverloadIsAQueue: more come for a while than a processor can do. It is no step and no stretch of its own.
func TestOverloadIsAQueue(t *testing.T) {
	for seed := range uint64(5) {
		d := sharing(seed, func(at float64) float64 { return 12 + 14*(above(at, 90)-above(at, 110)) }, 200, 0.1, 2)
		for _, ch := range changesIn(d.table()) {
			if ch.pattern != Queue {
				t.Errorf("seed %d: pattern %d from %v to %v", seed, ch.pattern, ch.span.From, ch.span.To)
			}
		}
	}
}

// TestPoolOfKinds: two kinds of three wait for one pool, while the third does not.
func TestPoolOfKinds(t *testing.T) {
	for seed := range uint64(5) {
		pool, other := behind(seed, 200, 27, 3, 0.1), drawRun(seed, 200, 25, 0.1, 0.3, 0, 0)
		kinds := Column{Attribute: Kind, Labels: []string{"help", "reaction", "unrecognized"}}
		both := &drawn{}
		for i, k := 0, 0; i < len(pool.due) || k < len(other.due); {
			code := uint8(0)
			if k == len(other.due) || i < len(pool.due) && pool.due[i] < other.due[k] {
				both.due, both.takes, code = append(both.due, pool.due[i]), append(both.takes, pool.takes[i]), uint8(1+i%2)
				i++
			} else {
				both.due, both.takes = append(both.due, other.due[k]), append(both.takes, other.takes[k])
				k++
			}
			kinds.Codes = append(kinds.Codes, code)
		}
		table := both.table()
		table.Columns = []Column{kinds}
		rows := make([]int32, table.Len())
		ch := change{hit: make([]bool, table.Len())}
		for i := range rows {
			rows[i], ch.hit[i] = int32(i), table.Intended[i] > 30*time.Second && table.Intended[i] < 170*time.Second
		}
		newCourse(table, ServiceTime, rows, func(row int32) Micros { return table.Service[row] }).queues(&ch)
		if ch.pattern != SharedPool || ch.servers < 2 || ch.servers > 4 {
			t.Errorf("seed %d: pattern %d of %d servers, want a shared pool of about 3", seed, ch.pattern, ch.servers)
		}
		for i, hit := range ch.hit {
			if hit && kinds.Codes[i] == 0 {
				t.Fatalf("seed %d: a kind that does not wait was said to be hit", seed)
			}
		}
	}
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// check is one thing that has to hold.
type check struct {
	name string
	err  error
}

// Bounds of the checks.
const (
	growthShare  = 0.10     // of memory over the last three quarters, or
	growthBytes  = 8 << 20  // so much, whichever is more
	growthShort  = 32 << 20 // and in seconds, in which every buffer is new
	clockApart   = 2 * time.Millisecond
	plannedApart = time.Second
)

// checks of a run. What a short one cannot show is judged by wider bounds.
func (f *hourFigures) checks(short bool) []check {
	least := int64(choose(short, growthShort, growthBytes))
	tool := func(s sample) int64 { return s.tool.rss }
	receiver := func(s sample) int64 { return s.receiver.rss }
	return []check{
		{"the run ended by itself", f.ended()},
		{"every request arrived once", f.arrivedOnce()},
		{"the ledger is balanced, as a whole and by kind", f.balanced()},
		{"the verdict is faithful", f.faithful()},
		{"it took as long as planned", f.onTime()},
		{"the tool's memory is flat", flat(f.samples, tool, least)},
		{"the receiver's memory is flat", flat(f.samples, receiver, least)},
		{"arrivals moved against the wall clock by its drift alone", f.clocks()},
	}
}

func (f *hourFigures) ended() error {
	if f.used.exit != 0 {
		return fmt.Errorf("exit %d: %s", f.used.exit, f.used.complaint())
	}
	return nil
}

func (f *hourFigures) arrivedOnce() error {
	if f.missing+f.twice+f.unknown > 0 || f.sent == 0 || int64(len(f.late)) != f.sent {
		return fmt.Errorf("of %d sent, %d did not arrive, %d did more than once, and %d arrivals are none of them", f.sent, f.missing, f.twice, f.unknown)
	}
	if f.run.messages > 0 && f.sent != f.run.messages {
		return fmt.Errorf("%d were sent, and the hour has %d", f.sent, f.run.messages)
	}
	return nil
}

func (f *hourFigures) balanced() error {
	l := f.summary.Ledger
	if !f.summary.balanced() || l.OK != f.sent || l.Failed+l.Shed+l.Unsent > 0 {
		return fmt.Errorf("%+v, and the run file has %d that were sent", l.counts, f.sent)
	}
	return nil
}

func (f *hourFigures) faithful() error {
	if f.summary.Verdict.Faithful {
		return nil
	}
	err := errors.New("it is not")
	for _, l := range f.summary.Verdict.Limits {
		err = fmt.Errorf("%w; %s, by the %s", err, l.What, l.Whose)
	}
	return err
}

func (f *hourFigures) onTime() error {
	if d := time.Duration(f.summary.Duration - f.summary.Planned); max(d, -d) > plannedApart {
		return fmt.Errorf("%v more than the %v that were planned", d, time.Duration(f.summary.Planned))
	}
	return nil
}

// settled are the samples of the last three quarters.
func settled(all []sample) []sample { return all[len(all)/4:] }

// growth is by how much memory grew over the last three quarters, by the straight line that fits best.
func growth(all []sample, of func(sample) int64) int64 {
	all = settled(all)
	var n, x, y, xx, xy float64
	for _, s := range all {
		t, v := s.at.Seconds(), float64(of(s))
		n, x, y, xx, xy = n+1, x+t, y+v, xx+t*t, xy+t*v
	}
	if d := n*xx - x*x; n > 2 && d > 0 {
		slope := (n*xy - x*y) / d
		return int64(slope * (all[len(all)-1].at - all[0].at).Seconds())
	}
	return 0
}

func medianOf(all []sample, of func(sample) int64) int64 {
	var v []int64
	for _, s := range all {
		v = append(v, of(s))
	}
	return median(v)
}

func flat(all []sample, of func(sample) int64, least int64) error {
	if len(all) < 4 {
		return fmt.Errorf("only %d samples", len(all))
	}
	allowed := max(least, int64(growthShare*float64(medianOf(settled(all), of))))
	if g := growth(all, of); g > allowed {
		return fmt.Errorf("it grew by %s over the last three quarters, and %s is allowed", mebibytes(g), mebibytes(allowed))
	}
	return nil
}

// moved is by how much arrivals came later at the end than at the beginning, and the wall clock's drift meanwhile: medians of the first
// and of the last tenth of the seconds in which something arrived.
func (f *hourFigures) moved() (late, drift time.Duration) {
	var with []int
	for i, s := range f.seconds {
		if s.arrived > 0 {
			with = append(with, i)
		}
	}
	part := func(of []int) (int64, int64) {
		var late, drift []int64
		for _, i := range of {
			late = append(late, f.seconds[i].late...)
			drift = append(drift, int64(f.samples[i].drift))
		}
		return median(late), median(drift)
	}
	tenth := (len(with) + 9) / 10
	firstLate, firstDrift := part(with[:tenth])
	lastLate, lastDrift := part(with[len(with)-tenth:])
	return time.Duration(lastLate - firstLate), time.Duration(lastDrift - firstDrift)
}

func (f *hourFigures) clocks() error {
	late, drift := f.moved()
	if d := late - drift; max(d, -d) > clockApart {
		return fmt.Errorf("arrivals came %v later at the end than at the beginning, and the wall clock moved by %v", late, drift)
	}
	return nil
}

// hourTable has a column a run, and a line a figure.
func hourTable(all []*hourFigures) (head []string, rows [][]string) {
	head = []string{""}
	all = slices.DeleteFunc(slices.Clone(all), func(f *hourFigures) bool { return f == nil })
	for _, f := range all {
		head = append(head, f.run.name)
	}
	add := func(name string, of func(f *hourFigures) string) {
		row := []string{name}
		for _, f := range all {
			row = append(row, of(f))
		}
		rows = append(rows, row)
	}
	add("messages", func(f *hourFigures) string { return strconv.FormatInt(f.sent, 10) })
	add("took (planned)", func(f *hourFigures) string {
		return fmt.Sprintf("%v (%v)", time.Duration(f.summary.Duration).Round(time.Millisecond), time.Duration(f.summary.Planned).Round(time.Millisecond))
	})
	add("requests/s: mean, busiest second", func(f *hourFigures) string {
		busiest := 0
		for _, s := range f.seconds {
			busiest = max(busiest, s.sent)
		}
		return fmt.Sprintf("%.1f, %d", float64(f.sent)/time.Duration(max(f.summary.Duration, 1)).Seconds(), busiest)
	})
	spread := func(m map[string]int64) string {
		return fmt.Sprintf("%s / %s / %s / %s", microsOf(m["p50"]), microsOf(m["p99"]), microsOf(m["p999"]), microsOf(m["max"]))
	}
	add("lag p50 / p99 / p99.9 / max, µs", func(f *hourFigures) string { return spread(f.summary.Lag) })
	add("latency p50 / p99 / p99.9 / max, µs", func(f *hourFigures) string { return spread(f.summary.Latency) })
	add("arrival minus intended p50 / p99 / p99.9 / max, µs", func(f *hourFigures) string {
		q := func(q float64) int64 { return quantile(f.late, q) }
		return spread(map[string]int64{"p50": q(0.5), "p99": q(0.99), "p999": q(0.999), "max": q(1)})
	})
	add("seconds with a lag over 1 ms / 10 ms / 100 ms", func(f *hourFigures) string {
		var n [3]int
		for _, s := range f.seconds {
			for i, bound := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
				if quantile(s.lag, 1) > int64(bound) {
					n[i]++
				}
			}
		}
		return fmt.Sprintf("%d / %d / %d of %d", n[0], n[1], n[2], len(f.seconds))
	})
	add("in flight at most, at the end of a second", func(f *hourFigures) string {
		most := 0
		for _, s := range f.seconds {
			most = max(most, s.inFlight)
		}
		return strconv.Itoa(most)
	})
	memory := func(of func(sample) int64) func(f *hourFigures) string {
		return func(f *hourFigures) string {
			s := settled(f.samples)
			if len(s) == 0 {
				return "–"
			}
			return fmt.Sprintf("%s, %s, %+.1f MiB", mebibytes(medianOf(s, of)), mebibytes(of(s[len(s)-1])), float64(growth(f.samples, of))/(1<<20))
		}
	}
	const settledText = "over the last three quarters: median, at the end, growth by the best line"
	add("memory of the tool "+settledText, memory(func(s sample) int64 { return s.tool.rss }))
	add("memory of the receiver "+settledText, memory(func(s sample) int64 { return s.receiver.rss }))
	add("CPU of the tool: of a core, a request", func(f *hourFigures) string {
		return fmt.Sprintf("%.1f %%, %.0f µs", 100*float64(f.used.cpu())/float64(f.used.wall), micro(f.used.cpu())/float64(max(f.sent, 1)))
	})
	add("wall clock beside the monotonic one: at the end, at most", func(f *hourFigures) string {
		var end, most time.Duration
		for _, s := range f.samples {
			end, most = s.drift, max(most, s.drift, -s.drift)
		}
		return fmt.Sprintf("%v, %v", end, most)
	})
	add("arrivals by the wall clock, last tenth minus first", func(f *hourFigures) string {
		late, drift := f.moved()
		return fmt.Sprintf("%v (the wall clock: %v)", late, drift)
	})
	add("the sampler woke up late by at most", func(f *hourFigures) string {
		var most time.Duration
		for _, s := range f.samples {
			most = max(most, s.late)
		}
		return most.String()
	})
	add("verdict", func(f *hourFigures) string { return choose(f.summary.Verdict.Faithful, "faithful", "unfaithful") })
	return head, rows
}

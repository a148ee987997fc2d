package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// hourFigures is what one run of the hour showed.
type hourFigures struct {
	run     hourRun
	used    used
	samples []sample
	summary *summary
	seconds []second // one a sample
	late    []int64  // arrival minus intended moment by the wall clock, ns, in order of size
	// How often requests arrived: those of the run file that did not, those that did more than once, and arrivals of none of them.
	missing, twice, unknown int
	sent                    int64
}

// second is what the run file and the receiver say of the time up to a sample.
type second struct {
	sent, arrived, inFlight int
	lag, late               []int64 // ns, in order of size
}

// sentRow is a request of the run file.
type sentRow struct {
	Seq, Copy int64
	Intended  int64  `json:"intended_ns"`
	Sent      *int64 `json:"sent_ns"`
	Done      int64  `json:"done_ns"`
}

// read takes the summary, the run file, a row a request, and the arrivals.
func (f *hourFigures) read(ctx context.Context, b *bench, file func(ending string) string) error {
	var err error
	if f.summary, err = parseSummary(f.used.out); err != nil {
		return err
	}
	u, err := do(ctx, job{argv: []string{b.reprise, "inspect", "--json", file(".rpr")}, cpu: anyCPU})
	if err != nil {
		return err
	}
	started, err := startOf(u.out)
	if err != nil {
		return err
	}
	var rows []sentRow
	err = b.rows(ctx, func(line []byte) error {
		var r sentRow
		err := json.Unmarshal(line, &r)
		rows = append(rows, r)
		return err
	}, file(".rpr"))
	if err != nil {
		return err
	}
	arrivals, err := readArrivals(file(".arrivals"))
	if err != nil {
		return err
	}
	f.join(started, rows, arrivals)
	return nil
}

// startOf is the run's first moment by the wall clock, as inspect --json tells it.
func startOf(text string) (time.Time, error) {
	var s struct {
		Began time.Time `json:"began"`
	}
	err := json.Unmarshal([]byte(text), &s)
	if err == nil && s.Began.IsZero() {
		err = errors.New("the run file does not say when the run began")
	}
	return s.Began, err
}

// join sorts requests and arrivals into the samples' seconds, and holds one against the other.
func (f *hourFigures) join(started time.Time, rows []sentRow, arrivals []arrival) {
	type key struct{ seq, copy int64 }
	intended := make(map[key]int64, len(rows))
	seen := make(map[key]int, len(rows))
	zero := started.UnixNano()
	f.seconds = make([]second, len(f.samples))
	for _, r := range rows {
		if r.Sent == nil {
			continue
		}
		f.sent++
		intended[key{r.Seq, r.Copy}] = r.Intended
		from, to := f.at(zero+*r.Sent), f.at(zero+r.Done)
		if from < len(f.seconds) {
			f.seconds[from].sent++
			f.seconds[from].lag = append(f.seconds[from].lag, *r.Sent-r.Intended)
		}
		for i := from; i < min(to, len(f.seconds)); i++ {
			f.seconds[i].inFlight++
		}
	}
	for _, a := range arrivals {
		k := key{a.seq, a.copy}
		when, ok := intended[k]
		if !ok {
			f.unknown++
			continue
		}
		if seen[k]++; seen[k] == 2 {
			f.twice++
		}
		late := a.at - zero - when
		f.late = append(f.late, late)
		if i := f.at(a.at); i < len(f.seconds) {
			f.seconds[i].arrived++
			f.seconds[i].late = append(f.seconds[i].late, late)
		}
	}
	f.missing = len(intended) - len(seen)
	slices.Sort(f.late)
	for i := range f.seconds {
		slices.Sort(f.seconds[i].lag)
		slices.Sort(f.seconds[i].late)
	}
}

// at is the number of the first sample that was taken at or after a moment of the wall clock.
func (f *hourFigures) at(wall int64) int {
	i, _ := slices.BinarySearchFunc(f.samples, wall, func(s sample, wall int64) int { return cmp.Compare(s.wall, wall) })
	return i
}

func hourColumns() []string {
	return []string{
		"second", "wall", "tool_rss_bytes", "receiver_rss_bytes", "tool_cpu_ms", "receiver_cpu_ms", "sent", "arrived", "in_flight",
		"lag_p50_us", "lag_p99_us", "lag_max_us", "arrival_p50_us", "arrival_p99_us", "arrival_max_us", "clock_drift_us", "sampler_late_us",
	}
}

// write makes the CSV: a line a second, empty where no request was sent or arrived.
func (f *hourFigures) write(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	_ = w.Write(hourColumns())
	var before sample
	for i, s := range f.samples {
		n := func(v int64) string { return strconv.FormatInt(v, 10) }
		x := f.seconds[i]
		line := []string{
			strconv.FormatFloat(s.at.Seconds(), 'f', 3, 64), time.Unix(0, s.wall).UTC().Format(time.RFC3339Nano), n(s.tool.rss), n(s.receiver.rss),
			n((s.tool.cpu - before.tool.cpu).Milliseconds()), n((s.receiver.cpu - before.receiver.cpu).Milliseconds()),
			strconv.Itoa(x.sent), strconv.Itoa(x.arrived), strconv.Itoa(x.inFlight),
		}
		for _, sorted := range [][]int64{x.lag, x.late} {
			for _, q := range []float64{0.5, 0.99, 1} {
				line = append(line, choose(len(sorted) == 0, "", microsOf(quantile(sorted, q))))
			}
		}
		_ = w.Write(append(line, microsOf(int64(s.drift)), microsOf(int64(s.late))))
		before = s
	}
	w.Flush()
	return errors.Join(w.Error(), out.Close())
}

func microsOf(ns int64) string { return fmt.Sprintf("%.1f", float64(ns)/1e3) }

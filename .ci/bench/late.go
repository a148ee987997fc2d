package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pacer is one row of a lateness table: a program that sends at known moments.
type pacer struct {
	name   string
	group  string // ratios are to the vegeta of the same group
	argv   []string
	rate   float64 // > 0: a constant rate, matched by order; 0: matched by the run file
	run    string  // the run file
	target []string
	note   string
}

// late is what one run of a pacer showed.
type late struct {
	p50, p99, p999, worst time.Duration
	core                  float64 // share of one
	perRequest            float64 // µs of CPU
	requests, lost        int
}

const lateAbout = "Arrival (kernel receive stamp at the receiver's socket) minus intended moment, µs; each run aligned on the one request in a " +
	"thousand that came earliest, for every tool alike. reprise is matched by its run file, vegeta and the bare loop by order, which flatters them. " +
	"The bare loop is a thread that sleeps until a moment and writes, and does nothing else: what it is late, this machine makes everybody. " +
	"Nothing is pinned: sender and receiver share the CPUs. Medians of %d interleaved repetitions of %v; CPU is that of the sender's " +
	"whole process, from its start to its end; its ratio is that of each repetition, the median and the least and the most."

// measureLateness compares the moments at which requests reach a socket.
func measureLateness(ctx context.Context, b *bench) error {
	addr, err := freePort()
	if err != nil {
		return err
	}
	vegeta, reason := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	targets, body, err := b.fixedTarget("http://" + addr)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	role := []string{"receiver", "-listen", addr, "-log", b.path("arrivals")}
	var all []pacer
	for _, rate := range []float64{2_000, 10_000} {
		group := fmt.Sprintf("%.0f/s", rate)
		corpus, err := b.corpusOf(ctx, fmt.Sprintf("steady-%.0f", rate), steady(int(rate*b.length.Seconds()), rate))
		if err != nil {
			return err
		}
		v := pacer{name: "vegeta", group: group, rate: rate, target: role, note: reason}
		v.argv = vegetaArgs(vegeta, targets, body, "-rate="+strconv.Itoa(int(rate)), "-duration="+b.length.String())
		all = append(all, v, pacer{
			name: "bare loop", group: group, rate: rate, target: role,
			argv: []string{self, "bare", addr, strconv.Itoa(int(rate)), b.length.String()},
		})
		for _, pacing := range []string{"precise", "eco"} {
			all = append(all, b.replayer("reprise "+pacing, group, corpus, "http://"+addr, role, "--pacing", pacing))
		}
	}
	corpus, err := b.corpusOf(ctx, "bursty", bursty(b.length, rand.New(rand.NewPCG(3, 4))))
	if err != nil {
		return err
	}
	for _, scale := range []string{"1", "2"} {
		all = append(all, b.replayer("reprise", "bursty, "+scale+"x", corpus, "http://"+addr, role, "--time-scale", scale))
	}
	results, err := b.paceAll(ctx, all)
	if err != nil {
		return err
	}
	about := fmt.Sprintf(lateAbout, b.reps, b.length)
	t := lateTable(all, results)
	b.title("Lateness at the receiver's socket", about)
	fmt.Fprint(b.out, t.String())
	return b.publish("lateness", lateSummary(all, results), figureTable{about, t.head, t.rows})
}

// replayer is a pacer that plays a corpus.
func (b *bench) replayer(name, group, corpus, url string, role []string, more ...string) pacer {
	p := pacer{name: name, group: group, target: role, run: b.path("late.rpr")}
	p.argv = append([]string{
		b.reprise, "replay", corpus, "--target", url, "--stop-on", "none", "--progress", "none", "--json",
		"--allow-raw", "--force", "-o", p.run,
	}, more...)
	if flag, lacks := b.lacks(more); lacks {
		p.note = "this reprise has no " + flag
	}
	return p
}

// paceAll runs each pacer in turn, several times over. A note keeps a pacer from running.
func (b *bench) paceAll(ctx context.Context, all []pacer) ([][]late, error) {
	results := make([][]late, len(all))
	for rep := range b.reps {
		for i := range all {
			p := &all[i]
			if p.note != "" || !b.wants(p.name+" "+p.group) {
				continue
			}
			l, note, err := b.pace(ctx, p)
			if err != nil {
				return nil, fmt.Errorf("%s at %s: %w", p.name, p.group, err)
			}
			if p.note = note; note != "" {
				b.say("late %d/%d: %s %s: %s", rep+1, b.reps, p.name, p.group, note)
				continue
			}
			b.say("late %d/%d: %s %s: p50 %v p99 %v", rep+1, b.reps, p.name, p.group, l.p50, l.p99)
			results[i] = append(results[i], l)
		}
	}
	return results, nil
}

// pace runs one pacer once.
func (b *bench) pace(ctx context.Context, p *pacer) (l late, note string, err error) {
	server, err := serve(ctx, anyCPU, p.target...)
	if err != nil {
		return l, "", err
	}
	u, runErr := do(ctx, job{argv: p.argv, cpu: anyCPU, limit: b.length*5 + time.Minute})
	_, err = server.stop()
	if err = errors.Join(runErr, err); err != nil {
		return l, "", err
	}
	if u.exit != 0 && u.exit != 3 {
		return l, "it ended badly: " + u.complaint(), nil
	}
	arrivals, err := readArrivals(b.path("arrivals"))
	if err != nil {
		return l, "", err
	}
	if len(arrivals) < 10 {
		return l, fmt.Sprintf("only %d requests arrived", len(arrivals)), nil
	}
	var at, intended []int64
	if p.rate > 0 {
		at, intended = byOrder(arrivals, p.rate)
	} else if at, intended, l.lost, err = b.byRun(ctx, arrivals, p.run); err != nil {
		return l, "", err
	}
	sorted := lateness(at, intended)
	l.p50, l.p99, l.p999, l.worst = quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 0.999), quantile(sorted, 1)
	l.requests = len(sorted)
	l.core = float64(u.cpu()) / float64(u.wall)
	l.perRequest = micro(u.cpu()) / float64(max(len(sorted), 1))
	return l, "", nil
}

// byRun matches arrivals with the rows of a run file; lost counts those that only one of them has.
func (b *bench) byRun(ctx context.Context, arrivals []arrival, run string) (at, intended []int64, lost int, err error) {
	type key struct{ seq, copy int64 }
	planned := make(map[key]int64, len(arrivals))
	err = b.rows(ctx, func(line []byte) error {
		var row struct {
			Seq, Copy int64
			Intended  int64 `json:"intended_ns"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		planned[key{row.Seq, row.Copy}] = row.Intended
		return nil
	}, run)
	for _, a := range arrivals {
		k := key{a.seq, a.copy}
		if when, ok := planned[k]; ok {
			at, intended = append(at, a.at), append(intended, when)
			delete(planned, k)
		} else {
			lost++
		}
	}
	return at, intended, lost + len(planned), err
}

func medianLate(all []late) late {
	of := func(f func(late) float64) float64 {
		var v []float64
		for _, l := range all {
			v = append(v, f(l))
		}
		return median(v)
	}
	return late{
		p50:        time.Duration(of(func(l late) float64 { return float64(l.p50) })),
		p99:        time.Duration(of(func(l late) float64 { return float64(l.p99) })),
		p999:       time.Duration(of(func(l late) float64 { return float64(l.p999) })),
		worst:      time.Duration(of(func(l late) float64 { return float64(l.worst) })),
		core:       of(func(l late) float64 { return l.core }),
		perRequest: of(func(l late) float64 { return l.perRequest }),
		requests:   int(of(func(l late) float64 { return float64(l.requests) })),
		lost:       int(of(func(l late) float64 { return float64(l.lost) })),
	}
}

// pairs is the CPU time a request beside a peer's of the same repetitions: the median of the ratios, and the least and the most.
func pairs(own, peer []late) string {
	if len(own) != len(peer) || len(own) == 0 {
		return ratio(medianLate(own).perRequest, medianLate(peer).perRequest)
	}
	var ratios []float64
	for i := range own {
		if peer[i].perRequest > 0 {
			ratios = append(ratios, own[i].perRequest/peer[i].perRequest)
		}
	}
	if len(ratios) == 0 {
		return ratio(0, 0)
	}
	slices.Sort(ratios)
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(ratios), ratios[0], ratios[len(ratios)-1])
}

// lateSummary says how late reprise and vegeta are at 2,000/s.
func lateSummary(all []pacer, results [][]late) (lines [][2]string) {
	said := make(map[string]string)
	for i, p := range all {
		if p.group == "2000/s" && len(results[i]) > 0 {
			l := medianLate(results[i])
			said[p.name] = fmt.Sprintf("p50 %s µs, p99 %s µs", micros(l.p50), micros(l.p99))
		}
	}
	if said["reprise precise"] != "" && said["vegeta"] != "" {
		lines = append(lines, [2]string{"how late a request arrives at the receiver's socket, 2,000/s", said["reprise precise"] + " (vegeta: " + said["vegeta"] + ")"})
	}
	return lines
}

func lateTable(all []pacer, results [][]late) table {
	t := table{head: []string{
		"schedule", "sender", "p50", "p99", "p99.9", "max", "CPU % of a core", "CPU µs a request", "p50 ÷ vegeta", "p99 ÷ vegeta", "CPU ÷ vegeta", "requests", "note",
	}}
	for i, p := range all {
		if len(results[i]) == 0 {
			if p.note != "" {
				t.add(slices.Concat([]string{p.group, p.name}, slices.Repeat([]string{"–"}, 10), []string{p.note})...)
			}
			continue
		}
		l, v := medianLate(results[i]), late{}
		var beside []late
		for j, other := range all {
			if other.group == p.group && strings.HasPrefix(other.name, "vegeta") && len(results[j]) > 0 {
				v, beside = medianLate(results[j]), results[j]
			}
		}
		note := ""
		if l.lost > 0 {
			note = fmt.Sprintf("%d without a match", l.lost)
		}
		t.add(p.group, p.name, micros(l.p50), micros(l.p99), micros(l.p999), micros(l.worst), fmt.Sprintf("%.0f", 100*l.core),
			fmt.Sprintf("%.1f", l.perRequest), ratio(float64(l.p50), float64(v.p50)), ratio(float64(l.p99), float64(v.p99)),
			pairs(results[i], beside), strconv.Itoa(l.requests), note)
	}
	return t
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reprise/capture"
	"reprise/capture/corpus"
	"slices"
	"strings"
	"time"
)

// socketDraw is a fault over sockets: a sink of this behaviour, a corpus of this spec, a replay with these flags, and the answer that is right.
type socketDraw struct {
	name, whose string
	spec        string
	batches     bool // the corpus has its kinds in blocks
	sink        string
	completions bool
	flags       []string
	senders     string
	shell       string
	cpu         int
	right       func(f *told) bool
}

// told is one finding of reprise why --json.
type told struct {
	Where   map[string]any `json:"where"`
	Whose   string         `json:"whose"`
	Pattern string         `json:"pattern"`
	Measure string         `json:"measure"`
	Says    string         `json:"says"`
	Share   float64        `json:"share"`
}

func (f *told) names(attributes ...string) bool {
	return slices.ContainsFunc(attributes, func(a string) bool { _, ok := f.Where[a]; return ok })
}

func (f *told) is(patterns ...string) bool { return slices.Contains(patterns, f.Pattern) }

// kinds are those that it names.
func (f *told) kinds() []string {
	switch v := f.Where["kind"].(type) {
	case string:
		return strings.Split(v, "|")
	case []any:
		var list []string
		for _, k := range v {
			list = append(list, fmt.Sprint(k))
		}
		return list
	}
	return nil
}

func (f *told) kindsAmong(names ...string) bool {
	kinds := f.kinds()
	return len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k string) bool { return !slices.Contains(names, k) })
}

const (
	usualSpec   = "version: 1\nseed: 5\ncurve: {constant: {rate: 250/s, for: 12s}}\npeople: {newcomers: 0.3}\n"
	usualAnswer = "default:\n  latency: {p50: 10ms, p99: 40ms}\n"
	loads       = "burst_100ms burst_1s burst_10s kind_burst_100ms kind_burst_1s kind_burst_10s in_flight"
)

// socketDraws are ten, one a fault, all plain.
func socketDraws() []socketDraw {
	always := func(*told) bool { return true }
	return []socketDraw{
		{name: "same-person race", whose: "target", sink: usualAnswer + "  same_person: {within: 300ms, slower: 100ms}\n", right: func(f *told) bool { return f.names("same_person_within") }},
		{
			name: "one kind behind n consumers", whose: "target", completions: true, sink: usualAnswer + "  work: {time: 30ms}\nkinds:\n  custom_keyword: {work: {queue: {servers: 1}, time: 28ms}}\n",
			right: func(f *told) bool {
				return f.kindsAmong("custom_keyword") && strings.HasPrefix(f.Measure, "completion")
			},
		},
		{
			name: "saturated classifier", whose: "target", sink: "queues: {classifier: {servers: 4}}\n" + usualAnswer + "kinds:\n  unrecognized: {queue: classifier, service: 29ms}\n  reaction: {queue: classifier, service: 29ms}\n",
			right: func(f *told) bool {
				return f.kindsAmong("unrecognized", "reaction") || f.is("shared_pool", "queue")
			},
		},
		{
			name: "repeated subscribe", whose: "target", spec: "version: 1\nseed: 6\ncurve: {constant: {rate: 250/s, for: 12s}}\npeople: {newcomers: 0.03}\n", sink: usualAnswer + "kinds:\n  subscribe: {repeat: {slower: 150ms}}\n",
			right: func(f *told) bool {
				return f.kindsAmong("subscribe") && f.names("first_of_person", "same_person_within") || f.is("repeat_slow")
			},
		},
		{
			name: "shared CPU", whose: "target", spec: "version: 1\nseed: 7\ncurve: {constant: {rate: 200/s, for: 15s}}\nbursts: {size: 12, duration: 100ms}\n", sink: "cores: 2\n" + usualAnswer + "  cpu: 7ms\n",
			right: func(f *told) bool { return f.names(strings.Fields(loads)...) || f.is("shared_cpu") },
		},
		{
			name: "stalling writes", whose: "target", sink: usualAnswer + "  stall: {every: 2s, for: 250ms}\n",
			right: func(f *told) bool { return f.names("run_second") || f.is("stall", "periodic") },
		},
		{name: "one sender", whose: "test", senders: "+12025550123\n", sink: usualAnswer + "  same_person: {within: 4ms, slower: 80ms}\n", right: always},
		{name: "batches by kind", whose: "test", batches: true, sink: usualAnswer + "kinds:\n  custom_keyword: {queue: {servers: 1}, service: 8ms}\n", right: always},
		{name: "repeated ids", whose: "test", flags: []string{"--loop", "2", "--keep-ids"}, sink: usualAnswer + "  repeated_ids: {slower: 100ms}\n", right: always},
		{name: "starved tool", whose: "tool", sink: usualAnswer, shell: `for i in 1 2 3 4; do (while kill -0 $$; do :; done) 2>/dev/null & done; nice -n 10`, right: always},
	}
}

// play plays a draw and asks why.
func (b *bench) playSockets(ctx context.Context, d *socketDraw, number int) (list []told, err error) {
	file := func(name string) string { return b.path(fmt.Sprintf("box-%d-%s", number, name)) }
	if err := os.WriteFile(file("spec.yaml"), []byte(choose(d.spec == "", usualSpec, d.spec)), 0o600); err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(file("sink.yaml"), []byte(d.sink), 0o600), os.WriteFile(file("senders.txt"), []byte(d.senders), 0o600)); err != nil {
		return nil, err
	}
	played := file("made.rpz")
	if err := b.must(ctx, b.reprise, "fixtures", "synth", "--spec", file("spec.yaml"), "-o", played, "--quiet"); err != nil {
		return nil, err
	}
	if d.batches {
		if err := inBlocks(ctx, played, file("blocks.rpz"), 750); err != nil {
			return nil, err
		}
		played = file("blocks.rpz")
	}
	argv := []string{"sink", "--listen", "127.0.0.1:0", "--behaviour", file("sink.yaml"), "--keywords", "VIP,SALE,BFCM", "--quiet"}
	replay := []string{b.reprise, "replay", played, "-o", file("run.rpr"), "--progress", "none", "--stop-on", "none", "--seed", "1"}
	why := []string{b.reprise, "why", file("run.rpr"), "--corpus", played, "--json"}
	if d.completions {
		argv = append(argv, "--completions", file("done.ndjson"))
		replay = append(replay, "--completions", file("done.ndjson"), "--completions-wait", "5s")
		why = append(why, "--completions", file("done.ndjson"))
	}
	if d.senders != "" {
		replay = append(replay, "--senders", file("senders.txt"))
	}
	server, addr, err := b.serve(ctx, argv...)
	if err != nil {
		return nil, err
	}
	replay = append(append(replay, "--target", "http://"+addr), d.flags...)
	if d.shell != "" {
		replay = append([]string{"/bin/sh", "-c", `trap 'kill 0' TERM; ` + d.shell + ` "$0" "$@"; exit $?`}, replay...)
	}
	u, err := do(ctx, job{argv: replay, cpu: choose(d.shell == "", anyCPU, d.cpu), limit: 2 * time.Minute})
	if err = errors.Join(err, server.stop()); err != nil {
		return nil, err
	}
	if u.exit != 0 {
		return nil, fmt.Errorf("%s: replay: %s", d.name, u.complaint())
	}
	return b.why(ctx, why)
}

// why asks a run.
func (b *bench) why(ctx context.Context, argv []string) ([]told, error) {
	u, err := do(ctx, job{argv: argv, cpu: anyCPU})
	if err != nil || u.exit != 0 {
		return nil, errors.Join(fmt.Errorf("why: %s", u.complaint()), err)
	}
	var answer struct {
		Why []told `json:"why"`
	}
	return answer.Why, json.Unmarshal([]byte(u.out), &answer)
}

// inBlocks copies a corpus with the kinds of each block of records one after the other, at the times that the records had.
func inBlocks(ctx context.Context, in, out string, block int) error {
	r, err := corpus.Open(in)
	if err != nil {
		return err
	}
	defer r.Close()
	var all []*capture.Record
	for {
		rec := new(capture.Record)
		if err := r.Next(ctx, rec); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		all = append(all, rec.Clone())
	}
	for from := 0; from < len(all); from += block {
		part := all[from:min(from+block, len(all))]
		times := make([]time.Time, len(part))
		for i := range part {
			times[i] = part[i].Time
		}
		slices.SortStableFunc(part, func(a, b *capture.Record) int { return int(a.Kind) - int(b.Kind) })
		for i := range part {
			part[i].Time = times[i]
		}
	}
	f, err := corpus.Create(out, r.Header(), true)
	if err != nil {
		return err
	}
	for _, rec := range all {
		if err := f.Write(rec); err != nil {
			return err
		}
	}
	return f.Commit()
}

// overSockets plays the ten, and fails where one's first finding is not right.
func overSockets(ctx context.Context, b *bench) error {
	var failed error
	t := table{head: []string{"fault", "whose", "told first", "right"}}
	n := 0
	for i, d := range socketDraws() {
		if !b.wants("sockets, " + d.name) {
			continue
		}
		b.say("over sockets: %s", d.name)
		list, err := b.playSockets(ctx, &d, i)
		if err != nil {
			return err
		}
		n++
		row := []string{d.name, d.whose, "nothing", "no"}
		if d.whose != "tool" { // other processes may in truth have kept this machine from it
			list = slices.DeleteFunc(list, func(f told) bool { return f.Whose == "tool" })
		}
		if len(list) > 0 {
			f := &list[0]
			row[2] = f.Whose + ": " + f.Says
			if f.Whose == d.whose && d.right(f) {
				row[3] = "yes"
			}
		}
		if t.add(row...); row[3] == "no" {
			failed = errors.Join(failed, fmt.Errorf("box: over sockets, %s: told first: %s", d.name, row[2]))
		}
	}
	if n > 0 {
		b.title("Over sockets", "The sink, a replay and reprise why as they ship; a plain draw of each fault. What is told of the tool counts for its own fault alone: this machine's other processes are no draw.")
		fmt.Fprintln(b.out, t.String())
	}
	return failed
}

// spinning plays runs at a sink without a fault while two processes spin beside: nothing is the target's.
func spinning(ctx context.Context, b *bench) error {
	if !b.wants("spinning") {
		return nil
	}
	for range 2 {
		spin := exec.CommandContext(ctx, "/bin/sh", "-c", "while :; do :; done")
		if err := spin.Start(); err != nil {
			return err
		}
		defer func() {
			_ = spin.Process.Kill()
			_ = spin.Wait()
		}()
	}
	runs := choose(b.short, 3, 40)
	target, tool := 0, 0
	for i := range runs {
		d := socketDraw{name: "spinning", spec: fmt.Sprintf("version: 1\nseed: %d\ncurve: {constant: {rate: 250/s, for: 4s}}\npeople: {newcomers: 0.3}\n", i+1), sink: "default:\n  latency: {p50: 10ms, p99: 40ms}\n"}
		list, err := b.playSockets(ctx, &d, 100+i)
		if err != nil {
			return err
		}
		switch {
		case slices.ContainsFunc(list, func(f told) bool { return f.Whose == "target" }):
			target++
			b.say("spinning, run %d: accused: %s", i, list[0].Says)
		case len(list) > 0:
			tool++
		}
	}
	b.title("Two processes spin beside", "A sink without a fault; 4 s each.")
	fmt.Fprintf(b.out, "%d of %d runs accuse the target, %d say that it is the tool's or the test's.\n", target, runs, tool)
	if target > 1 {
		return fmt.Errorf("box: %d of %d runs beside spinning processes accuse the target, more than 1", target, runs)
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fault is one thing that goes wrong in a run, and whose it is.
type fault struct {
	name, whose string
	target      string   // the mode of the target
	flags       []string // of replay
	shell       string   // what the shell does before it becomes replay; "$0" "$@" follow
	cpu         int
	during      func(p *os.Process)
	file        bool // the run is written to DISK
}

// faults lists ten of the tool's and ten of the target's.
func faults(disk string) []fault {
	x10 := []string{"--time-scale", "10"}
	list := []fault{
		{name: "starved of CPU", flags: x10, shell: `for i in 1 2 3 4; do (while kill -0 $$; do :; done) 2>/dev/null & done; nice -n 10`, cpu: 0},
		{name: "file limit", target: "slow", flags: append(x10, "--connections", "10"), shell: `ulimit -n 40;`, cpu: anyCPU},
		{name: "in-flight cap", flags: []string{"--time-scale", "20", "--max-in-flight", "3"}, cpu: anyCPU},
		{name: "SIGSTOP for 2 s", flags: x10, cpu: anyCPU, during: stopFor(2 * time.Second)},
		{name: "one processor", flags: []string{"--time-scale", "3000"}, shell: `GOMAXPROCS=1`, cpu: 0},
		{name: "rate too high", flags: []string{"--time-scale", "5000", "--loop", "20", "--limit", "200000"}, cpu: 0},
		{name: "garbage collection", flags: []string{"--time-scale", "1000", "--loop", "5"}, shell: `GOGC=1 GOMEMLIMIT=8MiB`, cpu: 0},
		{name: "senders wait for each other", flags: []string{"--time-scale", "1000", "--per-sender", "serial", "--affinity", "sender", "--connections", "1"}, cpu: anyCPU},
		{name: "slots shed", flags: []string{"--time-scale", "20", "--max-in-flight", "3", "--late", "drop"}, cpu: anyCPU},
	}
	if disk != "" {
		list = append(list, fault{name: "disk full", flags: x10, cpu: anyCPU, file: true})
	}
	for i := range list {
		list[i].whose = "tool"
		if list[i].target == "" {
			list[i].target = "well"
		}
	}
	for _, mode := range []string{"slow", "stall", "midclose", "garbage", "headers", "huge", "refuse", "reset", "errors", "grow"} {
		list = append(list, fault{name: mode, whose: "target", target: mode, flags: x10, cpu: anyCPU})
	}
	return list
}

// stopFor stops a process for a time in the middle of its run.
func stopFor(d time.Duration) func(p *os.Process) {
	return func(p *os.Process) {
		time.Sleep(4 * time.Second)
		_ = p.Signal(syscall.SIGSTOP)
		time.Sleep(d)
		_ = p.Signal(syscall.SIGCONT)
	}
}

// measureFaults injects each fault and asks the verdict whose it was. BENCH_DISK names a folder on a file system that is
// nearly full, for one more.
func measureFaults(ctx context.Context, b *bench) error {
	corpus, err := b.bursts(ctx)
	if err != nil {
		return err
	}
	b.title("Faults and whom the verdict blames", "Ten bursty minutes of traffic at ten times their tempo, one fault a run. Blamed rightly: the owner is among the limits, and "+
		"nothing of the tool's is the target's.")
	t := table{}
	t.add("fault", "whose", "flags", "limits (whose)", "faithful", "ledger balances", "exit", "blamed rightly")
	right, all := 0, 0
	for _, f := range faults(os.Getenv("BENCH_DISK")) {
		if !b.wants(f.name) {
			continue
		}
		b.say("fault: %s", f.name)
		row, ok, err := b.inject(ctx, f, corpus)
		if err != nil {
			return err
		}
		all++
		if ok {
			right++
		}
		t.add(row...)
	}
	fmt.Fprintf(b.out, "%s\n%d of %d blamed rightly.\n", t.String(), right, all)
	return nil
}

// bursts is a corpus of ten minutes.
func (b *bench) bursts(ctx context.Context) (string, error) {
	if path := os.Getenv("CORPUS"); path != "" {
		return path, nil
	}
	at := bursty(4*time.Second, rand.New(rand.NewPCG(5, 6)))
	for i := range at {
		at[i] *= 150
	}
	return b.corpusOf(ctx, "minutes", at)
}

// blamed says whether the limits' owners are right: the fault's is among them, and nothing of the tool's is the target's.
func (f *fault) blamed(owners []string) bool {
	return slices.Contains(owners, f.whose) && (f.whose == "target" || f.target != "well" || !slices.Contains(owners, "target"))
}

func (b *bench) inject(ctx context.Context, f fault, corpus string) (row []string, ok bool, err error) {
	s, err := serve(ctx, anyCPU, "faulty", "-mode", f.target)
	if err != nil {
		return nil, false, err
	}
	defer func() { _, _ = s.stop() }()
	argv := append([]string{b.reprise, "replay", corpus, "--target", "http://" + s.addr, "--stop-on", "none", "--timeout", "3s", "--limit", "6000", "--allow-raw", "--json"}, f.flags...)
	if f.file {
		argv = append(argv, "--force", "-o", filepath.Join(os.Getenv("BENCH_DISK"), "run.rpr"))
	}
	if f.shell != "" {
		argv = append([]string{"/bin/sh", "-c", `trap 'kill 0' TERM; ` + f.shell + ` "$0" "$@"; exit $?`}, argv...)
	}
	u, err := do(ctx, job{argv: argv, cpu: f.cpu, limit: 2 * time.Minute, during: f.during})
	if err != nil {
		return nil, false, err
	}
	sum, err := parseSummary(u.out)
	if err != nil {
		return []string{f.name, f.whose, strings.Join(f.flags, " "), "no summary: " + u.complaint(), "", "no", strconv.Itoa(u.exit), "no"}, false, nil
	}
	var limits, owners []string
	for _, l := range sum.Verdict.Limits {
		limits, owners = append(limits, l.What+" ("+l.Whose+")"), append(owners, l.Whose)
	}
	ok = f.blamed(owners)
	if f.file && u.exit != 0 { // what is blamed is said by the error, which names the disk
		limits, ok = append(limits, u.complaint()), !slices.Contains(owners, "target")
	}
	return []string{
		f.name, f.whose, strings.Join(f.flags, " "), strings.Join(limits, ", "), strconv.FormatBool(sum.Verdict.Faithful),
		strconv.FormatBool(sum.balanced()), strconv.Itoa(u.exit), strconv.FormatBool(ok),
	}, ok, nil
}

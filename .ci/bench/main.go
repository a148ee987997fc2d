// Command bench measures reprise beside its peers, in the same minutes on the same machine, for a figure without
// its neighbour says little about a shared one. It runs a built reprise as any user would and knows nothing of
// its inside. Everything that a measurement needs (a target, a receiver with the kernel's receive stamps, a
// target of bad manners, busy loops) is this same program, started again in another role.
//
// Linux alone: CPU affinity, receive stamps and epoll are its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// piece is one thing that the program does.
type piece struct {
	name, what string
	role       func(ctx context.Context, args []string, out io.Writer) error // a role of a child, or
	measure    func(ctx context.Context, b *bench) error                     // a measurement
}

func pieces() []piece {
	return []piece{
		{"all", "every measurement below", nil, measureAll},
		{"peers", "CPU per request and requests/s beside wrk, vegeta and GoReplay, in interleaved pairs", nil, measurePeers},
		{"sizes", "bytes a record of corpora of six kinds beside zstd", nil, measureSizes},
		{"speeds", "writing and reading the same corpora, in rows and in columns, and the time to go to a place in 10 million records", nil, measureSpeeds},
		{"begin", "time from the start of the process to the plan of BFCM 2022's busiest hour and to the first request's first byte", nil, measureBegin},
		{"lateness", "lateness at the receiver's socket at 2,000/s and 10,000/s, and of a bursty schedule", nil, measureLateness},
		{"https", "1,000/s into a TLS target with 20 ms latency, HTTP/1.1 and HTTP/2", nil, measureHTTPS},
		{"openloop", "100,000/s from one core, by the run's own account", nil, measureOpenLoop},
		{"omission", "a target that stands still for a second: what reprise, vegeta, k6 and wrk2 say of it, beside the truth", nil, measureOmission},
		{"faults", "faults of the tool and of the target, and whom the verdict blames", nil, measureFaults},
		{"gate", "verdicts of compare on a busy and on a quiet machine: about 35 minutes", nil, measureGate},
		{"ways", "no measurement: one recording (RECORDING, or the one of the demo) captured in seven ways must give the same messages", nil, measureWays},
		{"bulk", "no measurement: a bulk export of one recording's messages (RECORDING, or the one of the demo), rebuilt and played beside the recording", nil, measureBulk},
		{"exports", "no measurement: each format of fixtures export, played by its tool, must arrive whole", nil, measureExports},
		{"hour", "BFCM 2022's busiest hour at 2x, and at true time with volume 2, with memory, lag and clocks of every second: an hour", nil, measureHour},
		{"synthesis", "10 million records made, anonymized, inspected and played by a simulated clock, with memory of every second: must be flat", nil, measureSynthesis},
		{"box", "no measurement of speed: runs with a known fault, and what is said of each", nil, measureBox},
		{"target", "role: a fasthttp target (-h for its flags)", targetRole, nil},
		{"receiver", "role: an epoll receiver that keeps the kernel's receive stamps", receiverRole, nil},
		{"faulty", "role: a target with one bad behaviour", faultyRole, nil},
		{"stalling", "role: a target that stands still for a second", stallingRole, nil},
		{"bare", "role: a loop that sleeps and sends, and does nothing else", bareRole, nil},
		{"burn", "role: busy loops", burnRole, nil},
		{"codec", "role: one thread that reads a corpus", codecRole, nil},
		{"seek", "role: one thread that goes to times of a corpus", seekRole, nil},
	}
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: go run -C .ci/bench . PIECE [flags]\n\n")
	for _, p := range pieces() {
		fmt.Fprintf(w, "  %-9s %s\n", p.name, p.what)
	}
	fmt.Fprint(w, `
Flags of a measurement:
  -short       the least that shows anything: one repetition, a second or two each
  -reps N      repetitions, interleaved (5; of peers 10); of gate: comparisons of each part (100, 50, 20 or 10)
  -seconds N   length of one run (5; of gate 2.5; of hour with -short 20)
  -only A,B    peers, corpora of sizes, rates, faults, parts of gate or runs of hour (2x, true) whose name contains A or B
  -dir FOLDER  of hour: where its files go; a corpus that is there is used again (a temporary folder, which is kept); of synthesis: where its
               files are, which go when they are not needed any more
  -records N   of synthesis: so many records, if half of the free disk holds them (10 million; with -short 300,000)
  -keep        keep the folder of run files and logs, and say where
  -json        of peers: print an array of {client, rate, cpu_us, cpu_over_wrk, rate_over_wrk}, with the least and the most of each ratio; of sizes: an object
  -write       of lateness, begin, peers, sizes and synthesis: keep the results in figures.json and write them into README and docs

Environment:
  (paths are absolute ones)
  RECORDING, NGINX_LOG   the pcap of ways, and a log of nginx of the same requests (made of the pcap); box draws traffic from RECORDING too, and sizes packs it
  TWILIO       lines {time (µs), method, url, headers, body} of Twilio's requests for sizes, packed by zstd or not (it makes some)
  BOX_SEED     a number that is added to the seeds of box: other draws (0)
  BOX_NOTES    a file for what was said of draws of box where it was not right; BOX_FURTHER=1: of the further faults too
  REPRISE      the program to measure (built from the module around this one)
  CORPUS       a corpus of distinct requests for peers (fixtures synth makes one)
  WRK, WRK2, VEGETA, GOREPLAY, K6, CURL   programs to use (wrk, wrk2 and curl: PATH; the others: built through the module proxy, GoReplay and k6
               for exports and omission only without -short)

Progress goes to stderr, results (Markdown) to stdout.
`)
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		usage(out)
		return nil
	}
	i := slices.IndexFunc(pieces(), func(p piece) bool { return p.name == args[0] })
	if i < 0 {
		usage(progress)
		return fmt.Errorf("no piece %q", args[0])
	}
	p := pieces()[i]
	if p.role != nil {
		return p.role(ctx, args[1:], out)
	}
	o, err := options(args[1:], progress)
	if err != nil {
		return err
	}
	if o.json && !slices.Contains(withJSON(), p.name) {
		return fmt.Errorf("%s has no -json: these have it: %s", p.name, strings.Join(withJSON(), ", "))
	}
	if o.write && !slices.Contains(writers(), p.name) {
		return fmt.Errorf("%s has no -write: these have it: %s", p.name, strings.Join(writers(), ", "))
	}
	if o.write && o.short {
		return errors.New("what -short shows is not for the documents: -write without it")
	}
	o.args = args
	b, err := newBench(ctx, o, out, progress)
	if err != nil {
		return err
	}
	return errors.Join(b.lookAround(ctx), p.measure(ctx, b), b.close())
}

// withJSON names the measurements whose results can be JSON.
func withJSON() []string { return []string{"peers", "sizes", "speeds"} }

// Options of a measurement.
type settings struct {
	short, keep bool
	json        bool     // results as JSON
	write       bool     // results into the documents
	args        []string // as given
	reps        int
	length      time.Duration // of one run
	only        []string
	folder      string   // of hour and synthesis
	records     int64    // of synthesis; 0: its own number
	asked       struct { // zero where no flag says it: what gate does then is its own
		reps   int
		length time.Duration
	}
}

func options(args []string, progress io.Writer) (settings, error) {
	var s settings
	var seconds float64
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(progress)
	f.Usage = func() { usage(progress) }
	f.BoolVar(&s.short, "short", false, "")
	f.BoolVar(&s.keep, "keep", false, "")
	f.BoolVar(&s.json, "json", false, "")
	f.BoolVar(&s.write, "write", false, "")
	f.IntVar(&s.reps, "reps", 0, "")
	f.Float64Var(&seconds, "seconds", 0, "")
	f.StringVar(&only, "only", "", "")
	f.StringVar(&s.folder, "dir", "", "")
	f.Int64Var(&s.records, "records", 0, "")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("what is %q", f.Arg(0))
	}
	if only != "" {
		s.only = strings.Split(only, ",")
	}
	s.asked.reps, s.asked.length = s.reps, time.Duration(seconds*float64(time.Second))
	if s.reps == 0 {
		s.reps = choose(s.short, 1, 5)
	}
	if seconds == 0 {
		seconds = choose(s.short, 1.5, 5)
	}
	s.length = time.Duration(seconds * float64(time.Second))
	return s, nil
}

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// wants says whether -only lets this name through.
func (s settings) wants(name string) bool {
	return len(s.only) == 0 || slices.ContainsFunc(s.only, func(o string) bool { return strings.Contains(name, o) })
}

func measureAll(ctx context.Context, b *bench) error {
	for _, m := range []func(context.Context, *bench) error{
		measurePeers, measureSizes, measureSpeeds, measureBegin, measureLateness, measureHTTPS, measureOpenLoop, measureOmission, measureFaults,
	} {
		if err := m(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// historyRuns is a sequence of run files: what a script says of it, and zero for the rest.
type historyRuns struct {
	dir      string
	count    int
	first    int     // number of the first
	requests int     // of each run
	noise    float64 // of a run as a whole, as a standard deviation of its logarithm
	step     map[int]float64
	third    map[int]float64 // three steps of a shape, of which the last takes so many times as long from a run on
	spike    map[int]float64
	fail     map[int]float64 // share of failures from a run on
	late     map[int]bool    // not faithful
	race     int             // from which run on a person's messages wait for each other; 0 is none
	flag     map[int]string  // --connections from a run on
	plan     string
	seed     uint64
	branch   string
	bare     bool // without labels
}

// historyRunsFor reads what a script says: DIR COUNT [noise=0.02] [step=25:1.07,…] [spike=9:1.6,…] [fail=…] [late=7,…] [flag=25:2,…] [race=25] [third=25:1.3] [plan=p] [seed=1]
// [requests=1200] [first=1] [branch=main] [bare].
func historyRunsFor(args []string) (g historyRuns, err error) {
	g = historyRuns{dir: args[0], first: 1, requests: 1200, noise: 0.02, plan: "plan", seed: 1}
	if g.count, err = strconv.Atoi(args[1]); err != nil {
		return g, err
	}
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "noise":
			g.noise, err = strconv.ParseFloat(value, 64)
		case "step":
			g.step, err = byRun(value)
		case "third":
			g.third, err = byRun(value)
		case "spike":
			g.spike, err = byRun(value)
		case "fail":
			g.fail, err = byRun(value)
		case "late":
			g.late = make(map[int]bool)
			for run := range strings.SplitSeq(value, ",") {
				n, bad := strconv.Atoi(run)
				g.late[n], err = true, bad
			}
		case "flag":
			g.flag = make(map[int]string)
			for one := range strings.SplitSeq(value, ",") {
				run, value, _ := strings.Cut(one, ":")
				n, bad := strconv.Atoi(run)
				g.flag[n], err = value, bad
			}
		case "race":
			g.race, err = strconv.Atoi(value)
		case "plan":
			g.plan = value
		case "seed":
			g.seed, err = strconv.ParseUint(value, 10, 64)
		case "requests":
			g.requests, err = strconv.Atoi(value)
		case "first":
			g.first, err = strconv.Atoi(value)
		case "branch":
			g.branch = value
		case "bare":
			g.bare = true
		default:
			err = fmt.Errorf("runs: %q is not known", arg)
		}
		if err != nil {
			return g, err
		}
	}
	return g, nil
}

// byRun reads factors by run: "9:1.6,30:1.5".
func byRun(text string) (map[int]float64, error) {
	m := make(map[int]float64)
	for one := range strings.SplitSeq(text, ",") {
		run, factor, _ := strings.Cut(one, ":")
		n, err := strconv.Atoi(run)
		if err != nil {
			return nil, err
		}
		if m[n], err = strconv.ParseFloat(factor, 64); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// write writes the run files, 01.rpr and so on. What is the same of two sequences gives the same files, but for how they are packed.
func (g *historyRuns) write() error {
	if err := os.MkdirAll(g.dir, 0o700); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(g.seed, 40))
	level, third, failing, connections := 1.0, 1.0, 0.0, "64"
	for i := range g.count {
		n := g.first + i
		level, third = level*orOne(g.step[n]), third*orOne(g.third[n])
		if f, ok := g.fail[n]; ok {
			failing = f
		}
		if f, ok := g.flag[n]; ok {
			connections = f
		}
		factor := level * orOne(g.spike[n]) * math.Exp(g.noise*rng.NormFloat64())
		if err := g.run(n, factor, third, failing, connections); err != nil {
			return err
		}
	}
	return nil
}

func orOne(f float64) float64 {
	if f == 0 {
		return 1
	}
	return f
}

// run writes one run: the same requests in each, of three kinds, whose times are factor times what they always are, and in the last third of a run in steps
// third times that.
func (g *historyRuns) run(n int, factor, third, failing float64, connections string) error {
	began := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC).AddDate(0, 0, n-1)
	h := results.Header{
		Run: fmt.Sprintf("run%04d%s", n, g.plan), Tool: "v1.4.0", Started: began, Corpus: "sha256:1", PlanHash: g.plan, Target: "http://127.0.0.1:9000", Engine: "epoll",
		Machine: results.Machine{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26"}, Settings: map[string]string{"time-scale": "10", "volume": "1", "connections": connections, "seed": fmt.Sprint(7_777_777_777_777_777 * uint64(n))},
	}
	if !g.bare {
		h.Labels = map[string]string{"commit": fmt.Sprintf("%07x", 0x4f2c900+7*n)}
	}
	if g.branch != "" {
		h.Labels["branch"] = g.branch
	}
	f, err := results.Create(filepath.Join(g.dir, fmt.Sprintf("%02d.rpr", n)), h, false)
	if err != nil {
		return err
	}
	same, own := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(uint64(n), g.seed))
	kinds := []capture.Kind{capture.Unrecognized, capture.Unrecognized, capture.Reaction, capture.Help}
	var book replay.Book
	at, wrote := time.Duration(0), make(map[uint32]time.Duration)
	for i := range g.requests {
		at += time.Duration(same.ExpFloat64() * float64(100*time.Millisecond))
		kind := kinds[same.IntN(len(kinds))]
		took := time.Duration(factor * 20e6 * math.Exp(0.25*same.NormFloat64()+0.02*own.NormFloat64()))
		lag := 20 * time.Microsecond
		if g.late[n] {
			lag = 80 * time.Millisecond
		}
		person := uint32(1 + 300*same.Float64()*same.Float64())
		if last, known := wrote[person]; known && at-last < time.Second && 0 < g.race && g.race <= n {
			took += 180 * time.Millisecond
		}
		wrote[person] = at
		res := replay.Result{
			Seq: int64(i), Kind: kind, Intended: at, Sent: at + lag, Done: at + lag + took, Status: 200, Known: true, Person: person * 2654435761, Recipient: 7,
		}
		if g.third != nil {
			res.Step = uint16(1 + 3*i/g.requests)
		}
		if res.Step == 3 {
			res.Done = res.Sent + time.Duration(float64(took)*third)
		}
		if own.Float64() < failing {
			res.Status = 500
		}
		book.Of(kind).Recorded++
		book.Of(kind).Count(&res)
		if err := f.Record(&res); err != nil {
			return err
		}
	}
	if err := f.Disturbed(new(replay.Disturbances)); err != nil {
		return err
	}
	return f.Finish(replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Planned: at})
}

// makeRuns writes run files whose figures are known: runs DIR COUNT [what=how]..., see historyRunsFor.
func makeRuns(ts *testscript.TestScript, _ bool, args []string) {
	g, err := historyRunsFor(args)
	ts.Check(err)
	g.dir = ts.MkAbs(g.dir)
	ts.Check(g.write())
}

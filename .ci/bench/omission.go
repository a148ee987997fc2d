package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// The test of coordinated omission: a target that answers in a millisecond, and once in a run stands still for a second.
const (
	omissionRate   = 200 // requests/s
	omissionLength = 10 * time.Second
	stallFrom      = 3 * time.Second
	stallTo        = 4 * time.Second
	stallService   = time.Millisecond
	fewWorkers     = 16 // as many as a pool of connections or of users often has
)

// stalledAnswer is when an ideal target of this kind answers a request that comes at a moment since the first one.
func stalledAnswer(at time.Duration) time.Duration {
	if at >= stallFrom && at < stallTo {
		at = stallTo
	}
	return at + stallService
}

// stallingRole serves until stdin ends. Its clock begins with the first request.
func stallingRole(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("stalling", flag.ContinueOnError)
	listen := f.String("listen", "127.0.0.1:0", "address to listen on")
	if err := f.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	var first atomic.Int64
	s := &fasthttp.Server{NoDefaultServerHeader: true, NoDefaultDate: true, Handler: func(c *fasthttp.RequestCtx) {
		now := time.Now().UnixNano()
		first.CompareAndSwap(0, now)
		at := time.Duration(now - first.Load())
		time.Sleep(stalledAnswer(at) - at)
		c.SetBodyString(answer)
	}}
	done := make(chan error, 1) // one: its goroutine's only word
	go func() { done <- s.Serve(l) }()
	fmt.Fprintln(out, l.Addr())
	untilStdinEnds(ctx)
	err = l.Close()
	<-done // it ends because its listener did: not an error
	return err
}

// figures are what a tool says of its run.
type figures struct {
	p50, p99, max time.Duration
	requests      int64
}

// omissionTruth is what whoever sent by the schedule had to wait: computed, not measured.
func omissionTruth() figures {
	var all []int64
	for _, at := range steady(int(omissionRate*omissionLength.Seconds()), omissionRate) {
		all = append(all, int64(stalledAnswer(at)-at))
	}
	slices.Sort(all)
	of := func(q float64) time.Duration { return time.Duration(quantile(all, q)) }
	return figures{of(0.5), of(0.99), of(1), int64(len(all))}
}

// witness is a tool that reports of a run, and how its report is read.
type witness struct {
	name, note string
	argv       []string
	read       func(ctx context.Context, u used) (figures, error)
}

func measureOmission(ctx context.Context, b *bench) error {
	addr, err := freePort()
	if err != nil {
		return err
	}
	all, err := b.witnesses(ctx, "http://"+addr)
	if err != nil {
		return err
	}
	truth := omissionTruth()
	reps := min(b.reps, 3)
	b.title("Coordinated omission", fmt.Sprintf("%d requests/s for %v at a target that answers in %v, and stands still from second %.0f to %.0f. "+
		"The truth is computed from the schedule. Medians of %d repetitions.",
		omissionRate, omissionLength, stallService, stallFrom.Seconds(), stallTo.Seconds(), reps))
	t := table{head: []string{"tool", "p50 ms", "p99 ms", "max ms", "requests", ""}}
	row := func(name string, f figures, note string) {
		ms := func(d time.Duration) string { return strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64) }
		t.add(name, ms(f.p50), ms(f.p99), ms(f.max), strconv.FormatInt(f.requests, 10), note)
	}
	row("the truth", truth, "")
	var failed error
	for _, w := range all {
		if w.argv == nil {
			t.add(w.name, "–", "–", "–", "–", w.note)
			continue
		}
		var runs []figures
		for rep := range reps {
			b.say("omission: %s, %d/%d", w.name, rep+1, reps)
			f, err := witnessed(ctx, addr, &w)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			runs = append(runs, f)
		}
		f := middleOf(runs)
		row(w.name, f, w.note)
		if w.note == "" && (apart(f.p50, truth.p50) || apart(f.p99, truth.p99) || apart(f.max, truth.max) || f.requests != truth.requests) {
			failed = errors.Join(failed, fmt.Errorf("%s says %+v, and the truth is %+v", w.name, f, truth))
		}
	}
	fmt.Fprint(b.out, t.String())
	return failed
}

// apart says whether a figure is off by more than a twentieth and 10 ms, which a busy machine takes.
func apart(got, want time.Duration) bool {
	off := max(got-want, want-got)
	return off > want/20 && off > 10*time.Millisecond
}

func middleOf(runs []figures) figures {
	of := func(f func(figures) time.Duration) time.Duration {
		var v []float64
		for _, r := range runs {
			v = append(v, float64(f(r)))
		}
		return time.Duration(median(v))
	}
	return figures{
		of(func(f figures) time.Duration { return f.p50 }), of(func(f figures) time.Duration { return f.p99 }),
		of(func(f figures) time.Duration { return f.max }), runs[len(runs)/2].requests,
	}
}

func witnessed(ctx context.Context, addr string, w *witness) (f figures, err error) {
	s, err := serve(ctx, anyCPU, "stalling", "-listen", addr)
	if err != nil {
		return f, err
	}
	u, runErr := do(ctx, job{argv: w.argv, cpu: anyCPU, limit: time.Minute})
	_, err = s.stop()
	if err = errors.Join(runErr, err); err != nil {
		return f, err
	}
	if u.exit != 0 && u.exit != 3 {
		return f, errors.New(u.complaint())
	}
	return w.read(ctx, u)
}

// witnesses lists who reports. reprise is held to the truth; a note says what another tool was told that has it tell less.
func (b *bench) witnesses(ctx context.Context, url string) (all []witness, err error) {
	n := int(omissionRate * omissionLength.Seconds())
	corpus, err := b.corpusOf(ctx, "omission", steady(n, omissionRate))
	if err != nil {
		return nil, err
	}
	targets, body, err := b.fixedTarget(url)
	if err != nil {
		return nil, err
	}
	add := func(name, reason, note string, read func(context.Context, used) (figures, error), argv ...string) {
		switch {
		case !b.wants(name):
		case reason != "":
			all = append(all, witness{name: name, note: "skipped: " + reason})
		default:
			all = append(all, witness{name, note, argv, read})
		}
	}
	replay := []string{b.reprise, "replay", corpus, "--target", url, "--stop-on", "none", "--progress", "none", "--json", "--allow-raw"}
	few := strconv.Itoa(fewWorkers)
	add("reprise", "", "", readReprise, replay...)
	add("reprise --max-in-flight "+few, "", "", readReprise, append(slices.Clone(replay), "--max-in-flight", few, "--connections", few)...)
	vegeta, reason := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	hits := b.path("omission.vegeta")
	readVegeta := func(ctx context.Context, _ used) (figures, error) {
		u, err := do(ctx, job{argv: []string{vegeta, "report", "-type=json", hits}, cpu: anyCPU})
		if err != nil {
			return figures{}, err
		}
		return readVegetaReport(u.out)
	}
	attack := append([]string{vegeta, "attack", "-targets", targets, "-body", body, "-output", hits}, fixedHeaders()...)
	attack = append(attack, "-rate="+strconv.Itoa(omissionRate), "-duration="+omissionLength.String())
	add("vegeta", reason, "as many workers as it takes", readVegeta, attack...)
	add("vegeta -max-workers "+few, reason, "counts from the actual send", readVegeta, append(slices.Clone(attack), "-max-workers="+few)...)
	k6, reason := b.k6(ctx)
	for _, users := range []int{400, fewWorkers} {
		script, said := b.path(fmt.Sprintf("omission-%d.js", users)), b.path(fmt.Sprintf("omission-%d.json", users))
		if err := os.WriteFile(script, fmt.Appendf(nil, k6Script, omissionRate, omissionLength, users, users, url+"/webhooks/twilio/sms", fixedForm()), 0o600); err != nil {
			return nil, err
		}
		note := "constant-arrival-rate"
		if users == fewWorkers {
			note += "; drops what no user is free for"
		}
		add(fmt.Sprintf("k6, %d users", users), reason, note, func(context.Context, used) (figures, error) { return readK6(said) },
			k6, "run", "--quiet", "--summary-export", said, script)
	}
	wrk2, reason := b.tool(ctx, "WRK2", "wrk2", "")
	lua := b.path("post.lua")
	if err := os.WriteFile(lua, fmt.Appendf(nil, wrkScript, fixedForm()), 0o600); err != nil {
		return nil, err
	}
	add("wrk2, "+few+" connections", reason, "counts from the intended moment", func(_ context.Context, u used) (figures, error) { return readWrk2(u.out) },
		wrk2, "-t1", "-c"+few, fmt.Sprintf("-d%.0fs", omissionLength.Seconds()), "-R"+strconv.Itoa(omissionRate), "-L", "-s", lua, url+"/webhooks/twilio/sms")
	return all, nil
}

// k6 is built only without -short: it takes minutes.
func (b *bench) k6(ctx context.Context) (path, reason string) {
	module := "go.k6.io/k6@v1.8.1"
	if b.short {
		module = ""
	}
	return b.tool(ctx, "K6", "k6", module)
}

const k6Script = `import http from "k6/http";
export const options = {
  discardResponseBodies: true, summaryTrendStats: ["med", "p(99)", "max"],
  scenarios: { steady: { executor: "constant-arrival-rate", rate: %d, timeUnit: "1s", duration: "%v", preAllocatedVUs: %d, maxVUs: %d } },
};
const params = { headers: { "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8" } };
export default () => { http.post(%q, %q, params); };
`

func readReprise(_ context.Context, u used) (figures, error) {
	s, err := parseSummary(u.out)
	if err != nil {
		return figures{}, err
	}
	of := func(q string) time.Duration { return time.Duration(s.Latency[q]) }
	return figures{of("p50"), of("p99"), of("max"), s.Ledger.OK + s.Ledger.Failed}, nil
}

func readVegetaReport(text string) (figures, error) {
	var r struct {
		Latencies map[string]int64 `json:"latencies"`
		Requests  int64            `json:"requests"`
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return figures{}, err
	}
	of := func(q string) time.Duration { return time.Duration(r.Latencies[q]) }
	return figures{of("50th"), of("99th"), of("max"), r.Requests}, nil
}

func readK6(file string) (figures, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return figures{}, err
	}
	var r struct {
		Metrics struct {
			Duration map[string]float64      `json:"http_req_duration"`
			Requests struct{ Count float64 } `json:"http_reqs"`
		} `json:"metrics"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return figures{}, err
	}
	of := func(q string) time.Duration { return time.Duration(r.Metrics.Duration[q] * 1e6) }
	return figures{of("med"), of("p(99)"), of("max"), int64(r.Metrics.Requests.Count)}, nil
}

// readWrk2 reads what wrk2 -L prints: lines of a percentile and a time, and how many requests there were.
func readWrk2(text string) (f figures, err error) {
	of := func(percent string) time.Duration {
		m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(percent) + `%\s+([0-9.]+(?:us|ms|s|m))\s*$`).FindStringSubmatch(text)
		if m == nil {
			err = fmt.Errorf("wrk2 says nothing of %s%%", percent)
			return 0
		}
		d, _ := time.ParseDuration(m[1])
		return d
	}
	f = figures{p50: of("50.000"), p99: of("99.000"), max: of("100.000")}
	if m := regexp.MustCompile(`(\d+) requests in `).FindStringSubmatch(text); m != nil {
		f.requests, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return f, err
}

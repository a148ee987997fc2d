package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// measureHTTPS is the everyday case: 1,000/s into a TLS target that takes 20 ms to answer.
func measureHTTPS(ctx context.Context, b *bench) error {
	const rate = 1_000
	addr, err := freePort()
	if err != nil {
		return err
	}
	vegeta, reason := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	url, cert := "https://"+addr, b.path("cert.pem")
	targets, body, err := b.fixedTarget(url)
	if err != nil {
		return err
	}
	corpus, err := b.corpusOf(ctx, fmt.Sprintf("steady-%d", rate), steady(int(rate*b.length.Seconds()), rate))
	if err != nil {
		return err
	}
	var all []pacer
	for _, h2 := range []bool{false, true} {
		role := []string{"target", "-listen", addr, "-tls", cert, "-latency", "20ms", "-log", b.path("arrivals")}
		group, more := "HTTP/1.1", []string{"--cacert", cert}
		if h2 {
			role, group, more = append(role, "-http2"), "HTTP/2", append(more, "--http2")
		}
		v := pacer{name: "vegeta", group: group, rate: rate, target: role, note: reason}
		v.argv = vegetaArgs(vegeta, targets, body, "-rate="+strconv.Itoa(rate), "-duration="+b.length.String(), "-root-certs", cert,
			"-http2="+strconv.FormatBool(h2))
		all = append(all, v)
		for _, pacing := range []string{"precise", "eco"} {
			all = append(all, b.replayer("reprise "+pacing, group, corpus, url, role, slices.Concat(more, []string{"--pacing", pacing})...))
		}
	}
	results, err := b.paceAll(ctx, all)
	if err != nil {
		return err
	}
	b.title("HTTPS, 1,000/s, 20 ms latency", fmt.Sprintf(lateAbout, b.reps, b.length)+
		" The stamp is that of the last bytes read from the connection when the request was whole.")
	t := lateTable(all, results)
	fmt.Fprint(b.out, t.String())
	return nil
}

// measureOpenLoop sends 100,000/s from one core; the figures are the run's own.
func measureOpenLoop(ctx context.Context, b *bench) error {
	const rate = 100_000
	corpus, err := b.corpusOf(ctx, "open-loop", steady(int(rate*min(b.length.Seconds(), 3)), rate))
	if err != nil {
		return err
	}
	var lag50, lag99, read50, cores []float64
	note := ""
	for rep := range b.reps {
		t, err := serve(ctx, 1, "target")
		if err != nil {
			return err
		}
		argv := []string{
			b.reprise, "replay", corpus, "--target", "http://" + t.addr, "--stop-on", "none", "--progress", "none", "--json", "--allow-raw",
		}
		u, err := do(ctx, job{argv: argv, cpu: 0, limit: time.Minute})
		if _, stopErr := t.stop(); err != nil || stopErr != nil {
			return fmt.Errorf("open loop: %w, %w", err, stopErr)
		}
		s, err := parseSummary(u.out)
		if err != nil {
			note = "it ended badly: " + u.complaint()
			continue
		}
		b.say("open loop %d/%d: lag p99 %v", rep+1, b.reps, time.Duration(s.Lag["p99"]))
		lag50, lag99 = append(lag50, float64(s.Lag["p50"])/1e3), append(lag99, float64(s.Lag["p99"])/1e3)
		read50, cores = append(read50, float64(s.Service["p50"])/1e3), append(cores, float64(u.cpu())/float64(max(s.Duration, 1)))
	}
	b.title("Open loop, 100,000/s from one core", fmt.Sprintf("By the run's own account, µs; medians of %d runs, target on the other core.", b.reps))
	out := table{head: []string{"lag p50", "lag p99", "service time p50", "CPU % of a core", "note"}}
	out.add(fmt.Sprintf("%.1f", median(lag50)), fmt.Sprintf("%.1f", median(lag99)), fmt.Sprintf("%.0f", median(read50)),
		fmt.Sprintf("%.0f", 100*median(cores)), note)
	fmt.Fprint(b.out, out.String())
	return nil
}

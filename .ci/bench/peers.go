package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// client is one row of the table: a program as fast as it goes.
type client struct {
	name string
	argv []string
	note string
}

// cost is what one run of a client showed.
type cost struct{ perSecond, cpu, user float64 } // requests/s; µs a request

// wrkScript posts what a Twilio webhook looks like.
const wrkScript = `wrk.method = "POST"
wrk.body = %q
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
wrk.headers["User-Agent"] = "TwilioProxy/1.1"
wrk.headers["Accept"] = "*/*"
wrk.headers["I-Twilio-Idempotency-Token"] = "85252b7d-93b2-4bae-83ba-6c79ad798af7"
wrk.headers["X-Twilio-Signature"] = "Nln0wsDrrZW2MSw1d5qB0CV68wo="
`

// fixedForm is the 350 bytes that wrk and vegeta post again and again.
func fixedForm() string {
	const text = "ToCountry=US&ToState=&SmsMessageSid=SM0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&NumMedia=0&FromZip=60614&" +
		"SmsSid=SM0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&SmsStatus=received&FromCity=CHICAGO&To=%2B18335550142&" +
		"MessageSid=SM0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&From=%2B14155550100&" +
		"ApiVersion=2010-04-01&Body="
	return text + strings.Repeat("a", 350-len(text))
}

// fixedHeaders are the same headers as wrk's, for vegeta.
func fixedHeaders() []string {
	var args []string
	for _, h := range []string{
		"Content-Type: application/x-www-form-urlencoded; charset=UTF-8", "User-Agent: TwilioProxy/1.1", "Accept: */*",
		"I-Twilio-Idempotency-Token: 85252b7d-93b2-4bae-83ba-6c79ad798af7", "X-Twilio-Signature: Nln0wsDrrZW2MSw1d5qB0CV68wo=",
	} {
		args = append(args, "-header", h)
	}
	return args
}

// fixedTarget writes vegeta's one target of the everyday kind.
func (b *bench) fixedTarget(url string) (targets, body string, err error) {
	targets, body = b.path("one.target"), b.path("one.body")
	return targets, body, errors.Join(os.WriteFile(targets, []byte("POST "+url+"/webhooks/twilio/sms\n"), 0o600),
		os.WriteFile(body, []byte(fixedForm()), 0o600))
}

// vegeta returns the command line of an attack on the everyday target.
func vegetaArgs(path, targets, body string, more ...string) []string {
	argv := append([]string{path, "attack", "-targets", targets, "-body", body, "-output", "/dev/null"}, fixedHeaders()...)
	return append(argv, more...)
}

// clients lists who takes part; one without argv has only its note, which says why.
func (b *bench) clients(ctx context.Context, addr string) ([]client, error) {
	url := "http://" + addr
	corpus, err := b.distinct(ctx)
	if err != nil {
		return nil, err
	}
	targets, body, err := b.fixedTarget(url)
	if err != nil {
		return nil, err
	}
	b.say("writing the corpus for the peers")
	distinct, gor, err := b.peerFiles(ctx, corpus, url)
	if err != nil {
		return nil, fmt.Errorf("write %s for the peers: %w", corpus, err)
	}
	script, token := b.path("post.lua"), b.path("token")
	if err := errors.Join(os.WriteFile(script, fmt.Appendf(nil, wrkScript, fixedForm()), 0o600),
		os.WriteFile(token, []byte("0123456789abcdef0123456789abcdef\n"), 0o600)); err != nil {
		return nil, err
	}
	var all []client
	add := func(name, reason, note string, argv ...string) {
		switch {
		case !b.wants(name):
		case reason != "":
			all = append(all, client{name: name, note: "skipped: " + reason})
		default:
			all = append(all, client{name, argv, note})
		}
	}
	length := b.length.String()
	whole := fmt.Sprintf("-d%.0fs", math.Ceil(b.length.Seconds())) // wrk knows whole seconds alone
	wrk, reason := b.tool(ctx, "WRK", "wrk", "")
	add("wrk", reason, "one request, again and again", wrk, "-t1", "-c64", whole, "-s", script, url+"/webhooks/twilio/sms")
	vegeta, reason := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	full := []string{"-rate=0", "-max-workers=64", "-duration=" + length}
	add("vegeta", reason, "one request, again and again", vegetaArgs(vegeta, targets, body, full...)...)
	add("vegeta JSON targets", reason, "distinct requests",
		append([]string{vegeta, "attack", "-format=json", "-lazy", "-targets", distinct, "-output", "/dev/null"}, full...)...)
	goreplay, reason := b.goreplay(ctx)
	add("GoReplay", reason, "distinct requests", goreplay, "--input-file", gor+"|100000%", "--output-http", url, "--exit-after", length)
	add("GoReplay read-depth 1M", reason, "distinct requests", goreplay, "--input-file", gor+"|100000%",
		"--input-file-read-depth", "1000000", "--output-http", url, "--exit-after", length)
	replay := []string{
		b.reprise, "replay", corpus, "--target", url, "--time-scale", "1e9", "--max-in-flight", "64", "--connections", "64",
		"--stop-on", "none", "--progress", "none", "--json", "--allow-raw", "--force", "-o", b.path("run.rpr"),
	}
	if b.short {
		replay = append(replay, "--limit", "50000")
	}
	add("reprise", "", "distinct requests, fresh ids, run file", replay...)
	add("reprise --sign", "", "the same, signed", append(slices.Clone(replay), "--sign", "twilio=@"+token)...)
	return all, nil
}

func (b *bench) goreplay(ctx context.Context) (path, reason string) {
	if !b.wants("GoReplay") {
		return "", "not asked for"
	}
	if path, reason = b.tool(ctx, "GOREPLAY", "gor", ""); reason == "" {
		return path, ""
	}
	return b.tool(ctx, "GOREPLAY", "goreplay", "github.com/buger/goreplay@v1.3.2")
}

// measurePeers runs every client in turn, several times over, and prints what a request cost each.
func measurePeers(ctx context.Context, b *bench) error {
	addr, err := freePort()
	if err != nil {
		return err
	}
	all, err := b.clients(ctx, addr)
	if err != nil {
		return err
	}
	costs := make([][]cost, len(all))
	for rep := range b.reps {
		for i := range all {
			if all[i].argv == nil {
				continue
			}
			c, note, err := b.costOf(ctx, addr, all[i].argv)
			if err != nil {
				return fmt.Errorf("%s: %w", all[i].name, err)
			}
			if note != "" {
				all[i].note = note
				b.say("peers %d/%d: %s: %s", rep+1, b.reps, all[i].name, note)
				continue
			}
			b.say("peers %d/%d: %s: %.0f/s, %.2f µs a request", rep+1, b.reps, all[i].name, c.perSecond, c.cpu)
			costs[i] = append(costs[i], c)
		}
	}
	b.printPeers(all, costs)
	return nil
}

// costOf runs one client against a target of its own. The note says why there is no cost.
func (b *bench) costOf(ctx context.Context, addr string, argv []string) (c cost, note string, err error) {
	t, err := serve(ctx, 1, "target", "-listen", addr)
	if err != nil {
		return c, "", err
	}
	u, runErr := do(ctx, job{argv: argv, cpu: 0, limit: b.length*4 + 2*time.Minute})
	words, err := t.stop()
	if err = errors.Join(runErr, err); err != nil {
		return c, "", err
	}
	var seen struct{ Served, First, Last int64 }
	if err := json.Unmarshal([]byte(words), &seen); err != nil {
		return c, "", err
	}
	switch {
	case u.exit != 0 && u.exit != 3:
		return c, "it ended badly: " + u.complaint(), nil
	case seen.Served < 100:
		return c, fmt.Sprintf("only %d requests arrived", seen.Served), nil
	}
	n := float64(seen.Served)
	return cost{n / (float64(seen.Last-seen.First) / 1e9), micro(u.cpu()) / n, micro(u.user) / n}, "", nil
}

func micro(d time.Duration) float64 { return float64(d) / 1e3 }

func (b *bench) printPeers(all []client, costs [][]cost) {
	b.title("Cost of a request",
		fmt.Sprintf("Plain HTTP on loopback, 64 connections, client on CPU 0, a fasthttp target on CPU 1, %d interleaved repetitions. "+
			"CPU: user and system time of the client's whole process, from its start to its end, by the requests that the target "+
			"served; requests/s between the target's first and last. Ratios are of medians.", b.reps))
	at := func(name string) (m cost) {
		i := slices.IndexFunc(all, func(c client) bool { return c.name == name })
		if i >= 0 && len(costs[i]) > 0 {
			m = medianCost(costs[i])
		}
		return m
	}
	wrk, vegeta, lazy := at("wrk"), at("vegeta"), at("vegeta JSON targets")
	t := table{head: []string{
		"client", "requests/s", "CPU µs median", "min", "user µs", "CPU ÷ wrk", "÷ vegeta", "÷ vegeta JSON", "rate ÷ wrk", "÷ vegeta", "sends",
	}}
	for i, c := range all {
		if len(costs[i]) == 0 {
			t.add(c.name, "–", "–", "–", "–", "–", "–", "–", "–", "–", c.note)
			continue
		}
		m := medianCost(costs[i])
		var cpu []float64
		for _, x := range costs[i] {
			cpu = append(cpu, x.cpu)
		}
		two := func(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
		t.add(c.name, fmt.Sprintf("%.0f", m.perSecond), two(m.cpu), two(least(cpu)), two(m.user), ratio(m.cpu, wrk.cpu), ratio(m.cpu, vegeta.cpu),
			ratio(m.cpu, lazy.cpu), ratio(m.perSecond, wrk.perSecond), ratio(m.perSecond, vegeta.perSecond), c.note)
	}
	fmt.Fprint(b.out, t.String())
}

func medianCost(all []cost) cost {
	of := func(f func(cost) float64) float64 {
		var v []float64
		for _, c := range all {
			v = append(v, f(c))
		}
		return median(v)
	}
	return cost{
		of(func(c cost) float64 { return c.perSecond }), of(func(c cost) float64 { return c.cpu }), of(func(c cost) float64 { return c.user }),
	}
}

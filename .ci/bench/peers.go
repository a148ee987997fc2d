package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
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
	replay := []string{
		b.reprise, "replay", corpus, "--target", url, "--time-scale", "1e9", "--max-in-flight", "64", "--connections", "64",
		"--stop-on", "none", "--progress", "none", "--json", "--allow-raw", "--force", "-o", b.path("run.rpr"),
	}
	if b.short {
		replay = append(replay, "--limit", "50000")
	}
	add("reprise", "", "distinct requests, fresh ids, run file", replay...)
	add("reprise --sign", "", "the same, signed", append(slices.Clone(replay), "--sign", "twilio=@"+token)...)
	vegeta, reason := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	full := []string{"-rate=0", "-max-workers=64", "-duration=" + length}
	add("vegeta", reason, "one request, again and again", vegetaArgs(vegeta, targets, body, full...)...)
	add("vegeta JSON targets", reason, "distinct requests",
		append([]string{vegeta, "attack", "-format=json", "-lazy", "-targets", distinct, "-output", "/dev/null"}, full...)...)
	goreplay, reason := b.goreplay(ctx)
	add("GoReplay", reason, "distinct requests", goreplay, "--input-file", gor+"|100000%", "--output-http", url, "--exit-after", length)
	add("GoReplay read-depth 1M", reason, "distinct requests", goreplay, "--input-file", gor+"|100000%",
		"--input-file-read-depth", "1000000", "--output-http", url, "--exit-after", length)
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

// peerReps is how many pairs peers measures: enough for a spread that says something.
const peerReps = 10

// measurePeers runs every client in turn, several times over, and prints what a request cost each.
func measurePeers(ctx context.Context, b *bench) error {
	if b.asked.reps == 0 && !b.short {
		b.reps = peerReps
	}
	addr, err := freePort()
	if err != nil {
		return err
	}
	all, err := b.clients(ctx, addr)
	if err != nil {
		return err
	}
	costs, err := b.costsOf(ctx, addr, all)
	if err != nil {
		return err
	}
	shown := peersOf(all, costs)
	if err := b.publishPeers(shown); err != nil {
		return err
	}
	if b.json {
		return b.printPeersJSON(shown)
	}
	b.printPeers(shown)
	return nil
}

// costsOf returns what each repetition showed of each client: the zero cost where it showed nothing. Every other repetition goes through
// the clients in reverse, so that what changes slowly favours nobody.
func (b *bench) costsOf(ctx context.Context, addr string, all []client) ([][]cost, error) {
	costs := make([][]cost, len(all))
	for i := range costs {
		costs[i] = make([]cost, b.reps)
	}
	for rep := range b.reps {
		for n := range all {
			i := choose(rep%2 == 0, n, len(all)-1-n)
			if all[i].argv == nil {
				continue
			}
			c, note, err := b.costOf(ctx, addr, all[i].argv)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].name, err)
			}
			if note != "" {
				all[i].note = note
				b.say("peers %d/%d: %s: %s", rep+1, b.reps, all[i].name, note)
				continue
			}
			b.say("peers %d/%d: %s: %.0f/s, %.2f µs a request", rep+1, b.reps, all[i].name, c.perSecond, c.cpu)
			costs[i][rep] = c
		}
	}
	return costs, nil
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

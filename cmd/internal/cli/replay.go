package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/live"
	"reprise/replay/pace"
	"reprise/replay/render"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/send"
)

func replayVerb(s Streams) *cobra.Command {
	var o replayOptions
	cmd := newVerb(page{
		use: "replay FILE.rpz --target URL", short: "Play a corpus at a target, at any tempo, and judge the run",
		long: `Sends every request of a corpus at its recorded moment divided by --time-scale, whatever became of those before it
(open loop), and keeps account of each: recorded + added = filtered + ok + failed + shed + unsent. --time-scale 2 plays the
same messages in half the time; --volume 2 sends twice the messages in the same time, the extra ones new messages from new
people. Message ids are fresh in every run, so that a receiver's de-duplication hides no load. lag is the tool's own delay,
latency counts from the intended moment, service time from the actual one. Ctrl-C stops sending, waits for what is on its
way, and still writes the run file and the summary.` + mapHelp + keyHelp("--sign-profile"),
		examples: [2]string{
			"reprise replay safe.rpz --target http://127.0.0.1:3000 --time-scale 2 -o run.rpr",
			"reprise replay safe.rpz --target https://staging.example.com --peak 1h --sign twilio=@token-file --allow-host staging.example.com",
		},
		codes: []exitCode{exitUnmet, exitRefused, exitUnreachable, exitDamaged},
	}, o.arguments, func(cmd *cobra.Command, args []string) error {
		if o.watching.printGrafana {
			_, err := io.WriteString(s.Out, live.Grafana)
			return err
		}
		return o.run(cmd.Context(), s, args[0])
	})
	o.add(cmd.Flags())
	return cmd
}

// arguments are one corpus, or none where nothing is to be played.
func (o *replayOptions) arguments(cmd *cobra.Command, args []string) error {
	if o.watching.printGrafana {
		return cobra.NoArgs(cmd, args)
	}
	return cobra.ExactArgs(1)(cmd, args)
}

// run plays one corpus: it looks at everything first, so that nothing is sent that the plan does not hold.
func (o *replayOptions) run(ctx context.Context, s Streams, name string) error {
	r, err := o.prepare(ctx, s, name)
	if err != nil {
		return err
	}
	defer r.close()
	if !o.quiet {
		sayReadable(s.Err, "replay", "--sign", o.sign)
	}
	if o.dryRun {
		return errors.Join(o.printPlan(s.Out, r.plan), sayDamage(s.Err, name, r.plan.damage))
	}
	if err := o.reach(ctx, r.guard, r.hosts); err != nil {
		return err
	}
	o.done.sayMissing(s.Err, o.done.files)
	r.plan.earlier.say(s.Err, o.targetName())
	return errors.Join(o.play(ctx, s, r), sayDamage(s.Err, name, r.plan.damage))
}

// rawGuard refuses to play what people really wrote, but to loopback and when asked to.
func (o *replayOptions) rawGuard(h corpus.Header) error {
	switch {
	case h.State != corpus.Raw || o.target == "": // a plan alone tells nothing of anyone
		return nil
	case !o.allowRaw && h.Unaudited:
		return withCode(exitRefused, errRaw(h, ""))
	case !o.allowRaw:
		return withCode(exitRefused, withHint(errors.New("the corpus is raw: it holds real people's numbers and texts"),
			"anonymize it first; or, to a target on this machine, play it with --allow-raw"))
	case o.proxy != nil:
		return withCode(exitRefused, errors.New("a raw corpus goes to this machine alone, and through no proxy"))
	case isElsewhere(o.url):
		return withCode(exitRefused, errors.New(rawIsLocal))
	}
	return nil
}

// play sends the plan and reports it.
func (o *replayOptions) play(ctx context.Context, s Streams, r *ready) error {
	switch _, err := r.engine.Warm(ctx); {
	case errors.Is(err, send.ErrRefused): // the name leads elsewhere than it did a moment ago
		return withCode(exitRefused, err)
	case err != nil:
		if own, ok := blameMachine(err); ok {
			return own
		}
		return withCode(exitUnreachable, hintWay(hintTLS(err)))
	}
	p, file := r.plan, r.file
	if err := p.earlier.copyInto(ctx, file); err != nil { // nothing was sent, and what there was is where it was
		return errors.Join(err, file.Discard())
	}
	end, runErr := o.send(ctx, s, r)
	if early := (*earlyError)(nil); errors.As(runErr, &early) {
		return errors.Join(early.error, file.Discard())
	}
	runErr = joined(runErr, file.Answers(r.kept.Shapes()))
	runErr = joined(runErr, o.finish(s, file, end))
	sayShortcomings(s.Err, r.renderer.Stats())
	run := results.Run{Header: r.header, Footer: &results.Footer{Outcome: end}, Summary: file.Summary(&end), Windows: file.Windows(len(end.Stats.Changes) > 0)}
	runErr = joined(runErr, o.complete(ctx, s.Err, r.path, &run))
	if err := o.printRun(s.Out, &run); err != nil { // also of a run that could not be written: the ledger balances
		return err
	}
	if o.url.Scheme == "http" && spokeNoHTTP(&run.Summary) {
		fmt.Fprintln(s.Err, "reprise: replay: no request got an answer but 400: does the target speak HTTPS?")
	}
	if errors.Is(runErr, replay.ErrAborted) {
		return withCode(exitUnmet, withHint(runErr, "--abort-on none plays on whatever fails"))
	}
	return errors.Join(runErr, judgeRun(s.Err, "replay", o.targets, &run.Summary), p.earlier.sayDamage(s.Err))
}

// complete joins what the target's system says it has finished.
func (o *replayOptions) complete(ctx context.Context, w io.Writer, corpus string, run *results.Run) error {
	if len(o.done.files) == 0 {
		return nil
	}
	o.done.corpus = corpus
	return o.done.await(ctx, w, o.out, run, func(c *results.Completer) error {
		r, err := openRun(o.out)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = results.Summarize(ctx, r, c)
		return err
	})
}

// joined is both errors, or the first alone where the second only says the same again.
func joined(first, second error) error {
	if first != nil && second != nil && strings.Contains(second.Error(), first.Error()) {
		return first
	}
	return errors.Join(first, second)
}

// earlyError is what kept a run from beginning: there is nothing to report.
type earlyError struct{ error }

func (e *earlyError) Unwrap() error { return e.error }

// send plays the corpus.
func (o *replayOptions) send(ctx context.Context, s Streams, r *ready) (replay.Outcome, error) {
	p, engine := r.plan, r.engine
	src, err := o.source(r.path)
	if err != nil {
		return replay.Outcome{}, &earlyError{err}
	}
	defer src.Close()
	control := new(replay.Control)
	socket, hangUp, err := listenForOrders(ctx, s.Err, o.control, control)
	if err != nil {
		return replay.Outcome{}, &earlyError{err}
	}
	defer hangUp()
	watching, err := o.watch(ctx, s, p, control, r.file, "reprise run "+r.header.Run)
	if err != nil {
		return replay.Outcome{}, &earlyError{err}
	}
	defer watching.end()
	show, stop := o.showProgress(s.Err, p, socket, control)
	defer stop()
	options := replay.Options{
		Keep: p.keepWithRetries(o), Again: func(context.Context) (replay.Stream, error) { return o.source(r.path) },
		Plan: p.Plan, MaxInFlight: o.maxInFlight, Late: o.latePolicy, Serialize: o.serialize, BySender: o.stick == send.AffinitySender,
		Resume: p.earlier.resume(), Drain: o.timeout, AbortOn: o.fuse, Control: control,
		Progress: func(g replay.Progress) {
			watching.tell()
			if show != nil {
				show(g)
			}
		},
	}
	if o.retries == "vendor" {
		options.Retry = render.RetrySchedule
	}
	recorder := watching.recorder
	if !o.quiet && o.progress != "json" {
		recorder = &rejections{Recorder: recorder, w: s.Err}
	}
	end, err := replay.Run(ctx, src, r.schedule, r.renderer, engine, recorder, options)
	st := engine.Stats()
	end.Stats.Engine, end.Stats.Connections = engine.Name(), st.Opened
	return end, err
}

// judgeRun checks what was expected of a run.
func judgeRun(w io.Writer, verb string, targets []results.Expectation, sum *results.Summary) error {
	missed := 0
	for _, e := range targets {
		if ok, got := e.Check(sum); !ok {
			missed++
			fmt.Fprintf(w, "reprise: %s: expected %s, got %s\n", verb, e, got)
		}
	}
	if missed > 0 {
		return withCode(exitUnmet, fmt.Errorf("%d of %s did not hold", missed, plural(int64(len(targets)), "expectation")))
	}
	return nil
}

// parseExpect reads --expect; an empty one expects nothing.
func parseExpect(text string) ([]results.Expectation, error) {
	if text == "" {
		return nil, nil
	}
	targets, err := results.ParseExpect(text)
	if err != nil {
		return nil, misuse("--expect: %v", err)
	}
	return targets, nil
}

// sendOptions are those of the engine, and of what looks at the target before it.
func (o *replayOptions) sendOptions(guard send.Guard) send.Options {
	return send.Options{
		Connections: o.connections, MaxInFlight: o.maxInFlight, Timeout: o.timeout, Timeouts: o.timeouts, Insecure: o.insecure,
		RootCAs: o.cas, Certificate: o.certificate, Proxy: o.proxy,
		Guard: guard, HTTP2: o.http2, Pacing: o.pace, Affinity: o.stick,
	}
}

func (o *replayOptions) renderer(run string, p *plan, schedule *pace.Schedule) (*render.Renderer, error) {
	recipients, senders := p.numbers.maps()
	return render.New(render.Options{
		Target: o.url, Table: p.table, Seed: o.seed, RunID: run, KeepIDs: o.keepIDs, Copies: schedule.Copies(), People: p.used,
		Recipients: recipients, Senders: senders, Headers: o.edits, Host: o.host, Sign: o.secrets, SignURL: o.signURL,
		PathRewrites: o.rewrites, Restamp: o.restamp,
	})
}

// runFile is the run's file: the one asked for, one that the verb keeps for a while, or none at all.
func (o *replayOptions) runFile(h results.Header) (*results.File, error) {
	switch {
	case o.kept != nil:
		return results.NewFile(o.kept, h)
	case o.out != "":
		f, err := results.Create(o.out, h, o.force)
		return f, outputError(err)
	}
	return results.NewFile(io.Discard, h)
}

// finish gives the run file its name. Then it holds what the file that was gone on with held.
func (o *replayOptions) finish(s Streams, file *results.File, end replay.Outcome) error {
	if err := file.Finish(end); err != nil {
		return outputError(err)
	}
	return consume(s.Err, "replay", o.resume, o.out)
}

// header says which run this is and what shaped it.
func (o *replayOptions) header(p *plan) results.Header {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	run := hex.EncodeToString(id[:])
	if p.earlier != nil && p.earlier.header.Run != "" { // it is lost with a damaged header
		run = p.earlier.header.Run
	}
	return results.Header{
		Run: run, Tool: version(), Started: time.Now().UTC(), Corpus: p.corpusHash, PlanHash: p.hash(o),
		Machine: results.ThisMachine(), Clock: thisClock(), Target: o.targetName(), Settings: o.settings, Plan: p.Plan,
	}
}

// targetName is the target without path, query and credentials.
func (o *replayOptions) targetName() string { return o.url.Scheme + "://" + o.url.Host }

func (o *replayOptions) printRun(w io.Writer, run *results.Run) error {
	switch {
	case o.asJSON:
		return printJSON(w, run.Summary)
	case o.quiet:
		return nil
	}
	return report.WriteRun(w, report.Text, run)
}

// sayShortcomings tells what was sent otherwise than asked for.
func sayShortcomings(w io.Writer, s render.Stats) {
	if s.Unread > 0 {
		fmt.Fprintf(w, "reprise: replay: %s could not be rewritten and went out with recorded ids\n", plural(s.Unread, "request"))
	}
	if s.Unsigned > 0 {
		fmt.Fprintf(w, "reprise: replay: %s could not be signed, and not sent\n", plural(s.Unsigned, "request"))
	}
	if s.SamePeople > 0 {
		fmt.Fprintf(w, "reprise: replay: the pool has no more numbers: %s sent as the recorded person\n", plural(s.SamePeople, "copy"))
	}
}

// isElsewhere says whether a URL has an address that is not this machine's. Where a name leads is known when it is looked up.
func isElsewhere(u *url.URL) bool {
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && !a.Unmap().IsLoopback()
}

// randomSeed is a seed for a run that was given none; it is printed with the run so that it can be given.
func randomSeed() uint64 { return mathrand.Uint64() }

// formatFloat writes a factor as users do.
func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

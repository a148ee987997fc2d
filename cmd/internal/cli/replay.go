package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	anonymized "reprise/anonymize/report"
	"reprise/capture/dialect/all"
	"reprise/capture/pages"
	captured "reprise/capture/report"
	"reprise/capture/wording"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/signing"
	"reprise/cmd/internal/terminal"
	"reprise/replay"
	"reprise/replay/control"
	"reprise/replay/live"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/session"
)

func replayVerb(s Streams) *cobra.Command {
	var o replayOptions
	o.begun = garbage.Leave()
	cmd := help.Verb(help.Page{
		Use: "replay FILE.rpz --target URL", Short: "Play a corpus at a target, at any tempo, and judge the run",
		Long: `Sends every request of a corpus at its recorded moment divided by --time-scale, whatever became of those before it
(open loop), and keeps account of each: recorded + added = filtered + ok + failed + shed + unsent. --time-scale 2 plays the
same messages in half the time; --volume 2 sends twice the messages in the same time, the extra ones new messages from new
people. Message ids are fresh in every run, so that a receiver's de-duplication hides no load. lag is how much later than
planned a request left, latency counts from the intended moment, service time from the actual one. Ctrl-C stops sending, waits for what is on its
way, and still writes the run file and the summary.`,
		Files: mapHelp + signing.KeyHelp(all.Table(), "--sign-profile"),
		Examples: [2]string{
			"reprise replay safe.rpz --target http://127.0.0.1:3000 --time-scale 2 -o run.rpr",
			"reprise replay safe.rpz --target https://staging.example.com --peak 1h --sign twilio=@token-file --allow-host staging.example.com",
		},
		Codes: []exit.Code{exit.Unmet, exit.Refused, exit.Unreachable, exit.Damaged, exit.Unjudged},
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), s, args[0])
	})
	o.add(cmd.Flags())
	return cmd
}

// run plays one corpus: it looks at everything first, so that nothing is sent that the plan does not hold.
func (o *replayOptions) run(ctx context.Context, s Streams, name string) error {
	defer o.begun()
	var err error
	if o.known, err = o.dialects.table(name); err != nil {
		return err
	}
	options, err := o.options(ctx, o.target)
	if err != nil {
		return err
	}
	o.sayWarnings(s.Err)
	path, done, err := inputs.Spool(ctx, name, s.In, s.Err)
	if err != nil {
		return err
	}
	defer done()
	r, plan, err := o.planned(ctx, s, name, path, options)
	if r != nil {
		defer r.Close()
	}
	if err != nil {
		return err
	}
	if err := o.checkListeners(ctx); err != nil {
		return err
	}
	if !o.quiet {
		signing.SayReadable(s.Err, "replay", signing.ToSign(o.sign, nil))
	}
	damage := inputs.SayDamage(s.Err, name, r.Damage())
	if o.dryRun {
		return errors.Join(o.printPlan(s.Out, r, name), damage)
	}
	if err := r.Probe(ctx); err != nil {
		return o.explain(err, r)
	}
	sayMissing(s.Err, &o.done.Files)
	sayLines(s.Err, "replay", report.EarlierNotes(r)...)
	return errors.Join(o.play(ctx, s, r, plan, o.newSearch(r, plan, path, name), name), damage)
}

// planned opens a session and plans it, and says what there is to know of the corpus and of who becomes whom.
func (o *replayOptions) planned(ctx context.Context, s Streams, name, path string, options session.Options) (*session.Session, *replay.Plan, error) {
	if err := o.done.Check(); err != nil {
		return nil, nil, completionError(&o.done.Files, "", err)
	}
	if room, limit := session.FilesRoom(); limit > 0 && o.plain.Engine.MaxInFlight > room && o.plain.Engine.Connections <= room && !o.quiet {
		fmt.Fprintf(s.Err, "reprise: replay: this machine allows this process %d open files (ulimit -n), so that about %d requests can be in flight, and not %d\n",
			limit, room, o.plain.Engine.MaxInFlight)
	}
	show := terminal.Start(s.Err, "plan", o.quiet)
	defer show.End()
	options.Scanned = func() { show.Count.Add(1) }
	options.Ahead = !o.dryRun
	r, err := session.Open(ctx, path, o.target, options)
	if err != nil {
		return nil, nil, o.explain(err, nil)
	}
	o.notes.sayCorpus(s.Err, name, r)
	plan, err := r.Plan(ctx)
	o.notes.say(s.Err, report.NumberNotes(r.Numbers(), flagOf)...)
	o.notes.say(s.Err, signing.SignNotes(r.Keys())...)
	o.notes.say(s.Err, report.ShapeNotes(plan, flagOf)...)
	switch {
	case errors.Is(err, session.ErrNothing):
		err = errors.Join(exit.Hint(err, "see what it holds with reprise inspect"), inputs.SayDamage(s.Err, "the corpus", r.Damage()))
	case err == nil && !o.dryRun:
		err = outsiders(r.Numbers())
	}
	if err == nil {
		err = o.checkExpect(r)
	}
	return r, plan, o.explain(err, r)
}

// play sends the plan and reports it.
func (o *replayOptions) play(ctx context.Context, s Streams, r *session.Session, plan *replay.Plan, causes *search, name string) error {
	hooks := session.Hooks{Control: new(replay.Control)}
	hooks.Control.Identify(r.Identity())
	hooks.Control.Introduce(aboutRun(r, name))
	socket, hangUp, err := o.listenForOrders(ctx, s.Err, hooks.Control)
	if err != nil {
		return err
	}
	defer hangUp()
	sayAlike(ctx, s.Err, socket, r.Identity())
	beside := o.outside.begin(ctx, s.Err, r.Header().Run, o.quiet)
	defer func() { beside.end(nil, nil) }()
	done := o.follow(r.Header().Run)
	watching, err := o.watch(ctx, s, r, plan, hooks.Control, beside.watcher, done)
	if err != nil {
		return err
	}
	defer done.stop()
	show, stop := o.showProgress(s.Err, plan, socket, hooks.Control)
	hooks.Results = slices.Concat(watching.Results, causes.recorders(), done.begin(ctx, watching))
	if !o.quiet && o.progress != "json" {
		hooks.Results = append(hooks.Results, sayRejections(s.Err))
	}
	hooks.Progress = func(g replay.Progress, sums *results.Accumulator) {
		o.begun() // its first requests were sent
		watching.Tell(sums)
		done.progress(g.Elapsed)
		beside.progress(g.Elapsed, hooks.Control.Changes(), hooks.Control.Notes())
		show(g)
	}
	if beside.watcher != nil {
		hooks.Watched = func(begun time.Time) []results.Watched { return beside.watched(ctx, begun) }
	}
	quiet := o.sayWaiting(ctx, s.Err, hooks.Control)
	run, err := r.Play(ctx, hooks)
	quiet()
	stop()
	done.began(run)
	watching.Over(r.Sums())
	beside.end(run, err)
	defer watching.Close()
	if run == nil {
		watching.End(report.Ended{})
		return o.explain(err, r)
	}
	err = o.tell(ctx, s, r, run, told{watching, causes, done}, err)
	o.linger(ctx, s.Err, watching)
	return err
}

// told is what else is told of a run that has ended: to those who watch, and of why requests were slow.
type told struct {
	watching *live.Show
	causes   *search
	done     *following
}

// tell reports a run, which ended with an error or none.
func (o *replayOptions) tell(ctx context.Context, s Streams, r *session.Session, run *results.Run, t told, err error) error {
	if r.Consumed() {
		fmt.Fprintf(s.Err, "reprise: replay: %s holds what was in %s, which is removed\n", o.plain.File, o.plain.Resume)
	}
	sayLines(s.Err, "replay", report.ShortcomingNotes(r, flagOf)...)
	done := o.done.Files
	done.Corpus = t.causes.corpus
	err = errors.Join(err, joinTo(ctx, s.Err, done, o.plain.File, run), o.writeIntervals(ctx, s, run))
	t.done.stop() // those that came until now are counted
	why := t.causes.why(ctx, s.Err, run, o.plain.File, o.done.Files)
	t.watching.End(report.EndOf(run, why))
	if err := o.printRun(s.Out, run, why); err != nil { // also of a run that could not be written: the ledger balances
		return err
	}
	if hint := protocolHint(run, o.plain.Engine.HTTP2); hint != "" {
		fmt.Fprintln(s.Err, "reprise: replay: "+hint)
	}
	if err = o.explain(err, r); errors.Is(err, replay.ErrAborted) {
		return err
	}
	expected, _ := parseExpect(o.flags.Changed("expect"), o.expect) // which was tried before the run
	return errors.Join(err, judgeRun(s.Err, "replay", o.quiet, expected, &run.Summary), sayEarlierDamage(s.Err, r))
}

// listenForOrders opens the socket for reprise ctl. Where nobody asked for one and none can be had, the run goes without.
func (o *replayOptions) listenForOrders(ctx context.Context, w io.Writer, c *replay.Control) (at string, stop func(), err error) {
	at, stop, err = control.Listen(ctx, o.control, c)
	switch {
	case err != nil && o.control == "":
		fmt.Fprintf(w, "reprise: replay: reprise ctl cannot steer this run, as it has no socket: %v\n", err)
		return "", func() {}, nil
	case err != nil:
		return "", nil, exit.Misuse("--control: %v", err)
	}
	return at, stop, nil
}

// showProgress returns what shows how a run stands, and what ends the display.
func (o *replayOptions) showProgress(w io.Writer, p *replay.Plan, socket string, c *replay.Control) (show func(replay.Progress), stop func()) {
	r := report.NewProgress(p, c)
	mode := o.progressMode(w)
	if socket != "" && (mode == "plain" || mode == "line" && !terminal.Is(w)) {
		fmt.Fprintf(w, "steer it with: reprise ctl pause --socket %s\n", socket)
	}
	switch mode {
	case "line":
		w = terminal.Bytes(w)
		return func(g replay.Progress) { fmt.Fprintf(w, "\r\x1b[K%s", r.Next(g).Line()) }, func() { fmt.Fprint(w, "\r\x1b[K") }
	case "plain":
		return func(g replay.Progress) { r.Plain(w, g) }, func() {}
	case "json":
		return func(g replay.Progress) { _ = printJSON(w, r.Next(g)) }, func() {}
	}
	return func(replay.Progress) {}, func() {}
}

// progressMode is how progress is shown: what was asked for, else a line on a terminal and plain lines elsewhere.
func (o *replayOptions) progressMode(w io.Writer) string {
	switch {
	case o.progress != "auto":
		return o.progress
	case o.quiet:
		return "none"
	case terminal.Is(w) && os.Getenv("CI") == "":
		return "line"
	}
	return "plain"
}

// checkListeners finds out whether the run can listen where it is to be shown and steered, and lets go again.
func (o *replayOptions) checkListeners(ctx context.Context) error {
	for _, at := range [][2]string{{"--dashboard", o.watching.dashboard}, {"--metrics", o.watching.metrics}} {
		l, err := listenAt(ctx, at[0], at[1])
		if err != nil {
			return err
		}
		if l != nil {
			l.Close()
		}
	}
	if o.control == "" {
		return nil
	}
	if err := control.Check(ctx, o.control); err != nil {
		return exit.Misuse("--control: %v", err)
	}
	return nil
}

// listenAt listens where a flag says; nil where it says nothing.
func listenAt(ctx context.Context, flag, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, exit.Misuse("%s: %v", flag, err)
	}
	return l, nil
}

// linger serves the metrics for a last scrape.
func (o *replayOptions) linger(ctx context.Context, w io.Writer, watching *live.Show) {
	if o.watching.linger <= 0 || ctx.Err() != nil { // an interrupt is a wish to end
		return
	}
	fmt.Fprintf(w, "metrics: they stay until they are read once more, for %s at most; Ctrl-C ends that\n", wording.Duration(o.watching.linger))
	if !watching.Linger(ctx) && ctx.Err() == nil && !o.quiet {
		fmt.Fprintln(w, "reprise: replay: nobody read the metrics after the run had ended")
	}
}

// watchFlags say where a run is shown while it is going.
type watchFlags struct {
	dashboard, metrics string
	linger             time.Duration
}

// check refuses a wait for which there is nothing to wait.
func (o *watchFlags) check() error {
	if o.linger > 0 && o.metrics == "" {
		return exit.Misuse("--metrics-linger says how long --metrics stay after the run: give --metrics too")
	}
	return nil
}

func (o *watchFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.dashboard, "dashboard", "", "show the run at this `ADDRESS`, such as 127.0.0.1:0, with buttons that pause and steer it")
	f.StringVar(&o.metrics, "metrics", "", "serve Prometheus metrics at this `ADDRESS`, such as 127.0.0.1:9464")
	f.DurationVar(&o.linger, "metrics-linger", 0, "serve --metrics after the run until they are read once more, for this `DURATION` at most")
}

// watch begins to show the run, and says where.
func (o *replayOptions) watch(ctx context.Context, s Streams, r *session.Session, plan *replay.Plan, c *replay.Control, figures *live.Watcher, done *following) (*live.Show, error) {
	dashboard, err := listenAt(ctx, "--dashboard", o.watching.dashboard)
	if err != nil {
		return nil, err
	}
	metrics, err := listenAt(ctx, "--metrics", o.watching.metrics)
	if err != nil {
		if dashboard != nil {
			dashboard.Close()
		}
		return nil, err
	}
	w := live.NewShow(ctx, live.ShowOptions{
		Title: "reprise run " + r.Header().Run, Version: build.Version(), Run: r.Header().Run, Trace: o.plain.Trace, Linger: o.watching.linger, Dashboard: dashboard, Metrics: metrics, MetricsHost: pages.HostOf(o.watching.metrics),
		Plan: plan, InFlightLimit: o.plain.Engine.MaxInFlight, Control: c, Watcher: figures, Completions: done.counts(),
	})
	if dashboard != nil {
		fmt.Fprintf(s.Err, "dashboard: %s\n", w.URL)
		if a, ok := dashboard.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
			fmt.Fprintln(s.Err, "dashboard: whoever reaches this machine and reads the address on its way can steer the run: it goes in clear")
		}
	}
	if metrics != nil {
		fmt.Fprintf(s.Err, "metrics: http://%s/metrics\n", metrics.Addr())
	}
	return w, nil
}

// checkExpect refuses what is expected of a step that the run will not have.
func (o *replayOptions) checkExpect(r *session.Session) error {
	expected, err := parseExpect(o.flags.Changed("expect"), o.expect)
	if err == nil {
		err = r.CheckExpect(expected)
	}
	if err != nil {
		return exit.Misuse("--expect: %v", err)
	}
	return nil
}

// judgeRun checks what was expected of a run. What is met by the results that a damaged file has left, and might not be by all, is not judged.
func judgeRun(w io.Writer, verb string, quiet bool, targets []results.Expectation, sum *results.Summary) error {
	missed, unsure := 0, 0
	part := report.Partial(sum)
	if part != "" && len(targets) > 0 {
		fmt.Fprintf(w, "reprise: %s: --expect is judged on a part: %s\n", verb, part)
	}
	for _, e := range targets {
		switch ok, got := e.Check(sum); {
		case !ok:
			missed++
			fmt.Fprintf(w, "reprise: %s: expected %s, got %s\n", verb, e, got)
		case !e.Sure(sum):
			unsure++
			fmt.Fprintf(w, "reprise: %s: %s cannot be judged: what is missing could turn it\n", verb, e)
		}
	}
	switch {
	case missed > 0:
		return exit.With(exit.Unmet, fmt.Errorf("%d of %s did not hold", missed, wording.Count(int64(len(targets)), "expectation")))
	case unsure > 0:
		return exit.With(exit.Unjudged, fmt.Errorf("%d of %s cannot be judged", unsure, wording.Count(int64(len(targets)), "expectation")))
	}
	if len(targets) > 0 && !quiet {
		met := make([]string, len(targets))
		for i, e := range targets {
			met[i] = e.String()
		}
		fmt.Fprintf(w, "reprise: %s: met what was expected: %s\n", verb, strings.Join(met, ", "))
	}
	return nil
}

func (o *replayOptions) printRun(w io.Writer, run *results.Run, why *report.Why) error {
	switch {
	case o.asJSON:
		return report.WriteRun(w, report.JSON, run, why)
	case o.quiet:
		return nil
	}
	if o.details {
		return report.WriteRun(w, report.Text, run, why)
	}
	return report.WriteBrief(w, run, why, report.Next{Run: o.plain.File, Named: flagOf})
}

// warn keeps what is to be said before the run: once, however many runs there are.
func (o *replayOptions) warn(format string, args ...any) {
	o.warnings = append(o.warnings, fmt.Sprintf(format, args...))
}

// sayWarnings says what a command line should rather not hold, before the first run.
func (o *replayOptions) sayWarnings(w io.Writer) {
	o.notes.say(w, o.warnings...)
}

// sayCorpus says once of a corpus that its paths may name people, and what was lost before it was made.
func (n *notes) sayCorpus(w io.Writer, name string, one *session.Session) {
	if !slices.Contains(n.said, name) {
		n.said = append(n.said, name)
		anonymized.WriteOldPaths(w, name, one.Corpus())
		captured.WriteLost(w, name, one.LostBefore())
	}
}

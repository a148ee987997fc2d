package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms/numberfile"
	"reprise/capture/wire"
	"reprise/capture/yamldoc"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/cmd/internal/signing"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// replayOptions are the flags of replay. Those that need no reading set the options of a session themselves.
type replayOptions struct {
	plain  session.Options
	target string
	begun  func() // is called when a run has begun
	// outputs are what -o names: the run file, which is plain.File, and intervals.
	outputs   []string
	intervals []string

	maxRate, shape          string
	messages                string
	outages                 []string
	drainOrder              string
	window                  selection.Window
	kinds, skipKinds        []string
	vendors                 []string
	sample, perSender       string
	recipients, senders     string
	retries                 string
	headers, labels         []string
	sign, signProfiles      []string
	dialects                dialectFlag
	known                   dialect.Table // the vendors that are built in, and those of the flag and of the corpus
	pathRewrite             []string
	pacing, affinity, late  string
	timeout                 send.TimeLimits
	stopOn, expect, control string
	progress                string
	seed                    uint64
	dryRun, asJSON, quiet   bool
	details                 bool
	watching                watchFlags
	outside                 outsideFlags
	done                    completionFlags
	wayFlags

	flags *pflag.FlagSet
	notes notes // of all runs that the flags are for
	// warnings are what a command line should rather not hold.
	warnings []string
}

func (o *replayOptions) add(f *pflag.FlagSet) {
	o.flags = f
	f.StringVar(&o.target, "target", "", "`URL` to send to: scheme, host, port, and a path to put before every request's")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "write the run to `FILE.rpr`, and latencies a second to FILE.hlog beside it (HdrHistogram's interval log); may be repeated")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.plain.Force, "force", false, "overwrite FILE if it exists")
	f.StringArrayVar(&o.labels, "label", nil, "call the run by `KEY=VALUE` in its file, as in commit=4f2c9aa; may be repeated")
	f.Float64Var(&o.plain.TimeScale, "time-scale", 1, "play in 1/`N` of the recorded time")
	f.Float64Var(&o.plain.Volume, "volume", 1, "send `N` times the messages in the same time, the extra ones from new people")
	f.Int64Var(&o.plain.Limit, "limit", 0, "stop after `N` requests (0: all)")
	f.StringVar(&o.messages, "messages", "", "send exactly `N` requests over the whole curve: drawn from it, or beyond it copies from new people; 'N by people' takes whole people, the last one cut")
	f.StringVar(&o.maxRate, "max-rate", "", "never plan more than this `RATE`, as in 500/s: what is above is shifted, not dropped")
	f.DurationVar(&o.plain.Ramp, "ramp", 0, "let the tempo grow from nothing over the first `DURATION` of the run")
	f.DurationVar(&o.plain.MaxGap, "max-gap", 0, "play no idle stretch of the recording longer than this `DURATION` of recorded time: the rest of it is left out")
	f.StringArrayVar(&o.outages, "outage", nil, "the vendor was down in `A..B` of the recording (14:00..15:30 in --tz, 60s..90s since the first message, or RFC 3339): what is due then comes in --drain; may be repeated")
	f.DurationVar(&o.plain.Drain, "drain", 0, "send what an --outage held within this `DURATION` of the run after it, while what comes later goes on at its own times")
	f.StringVar(&o.drainOrder, "drain-order", "fifo", "the order of what an --outage held, `fifo|shuffled`")
	f.IntVar(&o.plain.Loops, "loop", 1, "play everything `N` times, one after the other, with fresh ids")
	f.StringVar(&o.shape, "shape", "", "bend the curve by `STEPS`, as in '20k at 2x; ramp 5m to 4x; hold 10m', or by a YAML file of steps and factors (reprise template shape)")
	o.window.Add(f)
	f.DurationVar(&o.plain.Peak, "peak", 0, "play only the busiest stretch of this `DURATION`")
	f.StringSliceVar(&o.kinds, "kinds", nil, "play only these `KINDS`: "+selection.KindList())
	f.StringSliceVar(&o.skipKinds, "skip-kinds", nil, "leave out these `KINDS`")
	f.StringSliceVar(&o.vendors, "vendors", nil, "play only these `VENDORS`: "+selection.VendorList()+", or another that the corpus has")
	f.StringSliceVar(&o.plain.Paths, "path", nil, "play only requests whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.plain.Methods, "method", nil, "play only requests of these `METHODS`")
	f.StringVar(&o.sample, "sample", "", "play only this `SHARE` of the senders, as in 10%: each with all their messages")
	f.BoolVar(&o.plain.ShuffleKinds, "shuffle-kinds", false, "keep the arrival times and randomise which request comes when")
	f.StringVar(&o.perSender, "per-sender", "overlap", "what requests of one sender do, `overlap|serial|think`: serial sends the next only when the one before it is answered, think also after the pause that was recorded")
	f.StringVar(&o.senders, "senders", "", "`FILE` of numbers that send, one a line: the nth person of the corpus becomes number n; pairs and CSV as for --recipients")
	f.StringVar(&o.retries, "retries", "recorded", "what becomes of vendors' retries, `recorded|none|vendor`: sent as recorded, left out, or left out and failures retried as the vendor does (no Retry-After is obeyed)")
	f.StringVar(&o.recipients, "recipients", "", "`FILE` of numbers that receive: the nth of the corpus becomes number n, short codes short codes; "+numberfile.Help)
	f.BoolVar(&o.plain.KeepIDs, "keep-ids", false, "send message ids as recorded instead of fresh ones")
	f.StringArrayVar(&o.headers, "header", nil, "set a header, `'NAME: VALUE'` ({run} and {record} are filled in, but not in what is read of an @FILE value), or take one away, 'NAME:'; "+
		"'NAME: @FILE', or @FILE of such lines, keeps secrets off the command line (a value that begins with @ is written @@)")
	f.StringVar(&o.plain.Host, "host", "", "send this `HOST` header instead of the recorded one")
	f.StringArrayVar(&o.sign, "sign", nil, "sign a vendor's requests at the moment of sending: "+signing.KeyForm("the same ones in every run"))
	o.dialects.add(f)
	f.StringArrayVar(&o.signProfiles, "sign-profile", nil,
		"sign a vendor's requests by another scheme: "+signing.Schemes(all.Table()))
	f.StringVar(&o.plain.SignURL, "sign-url", "", "the `URL` that signatures cover (default: https://HOST and the path that is sent)")
	f.StringArrayVar(&o.pathRewrite, "path-rewrite", nil, "replace the beginning `A=B` of paths")
	f.BoolVar(&o.plain.Restamp, "restamp", false, "move the vendors' timestamps in payloads to the moment of sending")
	traceFlag{&o.plain.Trace}.add(f)
	f.IntVar(&o.plain.Engine.MaxInFlight, "max-in-flight", 512, "requests that may wait for their answer at once")
	f.IntVar(&o.plain.Engine.Connections, "connections", 64, "connections to open before the start")
	f.StringVar(&o.late, "late", "send", "what becomes of a request beyond --max-in-flight, `send|drop`: it waits (as lag), or is dropped")
	o.timeout.All = 10 * time.Second
	f.Var(&o.timeout, "timeout", "how long a request may take in all, and its parts: `10s,connect=2s`; the parts are connect, write, first-byte and body")
	f.BoolVar(&o.plain.Engine.HTTP2, "http2", false, "speak HTTP/2")
	f.StringVar(&o.pacing, "pacing", "precise", "how to wait for a moment, `precise|eco`: precise polls for the last 40 µs before each request, up to 4 % of a core for each 1,000/s; eco sleeps and is some 30 µs later; where other work has the CPUs, both are as late as it makes any thread")
	f.StringVar(&o.affinity, "affinity", "connection", "how requests are spread, `connection|sender`: over the connections in turn, or each sender on one")
	o.wayFlags.add(f)
	f.StringVar(&o.progress, "progress", "auto", "how to show progress on stderr, `auto|plain|json|none`")
	o.watching.add(f)
	o.outside.add(f)
	o.done.addFiles(f)
	o.done.addWait(f)
	f.StringVar(&o.stopOn, "stop-on", results.DefaultStopOn, "end the run when one of this `LIST` of METRIC OP VALUE/WINDOW holds, as in 'p99>500ms/30s,errors>50%/10s,backlog>1000/1m', or none; completions are for --expect")
	f.StringVar(&o.expect, "expect", "", "end with exit code 3 unless all of this `LIST` holds: 'faithful,lag.p99<20ms,moved<1%,errors<0.1%,p99<250ms'")
	f.StringVar(&o.plain.Resume, "resume", "", "go on with the run in this `FILE.rpr` that was stopped, or FILE.rpr.partial that was killed (what was on its way then, and the last 200 ms, is sent again); -o names the whole run")
	f.StringVar(&o.control, "control", "", "listen at this `SOCKET` for reprise ctl (default: one that ctl finds)")
	outputs.Declare(f, "control", outputs.Socket)
	f.StringArrayVar(&o.plain.Engine.Guard.Allow, "allow-host", nil, "allow a target `HOST` that is not on a private network")
	f.BoolVar(&o.plain.AllowRaw, "allow-raw", false, "play a corpus that was not anonymized, to this machine alone")
	f.BoolVar(&o.dryRun, "dry-run", false, "check all that a run would check (flags, keys, files, safety rules, the target's name), print the plan, and connect to nothing")
	f.Uint64Var(&o.seed, "seed", 0, "what is random follows from this `N` (default: another in every run)")
	f.BoolVar(&o.asJSON, "json", false, "print the summary, or the plan, as JSON")
	detailsFlag(f, &o.details)
	f.BoolVar(&o.quiet, "quiet", false, "print no summary and no progress")
}

// options checks every flag before anything is read or sent, for runs at one target.
func (o *replayOptions) options(ctx context.Context, target string) (s session.Options, err error) {
	if target == "" && !o.dryRun {
		return s, exit.Misuse("say where to send: --target http://127.0.0.1:9000")
	}
	if err := o.splitOutputs(); err != nil {
		return s, err
	}
	s = o.plain
	s.Tool, s.CountRecipients, s.OptionName = build.Version(), o.dryRun, flagOf
	s.Engine.Timeout, s.Engine.Timeouts = o.timeout.All, o.timeout.Timeouts
	s.Engine.Processors = new(send.Processors) // the process is the run's alone
	if o.flags.Changed("seed") {
		s.Seed = &o.seed
	}
	url, err := parseTarget(target)
	if err != nil {
		return s, err
	}
	for _, part := range []func(context.Context, *session.Options) error{
		o.parseSelection, o.parseNumbers, o.parseRequests, o.parseOutput, o.parseTempo, o.parseEngine, o.parseLimits,
	} {
		if err := part(ctx, &s); err != nil {
			return s, err
		}
	}
	if err := o.parseWay(ctx, url, &s); err != nil {
		return s, err
	}
	if s.Shape.Search != nil && !o.flags.Changed("stop-on") {
		s.StopOn = nil // a search needs one of its own
	}
	s.Settings = o.settings()
	return s, nil
}

func (o *replayOptions) parseSelection(_ context.Context, s *session.Options) (err error) {
	if s.Kinds, err = selection.Kinds("--kinds", o.kinds); err != nil {
		return err
	}
	if s.SkipKinds, err = selection.Kinds("--skip-kinds", o.skipKinds); err != nil {
		return err
	}
	s.From, s.To, err = o.window.Parse()
	s.Vendors = selection.Trimmed(o.vendors)
	return err
}

func (o *replayOptions) parseNumbers(_ context.Context, s *session.Options) (err error) {
	if o.recipients != "" {
		if s.Recipients, err = readNumberFile("--recipients", o.recipients); err != nil {
			return err
		}
	}
	if o.senders != "" {
		s.Senders, err = readNumberFile("--senders", o.senders)
	}
	return err
}

func (o *replayOptions) parseRequests(ctx context.Context, s *session.Options) (err error) {
	if s.Headers, err = o.parseHeaders(ctx); err != nil {
		return err
	}
	if o.plain.Trace != replay.TraceOff {
		for _, h := range s.Headers {
			if strings.EqualFold(h.Name, wire.HeaderTraceParent) {
				return exit.Misuse("--header %s: --trace sends one of its own: leave out one of the two", h.Name)
			}
		}
	}
	for _, text := range o.pathRewrite {
		rewrite, err := render.ParsePathRewrite(text)
		if err != nil {
			return exit.Misuse("--path-rewrite: %v", err)
		}
		s.PathRewrites = append(s.PathRewrites, rewrite)
	}
	if s.Keys, s.Table, err = signing.Read(ctx, signing.ToSign(o.sign, o.signProfiles), o.known); err != nil {
		return err
	}
	said, err := signing.CheckURL(o.plain.SignURL, o.sign)
	if said != "" {
		o.warn("%s", said)
	}
	return err
}

func (o *replayOptions) parseOutput(ctx context.Context, s *session.Options) error {
	if err := errors.Join(o.done.parse(), o.watching.check(), o.outside.parse(ctx)); err != nil {
		return err
	}
	switch {
	case o.plain.Resume != "" && o.plain.File == "":
		return exit.Misuse("--resume: say where the whole run goes: -o FILE.rpr")
	case len(o.done.Paths) > 0 && o.plain.File == "":
		return exit.Misuse("--completions are joined to the run file: give -o")
	case o.done.Wait > 0 && len(o.done.Paths) == 0:
		return exit.Misuse("--completions-wait says how long to wait for --completions: give them too")
	}
	if err := read("--label", &s.Labels, results.ParseLabels, o.labels); err != nil {
		return err
	}
	_, err := parseExpect(o.flags.Changed("expect"), o.expect)
	return err
}

// parseTempo reads the flags that say when and how often.
func (o *replayOptions) parseTempo(_ context.Context, s *session.Options) (err error) {
	if o.maxRate != "" {
		if err := read("--max-rate", &s.MaxRate, pace.ParseRate, o.maxRate); err != nil {
			return err
		}
	}
	if o.sample != "" {
		if s.Sample, err = yamldoc.ParseShare(o.sample); err != nil || s.Sample == 0 {
			return exit.Misuse("--sample: write a share above 0, as in 10%%")
		}
	}
	if o.flags.Changed("messages") {
		if s.Messages, s.ByPeople, err = session.ParseMessages(o.messages); err != nil {
			return exit.Misuse("--messages: %w", err)
		}
	}
	zone, err := o.window.Location()
	if err != nil {
		return err
	}
	if err := o.parseOutages(s, zone); err != nil {
		return err
	}
	if !o.flags.Changed("shape") {
		return nil
	}
	s.Shape, s.Factors, err = session.ReadShape(o.shape, zone)
	return fileError("--shape", err)
}

// parseOutages reads the flags that say when the vendor was down.
func (o *replayOptions) parseOutages(s *session.Options, zone *time.Location) error {
	for _, text := range o.outages {
		outage, err := session.ParseOutage(text, zone)
		if err != nil {
			return exit.Misuse("--outage: %w", err)
		}
		s.Outages = append(s.Outages, outage)
	}
	for _, flag := range []string{"drain", "drain-order"} {
		if o.flags.Changed(flag) && len(o.outages) == 0 {
			return exit.Misuse("--%s is for what an outage held: give --outage A..B too", flag)
		}
	}
	return read("--drain-order", &s.DrainOrder, session.ParseDrainOrder, o.drainOrder)
}

// read reads a flag's value.
func read[V, T any](flag string, into *T, parse func(V) (T, error), text V) error {
	value, err := parse(text)
	if err != nil {
		return exit.Misuse("%s: %w", flag, err)
	}
	*into = value
	return nil
}

// parseEngine reads the flags that take one of a few words.
func (o *replayOptions) parseEngine(_ context.Context, s *session.Options) error {
	for _, err := range []error{
		read("--pacing", &s.Engine.Pacing, send.ParsePacing, o.pacing),
		read("--affinity", &s.Engine.Affinity, send.ParseAffinity, o.affinity),
		read("--late", &s.Late, replay.ParseLate, o.late),
		read("--retries", &s.Retries, session.ParseRetries, o.retries),
		read("--per-sender", &s.PerSender, session.ParsePerSender, o.perSender),
		read("--stop-on", &s.StopOn, results.ParseStopOn, o.stopOn),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// parseLimits checks numbers, in the order of the help: a 0 that is written is none that is left out.
func (o *replayOptions) parseLimits(_ context.Context, s *session.Options) error {
	if !slices.Contains([]string{"auto", "plain", "json", "none"}, o.progress) {
		return exit.Misuse("--progress: %q is none of auto, plain, json, none", o.progress)
	}
	for _, bound := range []struct {
		flag  string
		value int
	}{
		{"--max-in-flight", s.Engine.MaxInFlight},
		{"--connections", s.Engine.Connections},
		{"--loop", s.Loops},
	} {
		if bound.value < 1 {
			return exit.Misuse("%s must be at least 1", bound.flag)
		}
	}
	if !(s.TimeScale > 0 && s.Volume > 0) {
		return exit.Misuse("--time-scale and --volume must be above 0")
	}
	return nil
}

// settings lists the flags that decide what is sent when, as the run file records them. Files with secrets are left out.
func (o *replayOptions) settings() map[string]string {
	m := make(map[string]string)
	o.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed && isSetting(f.Name) {
			m[f.Name] = f.Value.String()
		}
	})
	return m
}

// isSetting says whether a run file records a flag. A file that tells of others was not written by replay: they are not followed, as they say
// whom it may send to and what it may write.
func isSetting(flag string) bool {
	switch flag {
	case "output", "label", "force", "json", "quiet", "details", "progress", "target", "sign", "header", "recipients", "senders", "cacert", "allow-host", "proxy", "proxy-auth", "cert", "key",
		"seed", "expect", "resume", "control", "dashboard", "metrics", "metrics-linger", "watch", "annotate", "completions", "completions-map",
		"completions-offset", "completions-wait":
		return false
	}
	return true
}

// flagOf is the flag of an option that the library names: nearly all are called alike.
func flagOf(option string) string {
	switch option {
	case "Keys":
		return "--sign"
	case "Headers":
		return "--header"
	case "Loops":
		return "--loop"
	case "KeepIDs":
		return "--keep-ids"
	case "Outages":
		return "--outage"
	case "CACert":
		return "--cacert"
	case "File":
		return "-o"
	case "Offset":
		return "--completions-offset"
	case "Inbound":
		return "sink --inbound"
	}
	flag := []byte("-")
	for _, c := range []byte(option) {
		if 'A' <= c && c <= 'Z' {
			flag, c = append(flag, '-'), c-'A'+'a'
		}
		flag = append(flag, c)
	}
	return string(flag)
}

// parseExpect reads --expect, where it is given. One that names nothing is a mistake, such as a variable that is not set: it would let
// everything pass.
func parseExpect(given bool, text string) ([]results.Expectation, error) {
	if !given {
		return nil, nil
	}
	if strings.TrimSpace(text) == "" {
		return nil, exit.Misuse("--expect: it names no condition: give one or more, such as 'faithful,errors<0.1%%', or leave the flag out")
	}
	targets, err := results.ParseExpect(text)
	if err != nil {
		return nil, exit.Misuse("--expect: %v", err)
	}
	return targets, nil
}

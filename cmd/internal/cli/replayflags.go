package cli

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/sms/numberfile"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/signing"
	"reprise/replay"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	target, out       string
	force             bool
	timeScale, volume float64
	limit             int64
	maxRate           string
	ramp              time.Duration
	loop              int
	curveScale        string

	window           windowFlags
	peak             time.Duration
	kinds, skipKinds []string
	vendors, paths   []string
	methods          []string
	sample           string
	shuffleKinds     bool
	perSender        string

	recipients   string
	senders      string
	keepIDs      bool
	retries      string
	headers      []string
	host         string
	sign         []string
	signProfiles []string
	signURL      string
	pathRewrite  []string
	restamp      bool
	http2        bool
	pacing       string
	affinity     string
	expect       string
	resume       string
	control      string
	maxInFlight  int
	connections  int
	late         string
	timeout      send.TimeLimits
	wayFlags
	progress  string
	watching  watchFlags
	done      completionFlags
	stopOn    string
	allowHost []string
	// lookup, where set, stands in for the system's resolver: tests make names lead elsewhere with it.
	lookup           func(ctx context.Context, host string) ([]netip.Addr, error)
	allowRaw, dryRun bool
	seed             uint64
	asJSON, quiet    bool

	flags *pflag.FlagSet
	notes notes // of all runs that the flags are for
	// warnings are what a command line should rather not hold.
	warnings []string
}

func (o *replayOptions) add(f *pflag.FlagSet) {
	o.flags = f
	f.StringVar(&o.target, "target", "", "`URL` to send to: scheme, host, port, and a path to put before every request's")
	f.StringVarP(&o.out, "output", "o", "", "write the run to `FILE.rpr`")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Float64Var(&o.timeScale, "time-scale", 1, "play in 1/`N` of the recorded time")
	f.Float64Var(&o.volume, "volume", 1, "send `N` times the messages in the same time, the extra ones from new people")
	f.Int64Var(&o.limit, "limit", 0, "stop after `N` requests (0: all)")
	f.StringVar(&o.maxRate, "max-rate", "", "never plan more than this `RATE`, as in 500/s: what is above is shifted, not dropped")
	f.DurationVar(&o.ramp, "ramp", 0, "let the tempo grow from nothing over the first `DURATION` of the run")
	f.IntVar(&o.loop, "loop", 1, "play everything `N` times, one after the other, with fresh ids")
	f.StringVar(&o.curveScale, "curve-scale", "", "YAML `FILE` of factors on the volume by time or kind: [{from: T, to: T, kinds: [K], volume: 3}]")
	o.window.add(f)
	f.DurationVar(&o.peak, "peak", 0, "play only the busiest stretch of this `DURATION`")
	f.StringSliceVar(&o.kinds, "kinds", nil, "play only these `KINDS`: "+kindList())
	f.StringSliceVar(&o.skipKinds, "skip-kinds", nil, "leave out these `KINDS`")
	f.StringSliceVar(&o.vendors, "vendors", nil, "play only these `VENDORS`")
	f.StringSliceVar(&o.paths, "path", nil, "play only requests whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.methods, "method", nil, "play only requests of these `METHODS`")
	f.StringVar(&o.sample, "sample", "", "play only this `SHARE` of the senders, as in 10%: each with all their messages")
	f.BoolVar(&o.shuffleKinds, "shuffle-kinds", false, "keep the arrival times and randomise which request comes when")
	f.StringVar(&o.perSender, "per-sender", "overlap", "what requests of one sender do, `overlap|serial`: serial sends the next only when the one before it is answered")
	f.StringVar(&o.senders, "senders", "", "`FILE` of numbers that send, one a line: the nth person of the corpus becomes number n; pairs and CSV as for --recipients")
	f.StringVar(&o.retries, "retries", "recorded", "what becomes of vendors' retries, `recorded|none|vendor`: sent as recorded, left out, or left out and failures retried as the vendor does (no Retry-After is obeyed)")
	f.StringVar(&o.recipients, "recipients", "", "`FILE` of numbers that receive: the nth of the corpus becomes number n, short codes short codes; "+numberfile.Help)
	f.BoolVar(&o.keepIDs, "keep-ids", false, "send message ids as recorded instead of fresh ones")
	f.StringArrayVar(&o.headers, "header", nil, "set a header, `'NAME: VALUE'` ({run} and {record} are filled in, but not in what is read of an @FILE value), or take one away, 'NAME:'; "+
		"'NAME: @FILE', or @FILE of such lines, keeps secrets off the command line (a value that begins with @ is written @@)")
	f.StringVar(&o.host, "host", "", "send this `HOST` header instead of the recorded one")
	f.StringArrayVar(&o.sign, "sign", nil, "sign a vendor's requests at the moment of sending: `VENDOR=@FILE`, the file holding the token or key")
	f.StringArrayVar(&o.signProfiles, "sign-profile", nil,
		"sign a vendor's requests by another HMAC scheme: `VENDOR=PRESET|FILE` (standard-webhooks, svix, sinch, klaviyo, attentive, or JSON)")
	f.StringVar(&o.signURL, "sign-url", "", "the `URL` that signatures cover (default: https://HOST and the path that is sent)")
	f.StringArrayVar(&o.pathRewrite, "path-rewrite", nil, "replace the beginning `A=B` of paths")
	f.BoolVar(&o.restamp, "restamp", false, "move the vendors' timestamps in payloads to the moment of sending")
	f.IntVar(&o.maxInFlight, "max-in-flight", 512, "requests that may wait for their answer at once")
	f.IntVar(&o.connections, "connections", 64, "connections to open before the start")
	f.StringVar(&o.late, "late", "send", "what becomes of a request beyond --max-in-flight, `send|drop`: it waits (as lag), or is dropped")
	o.timeout.All = 10 * time.Second
	f.Var(&o.timeout, "timeout", "how long a request may take in all, and its parts: `10s,connect=2s`; the parts are connect, write, first-byte and body")
	f.BoolVar(&o.http2, "http2", false, "speak HTTP/2")
	f.StringVar(&o.pacing, "pacing", "precise", "how to wait for a moment, `precise|eco`: precise spins for the last 60 µs before each request, eco never does")
	f.StringVar(&o.affinity, "affinity", "connection", "how requests are spread, `connection|sender`: over the connections in turn, or each sender on one")
	o.wayFlags.add(f)
	f.StringVar(&o.progress, "progress", "auto", "how to show progress on stderr, `auto|plain|json|none`")
	o.watching.add(f)
	o.done.addFiles(f)
	o.done.addWait(f)
	f.StringVar(&o.stopOn, "stop-on", session.DefaultStopOn, "end the run when one of this `LIST` holds, as in 'errors>50%/10s,errors>5%/5m', or none")
	f.StringVar(&o.expect, "expect", "", "end with exit code 3 unless all of this `LIST` holds: 'faithful,lag.p99<5ms,errors<0.1%,p99<250ms'")
	f.StringVar(&o.resume, "resume", "", "go on with the run in this `FILE.rpr` that was stopped, or FILE.rpr.partial that was killed (what was on its way then, and the last 200 ms, is sent again); -o names the whole run")
	f.StringVar(&o.control, "control", "", "listen at this `SOCKET` for reprise ctl (default: one that ctl finds)")
	outputs.Declare(f, "control", outputs.Socket)
	f.StringArrayVar(&o.allowHost, "allow-host", nil, "allow a target `HOST` that is not on a private network")
	f.BoolVar(&o.allowRaw, "allow-raw", false, "play a corpus that was not anonymized, to this machine alone")
	f.BoolVar(&o.dryRun, "dry-run", false, "check all that a run would check (flags, keys, files, safety rules, the target's name), print the plan, and connect to nothing")
	f.Uint64Var(&o.seed, "seed", 0, "what is random follows from this `N` (default: another in every run)")
	f.BoolVar(&o.asJSON, "json", false, "print the summary, or the plan, as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no summary and no progress")
}

// options checks every flag before anything is read or sent, for runs at one target.
func (o *replayOptions) options(ctx context.Context, target string) (s session.Options, err error) {
	if target == "" && !o.dryRun {
		return s, exit.Misuse("say where to send: --target http://127.0.0.1:9000")
	}
	s = session.Options{
		Identity: session.Identity{KeepIDs: o.keepIDs},
		Requests: session.Requests{Host: o.host, Restamp: o.restamp, SignURL: o.signURL},
		Output:   session.Output{File: o.out, Force: o.force, Resume: o.resume},
		AllowRaw: o.allowRaw, Tool: version(), CountRecipients: o.dryRun, OptionName: flagOf,
	}
	s.Engine = send.Options{
		Connections: o.connections, MaxInFlight: o.maxInFlight, Timeout: o.timeout.All, Timeouts: o.timeout.Timeouts, HTTP2: o.http2,
		Guard: send.Guard{Allow: o.allowHost, Lookup: o.lookup}, Processors: new(send.Processors), // the process is the run's alone
	}
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
	s.Settings = o.settings()
	return s, nil
}

func (o *replayOptions) parseSelection(_ context.Context, s *session.Options) (err error) {
	if s.Kinds, err = parseKinds("--kinds", o.kinds); err != nil {
		return err
	}
	if s.SkipKinds, err = parseKinds("--skip-kinds", o.skipKinds); err != nil {
		return err
	}
	when, err := o.window.parse()
	s.From, s.To = when.from, when.to
	s.Peak, s.Paths, s.Methods, s.ShuffleKinds = o.peak, o.paths, o.methods, o.shuffleKinds
	for _, name := range o.vendors {
		s.Vendors = append(s.Vendors, strings.TrimSpace(name))
	}
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
	for _, text := range o.pathRewrite {
		rewrite, err := render.ParsePathRewrite(text)
		if err != nil {
			return exit.Misuse("--path-rewrite: %v", err)
		}
		s.PathRewrites = append(s.PathRewrites, rewrite)
	}
	if s.Keys, s.Table, err = signing.Read(ctx, signing.ToSign(o.sign, o.signProfiles)); err != nil {
		return err
	}
	said, err := signing.CheckURL(o.signURL, o.sign)
	if said != "" {
		o.warn("%s", said)
	}
	return err
}

func (o *replayOptions) parseOutput(context.Context, *session.Options) error {
	if err := o.done.parse(); err != nil {
		return err
	}
	switch {
	case o.resume != "" && o.out == "":
		return exit.Misuse("--resume: say where the whole run goes: -o FILE.rpr")
	case len(o.done.Paths) > 0 && o.out == "":
		return exit.Misuse("--completions are joined to the run file: give -o")
	case o.done.Wait > 0 && len(o.done.Paths) == 0:
		return exit.Misuse("--completions-wait says how long to wait for --completions: give them too")
	}
	_, err := parseExpect(o.expect)
	return err
}

func (o *replayOptions) parseEngine(_ context.Context, s *session.Options) (err error) {
	switch o.pacing {
	case "precise":
	case "eco":
		s.Engine.Pacing = send.Eco
	default:
		return exit.Misuse("--pacing: %q is neither precise nor eco", o.pacing)
	}
	switch o.affinity {
	case "connection":
	case "sender":
		s.Engine.Affinity = send.AffinitySender
	default:
		return exit.Misuse("--affinity: %q is neither connection nor sender", o.affinity)
	}
	switch o.late {
	case "send":
	case "drop":
		s.Late = replay.LateDrop
	default:
		return exit.Misuse("--late: %q is neither send nor drop", o.late)
	}
	if s.Retries, err = session.ParseRetries(o.retries); err != nil {
		return exit.Misuse("--retries: %v", err)
	}
	if s.PerSender, err = session.ParsePerSender(o.perSender); err != nil {
		return exit.Misuse("--per-sender: %v", err)
	}
	if s.StopOn, err = session.ParseStopOn(o.stopOn); err != nil {
		return exit.Misuse("--stop-on: %v", err)
	}
	return nil
}

// parseLimits checks numbers, in the order of the help.
func (o *replayOptions) parseLimits(context.Context, *session.Options) error {
	if !slices.Contains([]string{"auto", "plain", "json", "none"}, o.progress) {
		return exit.Misuse("--progress: %q is none of auto, plain, json, none", o.progress)
	}
	for _, bound := range []struct {
		flag         string
		value, least int64
	}{
		{"--max-in-flight", int64(o.maxInFlight), 1},
		{"--connections", int64(o.connections), 1},
		{"--limit", o.limit, 0},
		{"--loop", int64(o.loop), 1},
		{"--peak", int64(o.peak), 0},
		{"--ramp", int64(o.ramp), 0},
	} {
		switch {
		case bound.value >= bound.least:
		case bound.least == 0:
			return exit.Misuse("%s must not be negative", bound.flag)
		default:
			return exit.Misuse("%s must be at least %d", bound.flag, bound.least)
		}
	}
	if !(o.timeScale > 0 && o.volume > 0) {
		return exit.Misuse("--time-scale and --volume must be above 0")
	}
	return nil
}

// settings lists the flags that decide what is sent when, as the run file records them. Files with secrets are left out.
func (o *replayOptions) settings() map[string]string {
	m := make(map[string]string)
	o.flags.VisitAll(func(f *pflag.Flag) {
		switch f.Name {
		case "output", "force", "json", "quiet", "progress", "target", "sign", "header", "recipients", "senders", "cacert", "allow-host", "proxy", "proxy-auth", "cert", "key",
			"seed", "expect", "resume", "control", "dashboard", "metrics", "completions", "completions-map",
			"completions-offset", "completions-wait":
		default:
			if f.Changed {
				m[f.Name] = f.Value.String()
			}
		}
	})
	return m
}

// flagOf is the flag of an option of a session.
func flagOf(option string) string {
	switch option {
	case "Like", "Host", "Recipients", "Senders", "Resume", "Target", "Peak", "Limit", "Ramp", "Sample", "Volume", "Connections", "Timeout", "Proxy", "Cert", "Key", "CACert":
		return "--" + strings.ToLower(option)
	case "AllowRaw":
		return "--allow-raw"
	case "Restamp":
		return "--restamp"
	case "Offset":
		return "--completions-offset"
	case "Inbound":
		return "sink --inbound"
	case "ProxyAuth":
		return "--proxy-auth"
	case "Headers":
		return "--header"
	case "TimeScale":
		return "--time-scale"
	case "MaxRate":
		return "--max-rate"
	case "MaxInFlight":
		return "--max-in-flight"
	case "Loops":
		return "--loop"
	case "Scales":
		return "--curve-scale"
	case "File":
		return "-o"
	}
	return option
}

// parseExpect reads --expect; an empty one expects nothing.
func parseExpect(text string) ([]results.Expectation, error) {
	if text == "" {
		return nil, nil
	}
	targets, err := results.ParseExpect(text)
	if err != nil {
		return nil, exit.Misuse("--expect: %v", err)
	}
	return targets, nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/output"
	"reprise/capture/sms/numberfile"
	"reprise/capture/yamldoc"
	"reprise/replay"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
)

// replayOptions are the flags of replay, and below them what parse makes of them.
type replayOptions struct {
	target, out       string
	kept              *output.Temp // out, where the run's file goes with this process
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
	serialize        bool

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
	timeout      time.Duration
	timeouts     send.Timeouts
	wayFlags
	progress  string
	watching  watchFlags
	done      completionFlags
	abortOn   string
	allowHost []string
	// lookup, where set, stands in for the system's resolver: tests make names lead elsewhere with it.
	lookup           func(ctx context.Context, host string) ([]netip.Addr, error)
	allowRaw, dryRun bool
	seed             uint64
	asJSON, quiet    bool
	oldPathsSaid     bool // by a verb that plays the corpus more than once

	flags      *pflag.FlagSet
	url        *url.URL
	only, skip []capture.Kind
	when       window
	numbers    *numberfile.File // of --recipients
	people     *numberfile.File // of --senders
	digests    map[string]string
	notes      *notes
	edits      []render.Header
	rewrites   []render.Rewrite
	perSecond  float64
	share      float64
	stretches  []stretchScale
	pace       send.Pacing
	stick      send.Affinity
	targets    []results.Expectation
	table      dialect.Table // the vendors, with the schemes of signatures that were asked for
	secrets    map[string][]byte
	latePolicy replay.Late
	fuse       *replay.Fuse
	settings   map[string]string
	paceSeed   uint64
	warnings   []string
}

func (o *replayOptions) add(f *pflag.FlagSet) {
	o.flags = f
	f.StringVar(&o.target, "target", "", "`URL` to send to: scheme, host, port, and a path to put before every request's")
	f.StringVarP(&o.out, "output", "o", "", "write the run to `FILE.rpr`")
	writes(f, "output", wholeFile)
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
	f.BoolVar(&o.serialize, "serialize-senders", false, "send a sender's next request only when the one before it is answered")
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
	f.DurationVar(&o.timeout, "timeout", 10*time.Second, "how long a request may take in all")
	f.DurationVar(&o.timeouts.Connect, "timeout-connect", 0, "how long opening a connection may take (0: --timeout)")
	f.DurationVar(&o.timeouts.Write, "timeout-write", 0, "how long the target may take to accept a request (0: --timeout)")
	f.DurationVar(&o.timeouts.FirstByte, "timeout-first-byte", 0, "how long the first byte of an answer may take (0: --timeout)")
	f.DurationVar(&o.timeouts.Body, "timeout-body", 0, "how long an answer may take from its first byte to its last (0: --timeout)")
	f.BoolVar(&o.http2, "http2", false, "speak HTTP/2")
	f.StringVar(&o.pacing, "pacing", "precise", "how to wait for a moment, `precise|eco`: precise spins for the last 60 µs before each request, eco never does")
	f.StringVar(&o.affinity, "affinity", "connection", "how requests are spread, `connection|sender`: over the connections in turn, or each sender on one")
	o.wayFlags.add(f)
	f.StringVar(&o.progress, "progress", "auto", "how to show progress on stderr, `auto|plain|json|none`")
	o.watching.add(f)
	o.done.addFiles(f)
	o.done.addWait(f)
	f.StringVar(&o.abortOn, "abort-on", "errors>50%/10s", "give up when so much fails: 'errors>`SHARE/TIME`', or none")
	f.StringVar(&o.expect, "expect", "", "end with exit code 3 unless all of this `LIST` holds: 'faithful,lag.p99<5ms,errors<0.1%,p99<250ms'")
	f.StringVar(&o.resume, "resume", "", "go on with the run in this `FILE.rpr` that was stopped, or FILE.rpr.partial that was killed (what was on its way then, and the last 200 ms, is sent again); -o names the whole run")
	f.StringVar(&o.control, "control", "", "listen at this `SOCKET` for reprise ctl (default: one that ctl finds)")
	writes(f, "control", localSocket)
	f.StringArrayVar(&o.allowHost, "allow-host", nil, "allow a target `HOST` that is not on a private network")
	f.BoolVar(&o.allowRaw, "allow-raw", false, "play a corpus that was not anonymized, to this machine alone")
	f.BoolVar(&o.dryRun, "dry-run", false, "check all that a run would check (flags, keys, files, safety rules, the target's name), print the plan, and connect to nothing")
	f.Uint64Var(&o.seed, "seed", 0, "what is random follows from this `N` (default: another in every run)")
	f.BoolVar(&o.asJSON, "json", false, "print the summary, or the plan, as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no summary and no progress")
}

// parse checks every flag before anything is read or sent.
func (o *replayOptions) parse(ctx context.Context) (err error) {
	if o.target == "" && !o.dryRun {
		return misuse("say where to send: --target http://127.0.0.1:9000")
	}
	if err := o.parseTarget(); err != nil {
		return err
	}
	if o.only, err = parseKinds("--kinds", o.kinds); err != nil {
		return err
	}
	if o.skip, err = parseKinds("--skip-kinds", o.skipKinds); err != nil {
		return err
	}
	if o.when, err = o.window.parse(); err != nil {
		return err
	}
	if o.recipients != "" {
		if o.numbers, err = readNumberFile("--recipients", o.recipients); err != nil {
			return err
		}
	}
	if err := o.parseHeaders(ctx); err != nil {
		return err
	}
	if o.senders != "" {
		if o.people, err = readNumberFile("--senders", o.senders); err != nil {
			return err
		}
	}
	for _, text := range o.pathRewrite {
		rewrite, err := render.ParsePathRewrite(text)
		if err != nil {
			return misuse("--path-rewrite: %v", err)
		}
		o.rewrites = append(o.rewrites, rewrite)
	}
	if err := errors.Join(o.parseSecrets(ctx), o.done.parse()); err != nil {
		return err
	}
	if len(o.done.files) > 0 && o.out == "" {
		return misuse("--completions are joined to the run file: give -o")
	}
	if o.done.waiting > 0 && len(o.done.files) == 0 {
		return misuse("--completions-wait says how long to wait for --completions: give them too")
	}
	if err := o.parseTempo(); err != nil {
		return err
	}
	if err := o.parseEngine(); err != nil {
		return err
	}
	if err := o.parseLimits(); err != nil {
		return err
	}
	if err := o.parseWay(ctx); err != nil {
		return err
	}
	// Without a seed, ids and new people differ in every run; which copies are sent when does not, so that two runs of
	// one command line can be compared.
	o.paceSeed = o.seed
	if !o.flags.Changed("seed") {
		o.seed = randomSeed()
	}
	o.settings = o.shape()
	return nil
}

func (o *replayOptions) parseSecrets(ctx context.Context) (err error) {
	if o.secrets, o.table, err = readSigning(ctx, o.sign, o.signProfiles); err != nil {
		return err
	}
	said, err := checkSignURL(o.signURL, o.sign)
	if said != "" {
		o.warn("%s", said)
	}
	return err
}

func (o *replayOptions) parseLimits() error {
	switch o.late {
	case "send":
		o.latePolicy = replay.LateSend
	case "drop":
		o.latePolicy = replay.LateDrop
	default:
		return misuse("--late: %q is neither send nor drop", o.late)
	}
	if !slices.Contains([]string{"auto", "plain", "json", "none"}, o.progress) {
		return misuse("--progress: %q is none of auto, plain, json, none", o.progress)
	}
	for flag, value := range map[string]int64{
		"--max-in-flight": int64(o.maxInFlight) - 1, "--connections": int64(o.connections) - 1, "--limit": o.limit,
		"--timeout": int64(o.timeout) - 1, "--peak": int64(o.peak),
	} {
		if value < 0 {
			return misuse("%s is too small", flag)
		}
	}
	if o.timeScale <= 0 || o.volume <= 0 {
		return misuse("--time-scale and --volume must be above 0")
	}
	fuse, err := parseFuse(o.abortOn)
	if err != nil {
		return misuse("--abort-on: %v", err)
	}
	o.fuse = fuse
	return nil
}

// parseFuse reads "errors>50%/10s" or "none".
func parseFuse(s string) (*replay.Fuse, error) {
	if s == "none" {
		return nil, nil
	}
	bad := fmt.Errorf("%q is not like 'errors>50%%/10s'", s)
	rest, ok := strings.CutPrefix(s, "errors>")
	share, window, cut := strings.Cut(rest, "/")
	if !ok || !cut {
		return nil, bad
	}
	part, err := yamldoc.ParseShare(share)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(window)
	if err != nil || d <= 0 {
		return nil, bad
	}
	return &replay.Fuse{Share: part, Window: d}, nil
}

// shape lists the flags that decide what is sent when, as the run file records them. Files with secrets are left out.
func (o *replayOptions) shape() map[string]string {
	m := map[string]string{"time-scale": formatFloat(o.timeScale), "volume": formatFloat(o.volume), "seed": fmt.Sprint(o.seed)}
	o.flags.VisitAll(func(f *pflag.Flag) {
		if !f.Changed {
			return
		}
		switch f.Name {
		case "output", "force", "json", "quiet", "progress", "target", "sign", "header", "recipients", "senders", "cacert", "allow-host", "proxy", "proxy-auth", "cert", "key",
			"seed", "expect", "resume", "control", "dashboard", "metrics", "completions", "completions-map",
			"completions-offset", "completions-wait":
			return
		}
		m[f.Name] = f.Value.String()
	})
	o.settle(m)
	for vendor := range o.secrets {
		m["sign "+vendor] = "yes"
	}
	for _, h := range o.edits {
		m["header "+h.Name] = "set"
		if h.Remove {
			m["header "+h.Name] = "removed"
		}
	}
	o.numberSettings(m)
	return m
}

// keep says which records are played.
func (o *replayOptions) keep(when window) func(*capture.Record) bool {
	return func(r *capture.Record) bool {
		return when.contains(r.Time) && o.sampled(r) &&
			(len(o.only) == 0 || slices.Contains(o.only, r.Kind)) && !slices.Contains(o.skip, r.Kind) &&
			(len(o.vendors) == 0 || slices.Contains(o.vendors, r.Vendor)) &&
			(len(o.paths) == 0 || slices.ContainsFunc(o.paths, func(p string) bool { return strings.HasPrefix(r.URL, p) })) &&
			(len(o.methods) == 0 || slices.ContainsFunc(o.methods, func(m string) bool { return strings.EqualFold(m, r.Method) }))
	}
}

var errNothing = errors.New("nothing to play: no record of the corpus is wanted")

package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/sms"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// plan is what a pass over the corpus found out before anything is sent.
type plan struct {
	*replay.Plan
	pace       pace.Options
	keep       func(*capture.Record) bool
	window     window // what --from, --to and --peak leave
	table      dialect.Table
	used       *render.Used
	hosts      corpus.Hosts
	recorded   recordedHosts // those that the records to be played were sent to
	damage     []corpus.Damage
	corpusHash string
	earlier    *earlier // the run that is gone on with, nil for a new one
	numbers    *numbers // who becomes whom; nil where everyone stays
}

// plan reads the corpus once, or twice where the busiest stretch is wanted.
func (o *replayOptions) plan(ctx context.Context, s Streams, path string) (*plan, error) {
	show := startProgress(s.Err, "plan", o.quiet)
	defer show.end()
	p := &plan{
		pace: pace.Options{
			TimeScale: o.timeScale, Volume: o.volume, Limit: o.limit, Seed: o.paceSeed,
			Ramp: o.ramp, MaxRate: o.perSecond, Loops: o.loop,
		},
		table: o.table, window: o.when, numbers: o.newNumbers(),
	}
	if o.volume > 1 || slices.ContainsFunc(o.stretches, func(s stretchScale) bool { return s.volume > 1 }) {
		p.used = render.NewUsed(sms.Wide())
	}
	if o.peak > 0 {
		if err := p.narrow(ctx, path, o); err != nil {
			return nil, err
		}
	}
	p.keep = o.keep(p.window)
	if len(o.stretches) > 0 {
		if err := p.scale(ctx, path, o); err != nil {
			return nil, err
		}
	}
	if err := p.scan(ctx, path, o, show); err != nil {
		return nil, err
	}
	if p.Requests() == 0 {
		return nil, errors.Join(withHint(errNothing, "see what it holds with reprise inspect"), sayDamage(s.Err, "the corpus", p.damage))
	}
	return p, p.assign(s.Err, o)
}

// scan makes the plan.
func (p *plan) scan(ctx context.Context, path string, o *replayOptions, show *progress) error {
	r, err := corpus.Open(path)
	if err != nil {
		return err
	}
	if o.skims() {
		r.Skim()
	}
	defer r.Close()
	p.numbers.of(r.Header(), o)
	p.Plan, err = replay.Scan(ctx, o.order(p.numbers.observed(r)), p.pace, replay.ScanOptions{
		Keep: p.keepWithRetries(o), Visit: p.numbers.visit(o),
		Again: func(context.Context) (replay.Stream, error) { return o.source(path) },
		Observe: func(rec *capture.Record) {
			show.count.Add(1)
			p.recorded.add(rec.Host)
			if p.used != nil {
				p.used.Observe(rec)
			}
		},
	})
	if err != nil {
		return err
	}
	p.hosts, p.damage = r.Hosts(), r.Damage()
	p.corpusHash, _ = r.Hash()
	return nil
}

// skims says that a plan is made of times, kinds, vendors and methods alone.
func (o *replayOptions) skims() bool {
	return o.volume <= 1 && len(o.stretches) == 0 && o.share >= 1 && len(o.paths) == 0 && o.retries == "recorded" && !o.shuffleKinds && o.newNumbers() == nil
}

// keepWithRetries is what is played where vendors' retries are left out: a recogniser of its own for each pass.
func (p *plan) keepWithRetries(o *replayOptions) func(*capture.Record) bool {
	if o.retries == "recorded" {
		return p.keep
	}
	retries := render.NewRetries()
	return func(r *capture.Record) bool {
		again := retries.IsRetry(r)
		return !again && p.keep(r)
	}
}

// source opens the corpus in the order in which it is played.
func (o *replayOptions) source(path string) (replay.Stream, error) {
	r, err := corpus.Open(path)
	if err != nil {
		return nil, err
	}
	return stream{o.order(r), r}, nil
}

// order shuffles a source where that is wanted.
func (o *replayOptions) order(r capture.Source) capture.Source {
	if o.shuffleKinds {
		return replay.Shuffle(r, o.paceSeed)
	}
	return r
}

type stream struct {
	capture.Source
	io.Closer
}

// scale places --curve-scale on the schedule, which begins with the first record that is played.
func (p *plan) scale(ctx context.Context, path string, o *replayOptions) error {
	r, err := corpus.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	var rec capture.Record
	for keep := p.keepWithRetries(o); ; {
		switch err := r.Next(ctx, &rec); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if keep(&rec) {
			p.pace.Curve = o.scales(rec.Time)
			return nil
		}
	}
}

// narrow sets the window to the busiest stretch of what is wanted.
func (p *plan) narrow(ctx context.Context, path string, o *replayOptions) error {
	r, err := corpus.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	start, _, err := replay.Busiest(ctx, r, o.peak, o.keep(o.when))
	if errors.Is(err, io.EOF) {
		return errNothing
	}
	p.window = window{from: start, to: start.Add(o.peak)}
	return err
}

// hash names what is sent when: runs of one hash can be compared.
func (p *plan) hash(o *replayOptions) string {
	text, err := json.Marshal(struct {
		Corpus    string
		Scale     float64
		Volume    float64
		Limit     int64
		From, To  time.Time
		Selection [][]string
		KeepIDs   bool
		Tempo     pace.Options
		Share     float64
		Shuffle   bool
		Serialize bool
		Retries   string
		Numbers   map[string]string `json:",omitempty"` // a digest of who becomes whom
	}{
		p.corpusHash, o.timeScale, o.volume, o.limit, p.window.from, p.window.to,
		[][]string{o.kinds, o.skipKinds, o.vendors, o.paths, o.methods},
		o.keepIDs, p.pace, o.share, o.shuffleKinds, o.serialize, o.retries, o.digests,
	})
	if err != nil {
		panic("cli: internal error: a plan has no JSON")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// dryRun is the plan as --dry-run --json prints it.
type dryRun struct {
	Requests int64            `json:"requests"`
	Duration time.Duration    `json:"duration_ns"`
	Mean     float64          `json:"mean_per_second"`
	Peak     int64            `json:"peak_per_second"`
	Stretch  time.Duration    `json:"stretch_ns"`
	First    time.Time        `json:"first"`
	Last     time.Time        `json:"last"`
	Kinds    map[string]int64 `json:"kinds"`
	Ledger   replay.Ledger    `json:"ledger"`

	Recipients *recipientPlan `json:"recipients,omitempty"`
	Senders    *senderPlan    `json:"senders,omitempty"`
}

func (o *replayOptions) printPlan(w io.Writer, p *plan) error {
	d := dryRun{p.Requests(), p.Duration, p.Mean(), p.Peak, p.Stretch, p.First, p.Last, map[string]int64{}, p.Ledger, p.numbers.recipientPlan(), p.numbers.senderPlan()}
	for kind, t := range p.Ledger.Kinds {
		if n := t.Scheduled(); n > 0 {
			d.Kinds[kind] = n
		}
	}
	if o.asJSON {
		return errors.Join(printJSON(w, d), p.numbers.outsiders())
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "requests\t%d\nduration\t%v\nmean\t%.1f/s\nbusiest second\t%d\n", d.Requests, d.Duration.Round(time.Millisecond), d.Mean, d.Peak)
	if d.Stretch > 0 {
		fmt.Fprintf(t, "held back by --max-rate\tup to %v\n", d.Stretch.Round(time.Millisecond))
	}
	fmt.Fprintf(t, "recorded from\t%s\nto\t%s\n", d.First.Format(time.RFC3339Nano), d.Last.Format(time.RFC3339Nano))
	for _, k := range capture.Kinds() {
		if n := d.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%d\n", k, n)
		}
	}
	if o.target != "" {
		fmt.Fprintf(t, "target\t%s (nothing was sent)\n", o.url.Redacted())
	}
	return errors.Join(t.Flush(), p.numbers.printNumbers(w), p.numbers.outsiders())
}

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/ingest"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/garbage"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/cmd/internal/terminal"
	"reprise/fixtures/report"
	"reprise/fixtures/synth"
)

// specFlags say what to make: those of fixtures synth and of template spec.
type specFlags struct {
	spec, curve, zone, mix string
	as, logMap             string
	methods, paths         []string
	messages               int64
	seed                   uint64
	keywords, vendors      []string

	given func(flag string) bool
}

// synthOptions are the flags of fixtures synth.
type synthOptions struct {
	specFlags
	dialects                dialectFlag
	out                     string
	force, quiet, json, dry bool
}

func synthVerb(s Streams) *cobra.Command {
	var o synthOptions
	cmd := help.Verb(help.Page{
		Use: "synth --curve bfcm2022|FILE | --spec FILE.yaml -o OUT.rpz", Short: "Make a corpus that follows a curve, from people who do not exist",
		Long: `Makes webhooks at the rate of a curve, of five vendors unless --vendors names others: reprise vendors lists them. Everything else
can be said in a --spec: curves that are constant, a ramp or the shape of a day, peaks, bursts, who sends, retries and receipts.
reprise template spec prints the one that the same flags amount to, with comments.

` + synth.BFCM2022().Describe() + `
Paths in a --spec are relative to its own folder. A curve's FILE.csv has lines of a time and a count, at any grain from fractions of a second to days: RFC 3339, or
"2022-11-28 12:00" in --tz. A count holds until the next line; the last one as long as the one before. Counts may have
fractions: the running total is rounded. Any other FILE is a recording whose requests are counted: what reprise capture reads, a corpus, and access
logs, which have no bodies. FILE may be packed (gzip, zstd), a pipe, or - for stdin. It counts those of --method and --path by the second, or by the minute where they span more than three days.

Kinds, vendors, each bucket of the curve, retries and receipts are exact. The curve says inbound messages; retries and
receipts come on top. A person writes to one number, never subscribes twice without unsubscribing in between, and never
unsubscribes without being subscribed. Of each person one bit is kept. What was asked for and does not go together with the
rest gives way: the account says so, line by line, and --json in gave_way. What cannot be at all is refused.

dispersion says how arrivals gather: the variance of the counts in windows by their mean, the curve's own ups and downs taken
out. It is 1 where they are independent (Poisson), and 5 in windows longer than the bursts where a burst has 3 in the mean.

--mix FILE is YAML, kind: weight; the kinds are ` + selection.KindList() + `.`,
		Examples: [2]string{
			"reprise fixtures synth --curve bfcm2022 --messages 20000 -o bfcm.rpz",
			"reprise template spec > sale.yaml; reprise fixtures synth --spec sale.yaml --dry-run",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		o.given = cmd.Flags().Changed
		return o.run(cmd.Context(), s)
	})
	o.add(cmd.Flags())
	return cmd
}

func (o *specFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.spec, "spec", "", "what to make, a YAML `FILE`; flags go before what it says")
	f.StringVar(&o.curve, "curve", "", "the `CURVE` to follow: bfcm2022, a FILE.csv of times and counts, or a recording or log whose requests are counted")
	f.StringVar(&o.as, "as", "", "what the recording of --curve is, where its content cannot tell: `FORMAT` as of reprise capture")
	f.StringVar(&o.logMap, "map", "", "field map of a log that --curve names, a YAML `FILE`")
	f.StringSliceVar(&o.methods, "method", nil, "count requests of these `METHODS` of the recording (default POST)")
	f.StringSliceVar(&o.paths, "path", nil, "count requests of the recording whose path begins with one of these `PREFIXES` only")
	f.StringVar(&o.zone, "tz", "UTC", "time `zone` of times that do not say theirs, in a FILE.csv and in --spec, such as America/New_York")
	f.Int64Var(&o.messages, "messages", 0, "scale the curve to `N` messages in all (0: the curve's own total)")
	f.StringVar(&o.mix, "mix", "", "kinds and their weights, a YAML `FILE`")
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS` (default VIP,SALE,BFCM)")
	f.StringSliceVar(&o.vendors, "vendors", nil, "who delivers, `VENDOR[=WEIGHT]`,... of those that reprise vendors lists (a weight is 1 where none is said)")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed gives the same corpus, byte for byte")
}

func (o *synthOptions) add(f *pflag.FlagSet) {
	o.specFlags.add(f)
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	o.dialects.add(f)
	f.BoolVar(&o.dry, "dry-run", false, "say what would be made, and make nothing")
	f.BoolVar(&o.json, "json", false, "say what was made as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
}

func (o *synthOptions) run(ctx context.Context, s Streams) error {
	garbage.Little()
	if o.curve == "" && o.spec == "" {
		return exit.Misuse("say what to make: --curve bfcm2022, --curve FILE or --spec FILE.yaml")
	}
	spec, err := o.effective(ctx, s)
	if err != nil {
		return err
	}
	vendors, err := o.dialects.table()
	if err != nil {
		return err
	}
	if err := o.dialects.canMake(vendors); err != nil {
		return err
	}
	generator, err := spec.Generator(ctx, vendors)
	if err != nil {
		return o.explain(err)
	}
	if got := spec.Read(); got != nil && !o.quiet {
		sayCounted(s.Err, spec.Curve.Title(), got)
	}
	if o.dry {
		return o.tell(s.Out, spec.Curve.Title(), generator.Plan(), true)
	}
	if o.json && o.out == "-" {
		return exit.Misuse("--json: stdout is the corpus; write that to a file")
	}
	return o.write(ctx, s, spec.Curve.Title(), generator)
}

// effective is the spec that the flags make of the file, or of what is built in.
func (o *specFlags) effective(ctx context.Context, s Streams) (*synth.Spec, error) {
	spec, err := synth.ReadSpec(o.spec)
	if err != nil {
		return nil, o.explain(err)
	}
	if o.curve != "" {
		how := synth.Following{Zone: o.zone, Recording: o.as != "" || o.logMap != "", Stdin: s.In}
		if err := spec.Follow(ctx, o.curve, how); err != nil {
			return nil, err
		}
	}
	if err := o.recording(spec.Curve.Recording); err != nil {
		return nil, err
	}
	if o.given("tz") {
		spec.Curve.TZ = o.zone
	}
	if o.given("messages") {
		spec.Messages = o.messages
	}
	if o.given("seed") {
		spec.Seed = o.seed
	}
	if o.given("keywords") {
		spec.Keywords = o.keywords
	}
	if o.given("vendors") {
		if spec.Vendors, err = vendorWeights(o.vendors); err != nil {
			return nil, err
		}
	}
	if o.mix != "" {
		spec.Mix = nil
		err = readYAML("--mix", o.mix, &spec.Mix)
		if spec.Mix == nil {
			spec.Mix = map[string]float64{} // a file that says nothing is no reason for what is built in
		}
	}
	return spec, err
}

// recording says how the recording of a curve is read; r is nil where the curve is none.
func (o *specFlags) recording(r *synth.RecordingSpec) error {
	for _, flag := range []string{"as", "map", "method", "path"} {
		if r == nil && o.given(flag) {
			return exit.Misuse("--%s: the curve is no recording, whose requests are counted", flag)
		}
	}
	if r == nil {
		return nil
	}
	r.As, r.Map = cmp.Or(o.as, r.As), cmp.Or(o.logMap, r.Map)
	if o.given("method") {
		r.Methods = o.methods
	}
	if o.given("path") {
		r.Paths = o.paths
	}
	return nil
}

// sayCounted tells what of a recording the curve counts.
func sayCounted(w io.Writer, name string, got *ingest.Result) {
	a := &got.Account
	fmt.Fprintf(w, "reprise: synth: %s: read %d, counted %d", name, a.Read, a.Kept)
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		fmt.Fprintf(w, ", skipped %d (%s)", a.Skipped[reason], reason)
	}
	if len(got.Damaged) > 0 {
		fmt.Fprint(w, "; part of it was unreadable")
	}
	fmt.Fprintln(w)
}

// vendorWeights reads what --vendors says.
func vendorWeights(parts []string) (map[string]float64, error) {
	weights := make(map[string]float64, len(parts))
	for _, part := range parts {
		name, weight, weighed := strings.Cut(part, "=")
		if _, twice := weights[name]; twice {
			return nil, exit.Misuse("--vendors: %s is there twice", name)
		}
		weights[name] = 1
		if !weighed {
			continue
		}
		w, err := strconv.ParseFloat(weight, 64)
		if err != nil {
			return nil, exit.Misuse("--vendors: the weight of %s is no number", name)
		}
		weights[name] = w
	}
	return weights, nil
}

// explain says by which flag an option was given that cannot be used.
func (o *specFlags) explain(err error) error {
	if bad, ok := errors.AsType[*synth.OptionError](err); ok {
		top, _, _ := strings.Cut(bad.Field, ".")
		switch {
		case top == "mix" && o.mix != "":
			return exit.Misuse("--mix %s: %w", o.mix, bad)
		case top == "vendors" && o.given("vendors"):
			return exit.Misuse("--%w", bad)
		case bad.Field == "curve.tz" && o.given("tz"):
			return exit.Misuse("--tz: %s", bad.Reason)
		case bad.Field == "curve.recording.map" && o.logMap != "":
			return exit.Misuse("--map: %s", bad.Reason)
		case top == "curve" && o.curve != "":
			return exit.Misuse("--curve: %s", bad.Reason)
		case o.spec == "":
			return exit.Misuse("%w", bad)
		}
	}
	if errors.As(err, new(*synth.SpecError)) {
		return exit.Misuse("--spec %w", err)
	}
	return exit.Misuse("--spec: %w", err)
}

func (o *synthOptions) write(ctx context.Context, s Streams, curve string, generator *synth.Generator) error {
	to, err := outputs.Corpus(s.Out, o.out, o.force)
	if err != nil {
		return err
	}
	p := terminal.Start(s.Err, "synth", o.quiet)
	a, err := synth.Write(ctx, to, generator, build.Tool(), p.Count.Store)
	p.End()
	if err != nil || o.out == "-" {
		return outputs.Explain(err)
	}
	return o.tell(s.Out, curve, a, false)
}

// tell prints an account.
func (o *synthOptions) tell(w io.Writer, curve string, a synth.Account, planned bool) error {
	switch {
	case o.json:
		return printJSON(w, a)
	case o.quiet:
		return nil
	}
	return report.Made(w, curve, &a, planned)
}

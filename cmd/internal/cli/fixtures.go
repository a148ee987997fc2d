package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/fixtures"
)

func fixturesVerb(s Streams) *cobra.Command {
	return newGroup("fixtures", "Make corpora for tests: out of a curve, or a small sample of a real one", synthVerb(s), sampleVerb(s), exportVerb(s), sendersVerb(s))
}

// synthOptions are the flags of fixtures synth.
type synthOptions struct {
	curve, out, mix string
	messages        int64
	seed            uint64
	keywords        []string
	force, quiet    bool
}

func synthVerb(s Streams) *cobra.Command {
	var o synthOptions
	cmd := newVerb(page{
		use: "synth --curve bfcm2022 -o OUT.rpz", short: "Make a corpus that follows a published curve",
		long: `Makes webhooks of five vendors from people who do not exist, at the rate of a curve.

` + fixtures.BFCM2022().Describe() + `

--mix FILE is YAML, kind: weight; the kinds are ` + kindList() + `.`,
		examples: [2]string{
			"reprise fixtures synth --curve bfcm2022 --messages 20000 -o bfcm.rpz",
			"reprise fixtures synth --curve bfcm2022 -o - | reprise replay - --target http://127.0.0.1:9000 --peak 1h --time-scale 60",
		},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) })
	f := cmd.Flags()
	f.StringVar(&o.curve, "curve", "", "the `CURVE` to follow: bfcm2022")
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.Int64Var(&o.messages, "messages", 0, "scale the curve to `N` messages in all (0: the curve's own total)")
	f.StringVar(&o.mix, "mix", "", "kinds and their weights, a YAML `FILE`")
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS` (default VIP,SALE,BFCM)")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed gives the same corpus, byte for byte")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing")
	return cmd
}

func (o *synthOptions) run(ctx context.Context, s Streams) (err error) {
	if o.curve == "" {
		return misuse("name a curve: --curve bfcm2022")
	}
	curve, err := fixtures.CurveNamed(o.curve)
	if err != nil {
		return misuse("--curve: %v", err)
	}
	if o.messages < 0 {
		return misuse("--messages: %d is no number of messages", o.messages)
	}
	mix, err := readMix(o.mix)
	if err != nil {
		return err
	}
	synth, err := fixtures.NewSynth(fixtures.Options{
		Curve: curve, Messages: o.messages, Seed: o.seed, Mix: mix, Keywords: o.keywords,
	})
	if err != nil {
		return misuse("%v", err)
	}
	out, err := createCorpus(o.out, s, synth.Header(tool()), o.force)
	if err != nil {
		return err
	}
	defer func() { err = out.end(ctx, err) }()
	p := startProgress(s.Err, "synth", o.quiet)
	defer p.end()
	n, err := capture.Copy(ctx, out, synth, func(*capture.Record) bool { p.count.Add(1); return true })
	if err == nil && !o.quiet && o.out != "-" {
		fmt.Fprintf(s.Out, "%s after curve %s\n", plural(n, "message"), o.curve)
	}
	return err
}

func readMix(file string) (fixtures.Mix, error) {
	if file == "" {
		return nil, nil
	}
	var byName map[string]float64
	if err := readYAML("--mix", file, &byName); err != nil {
		return nil, err
	}
	mix, err := fixtures.ParseMix(byName)
	if err != nil {
		return nil, misuse("--mix %s: %v", file, err)
	}
	return mix, nil
}

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"reprise/replay/compare"
)

// calibrateOptions are the flags of calibrate.
type calibrateOptions struct {
	runs   runsOptions
	target string
	times  int
	out    string
	force  bool
	quiet  bool
}

func calibrateVerb(s Streams) *cobra.Command {
	var o calibrateOptions
	cmd := newVerb(page{
		use: "calibrate CORPUS.rpz --target URL | RUN.rpr...", short: "Learn how runs against one build vary, to judge later runs by",
		long: `Plays a corpus several times at the build that is known to be good, or reads the runs of it that there are, three at
least, and writes a profile: how much each kind's latency and failures differ from run to run. compare --profile then judges
a single run of another build at the fine floors. A profile holds counts and times alone and can be kept with the code; it is
good for one corpus, plan, kind of machine and version of reprise, and for 30 days. Every flag of reprise replay that shapes
a run is taken too.`,
		examples: [2]string{
			"reprise calibrate safe.rpz --target http://127.0.0.1:3000 --runs 5 --time-scale 20 -o profile.json",
			"reprise calibrate monday.rpr tuesday.rpr wednesday.rpr -o profile.json",
		},
		codes: []exitCode{exitUnmet, exitRefused, exitUnreachable, exitDamaged},
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringVar(&o.target, "target", "", "`URL` of the build that is known to be good")
	f.IntVar(&o.times, "runs", 5, "play the corpus `N` times")
	f.StringVarP(&o.out, "output", "o", "", "write the profile to `FILE`")
	writes(f, "output", wholeFile)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.BoolVar(&o.quiet, "quiet", false, "say nothing of how far it is")
	o.runs.add(cmd)
	return cmd
}

func (o *calibrateOptions) run(ctx context.Context, s Streams, args []string) error {
	switch {
	case o.out == "":
		return misuse("say where the profile goes: -o profile.json")
	case o.target != "" && len(args) != 1:
		return misuse("--target plays one corpus; run files take none")
	case o.target != "" && o.times < compare.MinProfile:
		return misuse("--runs: a profile takes %d at least", compare.MinProfile)
	}
	return writeOutput(s, o.out, o.force, func(w io.Writer) error { // begun before an hour of playing
		p, err := o.profile(ctx, s, args)
		if err != nil {
			return err
		}
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(p)
	})
}

func (o *calibrateOptions) profile(ctx context.Context, s Streams, files []string) (*compare.Profile, error) {
	if o.target != "" {
		var names []string
		for i := range o.times {
			names = append(names, fmt.Sprintf("run%d.rpr", i+1))
		}
		kept, err := o.runs.runFiles(names)
		if err != nil {
			return nil, err
		}
		defer kept.close()
		corpus := files[0]
		files = nil
		for i, name := range names {
			if !o.quiet {
				fmt.Fprintf(s.Err, "run %d of %d at %s\n", i+1, o.times, o.target)
			}
			file, err := o.runs.play(ctx, s, corpus, o.target, name, kept, o.runs.replay.done, o.quiet)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
		}
	}
	if len(files) < compare.MinProfile {
		return nil, misuse("a profile takes %d runs at least: give so many run files, or a corpus with --target", compare.MinProfile)
	}
	var p *compare.Profile
	err := withRuns(files, func(runs []compare.Source) (err error) {
		opt := compare.Options{WarmUp: o.runs.cut(runs[0].Header())}
		p, err = compare.Calibrate(ctx, runs, opt, time.Now())
		return withCode(exitUnmet, err)
	})
	return p, err
}

// againstProfile judges one run by a profile.
func againstProfile(ctx context.Context, profile, candidate string) (*compare.Comparison, error) {
	f, err := os.Open(profile)
	if err != nil {
		return nil, misuse("--profile: %v", err)
	}
	defer f.Close()
	p, err := compare.ReadProfile(f)
	if err != nil {
		return nil, misuse("--profile %s: %v", profile, err)
	}
	r, err := openRun(candidate)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return p.Judge(ctx, r, compare.Options{BaseName: profile, CandidateName: candidate}, time.Now())
}

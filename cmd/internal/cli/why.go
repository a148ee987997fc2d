package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/terminal"
	"reprise/replay/compare"
	"reprise/replay/explain"
	"reprise/replay/pace"
	"reprise/replay/report"
	"reprise/replay/results"
)

func whyVerb(s Streams) *cobra.Command {
	var o reportOptions
	var done completionFlags
	var test whyTest
	var figures figureFlags
	cmd := help.Verb(help.Page{
		Use: "why RUN.rpr", Short: "Say why requests of a run were slow, failed or were not completed",
		Long: `Searches what the slow requests of a run have in common: their kind, the same person within a second, a burst, a stretch of
the run, the tool itself. For each cause it says which requests are hit and how much, what that usually is, whether it is the
target's, the tool's or the test's own, and which replay would confirm or refute it. A rule is told only if it is not found by
chance, over everything that was tried. With --corpus it knows more of each request (vendor, size, encoding, message ids); with
--completions it also judges when your system had finished. People and recipients are told by rank and share alone.
--test plays the experiment: as much of the run as it takes, as it was and with the one change, in turns, at --target and under
the rules of reprise replay. It says of the same requests whether the effect went away. How the run was played is read from its
file; what that does not hold (--senders, --recipients, --sign, --header, --allow-host) is given again.`,
		Files:    mapHelp,
		Examples: [2]string{"reprise why run.rpr --corpus safe.rpz", "reprise why run.rpr --corpus safe.rpz --test --target http://127.0.0.1:3000"},
		Codes:    []exit.Code{exit.Unmet, exit.Refused, exit.Unreachable, exit.Damaged},
		Unmet:    "the test did not confirm the cause, or there is none to test",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := errors.Join(o.check(), done.parse(), test.check(&done.Files), figures.parse()); err != nil {
			return err
		}
		found, err := done.explained(cmd.Context(), s.Err, args[0], o.quiet, test.on, &figures)
		if err != nil {
			return err
		}
		y := whyOf(found, args[0], done.Corpus, append(done.given(), figures.given()...)...)
		var untested error // which does not keep what was found from being told
		if test.on {
			y.Test, untested = test.run(cmd.Context(), s, found, done.Files, o.quiet)
		}
		write := func(w io.Writer, f report.Format) error { return report.WriteWhy(w, f, y) }
		if err := o.writeFiles(s, write); err != nil {
			return err
		}
		if !o.quiet && len(o.out) == 0 {
			if err := write(s.Out, o.stdout()); err != nil {
				return err
			}
		}
		damaged := inputs.SayDamage(s.Err, args[0], found.Run.Damage)
		return errors.Join(untested, test.judge(y.Test), damaged) // the first decides the exit code
	})
	o.add(cmd, report.RunFormats())
	done.addFiles(cmd.Flags())
	done.addCorpus(cmd.Flags())
	done.addWait(cmd.Flags())
	test.add(cmd)
	figures.add(cmd.Flags())
	return cmd
}

// explained reads a run file, together with what its system finished where that is told, and looks for why requests were slow. records
// has the table tell of which record each is. figures are tried, too.
func (o *completionFlags) explained(ctx context.Context, w io.Writer, name string, quiet, records bool, figures *figureFlags) (*explain.Why, error) {
	show := terminal.Start(w, "why", quiet)
	found, err := explain.File(ctx, name, explain.Options{
		Corpus: o.Corpus, Completions: o.Files, Records: records, Watched: figures.read, Read: func() { show.Count.Add(1) }, Search: searching(show),
	})
	show.End()
	switch {
	case err != nil:
		return nil, completionError(&o.Files, name, err)
	case len(o.Paths) > 0:
		sayReplaced(w, nil, name, &found.Run)
		err = sayCompletions(w, nil, found.Completions, found.Run.Summary.Completion)
		if err != nil && records {
			err = exit.Hint(err, "the run's own file is needed beside the one that the system at --target writes: --completions may be repeated")
		}
	}
	return found, err
}

// searching shows that a search goes on, which counts nothing.
func searching(show *terminal.Progress) func(int) {
	return func(requests int) { show.Doing("looking for causes in " + wording.Count(int64(requests), "request")) }
}

// whyOf is what was found, for people. run and corpus are the files as the user wrote them, "" is not known; given are further flags that
// decide what is found.
func whyOf(found *explain.Why, run, corpus string, given ...string) *report.Why {
	a := again(&found.Run, corpus)
	a.Given = given
	return &report.Why{Report: found.Report, Run: run, Again: a, Named: flagOf, Left: found.Left}
}

// again is the command that plays a run once more: with the flags that decide what is sent when. Files that the run does not tell, such
// as that of --senders, are left out, and so is a seed that was drawn: nothing but ids and new people follow from it.
func again(run *results.Run, corpus string) report.Again {
	h, settings := &run.Header, settingsAgain(run)
	a := report.Again{
		Corpus: corpus, Target: h.Target, Flags: make(map[string]string), Senders: h.Settings["senders"] != "", Recipients: h.Settings["recipients"] != "",
	}
	if run.Footer != nil {
		a.Slots = run.Footer.Stats.MaxInFlight
	}
	if seed := h.Settings["seed"]; compare.ChosenSeed(seed) && isNumber(seed) {
		a.Flags["--seed"] = seed
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(replayOptions).add(flags)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		f := flags.Lookup(name)
		value := strings.TrimSuffix(strings.TrimPrefix(settings[name], "["), "]")
		switch {
		case f == nil || value == "" || value == f.DefValue || !playsAgain(name):
		case f.Value.Type() == "bool" && value == "true":
			a.Flags["--"+name] = ""
		case f.Value.Type() == "float64":
			a.Flags["--"+name] = plainNumber(value)
		default:
			a.Flags["--"+name] = value
		}
	}
	return a
}

// settingsAgain are the settings with which a run is played once more: its own. A search is not played again, but the selection once, without
// its conditions: at the lowest tempo that did not hold, where there is something to see, or else at the highest that held.
func settingsAgain(run *results.Run) map[string]string {
	settings, c := run.Header.Settings, run.Summary.Capacity
	if shape, err := pace.ParseShape(settings["shape"]); c == nil && (err != nil || shape.Search == nil) {
		return settings
	}
	settings = maps.Clone(settings)
	delete(settings, "shape")
	delete(settings, "stop-on")
	if c == nil { // cut short before it found anything
		return settings
	}
	if tempo := cmp.Or(c.Interval[1], lowestNotHeld(c), c.Tempo); tempo > 0 {
		settings["time-scale"] = strconv.FormatFloat(tempo, 'f', -1, 64)
	}
	return settings
}

// lowestNotHeld is the lowest tempo above the highest that held at which a step ended without holding, such as one that the tool spoiled; 0 for none.
func lowestNotHeld(c *results.Capacity) (lowest float64) {
	for _, step := range c.Steps {
		if !step.Held && step.TimeScale > c.Tempo && (lowest == 0 || step.TimeScale < lowest) {
			lowest = step.TimeScale
		}
	}
	return lowest
}

// isNumber says whether a setting is a whole number: a run file is made by somebody.
func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}

// plainNumber writes a number without an exponent.
func plainNumber(s string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// playsAgain says whether a flag stands in the command that plays a run once more.
func playsAgain(name string) bool {
	switch name {
	case "sign-profile", "dry-run", "stop-on":
		return false
	}
	return isSetting(name)
}

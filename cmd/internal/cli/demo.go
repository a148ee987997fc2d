package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/capture/source/logs"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/demo"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay"
	"reprise/replay/explain"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/session"
)

// demoOptions are the flags of the demo.
type demoOptions struct {
	demo.Options
	preset, logMap string
}

func demoVerb(s Streams) *cobra.Command {
	var o demoOptions
	cmd := help.Verb(help.Page{
		Use: "demo", Short: "The whole way in one command: capture, anonymize, replay at 2x, judge, compare",
		Long: `Takes a small recording that ships inside (or yours, with --in), captures and anonymizes it, replays it twice at
--time-scale into a built-in sink (or your endpoint, with --target), prints what each run did and whether the second was
slower, and leaves every file, with a report to open in a browser, in a folder that it names. Each step is an ordinary
command, printed before it runs. Your own recording stays raw in that folder, as raw.rpz: mind where it goes.`,
		Examples: [2]string{"reprise demo", "reprise demo --in friday.pcap.gz --port 8080 --target http://127.0.0.1:3000 --peak 5m"},
		Codes:    []exit.Code{exit.Unmet, exit.Refused, exit.Unreachable, exit.Damaged},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) })
	f := cmd.Flags()
	f.StringVar(&o.In, "in", "", "your recording, a `FILE`: a packet capture, a log or a corpus, compressed or not")
	f.StringVar(&o.Target, "target", "", "`URL` to replay to (default: a sink of its own)")
	f.Float64Var(&o.TimeScale, "time-scale", 2, "play in 1/`N` of the recorded time")
	f.DurationVar(&o.Peak, "peak", 0, "play only the busiest stretch of this `DURATION`")
	f.IntSliceVar(&o.Ports, "port", nil, "server `PORTS` in a packet capture")
	f.StringSliceVar(&o.Keywords, "keywords", nil, "the brand's own keyword `WORDS`")
	f.StringVar(&o.preset, "preset", "nginx", "how to read a log: a built-in field map, by its `NAME`")
	f.StringVar(&o.logMap, "map", "", "how to read a log: a field map, a YAML `FILE`")
	f.StringArrayVar(&o.Hosts, "allow-host", nil, "allow a target `HOST` that is not on a private network")
	f.StringVarP(&o.Folder, "output", "o", "", "`FOLDER` to make (default: reprise-demo, or the next free name)")
	outputs.Declare(f, "output", outputs.Folder)
	return cmd
}

func (o *demoOptions) run(ctx context.Context, s Streams) error {
	switch _, err := parseTarget(o.Target); {
	case err != nil:
		return err
	case !(o.TimeScale > 0):
		return exit.Misuse("--time-scale must be above 0")
	}
	o.LogFlags = []string{"--map", o.logMap}
	if o.logMap == "" {
		o.LogFlags = []string{"--preset", o.preset}
	} else {
		o.preset = ""
	}
	o.ReadMap = func() (logs.Map, error) { return logMap(o.logMap, o.preset) }
	o.Out, o.Err, o.Version, o.OptionName = s.Out, s.Err, build.Version(), flagOf
	o.WhyOf = func(found *explain.Why, run, corpus string) *report.Why { return whyOf(found, run, corpus) }
	o.Watch = func(ctx context.Context, plan *replay.Plan) (session.Hooks, func(*results.Run)) {
		return watchDemo(ctx, s, plan)
	}
	o.Explain = func(err error) error { return new(replayOptions).explain(err, nil) }
	err := demo.Run(ctx, o.Options)
	if failed, ok := errors.AsType[*demo.CaptureError](err); ok {
		c := captureOptions{as: failed.As, ports: o.Ports}
		return fmt.Errorf("%s: %w", failed.Step, c.explain(failed.Result, failed.Err))
	}
	return outputs.Explain(inputs.CorpusError(err))
}

// watchDemo shows and steers a run of the demo as replay does.
func watchDemo(ctx context.Context, s Streams, plan *replay.Plan) (session.Hooks, func(*results.Run)) {
	o := replayOptions{progress: "auto"}
	hooks := session.Hooks{Control: new(replay.Control), Results: []replay.Recorder{sayRejections(s.Err)}}
	socket, hangUp, _ := o.listenForOrders(ctx, s.Err, hooks.Control) // which fails only where a socket was asked for
	show, stop := o.showProgress(s.Err, plan, socket, hooks.Control)
	hooks.Progress = func(g replay.Progress, _ *results.Accumulator) { show(g) }
	return hooks, func(run *results.Run) {
		stop()
		hangUp()
		if run == nil {
			return
		}
		if hint := protocolHint(run, false); hint != "" {
			fmt.Fprintln(s.Err, "reprise: replay: "+hint)
		}
	}
}

package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"reprise/anonymize/publish"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/profile"
	"reprise/capture/source/logs"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/fixtures/sink"
	"reprise/replay/live"
	"reprise/replay/session"
)

func templateVerb(s Streams) *cobra.Command {
	return help.Group("template", "Print a file to begin with: a policy, a spec, a dialect, a sink's behaviour, a map of a log, a Grafana dashboard, a log format, a replay's shape",
		policyTemplate(s), specTemplate(s), shapeTemplate(s), dialectTemplate(s), behaviourTemplate(s), mapTemplate(s), grafanaTemplate(s), logFormatTemplate(s))
}

func policyTemplate(s Streams) *cobra.Command {
	var file string
	cmd := help.Verb(help.Page{
		Use: "policy", Short: "Print what becomes of every field, as a policy for anonymize",
		Long: `Prints the rules that anonymize and audit go by, of every vendor, as YAML with comments. A --policy FILE needs only what differs:
with --policy, what is printed is the file and what is built in, together.`,
		Examples: [2]string{"reprise template policy > policy.yaml", "reprise template policy --policy mine.yaml"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		p, err := readPolicy(file, all.Table())
		if err != nil {
			return err
		}
		return publish.WritePolicy(s.Out, p)
	})
	cmd.Flags().StringVar(&file, "policy", "", "YAML `FILE` that changes what is built in")
	return cmd
}

func specTemplate(s Streams) *cobra.Command {
	var o specFlags
	cmd := help.Verb(help.Page{
		Use: "spec", Short: "Print a description of a corpus, for fixtures synth",
		Long: `Prints, as YAML with comments, what fixtures synth would make with the same flags: fixtures synth --spec FILE then makes the same
corpus, byte for byte. Without flags it is what is built in.`,
		Examples: [2]string{"reprise template spec > sale.yaml", "reprise template spec --curve minutes.csv --tz America/New_York --messages 20000 > mine.yaml"},
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		o.given = cmd.Flags().Changed
		spec, err := o.effective(cmd.Context(), s)
		if err != nil {
			return err
		}
		if pipe := spec.Once(); pipe != "" {
			return exit.Misuse("--curve: %s can be read once, and a spec names what is read when the corpus is made: give it to reprise fixtures synth, or a file here", pipe)
		}
		return spec.Print(s.Out, all.Table())
	})
	o.add(cmd.Flags())
	return cmd
}

func shapeTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "shape", Short: "Print a shape with all that it can say, for replay --shape",
		Long: `Prints, as YAML with comments, what bends the curve of a replay: steps with their tempo, volume or rate, ramps and holds, a cap, and
factors by hour, weekday, kind, recipient and time. Keep the lines that you need.`,
		Examples: [2]string{"reprise template shape > shape.yaml", "reprise replay safe.rpz --dry-run --shape shape.yaml"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		_, err := io.WriteString(s.Out, session.ShapeTemplate())
		return err
	})
}

func dialectTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "dialect", Short: "Print a vendor of your own, as a profile for --dialect",
		Long: `Prints, as YAML with comments, all that a profile can say of a vendor that is not built in. The vendor is made up: change it to what
yours sends. reprise vendors --dialect FILE checks it.`,
		Examples: [2]string{"reprise template dialect > acme.yaml", "reprise vendors --dialect acme.yaml"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		_, err := io.WriteString(s.Out, profile.Template())
		return err
	})
}

func behaviourTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "behaviour", Short: "Print how a receiver may fare, as a file for sink --behaviour",
		Long: `Prints, as YAML with comments, all that a file for sink --behaviour can say: times, queues, errors, shared CPU, work after the answer,
and faults such as a race of requests of one person. Keep the lines that you need.`,
		Examples: [2]string{"reprise template behaviour > slow.yaml", "reprise sink --behaviour slow.yaml --keywords VIP"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		_, err := io.WriteString(s.Out, sink.Template())
		return err
	})
}

func grafanaTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "grafana", Short: "Print a Grafana dashboard of the metrics that replay --metrics serves",
		Long: `Prints a dashboard as JSON, to be imported into Grafana. Its data source is a Prometheus that scrapes replay --metrics, and it asks
which when it is imported.`,
		Examples: [2]string{"reprise template grafana > dashboard.json", "reprise replay safe.rpz --target http://127.0.0.1:3000 --metrics 127.0.0.1:9464"},
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		_, err := io.WriteString(s.Out, live.Grafana)
		return err
	})
}

func mapTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "map PRESET", Short: "Print the map of a well-known log, for capture --map",
		Long: `Prints, as YAML with comments, where things are in a log of a preset: ` + strings.Join(logs.Presets(), ", ") + `.
Change what is different in yours, or write a map that begins with preset: PRESET and says only that.`,
		Examples: [2]string{"reprise template map combined > map.yaml", "reprise capture access.log --map map.yaml -o friday.rpz"},
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		if _, ok := logs.Preset(args[0]); !ok {
			return exit.Misuse("no preset has a map and is called %q; there are %s", args[0], strings.Join(logs.Presets(), ", "))
		}
		return logs.PrintPreset(s.Out, args[0])
	})
}

func logFormatTemplate(s Streams) *cobra.Command {
	return help.Verb(help.Page{
		Use: "log-format PRESET", Short: "Print the configuration that makes nginx, caddy or HAProxy log bodies",
		Long: `Prints what to add to the server's configuration so that it logs bodies and headers as reprise capture reads them: there is one for nginx,
caddy and haproxy. The other presets read what their tools write anyway.`,
		Examples: [2]string{"reprise template log-format nginx", "reprise capture logs access.log -o friday.rpz --preset nginx"},
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		format, ok := logs.LogFormat(args[0])
		if !ok {
			return exit.Misuse("no log format is called %q; there are nginx, caddy, haproxy", args[0])
		}
		_, err := io.WriteString(s.Out, format)
		return err
	})
}

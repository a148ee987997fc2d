package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/ingest"
	"reprise/capture/report"
	"reprise/capture/sms"
	"reprise/capture/source/logs"
	"reprise/capture/source/messages"
	"reprise/cmd/internal/build"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/selection"
	"reprise/cmd/internal/terminal"
)

// captureVerb reads whatever the content says it is; the verbs below it read one format each.
func captureVerb(s Streams) *cobra.Command {
	var o captureOptions
	var mapFile string
	cmd := help.Verb(help.Page{
		Use: "capture FILE... -o OUT.rpz", Short: "Read recorded traffic into a corpus",
		Long: `Reads requests out of recordings, compressed by gzip or zstd or not, or - for stdin. What each FILE is, its content tells:
a packet capture (pcap, pcapng), an HTTP archive (HAR), a recording of GoReplay (.gor), a log of Rails, an execution log of an API gateway, traces of envoy, a log of nginx as reprise template
log-format has it written, lines that reprise cat printed, an export of messages or of webhooks from a vendor, or another log of JSON lines, whose places --map names. Several files make one corpus, in time order.
Ends with an account: requests read, kept, skipped (with the reason) and missing, and the bytes that could not be read.
--try says what the first lines of a log hold, and for one that nobody described prints a map as YAML: reprise capture app.log --try > map.yaml.`,
		Examples: [2]string{
			"reprise capture friday.pcap.gz saturday.pcap.gz -o weekend.rpz",
			"reprise capture app.log --try > map.yaml; reprise capture app.log --map map.yaml -o app.rpz",
		},
		Codes: []exit.Code{exit.Damaged},
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if mapFile != "" {
			if err := o.readMap(mapFile); err != nil {
				return fileError("--map", err)
			}
		}
		o.spreadLogs = cmd.Flags().Changed("spread")
		if o.try {
			return o.look(cmd.Context(), s, args)
		}
		return o.run(cmd.Context(), s, args)
	})
	cmd.Flags().BoolVar(&o.try, "try", false, "look at the first 100 lines of a log and write no corpus: say what its map finds, or propose a map")
	cmd.Flags().StringVar(&o.as, "as", "", "what every FILE is, where its content cannot tell: `FORMAT` "+strings.Join(ingest.Names(), ", "))
	cmd.Flags().StringVar(&mapFile, "map", "", "field map of a log, or of a table of messages, a YAML `FILE`")
	cmd.Flags().BoolVar(&o.receipts, "receipts", false, "make receipts of the messages in exports that the platform sent (default: they are left out)")
	cmd.Flags().StringVar(&o.spread, "spread", string(ingest.SpreadPoisson), "how times of whole seconds are spread within their second, of exports, and of logs where the flag is given: `poisson|even|none`")
	cmd.Flags().IntSliceVar(&o.ports, "port", nil, "server `PORTS` in packet captures (default: any connection that begins with an HTTP request)")
	o.add(cmd.Flags())
	cmd.AddCommand(capturePcapVerb(s), captureLogsVerb(s), captureProxyVerb(s))
	return cmd
}

// captureOptions are the flags that every way of capturing has.
type captureOptions struct {
	out            string
	force          bool
	methods, paths []string
	vendor         string
	dialects       dialectFlag
	keywords       []string
	keywordsFile   string
	keywordProfile string
	asJSON, quiet  bool

	try    bool   // look at the first lines, and write nothing
	as     string // as ingest.Options has it
	found  string // what the content of the last file was taken for
	logMap *logs.Map
	table  *messages.Map // of a table of messages
	ports  []int

	receipts bool
	spread   string
	// spreadLogs says that the flag was given.
	spreadLogs bool
}

// readMap reads a map, of a log or of a table of messages.
func (o *captureOptions) readMap(name string) error {
	if o.as == messages.Name || o.as == "" && messages.IsMap(name) {
		m, err := messages.ReadMap(name)
		o.table = &m
		return err
	}
	base, preset := logs.Preset(o.as)
	m, err := logs.ReadMapOver(name, base)
	if o.logMap = &m; preset {
		o.as = ingest.AsLogs
	}
	return err
}

func (o *captureOptions) add(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	outputs.Declare(f, "output", outputs.Whole)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.StringSliceVar(&o.methods, "method", nil, "keep requests of these `METHODS` only")
	f.StringSliceVar(&o.paths, "path", nil, "keep requests whose path begins with one of these `PREFIXES` only")
	f.StringVar(&o.vendor, "vendor", "", "take every request for this `VENDOR`'s, where detection cannot know: "+selection.VendorList())
	o.dialects.add(f)
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS`: messages of kind custom_keyword")
	f.StringVar(&o.keywordsFile, "keywords-file", "", "more keywords, as a YAML `FILE` of kind: [words]")
	f.StringVar(&o.keywordProfile, "keyword-profile", sms.ProfileTwilio, "whose default keywords count, `twilio|vendor`: Twilio's for all, or each vendor's own")
	f.BoolVar(&o.asJSON, "json", false, "print the account as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no account and no progress")
}

func capturePcapVerb(s Streams) *cobra.Command {
	o := captureOptions{as: ingest.AsPackets}
	cmd := help.Verb(help.Page{
		Use: "pcap FILE... -o OUT.rpz", Short: "Read packet captures (pcap, pcapng)",
		Long: `Reads HTTP/1.x requests and their responses out of packet captures: pcap or pcapng, gzip or zstd, or - for stdin.
Retransmitted and reordered segments are put right; a record's time is the arrival of its request's first byte.
Behind damage, reading goes on at the next packet. A pipe is read until it ends or the first signal, and what has come is kept. Ends with an account: requests read, kept, skipped (with the reason)
and missing (known by their answer or a gap alone), and the bytes that could not be read.`,
		Examples: [2]string{
			"reprise capture pcap friday.pcap.gz -o friday.rpz --port 8080",
			"tcpdump -i any -w - 'port 8080' | reprise capture pcap - -o now.rpz --path /webhooks",
		},
		Codes: []exit.Code{exit.Damaged},
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), s, args)
	})
	cmd.Flags().IntSliceVar(&o.ports, "port", nil, "server `PORTS` (default: any connection that begins with an HTTP request)")
	o.add(cmd.Flags())
	return cmd
}

func captureLogsVerb(s Streams) *cobra.Command {
	o := captureOptions{as: ingest.AsLogs}
	var mapFile, preset string
	cmd := help.Verb(help.Page{
		Use: "logs FILE... -o OUT.rpz", Short: "Read logs that hold request bodies (JSON, CSV, logfmt, text)",
		Long: `Reads requests out of logs: JSON objects, a line each, one after another or in an array; tables (CSV, TSV); logfmt; and text, by a
pattern. A map (YAML) names where things are, as JSON pointers or names: time, time_format, time_is, tz, method, url or request, query, host,
headers, body, body_encoding, status, latency, latency_unit, unwrap, where, pattern, format. See docs/logs.md.
A log written when a request ended, as nginx's is, is put in the order in which requests began.
A line that cannot be decoded is damage (exit code 6); one that can and holds no request is skipped, and counted by its reason.`,
		Examples: [2]string{
			"reprise capture logs access.ndjson.gz -o friday.rpz --preset nginx",
			"reprise template log-format nginx",
		},
		Codes: []exit.Code{exit.Damaged},
	}, cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		m, err := logMap(mapFile, preset)
		if err != nil {
			return err
		}
		o.logMap = &m
		return o.run(cmd.Context(), s, args)
	})
	cmd.Flags().StringVar(&mapFile, "map", "", "field map, a YAML `FILE`")
	cmd.Flags().StringVar(&preset, "preset", "", "built-in field map, by its `NAME`: "+strings.Join(logs.Presets(), ", "))
	o.add(cmd.Flags())
	return cmd
}

// logMap is the map that --map or --preset names.
func logMap(file, preset string) (logs.Map, error) {
	base, ok := logs.Preset(preset)
	switch {
	case preset != "" && !ok:
		return base, exit.Misuse("--preset: no preset is called %q", preset)
	case file != "":
		m, err := logs.ReadMapOver(file, base)
		return m, fileError("--map", err)
	case preset == "":
		return base, exit.Misuse("say how to read the log: --preset nginx, or --map FILE, which reprise capture FILE --try proposes")
	case base.Wraps():
		return base, exit.Misuse("--preset: %s says how lines are wrapped: --map FILE says where a request is in them", preset)
	}
	return base, nil
}

// captureMemory is from how many bytes on the garbage collector works harder: what waits to be put in order leaves much behind at once.
const captureMemory = 200 << 20

// boundMemory makes the garbage collector work harder from so many bytes on, unless the environment says from how many.
func boundMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// run reads every file into one corpus.
func (o *captureOptions) run(ctx context.Context, s Streams, files []string) error {
	if len(files) == 0 {
		return exit.Misuse("name the files to read")
	}
	options, err := o.ingestOptions()
	if err != nil {
		return err
	}
	to, err := outputs.Corpus(s.Out, o.out, o.force)
	if err != nil {
		return err
	}
	boundMemory(captureMemory)
	p := terminal.Start(s.Err, "capture", o.quiet)
	options.As, options.Ports, options.Map, options.Stdin = o.as, o.ports, o.logMap, s.In
	options.Recognised, options.Report, options.Progress = o.sayFormat(s), report.Problems(s.Err), p.Count.Store
	options.Messages, options.Receipts, options.Spread, options.SpreadLogs = o.table, o.receipts, ingest.Spread(o.spread), o.spreadLogs
	got, err := ingest.Files(ctx, files, to, options)
	p.End()
	return o.finish(s, got, err)
}

// manySeconds is from how many requests on it is said that their times are of whole seconds.
const manySeconds = 20

// finish prints the account of a capture that has ended; got is nil where it did not begin.
func (o *captureOptions) finish(s Streams, got *ingest.Result, err error) error {
	if got != nil && (err == nil || errors.Is(err, corpus.ErrEmpty) || errors.As(err, new(*capture.UnbalancedError))) {
		if err := o.printAccount(s, &got.Account); err != nil {
			return err
		}
		if len(got.Unread) > 0 {
			fmt.Fprintf(s.Err, "reprise: capture: not read, as the pipe before was ended: %s\n", strings.Join(got.Unread, ", "))
		}
		if 2*got.Unknown > got.Account.Kept && !o.quiet {
			fmt.Fprintf(s.Err, "reprise: capture: of %d requests %d are of no vendor that is known, so that who wrote what is not known: "+
				"reprise vendors learn CORPUS proposes a profile for --dialect\n", got.Account.Kept, got.Unknown)
		}
		if got.Seconds >= manySeconds && !o.quiet {
			fmt.Fprintf(s.Err, "reprise: capture: %d of %d requests have a time of a whole second, as their log knows no more, so that they come in bursts: "+
				"--spread poisson spreads them within their second\n", got.Seconds, got.Account.Kept)
		}
	}
	return o.explain(got, err)
}

// ingestOptions are those that every way of capturing has.
func (o *captureOptions) ingestOptions() (ingest.Options, error) {
	words, err := ingest.ReadKeywords(o.keywords, o.keywordsFile)
	if err != nil {
		return ingest.Options{}, fileError("--keywords-file", err)
	}
	vendors, err := o.dialects.table()
	return ingest.Options{
		Methods: o.methods, Paths: o.paths, Vendors: vendors, Vendor: o.vendor, Keywords: words, KeywordProfile: o.keywordProfile, Tool: build.Tool(),
	}, err
}

// look says what the first lines of a log hold.
func (o *captureOptions) look(ctx context.Context, s Streams, files []string) error {
	switch {
	case len(files) > 1:
		return exit.Misuse("--try looks at one FILE")
	case o.out != "":
		return exit.Misuse("--try writes no corpus: leave -o away")
	}
	got, err := ingest.Try(ctx, files[0], ingest.Options{As: o.as, Map: o.logMap, Stdin: s.In})
	switch {
	case errors.Is(err, logs.ErrNoProposal):
		return exit.Hint(err, "write a map by hand: docs/logs.md says what is in one, of lines of text by a pattern, too; reprise template map combined-body prints one with comments")
	case err != nil:
		return o.explain(nil, err)
	case got.Lines == nil:
		o.sayFormat(s)(files[0], got.Format, got.As)
		fmt.Fprintf(s.Err, "reprise: capture: it is read as it is, without a map: reprise capture %s -o OUT.rpz\n", files[0])
		return nil
	case !got.Proposed:
		o.sayFormat(s)(files[0], got.Format, got.As)
	}
	if err := report.WriteTrial(s.Out, files[0], got); err != nil {
		return err
	}
	if got.Lines.Account.Kept == 0 {
		cause := ingest.WhyNothing(&got.Lines.Account, got.As, false)
		return exit.Hint(fmt.Errorf("%w of these lines: %s", errNothingWouldBe, report.Nothing(&got.Lines.Account)),
			cmp.Or(o.mend(cause), report.Mend(cause)))
	}
	return nil
}

var errNothingWouldBe = errors.New("nothing would be kept")

// sayFormat tells what an input was taken for.
func (o *captureOptions) sayFormat(s Streams) func(file string, f ingest.Format, as string) {
	return func(file string, f ingest.Format, as string) {
		if o.found = as; o.quiet {
			return
		}
		of := ""
		if _, preset := logs.Preset(as); preset && as != logs.PresetCat {
			of = ", of " + as
		}
		fmt.Fprintf(s.Err, "reprise: capture: %s is %s%s\n", file, f, of)
	}
}

// explain is the error that a capture ends with; got is nil where it did not begin.
func (o *captureOptions) explain(got *ingest.Result, err error) error {
	bad, format := (*ingest.OptionError)(nil), (*ingest.FormatError)(nil)
	switch {
	case errors.As(err, &bad) && bad.Option == "As":
		return exit.Misuse("--as: %w", bad.Err)
	case errors.As(err, &bad) && bad.Option == "Spread":
		return exit.Misuse("--spread: %w", bad.Err)
	case errors.As(err, &bad) && (bad.Option == "Map" || bad.Option == "Messages"):
		return exit.Misuse("--map: %w", bad.Err)
	case errors.As(err, &bad) && bad.Option == "Vendor":
		return exit.Misuse("--vendor: %w", bad.Err)
	case bad != nil:
		return exit.Misuse("%w", bad.Err)
	case got != nil && errors.Is(err, corpus.ErrEmpty):
		return o.nothingCaptured(&got.Account)
	case errors.As(err, &format):
		if format.Format == ingest.Text {
			return exit.Hint(format, "where it is a log, --try looks at its first lines and proposes a map for --map FILE")
		}
		return inputs.CaptureError(format)
	case errors.Is(err, ingest.ErrNeedsMap):
		return exit.Hint(exit.Misuse("%w", err), "--try looks at its first lines and proposes a map for --map FILE; --as names a log that is known: "+strings.Join(logs.Presets(), ", "))
	case errors.As(err, new(*capture.UnbalancedError)):
		return fmt.Errorf("internal error: %w; the corpus is written and holds what was kept", err)
	case err != nil:
		return outputs.Explain(err)
	case len(got.Damaged) > 0:
		return exit.With(exit.Damaged, fmt.Errorf("part of %s was unreadable; the rest was used", strings.Join(got.Damaged, ", ")))
	}
	return nil
}

func (o *captureOptions) printAccount(s Streams, a *capture.Account) error {
	w := s.Out
	if o.out == "-" {
		w = s.Err
	}
	switch {
	case o.quiet:
		return nil
	case o.asJSON:
		return printJSON(w, a)
	}
	return report.WriteAccount(w, a)
}

// nothingCaptured says why a capture kept nothing, and the likeliest mend.
func (o *captureOptions) nothingCaptured(a *capture.Account) error {
	cause := ingest.WhyNothing(a, cmp.Or(o.as, o.found), len(o.ports) > 0)
	return exit.Hint(fmt.Errorf("%w: %s", corpus.ErrEmpty, report.Nothing(a)), cmp.Or(o.mend(cause), report.Mend(cause)))
}

// mend says which flag to change; "" where it is none.
func (o *captureOptions) mend(c ingest.Cause) string {
	switch c {
	case ingest.CauseMethod:
		return "--method leaves out what there is: name other methods, or leave it away"
	case ingest.CauseOutbound:
		return "the export has messages that the platform sent, and webhooks told of those that came in: --receipts makes receipts of the others"
	case ingest.CausePath:
		return "--path leaves out what there is: capture without it, and reprise cat shows the paths"
	case ingest.CauseNotJSON:
		return "the lines are no JSON, and the map is for JSON: --try without it looks at the lines and proposes a map"
	case ingest.CauseMap:
		return "the lines have no request where the map looks for one: the messages above say which field: change --map, or see by --try what each rule of --map finds"
	case ingest.CauseWhere:
		return "where, in the map, leaves out what there is: change it, or see by --try what stands there"
	case ingest.CausePort:
		ports := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(o.ports)), ","), "[]")
		return "no request was found on port " + ports + ": is it the server's? Without --port every port is looked at"
	}
	return ""
}

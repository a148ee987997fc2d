package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/capture/source/logs"
	"reprise/capture/source/open"
	"reprise/capture/source/packet"
)

// sortMemory bounds what a verb holds back to put records in order; what exceeds it goes through files.
const sortMemory = 48 << 20

func captureVerb(s Streams) *cobra.Command {
	return newGroup("capture", "Read recorded traffic into a corpus", capturePcapVerb(s), captureLogsVerb(s))
}

// captureOptions are the flags that every way of capturing has.
type captureOptions struct {
	out            string
	force          bool
	methods, paths []string
	vendor         string
	keywords       []string
	keywordsFile   string
	keywordProfile string
	asJSON, quiet  bool

	isLog bool
	piped bool // a pipe was read: the first signal ends reading, and nothing else
	ports []int
}

// The reasons for which records are left out because the user asked for it.
const (
	leftOutByMethod = "method"
	leftOutByPath   = "path"
)

func (o *captureOptions) add(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "output", "o", "", "write the corpus to `FILE`, or to stdout with -")
	writes(f, "output", wholeFile)
	f.BoolVar(&o.force, "force", false, "overwrite FILE if it exists")
	f.StringSliceVar(&o.methods, "method", nil, "keep requests of these `METHODS` only")
	f.StringSliceVar(&o.paths, "path", nil, "keep requests whose path begins with one of these `PREFIXES` only")
	f.StringVar(&o.vendor, "vendor", "", "take every request for this `VENDOR`'s, where detection cannot know")
	f.StringSliceVar(&o.keywords, "keywords", nil, "the brand's own keyword `WORDS`: messages of kind custom_keyword")
	f.StringVar(&o.keywordsFile, "keywords-file", "", "more keywords, as a YAML `FILE` of kind: [words]")
	f.StringVar(&o.keywordProfile, "keyword-profile", "twilio", "whose default keywords count, `twilio|vendor`: Twilio's for all, or each vendor's own")
	f.BoolVar(&o.asJSON, "json", false, "print the account as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "print no account and no progress")
}

// origin makes a source of one opened input.
type origin func(file string, r io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error)

func capturePcapVerb(s Streams) *cobra.Command {
	var o captureOptions
	cmd := newVerb(page{
		use: "pcap FILE... -o OUT.rpz", short: "Read packet captures (pcap, pcapng)",
		long: `Reads HTTP/1.x requests and their responses out of packet captures: pcap or pcapng, gzip or zstd, or - for stdin.
Retransmitted and reordered segments are put right; a record's time is the arrival of its request's first byte.
Behind damage, reading goes on at the next packet. A pipe is read until it ends or the first signal, and what has come is kept. Ends with an account: requests read, kept, skipped (with the reason)
and missing (known by their answer or a gap alone), and the bytes that could not be read.`,
		examples: [2]string{
			"reprise capture pcap friday.pcap.gz -o friday.rpz --port 8080",
			"tcpdump -i any -w - 'port 8080' | reprise capture pcap - -o now.rpz --path /webhooks",
		},
		codes: []exitCode{exitDamaged},
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), s, args, func(file string, r io.Reader, a *capture.Account, onServer func(string)) (capture.Source, error) {
			return packet.New(r, packet.Options{File: file, Ports: o.ports, Account: a, OnServer: onServer}), nil
		})
	})
	cmd.Flags().IntSliceVar(&o.ports, "port", nil, "server `PORTS` (default: any connection that begins with an HTTP request)")
	o.add(cmd.Flags())
	return cmd
}

func captureLogsVerb(s Streams) *cobra.Command {
	o := captureOptions{isLog: true}
	var mapFile, preset, printFormat string
	cmd := newVerb(page{
		use: "logs FILE... -o OUT.rpz", short: "Read logs that hold request bodies (NDJSON)",
		long: `Reads one request a line from NDJSON logs. A map (YAML) names where things are, as JSON pointers: time, time_format,
method, url, host, headers, body, body_encoding, status, latency, latency_unit, time_is (start or end).
A log written when a request ended, as nginx's is, is put in the order in which requests began.
A line that is no JSON is damage (exit code 6); one that is and holds no request is skipped, and counted by its reason.`,
		examples: [2]string{
			"reprise capture logs access.ndjson.gz -o friday.rpz --preset nginx",
			"reprise capture logs --print-log-format nginx",
		},
		codes: []exitCode{exitDamaged},
	}, cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if printFormat != "" {
			if printFormat != "nginx" {
				return misuse("--print-log-format: no preset is called %q; there is nginx", printFormat)
			}
			_, err := io.WriteString(s.Out, logs.NginxLogFormat())
			return err
		}
		m, err := logMap(mapFile, preset)
		if err != nil {
			return err
		}
		return o.run(cmd.Context(), s, args, func(file string, r io.Reader, a *capture.Account, _ func(string)) (capture.Source, error) {
			return logs.New(r, logs.Options{File: file, Map: m, Account: a})
		})
	})
	cmd.Flags().StringVar(&mapFile, "map", "", "field map, a YAML `FILE`")
	cmd.Flags().StringVar(&preset, "preset", "", "built-in field map, by its `NAME`: nginx")
	cmd.Flags().StringVar(&printFormat, "print-log-format", "", "print the log format that a `PRESET` reads, and exit")
	o.add(cmd.Flags())
	return cmd
}

func logMap(file, preset string) (logs.Map, error) {
	switch {
	case file != "" && preset != "":
		return logs.Map{}, misuse("--map and --preset exclude each other")
	case file != "":
		var m logs.Map
		if err := readYAML("--map", file, &m); err != nil {
			return m, err
		}
		if err := m.Validate(); err != nil {
			return m, misuse("--map %s: %v", file, err)
		}
		return m, nil
	case preset != "":
		m, ok := logs.Preset(preset)
		if !ok {
			return m, misuse("--preset: no preset is called %q", preset)
		}
		return m, nil
	}
	return logs.Map{}, misuse("say how to read the log: --preset nginx, or --map FILE")
}

// run reads every file through the origin into one corpus.
func (o *captureOptions) run(ctx context.Context, s Streams, files []string, from origin) (err error) {
	if len(files) == 0 {
		return misuse("name the files to read")
	}
	c, header, err := o.classifier()
	if err != nil {
		return err
	}
	if table := all.Table(); o.vendor != "" {
		if _, ok := table.Named(o.vendor); !ok {
			return misuse("--vendor: no vendor is called %q; known are %s", o.vendor, vendorNames(table))
		}
	}
	out, err := createCorpus(o.out, s, header, o.force)
	if err != nil {
		return err
	}
	account := &capture.Account{Report: problemPrinter(s.Err)}
	damaged, err := o.fill(ctx, s, files, from, out, account, c)
	if o.piped {
		ctx = context.WithoutCancel(ctx)
	}
	err = out.end(ctx, err)
	if nothing := errors.Is(err, errNothingKept); nothing || err == nil {
		if err := o.printAccount(s, account); err != nil {
			return err
		}
		if nothing {
			return o.nothingCaptured(account)
		}
	}
	if err == nil && len(damaged) > 0 {
		err = withCode(exitDamaged, fmt.Errorf("part of %s was unreadable; the rest was used", strings.Join(damaged, ", ")))
	}
	return err
}

// fill reads every file into the output, and returns the names of those that are damaged.
func (o *captureOptions) fill(ctx context.Context, s Streams, files []string, from origin, out *corpusOut,
	account *capture.Account, c *sms.Classifier,
) (damaged []string, err error) {
	sorter := corpus.NewSorter(out.sink(), "", sortMemory)
	defer func() { err = errors.Join(err, sorter.Discard()) }()
	p := startProgress(s.Err, "capture", o.quiet)
	defer p.end()
	for _, file := range files {
		before := account.Damaged
		account.Damaged = false
		reading, in := ctx, s
		if pipe := piped(file, s); pipe != nil {
			o.piped = true
			in.In, reading = pipe, context.WithoutCancel(ctx)
		}
		if err := o.readFile(reading, in, file, from, sorter, out.AddHost, all.Table(), c, account, p); err != nil {
			return damaged, err
		}
		if account.Damaged {
			damaged = append(damaged, file)
		}
		account.Damaged = account.Damaged || before
		if o.piped && ctx.Err() != nil {
			break
		}
	}
	if o.piped {
		ctx = context.WithoutCancel(ctx)
	}
	return damaged, sorter.Close(ctx)
}

func (o *captureOptions) classifier() (*sms.Classifier, corpus.Header, error) {
	words, err := readKeywords(o.keywords, o.keywordsFile)
	if err != nil {
		return nil, corpus.Header{}, err
	}
	c, err := sms.NewClassifier(sms.Options{Profile: o.keywordProfile, Keywords: words})
	if err != nil {
		return nil, corpus.Header{}, misuse("%v", err)
	}
	h := corpus.Header{State: corpus.Raw, Tool: tool(), KeywordProfile: o.keywordProfile, Keywords: map[string][]string{}}
	for k, list := range words {
		h.Keywords[k.String()] = list
	}
	return c, h, nil
}

// headerClassifier makes the classifier that a corpus was captured with.
func headerClassifier(h corpus.Header) (*sms.Classifier, error) {
	words := make(map[capture.Kind][]string)
	for name, list := range h.Keywords {
		k, err := capture.ParseKind(name)
		if err != nil {
			return nil, fmt.Errorf("corpus header: %w", err)
		}
		words[k] = list
	}
	return sms.NewClassifier(sms.Options{Profile: h.KeywordProfile, Keywords: words})
}

func (o *captureOptions) readFile(ctx context.Context, s Streams, file string, from origin, dst capture.Sink, onServer func(string),
	table dialect.Table, c *sms.Classifier, account *capture.Account, p *progress,
) error {
	in, err := open.Reader(file, s.In)
	if errors.Is(err, capture.ErrStopped) {
		return nil // before anything came
	}
	if err != nil {
		return err
	}
	defer in.Close()
	src, err := from(file, in, account, onServer)
	if err != nil {
		return err
	}
	before := account.Kept
	kept, err := capture.Copy(ctx, dst, src, o.wanted(account), func(r *capture.Record) bool {
		p.count.Add(1)
		annotate(r, o.vendor, file, table, c, account)
		return true
	})
	account.Kept = before + kept
	return err
}

// wanted leaves out what --method and --path do not name.
func (o *captureOptions) wanted(account *capture.Account) func(*capture.Record) bool {
	return func(r *capture.Record) bool {
		if len(o.methods) > 0 && !slices.ContainsFunc(o.methods, func(m string) bool { return strings.EqualFold(m, r.Method) }) {
			account.LeaveOut(leftOutByMethod)
			return false
		}
		if len(o.paths) > 0 && !slices.ContainsFunc(o.paths, func(p string) bool { return strings.HasPrefix(r.URL, p) }) {
			account.LeaveOut(leftOutByPath)
			return false
		}
		return true
	}
}

// annotate says what a record's message is. A payload that cannot be read keeps its place as kind other.
func annotate(r *capture.Record, vendor, file string, table dialect.Table, c *sms.Classifier, account *capture.Account) {
	r.Vendor = vendor
	err := table.Annotate(r, c)
	if err == nil {
		return
	}
	problem := capture.Problem{File: file, Record: account.Read, Unit: "request", Field: "body", Reason: "payload could not be read; kept as kind other"}
	if field := (*dialect.FieldError)(nil); errors.As(err, &field) {
		problem.Field, problem.Reason = field.Field, field.Reason+"; kept as kind other"
	}
	account.Note(problem)
}

func (o *captureOptions) printAccount(s Streams, a *capture.Account) error {
	if o.quiet {
		return nil
	}
	w := s.Out
	if o.out == "-" {
		w = s.Err
	}
	if a.Skipped == nil {
		a.Skipped = map[string]int64{}
	}
	if o.asJSON {
		return printJSON(w, a)
	}
	fmt.Fprintf(w, "read %d, kept %d", a.Read, a.Kept)
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		fmt.Fprintf(w, ", skipped %d (%s)", a.Skipped[reason], reason)
	}
	for _, reason := range slices.Sorted(maps.Keys(a.Noted)) {
		fmt.Fprintf(w, ", noted %d (%s)", a.Noted[reason], reason)
	}
	least := ""
	if a.Cut {
		least = "at least "
	}
	_, err := fmt.Fprintf(w, ", missing %d, lost %s%d bytes, unpaired responses %d\n", a.Missing, least, a.Lost, a.UnpairedResponses)
	return err
}

// problemPrinter prints the first problems of each reason and then falls silent: the account counts them all.
func problemPrinter(w io.Writer) func(capture.Problem) {
	const most = 5
	seen := make(map[string]int)
	return func(p capture.Problem) {
		seen[p.Reason]++
		switch n := seen[p.Reason]; {
		case n <= most:
			fmt.Fprintf(w, "reprise: %v\n", p)
		case n == most+1:
			fmt.Fprintf(w, "reprise: %s: more of these are counted, not shown\n", p.Reason)
		}
	}
}

func vendorNames(t dialect.Table) string {
	var names []string
	for _, d := range t.All() {
		names = append(names, d.Name())
	}
	return strings.Join(names, " ")
}

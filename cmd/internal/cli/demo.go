package cli

import (
	"context"
	_ "embed" // the recording
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/capture/corpus"
	"reprise/capture/ingest"
	capturereport "reprise/capture/report"
	"reprise/capture/sms"
	"reprise/capture/source/open"
	"reprise/capture/source/packet"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
	"reprise/fixtures/sink"
	"reprise/replay/report"
	"reprise/replay/rounds"
)

// recording is twelve seconds of webhooks of five vendors over loopback, recorded with tcpdump: 1,200 messages of
// invented people, whose numbers reach nobody.
//
//go:embed demo/recording.pcap.gz
var recording []byte

// recordingKeywords are the invented brand's own keywords.
const recordingKeywords = "VIP,SALE,EARLY,GLOW"

// demoOptions are the flags of the demo.
type demoOptions struct {
	in, target, out string
	timeScale       float64
	keywords, peak  string
	port, preset    string
	logMap          string
	allowHost       []string
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
	f.StringVar(&o.in, "in", "", "your recording, a `FILE`: a packet capture, a log or a corpus, compressed or not")
	f.StringVar(&o.target, "target", "", "`URL` to replay to (default: a sink of its own)")
	f.Float64Var(&o.timeScale, "time-scale", 2, "play in 1/`N` of the recorded time")
	f.StringVar(&o.peak, "peak", "", "play only the busiest stretch of this `DURATION`")
	f.StringVar(&o.port, "port", "", "server `PORTS` in a packet capture")
	f.StringVar(&o.keywords, "keywords", "", "the brand's own keyword `WORDS`")
	f.StringVar(&o.preset, "preset", "nginx", "how to read a log: a built-in field map, by its `NAME`")
	f.StringVar(&o.logMap, "map", "", "how to read a log: a field map, a YAML `FILE`")
	f.StringArrayVar(&o.allowHost, "allow-host", nil, "allow a target `HOST` that is not on a private network")
	f.StringVarP(&o.out, "output", "o", "", "`FOLDER` to make (default: reprise-demo, or the next free name)")
	outputs.Declare(f, "output", outputs.Folder)
	return cmd
}

func (o *demoOptions) run(ctx context.Context, s Streams) error {
	folder, err := o.makeFolder()
	if err != nil {
		return err
	}
	in, kind, err := o.recording(s, folder)
	if err != nil {
		return err
	}
	d := &demo{s: s, folder: folder}
	if o.target == "" {
		stop, err := d.startSink(ctx)
		if err != nil {
			return err
		}
		defer stop()
		o.target = d.target
	}
	if in, err = o.capture(ctx, d, in, kind); err != nil {
		return err
	}
	if err := o.play(ctx, d, in); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "\nEverything is in %s; open %s in a browser.\n", folder, d.file("report.html"))
	return nil
}

// capture makes a corpus of a recording that is none yet, and names it.
func (o *demoOptions) capture(ctx context.Context, d *demo, in, kind string) (string, error) {
	raw := d.file("raw.rpz")
	c := captureOptions{out: raw, keywords: list(o.keywords), keywordProfile: sms.ProfileTwilio}
	switch kind {
	case "corpus":
		return in, nil
	case "pcap":
		for _, text := range list(o.port) {
			n, err := strconv.ParseUint(text, 10, 16)
			if err != nil {
				return "", exit.Misuse("--port: %q is no port", text)
			}
			c.ports = append(c.ports, int(n))
		}
		d.show(with([]string{"capture", "pcap", in, "-o", raw}, "--port", o.port, "--keywords", o.keywords)...)
		return raw, inStep("capture pcap", c.run(ctx, d.s, []string{in}, ingest.PacketOpener(c.ports)))
	}
	how, preset := []string{"--map", o.logMap}, ""
	if o.logMap == "" {
		how, preset = []string{"--preset", o.preset}, o.preset
	}
	m, err := logMap(o.logMap, preset)
	if err != nil {
		return "", err
	}
	c.isLog = true
	d.show(with(append([]string{"capture", "logs", in, "-o", raw}, how...), "--keywords", o.keywords)...)
	return raw, inStep("capture logs", c.run(ctx, d.s, []string{in}, ingest.LogOpener(m)))
}

// play makes a corpus safe, plays it twice, and judges the runs.
func (o *demoOptions) play(ctx context.Context, d *demo, raw string) error {
	safe, first, second := d.file("safe.rpz"), d.file("first.rpr"), d.file("second.rpr")
	d.show("anonymize", raw, "-o", safe, "--report", d.file("anonymize.json"))
	if err := (&anonymizeOptions{out: safe, report: d.file("anonymize.json"), rules: rules{pool: "wide"}}).run(ctx, d.s, raw); err != nil {
		return fmt.Errorf("anonymize: %w", err)
	}
	d.show("inspect", safe)
	if err := d.inspect(ctx, safe); err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	for _, out := range []string{first, second} {
		if err := o.replay(ctx, d, safe, out); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
	}
	d.show("report", first, "-o", d.file("report.html"))
	run, err := readRun(ctx, first)
	if err != nil {
		return err
	}
	page := reportOptions{out: []string{d.file("report.html")}}
	if err := page.writeFiles(d.s, func(w io.Writer, f report.Format) error { return report.WriteRun(w, f, &run) }); err != nil {
		return err
	}
	pages := reportOptions{out: []string{d.file("comparison.md"), d.file("comparison.html")}}
	d.show("compare", first, second, "--fail-on", "none", "-o", pages.out[0], "-o", pages.out[1])
	c, err := new(rounds.Judge).Files(ctx, []string{first, second})
	if err != nil {
		return judgeError(err)
	}
	if err := pages.writeFiles(d.s, func(w io.Writer, f report.Format) error { return report.WriteComparison(w, f, c) }); err != nil {
		return err
	}
	return report.WriteVerdict(d.s.Out, c)
}

// inspect says what a corpus holds.
func (d *demo) inspect(ctx context.Context, name string) error {
	r, closer, err := openCorpus(name, d.s)
	if err != nil {
		return err
	}
	defer closer.Close()
	in, err := corpus.Inspect(ctx, r, 0)
	if err != nil {
		return err
	}
	return capturereport.WriteInspection(d.s.Out, in)
}

// replay plays the corpus once.
func (o *demoOptions) replay(ctx context.Context, d *demo, safe, out string) error {
	args := with([]string{"replay", safe, "--target", o.target, "--time-scale", formatFloat(o.timeScale)}, "--peak", o.peak)
	for _, h := range o.allowHost {
		args = append(args, "--allow-host", h)
	}
	d.show(append(args, "-o", out)...)
	var r replayOptions
	flags := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	r.add(flags)
	if err := flags.Parse(append(args[1:], "-o", out)); err != nil {
		return exit.Misuse("%v", err)
	}
	return r.run(ctx, d.s, safe)
}

// inStep names a step in front of its error.
func inStep(step string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

// list parts words at commas; "" has none.
func list(words string) []string {
	if words == "" {
		return nil
	}
	return strings.Split(words, ",")
}

// with appends flags that have a value.
func with(args []string, flags ...string) []string {
	out := append([]string(nil), args...)
	for i := 0; i+1 < len(flags); i += 2 {
		if flags[i+1] != "" {
			out = append(out, flags[i], flags[i+1])
		}
	}
	return out
}

// makeFolder makes the folder that is asked for, which must be new, or the next free reprise-demo.
func (o *demoOptions) makeFolder() (string, error) {
	if o.out != "" {
		err := os.Mkdir(o.out, 0o700)
		if errors.Is(err, os.ErrExist) {
			err = exit.Hint(err, "choose another name; the demo replaces nothing")
		}
		return o.out, err
	}
	for n := 1; ; n++ {
		name := "reprise-demo"
		if n > 1 {
			name += "-" + strconv.Itoa(n)
		}
		err := os.Mkdir(name, 0o700)
		if !errors.Is(err, os.ErrExist) {
			return name, err
		}
	}
}

// recording names the input and says what it is: "pcap", "corpus" or "log".
func (o *demoOptions) recording(s Streams, folder string) (name, kind string, err error) {
	if o.in == "" {
		if o.keywords == "" {
			o.keywords = recordingKeywords
		}
		name = filepath.Join(folder, "recording.pcap.gz")
		return name, "pcap", os.WriteFile(name, recording, 0o600)
	}
	if o.in == "-" {
		return "", "", exit.Misuse("--in: name a file: the demo reads it more than once")
	}
	in, err := open.Reader(o.in, s.In)
	if err != nil {
		return "", "", err
	}
	defer in.Close()
	prefix := make([]byte, max(corpus.MagicLen, 4))
	n, err := io.ReadFull(in, prefix)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", "", fmt.Errorf("%s: %w", o.in, err)
	}
	switch prefix = prefix[:n]; {
	case corpus.Detect(prefix):
		return o.in, "corpus", nil
	case packet.Detect(prefix):
		return o.in, "pcap", nil
	}
	return o.in, "log", nil
}

// demo shows command lines and does what they say.
type demo struct {
	s      Streams
	folder string
	target string
}

func (d *demo) file(name string) string { return filepath.Join(d.folder, name) }

// show prints the command line of a step.
func (d *demo) show(args ...string) {
	fmt.Fprintf(d.s.Out, "\n$ reprise %s\n", strings.Join(args, " "))
}

// startSink runs a sink beside the demo.
func (d *demo) startSink(ctx context.Context) (stop func(), err error) {
	fmt.Fprintf(d.s.Out, "$ reprise sink --listen 127.0.0.1:0 --latency 5ms --jitter 2ms --log %s --quiet &\n", d.file("sink.log"))
	log, err := os.Create(d.file("sink.log"))
	if err != nil {
		return nil, err
	}
	k, err := sink.New(sink.Options{Profile: sink.Profile{Latency: sink.Spread{Base: 5 * time.Millisecond, Jitter: 2 * time.Millisecond}}, Log: log, Seed: 1})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1) // the goroutine below sends once
	go func() { done <- k.Serve(ctx, l) }()
	d.target = "http://" + l.Addr().String()
	fmt.Fprintln(d.s.Out, d.target)
	return func() {
		cancel()
		<-done
		log.Close()
	}, nil
}

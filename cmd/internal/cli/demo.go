package cli

import (
	"bufio"
	"context"
	_ "embed" // the recording
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture/corpus"
	"reprise/capture/source/open"
	"reprise/capture/source/packet"
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
	cmd := newVerb(page{
		use: "demo", short: "The whole way in one command: capture, anonymize, replay at 2x, judge, compare",
		long: `Takes a small recording that ships inside (or yours, with --in), captures and anonymizes it, replays it twice at
--time-scale into a built-in sink (or your endpoint, with --target), prints what each run did and whether the second was
slower, and leaves every file, with a report to open in a browser, in a folder that it names. Each step is an ordinary
command, printed before it runs. Your own recording stays raw in that folder, as raw.rpz: mind where it goes.`,
		examples: [2]string{"reprise demo", "reprise demo --in friday.pcap.gz --port 8080 --target http://127.0.0.1:3000 --peak 5m"},
		codes:    []exitCode{exitUnmet, exitRefused, exitUnreachable, exitDamaged},
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
	writes(f, "output", wholeFolder)
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
	for _, step := range o.steps(d, in, kind) {
		if err := d.step(ctx, step...); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.Out, "\nEverything is in %s; open %s in a browser.\n", folder, d.file("report.html"))
	return nil
}

// steps are the command lines that the demo consists of.
func (o *demoOptions) steps(d *demo, in, kind string) [][]string {
	raw, safe := d.file("raw.rpz"), d.file("safe.rpz")
	var steps [][]string
	switch kind {
	case "corpus":
		raw = in
	case "pcap":
		steps = append(steps, with([]string{"capture", "pcap", in, "-o", raw}, "--port", o.port, "--keywords", o.keywords))
	default:
		how := []string{"--preset", o.preset}
		if o.logMap != "" {
			how = []string{"--map", o.logMap}
		}
		steps = append(steps, with(append([]string{"capture", "logs", in, "-o", raw}, how...), "--keywords", o.keywords))
	}
	first, second := d.file("first.rpr"), d.file("second.rpr")
	play := with([]string{"replay", safe, "--target", o.target, "--time-scale", strconv.FormatFloat(o.timeScale, 'g', -1, 64)}, "--peak", o.peak)
	for _, h := range o.allowHost {
		play = append(play, "--allow-host", h)
	}
	return append(
		steps,
		[]string{"anonymize", raw, "-o", safe, "--report", d.file("anonymize.json")},
		[]string{"inspect", safe},
		with(play, "-o", first),
		with(play, "-o", second),
		[]string{"report", first, "-o", d.file("report.html")},
		[]string{"compare", first, second, "--fail-on", "none", "-o", d.file("comparison.md"), "-o", d.file("comparison.html")},
	)
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
			err = withHint(err, "choose another name; the demo replaces nothing")
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
		return "", "", misuse("--in: name a file: the demo reads it more than once")
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

// demo runs command lines and shows them.
type demo struct {
	s      Streams
	folder string
	target string
}

func (d *demo) file(name string) string { return filepath.Join(d.folder, name) }

// step prints a command line and runs it as if it had been typed.
func (d *demo) step(ctx context.Context, args ...string) error {
	fmt.Fprintf(d.s.Out, "\n$ reprise %s\n", strings.Join(args, " "))
	root := command(d.s)
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// startSink runs a sink beside the demo and takes its address from its first line.
func (d *demo) startSink(ctx context.Context) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	root := command(Streams{In: d.s.In, Out: w, Err: d.s.Err})
	args := []string{"sink", "--listen", "127.0.0.1:0", "--latency", "5ms", "--jitter", "2ms", "--log", d.file("sink.log"), "--quiet"}
	fmt.Fprintf(d.s.Out, "$ reprise %s &\n", strings.Join(args, " "))
	root.SetArgs(args)
	done := make(chan error, 1) // the goroutine below sends once
	go func() {
		err := root.ExecuteContext(ctx)
		w.CloseWithError(errors.Join(err, io.EOF))
		done <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	stop = func() {
		cancel()
		<-done
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("sink: %w", err)
	}
	d.target = strings.TrimSpace(line)
	fmt.Fprintln(d.s.Out, d.target)
	return stop, nil
}

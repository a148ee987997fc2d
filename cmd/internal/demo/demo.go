// Package demo is the whole way in one call: a recording is captured, anonymized, played twice and compared. Each step of [Run] calls
// the library, after the command line that does the same was printed. It is for the command line alone.
package demo

import (
	"context"
	_ "embed" // the recording
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"reprise/capture/ingest"
	"reprise/capture/source/logs"
	"reprise/capture/source/open"
	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/explain"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/session"
)

// recording is twelve seconds of webhooks of five vendors over loopback, recorded with tcpdump: 1,200 messages of
// invented people, whose numbers reach nobody.
//
//go:embed recording.pcap.gz
var recording []byte

// recordingKeywords are the invented brand's own keywords.
func recordingKeywords() []string { return []string{"VIP", "SALE", "EARLY", "GLOW"} }

// Options say what is played where. The zero value plays the recording that ships inside into a sink of its own, at its tempo.
type Options struct {
	// In is the recording's file: a packet capture, a log or a corpus, compressed or not; "" is the one that ships inside.
	In string
	// Ports are the servers' in a packet capture, Keywords the brand's own.
	Ports    []int
	Keywords []string
	// LogFlags are the flags that say how a log is read, as a command line has them, and ReadMap reads what they name.
	LogFlags []string
	ReadMap  func() (logs.Map, error)
	// Target is the URL to play to; "" is a sink of its own. Hosts are those that are allowed beside those of a private network.
	Target string
	Hosts  []string
	// TimeScale plays in 1/TimeScale of the recorded time; Peak, where above 0, only the busiest stretch of that length.
	TimeScale float64
	Peak      time.Duration
	// Folder is the one to make; "" is reprise-demo, or the next free name.
	Folder string
	// Version is the program's.
	Version string

	// Out gets what each step prints, Err its problems and its progress.
	Out, Err io.Writer
	// Watch, where set, says what shows and steers a run; end is called with the run that came of it, nil where nothing was sent.
	Watch func(ctx context.Context, plan *replay.Plan) (hooks session.Hooks, end func(*results.Run))
	// WhyOf words what was found of a run file, and of the corpus that it played.
	WhyOf func(found *explain.Why, run, corpus string) *report.Why
	// OptionName is as in session.Options. Explain, where set, gives an error of a replay its exit code and its advice.
	OptionName func(option string) string
	Explain    func(error) error
}

// CaptureError says that the recording could not be captured, or not all of it.
type CaptureError struct {
	// Step is the verb; As is what it reads, as ingest.Options has it.
	Step string
	As   string
	// Result is nil where nothing was read, and Err where only part of an input could not be.
	Result *ingest.Result
	Err    error
}

// Error implements error.
func (e *CaptureError) Error() string {
	if e.Err == nil {
		return e.Step + ": part of the recording was unreadable"
	}
	return e.Step + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *CaptureError) Unwrap() error { return e.Err }

// demo is one way through.
type demo struct {
	Options
	folder, target string
}

// Run goes the whole way and leaves every file in the folder. Errors are a *CaptureError, those of publish and session, and some
// that know their exit code.
func Run(ctx context.Context, o Options) error {
	d := &demo{Options: o, target: o.Target}
	if d.Explain == nil {
		d.Explain = func(err error) error { return err }
	}
	var err error
	if d.folder, err = makeFolder(o.Folder); err != nil {
		return err
	}
	format, err := d.recognise()
	if err != nil {
		return err
	}
	if d.target == "" {
		stop, err := d.startSink(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	raw, err := d.capture(ctx, format)
	if err != nil {
		return err
	}
	if err := d.play(ctx, raw); err != nil {
		return err
	}
	fmt.Fprint(d.Out, "\nOn a busy machine the demo says NOT FAITHFUL, which is no failure: the tool is honest about what it could not send on time.\n")
	fmt.Fprintf(d.Out, "\nEverything is in %s; open %s in a browser.\n", d.folder, d.file("report.html"))
	return nil
}

// makeFolder makes the folder that is asked for, which must be new, or the next free reprise-demo.
func makeFolder(name string) (string, error) {
	if name != "" {
		err := os.Mkdir(name, 0o700)
		if errors.Is(err, os.ErrExist) {
			err = exit.Hint(err, "choose another name; the demo replaces nothing")
		}
		return name, err
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

// recognise says what the recording is; the one that ships inside is written to the folder first.
func (d *demo) recognise() (ingest.Format, error) {
	switch d.In {
	case "":
		if len(d.Keywords) == 0 {
			d.Keywords = recordingKeywords()
		}
		d.In = d.file("recording.pcap.gz")
		return ingest.PacketCapture, os.WriteFile(d.In, recording, 0o600)
	case "-":
		return "", exit.Misuse("--in: name a file: the demo reads it more than once")
	}
	in, err := open.Reader(d.In, strings.NewReader(""))
	if err != nil {
		return "", err
	}
	defer in.Close()
	start, err := io.ReadAll(io.LimitReader(in, ingest.RecogniseBytes))
	if err != nil && len(start) == 0 {
		return "", fmt.Errorf("%s: %w", d.In, err)
	}
	return ingest.Recognise(start), nil
}

// file is the path of a file of the folder.
func (d *demo) file(name string) string { return filepath.Join(d.folder, name) }

// show prints the command line of a step.
func (d *demo) show(args ...string) {
	fmt.Fprintf(d.Out, "\n$ reprise %s\n", strings.Join(args, " "))
}

// with appends a flag, where it has a value.
func with(args []string, flag, value string) []string {
	if value == "" {
		return args
	}
	return append(args, flag, value)
}

// short is a time as users write it: 5m, not 5m0s.
func short(d time.Duration) string {
	text := d.String()
	for _, end := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, end) {
			text = text[:len(text)-2]
		}
	}
	return text
}

package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/results"
)

// mostRead is how large an unfinished file may be that is read only to say what is in it.
const mostRead = 64 << 20

// mostLeft is how many unfinished files of an output are described.
const mostLeft = 3

// sayLeft tells what earlier runs that ended before their time left of an output, and what to do with it. What another process
// is writing is refused; what is an input is no news.
func sayLeft(cmd *cobra.Command, out named, ins []named, w io.Writer) error {
	if out.kind != wholeFile && out.kind != wholeFolder {
		return nil
	}
	verb := strings.TrimPrefix(cmd.CommandPath(), "reprise ")
	said, more := 0, int64(0)
	for _, r := range output.Left(out.path) {
		if r.Busy {
			return outputError(fmt.Errorf("%s: %w, as %s", out, output.ErrBusy, r.Path))
		}
		isInput := false
		for _, in := range ins {
			isInput = isInput || sameFile(in.path, r.Path, Streams{})
		}
		switch {
		case isInput:
		case said == mostLeft:
			more++
		default:
			said++
			fmt.Fprintf(w, "reprise: %s: %s\n", verb, describeLeft(cmd.Context(), verb, r, out.path))
		}
	}
	if more > 0 {
		fmt.Fprintf(w, "reprise: %s: and %s more of such runs: %s.*.partial\n", verb, plural(more, "file"), out.path)
	}
	return nil
}

// describeLeft is what is said of one unfinished file.
func describeLeft(ctx context.Context, verb string, r output.Remains, name string) string {
	left := r.Path + " is left of a run that did not end: "
	discard := "to discard it, delete it"
	if info, err := os.Stat(r.Path); err == nil && info.IsDir() {
		return left + "part of an export; " + discard
	}
	size := plural(r.Size, "byte")
	if n, ok := rowsLeft(ctx, r); ok {
		return fmt.Sprintf("%s%s; to go on with it: the same command with --resume %s; %s", left, count(n, "result", size), r.Path, discard)
	}
	c, err := corpus.Open(r.Path)
	if err != nil {
		return left + size + "; " + discard
	}
	defer c.Close()
	n := int64(-1)
	if r.Size <= mostRead {
		c.Skim()
		n, _ = capture.Copy(ctx, sinkFunc(func(*capture.Record) error { return nil }), c)
	}
	held := count(n, "record", size)
	if verb == "anonymize" {
		return left + held + " that no audit has passed; " + discard
	}
	return fmt.Sprintf("%s%s; to keep what is in it: reprise repair %s -o %s; %s", left, held, r.Path, name, discard)
}

// rowsLeft counts the results of an unfinished run file, -1 of a large one.
func rowsLeft(ctx context.Context, r output.Remains) (n int64, ok bool) {
	run, err := openRun(r.Path)
	if err != nil {
		return 0, false
	}
	defer run.Close()
	if r.Size > mostRead {
		return -1, true
	}
	var res replay.Result
	for ctx.Err() == nil && run.Next(&res) == nil {
		n++
	}
	return n, true
}

// count is a number of things, or where it is not known the size of the file.
func count(n int64, noun, size string) string {
	if n < 0 {
		return size
	}
	return plural(n, noun)
}

// consume removes an unfinished file whose content the output of its name holds now.
func consume(w io.Writer, verb, in, out string) error {
	if in == "-" || out == "-" || out == "" || !output.PartialOf(in, out) {
		return nil
	}
	if err := output.Consume(in, out); err != nil {
		return err
	}
	fmt.Fprintf(w, "reprise: %s: %s holds what was in %s, which is removed\n", verb, out, in)
	return nil
}

// endsEarly says that a corpus was read whole but for its end, where a kill cut it off.
func endsEarly(damage []corpus.Damage) bool {
	for _, d := range damage {
		if d.Reason != corpus.Truncated && d.Reason != corpus.NoFooter {
			return false
		}
	}
	return true
}

// runEndsEarly says so of a run file.
func runEndsEarly(damage []results.Damage) bool {
	for _, d := range damage {
		if d.Reason != results.CutOff {
			return false
		}
	}
	return true
}

// leftHint tells where an interrupted verb's unfinished file is.
func leftHint(err error, path string) error {
	if err == nil || exit.HintOf(err) != "" {
		return err
	}
	return exit.Hint(err, "what was written is in "+path)
}

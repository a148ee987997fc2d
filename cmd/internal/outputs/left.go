package outputs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/replay"
	"reprise/replay/results"
)

// mostRead is how large an unfinished file may be that is read only to say what is in it.
const mostRead = 64 << 20

// mostLeft is how many unfinished files of an output are described.
const mostLeft = 3

// sayLeft tells what earlier runs that ended before their time left of an output, and what to do with it. What another process
// is writing is refused; what is an input is no news.
func sayLeft(cmd *cobra.Command, out named, ins []named) error {
	if out.kind != Whole && out.kind != Folder {
		return nil
	}
	verb, w := help.Name(cmd), cmd.ErrOrStderr()
	said, more := 0, int64(0)
	for _, r := range output.Left(out.path) {
		if r.Busy {
			return Explain(fmt.Errorf("%s: %w, as %s", out, output.ErrBusy, r.Path))
		}
		isInput := false
		for _, in := range ins {
			isInput = isInput || output.SameFile(in.path, r.Path)
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
	for _, name := range corpus.StrayJournals(out.path) {
		fmt.Fprintf(w, "reprise: %s: %s is left of a run whose unfinished file is gone, and nothing can read it: delete it\n", verb, name)
	}
	if more > 0 {
		fmt.Fprintf(w, "reprise: %s: and %s more of such runs: %s.*.partial\n", verb, wording.Count(more, "file"), out.path)
	}
	return nil
}

// SayLeftOf tells what earlier runs left of outputs whose names are of a pattern, as path/filepath has it.
func SayLeftOf(ctx context.Context, w io.Writer, verb, pattern string) {
	all, _ := filepath.Glob(pattern + "*.partial") // of a pattern that is none there is none
	said := 0
	for _, path := range all {
		info, err := os.Lstat(path)
		name, ok := output.NameOf(path)
		is, _ := filepath.Match(pattern, name) // its journals are none of their own
		if err != nil || !info.Mode().IsRegular() || !ok || !is || output.Busy(path) {
			continue
		}
		if said++; said > mostLeft {
			continue
		}
		fmt.Fprintf(w, "reprise: %s: %s\n", verb, describeLeft(ctx, verb, output.Remains{Path: path, Size: info.Size()}, name))
	}
	if said > mostLeft {
		fmt.Fprintf(w, "reprise: %s: and %s more of such runs: %s*.partial\n", verb, wording.Count(int64(said-mostLeft), "file"), pattern)
	}
}

// describeLeft is what is said of one unfinished file.
func describeLeft(ctx context.Context, verb string, r output.Remains, name string) string {
	left := r.Path + " is left of a run that did not end: "
	discard := "to discard it, delete it"
	if info, err := os.Stat(r.Path); err == nil && info.IsDir() {
		return left + "part of an export; " + discard
	}
	size := wording.Count(r.Size, "byte")
	switch n, search, ok := rowsLeft(ctx, r); {
	case ok && search:
		return fmt.Sprintf("%s%s of a search, which is not gone on with; to keep what is in it: reprise repair %s -o %s; %s",
			left, count(n, "result", size), r.Path, name, discard)
	case ok:
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
		n, _ = capture.Copy(ctx, nowhere{}, c)
	}
	held := count(n, "record", size)
	if verb == "anonymize" {
		return left + held + " that no audit has passed; " + discard
	}
	if journals := corpus.Journals(r.Path); len(journals) > 0 {
		discard += ", and what belongs to it: " + strings.Join(journals, ", ")
	}
	return fmt.Sprintf("%s%s; to keep what is in it: reprise repair %s -o %s; %s", left, held, r.Path, name, discard)
}

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) Write(*capture.Record) error { return nil }

// rowsLeft counts the results of an unfinished run file, -1 of a large one, and says whether it was a search.
func rowsLeft(ctx context.Context, r output.Remains) (n int64, search, ok bool) {
	run, err := results.Open(r.Path)
	if err != nil {
		return 0, false, false
	}
	defer run.Close()
	if r.Size > mostRead {
		return -1, run.Search(), true
	}
	var res replay.Result
	for ctx.Err() == nil && run.Next(&res) == nil {
		n++
	}
	return n, run.Search(), true
}

// count is a number of things, or where it is not known the size of the file.
func count(n int64, noun, size string) string {
	if n < 0 {
		return size
	}
	return wording.Count(n, noun)
}

// Consume removes an unfinished file whose content the output of its name holds now.
func Consume(w io.Writer, verb, in, out string) error {
	if in == "-" || out == "-" || out == "" || !output.PartialOf(in, out) {
		return nil
	}
	journals := corpus.Journals(in)
	if err := output.Consume(in, out); err != nil {
		return err
	}
	for _, name := range journals {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	fmt.Fprintf(w, "reprise: %s: %s holds what was in %s, which is removed\n", verb, out, in)
	return nil
}

// leftHint tells where an interrupted verb's unfinished file is.
func leftHint(err error, path string) error {
	if err == nil || exit.HintOf(err) != "" {
		return err
	}
	return exit.Hint(err, "what was written is in "+path)
}

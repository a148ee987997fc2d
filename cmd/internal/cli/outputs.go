package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/anonymize"
	"reprise/capture/output"
	"reprise/cmd/internal/exit"
	"reprise/fixtures/export"
)

// outputKind says what a flag's file is to the verb that writes it.
type outputKind string

const (
	// wholeFile appears when it is whole, or with "-" goes to stdout.
	wholeFile outputKind = "file"
	// growingFile has its name from the start, so that others can read it while it grows.
	growingFile outputKind = "growing file"
	// keptFile is gone on with where it is there already.
	keptFile outputKind = "kept file"
	// besideFile is written beside a kept file, which gives it its name.
	besideFile outputKind = "file beside a kept file"
	// wholeFolder is made by the verb, which says itself what it puts up with there.
	wholeFolder outputKind = "folder"
	// localSocket is there while the verb runs.
	localSocket outputKind = "socket"
)

// outputFlag is the annotation of a flag that names an output.
const outputFlag = "reprise: output"

// writes says that a flag names something that the verb writes. Every such flag is declared so: before a verb begins,
// checkOutputs looks at all of them.
func writes(f *pflag.FlagSet, name string, kind outputKind) {
	if err := f.SetAnnotation(name, outputFlag, []string{string(kind)}); err != nil {
		panic("cli: internal error: " + err.Error())
	}
}

// kindOfOutput is what writes said of a flag, "" where it names no output.
func kindOfOutput(f *pflag.Flag) outputKind {
	if a := f.Annotations[outputFlag]; len(a) == 1 {
		return outputKind(a[0])
	}
	return ""
}

// named is a file that the command line names.
type named struct {
	flag, path string // flag is "" for an argument
	kind       outputKind
}

func (n named) String() string {
	switch {
	case n.path == "-":
		return "stdin"
	case n.flag == "":
		return n.path
	}
	return n.flag + " " + n.path
}

// checkOutputs refuses, before the verb opens or makes anything: an output that is one of the inputs or another output, by
// whatever name; one with an unfinished file's name; one that is there, where --force is not given, and with it whatever is no
// regular file. It tells what earlier runs left of the outputs.
func checkOutputs(cmd *cobra.Command, args []string, s Streams) error {
	ins, outs := filesOf(cmd, args)
	force := cmd.Flags().Lookup("force")
	forced := force != nil && force.Value.String() == "true"
	for i, out := range outs {
		if output.IsPartial(out.path) {
			return exit.Hint(exit.Misuse("%s: %w", out, output.ErrPartialName), "choose a name without .partial: the unfinished file gets it by itself")
		}
		for _, in := range ins {
			if sameFile(in.path, out.path, s) {
				return exit.Hint(exit.Misuse("%s is %s, which is read: nothing is written over an input", out, in), "choose another name for the output")
			}
		}
		for _, other := range outs[:i] {
			if output.SamePlace(other.path, out.path) || sameFile(other.path, out.path, s) {
				return exit.Misuse("%s and %s are one file: give each output a name of its own", other, out)
			}
		}
	}
	for _, out := range outs {
		if err := out.check(forced); err != nil {
			return err
		}
	}
	for _, out := range outs {
		if err := sayLeft(cmd, out, ins, s.Err); err != nil {
			return err
		}
	}
	return nil
}

// check looks at what has the name of an output now.
func (n named) check(force bool) error {
	var err error
	switch n.kind {
	case wholeFile, growingFile:
		err = output.Check(n.path, force)
	case keptFile:
		err = output.Check(n.path, true)
	}
	if err == nil {
		return nil
	}
	return outputError(fmt.Errorf("%s: %w", n.flag, err))
}

// filesOf lists what a command line may read and what it writes. Every argument and every flag that is no output counts as
// something that may be read: what is no file's name is the same as no output.
func filesOf(cmd *cobra.Command, args []string) (ins, outs []named) {
	for _, a := range args {
		ins = append(ins, named{path: a})
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand
		}
		kind := kindOfOutput(f)
		for _, text := range valuesOf(f) {
			switch {
			case text == "" || kind != "" && text == "-":
			case kind != "":
				outs = append(outs, named{name, text, kind})
				if kind == keptFile {
					count := anonymize.CountFile(text)
					outs = append(outs, named{name + "'s count", count, besideFile}, named{name + "'s count", count + ".new", besideFile})
				}
			default:
				ins = append(ins, filesIn(name, text)...)
			}
		}
	})
	return ins, outs
}

// valuesOf is what a flag was given.
func valuesOf(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

// filesIn lists the names of files that a flag's value may hold: FILE, @FILE, NAME=FILE, NAME=@FILE and NAME: @FILE.
func filesIn(flag, text string) []named {
	all := []named{{flag: flag, path: text}}
	if _, after, ok := strings.Cut(text, "="); ok {
		all = append(all, named{flag: flag, path: strings.TrimPrefix(after, "@")})
	}
	if _, after, ok := strings.Cut(text, "@"); ok {
		all = append(all, named{flag: flag, path: after})
	}
	return all
}

// sameFile says whether two names lead to one file, through links too. The name of stdin is "-".
func sameFile(in, out string, s Streams) bool {
	if f, ok := s.In.(interface{ Stat() (os.FileInfo, error) }); ok && in == "-" {
		info, err := f.Stat()
		return err == nil && output.IsFile(info, out)
	}
	return output.SameFile(in, out)
}

// writeOutput writes a file that appears when it is whole, or with "-" stdout.
func writeOutput(s Streams, name string, force bool, write func(io.Writer) error) error {
	if name == "-" {
		return write(s.Out)
	}
	return outputError(output.Write(name, force, write))
}

// outputError explains why an output could not be begun.
func outputError(err error) error {
	if errors.Is(err, export.ErrForeign) {
		return exit.Hint(err, "choose another name: --force replaces only what an export made")
	}
	switch {
	case errors.Is(err, output.ErrNoFile):
		return exit.With(exit.Misused, exit.Hint(err, "give the name of a file that is not there yet, or - for stdout"))
	case errors.Is(err, output.ErrPartialName):
		return exit.With(exit.Misused, err)
	case errors.Is(err, output.ErrBusy):
		return exit.Hint(err, "choose another name, or wait for its end")
	case errors.Is(err, fs.ErrExist):
		return exit.Hint(err, "choose another name, or overwrite it with --force")
	}
	return err
}

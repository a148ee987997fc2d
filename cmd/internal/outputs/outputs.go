// Package outputs holds the one rule for what verbs write: no output eats an input or another output, whatever either is called, and
// nothing that is there is lost. A verb declares the flags that name its outputs ([Declare]); before it begins, [Check] looks at them.
package outputs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/anonymize"
	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/cmd/internal/exit"
	"reprise/fixtures/export"
)

// Kind says what a flag's file is to the verb that writes it.
type Kind string

// The kinds of outputs.
const (
	// Whole appears when it is whole, or with "-" goes to stdout.
	Whole Kind = "file"
	// Growing has its name from the start, so that others can read it while it grows.
	Growing Kind = "growing file"
	// Kept is gone on with where it is there already.
	Kept Kind = "kept file"
	// beside is written beside a kept file, which gives it its name.
	beside Kind = "file beside a kept file"
	// Folder is made by the verb, which says itself what it puts up with there.
	Folder Kind = "folder"
	// Socket is there while the verb runs.
	Socket Kind = "socket"
)

// annotation marks a flag that names an output.
const annotation = "reprise: output"

// Declare says that a flag names something that the verb writes. Every such flag is declared so.
func Declare(f *pflag.FlagSet, name string, kind Kind) {
	if err := f.SetAnnotation(name, annotation, []string{string(kind)}); err != nil {
		panic("outputs: internal error: " + err.Error())
	}
}

// kindOf is what Declare said of a flag, "" where it names no output.
func kindOf(f *pflag.Flag) Kind {
	if a := f.Annotations[annotation]; len(a) == 1 {
		return Kind(a[0])
	}
	return ""
}

// named is a file that the command line names.
type named struct {
	flag, path string // flag is "" for an argument
	kind       Kind
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

// Check refuses, before the verb opens or makes anything: an output that is one of the inputs or another output, by
// whatever name; one with an unfinished file's name; one that is there, where --force is not given, and with it whatever is no
// regular file. It tells what earlier runs left of the outputs.
func Check(cmd *cobra.Command, args []string) error {
	ins, outs := filesOf(cmd, args)
	stdin := cmd.InOrStdin()
	force := cmd.Flags().Lookup("force")
	forced := force != nil && force.Value.String() == "true"
	for i, out := range outs {
		if output.IsPartial(out.path) {
			return exit.Hint(exit.Misuse("%s: %w", out, output.ErrPartialName), "choose a name without .partial: the unfinished file gets it by itself")
		}
		for _, in := range ins {
			if sameFile(in.path, out.path, stdin) {
				return exit.Hint(exit.Misuse("%s is %s, which is read: nothing is written over an input", out, in), "choose another name for the output")
			}
		}
		for _, other := range outs[:i] {
			if output.SamePlace(other.path, out.path) || sameFile(other.path, out.path, stdin) {
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
		if err := sayLeft(cmd, out, ins); err != nil {
			return err
		}
	}
	return nil
}

// check looks at what has the name of an output now.
func (n named) check(force bool) error {
	var err error
	switch n.kind {
	case Whole, Growing:
		err = output.Check(n.path, force)
	case Kept:
		err = output.Check(n.path, true)
	}
	if err == nil {
		return nil
	}
	return Explain(fmt.Errorf("%s: %w", n.flag, err))
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
		kind := kindOf(f)
		for _, text := range valuesOf(f) {
			switch {
			case text == "" || kind != "" && text == "-":
			case kind != "":
				outs = append(outs, named{name, text, kind})
				if kind == Kept {
					count := anonymize.CountFile(text)
					outs = append(outs, named{name + "'s count", count, beside}, named{name + "'s count", count + ".new", beside})
				}
			case isWord(f, text): // also where a file is called so
			default:
				ins = append(ins, filesIn(name, text)...)
			}
		}
	})
	return ins, outs
}

// isWord says whether a flag's value is one of the words that its usage offers, as in auto|plain|json|none: those in capitals are none.
func isWord(f *pflag.Flag, text string) bool {
	offered, _ := pflag.UnquoteUsage(f)
	words := strings.Split(offered, "|")
	return len(words) > 1 && text == strings.ToLower(text) && slices.Contains(words, text)
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
func sameFile(in, out string, stdin io.Reader) bool {
	if f, ok := stdin.(interface{ Stat() (os.FileInfo, error) }); ok && in == "-" {
		info, err := f.Stat()
		return err == nil && output.IsFile(info, out)
	}
	return output.SameFile(in, out)
}

// Write writes a file that appears when it is whole, or with "-" stdout.
func Write(stdout io.Writer, name string, force bool, write func(io.Writer) error) error {
	if name == "-" {
		return write(stdout)
	}
	return Explain(output.Write(name, force, write))
}

// Grow opens a file that is read while it grows, so that it has its name from the start: none for "", and stdout for "-". The caller
// calls end.
func Grow(stdout io.Writer, name string, force bool) (w io.Writer, end func() error, err error) {
	nothing := func() error { return nil }
	switch name {
	case "":
		return nil, nothing, nil
	case "-":
		return stdout, nothing, nil
	}
	f, err := output.Direct(name, force)
	if err != nil {
		return nil, nil, Explain(err)
	}
	return f, f.Close, nil
}

// Explain gives the error of an output its advice: of one that could not be begun, what to do, and of an interrupted one, where it is.
func Explain(err error) error {
	if left := (*corpus.LeftError)(nil); errors.As(err, &left) {
		return leftHint(err, left.Path)
	}
	switch {
	case errors.Is(err, export.ErrForeign):
		return exit.Hint(err, "choose another name: --force replaces only what an export made")
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

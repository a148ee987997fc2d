// Package selection is the flags by which verbs choose records: by time, by kind and vendor, by number and path.
package selection

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
	dialects "reprise/capture/dialect/all"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
)

// Choice are the flags that choose records of a corpus.
type Choice struct {
	Window  Window
	Kinds   []string
	Vendors []string
	Limit   int64
}

// Add adds the flags.
func (o *Choice) Add(f *pflag.FlagSet) {
	o.Window.Add(f)
	f.StringSliceVar(&o.Kinds, "kinds", nil, "only these `KINDS`: "+KindList())
	f.StringSliceVar(&o.Vendors, "vendors", nil, "only these `VENDORS`: "+VendorList()+", or another that the corpus has")
	f.Int64Var(&o.Limit, "limit", 0, "stop after `N` (0: all)")
}

// Picked are the flags that pick single records: by their numbers, and by their paths.
type Picked struct {
	paths, skipPaths     []string
	records, skipRecords []string
}

// Add adds the flags.
func (o *Picked) Add(f *pflag.FlagSet) {
	f.StringSliceVar(&o.paths, "path", nil, "only records whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.skipPaths, "skip-path", nil, "leave out records whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.records, "record", nil, "only these `RECORDS`, by the seq that cat prints, from 0: 5 or 5,9 or 7-12")
	f.StringSliceVar(&o.skipRecords, "skip-record", nil, "leave out these `RECORDS`, such as those that an audit names")
}

// None says whether no flag was given.
func (o *Picked) None() bool {
	return len(o.paths)+len(o.skipPaths)+len(o.records)+len(o.skipRecords) == 0
}

// Into adds what is picked to a selection.
func (o *Picked) Into(sel *corpus.Selection) (err error) {
	if sel.Records, err = corpus.ParseRanges(o.records); err != nil {
		return exit.Misuse("--record: %v", err)
	}
	if sel.SkipRecords, err = corpus.ParseRanges(o.skipRecords); err != nil {
		return exit.Misuse("--skip-record: %v", err)
	}
	for _, prefix := range slices.Concat(o.paths, o.skipPaths) {
		if !strings.HasPrefix(prefix, "/") {
			return exit.Misuse("--path, --skip-path: a path begins with /")
		}
	}
	sel.Paths, sel.SkipPaths = o.paths, o.skipPaths
	return nil
}

// Selection is what the flags ask for.
func (o *Choice) Selection() (corpus.Selection, error) {
	kinds, err := Kinds("--kinds", o.Kinds)
	if err != nil {
		return corpus.Selection{}, err
	}
	from, to, err := o.Window.Parse()
	return corpus.Selection{From: from, To: to, Kinds: kinds, Vendors: Trimmed(o.Vendors), Limit: o.Limit}, err
}

// Trimmed takes the blanks around names away.
func Trimmed(names []string) (out []string) {
	for _, name := range names {
		out = append(out, strings.TrimSpace(name))
	}
	return out
}

// Explain says by which flag something was chosen that there is not.
func Explain(err error) error {
	if unknown, ok := errors.AsType[*corpus.VendorError](err); ok {
		return exit.Misuse("--vendors: no vendor is called %q; the vendors are %s", unknown.Name, wording.InLine(strings.Join(unknown.Known, " ")))
	}
	if none, ok := errors.AsType[*corpus.NoRecordError](err); ok {
		return exit.Misuse("%w", none)
	}
	return err
}

// Kinds reads a list of kinds.
func Kinds(flag string, names []string) ([]capture.Kind, error) {
	kinds, err := capture.ParseKinds(names)
	if err != nil {
		return nil, exit.Misuse("%s: %w", flag, err)
	}
	return kinds, nil
}

// KindList names the kinds, for helps.
func KindList() string { return strings.Join(capture.KindNames(), " ") }

// VendorList is the vendors that are known, as a flag's help lists them. A corpus may have others.
func VendorList() string { return strings.Join(dialects.Table().Names(), " ") }

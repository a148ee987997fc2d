package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reprise/capture/corpus"
	dialects "reprise/capture/dialect/all"
	"reprise/cmd/internal/exit"
)

// chosen are the flags that choose records of a corpus.
type chosen struct {
	window  windowFlags
	kinds   []string
	vendors []string
	limit   int64
}

func (o *chosen) add(f *pflag.FlagSet) {
	o.window.add(f)
	f.StringSliceVar(&o.kinds, "kinds", nil, "only these `KINDS`: "+kindList())
	f.StringSliceVar(&o.vendors, "vendors", nil, "only these `VENDORS`: "+vendorNames(dialects.Table())+", or another that the corpus has")
	f.Int64Var(&o.limit, "limit", 0, "stop after `N` (0: all)")
}

// picked are the flags that pick single records: by their numbers, and by their paths.
type picked struct {
	paths, skipPaths     []string
	records, skipRecords []string
}

func (o *picked) add(f *pflag.FlagSet) {
	f.StringSliceVar(&o.paths, "path", nil, "only records whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.skipPaths, "skip-path", nil, "leave out records whose path begins with one of these `PREFIXES`")
	f.StringSliceVar(&o.records, "record", nil, "only these `RECORDS`, by the seq that cat prints, from 0: 5 or 5,9 or 7-12")
	f.StringSliceVar(&o.skipRecords, "skip-record", nil, "leave out these `RECORDS`, such as those that an audit names")
}

// none says whether no flag was given.
func (o *picked) none() bool {
	return len(o.paths)+len(o.skipPaths)+len(o.records)+len(o.skipRecords) == 0
}

// into adds what is picked to a selection.
func (o *picked) into(sel *corpus.Selection) (err error) {
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

// selection is what the flags ask for.
func (o *chosen) selection() (corpus.Selection, error) {
	kinds, err := parseKinds("--kinds", o.kinds)
	if err != nil {
		return corpus.Selection{}, err
	}
	w, err := o.window.parse()
	return corpus.Selection{From: w.from, To: w.to, Kinds: kinds, Vendors: trimmed(o.vendors), Limit: o.limit}, err
}

func trimmed(names []string) (out []string) {
	for _, name := range names {
		out = append(out, strings.TrimSpace(name))
	}
	return out
}

// choiceError says by which flag something was chosen that there is not.
func choiceError(err error) error {
	if unknown, ok := errors.AsType[*corpus.VendorError](err); ok {
		return exit.Misuse("--vendors: no vendor is called %q; the vendors are %s", unknown.Name, shown(strings.Join(unknown.Known, " ")))
	}
	if none, ok := errors.AsType[*corpus.NoRecordError](err); ok {
		return exit.Misuse("%w", none)
	}
	return err
}

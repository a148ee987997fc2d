package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reprise/capture"
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

// choose gives the records of r that a selection wants. A vendor that is neither known nor in the corpus is misuse: where there
// is an index the corpus at path is looked at for it, else that is found at the end.
func choose(ctx context.Context, r *corpus.Reader, path string, sel corpus.Selection) (*chosenRecords, error) {
	if x, ok := r.Index(); ok {
		if n := len(x.Blocks); n > 0 { // else it is empty, and that is seen
			count := x.Blocks[n-1].FirstSeq + x.Blocks[n-1].Records
			if seq, missing := sel.Missing(count); missing {
				return nil, exit.Misuse("there is no record %d: those of the corpus are numbered from 0 to %d", seq, count-1)
			}
		}
		if err := corpus.CheckVendors(ctx, path, sel.Vendors, dialects.Table().Names()); err != nil {
			return nil, vendorError(err)
		}
	}
	src, err := corpus.Select(r, sel)
	return &chosenRecords{src}, err
}

// chosenRecords are the records of a selection, of which the vendors that are not known are checked at the end.
type chosenRecords struct{ *corpus.Selected }

// Next implements capture.Source.
func (c *chosenRecords) Next(ctx context.Context, r *capture.Record) error {
	err := c.Selected.Next(ctx, r)
	if errors.Is(err, io.EOF) {
		err = cmp.Or(vendorError(c.CheckVendors(dialects.Table().Names())), err)
	}
	return err
}

func trimmed(names []string) (out []string) {
	for _, name := range names {
		out = append(out, strings.TrimSpace(name))
	}
	return out
}

// vendorError says which vendors there are.
func vendorError(err error) error {
	if unknown, ok := errors.AsType[*corpus.VendorError](err); ok {
		return exit.Misuse("--vendors: no vendor is called %q; the vendors are %s", unknown.Name, shown(strings.Join(unknown.Known, " ")))
	}
	return err
}

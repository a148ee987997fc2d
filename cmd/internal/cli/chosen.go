package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
	dialects "reprise/capture/dialect/all"
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

// parseVendors trims the names of --vendors, and refuses those that are neither a known vendor's nor in the corpus at a path. Only
// where a name is not known is the corpus read.
func parseVendors(ctx context.Context, names []string, path string) ([]string, error) {
	list, odd := splitVendors(names)
	if len(odd) == 0 {
		return list, nil
	}
	r, err := corpus.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	seen := make(map[string]bool)
	_, err = capture.Copy(ctx, sinkFunc(func(r *capture.Record) error {
		if r.Vendor != "" && !seen[r.Vendor] {
			seen[strings.Clone(r.Vendor)] = true
		}
		return nil
	}), r)
	if err != nil {
		return nil, err
	}
	return list, oddVendors(odd, seen)
}

// splitVendors trims names, and gives apart those that no dialect has.
func splitVendors(names []string) (all, odd []string) {
	table := dialects.Table()
	for _, name := range names {
		name = strings.TrimSpace(name)
		all = append(all, name)
		if _, known := table.Named(name); !known {
			odd = append(odd, name)
		}
	}
	return all, odd
}

// oddVendors is the error for the first name that a corpus has no record of either.
func oddVendors(odd []string, seen map[string]bool) error {
	for _, name := range odd {
		if seen[name] {
			continue
		}
		known := strings.Fields(vendorNames(dialects.Table()))
		for v := range seen {
			if !slices.Contains(known, v) {
				known = append(known, v)
			}
		}
		slices.Sort(known)
		return misuse("--vendors: no vendor is called %q; the vendors are %s", name, shown(strings.Join(known, " ")))
	}
	return nil
}

// selection is what the flags ask for.
func (o *chosen) selection() (corpus.Selection, error) {
	kinds, err := parseKinds("--kinds", o.kinds)
	if err != nil {
		return corpus.Selection{}, err
	}
	w, err := o.window.parse()
	return corpus.Selection{From: w.from, To: w.to, Kinds: kinds, Vendors: o.vendors, Limit: o.limit}, err
}

// choose gives the records of r that are asked for, and the time of its first one from which offsets count: an
// index knows both; without one, every record is read and looked at. A path that can be opened again is looked at for vendors
// that are not known; "" is none, of which they are found missing at its end.
func (o *chosen) choose(ctx context.Context, r *corpus.Reader, path string) (src capture.Source, first func() time.Time, err error) {
	sel, err := o.selection()
	if err != nil {
		return nil, nil, err
	}
	var odd []string
	if path != "" {
		sel.Vendors, err = parseVendors(ctx, o.vendors, path)
	} else {
		sel.Vendors, odd = splitVendors(o.vendors)
	}
	if err != nil {
		return nil, nil, err
	}
	if x, ok := r.Index(); ok {
		src, err := corpus.Select(r, sel)
		return src, func() time.Time { return x.First }, err
	}
	scan := &scanned{r: r, want: sel, odd: odd, seen: make(map[string]bool)}
	return scan, func() time.Time { return scan.first }, nil
}

// scanned is a selection from a corpus that has no index.
type scanned struct {
	r     *corpus.Reader
	want  corpus.Selection
	given int64
	first time.Time
	odd   []string        // vendors that are not known
	seen  map[string]bool // those of the records so far
}

func (s *scanned) Next(ctx context.Context, r *capture.Record) error {
	w := window{s.want.From, s.want.To}
	for s.want.Limit == 0 || s.given < s.want.Limit {
		if err := s.r.Next(ctx, r); errors.Is(err, io.EOF) {
			return cmp.Or(oddVendors(s.odd, s.seen), err)
		} else if err != nil {
			return err
		}
		if len(s.odd) > 0 && !s.seen[r.Vendor] {
			s.seen[strings.Clone(r.Vendor)] = true
		}
		if s.first.IsZero() {
			s.first = r.Time
		}
		if w.contains(r.Time) && (len(s.want.Kinds) == 0 || slices.Contains(s.want.Kinds, r.Kind)) &&
			(len(s.want.Vendors) == 0 || slices.Contains(s.want.Vendors, r.Vendor)) {
			s.given++
			return nil
		}
	}
	return io.EOF
}

package cli

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
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
	f.StringSliceVar(&o.vendors, "vendors", nil, "only these `VENDORS`")
	f.Int64Var(&o.limit, "limit", 0, "stop after `N` (0: all)")
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
// index knows both; without one, every record is read and looked at.
func (o *chosen) choose(r *corpus.Reader) (src capture.Source, first func() time.Time, err error) {
	sel, err := o.selection()
	if err != nil {
		return nil, nil, err
	}
	if x, ok := r.Index(); ok {
		src, err := corpus.Select(r, sel)
		return src, func() time.Time { return x.First }, err
	}
	scan := &scanned{r: r, want: sel}
	return scan, func() time.Time { return scan.first }, nil
}

// scanned is a selection from a corpus that has no index.
type scanned struct {
	r     *corpus.Reader
	want  corpus.Selection
	given int64
	first time.Time
}

func (s *scanned) Next(ctx context.Context, r *capture.Record) error {
	w := window{s.want.From, s.want.To}
	for s.want.Limit == 0 || s.given < s.want.Limit {
		if err := s.r.Next(ctx, r); err != nil {
			return err
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

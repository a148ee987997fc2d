package session

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/replay"
	"reprise/replay/pace"
)

// window is a stretch of recorded time, from its start to just before its end; zero times are open ends.
type window struct{ from, to time.Time }

func (w window) contains(t time.Time) bool {
	return (w.from.IsZero() || !t.Before(w.from)) && (w.to.IsZero() || t.Before(w.to))
}

// keep says which records are played, of those in a window.
func (o *Options) keep(when window) func(*capture.Record) bool {
	return func(r *capture.Record) bool {
		return when.contains(r.Time) && o.sampled(r) &&
			(len(o.Kinds) == 0 || slices.Contains(o.Kinds, r.Kind)) && !slices.Contains(o.SkipKinds, r.Kind) &&
			(len(o.Vendors) == 0 || slices.Contains(o.Vendors, r.Vendor)) &&
			(len(o.Paths) == 0 || slices.ContainsFunc(o.Paths, func(p string) bool { return strings.HasPrefix(r.URL, p) })) &&
			(len(o.Methods) == 0 || slices.ContainsFunc(o.Methods, func(m string) bool { return strings.EqualFold(m, r.Method) }))
	}
}

// sampled says whether a record's sender is among the share of senders that are played; who is follows from the seed.
func (o *Options) sampled(r *capture.Record) bool {
	if o.Sample >= 1 {
		return true
	}
	who := replay.Person(r)
	if who == 0 {
		who = uint64(r.Seq) | 1<<63
	}
	return float64(scramble(who^scramble(o.paceSeed()))>>11)/(1<<53) < o.Sample
}

// scramble is SplitMix64's finalizer (Steele et al. 2014).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// paceSeed decides which copies are sent when. Without a seed, ids and new people differ in every run and this does not, so that
// two runs of the same options can be compared.
func (o *Options) paceSeed() uint64 {
	if o.Seed == nil {
		return 0
	}
	return *o.Seed
}

// scales places Scales on a schedule that begins with a record of a known time.
func (o *Options) scales(origin time.Time) (list []pace.Scale) {
	for _, s := range o.Scales {
		p := pace.Scale{Volume: s.Volume}
		for _, k := range s.Kinds {
			p.Kinds = append(p.Kinds, uint8(k))
		}
		if !s.From.IsZero() {
			p.From = max(s.From.Sub(origin), 0)
		}
		if !s.To.IsZero() {
			if p.To = s.To.Sub(origin); p.To <= 0 {
				continue // it ends before the first record
			}
		}
		list = append(list, p)
	}
	return list
}

// CheckVendors refuses a name that is neither a dialect's of the table nor a vendor's in the corpus at a path: a *VendorError. The
// corpus is read only where a name is not known.
func CheckVendors(ctx context.Context, table dialect.Table, names []string, path string) error {
	odd := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, known := table.Named(name)
		return known
	})
	if len(odd) == 0 {
		return nil
	}
	r, err := corpus.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	seen := make(map[string]bool)
	var rec capture.Record
	for {
		switch err := r.Next(ctx, &rec); {
		case errors.Is(err, io.EOF):
			return UnknownVendor(table, odd, seen)
		case err != nil:
			return err
		}
		if rec.Vendor != "" && !seen[rec.Vendor] {
			seen[strings.Clone(rec.Vendor)] = true
		}
	}
}

// UnknownVendor is a *VendorError for the first name that is neither in the table nor among those that a corpus was seen to have.
func UnknownVendor(table dialect.Table, names []string, seen map[string]bool) error {
	for _, name := range names {
		if _, known := table.Named(name); known || seen[name] {
			continue
		}
		known := table.Names()
		for v := range seen {
			if !slices.Contains(known, v) {
				known = append(known, v)
			}
		}
		slices.Sort(known)
		return &VendorError{name, known}
	}
	return nil
}

package corpus

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"reprise/capture"
)

// Selection says which records are wanted. Its zero value wants all. It is what every verb and every helper selects by.
type Selection struct {
	// From and To bound the time: From <= t < To. A zero time is no bound.
	From, To time.Time
	// Kinds and Vendors list what is wanted; empty wants all.
	Kinds   []capture.Kind
	Vendors []string
	// SkipKinds are not wanted.
	SkipKinds []capture.Kind
	// Methods are those of the requests, in any case; empty wants all.
	Methods []string
	// Paths and SkipPaths are prefixes of the paths that are wanted and that are not.
	Paths, SkipPaths []string
	// Records and SkipRecords are the Seq of the records that are wanted and that are not; no Records wants all.
	Records, SkipRecords Ranges
	// Limit is how many records are wanted at most; 0 wants all. Wants knows nothing of it.
	Limit int64
}

// Wants says whether a record is among those that are wanted.
func (s *Selection) Wants(r *capture.Record) bool {
	switch {
	case !s.From.IsZero() && r.Time.Before(s.From), !s.To.IsZero() && !r.Time.Before(s.To):
		return false
	case len(s.Records) > 0 && !s.Records.Has(r.Seq), s.SkipRecords.Has(r.Seq):
		return false
	case len(s.Kinds) > 0 && !slices.Contains(s.Kinds, r.Kind), slices.Contains(s.SkipKinds, r.Kind), len(s.Vendors) > 0 && !slices.Contains(s.Vendors, r.Vendor):
		return false
	case !s.WantsMethod(r):
		return false
	}
	return (len(s.Paths) == 0 || PathBegins(r.URL, s.Paths)) && !PathBegins(r.URL, s.SkipPaths)
}

// WantsMethod says whether a record's method is among Methods.
func (s *Selection) WantsMethod(r *capture.Record) bool {
	return len(s.Methods) == 0 || slices.ContainsFunc(s.Methods, func(m string) bool { return strings.EqualFold(m, r.Method) })
}

// Missing returns the first number in Records and SkipRecords that a corpus of so many records has not; ok says that there is
// one.
func (s *Selection) Missing(records int64) (seq int64, ok bool) {
	for _, list := range [...]Ranges{s.Records, s.SkipRecords} {
		if n := len(list); n > 0 && list[n-1].From >= records {
			return list[n-1].From, true
		}
	}
	return 0, false
}

// PathBegins says whether the path of a URL begins with one of the prefixes, or all of the URL does.
func PathBegins(url string, prefixes []string) bool {
	begins := func(p string) bool { return strings.HasPrefix(url, p) }
	if slices.ContainsFunc(prefixes, begins) {
		return true
	}
	if scheme := strings.Index(url, "://"); scheme >= 0 && !strings.ContainsAny(url[:scheme], "/?#") {
		url = url[scheme+len("://"):]
		slash := strings.IndexByte(url, '/')
		if slash < 0 {
			return false
		}
		url = url[slash:]
	}
	return slices.ContainsFunc(prefixes, begins)
}

// Selected is the records of a Reader that are wanted. It is a capture.Source.
type Selected struct {
	r       *Reader
	s       Selection
	want    bounds
	indexed bool
	first   time.Time
	seen    map[string]bool // vendors, where there is no index
	given   int64
	done    bool
}

// Select gives the records of r that s wants. Where there is an index, blocks without any are passed over unread. It reads from
// r, which must not be read elsewhere meanwhile; what is selected ends at To, and r can be read on from there.
func Select(r *Reader, s Selection) (*Selected, error) {
	sel := &Selected{r: r, s: s, want: everything()}
	x, ok := r.Index()
	if !ok {
		return sel, nil
	}
	sel.indexed, sel.first = true, x.First
	if !s.From.IsZero() {
		if err := r.SeekTime(s.From); err != nil {
			return nil, err
		}
	}
	if !s.To.IsZero() {
		sel.want.to = clampTime(s.To)
	}
	if len(s.Kinds) > 0 {
		sel.want.kinds = 0
		for _, k := range s.Kinds {
			sel.want.kinds |= 1 << k
		}
	}
	return sel, nil
}

// First is the time of the first record of the corpus, wanted or not; of a corpus without an index it is known after the first
// Next.
func (s *Selected) First() time.Time { return s.first }

// Next implements capture.Source.
func (s *Selected) Next(ctx context.Context, r *capture.Record) error {
	for !s.done && (s.s.Limit == 0 || s.given < s.s.Limit) {
		if err := s.r.next(ctx, r, s.want); err != nil {
			s.done = ctx.Err() == nil
			return err
		}
		if !s.indexed {
			s.note(r)
		}
		if n := len(s.s.Records); n > 0 && r.Seq > s.s.Records[n-1].To {
			s.done = true
			break
		}
		if s.s.Wants(r) {
			s.given++
			return nil
		}
	}
	return io.EOF
}

// note remembers what an index would have told.
func (s *Selected) note(r *capture.Record) {
	if s.first.IsZero() {
		s.first, s.seen = r.Time, make(map[string]bool)
	}
	if r.Vendor != "" && !s.seen[r.Vendor] {
		s.seen[strings.Clone(r.Vendor)] = true
	}
}

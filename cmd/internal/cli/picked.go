package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
)

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

// from gives the records of src that are picked, limit of them at most; 0 is all.
func (o *picked) from(src capture.Source, limit int64) (*pickedSource, error) {
	p := &pickedSource{src: src, paths: o.paths, skipPaths: o.skipPaths, limit: limit}
	for _, list := range [...]struct {
		flag string
		text []string
		into *spans
	}{{"--record", o.records, &p.records}, {"--skip-record", o.skipRecords, &p.skipRecords}} {
		var err error
		if *list.into, err = parseSpans(list.text); err != nil {
			return nil, misuse("%s: %v", list.flag, err)
		}
	}
	for _, prefix := range slices.Concat(o.paths, o.skipPaths) {
		if !strings.HasPrefix(prefix, "/") {
			return nil, misuse("--path, --skip-path: a path begins with /")
		}
	}
	return p, nil
}

// pickedSource is what is left of a source.
type pickedSource struct {
	src                  capture.Source
	paths, skipPaths     []string
	records, skipRecords spans
	limit, given         int64
	last                 int64 // seq of the last record met, plus one
}

// Next implements capture.Source.
func (p *pickedSource) Next(ctx context.Context, r *capture.Record) error {
	for p.limit == 0 || p.given < p.limit {
		if n := len(p.records); n > 0 && p.last > p.records[n-1].to {
			return io.EOF
		}
		if err := p.src.Next(ctx, r); err != nil {
			return err
		}
		p.last = r.Seq + 1
		if p.wants(r) {
			p.given++
			return nil
		}
	}
	return io.EOF
}

func (p *pickedSource) wants(r *capture.Record) bool {
	if len(p.records) > 0 && !p.records.has(r.Seq) || p.skipRecords.has(r.Seq) {
		return false
	}
	return (len(p.paths) == 0 || beginsWithAny(r.URL, p.paths)) && !beginsWithAny(r.URL, p.skipPaths)
}

// missing is the error for a number that no record of a corpus has.
func (p *pickedSource) missing(x corpus.Index) error {
	if len(x.Blocks) == 0 {
		return nil // it is empty, and that is seen
	}
	last := x.Blocks[len(x.Blocks)-1]
	count := last.FirstSeq + last.Records
	for _, list := range [...]spans{p.records, p.skipRecords} {
		if n := len(list); n > 0 && list[n-1].from >= count {
			return misuse("there is no record %d: those of the corpus are numbered from 0 to %d", list[n-1].from, count-1)
		}
	}
	return nil
}

// beginsWithAny says whether the path of a URL begins with one of the prefixes.
func beginsWithAny(url string, prefixes []string) bool {
	if len(prefixes) == 0 {
		return false
	}
	if scheme := strings.Index(url, "://"); scheme >= 0 && !strings.ContainsAny(url[:scheme], "/?#") {
		url = url[scheme+len("://"):]
		slash := strings.IndexByte(url, '/')
		if slash < 0 {
			return false
		}
		url = url[slash:]
	}
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(url, p) })
}

// span is a range of records, both ends within.
type span struct{ from, to int64 }

// spans are in order, and none touches another.
type spans []span

// parseSpans reads numbers and ranges, "5" and "7-12".
func parseSpans(list []string) (s spans, err error) {
	for _, text := range list {
		number := func(digits string) (n int64) {
			n, e := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if e != nil || n < 0 || n == math.MaxInt64 || strings.ContainsAny(digits, "+_") {
				err = fmt.Errorf("%q is neither a record's number nor a range such as 7-12", text)
			}
			return n
		}
		from, to, isRange := strings.Cut(text, "-")
		one := span{from: number(from)}
		if one.to = one.from; isRange && err == nil {
			one.to = number(to)
		}
		switch {
		case err != nil:
			return nil, err
		case one.to < one.from:
			return nil, fmt.Errorf("the range %d-%d ends before it begins", one.from, one.to)
		}
		s = append(s, one)
	}
	return s.merged(), nil
}

// merged puts them in order, and together where they touch.
func (s spans) merged() spans {
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := s[:0]
	for _, one := range s {
		if n := len(merged); n > 0 && one.from <= merged[n-1].to+1 {
			merged[n-1].to = max(merged[n-1].to, one.to)
		} else {
			merged = append(merged, one)
		}
	}
	return merged
}

// has says whether a record is in one of them.
func (s spans) has(seq int64) bool {
	_, found := slices.BinarySearchFunc(s, seq, func(one span, seq int64) int {
		switch {
		case one.to < seq:
			return -1
		case one.from > seq:
			return 1
		}
		return 0
	})
	return found
}

// String writes them as parseSpans reads them.
func (s spans) String() string {
	var parts []string
	for _, one := range s {
		if one.from == one.to {
			parts = append(parts, strconv.FormatInt(one.from, 10))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", one.from, one.to))
		}
	}
	return strings.Join(parts, ",")
}

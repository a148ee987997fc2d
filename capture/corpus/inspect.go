package corpus

import (
	"context"
	"errors"
	"hash/maphash"
	"time"

	"reprise/capture"
)

// Inspection is what a corpus holds. The JSON names are relied on.
type Inspection struct {
	Records  int64         `json:"records"`
	First    *time.Time    `json:"first"`
	Last     *time.Time    `json:"last"`
	Duration time.Duration `json:"duration_ns"`
	// Origins count the records whose bytes the vendor never sent. Those of a synthetic corpus are not marked: its State says it.
	capture.Origins
	Kinds   map[string]int64 `json:"kinds"`
	Vendors map[string]int64 `json:"vendors"`
	Senders int              `json:"senders"`
	Bytes   int64            `json:"bytes"`
	Blocks  int64            `json:"blocks"`
	// Codecs count the blocks of records by how these are written: "rows" or "columns".
	Codecs map[string]int64 `json:"codecs"`
	// Columns say what each column of the blocks of columns takes, the largest first.
	Columns []ColumnBytes `json:"columns,omitempty"`
	State   State         `json:"state"`
	// Unaudited says that the corpus was to be an anonymized one, and that no audit of it has passed.
	Unaudited      bool   `json:"unaudited,omitempty"`
	Policy         string `json:"policy"`
	KeyFingerprint string `json:"key_fingerprint"`
	// PathRule is the version of the rule by which paths were anonymized: 0 where they were not, or by an older program.
	PathRule      int `json:"path_rule"`
	DamagedBlocks int `json:"damaged_blocks"`
	// DamagedBytes are those of Bytes that could not be used. None of them is in a column.
	DamagedBytes int64 `json:"damaged_bytes"`
	// LostBefore is what was lost of what the corpus was made of; nil where nothing was.
	LostBefore *Lost `json:"lost_before,omitempty"`
	// HostsIncomplete says that some captured host may be missing from the list, so that every host counts as captured.
	HostsIncomplete bool         `json:"hosts_incomplete,omitempty"`
	Curve           []CurvePoint `json:"curve,omitempty"`
	// ContentHash names the records: what is sent and when, however the file is written.
	ContentHash string `json:"content_hash"`
	// Extensions are the names of what a later version has added to the file and this one passes over.
	Extensions []string `json:"extensions,omitempty"`
}

// CurvePoint counts the records of one stretch of time, which begins at Time.
type CurvePoint struct {
	Time  time.Time `json:"time"`
	Count int64     `json:"count"`
}

// NameHeaders has Inspect show the names of those headers, given in lower case, of which public says so, also where they have as many digits
// as data. It is called before Inspect.
func (r *Reader) NameHeaders(public func(header string) bool) { r.public = public }

// Inspect reads a corpus to its end and counts what it holds. With a step, which is 0 or more, Curve has the number of records of
// each stretch of that length. Its memory grows with the number of people, by a few bytes each.
//
// A curve of too many stretches is ErrCurve. The summary of counts is held to the records: Damage tells one that lies.
//
// It holds the checksums of all blocks, and unpacks only what it counts by, unless Verify was called: then it reads each record whole.
func Inspect(ctx context.Context, r *Reader, step time.Duration) (*Inspection, error) {
	if r.checks != nil {
		return inspect(ctx, r, r, step)
	}
	return inspect(ctx, r, r.Columns(time.Time{}, true), step)
}

func inspect(ctx context.Context, r *Reader, src capture.Source, step time.Duration) (*Inspection, error) {
	h := r.Header()
	in := &Inspection{State: h.State, Unaudited: h.Unaudited, Policy: h.Policy, KeyFingerprint: h.KeyFingerprint, PathRule: h.PathRule, Kinds: map[string]int64{}, Vendors: map[string]int64{}}
	people := newCensus()
	r.tally = newTally(r.public)
	again := r.recount()
	_, err := capture.Copy(ctx, counting(func(rec *capture.Record) error {
		if again != nil {
			again.add(rec.Time.UnixNano(), rec.Kind)
		}
		if err := in.count(rec, step); err != nil {
			return err
		}
		if rec.Kind != capture.Other {
			people.add(rec)
		}
		return nil
	}), src)
	if err == nil && again != nil {
		err = r.recounted(again)
	}
	in.Senders = people.size()
	in.ContentHash, _ = r.Hash()
	in.Extensions = r.Extensions()
	if r.lost.any() {
		in.LostBefore = &r.lost
	}
	in.Codecs, in.Columns = r.tally.codecs, r.tally.list()
	in.Bytes, in.Blocks, in.HostsIncomplete = r.Bytes(), r.Blocks(), !r.Hosts().Complete()
	for _, d := range r.Damage() {
		if d.Block {
			in.DamagedBlocks++
		}
		if d.Reason != BadJournal { // which is another file
			in.DamagedBytes += d.Length
		}
	}
	return in, err
}

// ErrCurve says that a curve has more stretches than MaxCurve.
var ErrCurve = errors.New("corpus: too many stretches of the curve")

// MaxCurve is how many stretches a curve has at most: 48 days of seconds.
const MaxCurve = 1 << 22

func (in *Inspection) count(r *capture.Record, step time.Duration) error {
	t := r.Time.UTC()
	if in.First == nil {
		first := t
		in.First = &first
	}
	last := t
	in.Last = &last
	in.Duration = last.Sub(*in.First)
	in.Records++
	in.Origins.Count(r.Origin)
	in.Kinds[r.Kind.String()]++
	vendor := r.Vendor
	if vendor == "" {
		vendor = "unknown"
	}
	in.Vendors[vendor]++
	if step == 0 {
		return nil
	}
	at := t.Truncate(step)
	if n := len(in.Curve); n > 0 && at.Sub(in.Curve[n-1].Time)/step >= time.Duration(MaxCurve-n+1) {
		return ErrCurve
	}
	for {
		n := len(in.Curve)
		if n > 0 && in.Curve[n-1].Time.Equal(at) {
			in.Curve[n-1].Count++
			return nil
		}
		if n == MaxCurve { // a time.Duration holds 292 years
			return ErrCurve
		}
		next := at
		if n > 0 {
			next = in.Curve[n-1].Time.Add(step)
		}
		in.Curve = append(in.Curve, CurvePoint{Time: next})
	}
}

// counting is a sink that looks at records.
type counting func(*capture.Record) error

// Write implements capture.Sink.
func (f counting) Write(r *capture.Record) error { return f(r) }

// census counts distinct people in 8 bytes each and some: by a hash, so no number is kept.
type census struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newCensus() *census { return &census{seed: maphash.MakeSeed(), seen: make(map[uint64]struct{})} }

// add counts the person of a record: who wrote a message, or who was to receive one that a receipt is about.
func (c *census) add(r *capture.Record) {
	if number := r.Person(); number != "" {
		c.seen[maphash.String(c.seed, number)] = struct{}{}
	}
}

func (c *census) size() int { return len(c.seen) }

package explain

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/capture/source/stored"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/completed"
	"reprise/replay/render"
	"reprise/replay/results"
)

// describe reads the corpus that a run played once, and tells the rows what the records say.
func (c *Collector) describe(ctx context.Context, h *results.Header, path string) (traffic, error) {
	r, closer, err := stored.Open(ctx, path, nil)
	if err != nil {
		return traffic{}, &completed.CorpusError{Err: err}
	}
	defer closer.Close()
	if hash, known := r.Hash(); known { // before all is read
		if err := completed.SameCorpus(h, hash); err != nil {
			return traffic{}, err
		}
	}
	d, err := newDescriber(c, r, h)
	if err != nil {
		return traffic{}, &completed.CorpusError{Err: err}
	}
	from, to := span(h)
	if !from.IsZero() {
		if err := r.SeekTime(from); err != nil && !errors.Is(err, corpus.ErrSeek) {
			return traffic{}, &completed.CorpusError{Err: err}
		}
	}
	var rec capture.Record
	for {
		err := r.Next(ctx, &rec)
		if err == nil && !to.IsZero() && rec.Time.After(to) {
			break
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return traffic{}, err
		}
		d.record(&rec)
	}
	hash, _ := r.Hash()
	return d.traffic, completed.SameCorpus(h, hash)
}

// span is the recorded time of what was played, as far as the header tells; zero times are open ends. A shuffled run played records at
// the times of others.
func span(h *results.Header) (from, to time.Time) {
	if h.Plan == nil || h.Plan.First.IsZero() || h.Rebuilt != "" || h.Settings["shuffle-kinds"] != "" {
		return from, to
	}
	return h.Plan.First, h.Plan.Last
}

// describer tells of one record after the other.
type describer struct {
	rows    *cause.Builder
	table   dialect.Table
	retries *render.Retries
	seed    maphash.Seed
	spans   []dialect.Span
	facts   cause.Facts
	// people and recipients say whether those of the corpus are those of the run, which does not tell itself.
	people, recipients bool
	traffic
}

func newDescriber(c *Collector, r *corpus.Reader, h *results.Header) (*describer, error) {
	table, err := all.Extend(all.Table(), r.Header().Dialects)
	if err != nil {
		return nil, err
	}
	set := h.Settings
	return &describer{
		rows: c.rows, table: table, retries: render.NewRetries(table), seed: maphash.MakeSeed(),
		people:     !c.known && set["senders"] == "" && set["curve-scale"] == "" && set["shape"] == "" && (set["volume"] == "" || set["volume"] == "1"),
		recipients: !c.known && set["recipients"] == "",
	}, nil
}

// record tells the rows of a record what it says.
func (d *describer) record(r *capture.Record) {
	retry := d.retries.IsRetry(r)
	d.add(r)
	if !d.rows.Wanted(r.Seq) {
		return
	}
	receipt := r.Kind == capture.Status
	f := &d.facts
	*f = cause.Facts{
		Vendor: r.Vendor, BodyBytes: len(r.Body), Media: cause.TruthOf(d.hasMedia(r)), Receipt: cause.TruthOf(receipt), Retry: cause.TruthOf(retry), Recorded: r.Time,
	}
	if !receipt && r.Message.ID != "" {
		f.ID = max(1, maphash.String(d.seed, r.Message.ID))
	}
	if r.Message.Text != "" {
		size := sms.Measure(r.Message.Text)
		f.Encoding, f.Segments = "gsm7", size.Parts
		if size.Encoding == sms.UCS2 {
			f.Encoding = "ucs2"
		}
	}
	if d.people {
		f.Person = replay.Person(r)
	}
	if d.recipients {
		f.Recipient = d.recipient(r, receipt)
	}
	d.rows.Describe(r.Seq, f)
}

// recipient stands for the platform's own number, which a receipt's message was sent from.
func (d *describer) recipient(r *capture.Record, receipt bool) uint64 {
	number := r.Message.To
	if receipt {
		number = r.Message.From
	}
	if number == "" {
		return 0
	}
	canonical, _ := sms.Canonical(number)
	return max(1, maphash.String(d.seed, canonical))
}

// hasMedia says whether a message came with a file: most hold no link at all.
func (d *describer) hasMedia(r *capture.Record) bool {
	v, ok := d.table.Named(r.Vendor)
	if !ok || !bytes.Contains(r.Body, []byte("http")) && !strings.Contains(r.URL, "http") {
		return false
	}
	spans, err := v.Locate(d.spans[:0], r, dialect.ClassSet(dialect.Link))
	d.spans = spans
	if err != nil {
		return false
	}
	for _, s := range spans {
		if dialect.IsMedia(s.Name) {
			return true
		}
	}
	return false
}

// traffic is what the recorded load was like.
type traffic struct {
	people map[uint32]uint32
	// known counts the records of a person.
	known, pairs, same int64
	before             capture.Kind
	begun              bool
}

// mostPeople bounds the people that are counted: of a corpus with more nobody asks whether they are few.
const mostPeople = 1 << 19

func (t *traffic) add(r *capture.Record) {
	if t.begun {
		t.pairs++
		if r.Kind == t.before {
			t.same++
		}
	}
	t.before, t.begun = r.Kind, true
	person := replay.Person(r)
	if person == 0 {
		return
	}
	if t.people == nil {
		t.people = make(map[uint32]uint32)
	}
	t.known++
	who := uint32(person) ^ uint32(person>>32)
	if len(t.people) < mostPeople {
		t.people[who]++
	} else if n := t.people[who]; n > 0 {
		t.people[who] = n + 1
	}
}

// tell says it of a run whose load it was.
func (t *traffic) tell(to *cause.Traffic) {
	if t.pairs > 0 {
		to.RecordedSameKindNext = float64(t.same) / float64(t.pairs)
	}
	to.RecordedPeople = int64(len(t.people))
	top := uint32(0)
	for _, n := range t.people {
		top = max(top, n)
	}
	if t.known > 0 {
		to.RecordedTopPerson = float64(top) / float64(t.known)
	}
}

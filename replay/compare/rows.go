package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/internal/answers"
	"reprise/replay/results"
)

// row is one request in 32 bytes. What a comparison holds in memory is these, for every request of both runs.
type row struct {
	// key orders and joins: wire.Key of the record and the copy.
	key uint64
	// intended is the deadline in nanoseconds since the run's start.
	intended int64
	timing   timing
	// hash is that of the answer's body.
	hash    uint32
	status  uint16
	kind    capture.Kind
	outcome Outcome
}

const (
	// maxStatus is what higher ones are taken for. There are none beyond 999 (RFC 9110, section 15).
	maxStatus = 1023

	// longest bounds what is believed of a file's moments, so that their differences are in range: 146 years.
	longest = time.Duration(1 << 62)

	kinds = capture.KindCount
)

// ErrTooLarge says that a run's record numbers or copies do not fit a comparison: 2^40 records, 2^24 copies of each.
var ErrTooLarge = errors.New("compare: a record number or copy is out of range")

// pack makes a row of a result.
func pack(res *replay.Result) (row, error) {
	key, ok := wire.Key(res.Seq, res.Copy)
	if !ok {
		return row{}, ErrTooLarge
	}
	return row{
		key:      key,
		intended: int64(min(max(res.Intended, 0), longest)),
		timing:   timingOf(res),
		hash:     res.Hash,
		status:   uint16(min(max(res.Status, 0), maxStatus)),
		kind:     res.Kind.Known(),
		outcome:  outcomeOf(res),
	}, nil
}

// latency is the answer's in nanoseconds, at most longestLatency.
func (r row) latency() int64 { return r.timing.latency() }

// least is the least that the latency can be without the tool's lag: the service time, rounded down.
func (r row) least() int64 { return r.timing.least() }

func (r row) lag() int64 { return r.timing.lag() }

// result is the request as far as its lag can be judged by it.
func (r row) result() replay.Result {
	sent := time.Duration(r.intended + r.lag())
	res := replay.Result{Kind: r.kind, Intended: time.Duration(r.intended), Sent: sent, Status: int(r.status), Error: r.outcome.Reason()}
	if r.answered() {
		res.Done = sent + time.Duration(r.least())
	}
	return res
}

// answered says whether the request has a whole answer, and with it a latency.
func (r row) answered() bool { return r.outcome.answered() }

// loaded is a run in memory: its rows in order of their keys, each key once.
type loaded struct {
	side Side
	plan *replay.Plan
	rows []row
	// shapes are those of the answers' bodies, by hash.
	shapes map[uint32]*answers.Shape
	// interference is what kept the tool from running, where that is known.
	interference      replay.Disturbances
	interferenceKnown bool
	// queued says that late requests rather waited for others, for a slot or of their sender, than for the tool to run.
	queued bool
}

// firstRows bounds what is set aside on a header's word alone.
const firstRows = 4 << 20

// pile takes in rows whose number is not known beforehand. What goes beyond the room set aside lies in chunks until all is
// there: a slice that grew by copying itself would take up twice the memory.
type pile struct {
	rows   []row
	chunks [][]row
}

const chunkRows = 1 << 16

func (p *pile) add(r row) {
	if len(p.chunks) == 0 && len(p.rows) < cap(p.rows) {
		p.rows = append(p.rows, r)
		return
	}
	last := len(p.chunks) - 1
	if last < 0 || len(p.chunks[last]) == chunkRows {
		p.chunks = append(p.chunks, make([]row, 0, chunkRows))
		last++
	}
	p.chunks[last] = append(p.chunks[last], r)
}

// all returns the rows in one slice and empties the pile.
func (p *pile) all() []row {
	rows := p.rows
	if len(p.chunks) > 0 {
		rows = slices.Concat(append([][]row{rows}, p.chunks...)...)
	}
	*p = pile{}
	return rows
}

// verdicter is a Source whose rows do not say how faithful the run was.
type verdicter interface{ Verdict() results.Verdict }

// load reads a run. likely is about how many rows it holds, where another run tells; 0 where none does.
func load(ctx context.Context, src Source, name, role string, likely int) (*loaded, error) {
	if name == "" {
		name = role
	}
	h := src.Header()
	l := &loaded{plan: h.Plan}
	if h.Plan != nil {
		likely = int(min(max(h.Plan.Requests(), 0), firstRows))
	}
	sums := results.NewAccumulator(h.Plan)
	if err := l.read(ctx, src, sums, likely); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	h.Plan = nil
	l.side = Side{Name: name, Header: h, Damage: src.Damage()}
	l.shapes = make(map[uint32]*answers.Shape)
	for _, s := range src.Answers() {
		l.shapes[s.Hash] = &s
	}
	var end *replay.Outcome
	if f, ok := src.Footer(); ok {
		end, l.side.State = &f.Outcome, f.State
		late := f.Stats.Late
		l.queued = late.Cap+late.Sender > late.Render+late.Stall
	}
	if p, ok := src.(interface{ Played() []results.PlayedStep }); ok {
		for _, step := range p.Played() {
			sums.PlayStep(step)
		}
	}
	moved := end != nil && len(end.Stats.Changes) > 0
	l.side.Summary, l.side.Windows = sums.Summary(end), sums.Windows(moved)
	l.side.Summary.NoEnd = end == nil
	if found, ok := src.(interface{ Capacity() *results.Capacity }); ok {
		l.side.Summary.Searched(found.Capacity())
	}
	if m, ok := src.(interface{ Missing() *results.Missing }); ok {
		l.side.Summary.Missing = m.Missing()
	}
	if !moved {
		l.side.Recorded = RecordedOf(l.plan, h.Settings["time-scale"])
	}
	if i, ok := src.(interfered); ok {
		l.interference, l.interferenceKnown = i.Disturbances()
	}
	if v, ok := src.(verdicter); ok {
		l.side.Summary.Verdict = v.Verdict()
	}
	return l, nil
}

// read takes in all rows. Of rows with the same key the first counts: the others are a recorder's mistake.
func (l *loaded) read(ctx context.Context, src Source, sums *results.Accumulator, likely int) error {
	p := pile{rows: make([]row, 0, likely)}
	var res replay.Result
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		err := src.Next(&res)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		r, err := pack(&res)
		if err != nil {
			return err
		}
		p.add(r)
		_ = sums.Record(&res)
	}
	l.rows = p.all()
	slices.SortFunc(l.rows, compareRows)
	l.rows = slices.CompactFunc(l.rows, func(a, b row) bool { return a.key == b.key })
	return nil
}

// compareRows orders rows by their keys, and those of one key by all that they hold.
func compareRows(a, b row) int {
	if a.key != b.key {
		return cmp.Compare(a.key, b.key)
	}
	return cmp.Or(cmp.Compare(a.intended, b.intended), cmp.Compare(a.latency(), b.latency()), cmp.Compare(a.kind, b.kind),
		cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.status, b.status))
}

// span returns the first and the last deadline of two runs; both are 0 where there is none.
func span(a, b []row) (first, last time.Duration) {
	lo, hi, some := int64(0), int64(0), false
	for _, rows := range [][]row{a, b} {
		for i := range rows {
			t := rows[i].intended
			if !some {
				lo, hi, some = t, t, true
			}
			lo, hi = min(lo, t), max(hi, t)
		}
	}
	return time.Duration(lo), time.Duration(hi)
}

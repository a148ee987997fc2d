package results

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"time"

	"reprise/capture/frame"
	"reprise/capture/wire"
	"reprise/replay"
)

const (
	// storedCompletions is the name of the extension. Part of the file format.
	storedCompletions = "completions"
	// completionsPerBlock bounds the completions of a block.
	completionsPerBlock = 1 << 16
	// mostCompletions is how many of a run a file holds: 200 MB of memory.
	mostCompletions = 1 << 23
	// The most outcomes, and the longest.
	mostOutcomes   = 256
	longestOutcome = 64
)

// ErrManyCompletions says that a run has more completions than its file can hold.
var ErrManyCompletions = errors.New("results: a run file holds 8,388,608 completions at most")

// Stored are the completions that a run file holds: those of requests with a good answer, as they were joined to the run.
type Stored struct {
	// Offset was added to the system's clock, and Guessed says that it was not told.
	Offset  time.Duration
	Guessed bool
	// Unmatched counts the completions that were of no request with a good answer.
	Unmatched int64

	total    uint64 // of all blocks
	outcomes []string
	failed   []bool // by outcome
	entries  []storedEntry
}

// storedEntry is when a request was completed by the system's clock, since the run's start.
type storedEntry struct {
	key     uint64
	at      time.Duration
	outcome uint8
}

// Len is how many completions there are.
func (s *Stored) Len() int { return len(s.entries) }

// Completions are the stored ones as a Completer and a CompletedRun take them.
func (s *Stored) Completions() Completions {
	failures := []string{}
	for i, failed := range s.failed {
		if failed {
			failures = append(failures, s.outcomes[i])
		}
	}
	return Completions{Of: s.of, Failures: failures, sinceStart: true}
}

// of is Completions.Of: the moment is since the Unix epoch in place of the run's start.
func (s *Stored) of(seq int64, replica int) (at time.Time, outcome string, ok bool) {
	key, ok := wire.Key(seq, replica)
	if !ok {
		return time.Time{}, "", false
	}
	i, ok := slices.BinarySearchFunc(s.entries, key, func(e storedEntry, k uint64) int { return cmp.Compare(e.key, k) })
	if !ok {
		return time.Time{}, "", false
	}
	return time.Unix(0, int64(s.entries[i].at)), s.outcomes[s.entries[i].outcome], true
}

// when tells when a request was completed, since the run's start, and how; ok is false where that is not known, or not believed.
func (s *Stored) when(res *replay.Result) (at time.Duration, outcome string, ok bool) {
	if s == nil || !res.OK() {
		return 0, "", false
	}
	moment, outcome, ok := s.of(res.Seq, res.Copy)
	at = time.Duration(moment.UnixNano()) + s.Offset
	return at, outcome, ok && at >= res.Sent-earlyBy
}

// join puts into a run, whose rows a Completer took, what was completed of it.
func (s *Stored) join(c *Completer, run *Run) {
	c.Join(run, 0, &s.Offset)
	run.Summary.Completion.Guessed, run.Summary.Completion.Unmatched = s.Guessed, s.Unmatched
	for i := range run.Summary.Steps {
		if of := run.Summary.Steps[i].Completion; of != nil {
			of.Guessed = s.Guessed
		}
	}
}

// storedOf reads a run file's rows and keeps what was joined to them.
func storedOf(ctx context.Context, path string, of Completions, c *Completion) (*Stored, error) {
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &Stored{Offset: c.Offset, Guessed: c.Guessed, Unmatched: c.Unmatched}
	var res replay.Result
	for n := 0; ; n++ {
		if n%rowsPerBlock == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := r.Next(&res)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := s.add(&res, &of); err != nil {
			return nil, err
		}
	}
	run := Run{Header: r.header, Footer: r.footer}
	for i, zero := 0, of.zero(run.Start()).UnixNano(); i < len(s.entries); i++ {
		s.entries[i].at -= time.Duration(zero)
	}
	slices.SortFunc(s.entries, func(a, b storedEntry) int { return cmp.Compare(a.key, b.key) })
	s.entries = slices.CompactFunc(s.entries, func(a, b storedEntry) bool { return a.key == b.key })
	return s, nil
}

// add takes in what is known of one request; its moment is absolute still.
func (s *Stored) add(res *replay.Result, of *Completions) error {
	key, fits := wire.Key(res.Seq, res.Copy)
	if !fits || !res.OK() {
		return nil
	}
	at, outcome, ok := of.Of(res.Seq, res.Copy)
	if !ok {
		return nil
	}
	if len(s.entries) == mostCompletions {
		return ErrManyCompletions
	}
	if len(outcome) > longestOutcome {
		outcome = outcome[:longestOutcome]
	}
	i := slices.Index(s.outcomes, outcome)
	if i < 0 {
		if i = min(len(s.outcomes), mostOutcomes-1); i == len(s.outcomes) {
			s.outcomes, s.failed = append(s.outcomes, outcome), append(s.failed, of.Failed(outcome))
		}
	}
	s.entries = append(s.entries, storedEntry{key, time.Duration(at.UnixNano()), uint8(i)})
	return nil
}

// appendTo appends the payload of a block, after its name.
func (s *Stored) appendTo(dst []byte, part []storedEntry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s.entries)))
	dst = binary.AppendUvarint(dst, uint64(max(s.Unmatched, 0)))
	dst = binary.AppendVarint(dst, int64(s.Offset))
	dst = append(dst, oneIf(s.Guessed))
	dst = binary.AppendUvarint(dst, uint64(len(s.outcomes)))
	for i, outcome := range s.outcomes {
		dst = append(appendText(dst, outcome), oneIf(s.failed[i]))
	}
	dst = binary.AppendUvarint(dst, uint64(len(part)))
	last := int64(0)
	for _, e := range part {
		seq, _ := wire.SplitKey(e.key)
		dst = binary.AppendUvarint(dst, uint64(seq-last))
		last = seq
	}
	for _, e := range part {
		_, replica := wire.SplitKey(e.key)
		dst = binary.AppendUvarint(dst, uint64(replica))
	}
	at := time.Duration(0)
	for _, e := range part {
		dst = binary.AppendVarint(dst, int64(e.at-at))
		at = e.at
	}
	for _, e := range part {
		dst = append(dst, e.outcome)
	}
	return dst
}

func oneIf(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// completions writes what is stored. It is called before the first row.
func (w *Writer) completions(s *Stored) error {
	rest := s.entries
	for first := true; first || len(rest) > 0; first = false {
		n := min(len(rest), completionsPerBlock)
		w.block(&frame.Head{Type: frame.Extension}, s.appendTo(frame.AppendName(nil, storedCompletions), rest[:n]))
		rest = rest[n:]
	}
	return w.err
}

// parse takes in a block's payload; false where it is none.
func (s *Stored) parse(payload []byte) bool {
	c := cursor{b: payload}
	part := Stored{total: c.uvarint()}
	unmatched := c.uvarint()
	part.Offset, part.Guessed = time.Duration(c.varint()), c.one()&1 == 1
	outcomes := c.uvarint()
	if c.bad || part.total > mostCompletions || unmatched > 1<<40 || outcomes > mostOutcomes || part.Offset < -longestMoment || part.Offset > longestMoment {
		return false
	}
	part.Unmatched = int64(unmatched)
	for range outcomes {
		part.outcomes, part.failed = append(part.outcomes, c.text(longestOutcome)), append(part.failed, c.one()&1 == 1)
	}
	n := c.uvarint()
	if c.bad || n > completionsPerBlock || n > uint64(len(c.b))/4 || uint64(len(s.entries))+n > part.total { // each takes four bytes at least
		return false
	}
	if !part.rows(&c, int(n)) || len(s.entries) > 0 && len(part.entries) > 0 && part.entries[0].key <= s.entries[len(s.entries)-1].key {
		return false
	}
	part.entries = append(s.entries, part.entries...)
	*s = part
	return true
}

// rows reads the columns of a block.
func (s *Stored) rows(c *cursor, n int) bool {
	s.entries = make([]storedEntry, n)
	seq := uint64(0)
	for i := range s.entries {
		d := c.uvarint()
		if seq += d; d > 1<<40 || seq > 1<<40 { // a record's number fits into 40 bits: see wire.Key
			return false
		}
		s.entries[i].key = seq
	}
	for i := range s.entries {
		replica := c.uvarint()
		if replica > math.MaxInt32 {
			return false
		}
		key, ok := wire.Key(int64(s.entries[i].key), int(replica))
		if !ok || i > 0 && key <= s.entries[i-1].key {
			return false
		}
		s.entries[i].key = key
	}
	at := time.Duration(0)
	for i := range s.entries {
		at += time.Duration(c.varint())
		if at < -longestMoment || at > longestMoment {
			return false
		}
		s.entries[i].at = at
	}
	for i := range s.entries {
		if s.entries[i].outcome = c.one(); int(s.entries[i].outcome) >= len(s.outcomes) {
			return false
		}
	}
	return !c.bad
}

// one reads a byte.
func (c *cursor) one() byte {
	if b := c.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// Completions returns the completions that the file holds; nil where it holds none, or where some of them are damaged: then none can be used, as
// what is missing would count as never completed. It reads on to the first row.
func (r *Reader) Completions() *Stored {
	for r.failed == nil && !r.begun {
		if r.failed = r.advance(); r.failed != nil {
			break
		}
	}
	if r.stored == nil || uint64(len(r.stored.entries)) != r.stored.total {
		return nil
	}
	return r.stored
}

// parseCompletions takes in a block's payload; why is empty where it could be used.
func (r *Reader) parseCompletions(payload []byte) (why Reason) {
	if r.begun {
		return "completions stand behind rows"
	}
	s := r.stored
	if s == nil {
		s = new(Stored)
	}
	if !s.parse(payload) {
		return "a block of completions does not unpack"
	}
	r.stored = s
	return ""
}

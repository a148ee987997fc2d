package explain

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"time"

	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// Pairs says for whom candidates were slower than base runs: run files in pairs, base first, of one plan, as package rounds takes them. Over several
// pairs a request's time is the geometric mean of its times, and it failed where it did in most. It takes the corpus of Options and its
// Limits. Errors are those of File.
func Pairs(ctx context.Context, names []string, o Options) (*cause.Difference, error) {
	if len(names) < 2 || len(names)%2 != 0 {
		return nil, errors.New("explain: runs are compared in pairs, base and candidate in turn")
	}
	defer sparing()()
	var base, candidate []string
	for i := 0; i < len(names); i += 2 {
		base, candidate = append(base, names[i]), append(candidate, names[i+1])
	}
	before, err := readMeans(ctx, base)
	if err != nil {
		return nil, err
	}
	var now means
	if len(candidate) > 1 {
		if now, err = readMeans(ctx, candidate); err != nil {
			return nil, err
		}
	}
	r, err := results.Open(candidate[0])
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := NewCollector(r.Header())
	run, err := results.Summarize(ctx, r, &pairer{c, before, now, o.WarmUp})
	if err == nil {
		err = c.disturbed(r)
	}
	if err != nil {
		return nil, err
	}
	before, now = nil, nil // memory of a large run
	t, err := c.table(ctx, &run, o)
	if err != nil {
		return nil, err
	}
	return cause.Compare(ctx, t, o.Limits)
}

// pairer gives a collector each result with what another run made of the same request.
type pairer struct {
	to          *Collector
	before, now means // now is empty where there is one candidate
	warmUp      time.Duration
}

// Record takes one result of the first candidate.
func (p *pairer) Record(res *replay.Result) error {
	var before *mean
	if key, ok := wire.Key(res.Seq, res.Copy); ok {
		if res.Intended >= p.warmUp {
			before = p.before.of(key)
		}
		if m := p.now.of(key); m != nil && res.Attempted() {
			own := *res
			m.into(&own)
			res = &own
		}
	}
	p.to.addPaired(res, before)
	return nil
}

// mean is what runs made of one request.
type mean struct {
	key        uint64
	logs       float32 // of the service times of good answers in µs, summed up
	sent, good uint16  // in how many runs it was sent, and answered well
}

// took is the geometric mean of its good answers' service times, 0 where there is none.
func (m *mean) took() time.Duration {
	if m.good == 0 {
		return 0
	}
	return max(time.Duration(math.Exp(float64(m.logs)/float64(m.good))*float64(time.Microsecond)), 1)
}

// failed says that it failed in most runs.
func (m *mean) failed() bool { return 2*m.good <= m.sent }

// into makes a result that of all runs: what fails otherwise than in most is taken for as good, or as bad, as those.
func (m *mean) into(res *replay.Result) {
	switch {
	case m.failed() && res.OK():
		res.Status, res.Error = 0, replay.ReasonReset
	case !m.failed():
		if !res.OK() {
			res.Status, res.Error = 200, replay.ReasonNone
		}
		res.Done = res.Sent + m.took()
	}
}

// means are in order of their keys.
type means []mean

func (l means) of(key uint64) *mean {
	if i, ok := slices.BinarySearchFunc(l, key, func(m mean, key uint64) int { return cmp.Compare(m.key, key) }); ok {
		return &l[i]
	}
	return nil
}

// readMeans reads what runs made of each request: of so many as a table holds.
func readMeans(ctx context.Context, names []string) (all means, err error) {
	for _, name := range names {
		one, err := readOne(ctx, name)
		if err != nil {
			return nil, err
		}
		all = all.and(one)
	}
	return all, nil
}

func readOne(ctx context.Context, name string) (list means, err error) {
	r, err := results.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	list = make(means, 0, likely(r.Header()))
	var res replay.Result
	for len(list) < MaxRequests {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		err := r.Next(&res)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if key, ok := wire.Key(res.Seq, res.Copy); ok && res.Attempted() {
			list = append(list, meanOf(key, &res))
		}
	}
	slices.SortStableFunc(list, func(a, b mean) int { return cmp.Compare(a.key, b.key) })
	return slices.CompactFunc(list, func(a, b mean) bool { return a.key == b.key }), nil
}

func meanOf(key uint64, res *replay.Result) mean {
	m := mean{key: key, sent: 1}
	if res.OK() {
		m.good = 1
		m.logs = float32(math.Log(max(float64(res.Done-res.Sent)/float64(time.Microsecond), 1)))
	}
	return m
}

// and adds another run's.
func (l means) and(o means) means {
	if len(l) == 0 {
		return o
	}
	out := make(means, 0, max(len(l), len(o)))
	for len(l) > 0 && len(o) > 0 {
		switch {
		case l[0].key < o[0].key:
			out, l = append(out, l[0]), l[1:]
		case o[0].key < l[0].key:
			out, o = append(out, o[0]), o[1:]
		default:
			m := l[0]
			m.logs, m.sent, m.good = m.logs+o[0].logs, m.sent+o[0].sent, m.good+o[0].good
			out, l, o = append(out, m), l[1:], o[1:]
		}
	}
	return append(append(out, l...), o...)
}

package results

import (
	"math"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// Completion says when a system had really finished with the messages that it had answered: a receiver that says 200 at
// once and falls behind is seen here alone.
type Completion struct {
	// Joined counts answered requests (2xx and 3xx) that were completed, Never those that were not. Failed counts those of
	// Joined whose outcome is a failure.
	Joined int64 `json:"joined"`
	Never  int64 `json:"never"`
	Failed int64 `json:"failed"`
	// Early counts those of Never whose completion lies more than a tenth of a second before they were sent, so that it is
	// some other message's. Where the offset is guessed there are none.
	Early int64 `json:"early"`
	// Unmatched counts completions of requests that the run does not hold, or that had no good answer.
	Unmatched int64 `json:"unmatched"`
	// Outcomes counts what completions said, by word, those that are early too.
	Outcomes map[string]int64 `json:"outcomes"`
	// Offset was added to the system's clock, in nanoseconds. Where it was not told it is the least that makes no message be
	// completed before it was sent, and Guessed is set if that is not 0.
	Offset  time.Duration `json:"offset_ns"`
	Guessed bool          `json:"offset_guessed"`
	// Latency is completion minus intended send, of those that were completed.
	Latency Quantiles                 `json:"latency"`
	Kinds   map[string]CompletionKind `json:"kinds"`
	// Peak is the most requests that were answered and not completed, at PeakAt of the run. Those never completed count to the
	// end.
	Peak   int64         `json:"backlog_peak"`
	PeakAt time.Duration `json:"backlog_peak_at_ns"`
	// Spike is the stretch in which completion took longest, nil where nothing stood out.
	Spike   *Spike             `json:"spike,omitempty"`
	Windows []CompletionWindow `json:"-"`

	whole *distribution
}

// earlyBy is how far before its request was sent a completion may lie and be believed: what clocks that agree differ by.
const earlyBy = 100 * time.Millisecond

// doubtful is from where on an offset that is guessed is more than clocks commonly differ by.
const doubtful = time.Second

// Doubtful says that the offset was guessed and is so large that the completions may rather be of other messages.
func (c *Completion) Doubtful() bool { return c.Guessed && c.Offset > doubtful }

// CompletionKind is the part of one kind.
type CompletionKind struct {
	Joined  int64     `json:"joined"`
	Never   int64     `json:"never"`
	Failed  int64     `json:"failed"`
	Latency Quantiles `json:"latency"`

	whole *distribution
}

// at is a quantile of all answered requests, 0 < q <= 1: one that was never completed takes longer than any. ok is false
// where the quantile lies among those.
func (k *CompletionKind) at(q float64) (d time.Duration, ok bool) {
	rank := q * float64(k.Joined+k.Never)
	if k.whole == nil || k.whole.hist == nil || math.Ceil(rank) > float64(k.Joined) {
		return 0, false
	}
	return min(time.Duration(k.whole.hist.percentile(100*rank/float64(k.Joined))), k.whole.max), true
}

// Spike is a stretch of a run in which completion took much longer than usual: the p95 of each of its windows is more than
// three times the run's lower quartile of windows, and a tenth of a second more.
type Spike struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
	// Kind is the one that waited longest; P95 is the highest of a window in the stretch, of all kinds and of that one.
	Kind    string        `json:"kind"`
	P95     time.Duration `json:"p95_ns"`
	KindP95 time.Duration `json:"kind_p95_ns"`
	Usual   time.Duration `json:"usual_p95_ns"`
}

// CompletionWindow is a stretch of a run. Backlog is that at its end; the quantiles are of the requests whose deadline is
// in it, true to one digit, and 0 where there is none.
type CompletionWindow struct {
	Start, Width time.Duration
	Backlog      int64
	P50, P95     time.Duration
	Kinds        map[string]time.Duration // p95
}

// Completions are what a system says it has finished.
type Completions struct {
	// Of tells when a request was completed, and with which outcome.
	Of func(seq int64, replica int) (at time.Time, outcome string, ok bool)
	// Failures are the outcomes that are failures, in any case of letters; nil means FailureWords.
	Failures []string
}

// FailureWords are the outcomes that are taken for failures where nothing else is said.
func FailureWords() []string {
	return []string{
		"error", "errored", "fail", "failed", "failure", "dead", "dead_letter", "rejected", "dropped", "discarded", "timeout", "timed_out", "expired",
		"cancelled", "canceled", "aborted", "undelivered", "nack", "panic", "false",
	}
}

// failed says whether an outcome is a failure.
func (c *Completions) failed(outcome string) bool {
	words := c.Failures
	if words == nil {
		words = FailureWords()
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, outcome) })
}

// Completer joins completions to the rows of a run, 32 bytes a request.
type Completer struct {
	of    Completions
	rows  []joined
	never [capture.KindCount]int64
	fails map[string]bool // by outcome
	out   Completion
}

type joined struct {
	intended, sent, done time.Duration
	at                   int64 // Unix nanoseconds; 0 for never
	kind                 capture.Kind
	failed               bool
}

// NewCompleter returns a Completer that asks of.
func NewCompleter(of Completions) *Completer {
	return &Completer{of: of, fails: make(map[string]bool), out: Completion{Outcomes: make(map[string]int64), Kinds: make(map[string]CompletionKind)}}
}

// Record takes one row. It never fails.
func (c *Completer) Record(res *replay.Result) error {
	if !res.OK() {
		return nil
	}
	r := joined{intended: res.Intended, sent: res.Sent, done: res.Done, kind: res.Kind.Known()}
	if at, outcome, ok := c.of.Of(res.Seq, res.Copy); ok {
		r.at = at.UnixNano()
		c.out.Joined++
		if c.out.Outcomes[outcome]++; c.out.Outcomes[outcome] == 1 {
			c.fails[outcome] = c.of.failed(outcome)
		}
		r.failed = c.fails[outcome]
	} else {
		c.out.Never++
		c.never[r.kind]++
	}
	c.rows = append(c.rows, r)
	return nil
}

// Completion is what the rows come to. started is the moment of the run's deadline 0 and all how many completions there
// are; offset is added to their clock, and guessed where it is nil.
func (c *Completer) Completion(started time.Time, all int, offset *time.Duration) *Completion {
	out := &c.out
	out.Unmatched = max(int64(all)-out.Joined, 0)
	origin := started.UnixNano()
	if offset != nil {
		out.Offset = *offset
	} else {
		for _, r := range c.rows {
			if r.at != 0 {
				out.Offset = max(out.Offset, r.sent-time.Duration(r.at-origin))
			}
		}
		out.Guessed = out.Offset > 0
	}
	var whole distribution
	var kinds [capture.KindCount]distribution
	var count, failed [capture.KindCount]int64
	end := time.Duration(0)
	for i := range c.rows {
		r := &c.rows[i]
		end = max(end, r.done, r.intended)
		if r.at == 0 {
			continue
		}
		at := time.Duration(r.at-origin) + out.Offset
		if at < r.sent-earlyBy {
			r.at = 0
			out.Joined--
			out.Never++
			out.Early++
			c.never[r.kind]++
			continue
		}
		r.at = int64(max(at, 1))
		end = max(end, at)
		whole.add(at - r.intended)
		kinds[r.kind].add(at - r.intended)
		count[r.kind]++
		if r.failed {
			failed[r.kind]++
			out.Failed++
		}
	}
	out.Latency, out.whole = whole.quantiles(), &whole
	for _, k := range capture.Kinds() {
		if count[k]+c.never[k] > 0 {
			out.Kinds[k.String()] = CompletionKind{
				Joined: count[k], Never: c.never[k], Failed: failed[k], Latency: kinds[k].quantiles(), whole: &kinds[k],
			}
		}
	}
	c.windows(end)
	out.Spike = out.spike()
	return out
}

// windows fills in the course.
func (c *Completer) windows(end time.Duration) {
	width := time.Duration(firstWidth)
	for end/width >= replay.MaxWindows {
		width *= 2
	}
	n := int(end/width) + 1
	enter, leave := make([]int64, n), make([]int64, n)
	hist := make([][capture.KindCount]*coarse, n)
	at := func(t time.Duration) int { return int(min(max(t, 0)/width, time.Duration(n-1))) }
	for _, r := range c.rows {
		enter[at(r.done)]++
		if r.at != 0 {
			leave[at(max(time.Duration(r.at), r.done))]++
			record(&hist[at(r.intended)][r.kind], time.Duration(r.at)-r.intended)
		}
	}
	backlog := int64(0)
	for i := range n {
		if backlog += enter[i] - leave[i]; backlog > c.out.Peak {
			c.out.Peak, c.out.PeakAt = backlog, time.Duration(i+1)*width
		}
		w := CompletionWindow{Start: time.Duration(i) * width, Width: width, Backlog: backlog, Kinds: make(map[string]time.Duration)}
		var all coarse
		for k, h := range hist[i] {
			if h != nil {
				all.add(h)
				w.Kinds[capture.Kind(k).String()] = h.percentile(95)
			}
		}
		w.P50, w.P95 = all.percentile(50), all.percentile(95)
		c.out.Windows = append(c.out.Windows, w)
	}
}

const (
	spikeTimes = 3
	spikeLeast = 100 * time.Millisecond
	// spikeGap is how many windows that are not high may lie inside a spike.
	spikeGap = 3
)

func (c *Completion) spike() *Spike {
	var all []time.Duration
	for _, w := range c.Windows {
		if w.P95 > 0 {
			all = append(all, w.P95)
		}
	}
	if len(all) < 8 {
		return nil
	}
	slices.Sort(all)
	usual := all[len(all)/4]
	var best *Spike
	var now *Spike
	low := 0
	for _, w := range c.Windows {
		high := w.P95 > spikeTimes*usual && w.P95 > usual+spikeLeast
		if !high {
			if low++; low > spikeGap {
				now = nil
			}
			continue
		}
		low = 0
		if now == nil {
			now = &Spike{From: w.Start, Usual: usual}
		}
		now.To = w.Start + w.Width
		now.P95 = max(now.P95, w.P95)
		for kind, p := range w.Kinds {
			if p > now.KindP95 || p == now.KindP95 && kind < now.Kind {
				now.Kind, now.KindP95 = kind, p
			}
		}
		if best == nil || now.P95 > best.P95 {
			best = now
		}
	}
	return best
}

// CompletedRun reads a run as if each request had been answered when it was completed: one that never was, or whose outcome
// is a failure, has no answer, and those without a good answer are left out. What compares answers compares completions so.
type CompletedRun struct {
	*Reader
	of      Completions
	origin  time.Time
	offset  time.Duration
	verdict Verdict
}

// NewCompletedRun wraps a reader at its first row; run is the same run summed up, with its Completion.
func NewCompletedRun(r *Reader, of Completions, run *Run) *CompletedRun {
	return &CompletedRun{Reader: r, of: of, origin: run.Start(), offset: run.Summary.Completion.Offset, verdict: run.Summary.Verdict}
}

// Verdict is that of the run as it was answered: what a system did not finish says nothing of the tool.
func (r *CompletedRun) Verdict() Verdict { return r.verdict }

// Next fills in the next request that had a good answer.
func (r *CompletedRun) Next(res *replay.Result) error {
	for {
		if err := r.Reader.Next(res); err != nil {
			return err
		}
		if !res.OK() {
			continue
		}
		at, outcome, ok := r.of.Of(res.Seq, res.Copy)
		done := at.Sub(r.origin) + r.offset
		if !ok || r.of.failed(outcome) || done < res.Sent-earlyBy {
			res.Status, res.Error, res.Hash = 0, replay.ReasonTimeout, 0
			return nil
		}
		res.Done = max(done, res.Sent)
		return nil
	}
}

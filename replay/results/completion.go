package results

import (
	"iter"
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

	answered int64
}

// Completions are what a system says it has finished.
type Completions struct {
	// Of tells when a request was completed, and with which outcome.
	Of func(seq int64, replica int) (at time.Time, outcome string, ok bool)
	// Failures are the outcomes that are failures, in any case of letters; nil means FailureWords.
	Failures []string

	// sinceStart says that Of's moments are since the Unix epoch in place of the run's start.
	sinceStart bool
}

// zero is the moment of a run's deadline 0 as Of tells moments.
func (c *Completions) zero(started time.Time) time.Time {
	if c.sinceStart {
		return time.Unix(0, 0)
	}
	return started
}

// FailureWords are the outcomes that are taken for failures where nothing else is said.
func FailureWords() []string {
	return []string{
		"error", "errored", "fail", "failed", "failure", "dead", "dead_letter", "rejected", "dropped", "discarded", "timeout", "timed_out", "expired",
		"cancelled", "canceled", "aborted", "undelivered", "nack", "panic", "false",
	}
}

// Failed says whether an outcome is a failure.
func (c *Completions) Failed(outcome string) bool {
	words := c.Failures
	if words == nil {
		words = FailureWords()
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, outcome) })
}

// Completer joins completions to the rows of a run, 40 bytes a request.
type Completer struct {
	of    Completions
	rows  []joined
	fails map[string]bool // by outcome
	out   Completion
	// steps count outcomes by step, as Completion.Outcomes does.
	steps map[uint16]map[string]int64
}

type joined struct {
	intended, sent, done time.Duration
	at                   int64 // Unix nanoseconds, and once placed since the run's start; 0 for never
	step                 uint16
	kind                 capture.Kind
	failed, early        bool
}

// NewCompleter returns a Completer that asks of.
func NewCompleter(of Completions) *Completer {
	return &Completer{of: of, fails: make(map[string]bool), out: Completion{Outcomes: make(map[string]int64)}, steps: make(map[uint16]map[string]int64)}
}

// Record takes one row. It never fails.
func (c *Completer) Record(res *replay.Result) error {
	if !res.OK() {
		return nil
	}
	r := joined{intended: res.Intended, sent: res.Sent, done: res.Done, step: res.Step, kind: res.Kind.Known()}
	if at, outcome, ok := c.of.Of(res.Seq, res.Copy); ok {
		r.at = at.UnixNano()
		c.count(res.Step, outcome)
		r.failed = c.fails[outcome]
	}
	c.rows = append(c.rows, r)
	return nil
}

func (c *Completer) count(step uint16, outcome string) {
	if c.out.Outcomes[outcome]++; c.out.Outcomes[outcome] == 1 {
		c.fails[outcome] = c.of.Failed(outcome)
	}
	if step == 0 || step > MaxSteps {
		return
	}
	if c.steps[step] == nil {
		c.steps[step] = make(map[string]int64)
	}
	c.steps[step][outcome]++
}

// Completion is what the rows come to. started is the moment of the run's deadline 0 and all how many completions there
// are; offset is added to their clock, and guessed where it is nil. It is called once.
func (c *Completer) Completion(started time.Time, all int, offset *time.Duration) *Completion {
	c.place(started, offset)
	c.out.sum(func(yield func(joined) bool) {
		for _, r := range c.rows {
			if !yield(r) {
				return
			}
		}
	})
	c.out.Unmatched = max(int64(all)-c.out.Joined-c.out.Early, 0)
	return &c.out
}

// Join puts into a run, and into its steps, what was completed of it; see Completion.
func (c *Completer) Join(run *Run, all int, offset *time.Duration) {
	run.Summary.Completion = c.Completion(run.Start(), all, offset)
	run.Summary.growCompletion()
	for i := range run.Summary.Steps {
		run.Summary.Steps[i].Completion = c.ofStep(&run.Summary.Steps[i])
	}
}

// TakeCompletion takes over what another summary of the same run knows of completions.
func (s *Summary) TakeCompletion(from *Summary) {
	s.Completion, s.Growth = from.Completion, from.Growth
	for i := range s.Steps {
		if i < len(from.Steps) {
			s.Steps[i].Completion = from.Steps[i].Completion
		}
	}
}

// ofStep is the part of a step; its moments are since the step's start.
func (c *Completer) ofStep(s *Step) *Completion {
	out := &Completion{Outcomes: c.steps[uint16(s.Number)], Offset: c.out.Offset, Guessed: c.out.Guessed}
	if out.Outcomes == nil {
		out.Outcomes = make(map[string]int64)
	}
	out.sum(func(yield func(joined) bool) {
		for _, r := range c.rows {
			if int(r.step) != s.Number {
				continue
			}
			r.intended, r.sent, r.done = r.intended-s.Start, r.sent-s.Start, r.done-s.Start
			if r.at != 0 {
				r.at = max(r.at-int64(s.Start), 1)
			}
			if !yield(r) {
				return
			}
		}
	})
	return out
}

// place turns the moments of completions into moments since the run's start.
func (c *Completer) place(started time.Time, offset *time.Duration) {
	out, origin := &c.out, c.of.zero(started).UnixNano()
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
	for i := range c.rows {
		r := &c.rows[i]
		if r.at == 0 {
			continue
		}
		at := time.Duration(r.at-origin) + out.Offset
		if r.at = int64(max(at, 1)); at < r.sent-earlyBy {
			r.at, r.early = 0, true
		}
	}
}

// sum fills in what some rows come to.
func (c *Completion) sum(rows iter.Seq[joined]) {
	var whole distribution
	var kinds [capture.KindCount]distribution
	var parts [capture.KindCount]CompletionKind
	end := time.Duration(0)
	for r := range rows {
		end = max(end, r.done, r.intended, time.Duration(r.at))
		p := &parts[r.kind]
		if r.early {
			c.Early++
		}
		if r.at == 0 {
			p.Never++
			continue
		}
		p.Joined++
		if r.failed {
			p.Failed++
		}
		whole.add(time.Duration(r.at) - r.intended)
		kinds[r.kind].add(time.Duration(r.at) - r.intended)
	}
	c.Latency, c.whole = whole.quantiles(), &whole
	c.Kinds = make(map[string]CompletionKind)
	for _, k := range capture.Kinds() {
		p := parts[k]
		if p.Joined+p.Never > 0 {
			p.Latency, p.whole = kinds[k].quantiles(), &kinds[k]
			c.Kinds[k.String()] = p
			c.Joined, c.Never, c.Failed = c.Joined+p.Joined, c.Never+p.Never, c.Failed+p.Failed
		}
	}
	c.course(rows, end)
	c.Spike = c.spike()
}

// course fills in the windows.
func (c *Completion) course(rows iter.Seq[joined], end time.Duration) {
	width := time.Duration(firstWidth)
	for end/width >= replay.MaxWindows {
		width, _ = replay.Wider(width)
	}
	n := int(end/width) + 1
	enter, leave := make([]int64, n), make([]int64, n)
	hist := make([][capture.KindCount]*coarse, n)
	at := func(t time.Duration) int { return int(min(max(t, 0)/width, time.Duration(n-1))) }
	for r := range rows {
		enter[at(r.done)]++
		if r.at != 0 {
			leave[at(max(time.Duration(r.at), r.done))]++
			record(&hist[at(r.intended)][r.kind], time.Duration(r.at)-r.intended)
		}
	}
	backlog := int64(0)
	for i := range n {
		if backlog += enter[i] - leave[i]; backlog > c.Peak {
			c.Peak, c.PeakAt = backlog, time.Duration(i+1)*width
		}
		w := CompletionWindow{Start: time.Duration(i) * width, Width: width, Backlog: backlog, answered: enter[i], Kinds: make(map[string]time.Duration)}
		var all coarse
		for k, h := range hist[i] {
			if h != nil {
				all.add(h)
				w.Kinds[capture.Kind(k).String()] = h.percentile(95)
			}
		}
		w.P50, w.P95 = all.percentile(50), all.percentile(95)
		c.Windows = append(c.Windows, w)
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
	return &CompletedRun{Reader: r, of: of, origin: of.zero(run.Start()), offset: run.Summary.Completion.Offset, verdict: run.Summary.Verdict}
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
		if !ok || r.of.Failed(outcome) || done < res.Sent-earlyBy {
			res.Status, res.Error, res.Hash = 0, replay.ReasonTimeout, 0
			return nil
		}
		res.Done = max(done, res.Sent)
		return nil
	}
}

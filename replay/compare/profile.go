package compare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"reprise/replay/results"
)

// ProfileSchema names the version of a Profile's JSON; a baseline was called a profile once, and the file keeps the name.
const ProfileSchema = "reprise.profile/1"

const (
	// MinProfile is how many runs a baseline is made of at least.
	MinProfile = 3
	// mostProfile is how many are read from a file at most.
	mostProfile = 1000
	// profileMethod is a Method's name.
	profileMethod = "profile_moderated_t"
	// profileAge is how long a baseline is believed.
	profileAge = 30 * 24 * time.Hour
)

// Profile is a baseline: how several runs of one plan against one build came out, so that one run of another build can be held
// against them. Its JSON is meant to be reviewed and kept with the code: it holds counts, times and flags alone.
type Profile struct {
	Schema   string          `json:"schema"`
	Created  time.Time       `json:"created"`
	Corpus   string          `json:"corpus"`
	PlanHash string          `json:"plan_hash"`
	Tool     string          `json:"tool"`
	Target   string          `json:"target"`
	Engine   string          `json:"engine,omitempty"`
	Machine  results.Machine `json:"machine"`
	// Settings and Labels are those of its first run; nil in a file of before they were kept.
	Settings map[string]string `json:"settings,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	WarmUp   time.Duration     `json:"warm_up_ns"`
	// Steps are those of the shape of its runs, and their figures in each of Runs; none where there are not several.
	Steps []ProfileStep `json:"steps,omitempty"`
	Runs  []ProfileRun  `json:"runs"`
	// LeftOut are the runs that were given too and are no part of it.
	LeftOut []LeftOut `json:"left_out,omitempty"`
}

// ProfileRun is one run of a baseline.
type ProfileRun struct {
	Run     string    `json:"run"`
	Started time.Time `json:"started"`
	// Differs is how it was run otherwise than the first one.
	Differs []Difference `json:"differs,omitempty"`
	// Kinds holds each kind's, and "all".
	Kinds map[string]ProfileKind `json:"kinds"`
	// Steps are those of the shape, in order.
	Steps []ProfileKind `json:"steps,omitempty"`
}

// ProfileKind is one kind of one run. Times are nanoseconds.
type ProfileKind struct {
	Sent    int64            `json:"sent"`
	Failed  int64            `json:"failed"`
	Answers int64            `json:"answers"`
	P50     int64            `json:"p50_ns"`
	P90     int64            `json:"p90_ns"`
	P95     int64            `json:"p95_ns"`
	P99     int64            `json:"p99_ns"`
	Status  map[string]int64 `json:"status"`
}

// bad counts the answers that are neither 2xx nor 3xx.
func (k *ProfileKind) bad() (n int64) {
	for status, times := range k.Status {
		if status < "200" || status >= "400" {
			n += times
		}
	}
	return min(n, k.Answers)
}

func (r *run) profile(first results.Header) ProfileRun {
	out := ProfileRun{Run: r.side.Header.Run, Started: r.side.Header.Started, Kinds: make(map[string]ProfileKind)}
	for _, d := range differences(first, r.side.Header) {
		out.Differs = append(out.Differs, d.Difference)
	}
	for k := range r.kinds {
		if m := &r.kinds[k]; m.sent > 0 {
			out.Kinds[kindName(k)] = m.profile()
		}
	}
	for i := range r.steps {
		out.Steps = append(out.Steps, r.steps[i].profile())
	}
	return out
}

func (m *measured) profile() ProfileKind {
	return ProfileKind{
		Sent: m.sent, Failed: m.failed, Answers: m.answers, P50: m.at[0], P90: m.at[1], P95: m.at[2], P99: m.at[3], Status: m.status,
	}
}

// measured is what the run said of a kind or a step.
func (k *ProfileKind) measured() measured {
	at := [len4]int64{k.P50, k.P90, k.P95, k.P99}
	return measured{
		answers: k.Answers, at: at, least: at, sent: min(k.Sent, math.MaxUint32), failed: min(k.Failed, math.MaxUint32), status: k.Status, bad: k.bad(),
	}
}

// ErrProfile says that a file is no baseline, or one that makes no sense.
var ErrProfile = errors.New("compare: not a baseline")

// Write writes a baseline's JSON, to be kept with the code.
func (p *Profile) Write(w io.Writer) error { return writeIndented(w, p) }

// writeIndented writes JSON that people compare line by line.
func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(v)
}

// ReadProfile reads a baseline's JSON.
func ReadProfile(r io.Reader) (*Profile, error) {
	d := json.NewDecoder(io.LimitReader(r, 64<<20))
	d.DisallowUnknownFields()
	var p Profile
	err := d.Decode(&p)
	if _, more := d.Token(); err != nil || more != io.EOF {
		return nil, fmt.Errorf("%w: its JSON does not fit the schema %s", ErrProfile, ProfileSchema)
	}
	switch {
	case p.Schema != ProfileSchema:
		return nil, fmt.Errorf("%w: its schema is not %s", ErrProfile, ProfileSchema)
	case len(p.Runs) < MinProfile:
		return nil, fmt.Errorf("%w: it holds %d runs of %d", ErrProfile, len(p.Runs), MinProfile)
	case len(p.Runs) > mostProfile:
		return nil, fmt.Errorf("%w: it holds %d runs, and %d are the most", ErrProfile, len(p.Runs), mostProfile)
	case p.WarmUp < 0:
		return nil, fmt.Errorf("%w: its warm-up is less than nothing", ErrProfile)
	case !p.stepsPossible():
		return nil, fmt.Errorf("%w: its steps are not those of its runs, or a count or a time of them is out of range", ErrProfile)
	}
	for i, r := range p.Runs {
		if r.Kinds[kindName(allKinds)].Sent == 0 {
			return nil, fmt.Errorf("%w: run %d holds no request", ErrProfile, i+1)
		}
		for name, k := range r.Kinds {
			if !k.possible() {
				return nil, fmt.Errorf("%w: run %d, kind %q: a count or a time is out of range", ErrProfile, i+1, shorten(name))
			}
		}
	}
	return &p, nil
}

// possible says whether the numbers can be those of a run.
func (k *ProfileKind) possible() bool {
	return min(k.Sent, k.Failed, k.Answers, k.P50) >= 0 && k.Sent <= math.MaxUint32 && max(k.Failed, k.Answers) <= k.Sent &&
		slices.IsSorted([]int64{k.P50, k.P90, k.P95, k.P99})
}

func shorten(name string) string { return name[:min(len(name), 32)] }

// Judge holds one run against the baseline.
func (p *Profile) Judge(ctx context.Context, candidate Source, opt Options, now time.Time) (*Comparison, error) {
	opt.WarmUp = p.WarmUp
	l, err := load(ctx, candidate, named(opt.CandidateName, "candidate"), "", 0)
	if err != nil {
		return nil, err
	}
	if len(p.Runs) < MinProfile {
		return p.tooFew(l.side, opt), nil
	}
	l.rows = warm(l.rows, p.WarmUp)
	shaped := p.shapeOf(l.plan)
	m, err := measure(ctx, l, &shaped)
	if err != nil {
		return nil, err
	}
	b := &manyRuns{base: p.baselineRuns(), cand: []*run{m}, design: against, level: oneLook(), steps: shaped.named()}
	out := &Comparison{
		Schema: Schema, Candidate: l.side, Base: p.side(opt),
		Caveat:      fmt.Sprintf("One run against a baseline of %d: a change counts beyond 5 %% and 1 ms (p99: 10 %% and 5 ms), or 0.1 percentage points of errors.", len(p.Runs)),
		NewStatuses: newStatuses(b.base, b.cand),
	}
	out.LeftOut = p.LeftOut
	for i := range p.Runs {
		if id := p.Runs[i].Run; id != "" && id == l.side.Header.Run {
			out.Minds = append(out.Minds, Reason{What: "in_baseline", Run: l.side.Name, Text: fmt.Sprintf(
				"%s is run %d of the baseline itself: it is held against what it was counted into, which hides a part of what differs.", l.side.Name, i+1)})
		}
	}
	out.Minds = append(out.Minds, p.withoutSteps(l.plan)...)
	out.Minds = append(out.Minds, missing(&out.Candidate)...)
	out.doubt(&out.Candidate)
	known := p.known(l.side.Header)
	out.Setup, out.Differences = Changed(known, l.side.Header), append(differences(known, l.side.Header), p.between()...)
	out.Invalid = p.gates(out, func(k int) int64 { return m.kinds[k].sent }, now)
	out.Join = Join{Base: b.base[0].kinds[allKinds].sent, Candidate: m.kinds[allKinds].sent, Share: 1}
	out.Method = (&Rounds{opt: opt, base: b.base}).method(oneLook())
	out.Method.Name = profileMethod
	b.lagged = out.faults.bounded()
	b.judge(out, [kinds + 1]Matrix{}, b.counts())
	out.conclude()
	return out, nil
}

// counts are the failures of the candidate beside those of a typical base run, also by step.
func (b *manyRuns) counts() (out [kinds + 1]failures) {
	for k := range out {
		out[k] = b.count(k)
	}
	for i := range b.steps {
		b.pairs = append(b.pairs, stepPairs{failed: b.count(stepRow(i))})
	}
	return out
}

func (b *manyRuns) count(k int) failures {
	base := int64(0)
	for _, r := range b.base {
		base += r.of(k).failed
	}
	c := b.cand[0].of(k)
	return failures{pairs: uint32(c.sent), base: uint32(base / int64(len(b.base))), candidate: uint32(c.failed)}
}

func (p *Profile) side(opt Options) Side {
	h := p.header()
	h.Run = p.Runs[0].Run
	return Side{Name: named(opt.BaseName, "baseline"), Header: h}
}

func (p *Profile) header() results.Header {
	return results.Header{Tool: p.Tool, Started: p.Created, Corpus: p.Corpus, PlanHash: p.PlanHash, Machine: p.Machine, Target: p.Target, Engine: p.Engine, Settings: p.Settings, Labels: p.Labels}
}

// gates says why the baseline does not speak of this run.
func (p *Profile) gates(c *Comparison, sent func(kind int) int64, now time.Time) []Reason {
	list := []Reason{}
	h := c.Candidate.Header
	if t := c.Candidate.Summary.Ledger.Tally; t.OK+t.Failed+t.Shed == 0 {
		list = append(list, Reason{What: "empty", Run: c.Candidate.Name, Text: c.Candidate.Name + " holds no request that was played."})
		return list
	}
	if list = append(list, headerLost(&c.Candidate)...); len(list) > 0 {
		return list
	}
	list = append(list, samePlan(c, nil, nil)...)
	if len(list) == 0 {
		list = append(list, p.lacks(sent)...)
	}
	list = append(list, cutShort(&c.Candidate)...)
	list = append(list, p.broken(c.Base.Name)...)
	switch {
	case h.Machine != p.Machine:
		list = append(list, Reason{What: "machine", Text: "the baseline was made on another kind of machine, or with another Go: make it again."})
	case minor(h.Tool) != minor(p.Tool):
		list = append(list, Reason{What: "tool", Text: "the baseline was made by another version of the tool: make it again."})
	case now.Sub(p.Created) > profileAge:
		list = append(list, Reason{What: "age", Text: "the baseline is more than 30 days old: make it again."})
	}
	return list
}

// broken says that nearly nothing of the baseline's runs was answered well.
func (p *Profile) broken(name string) []Reason {
	var failed, sent int64
	for i := range p.Runs {
		k := p.Runs[i].Kinds[kindName(allKinds)]
		failed, sent = failed+k.Failed, sent+k.Sent
	}
	return isBroken(name, failed, sent)
}

// lacks says of which kinds the run has less than the baseline's runs, which played the same plan.
func (p *Profile) lacks(sent func(kind int) int64) []Reason {
	for k := range kinds + 1 {
		k = (k + kinds) % (kinds + 1) // all of them first
		least := int64(math.MaxInt64)
		for i := range p.Runs {
			least = min(least, p.Runs[i].Kinds[kindName(k)].Sent)
		}
		if n := sent(k); float64(n) < MinShare*float64(least) {
			return []Reason{{What: "requests", Text: fmt.Sprintf("the run has %d requests (%s), and each run of the baseline at least %d; at least 99.5 %% of them must be there.", n, kindName(k), least)}}
		}
	}
	return nil
}

// minor cuts a version after its second number: "v1.4.2" and "v1.4.9" are the same tool to a baseline.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// baselineRuns are the baseline's runs as they were measured.
func (p *Profile) baselineRuns() []*run {
	var list []*run
	for _, r := range p.Runs {
		m := new(run)
		for k := range m.kinds {
			v, ok := r.Kinds[kindName(k)]
			if !ok {
				continue
			}
			m.kinds[k] = v.measured()
		}
		for i := range r.Steps {
			m.steps = append(m.steps, r.Steps[i].measured())
		}
		list = append(list, m)
	}
	return list
}

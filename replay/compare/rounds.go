package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay/results"
)

// The floors over rounds: less than this is not called a change.
const (
	// RoundsFloorChange is the relative floor of p50, p90 and p95, and RoundsFloorLatency the absolute one; a change must be
	// beyond both. Those of p99 are RoundsFloorTail and RoundsFloorTailLatency.
	RoundsFloorChange      = 0.05
	RoundsFloorLatency     = time.Millisecond
	RoundsFloorTail        = 0.10
	RoundsFloorTailLatency = 5 * time.Millisecond
	// RoundsFloorErrors is that of the share of failed requests: 0.1 percentage point.
	RoundsFloorErrors = 0.001
	// Level is the share of false findings among findings that is accepted.
	Level = 0.05
	// MinRounds is how many rounds there must be for anything to be called a change.
	MinRounds = 2
	// Coarse is the smallest effect beyond which a quantile is shown but can be called neither equivalent nor undecided:
	// the runs vary too much to see less.
	Coarse = 0.25
	// MinNewStatus is how many answers with a status that no base run had are a finding.
	MinNewStatus = 3
)

// Round is one pair of runs of several.
type Round struct {
	Base      RoundSide `json:"base"`
	Candidate RoundSide `json:"candidate"`
	// Spoiled says what was left out of both; nil where that was not looked for.
	Spoiled *Spoiled `json:"spoiled,omitempty"`
}

// RoundSide is one run of a round, without what is the same in all.
type RoundSide struct {
	Run      string            `json:"run"`
	Started  time.Time         `json:"started"`
	Faithful bool              `json:"faithful"`
	Sent     int64             `json:"sent"`
	Failed   int64             `json:"failed"`
	Latency  results.Quantiles `json:"latency"`
}

// NewStatus is an HTTP status that candidates answered and no base did.
type NewStatus struct {
	Kind   string `json:"kind"`
	Status string `json:"status"`
	// Answers counts them, and Rounds the rounds in which they came.
	Answers int64 `json:"answers"`
	Rounds  int   `json:"rounds"`
}

// Rounds compares several pairs of runs of one plan, played in turn. What differs from round to round is how runs vary,
// which no single pair can show, and a change counts only where it stands out from that. Memory is that of three runs.
//
// The method: for each kind and quantile the logarithm of candidate over base, round by round; a t test against the floor
// whose variance is moderated by that of the other kinds; Benjamini and Hochberg's bound over all of them.
type Rounds struct {
	opt   Options
	base  []*run
	cand  []*run
	rows  [kinds + 1]Matrix
	pairs []Join
	// shape is that of all runs, and steps its joined pairs.
	shape shape
	steps []stepPairs
	// spoiled is what was left out of each pair.
	spoiled []*Spoiled
	// failed counts the joined pairs' failures by kind.
	failed  [kinds + 1]failures
	invalid []Reason
	doubts  Comparison // its Doubts and faults alone
	setup   []Difference
	unlike  []RunDifference
	// differ is how candidates' answers differ from base's, noise how those of one base run differ from the next.
	differ, noise *answerDiff
	before        *loaded // the last base run, of which keys and hashes are left
	levels        []level // those of the looks that were planned; none where there is one look alone
}

// NewRounds returns a comparison without a round yet.
func NewRounds(opt Options) *Rounds {
	return &Rounds{opt: opt, invalid: []Reason{}, unlike: []RunDifference{}, levels: opt.Looks.levels()}
}

// Add reads one round: two runs that were played one right after the other.
func (s *Rounds) Add(ctx context.Context, base, candidate Source) error {
	n := len(s.base) + 1
	b, err := load(ctx, base, numbered(s.opt.BaseName, "base", n), "", 0)
	if err != nil {
		return err
	}
	c, err := load(ctx, candidate, numbered(s.opt.CandidateName, "candidate", n), "", len(b.rows))
	if err != nil {
		return err
	}
	b.rows, c.rows = warm(b.rows, s.opt.WarmUp), warm(c.rows, s.opt.WarmUp)
	s.spoiled = append(s.spoiled, leaveOut(b, c))
	whole := cut{length: math.MaxInt64, n: 1}
	s.shape.add(b.plan)
	s.shape.add(c.plan)
	s.steps = addPairs(s.steps, s.shape.join(b.rows, c.rows))
	s.differ = s.differ.next(b, c)
	joined := join(b.rows, c.rows, whole, s.differ)
	if s.before != nil {
		s.noise = s.noise.next(s.before, b)
		join(s.before.rows, b.rows, whole, s.noise)
	}
	s.before = b
	pair := Comparison{Base: b.side, Candidate: c.side, Join: joined.Join, All: Kind{Status: joined.matrix[allKinds]}}
	s.invalid = append(s.invalid, gates(&pair, b.plan, c.plan)...)
	s.doubts.doubt(&b.side, &c.side)
	s.invalid = append(append(s.invalid, repeated(s.base, &b.side)...), repeated(s.cand, &c.side)...)
	s.unlike = append(s.unlike, s.differences(b.side.Header, c.side.Header)...)
	if n == 1 {
		s.setup = Changed(b.side.Header, c.side.Header)
	} else {
		s.invalid = append(s.invalid, samePlan(&Comparison{Base: s.base[0].side, Candidate: b.side}, nil, nil)...)
	}
	measuredBase, err := measure(ctx, b, &s.shape)
	if err != nil {
		return err
	}
	measuredCand, err := measure(ctx, c, &s.shape)
	if err != nil {
		return err
	}
	s.base, s.cand, s.pairs = append(s.base, measuredBase), append(s.cand, measuredCand), append(s.pairs, joined.Join)
	for k := range joined.matrix {
		s.rows[k].add(&joined.matrix[k])
		s.failed[k].plus(joined.failed[k][0], 1)
	}
	return nil
}

// repeated says that a run was given before: a run tells nothing of how runs vary when it is counted twice.
func repeated(before []*run, s *Side) (list []Reason) {
	for _, r := range before {
		if id := r.side.Header.Run; id != "" && id == s.Header.Run {
			list = append(list, Reason{What: "repeated", Run: s.Name, Text: fmt.Sprintf("%s is a run that was given before, %s.", s.Name, r.side.Name)})
		}
	}
	return list
}

func numbered(name, role string, n int) string {
	if name == "" {
		name = role
	}
	return fmt.Sprintf("%s, round %d", name, n)
}

// Comparison judges the rounds that were added, of which there must be one at least. It may be called after every round from
// Looks.First on, where looks are planned, and is given no more rounds than are.
func (s *Rounds) Comparison() (*Comparison, error) {
	if len(s.base) == 0 {
		return nil, errors.New("compare: no round was added")
	}
	level, err := s.level()
	if err != nil {
		return nil, err
	}
	out := &Comparison{
		Schema: Schema, Caveat: fmt.Sprintf("Judged over %s: a change counts beyond 5 %% and 1 ms (p99: 10 %% and 5 ms), or 0.1 percentage points of errors.", countRounds(len(s.base))),
		Base: s.base[0].side, Candidate: s.cand[0].side, Setup: s.setup, Differences: s.unlike, Doubts: s.doubts.Doubts, faults: s.doubts.faults, Invalid: s.invalid,
		Method: s.method(level), NewStatuses: newStatuses(s.base, s.cand), Answers: s.differ.answers(s.noise, s.opt.Noise),
	}
	out.Base.Name, out.Candidate.Name = named(s.opt.BaseName, "base"), named(s.opt.CandidateName, "candidate")
	for i := range s.base[1:] { // what is lost of any is lost of the comparison
		out.Base.Damage = append(slices.Clip(out.Base.Damage), s.base[i+1].side.Damage...)
		out.Candidate.Damage = append(slices.Clip(out.Candidate.Damage), s.cand[i+1].side.Damage...)
	}
	if t := out.Base.Header.Target; s.opt.InTurn && t != "" && t == out.Candidate.Header.Target {
		out.Minds = append(out.Minds, Reason{What: "one_target", Text: "base and candidate are one target: what differs between them is chance, and nothing is said of another build."})
	}
	for i := range s.base {
		out.Minds = append(out.Minds, missing(&s.base[i].side, &s.cand[i].side)...)
	}
	s.join(out)
	s.list(out)
	b := &manyRuns{base: s.base, cand: s.cand, design: inRounds, level: level, lagged: out.faults.bounded(), steps: s.shape.named(), pairs: s.steps}
	b.judge(out, s.rows, s.failed)
	for _, n := range out.NewStatuses {
		out.foundNew = out.foundNew || n.Rounds >= MinRounds && n.Status >= "400" && len(s.base) >= MinRounds
	}
	out.conclude()
	return out, nil
}

func named(name, role string) string {
	if name == "" {
		return role
	}
	return name
}

// level is what may be spent on the rounds that were added.
func (s *Rounds) level() (level, error) {
	plan, n := s.opt.Looks, len(s.base)
	switch {
	case plan == (Looks{}):
		return oneLook(), nil
	case n < plan.First || n > plan.Most:
		return level{}, fmt.Errorf("compare: %d rounds are judged, planned were %d to %d", n, plan.First, plan.Most)
	case n < plan.first(): // nothing can be found
		return level{}, nil
	}
	return s.levels[n-plan.first()], nil
}

func (s *Rounds) method(l level) Method {
	m := Method{
		Name: "rounds_moderated_t", Rounds: len(s.base), WarmUp: s.opt.WarmUp, PriorFreedom: priorFreedom, Level: Level,
		FloorChange: RoundsFloorChange, FloorLatency: RoundsFloorLatency, FloorTail: RoundsFloorTail, FloorTailLatency: RoundsFloorTailLatency,
		FloorErrors: RoundsFloorErrors, MinRequests: MinRequests, MinPairs: minErrorPairs, MinFailures: MinFailures,
	}
	if s.opt.Looks != (Looks{}) {
		m.Level = LevelOfLooks
		m.Looks = &LooksUsed{Look: l.look, Of: len(s.levels), MostRounds: s.opt.Looks.Most, Level: l.change, Spent: l.spent, Same: l.same}
	}
	return m
}

// join sums up how the rows of all rounds found each other.
func (s *Rounds) join(out *Comparison) {
	j := &out.Join
	j.Share = 1
	for _, p := range s.pairs {
		j.Base, j.Candidate, j.Pairs = j.Base+p.Base, j.Candidate+p.Candidate, j.Pairs+p.Pairs
		j.Apart, j.Changed, j.StatusChanged, j.Share = j.Apart+p.Apart, j.Changed+p.Changed, j.StatusChanged+p.StatusChanged, min(j.Share, p.Share)
	}
}

func (s *Rounds) list(out *Comparison) {
	for i := range s.base {
		out.Rounds = append(out.Rounds, Round{Base: s.base[i].round(), Candidate: s.cand[i].round(), Spoiled: s.spoiled[i]})
	}
}

func (r *run) round() RoundSide {
	m := &r.kinds[allKinds]
	return RoundSide{
		Run: r.side.Header.Run, Started: r.side.Header.Started, Faithful: r.side.Summary.Verdict.Faithful,
		Sent: m.sent, Failed: m.failed, Latency: r.side.Summary.Latency,
	}
}

// countRounds is a number of rounds in words.
func countRounds(n int) string {
	if n == 1 {
		return "1 round"
	}
	return fmt.Sprintf("%d rounds", n)
}

// newStatuses lists what candidates answered and no base did, by kind and status.
func newStatuses(base, cand []*run) []NewStatus {
	var list []NewStatus
	for _, k := range capture.Kinds() {
		known, found := make(map[string]bool), make(map[string]*NewStatus)
		for _, r := range base {
			for code := range r.kinds[k].status {
				known[code] = true
			}
		}
		for _, r := range cand {
			for code, n := range r.kinds[k].status {
				if known[code] {
					continue
				}
				if found[code] == nil {
					found[code] = &NewStatus{Kind: k.String(), Status: code}
				}
				found[code].Answers += n
				found[code].Rounds++
			}
		}
		for _, code := range slices.Sorted(maps.Keys(found)) {
			if found[code].Answers >= MinNewStatus {
				list = append(list, *found[code])
			}
		}
	}
	return list
}

// add sums two matrices.
func (m *Matrix) add(o *Matrix) {
	for b := range m {
		for c := range m[b] {
			m[b][c] += o[b][c]
		}
	}
}

// kindName is the kind's name, or "all".
func kindName(k int) string {
	if k == allKinds {
		return "all"
	}
	return capture.Kind(k).String()
}

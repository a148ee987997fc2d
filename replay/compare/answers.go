package compare

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"

	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay/internal/answers"
)

// MaxBodies is how many different bodies of a run's answers there are to compare at most.
const MaxBodies = answers.MaxShapes

const (
	// maxFindings and maxSamples bound what is listed of the answers' differences.
	maxFindings = 200
	maxSamples  = 20
	// maxPairsOfShapes bounds how many pairs of bodies are remembered, of which each is compared once.
	maxPairsOfShapes = 1 << 16
	// answerFloor is by how much more often than between two runs of one build a path must differ: 1 percentage point.
	answerFloor = 0.01
	// minAnswers is how many pairs must differ at a path.
	minAnswers = 3
)

// Answers says how the bodies of joined answers differ.
type Answers struct {
	// Pairs counts joined pairs with two answers to compare, Same those with equal bodies, Differ those that differ, and Unknown
	// those of which one body was not kept, so that only its hash is known to differ.
	Pairs   int64 `json:"pairs"`
	Same    int64 `json:"same"`
	Differ  int64 `json:"differ"`
	Unknown int64 `json:"unknown"`
	// OtherStatus counts the pairs that are left out as one answer is an error and the other is not, or is another class of
	// error: an error's page says nothing of what the other would have been. They are in the status matrix.
	OtherStatus int64 `json:"other_status"`
	// Findings are by kind and path, those that count first; never nil.
	Findings []AnswerFinding `json:"findings"`
}

// Changed says whether any finding counts.
func (a *Answers) Changed() bool {
	return a != nil && slices.ContainsFunc(a.Findings, func(f AnswerFinding) bool { return f.Verdict == AnswerChanged })
}

// AnswerFinding is one path at which the answers of one kind of message differ.
type AnswerFinding struct {
	Kind string `json:"kind"`
	Path string `json:"path"`
	// What is "added", "removed", "type", "value", "noise" or "form" (answers.Difference).
	What      string        `json:"what"`
	Base      answers.Class `json:"base"`
	Candidate answers.Class `json:"candidate"`
	// Pairs of all the Of pairs of this kind that are known differ so; NoisePairs of NoiseOf did between two base runs.
	Pairs      int64         `json:"pairs"`
	Of         int64         `json:"of"`
	NoisePairs int64         `json:"noise_pairs"`
	NoiseOf    int64         `json:"noise_of"`
	Verdict    AnswerVerdict `json:"verdict"`
	// Samples are some of the requests, SEQ.COPY.
	Samples []string `json:"samples"`
}

// AnswerVerdict says whether a difference counts.
type AnswerVerdict string

// The verdicts of findings.
const (
	AnswerChanged AnswerVerdict = "changed"
	AnswerNoise   AnswerVerdict = "noise"   // by its nature, or as often between two runs of one build
	AnswerIgnored AnswerVerdict = "ignored" // by the noise file
	AnswerSeldom  AnswerVerdict = "seldom"  // too few to say
)

// place is where a difference is.
type place struct {
	kind            int
	path, what      string
	base, candidate answers.Class
}

// tally counts a difference.
type tally struct {
	pairs   int64
	samples []uint64
}

// answerDiff counts how the answers of pairs of rows differ. A nil one counts nothing.
type answerDiff struct {
	a, b   map[uint32]*answers.Shape
	known  [kinds]int64 // pairs of each kind whose bodies are known
	sum    Answers
	places map[place]*tally
	cache  map[[2]uint32][]answers.Difference
}

func newAnswerDiff(a, b *loaded) *answerDiff { return (*answerDiff)(nil).next(a, b) }

// next goes on counting with two other runs.
func (d *answerDiff) next(a, b *loaded) *answerDiff {
	if d == nil {
		d = &answerDiff{places: make(map[place]*tally)}
	}
	d.a, d.b, d.cache = a.shapes, b.shapes, make(map[[2]uint32][]answers.Difference)
	return d
}

func (d *answerDiff) pair(a, b row) {
	if d == nil || !a.answered() || !b.answered() {
		return
	}
	if x, y := a.outcome, b.outcome; x != y && !(x.OK() && y.OK()) {
		d.sum.OtherStatus++
		return
	}
	d.sum.Pairs++
	k := int(a.kind)
	if a.hash == b.hash {
		d.sum.Same++
		d.known[k]++
		return
	}
	list, ok := d.differences(a.hash, b.hash)
	if !ok {
		d.sum.Unknown++
		return
	}
	d.known[k]++
	if len(list) == 0 { // spacing alone
		d.sum.Same++
		return
	}
	d.sum.Differ++
	for _, x := range list {
		at := place{k, x.Path, x.What, x.Base, x.Candidate}
		t := d.places[at]
		if t == nil {
			if len(d.places) >= 100*maxFindings {
				continue
			}
			t = new(tally)
			d.places[at] = t
		}
		if t.pairs++; len(t.samples) < maxSamples {
			t.samples = append(t.samples, a.key)
		}
	}
}

// nothing is the shape of an empty body, which is not kept.
var nothing = &answers.Shape{Form: "text"}

func (d *answerDiff) differences(a, b uint32) (list []answers.Difference, ok bool) {
	x, y := shapeOf(d.a, a), shapeOf(d.b, b)
	if x == nil || y == nil {
		return nil, false
	}
	key := [2]uint32{a, b}
	if list, ok := d.cache[key]; ok {
		return list, true
	}
	list = answers.Differ(x, y)
	if len(d.cache) < maxPairsOfShapes {
		d.cache[key] = list
	}
	return list, true
}

func shapeOf(known map[uint32]*answers.Shape, hash uint32) *answers.Shape {
	if hash == 0 {
		return nothing
	}
	return known[hash]
}

// answers judges what was counted, against what two base runs differ by where that is known.
func (d *answerDiff) answers(noise *answerDiff, rules *Noise) *Answers {
	if d == nil || d.sum.Pairs+d.sum.OtherStatus == 0 {
		return nil
	}
	out := d.sum
	out.Findings = []AnswerFinding{}
	for at, t := range d.places {
		f := AnswerFinding{
			Kind: capture.Kind(at.kind).String(), Path: at.path, What: at.what, Base: at.base, Candidate: at.candidate,
			Pairs: t.pairs, Of: d.known[at.kind],
		}
		if noise != nil {
			f.NoiseOf = noise.known[at.kind]
			f.NoisePairs = noise.at(at)
		}
		f.Verdict = f.judge(rules)
		for _, key := range t.samples {
			f.Samples = append(f.Samples, wire.Mark(wire.SplitKey(key)))
		}
		out.Findings = append(out.Findings, f)
	}
	slices.SortFunc(out.Findings, func(a, b AnswerFinding) int {
		return cmp.Or(cmp.Compare(rankOf(a.Verdict), rankOf(b.Verdict)), -cmp.Compare(a.Pairs, b.Pairs), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.What, b.What), cmp.Compare(a.Base, b.Base), cmp.Compare(a.Candidate, b.Candidate))
	})
	out.Findings = out.Findings[:min(len(out.Findings), maxFindings)]
	return &out
}

func rankOf(v AnswerVerdict) int {
	return slices.Index([]AnswerVerdict{AnswerChanged, AnswerSeldom, AnswerNoise, AnswerIgnored}, v)
}

// at is how often two base runs differ at a path in any way.
func (d *answerDiff) at(p place) (n int64) {
	for at, t := range d.places {
		if at.kind == p.kind && at.path == p.path {
			n += t.pairs
		}
	}
	return n
}

func (f *AnswerFinding) judge(rules *Noise) AnswerVerdict {
	rule, k, n := rules.of(f.Kind, f.Path)
	if rule == "ignore" {
		return AnswerIgnored
	}
	strict := rule == "strict"
	if f.What == "noise" && !strict && !f.countedAlike() {
		return AnswerNoise
	}
	if f.NoiseOf == 0 && rule == "learned" {
		f.NoisePairs, f.NoiseOf = k, n
	}
	switch {
	case strict:
		return AnswerChanged
	case f.NoiseOf > 0 && f.NoisePairs > 0:
		high := wilson(float64(min(f.NoisePairs, f.NoiseOf)), float64(f.NoiseOf), z95).High
		if float64(f.Pairs)/float64(max(f.Of, 1)) <= high+answerFloor {
			return AnswerNoise
		}
	}
	if f.Pairs < minAnswers {
		return AnswerSeldom
	}
	return AnswerChanged
}

// countedAlike says that a field whose name alone makes it an id's was the same in all answers of two runs of one build: then
// it is no id that follows from the run, such as a template's, and another value is a change.
func (f *AnswerFinding) countedAlike() bool {
	return f.Base == answers.Number && f.NoiseOf >= MinRequests && f.NoisePairs == 0
}

// NoiseSchema names the version of a noise file.
const NoiseSchema = "reprise.noise/1"

// Noise is a file that says which paths of answers differ between two runs of one build. It is meant to be reviewed and
// kept with the code.
type Noise struct {
	Schema string      `json:"schema"`
	Paths  []NoisePath `json:"paths"`
}

// NoisePath is one rule. The first that fits a path counts.
type NoisePath struct {
	// Kind is a kind's name; empty fits all. Path is a glob in which * stands for one step (path.Match).
	Kind string `json:"kind,omitempty"`
	Path string `json:"path"`
	// Rule is "learned" (Differ of Pairs did, between two runs of one build), "ignore" or "strict".
	Rule   string `json:"rule"`
	Differ int64  `json:"differ,omitempty"`
	Pairs  int64  `json:"pairs,omitempty"`
}

// ErrNoise says that a file is no noise file, or one that makes no sense.
var ErrNoise = errors.New("compare: not a noise file")

// ReadNoise reads a noise file.
func ReadNoise(r io.Reader) (*Noise, error) {
	d := json.NewDecoder(io.LimitReader(r, 16<<20))
	d.DisallowUnknownFields()
	var n Noise
	if err := d.Decode(&n); err != nil || n.Schema != NoiseSchema {
		return nil, fmt.Errorf("%w: its JSON does not fit the schema %s", ErrNoise, NoiseSchema)
	}
	for i, p := range n.Paths {
		if _, err := path.Match(p.Path, ""); err != nil {
			return nil, fmt.Errorf("%w: path %d is no pattern", ErrNoise, i+1)
		}
		if !slices.Contains([]string{"learned", "ignore", "strict"}, p.Rule) {
			return nil, fmt.Errorf("%w: rule %d is none of learned, ignore, strict", ErrNoise, i+1)
		}
		if _, err := capture.ParseKind(p.Kind); p.Kind != "" && err != nil {
			return nil, fmt.Errorf("%w: kind %d is no kind", ErrNoise, i+1)
		}
		if p.Differ < 0 || p.Pairs < p.Differ {
			return nil, fmt.Errorf("%w: the counts of path %d make no sense", ErrNoise, i+1)
		}
	}
	return &n, nil
}

// of returns the rule for a path; empty where there is none.
func (n *Noise) of(kind, at string) (rule string, differ, pairs int64) {
	if n == nil {
		return "", 0, 0
	}
	for _, p := range n.Paths {
		if fits, _ := path.Match(p.Path, at); (p.Kind == "" || p.Kind == kind) && (fits || p.Path == at) {
			return p.Rule, p.Differ, p.Pairs
		}
	}
	return "", 0, 0
}

// Write writes a noise file.
func (n *Noise) Write(w io.Writer) error { return writeIndented(w, n) }

// Learn makes rules of what two runs of one build differ by. Rules that were there before and are no counts stay.
func (a *Answers) Learn(before *Noise) *Noise {
	out := &Noise{Schema: NoiseSchema, Paths: []NoisePath{}}
	if before != nil {
		for _, p := range before.Paths {
			if p.Rule != "learned" {
				out.Paths = append(out.Paths, p)
			}
		}
	}
	if a == nil {
		return out
	}
	sum := make(map[NoisePath]*NoisePath)
	for _, f := range a.Findings {
		at := NoisePath{Kind: f.Kind, Path: f.Path}
		if sum[at] == nil {
			sum[at] = &NoisePath{Kind: f.Kind, Path: f.Path, Rule: "learned", Pairs: f.Of}
		}
		sum[at].Differ = min(sum[at].Differ+f.Pairs, f.Of)
	}
	byName := func(a, b NoisePath) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path)) }
	for _, at := range slices.SortedFunc(maps.Keys(sum), byName) {
		out.Paths = append(out.Paths, *sum[at])
	}
	return out
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	gateRequests = 1200             // of a run, in four kinds alike, so that each kind has the 200 answers that its p50 takes
	gateRecorded = 30 * time.Second // how long they took in the corpus
)

// gateSpec is that corpus: the rate of each kind is the same all the time.
const gateSpec = `version: 1
curve:
  constant: {rate: 40/s, for: 30s}
mix: {help: 1, info: 1, unrecognized: 1, reaction: 1}
`

// contest is one part of the gate's figures: two targets, compared again and again.
type contest struct {
	name, about     string
	count           int
	rounds          int // of each comparison; 1: a pair of run files
	base, candidate []string
	busy            int // spinning processes beside it
	alone           string
	bounds          []bound
}

// bound is how many of a contest's comparisons may, or must, come to something.
type bound struct {
	what        string // a verdict; or "alone": regressed in contest.alone and in no other kind
	least, most float64
}

// Bounds are shares of the comparisons.
func none(what string) bound               { return bound{what, 0, 0} }
func atLeast(what string, s float64) bound { return bound{what, s, 1} }

func contests() []contest {
	sink := func(latency string, more ...string) []string { return append([]string{"--latency", latency}, more...) }
	return []contest{
		{
			name: "busy-unequal", about: "20 ms and 60 ms, beside two spinning processes", count: 100, rounds: 1, base: sink("20ms"), candidate: sink("60ms"), busy: 2,
			bounds: []bound{none("equivalent"), none("improved"), atLeast("regressed", 0.9)},
		},
		{
			name: "busy-equal", about: "20 ms both, beside two spinning processes", count: 100, rounds: 1, base: sink("20ms"), candidate: sink("20ms"), busy: 2,
			bounds: []bound{none("regressed"), none("improved")},
		},
		{
			name: "quiet-equal", about: "20 ms both", count: 50, rounds: 1, base: sink("20ms"), candidate: sink("20ms"),
			bounds: []bound{none("regressed"), none("improved")},
		},
		{
			name: "quiet-rounds", about: "20 ms both, 3 rounds", count: 20, rounds: 3, base: sink("20ms"), candidate: sink("20ms"),
			bounds: []bound{none("regressed"), none("improved")},
		},
		{
			name: "rounds-20", about: "20 ms and 24 ms, 3 rounds", count: 20, rounds: 3, base: sink("20ms"), candidate: sink("24ms"),
			bounds: []bound{atLeast("regressed", 1)},
		},
		{
			name: "one-kind", about: "20 ms and 20 ms with reactions 25 ms, 3 rounds", count: 10, rounds: 3, base: sink("20ms"), candidate: sink("20ms", "--latency-of", "reaction=25ms"),
			alone: "reaction", bounds: []bound{atLeast("regressed", 1), atLeast("alone", 1)},
		},
	}
}

// verdicts are those of compare, in the order in which they are printed, with the code that each ends with.
func verdicts() []string {
	return []string{"regressed", "invalid", "inconclusive", "equivalent", "improved"}
}

func exitOf(verdict string) int {
	switch verdict {
	case "regressed":
		return 3
	case "invalid":
		return 7
	}
	return 0
}

// decision is what one comparison came to.
type decision struct {
	Verdict   string `json:"verdict"`
	exit      int
	regressed []string // kinds
}

// parseDecision reads compare's JSON.
func parseDecision(text string, exit int) (decision, error) {
	var c struct {
		decision
		Kinds []struct {
			Name    string `json:"name"`
			Latency []struct {
				Verdict string `json:"verdict"`
			} `json:"latency"`
			Errors struct {
				Verdict string `json:"verdict"`
			} `json:"errors"`
		} `json:"kinds"`
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c.decision, fmt.Errorf("read the comparison: %w", err)
	}
	if !slices.Contains(verdicts(), c.Verdict) {
		return c.decision, fmt.Errorf("a verdict that is none: %q", c.Verdict)
	}
	for _, k := range c.Kinds {
		worse := k.Errors.Verdict == "regressed"
		for _, l := range k.Latency {
			worse = worse || l.Verdict == "regressed"
		}
		if worse {
			c.regressed = append(c.regressed, k.Name)
		}
	}
	c.exit = exit
	return c.decision, nil
}

// score counts the decisions of a contest.
type score struct {
	n     int
	count map[string]int // by verdict, and "alone"
	kinds map[string]int // how often each was regressed
	wrong []string       // codes that do not go with the verdict
}

func (s *score) add(d decision, alone string) {
	if s.count == nil {
		s.count, s.kinds = make(map[string]int), make(map[string]int)
	}
	s.n++
	s.count[d.Verdict]++
	for _, k := range d.regressed {
		s.kinds[k]++
	}
	if alone != "" && slices.Equal(d.regressed, []string{alone}) {
		s.count["alone"]++
	}
	if d.exit != exitOf(d.Verdict) {
		s.wrong = append(s.wrong, fmt.Sprintf("%s ended with %d, not %d", d.Verdict, d.exit, exitOf(d.Verdict)))
	}
}

// String says all the counts.
func (s *score) String() string {
	var parts []string
	for _, v := range verdicts() {
		parts = append(parts, fmt.Sprintf("%d %s", s.count[v], v))
	}
	text := strings.Join(parts, ", ")
	if len(s.kinds) > 0 {
		var kinds []string
		for _, k := range slices.SortedFunc(maps.Keys(s.kinds), func(a, b string) int { return cmp.Or(cmp.Compare(s.kinds[b], s.kinds[a]), cmp.Compare(a, b)) }) {
			kinds = append(kinds, fmt.Sprintf("%s %d", k, s.kinds[k]))
		}
		text += "; by kind: " + strings.Join(kinds, ", ")
	}
	return text
}

// check says which bounds do not hold.
func (s *score) check(c *contest) (err error) {
	for _, b := range c.bounds {
		got, n := s.count[b.what], float64(s.n)
		switch {
		case float64(got) > b.most*n:
			err = errors.Join(err, fmt.Errorf("%s: %d of %d %s, and %.0f may be", c.name, got, s.n, c.told(b), b.most*n))
		case float64(got) < b.least*n:
			err = errors.Join(err, fmt.Errorf("%s: %d of %d %s, and %.0f %% must be", c.name, got, s.n, c.told(b), b.least*100))
		}
	}
	if s.n == 0 {
		err = errors.Join(err, fmt.Errorf("%s: nothing was compared", c.name))
	}
	for _, w := range s.wrong {
		err = errors.Join(err, fmt.Errorf("%s: %s", c.name, w))
	}
	return err
}

func (c *contest) told(b bound) string {
	if b.what == "alone" {
		return c.alone + " alone"
	}
	return b.what
}

// surprises says whether a decision is one that a bound forbids, so that its rows are worth a look.
func (c *contest) surprises(d decision) bool {
	return slices.ContainsFunc(c.bounds, func(b bound) bool {
		return b.most == 0 && d.Verdict == b.what || b.least == 1 && b.what == "regressed" && d.Verdict != b.what ||
			b.what == "alone" && !slices.Equal(d.regressed, []string{c.alone})
	})
}

// measureGate plays the gate's contests. Each is a part that -only names, so that what was broken off goes on where it was.
func measureGate(ctx context.Context, b *bench) error {
	corpus, err := b.gateCorpus(ctx)
	if err != nil {
		return err
	}
	length := choose(b.asked.length == 0, 2500*time.Millisecond, b.asked.length)
	b.title("The gate", fmt.Sprintf("Runs of %d requests in four kinds, %.1f s each (%.0f/s), at reprise sink; compared as a user would.",
		gateRequests, length.Seconds(), gateRequests/length.Seconds()))
	t := table{head: []string{"part", "targets", "comparisons", "verdicts", "as it must be", "took", "others"}}
	defer func() { fmt.Fprint(b.out, "\n"+t.String()) }()
	var failed error
	begun := time.Now()
	for _, c := range contests() {
		if !b.wants(c.name) {
			continue
		}
		if c.count = choose(b.asked.reps == 0, choose(b.short, 2, c.count), b.asked.reps); c.count < 1 {
			return errors.New("-reps must be at least 1")
		}
		others, err := busyShare(ctx, time.Second)
		if err != nil {
			return errors.Join(failed, err)
		}
		from := time.Now()
		s, err := b.contest(ctx, &c, corpus, float64(gateRecorded)/float64(length))
		if err != nil {
			return errors.Join(failed, fmt.Errorf("%s: %w", c.name, err))
		}
		wrong := s.check(&c)
		failed = errors.Join(failed, wrong)
		took := time.Since(from).Round(time.Second)
		fmt.Fprintf(b.out, "%s: %d comparisons: %s (%v; others used %.0f %% of the processors just before)\n", c.name, s.n, &s, took, others*100)
		t.add(c.name, c.about, strconv.Itoa(s.n), s.String(), choose(wrong == nil, "yes", "**no**"), took.String(), fmt.Sprintf("%.0f %%", others*100))
	}
	if len(t.rows) == 0 {
		return errors.New("-only names no part of gate")
	}
	fmt.Fprintf(b.out, "In all %v.\n", time.Since(begun).Round(time.Second))
	return failed
}

func (b *bench) gateCorpus(ctx context.Context) (string, error) {
	spec, corpus := b.path("gate.yaml"), b.path("gate.rpz")
	if err := os.WriteFile(spec, []byte(gateSpec), 0o600); err != nil {
		return "", err
	}
	return corpus, b.must(ctx, b.reprise, "fixtures", "synth", "--spec", spec, "-o", corpus, "--quiet")
}

// contest compares two fresh sinks so many times.
func (b *bench) contest(ctx context.Context, c *contest, corpus string, scale float64) (s score, err error) {
	var stops []func() error
	defer func() {
		for _, stop := range stops {
			err = errors.Join(err, stop())
		}
	}()
	var urls []string
	for _, flags := range [][]string{c.base, c.candidate} {
		url, stop, err := b.sink(ctx, flags...)
		if err != nil {
			return s, err
		}
		urls, stops = append(urls, url), append(stops, stop)
	}
	for range c.busy {
		burn, err := serve(ctx, anyCPU, "burn", "1", "0")
		if err != nil {
			return s, err
		}
		stops = append(stops, func() error { _, err := burn.stop(); return err })
	}
	m := match{b: b, corpus: corpus, urls: urls, scale: strconv.FormatFloat(scale, 'f', -1, 64)}
	for i := range c.count {
		d, err := m.play(ctx, c, i)
		if err != nil {
			return s, err
		}
		s.add(d, c.alone)
		b.say("%s %d/%d: %s %s", c.name, i+1, c.count, d.Verdict, strings.Join(d.regressed, " "))
		if c.surprises(d) {
			m.explain(ctx, c, i)
		}
	}
	return s, nil
}

// match is what all comparisons of a contest share.
type match struct {
	b      *bench
	corpus string
	urls   []string // base, candidate
	scale  string
}

// files are the run files of one comparison, base first of each round.
func (m *match) files(c *contest, i int) (names []string) {
	for r := range c.rounds {
		for _, role := range []string{"base", "candidate"} {
			names = append(names, m.b.path(fmt.Sprintf("%s-%d/round%d-%s.rpr", c.name, i+1, r+1, role)))
		}
	}
	return names
}

// play plays one comparison and lets go of its run files, unless they tell of something that must not be.
func (m *match) play(ctx context.Context, c *contest, i int) (d decision, err error) {
	folder := m.b.path(fmt.Sprintf("%s-%d", c.name, i+1))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return d, err
	}
	argv := []string{m.b.reprise, "compare", m.corpus, "--base", m.urls[0], "--candidate", m.urls[1], "--rounds", strconv.Itoa(c.rounds), "--time-scale", m.scale, "--keep-runs", folder, "--json"}
	if c.rounds == 1 {
		if err := m.pair(ctx, c, i); err != nil {
			return d, err
		}
		argv = append([]string{m.b.reprise, "compare", "--json"}, m.files(c, i)...)
	}
	u, err := do(ctx, job{argv: argv, cpu: anyCPU})
	if err != nil {
		return d, err
	}
	if d, err = parseDecision(u.out, u.exit); err != nil {
		return d, fmt.Errorf("%w: %s", err, u.complaint())
	}
	if m.b.keep || c.surprises(d) {
		return d, nil
	}
	return d, os.RemoveAll(folder)
}

// pair plays both targets once, in turn the one and the other first.
func (m *match) pair(ctx context.Context, c *contest, i int) error {
	files := m.files(c, i)
	for k := range files {
		k = (k + i) % 2
		if err := m.b.must(ctx, m.b.reprise, "replay", m.corpus, "--target", m.urls[k], "--time-scale", m.scale, "-o", files[k], "--quiet"); err != nil {
			return err
		}
	}
	return nil
}

// explain shows the rows of a comparison that came to something else than it must.
func (m *match) explain(ctx context.Context, c *contest, i int) {
	u, err := do(ctx, job{argv: append([]string{m.b.reprise, "compare", "--fail-on", "none"}, m.files(c, i)...), cpu: anyCPU})
	if err == nil {
		m.b.say("%s %d:\n%s", c.name, i+1, u.out)
	}
}

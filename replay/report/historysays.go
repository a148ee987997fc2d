package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// runName names a run of a history by its place: "run 25".
func runName(i int) string { return fmt.Sprintf("run %d", i+1) }

// changeSays says a change point: which figures, how much and which way, and what changed with it.
func changeSays(h *compare.History, c *compare.ChangePoint) []string {
	var out []string
	for _, g := range changeGroups(h, c.Series, c.Tracks) {
		out = append(out, ofPlan(h, c.Series)+g.says(fmt.Sprintf("from %s on", runName(c.Run)))+".")
	}
	return slices.Concat(out, []string{ownerSays(h, c)}, nearSays(h, c), newCauses(h, c))
}

// nearSays says where the change may have begun as well, and what beside labels changed there.
func nearSays(h *compare.History, c *compare.ChangePoint) []string {
	if len(c.Near) == 0 {
		return nil
	}
	text := fmt.Sprintf("It may as well have begun at %s%s.", wording.Choose(len(c.Near), "", "one of "), rangesOf(c.Near))
	for _, run := range c.Near {
		if things := thingsOf(slices.DeleteFunc(slices.Clone(h.Runs[run].Changed), isLabel)); len(things) > 0 {
			text += fmt.Sprintf(" At %s %s changed.", runName(run), listed(things))
		}
	}
	return []string{text}
}

// newCauses says which causes came with a change: those of at least half of the runs from it on, and of none before it.
func newCauses(h *compare.History, c *compare.ChangePoint) []string {
	before, after := segments(h, c)
	old, runs := causesOf(h, before), causesOf(h, after)
	var list []string
	for _, key := range slices.SortedFunc(maps.Keys(runs), func(a, b causeKey) int { return cmp.Or(cmp.Compare(a.whose, b.whose), cmp.Compare(a.name, b.name)) }) {
		if old[key] == 0 && 2*runs[key] >= len(after) {
			list = append(list, key.name+", "+whoseWords(key.whose)+",")
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Why requests were slow has changed with it: %s %s not there before.", listed(list), wording.Choose(len(list), "was", "were"))}
}

// segments are the runs before a change point, from the one before it on, and those from it on, up to the next.
func segments(h *compare.History, c *compare.ChangePoint) (before, after []int) {
	from, to := 0, len(h.Runs)
	for _, o := range h.Changes {
		if o.Series == c.Series && o.Run < c.Run {
			from = max(from, o.Run)
		}
		if o.Series == c.Series && o.Run > c.Run {
			to = min(to, o.Run)
		}
	}
	for _, i := range h.Series[c.Series].Runs {
		if from <= i && i < c.Run {
			before = append(before, i)
		} else if c.Run <= i && i < to {
			after = append(after, i)
		}
	}
	return before, after
}

// ownerSays says what changed at a change point: one thing is who it may be of, of several nobody knows which.
func ownerSays(h *compare.History, c *compare.ChangePoint) string {
	things := thingsOf(c.Changed)
	since := "since " + runName(c.Before)
	switch len(things) {
	case 0:
		return capital(fmt.Sprintf("nothing that the run files tell of changed %s.", since))
	case 1:
		return fmt.Sprintf("1 thing changed %s: %s.", since, things[0])
	}
	return fmt.Sprintf("%d things changed %s: the %s has no owner. They are %s.", len(things), since, directionOf(c.Tracks), listed(things))
}

// directionOf names a change by its direction.
func directionOf(list []compare.TrackChange) string {
	better := slices.ContainsFunc(list, func(t compare.TrackChange) bool { return t.Change < 0 })
	worse := slices.ContainsFunc(list, func(t compare.TrackChange) bool { return t.Change > 0 })
	switch {
	case better && !worse:
		return "gain"
	case worse && !better:
		return "loss"
	}
	return "change"
}

// isLabel says whether a difference is one of labels.
func isLabel(d compare.Difference) bool { return strings.HasPrefix(d.Name, "label ") }

// thingsOf words differences. Labels say together what the run was of: that is one thing.
func thingsOf(list []compare.Difference) (things []string) {
	var labels []string
	for _, d := range list {
		if isLabel(d) {
			labels = append(labels, differenceSays(d))
		} else {
			things = append(things, differenceSays(d))
		}
	}
	if len(labels) > 0 {
		things = append([]string{strings.Join(labels, " with ")}, things...)
	}
	return things
}

// differenceSays words one difference: "--time-scale (1 to 2)".
func differenceSays(d compare.Difference) string {
	name := strings.TrimPrefix(nameOf(&compare.RunDifference{Difference: d}), "label ")
	before, after := shortValue(d.Base), shortValue(d.Candidate)
	switch {
	case d.Name == "corpus" || d.Name == "plan":
		return "another " + name
	case before == "":
		return fmt.Sprintf("%s (now %s)", name, after)
	case after == "":
		return fmt.Sprintf("%s (was %s)", name, before)
	}
	return fmt.Sprintf("%s (%s to %s)", name, before, after)
}

// shortValue has a hash by its first digits, and of a long value its beginning.
func shortValue(s string) string {
	return cutText(hash.ReplaceAllStringFunc(s, func(h string) string { return h[:min(len(h), 12)] }), 48)
}

// cutText keeps the beginning of a long text.
func cutText(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// changeGroup is what changed alike: some metrics of the same kinds, in one direction.
type changeGroup struct {
	metrics []string
	kinds   []string
	who     string // names them
	every   bool   // every kind that has figures
	steps   bool   // kinds are steps
	changes []compare.TrackChange
}

// changeGroups puts together what changed alike, what says most first: the more kinds, the earlier; then the steps of a shape, where not every one
// changed as kinds did.
func changeGroups(h *compare.History, series int, tracks []compare.TrackChange) []changeGroup {
	groups := groupsOf(h, series, tracks, false)
	for _, g := range groupsOf(h, series, tracks, true) {
		known := slices.ContainsFunc(groups, func(o changeGroup) bool { return !o.steps && o.way() == g.way() })
		if !g.every || !known {
			groups = append(groups, g)
		}
	}
	return groups
}

// groupsOf are those of kinds, or of steps.
func groupsOf(h *compare.History, series int, tracks []compare.TrackChange, steps bool) []changeGroup {
	var groups []changeGroup
	for _, metric := range []string{compare.MetricP50, compare.MetricP90, compare.MetricP99, compare.MetricErrors} {
		for _, worse := range []bool{true, false} {
			g := changeGroup{metrics: []string{metric}, steps: steps}
			for _, t := range tracks {
				if t.Metric == metric && (t.Change > 0) == worse && (t.Step > 0) == steps {
					g.changes = append(g.changes, t)
				}
			}
			if len(g.changes) == 0 {
				continue
			}
			g.kinds, g.who, g.every = whoOfGroup(h, series, metric, &g)
			if !g.every && !slices.Contains(g.kinds, allName) {
				g.changes = slices.DeleteFunc(g.changes, func(t compare.TrackChange) bool { return t.Kind == allName })
			}
			groups = joinGroup(groups, g)
		}
	}
	slices.SortStableFunc(groups, func(a, b changeGroup) int { return cmp.Compare(b.weight(), a.weight()) })
	return groups
}

// noun is what a group is of.
func (g *changeGroup) noun() string {
	if g.steps {
		return "step"
	}
	return "kind"
}

// weight is how much a group says.
func (g *changeGroup) weight() int {
	if g.every {
		return 1 << 20
	}
	return len(g.kinds)
}

// largest is the largest change of a group, whichever way it is.
func (g *changeGroup) largest() (most float64) {
	for _, t := range g.changes {
		most = max(most, math.Abs(t.Change))
	}
	return most
}

// joinGroup adds a group to one of the same kinds and direction that is not much larger or smaller, where there is one; failures stay by
// themselves.
func joinGroup(groups []changeGroup, g changeGroup) []changeGroup {
	for i := range groups {
		o := &groups[i]
		alike := o.who == g.who && slices.Equal(o.kinds, g.kinds)
		if !alike || g.errors() || o.errors() || (o.changes[0].Change > 0) != (g.changes[0].Change > 0) || o.largest() > 2*g.largest() || g.largest() > 2*o.largest() {
			continue
		}
		o.metrics, o.changes = append(o.metrics, g.metrics...), append(o.changes, g.changes...)
		return groups
	}
	return append(groups, g)
}

func (g *changeGroup) errors() bool { return g.metrics[0] == compare.MetricErrors }

// whoOfGroup names those that changed, in the order in which people read them, and says whether they are every kind that has figures.
func whoOfGroup(h *compare.History, series int, metric string, g *changeGroup) (names []string, who string, every bool) {
	changed := make(map[string]bool)
	for _, t := range g.changes {
		changed[t.Kind] = true
	}
	var kinds []string
	occur, known := 0, 0
	for i := range h.Series[series].Tracks {
		t := &h.Series[series].Tracks[i]
		if t.Metric != metric || t.Kind == allName || (t.Step > 0) != g.steps {
			continue
		}
		occur++
		if slices.ContainsFunc(t.Values, func(v float64) bool { return !math.IsNaN(v) }) {
			known++
		}
		if changed[t.Kind] {
			kinds = append(kinds, t.Kind)
		}
	}
	n := len(kinds)
	names = kinds
	switch {
	case n == 0:
		return []string{allName}, "all kinds together", occur == 0
	case n == occur && n == 1:
		return kinds, kinds[0], true
	case n == occur:
		return kinds, "every " + g.noun(), true
	case n == 1 && known == occur:
		return kinds, kinds[0] + " alone", false
	case n == known && n > 1:
		who, every = fmt.Sprintf("%d of %d %ss, all that have enough answers", n, occur, g.noun()), true
	case n > mostNamed:
		who = fmt.Sprintf("%d of %d %ss", n, occur, g.noun())
	default:
		who = listed(kinds)
	}
	if changed[allName] && !every && known < occur { // else all follows from those kinds
		names, who = append([]string{allName}, kinds...), "all kinds together and of "+who
	}
	return names, who, every
}

const (
	// allName is the kind of tracks of all requests.
	allName = "all"
	// mostNamed is how many kinds are named: more are counted.
	mostNamed = 3
)

// says is what changed as a clause; when says where.
func (g *changeGroup) says(when string) string {
	return fmt.Sprintf("%s of %s: %s, %s, %s (%s)", listed(g.metrics), g.who, g.size(), g.way(), when, g.levels())
}

// way says which way it is.
func (g *changeGroup) way() string {
	switch worse := g.changes[0].Change > 0; {
	case g.errors() && worse:
		return "more failures"
	case g.errors():
		return "fewer failures"
	case worse:
		return "slower"
	}
	return "faster"
}

// size is the range of the changes.
func (g *changeGroup) size() string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, t := range g.changes {
		low, high = min(low, t.Change), max(high, t.Change)
	}
	unit := "%"
	if g.errors() {
		unit = "points"
	}
	a, b := fmt.Sprintf("%+.1f", low*100), fmt.Sprintf("%+.1f", high*100)
	if math.Abs(low) > math.Abs(high) {
		a, b = b, a
	}
	if a == b {
		return a + " " + unit
	}
	return a + " to " + b + " " + unit
}

// levels are the figures before and after, of all where they changed and else of the kind that changed most.
func (g *changeGroup) levels() string {
	t := g.changes[0]
	for _, c := range g.changes {
		if c.Metric == g.metrics[0] && (c.Kind == "all" || t.Metric != c.Metric) {
			t = c
		}
	}
	text := figure(t.Metric, t.Before) + " to " + figure(t.Metric, t.After)
	if len(g.metrics) > 1 {
		text = t.Metric + " " + text
	}
	if t.Kind != "all" && (g.every || len(g.kinds) > 1) {
		text = t.Kind + ": " + text
	}
	return text
}

// figure writes a value of a track; a dash where there is none.
func figure(metric string, v float64) string {
	switch {
	case math.IsNaN(v):
		return dash
	case metric == compare.MetricErrors:
		return wording.Percent(v)
	}
	return wording.Duration(time.Duration(v))
}

// seriesSays says what cannot be told of the runs of one plan, and what may be about to change.
func seriesSays(h *compare.History, series int) (out []string) {
	s := &h.Series[series]
	say := func(format string, args ...any) { out = append(out, ofPlan(h, series)+fmt.Sprintf(format, args...)) }
	switch {
	case s.Short && len(s.Runs) == 1 && len(h.Runs) > 1:
		say("A change takes several runs before it and after it: one run counts here. With %s a change can be told.", moreRuns(s.More))
	case s.Short && len(s.Runs) == 1:
		say("A change takes several runs before it and after it: this is the first run. With %s a change can be told.", moreRuns(s.More))
	case s.Short:
		say("%s are too few to tell a change: with %s it can be told.", wording.Count(len(s.Runs), "run"), moreRuns(s.More))
	case s.NoLatency:
		say("No latency is compared: a p50 takes 20 answers of a run, in three of four runs.")
	case s.Latest != nil || s.Earliest != nil: // how large a step is seen is known of runs of one level
	case s.Sees > 0 && !slices.ContainsFunc(h.Changes, func(c compare.ChangePoint) bool { return c.Series == series }):
		say("A change of %.1f %% in the middle of these %s would have been found in four of five such histories.", s.Sees*100, wording.Count(len(s.Runs), "run"))
	}
	if l := s.Latest; l != nil {
		for _, g := range changeGroups(h, series, l.Tracks) {
			say("%s. That may be a single spike: %s.", g.says("in the last runs, from "+runName(l.Run)+" on"), decides(l.More))
		}
	}
	if e := s.Earliest; e != nil {
		for _, g := range changeGroups(h, series, e.Tracks) {
			say("%s. Those first runs may be the end of another level: %s. Add earlier runs, or begin the list at %s.",
				g.says("behind "+runName(e.Run)), wording.CountOf(e.More, "more run before them decides", "more runs before them decide"), runName(e.Run+1))
		}
	}
	return out
}

func moreRuns(n int) string { return wording.Count(n, "more run") }

func decides(n int) string { return wording.CountOf(n, "more run decides", "more runs decide") }

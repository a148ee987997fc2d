package compare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// HistorySchema names the version of a History's JSON.
const HistorySchema = "reprise.history/1"

// History is a sequence of runs in the order in which they were played, and the runs at which their figures changed for good. Its JSON is
// part of the contract with users, and holds no figure that is not a number. See [HistoryOf].
type History struct {
	Schema string `json:"schema"`
	// Runs are in the order in which they began; never nil.
	Runs []HistoryRun `json:"runs"`
	// Reordered says that the runs were given in another order.
	Reordered bool `json:"reordered,omitempty"`
	// Repeated lists what was given and is no row, as the same run was given before.
	Repeated []Reason `json:"repeated,omitempty"`
	// Series hold what is compared: one for each plan that was played, in order of their first runs; never nil.
	Series []Series `json:"series"`
	// Changes are in the order of their runs; never nil.
	Changes []ChangePoint `json:"changes"`
	Method  HistoryMethod `json:"method"`
}

// HistoryRun is one run of a history.
type HistoryRun struct {
	// Name says which run it is to people, such as the name of its file.
	Name string `json:"name"`
	// Header is the run's own, without its plan.
	Header  results.Header   `json:"header"`
	Summary results.Summary  `json:"summary"`
	State   replay.EndState  `json:"state"` // empty for a run that died before its end
	Damage  []results.Damage `json:"damage,omitempty"`
	// Faithful is the summary's verdict.
	Faithful bool `json:"faithful"`
	// Lagged says that the run is not faithful, but by lag alone and by so little that its p50 counts: of its figures count those of which
	// lag is at most MostLag.
	Lagged bool `json:"lagged,omitempty"`
	// Excluded says why the run is part of no series: by the tool's own fault it is not faithful, it was cut short, it is empty, or it is not
	// known what it played. Empty, never nil, where it is part of one.
	Excluded []Reason `json:"excluded"`
	// Series is the index of the run's series, -1 where it is part of none.
	Series int `json:"series"`
	// Anew says that the run played another plan than the run before it and why; nil where it did not.
	Anew *Reason `json:"anew,omitempty"`
	// Changed lists what was not the same as in the run before it: flags, target, build, machine, labels; never nil.
	Changed []Difference `json:"changed"`
	// Why says why requests of it were slow; nil where that was not looked for. Package report has its JSON, as causes.
	Why *cause.Report `json:"-"`
}

// Series are the runs of one plan. Figures of two plans are never compared.
type Series struct {
	// Runs are indexes of History.Runs, in order.
	Runs []int `json:"runs"`
	// Tracks have a value for each of Runs.
	Tracks []Track `json:"tracks"`
	// Steps are the levels of each step of a shape; none where there are not several.
	Steps []StepLevel `json:"steps,omitempty"`
	// Short says that there are too few runs for a change to be told, and More how many more it takes.
	Short bool `json:"short,omitempty"`
	More  int  `json:"more,omitempty"`
	// NoLatency says that no quantile of latency is looked at: too few runs have the answers that it takes.
	NoLatency bool `json:"no_latency,omitempty"`
	// Sees is the smallest change of latency, as a share, that would be found in four of five such histories were it in the middle of the runs;
	// 0 where that is not known.
	Sees float64 `json:"sees,omitempty"`
	// Latest is what stands out in the last runs, of which too few were played to tell a step from a spike; nil where nothing does.
	Latest *Latest `json:"latest,omitempty"`
	// Earliest is what stands out in the first runs, of which too few were given: its Run is the last of them.
	Earliest *Latest `json:"earliest,omitempty"`
}

// ChangePoint is a run from which on figures were others, up to the next change point or the last run.
type ChangePoint struct {
	// Run is the index in History.Runs of the first run with the new figures.
	Run    int `json:"run"`
	Series int `json:"series"`
	// Before is the index of the last run of the series before it.
	Before int `json:"before"`
	// Near are indexes of other runs that may have been the first, too.
	Near []int `json:"near,omitempty"`
	// Tracks are those that changed, the largest change first.
	Tracks []TrackChange `json:"tracks"`
	// P is the probability of such a change, or of a larger one, anywhere in the history and in any track where nothing changes.
	P float64 `json:"p"`
	// Changed lists what was not the same in how the two runs were run; never nil. One entry is the one thing that is known to have changed,
	// which proves nothing; of several each may be the cause.
	Changed []Difference `json:"changed"`
}

// TrackChange is how one track changed.
type TrackChange struct {
	Kind string `json:"kind"`
	// Step is the number of the step that changed; 0 for a kind and for all.
	Step   int    `json:"step,omitempty"`
	Metric string `json:"metric"`
	// Before and After are the levels: the median of the runs that are no spikes in nanoseconds, or the share of their requests that failed.
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Change is relative to Before for latencies, and a difference of shares for failures; Interval is its interval of 95 %.
	Change   float64   `json:"change"`
	Interval *Interval `json:"interval,omitempty"`
	P        float64   `json:"p"`
}

// Latest is what stands out in the last runs of a series, or in its first.
type Latest struct {
	// Run is the index in History.Runs of the run at which it begins; of the first runs, of the last that stands out.
	Run    int           `json:"run"`
	Tracks []TrackChange `json:"tracks"`
	// More is how many more runs decide.
	More int `json:"more"`
}

// HistoryMethod is how change points were found: Matteson and James' E-divisive (2014, J. Am. Stat. Assoc. 109:334) of all tracks together.
type HistoryMethod struct {
	Name string `json:"name"`
	// Level is the probability of a change point where nothing changes, in all series and tracks together, and FurtherLevel that of one more
	// where there is one.
	Level        float64 `json:"level"`
	FurtherLevel float64 `json:"further_level"`
	// Permutations is how many random orders of the runs are looked at, at most.
	Permutations int `json:"permutations"`
	// MinRuns is how many runs a series needs, and MinSegment how many a level.
	MinRuns    int `json:"min_runs"`
	MinSegment int `json:"min_segment"`
	// FloorChange and FloorErrors are the least that is called a change.
	FloorChange float64 `json:"floor_change"`
	FloorErrors float64 `json:"floor_errors"`
	// Seed is made of the figures: the same runs are judged alike each time.
	Seed string `json:"seed"`
}

// HistoryRunOf is a run that was read, as a row of a history. It keeps none of the run's rows.
func HistoryRunOf(name string, run results.Run) HistoryRun {
	h := run.Header
	h.Plan = nil
	out := HistoryRun{Name: name, Header: h, Summary: run.Summary, Damage: run.Damage, Faithful: run.Summary.Verdict.Faithful}
	if run.Footer != nil {
		out.State = run.Footer.State
	}
	return out
}

// HistoryOf puts runs in order, compares each with the one before, and finds the runs at which their figures changed. The runs that it is
// given are not changed. Its result depends on them alone, to the last digit. Runs that cannot be compared are rows all the same, and say why.
func HistoryOf(ctx context.Context, runs []HistoryRun) (*History, error) {
	h := &History{Schema: HistorySchema, Runs: []HistoryRun{}, Series: []Series{}, Changes: []ChangePoint{}}
	h.take(runs)
	h.split()
	for i := range h.Series {
		h.Series[i].Tracks = tracksOf(h.Runs, h.Series[i].Runs)
	}
	if err := h.findChanges(ctx); err != nil {
		return h, err
	}
	for i := range h.Series {
		h.Series[i].Steps = h.stepLevels(i)
	}
	return h, nil
}

// take takes each run once, and puts them in the order in which they began.
func (h *History) take(runs []HistoryRun) {
	first := make(map[string]string)
	for _, r := range runs {
		if name, known := first[r.Header.Run]; known && r.Header.Run != "" {
			h.Repeated = append(h.Repeated, Reason{What: "repeated", Run: r.Name, Text: fmt.Sprintf("%s is a run that was given before, %s: it counts once.", r.Name, name)})
			continue
		}
		first[r.Header.Run] = r.Name
		h.Runs = append(h.Runs, r)
	}
	h.sort()
}

// sort orders runs by when they began. A run of which that is not known stays behind the one that it was given after.
func (h *History) sort() {
	began := make([]time.Time, len(h.Runs))
	order := make([]int, len(h.Runs))
	for i := range h.Runs {
		order[i], began[i] = i, h.Runs[i].Header.Started
		if began[i].IsZero() && i > 0 {
			began[i] = began[i-1]
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return began[i].Compare(began[j]) })
	h.Reordered = !slices.IsSorted(order)
	sorted := make([]HistoryRun, len(order))
	for to, from := range order {
		sorted[to] = h.Runs[from]
	}
	h.Runs = sorted
}

// split gives each run its series, and says what changed since the run before.
func (h *History) split() {
	of := make(map[string]int)
	var before *HistoryRun // the last of which it is known how it was run
	for i := range h.Runs {
		r := &h.Runs[i]
		r.Lagged = lagged(r)
		r.Excluded, r.Series, r.Anew, r.Changed = excluded(r), -1, nil, []Difference{}
		if r.Header.Rebuilt != results.FromNothing {
			if before != nil {
				r.Changed, r.Anew = changedSince(before.Header, r.Header), anew(before, r)
			}
			before = r
		}
		if len(r.Excluded) > 0 {
			continue
		}
		key := planKey(r.Header)
		n, known := of[key]
		if !known {
			n = len(h.Series)
			of[key] = n
			h.Series = append(h.Series, Series{Runs: []int{}, Tracks: []Track{}})
		}
		r.Series = n
		h.Series[n].Runs = append(h.Series[n].Runs, i)
	}
}

// planKey is the same for runs whose figures may be compared.
func planKey(h results.Header) string {
	key := h.Corpus + "\n" + h.PlanHash
	if h.PlanHash == "" { // played from a stream: the flags tell
		for _, name := range planFlags() {
			key += "\n" + name + "=" + h.Settings[name]
		}
	}
	return key
}

// anew says that two runs in a row played different plans; nil where they played one.
func anew(before, r *HistoryRun) *Reason {
	if planKey(before.Header) == planKey(r.Header) {
		return nil
	}
	if before.Header.Corpus != r.Header.Corpus {
		return &Reason{What: "corpus", Run: r.Name, Text: fmt.Sprintf("%s played another corpus than %s: the figures of the two are not compared.", r.Name, before.Name)}
	}
	return &Reason{What: "plan", Run: r.Name, Text: fmt.Sprintf("%s played another plan than %s: %s. The figures of the two are not compared.",
		r.Name, before.Name, planDiffers(before.Header, r.Header))}
}

// excluded says why a run is part of no series; never nil.
func excluded(r *HistoryRun) []Reason {
	side := &Side{Name: r.Name, Header: r.Header, Summary: r.Summary}
	list := append([]Reason{}, headerLost(side)...)
	if t := r.Summary.Ledger.Tally; t.OK+t.Failed+t.Shed == 0 {
		return append(list, Reason{What: "empty", Run: r.Name, Text: fmt.Sprintf("%s holds no request that was played.", r.Name)})
	}
	if r.State == "" {
		list = append(list, Reason{What: "cut_short", Run: r.Name, Text: fmt.Sprintf("%s has no end: what it measured is a part of the plan.", r.Name)})
	} else if r.State != replay.Complete {
		list = append(list, Reason{What: "cut_short", Run: r.Name, Text: fmt.Sprintf("%s ended before its plan did (%s).", r.Name, r.State)})
	}
	if r.Lagged {
		return list
	}
	return append(list, unfaithful(side)...)
}

// lagged says whether a run's tool fell short by lag alone, which bounds what a figure would have been, and by little.
func lagged(r *HistoryRun) bool {
	var f faults
	f.add(&Side{Summary: r.Summary})
	t := &r.Summary.Timing
	return f.bounded() && lagShare(float64(t.Latency.P50), float64(t.ServiceTime.P50), float64(t.Lag.P50)) <= MostLag
}

// byChange puts the largest change first.
func byChange(a, b TrackChange) int {
	size := func(t TrackChange) float64 { return max(t.Change, -t.Change) }
	return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Metric, b.Metric))
}

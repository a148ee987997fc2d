package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// historyWidth is how wide the table of runs may be, and historyCell a word in it.
const (
	historyWidth = 120
	historyCell  = 24
)

// historyColumn is a column of the table of runs.
type historyColumn struct {
	head string
	cell func(i int) string
}

// runsPart is the table of runs. What there is room for beside the figures is added, what tells most first.
func runsPart(h *compare.History) part {
	words := []historyColumn{
		{"run", func(i int) string { return strconv.Itoa(i+1) + changeMark(h, i) }},
		{"started", func(i int) string { return startedOf(&h.Runs[i], startedLayout(h)) }},
	}
	behind := []historyColumn{{"verdict", func(i int) string { return runVerdict(&h.Runs[i]) }}}
	numbers := figureColumns(h, allName, 0)
	width := widthOf(h, words) + widthOf(h, behind) + widthOf(h, numbers)
	for _, extra := range extraColumns(h) {
		w := widthOf(h, []historyColumn{extra})
		switch {
		case width+w > historyWidth:
			continue
		case extra.head == "why" || extra.head == "changed":
			behind = append(behind, extra)
		default:
			words = append(words, extra)
		}
		width += w
	}
	words = append(words, behind...)
	p := part{Title: "Runs", Notes: sameOfAll(h), Table: historyTable(h, words, numbers)}
	p.After = []string{"p50, p90, p99: latency of all requests with an answer. errors: the share that failed or was shed."}
	if slices.Contains(p.Table.Head, "changed") {
		p.After[0] += " changed: since the run before."
	}
	if slices.Contains(p.Table.Head, "why") && slices.ContainsFunc(h.Runs, func(r compare.HistoryRun) bool { return strings.Contains(causeCell(&r), allowedCause) }) {
		p.After[0] += " (allowed): the tool's own, within what is allowed of a faithful run."
	}
	if len(h.Changes) > 0 {
		p.After[0] += " *: a change begins."
	}
	return p
}

// changeMark marks the run from which on figures are others.
func changeMark(h *compare.History, run int) string {
	if slices.ContainsFunc(h.Changes, func(c compare.ChangePoint) bool { return c.Run == run }) {
		return "*"
	}
	return ""
}

// sameOfAll says what is the same of several runs, and so in no column.
func sameOfAll(h *compare.History) []string {
	var list []string
	same := func(name string, cell func(r *compare.HistoryRun) string) {
		if len(h.Runs) > 0 && valuesOf(h, cell) == 1 && cell(&h.Runs[0]) != "" {
			list = append(list, name+" "+cutText(cell(&h.Runs[0]), 48))
		}
	}
	same("target", func(r *compare.HistoryRun) string { return r.Header.Target })
	for _, key := range labelKeys(h) {
		if key != "commit" {
			same(key, func(r *compare.HistoryRun) string { return r.Header.Labels[key] })
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []string{wording.Choose(len(h.Runs), "", "all with ") + strings.Join(list, ", ")}
}

// extraColumns are the columns that a table has where there is room, what tells most first.
func extraColumns(h *compare.History) (list []historyColumn) {
	add := func(head string, cell func(r *compare.HistoryRun) string) {
		values := valuesOf(h, cell)
		own := slices.Contains([]string{"commit", "changed", "why", "file"}, head) // what is the same of all is said once, but for these
		if values > 1 || own && values == 1 && cell(&h.Runs[0]) != "" {
			list = append(list, historyColumn{head, func(i int) string { return orDash(cutText(printable(cell(&h.Runs[i])), historyCell)) }})
		}
	}
	keys := labelKeys(h)
	if slices.Contains(keys, "commit") {
		add("commit", func(r *compare.HistoryRun) string { return shortValue(r.Header.Labels["commit"]) })
	}
	if len(h.Series) > 1 {
		add("plan", func(r *compare.HistoryRun) string { return planLetter(h, r.Series) })
	}
	add("changed", changedCell)
	add("why", causeCell)
	add("file", func(r *compare.HistoryRun) string { return filepath.Base(r.Name) })
	add("target", func(r *compare.HistoryRun) string { return r.Header.Target })
	for _, key := range keys {
		if key != "commit" {
			add(key, func(r *compare.HistoryRun) string { return r.Header.Labels[key] })
		}
	}
	return list
}

// valuesOf counts the different values of runs.
func valuesOf(h *compare.History, cell func(r *compare.HistoryRun) string) int {
	values := make(map[string]bool)
	for i := range h.Runs {
		values[cell(&h.Runs[i])] = true
	}
	return len(values)
}

// startedLayout leaves out the time of day where the days tell runs apart, and seconds where minutes do.
func startedLayout(h *compare.History) string {
	const day, minute = "2006-01-02", "2006-01-02 15:04"
	for _, layout := range []string{day, minute} {
		known := 0
		for i := range h.Runs {
			if !h.Runs[i].Header.Started.IsZero() {
				known++
			}
		}
		values := valuesOf(h, func(r *compare.HistoryRun) string { return startedOf(r, layout) })
		if values >= known {
			return layout
		}
	}
	return minute + ":05"
}

// orDash has a dash in place of nothing.
func orDash(s string) string {
	if s == "" {
		return dash
	}
	return s
}

// labelKeys are the keys of all runs' labels: commit first, the others by name.
func labelKeys(h *compare.History) []string {
	keys := make(map[string]bool)
	for i := range h.Runs {
		for key := range h.Runs[i].Header.Labels {
			keys[key] = true
		}
	}
	list := slices.Sorted(maps.Keys(keys))
	if i := slices.Index(list, "commit"); i > 0 {
		list = slices.Insert(slices.Delete(list, i, i+1), 0, "commit")
	}
	return list
}

// figureColumns are the quantiles and failures of a kind, of all, or of a step whose number is above 0.
func figureColumns(h *compare.History, kind string, step int) (list []historyColumn) {
	for _, metric := range []string{compare.MetricP50, compare.MetricP90, compare.MetricP99, compare.MetricErrors} {
		list = append(list, historyColumn{metric, func(i int) string { return figure(metric, figureOf(&h.Runs[i], kind, step, metric)) }})
	}
	return list
}

// figureOf is what a run measured: nanoseconds, or the share of requests that failed or were shed; NaN where there is none.
func figureOf(r *compare.HistoryRun, kind string, step int, metric string) float64 {
	tally, timing, status := r.Part(kind, step)
	if metric == compare.MetricErrors {
		return failedShare(tally)
	}
	answers := int64(0)
	for _, n := range status {
		answers += n
	}
	if answers == 0 {
		return math.NaN()
	}
	l := timing.Latency
	return float64(map[string]int64{compare.MetricP50: int64(l.P50), compare.MetricP90: int64(l.P90), compare.MetricP99: int64(l.P99)}[metric])
}

func failedShare(t replay.Tally) float64 {
	if sent := t.OK + t.Failed + t.Shed; sent > 0 {
		return float64(t.Failed+t.Shed) / float64(sent)
	}
	return math.NaN()
}

// historyKinds are the kinds that any run has sent, in the order in which people read them.
func historyKinds(h *compare.History) []string {
	any := make(map[string]results.KindSummary)
	for i := range h.Runs {
		for kind, t := range h.Runs[i].Summary.Ledger.Kinds {
			if t.OK+t.Failed+t.Shed > 0 {
				any[kind] = results.KindSummary{}
			}
		}
	}
	return kindNames(any)
}

// kindPart are the figures of one kind, or of a step whose number is above 0, run by run.
func kindPart(h *compare.History, kind string, step int) part {
	words := []historyColumn{{"run", func(i int) string { return strconv.Itoa(i + 1) }}}
	numbers := []historyColumn{{"requests", func(i int) string {
		t, _, _ := h.Runs[i].Part(kind, step)
		return count(t.OK + t.Failed + t.Shed)
	}}}
	return part{Title: "Runs: " + kind, Detail: true, Table: historyTable(h, words, append(numbers, figureColumns(h, kind, step)...))}
}

// historyTable is a row a run.
func historyTable(h *compare.History, words, numbers []historyColumn) *table {
	t := &table{Left: len(words)}
	columns := append(slices.Clone(words), numbers...)
	for _, c := range columns {
		t.Head = append(t.Head, c.head)
	}
	for i := range h.Runs {
		var row []string
		for _, c := range columns {
			row = append(row, c.cell(i))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// widthOf is how wide columns are, with the blanks before each.
func widthOf(h *compare.History, columns []historyColumn) (width int) {
	for _, c := range columns {
		w := utf8.RuneCountInString(c.head)
		for i := range h.Runs {
			w = max(w, utf8.RuneCountInString(c.cell(i)))
		}
		width += w + 2
	}
	return width
}

func startedOf(r *compare.HistoryRun, layout string) string {
	if r.Header.Started.IsZero() {
		return dash
	}
	return r.Header.Started.UTC().Format(layout)
}

// runVerdict says in two words whether a run is one to judge by, and whose fault it is where it is not.
func runVerdict(r *compare.HistoryRun) string {
	if r.Lagged {
		return "not faithful: lag"
	}
	if !r.Faithful {
		var whose []string
		for _, l := range r.Summary.Verdict.Limits {
			if !slices.Contains(whose, string(l.Whose)) {
				whose = append(whose, string(l.Whose))
			}
		}
		return strings.TrimSuffix("not faithful: "+strings.Join(whose, ", "), ": ")
	}
	for _, reason := range r.Excluded {
		return strings.ReplaceAll(reason.What, "_", " ")
	}
	return "faithful"
}

// changedCell names what changed since the run before, but for labels, which stand in columns of their own: the target and the machine first,
// as the cell may be cut.
func changedCell(r *compare.HistoryRun) string {
	var names []string
	for _, d := range r.Changed {
		if !isLabel(d) {
			names = append(names, d.Name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(changedRank(a), changedRank(b)) })
	return strings.Join(names, ", ")
}

func changedRank(name string) int {
	switch name {
	case "target":
		return 0
	case "machine":
		return 1
	}
	return 2
}

// allowedCause stands behind a cause that is the tool's in a run that is faithful all the same.
const allowedCause = " (allowed)"

// causeCell names the cause of a run that explains most, and how many more there are.
func causeCell(r *compare.HistoryRun) string {
	if r.Why == nil || len(r.Why.Findings) == 0 {
		return ""
	}
	text := causeName(&r.Why.Findings[0])
	if r.Faithful && r.Why.Findings[0].Whose == cause.OfTool {
		text += allowedCause
	}
	if more := len(r.Why.Findings) - 1; more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}

// causeName is a cause in two words.
func causeName(f *cause.Finding) string { return strings.ReplaceAll(patternOf(f).code, "_", " ") }

// causeKey is a cause as it is told apart from run to run.
type causeKey struct {
	whose cause.Owner
	name  string
}

func keyOf(f *cause.Finding) causeKey { return causeKey{f.Whose, causeName(f)} }

// causesOf counts, of some runs, those that had a cause.
func causesOf(h *compare.History, runs []int) map[causeKey]int {
	counts := make(map[causeKey]int)
	for _, i := range runs {
		why, seen := h.Runs[i].Why, make(map[causeKey]bool)
		for k := 0; why != nil && k < len(why.Findings); k++ {
			if key := keyOf(&why.Findings[k]); !seen[key] {
				seen[key] = true
				counts[key]++
			}
		}
	}
	return counts
}

// runsWhyPart says why requests were slow: each cause once, with the runs that had it, in the words of the last of them.
func runsWhyPart(h *compare.History) []part {
	runs, says := make(map[causeKey][]int), make(map[causeKey]string)
	var order []causeKey
	for i := range h.Runs {
		why := h.Runs[i].Why
		for k := 0; why != nil && k < len(why.Findings); k++ {
			f := &why.Findings[k]
			key := keyOf(f)
			n := len(runs[key])
			if n == 0 {
				order = append(order, key)
			}
			if n == 0 || runs[key][n-1] != i { // the first of a run explains most
				runs[key], says[key] = append(runs[key], i), findingSays(f, why.Requests)
			}
		}
	}
	if len(order) == 0 {
		return nil
	}
	p := part{Title: "Why requests were slow"}
	for _, key := range order {
		text := fmt.Sprintf("%s, %s, in %s", key.name, whoseWords(key.whose), rangesOf(runs[key])) + allowedIn(h, key, runs[key])
		if len(runs[key]) > 1 {
			text += "; in the last of them"
		}
		p.Notes = append(p.Notes, text+": "+says[key])
	}
	return []part{p}
}

// allowedIn says in which of some runs a cause of the tool's is within what is allowed, as they are faithful.
func allowedIn(h *compare.History, key causeKey, runs []int) string {
	if key.whose != cause.OfTool {
		return ""
	}
	faithful := slices.DeleteFunc(slices.Clone(runs), func(i int) bool { return !h.Runs[i].Faithful })
	switch len(faithful) {
	case 0:
		return ""
	case len(runs):
		return " (within what is allowed)"
	}
	return fmt.Sprintf(" (within what is allowed in %s)", rangesOf(faithful))
}

// rangesOf writes places of runs: "runs 1 to 4 and 7".
func rangesOf(places []int) string {
	var parts []string
	const most = 8
	left := 0 // runs that are not listed
	for i := 0; i < len(places); {
		k := i
		for k+1 < len(places) && places[k+1] == places[k]+1 {
			k++
		}
		switch {
		case len(parts) == most:
			left += k + 1 - i
		case k == i:
			parts = append(parts, strconv.Itoa(places[i]+1))
		case k == i+1:
			parts = append(parts, strconv.Itoa(places[i]+1), strconv.Itoa(places[k]+1))
		default:
			parts = append(parts, fmt.Sprintf("%d to %d", places[i]+1, places[k]+1))
		}
		i = k + 1
	}
	if left > 0 {
		parts = append(parts, wording.Count(left, "more run"))
	}
	return wording.Choose(len(places), "run ", "runs ") + listed(parts)
}

package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// runDocument tells what one run did: whether it was faithful first and what of it was whose, then how much, how late,
// how slow.
func runDocument(r *results.Run, why *Why) *document {
	s := &r.Summary
	d := &document{Title: titleOf(r)}
	d.Verdict, d.Mood = verdictOf(s)
	stands := standsOut(s)
	d.Lead, d.More = append(append(repaired(r), capacityLead(s.Capacity)...), why.lead(stands.times > 0)...), why.more()
	d.Lead = append(d.Lead, fmt.Sprintf("%s requests in %s (planned %s%s), %s on average and %s in the busiest second.",
		count(s.Ledger.OK+s.Ledger.Failed), wording.Duration(s.Duration), wording.Duration(s.PlannedDuration), longer(s), rate(s.Rate.AchievedMean), rate(s.Rate.AchievedPeak)))
	d.Lead = append(d.Lead, lagLead(s)...)
	if n := s.Ledger.Failed; n > 0 {
		d.Lead = append(d.Lead, fmt.Sprintf("failed: %s requests (%s).", count(n), wording.Percent(failedPart(s))))
	}
	d.Lead = append(d.Lead, blame(s, why.told(stands))...)
	d.Lead = append(d.Lead, growthLead(s, runClock(r))...)
	d.Lead = append(d.Lead, course(r)...)
	d.Lead = append(d.Lead, watchedLead(r.Watched)...)
	d.Lead = append(d.Lead, completionLead(s.Completion)...)
	if r.Footer == nil {
		d.Lead = append(d.Lead, "The run file has no end: the run died, or the file is cut short.")
	}
	var end replay.Stats
	if r.Footer != nil {
		end = r.Footer.Stats
	}
	d.Course = RunCourse(r.Windows, end.Changes)
	d.Course.AddNotes(end.Notes)
	d.Course.addCompletion(s.Completion)
	d.Course.AddWatched(r.Watched, r.Windows)
	d.Course.Clock, d.Course.Peak, d.Course.Steps = runClock(r), peakOf(s, r.Windows, steered(r)), stepMarks(s.Steps)
	d.Course.grown(s)
	d.Course.number()
	d.Figures, d.Glance = runFigures(r, why), glance(r, why)
	d.Parts = append(d.Parts, runCurve(r, d.Course))
	d.Parts = append(d.Parts, capacityParts(s.Capacity)...)
	d.add(stepsPart(s, r.Header.Plan))
	d.Parts = append(d.Parts, why.brief()...)
	plots := append(timePlots(r.Windows), watchedParts(r)...)
	for i := range plots {
		plots[i].Plot.on(d.Course)
	}
	d.Parts = append(d.Parts, plots...)
	d.Parts = append(d.Parts, foldedAway(ledgerPart(s)))
	d.Parts = append(d.Parts, completionParts(s.Completion)...)
	d.Parts = append(d.Parts, foldedAway(timingPart(s)))
	d.add(foldedAway(answersPart(s)), kindCurvePart(r.Windows))
	d.add(notedParts(s)...).add(machinePart(r), setupPart(r))
	d.head("Curve", "Capacity", "Steps")
	return d
}

// titleOf names a run.
func titleOf(r *results.Run) string { return strings.TrimSpace("reprise run " + r.Header.Run) }

// verdictOf is the verdict of a run in a word or two, and how it is coloured.
func verdictOf(s *results.Summary) (word, mood string) {
	if s.Capacity != nil {
		return capacityWord(s.Capacity), capacityMood(s.Capacity)
	}
	word, mood = "faithful", "good"
	if !s.Verdict.Faithful {
		word, mood = "not faithful", "bad"
	}
	if share := failedPart(s); share >= tellFailed { // faithful is said of the tool, and may be taken for all being well
		word, mood = word+", "+wording.Percent(share)+" failed", "bad"
	}
	return word, mood
}

// failedPart is the share of the requests sent that failed.
func failedPart(s *results.Summary) float64 {
	return float64(s.Ledger.Failed) / float64(max(s.Ledger.OK+s.Ledger.Failed, 1))
}

// repaired tells what damage took from a run file that was repaired.
func repaired(r *results.Run) (out []string) {
	switch r.Header.Rebuilt {
	case results.FromNothing:
		out = append(out, "The header of this run was damaged: its corpus, plan, target and settings are not known.")
	case results.FromAnother:
		out = append(out, "The header of this run was damaged: its corpus, plan and settings are those of another run of the same plan; run, target and machine are not known.")
	}
	if text := corpusLost(r.Header.CorpusLost); text != "" {
		out = append(out, strings.ToUpper(text[:1])+text[1:]+": the run played the rest.")
	}
	for _, l := range missing(&r.Summary) {
		out = append(out, strings.ToUpper(l[:1])+l[1:]+".")
	}
	return out
}

// corpusLost says what damage had taken of the corpus; empty where that is nothing.
func corpusLost(l *results.CorpusLost) string {
	switch {
	case l == nil:
		return ""
	case l.Records <= 0:
		return "part of the corpus was damaged"
	case l.More:
		return wording.Count(l.Records, "record") + " or more of the corpus were lost to damage"
	case l.Records == 1:
		return "1 record of the corpus was lost to damage"
	}
	return wording.Count(l.Records, "record") + " of the corpus were lost to damage"
}

// missing says what damage took of a run file.
func missing(s *results.Summary) (out []string) {
	m := s.Missing
	if m == nil {
		return nil
	}
	switch {
	case m.Results > 0:
		out = append(out, fmt.Sprintf("%s of %s results are missing, as they were damaged: the ledger counts them, all other figures are of the rest", count(m.Results), count(m.Of)))
	case m.Unknown:
		out = append(out, "the run file is damaged, and it is not known how many results are missing: all figures are of the rest")
	}
	if m.Completions {
		out = append(out, "the completions in the run file are damaged and left out")
	}
	return out
}

// Partial says on what part of a run --expect is judged; empty where that is all of it.
func Partial(s *results.Summary) string { return strings.Join(missing(s), "; ") }

// tellFailed is the share of failed requests from which on the verdict tells it.
const tellFailed = 0.01

// tailStandsOut is how many times p50 p99 is from which on a summary never says that nothing is to be seen.
const tailStandsOut = 10

// tail is how much longer the slowest hundredth of requests took than the middle.
type tail struct {
	times float64 // 0 where that is not enough to speak of
	of    string  // " of service time" where that took longer, "" where latency did
}

// standsOut is by what, and by how much, the slowest hundredth stands out.
func standsOut(s *results.Summary) (t tail) {
	for _, by := range []struct {
		name string
		q    results.Quantiles
	}{{"", s.Latency}, {" of service time", s.ServiceTime}} {
		if by.q.P50 <= 0 || by.q.P99 < tailStandsOut*by.q.P50 {
			continue
		}
		if times := float64(by.q.P99) / float64(by.q.P50); times > t.times {
			t = tail{times, by.name}
		}
	}
	return t
}

// lagLead tells both figures by which lag is judged, whether or not they hold.
func lagLead(s *results.Summary) []string {
	if s.Ledger.OK+s.Ledger.Failed == 0 {
		return nil
	}
	beside := "nothing was answered"
	if len(s.Status) > 0 {
		beside = "latency's p99 is " + wording.Duration(s.Latency.P99)
	}
	if s.Capacity != nil {
		return []string{fmt.Sprintf("lag p99 over all steps is %s (%s); each step is judged by its own.", wording.Duration(s.Lag.P99), beside)}
	}
	return []string{fmt.Sprintf("lag p99 is %s (allowed %s; %s), and lag moved the curve by %s (allowed %s).",
		wording.Duration(s.Lag.P99), wording.Duration(s.LagLimit), beside, wording.Percent(s.Moved), wording.Percent(results.LimitMoved))}
}

// longer says by how much the run was longer than planned, where that is anything to speak of.
func longer(s *results.Summary) string {
	if s.PlannedDuration <= 0 {
		return ""
	}
	off := float64(s.Duration-s.PlannedDuration) / float64(s.PlannedDuration)
	if off < 0.001 && off > -0.001 {
		return ""
	}
	return ", " + signed(off)
}

// nearLimit is the share of what is allowed from which lag is told of, also where it is within it.
const nearLimit = 0.5

// heldUp says that this side held nothing up, or not by more than is allowed.
func heldUp(s *results.Summary) string {
	if says := searchHeldUp(s); says != "" {
		return says
	}
	if float64(s.Lag.P99) > nearLimit*float64(s.LagLimit) && s.Lag.P99 > 0 || s.Moved > nearLimit*results.LimitMoved {
		return "tool limits: none. This side held the schedule up within what is allowed."
	}
	return "tool limits: none. Nothing on this side held the schedule up."
}

// blame tells what was the tool's and the network's apart from what was the target's. Where completions tell of what comes
// after the answer, it says that it speaks of answers alone.
// instead is what is said where there are no bottlenecks, "" for the usual.
func blame(s *results.Summary, instead string) []string {
	v, completions := &s.Verdict, s.Completion != nil
	var out []string
	tool := false
	caused := ""
	for _, l := range v.Limits {
		if l.Whose != results.Target {
			text := l.Text
			if fact, cause, ok := strings.Cut(text, ": "); ok && l.Cause != "" {
				if cause == caused {
					text = fact + ": the same cause."
				}
				caused = cause
			}
			if l.Whose == results.Hand {
				out = append(out, fmt.Sprintf("by hand (%s): %s", l.What, text))
				continue
			}
			out = append(out, fmt.Sprintf("%s limit (%s): %s", l.Whose, l.What, text))
			tool = tool || l.Whose == results.Tool
		}
	}
	if !tool {
		out = append([]string{heldUp(s)}, out...)
	}
	for _, l := range v.Bottlenecks {
		out = append(out, fmt.Sprintf("target bottleneck (%s): %s", l.What, l.Text))
	}
	switch {
	case len(v.Bottlenecks) == 0 && instead != "":
		out = append(out, "target bottlenecks: "+instead)
	case len(v.Bottlenecks) == 0 && v.Disturbed && len(s.Status) > 0:
		out = append(out, fmt.Sprintf("target bottlenecks: cannot be told beside the tool's own lag; 1 answer in 100 took %s or more, every second %s.",
			wording.Duration(s.ServiceTime.P99), wording.Duration(s.ServiceTime.P50)))
	case len(v.Bottlenecks) == 0 && completions:
		out = append(out, "target bottlenecks: none seen in its answers; what came after them is told below.")
	case len(v.Bottlenecks) == 0:
		out = append(out, "target bottlenecks: none seen.")
	}
	return out
}

// course tells what else shaped the run: a cap on its rate, requests sent again, and what was done to it by hand.
func course(r *results.Run) []string {
	var out []string
	if p := r.Header.Plan; p != nil && p.Stretch > 0 {
		out = append(out, fmt.Sprintf("The cap on the rate holds requests back for up to %s, as planned.", wording.Duration(p.Stretch)))
	}
	if p := r.Header.Plan; p != nil && p.Idle > 0 {
		out = append(out, fmt.Sprintf("idle time left out: %s.", wording.Duration(p.Idle)))
	}
	if p := r.Header.Plan; p != nil {
		for i := range p.Outages {
			out = append(out, "outage: "+outageText(&p.Outages[i])+".")
		}
	}
	if p := r.Header.Plan; p != nil {
		for _, note := range wording.Origins(p.Origins.Rebuilt, p.Origins.Synthetic, p.Requests()) {
			out = append(out, note+".")
		}
	}
	if r.Footer == nil {
		return out
	}
	st := r.Footer.Stats
	if n := st.Shortcomings.Unsigned; n > 0 {
		out = append(out, fmt.Sprintf("%s requests were sent without a signature, as no key is for them.", count(n)))
	}
	if st.Retries > 0 {
		out = append(out, fmt.Sprintf("%s requests were sent again on the vendor's schedule.", count(st.Retries)))
	}
	if t := st.Thinking; t.Held > 0 {
		out = append(out, fmt.Sprintf("thinking: %s requests were sent later than planned, by up to %s, as their senders waited for answers and paused.", count(t.Held), wording.Duration(t.Longest)))
	}
	const most = 10
	for i, c := range st.Changes {
		if i == most {
			out = append(out, "By hand: "+wording.Count(len(st.Changes)-most, "more change")+".")
			break
		}
		out = append(out, fmt.Sprintf("By hand at %s: %s.", wording.Duration(c.At), c.What))
	}
	return append(out, notes(st.Notes)...)
}

// mostNotes is how many notes a report spells out.
const mostNotes = 20

// notes are what somebody said of moments of the run.
func notes(all []replay.Note) (out []string) {
	for _, n := range all[:min(len(all), mostNotes)] {
		out = append(out, fmt.Sprintf("Noted at %s: %s", wording.Duration(n.At), wording.InLine(n.Text)))
	}
	if more := len(all) - mostNotes; more > 0 {
		out = append(out, fmt.Sprintf("Noted: %s, in the run file (reprise inspect --json).", wording.Count(more, "more note")))
	}
	return out
}

func (d *document) add(parts ...part) *document {
	for _, p := range parts {
		if p.Table == nil || len(p.Table.Rows) > 0 {
			d.Parts = append(d.Parts, p)
		}
	}
	return d
}

// kindNames returns the kinds of a map in the order in which people read them.
func kindNames[V any](m map[string]V) []string {
	var names []string
	for _, k := range capture.Kinds() {
		if _, ok := m[k.String()]; ok {
			names = append(names, k.String())
		}
	}
	return names
}

func ledgerPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "recorded", "added", "filtered", "ok", "failed", "shed", "unsent"), Left: 1}
	row := func(name string, l replay.Tally) {
		t.Rows = append(t.Rows, cells(name, count(l.Recorded), count(l.Added), count(l.Filtered), count(l.OK), count(l.Failed), count(l.Shed), count(l.Unsent)))
	}
	row("all", s.Ledger.Tally)
	for _, k := range kindNames(s.Ledger.Kinds) {
		row(k, s.Ledger.Kinds[k])
	}
	notes := []string{"recorded + added = filtered + ok + failed + shed + unsent"}
	switch {
	case s.Missing != nil && s.Missing.Unknown:
		notes = append(notes, "unsent: those without a result, which were not sent, or whose result is lost")
	case s.NoEnd && s.Ledger.Unsent > 0:
		notes = append(notes, "unsent: those without a result, which were not sent, or were on their way when the run ended; which, is not known")
	}
	return part{Title: "Ledger", Notes: notes, Table: t}
}

func timingPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "what", "p50", "p90", "p95", "p99", "p99.9", "max"), Left: 2}
	rows := func(name string, g results.Timing) {
		for _, q := range []struct {
			what string
			results.Quantiles
		}{{"lag", g.Lag}, {"latency", g.Latency}, {"service time", g.ServiceTime}} {
			t.Rows = append(t.Rows, append(cells(name, q.what), durations(q.Max > 0, q.P50, q.P90, q.P95, q.P99, q.P999, q.Max)...))
		}
	}
	rows("all", s.Timing)
	for _, k := range kindNames(s.Kinds) {
		if s.Kinds[k].Lag.Max > 0 || s.Kinds[k].Latency.Max > 0 {
			rows(k, s.Kinds[k].Timing)
		}
	}
	return part{
		Title: "Times", Table: t,
		Notes: []string{"lag: how much later than planned a request left; the verdict says whose it is. latency: from the intended moment to the answer. service time: from the actual moment."},
	}
}

func answersPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "status", "no answer"), Left: 3}
	t.Rows = append(t.Rows, cells("all", tally(s.Status), tally(s.Errors)))
	for _, k := range kindNames(s.Kinds) {
		if v := s.Kinds[k]; len(v.Status)+len(v.Errors) > 0 {
			t.Rows = append(t.Rows, cells(k, tally(v.Status), tally(v.Errors)))
		}
	}
	p := part{Title: "Answers", Table: t}
	if r := s.RetryAfter; r != nil {
		p.Notes = []string{fmt.Sprintf("rate_limited: %s answers of 429, of which %s asked to wait by a Retry-After: %s in the middle, %s at most. It is not obeyed.",
			count(s.Answers[results.AnswerLimited]), count(r.Answers), results.AWait(r.P50, wording.Duration), results.AWait(r.Max, wording.Duration))}
	}
	return p
}

// machinePart is what the run says of itself and of its machine: what the verdict's causes were found in.
func machinePart(r *results.Run) part {
	t := &table{Head: cells("what", "value"), Left: 1}
	p := part{Title: "The tool itself", Table: t, Detail: true}
	if r.Footer == nil {
		return p
	}
	st := &r.Footer.Stats
	number := func(name string, n int64) { t.Rows = append(t.Rows, cells(name, count(n))) }
	length := func(name string, d time.Duration) {
		if d > 0 {
			t.Rows = append(t.Rows, cells(name, wording.Duration(d)))
		}
	}
	number("in-flight slots", int64(st.MaxInFlight))
	number("most in flight", int64(st.PeakInFlight))
	number("connections opened", int64(st.Connections))
	number("late: in-flight slots taken", st.Late.Cap)
	number("late: the sender's earlier request", st.Late.Sender)
	number("late: not prepared", st.Late.Render)
	number("late: the sending loop", st.Late.Stall)
	length("service time, few in flight", st.ServiceFree)
	length("service time, all slots taken", st.ServiceAtCap)
	length("longest stall of the sending loop", st.LongestStall)
	if n := st.Standstills.Count; n > 0 {
		number("stops of a second at least", n)
		length("stops of a second at least, in all", st.Standstills.Total)
		number("sent after a stop, one by one", st.Standstills.Sent)
	}
	length("the machine slept", st.Asleep.Total)
	length("waited for the run file", st.RecorderWait)
	length("waited for the corpus", st.SourceWait)
	length("CPU time", st.CPU)
	length("waited for a CPU, all threads", st.CPUWait)
	length("garbage collection", st.GCPause)
	length("paused by hand", st.Paused)
	return p
}

func setupPart(r *results.Run) part {
	h := &r.Header
	t := &table{Head: cells("what", "value"), Left: 2}
	row := func(name, value string) {
		if value != "" {
			t.Rows = append(t.Rows, cells(name, value))
		}
	}
	row("run", h.Run)
	started := h.Started
	if started.IsZero() {
		started = r.Start()
	}
	if !started.IsZero() {
		row("started", started.UTC().Format(time.RFC3339))
	}
	for _, key := range slices.Sorted(maps.Keys(h.Labels)) {
		row("label "+key, h.Labels[key])
	}
	row("target", h.Target)
	row("engine", h.Engine)
	if h.Tool != "" {
		row("tool", "reprise "+h.Tool)
	}
	if h.Machine != (results.Machine{}) {
		row("machine", fmt.Sprintf("%s/%s, %d CPUs, %s", h.Machine.OS, h.Machine.Arch, h.Machine.CPUs, h.Machine.Go))
	}
	row("corpus", h.Corpus)
	row("plan", h.PlanHash)
	if p := h.Plan; p != nil {
		row("recorded", p.First.UTC().Format(time.RFC3339)+" to "+p.Last.UTC().Format(time.RFC3339))
	}
	for _, name := range slices.Sorted(maps.Keys(h.Settings)) {
		flag := "--" + name
		if strings.Contains(name, " ") {
			flag = name
		}
		row(flag, h.Settings[name])
	}
	return part{Title: "How it was run", Table: t, Detail: true}
}

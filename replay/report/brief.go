package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// BriefLines is the most lines that WriteBrief writes.
const BriefLines = 12

const (
	// briefWidth is where a line ends, as far as its first clause lets it, and briefLabel where the clauses begin.
	briefWidth, briefLabel = 100, 12
	// briefKinds is how many of the slowest kinds are told.
	briefKinds = 3
	// briefCause is by how much the line of limits may be longer, rather than that a cause is left out.
	briefCause = 8
)

// Next says where there is more than a brief summary tells.
type Next struct {
	// Run is the run's file, as the user wrote it; "" is one that was not kept.
	Run string
	// Named names Details, which asks for the tables, and File, which keeps a run.
	Named Named
}

// WriteBrief writes what one run did in at most BriefLines lines, to be taken in at a glance: the verdict and what fell short, how
// much, how late, how slow, why, and what to read next. WriteRun has the rest. why is nil where it was not looked for.
func WriteBrief(w io.Writer, r *results.Run, why *Why, n Next) error {
	b := new(strings.Builder)
	for _, l := range briefLines(r, why, n) {
		b.WriteString(printable(l) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// briefLines are the lines. Each is about one thing, and one that there is nothing to say of is left out.
func briefLines(r *results.Run, why *Why, n Next) []string {
	s := &r.Summary
	word, _ := verdictOf(s)
	lines := []string{strings.ToUpper(word) + "  " + titleOf(r)}
	for _, l := range []struct {
		label   string
		clauses []string
	}{
		{"limits", briefLimits(s)},
		{"requests", briefCounts(s)},
		{"rate", briefRate(s)},
		{"lag", briefLag(s)},
		{"latency", briefLatency(s)},
		{"slowest", briefSlowest(s)},
		stepsLine(s),
		{"completion", briefCompletion(s.Completion)},
		{"why", why.clauses(standsOut(s).times, n.Run)},
		{"also", briefAlso(r)},
	} {
		if len(l.clauses) > 0 {
			lines = append(lines, fitted(l.label, l.clauses))
		}
	}
	return append(lines, n.line(why, s.Completion != nil))
}

// briefNouns are what the clauses of a line are, where it says how many there are no room for.
var briefNouns = map[string]string{"limits": "limit", "why": "finding", "also": "remark", "steps": "finding"}

// fitted is a line of as many clauses as fit; it says how many do not.
func fitted(label string, clauses []string) string {
	line := fmt.Sprintf("%-*s%s", briefLabel, label, clauses[0])
	noun, width := "more "+cmp.Or(briefNouns[label], "figure"), briefWidth
	if label == "limits" {
		width += briefCause
	}
	for i, c := range clauses[1:] {
		left, more := len(clauses)-1-i, ""
		if left > 1 {
			more = "; " + wording.Count(left-1, noun)
		}
		if utf8.RuneCountInString(line+"; "+c+more) > width {
			return line + "; " + wording.Count(left, noun)
		}
		line += "; " + c
	}
	return line
}

// briefLimits says whose it was that the run fell short: a clause each of the tool, the network and the target.
func briefLimits(s *results.Summary) []string {
	list := limitClauses(s, 2, true)
	for _, most := range []int{1, 0} { // the last is one each, without its cause
		if utf8.RuneCountInString(strings.Join(list, "; ")) > briefWidth-briefLabel+briefCause {
			list = limitClauses(s, 1, most > 0)
		}
	}
	return list
}

// limitClauses names at most so many limits of each, with causes or without.
func limitClauses(s *results.Summary, most int, causes bool) (out []string) {
	for _, of := range []struct {
		whose results.Owner
		list  []results.Limit
		none  string
	}{{results.Tool, s.Verdict.Limits, cmp.Or(briefSearchTool(s.Capacity), "none")}, {results.Hand, s.Verdict.Limits, ""}, {results.Network, s.Verdict.Limits, ""}, {results.Target, s.Verdict.Bottlenecks, briefTail(s)}} {
		var names []string
		cause := ""
		for _, l := range gravest(of.list) {
			if l.Whose != of.whose {
				continue
			}
			text := clauseOf(s, &l)
			if causes && l.Cause != "" && l.Cause != cause {
				text, cause = text+" ("+l.Cause+")", l.Cause
			}
			names = append(names, text)
		}
		if more := len(names) - most; more > 0 {
			names = append(names[:most], wording.Count(more, "more limit"))
		}
		if len(names) == 0 && of.none != "" {
			names = []string{of.none}
		}
		if len(names) > 0 {
			out = append(out, ownerWord(of.whose)+": "+strings.Join(names, ", "))
		}
	}
	return out
}

// ownerWord is how a line of limits begins.
func ownerWord(whose results.Owner) string {
	if whose == results.Hand {
		return "by hand"
	}
	return string(whose)
}

// gravest puts what was not sent before what was late.
func gravest(list []results.Limit) []results.Limit {
	rank := []string{"unsigned", "shed", "unsent", "arrival"} // the last is the gravest; what is not here was late
	return slices.SortedStableFunc(slices.Values(list), func(a, b results.Limit) int {
		return cmp.Compare(slices.Index(rank, b.What), slices.Index(rank, a.What))
	})
}

// briefTail is what is said of a target of which nothing is wrong.
func briefTail(s *results.Summary) string {
	if t := standsOut(s); t.times > 0 {
		return fmt.Sprintf("p99%s is %s times the middle", t.of, count(int64(t.times)))
	}
	if s.Verdict.Disturbed && len(s.Status) > 0 {
		return "cannot be told (p99 " + wording.Duration(s.Latency.P99) + ")"
	}
	return "none seen"
}

// clauseOf is limitClause, and says of what has no result that it may be lost.
func clauseOf(s *results.Summary, l *results.Limit) string {
	if l.What == "unsent" {
		return strings.TrimSuffix(limitClause(l), "not sent") + notSent(s)
	}
	return limitClause(l)
}

// limitClause says one limit in a few words.
func limitClause(l *results.Limit) string {
	amount, more := l.Amount, "longer"
	if d, err := time.ParseDuration(amount); err == nil {
		amount = wording.Duration(d.Abs())
		if d < 0 {
			more = "less"
		}
	}
	if number, noun, ok := strings.Cut(amount, " "); ok {
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			amount = count(n) + " " + noun
		}
	}
	switch l.What {
	case "lag":
		if l.Step > 0 {
			return fmt.Sprintf("lag p99 %s in step %d", amount, l.Step)
		}
		return "lag p99 " + amount
	case "moved":
		return "the curve moved by " + amount
	case "duration":
		return "sending took " + amount + " " + more
	case "shed":
		return amount + " dropped"
	case "unsent":
		return amount + " not sent"
	case "unsigned":
		return amount + " not signed"
	case "changed":
		return amount
	case "arrival":
		return amount + " did not arrive"
	case "latency", "slowdown":
		return l.What + " " + amount
	}
	return strings.ReplaceAll(l.What, "_", " ") + " (" + amount + ")"
}

// briefCounts says how much was sent, and what became of it.
func briefCounts(s *results.Summary) []string {
	l := &s.Ledger
	sent := l.OK + l.Failed
	all := ""
	if l.Shed+l.Unsent > 0 {
		all = " of " + count(l.Scheduled())
	}
	out := []string{fmt.Sprintf("%s%s in %s (planned %s%s)", count(sent), all, wording.Duration(s.Duration), wording.Duration(s.PlannedDuration), longer(s))}
	switch {
	case sent == 0:
	case l.Failed == 0:
		out = append(out, "none failed")
	default:
		out = append(out, fmt.Sprintf("%s failed (%s): %s", count(l.Failed), wording.Percent(float64(l.Failed)/float64(sent)), failedBy(s)))
	}
	if l.Shed > 0 {
		out = append(out, count(l.Shed)+" dropped")
	}
	if l.Unsent > 0 {
		out = append(out, count(l.Unsent)+" "+notSent(s))
	}
	return out
}

// notSent is what is known of the requests that have no result: not that they were not sent, where results may be lost or the run died.
func notSent(s *results.Summary) string {
	switch {
	case s.Missing != nil && s.Missing.Unknown:
		return "not sent or lost"
	case s.NoEnd:
		return "without a result (sent or not)"
	}
	return "not sent"
}

// notSentHead is the head of a column that counts them.
func notSentHead(noEnd bool) string {
	if noEnd {
		return "no result"
	}
	return "not sent"
}

// failedBy lists the three most frequent ways of failing: "40 × 503, 20 × timeout".
func failedBy(s *results.Summary) string {
	ways := maps.Clone(s.Errors)
	if ways == nil {
		ways = make(map[string]int64)
	}
	for status, n := range s.Status {
		if status >= "4" || status < "2" {
			ways[status] = n
		}
	}
	maps.DeleteFunc(ways, func(_ string, n int64) bool { return n == 0 })
	names := slices.SortedFunc(maps.Keys(ways), func(a, b string) int { return cmp.Or(cmp.Compare(ways[b], ways[a]), cmp.Compare(a, b)) })
	const most = 3
	var list []string
	for _, name := range names[:min(most, len(names))] {
		list = append(list, count(ways[name])+" × "+name)
	}
	if len(names) > most {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}

func briefRate(s *results.Summary) []string {
	return []string{fmt.Sprintf("%s on average, %s in the busiest second (planned %s and %s)",
		rate(s.Rate.AchievedMean), rate(s.Rate.AchievedPeak), rate(s.Rate.PlannedMean), rate(s.Rate.PlannedPeak))}
}

func briefLag(s *results.Summary) []string {
	if s.Ledger.OK+s.Ledger.Failed == 0 {
		return nil
	}
	if s.Capacity != nil { // what is allowed is of each step
		return []string{fmt.Sprintf("p99 %s over all steps, each of which is judged by its own", wording.Duration(s.Lag.P99))}
	}
	return []string{
		fmt.Sprintf("p99 %s (allowed %s)", wording.Duration(s.Lag.P99), wording.Duration(s.LagLimit)),
		fmt.Sprintf("it moved the curve by %s (allowed %s)", wording.Percent(s.Moved), wording.Percent(results.LimitMoved)),
	}
}

func briefLatency(s *results.Summary) []string {
	switch {
	case s.Ledger.OK+s.Ledger.Failed == 0:
		return nil
	case len(s.Status) == 0:
		return []string{"nothing was answered"}
	}
	q := s.Latency
	return []string{fmt.Sprintf("p50 %s, p90 %s, p99 %s, max %s", wording.Duration(q.P50), wording.Duration(q.P90), wording.Duration(q.P99), wording.Duration(q.Max))}
}

// briefSlowest names the kinds whose slowest hundredth took longest, where there are several.
func briefSlowest(s *results.Summary) []string {
	var names []string
	for _, name := range kindNames(s.Kinds) {
		if s.Kinds[name].Latency.Max > 0 {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return nil
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(s.Kinds[b].Latency.P99, s.Kinds[a].Latency.P99) })
	var list []string
	for _, name := range names[:min(briefKinds, len(names))] {
		list = append(list, name+" "+wording.Duration(s.Kinds[name].Latency.P99))
	}
	if len(names) > briefKinds {
		return []string{fmt.Sprintf("by p99 of %d kinds: %s", len(names), strings.Join(list, ", "))}
	}
	return []string{"by p99: " + strings.Join(list, ", ")}
}

// briefCompletion says when messages were really done with.
func briefCompletion(c *results.Completion) []string {
	switch {
	case c == nil:
		return nil
	case c.Joined == 0:
		return []string{fmt.Sprintf("none of %s answered requests was completed", count(c.Never))}
	}
	out := []string{fmt.Sprintf("p50 %s, p99 %s", wording.Duration(c.Latency.P50), wording.Duration(c.Latency.P99))}
	if c.Never > 0 {
		out = append(out, count(c.Never)+" never")
	}
	if c.Failed > 0 {
		out = append(out, count(c.Failed)+" with a failure")
	}
	out = append(out, fmt.Sprintf("at most %s waited, at %s", count(c.Peak), wording.Duration(c.PeakAt)))
	if s := c.Spike; s != nil {
		out = append(out, fmt.Sprintf("slowest from %s to %s", wording.Duration(s.From), wording.Duration(s.To)))
	}
	if c.Offset != 0 {
		out = append(out, "their clock was moved by "+wording.Duration(c.Offset))
	}
	return out
}

// briefAlso says what else there is to know of the run, the gravest first.
func briefAlso(r *results.Run) (out []string) {
	if m := r.Summary.Missing; m != nil {
		switch {
		case m.Results > 0:
			out = append(out, fmt.Sprintf("%s of %s results are missing: damaged", count(m.Results), count(m.Of)))
		case m.Unknown:
			out = append(out, "damaged: some results are missing")
		}
		if m.Completions {
			out = append(out, "completions are damaged and left out")
		}
	}
	if r.Footer == nil {
		out = append(out, "the run file has no end: the run died, or the file is cut short")
	}
	if text := corpusLost(r.Header.CorpusLost); text != "" {
		out = append(out, text)
	}
	if r.Header.Rebuilt != "" {
		out = append(out, "its header was damaged")
	}
	if f := r.Footer; f != nil {
		st := &f.Stats
		if n := len(st.Changes); n > 0 { // how many there are is among the limits
			last := st.Changes[n-1]
			out = append(out, fmt.Sprintf("last by hand at %s: %s", wording.Duration(last.At), last.What))
		}
		out = append(out, briefShortcomings(&st.Shortcomings)...)
		if st.Retries > 0 {
			out = append(out, countOf(st.Retries, "request was", "requests were")+" sent again")
		}
	}
	if p := r.Header.Plan; p != nil && p.Stretch > 0 {
		out = append(out, "the cap held requests back by up to "+wording.Duration(p.Stretch))
	}
	out = append(out, briefStorms(r.Header.Plan)...)
	for i := range r.Watched {
		if len(r.Watched[i].Points) == 0 {
			out = append(out, "nothing is known of the figure "+r.Watched[i].Name)
		}
	}
	return append(out, briefOrigins(r)...)
}

func briefShortcomings(c *replay.Shortcomings) (out []string) {
	for _, what := range []struct {
		n    int64
		text string
	}{{c.Unsigned, "sent without a signature"}, {c.Unread, "sent as recorded, with ids and people"}, {c.Unstamped, "sent with a recorded time"}} {
		if what.n > 0 {
			out = append(out, count(what.n)+" "+what.text)
		}
	}
	return out
}

// briefOrigins says how many requests the vendor did not send like this.
func briefOrigins(r *results.Run) (out []string) {
	p := r.Header.Plan
	if p == nil {
		return nil
	}
	if n := p.Origins.Rebuilt; n > 0 {
		out = append(out, count(n)+" rebuilt")
	}
	if n := p.Origins.Synthetic; n > 0 {
		out = append(out, count(n)+" with a generated text")
	}
	return out
}

// line names the commands that tell more: why where there is a cause, then a page, then the tables. One that does not fit is left out.
// holds says that the run's file has what was completed.
func (n *Next) line(why *Why, holds bool) string {
	commands := []string{n.Named.of("File") + " keeps a run in a file, for reprise why and reprise report"}
	if n.Run != "" {
		page := strings.TrimSuffix(n.Run, ".rpr") + ".html"
		commands = []string{"reprise report " + shellWord(n.Run) + " -o " + shellWord(page)}
		if why == nil || len(why.Findings) > 0 {
			commands = append([]string{why.commandOf(n.Run, holds)}, commands...)
		}
	}
	line := fmt.Sprintf("%-*s%s", briefLabel, "next", commands[0])
	for _, c := range append(commands[1:], n.Named.of("Details")) {
		if with := line + "  ·  " + c; utf8.RuneCountInString(with) <= briefWidth {
			line = with
		}
	}
	return line
}

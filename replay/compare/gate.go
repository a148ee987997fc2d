package compare

import (
	"fmt"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// MinShare is the share of requests that must be in both runs.
const MinShare = 0.995

// Reason says why two runs cannot be compared.
type Reason struct {
	// What names it: "empty", "header", "corpus", "plan", "requests", "cut_short", "unfaithful", "lag", "repeated", "failed", "base_broken",
	// "corpus_lost", "damaged"; of a baseline also "machine", "tool", "age" and "baseline".
	What string `json:"what"`
	// Run is the name of the run that it is about; empty where it is about both.
	Run  string `json:"run,omitempty"`
	Text string `json:"text"`
	// Cause is what held up the requests of a run that is not faithful by lag, in a few words; Lag is the 99th percentile of that lag
	// and Moved by how much it moved the curve, each where it is beyond what is allowed.
	Cause string `json:"cause,omitempty"`
	Lag   string `json:"lag,omitempty"`
	Moved string `json:"moved,omitempty"`
	// Longer is by how much sending took longer than planned, where that is beyond what is allowed.
	Longer string `json:"longer,omitempty"`
}

// doubt takes down which run's own tool fell short. What such a run measured is partly the tool.
func (c *Comparison) doubt(sides ...*Side) {
	if c.Doubts == nil {
		c.Doubts = []Reason{}
	}
	for _, s := range sides {
		c.Doubts = append(c.Doubts, unfaithful(s)...)
		c.faults.add(s)
	}
}

// gates says why the runs cannot be compared; the list is never nil. A run that played another plan measured something
// else: it is neither worse nor better.
func gates(c *Comparison, base, candidate *replay.Plan) []Reason {
	list := []Reason{}
	for _, s := range []*Side{&c.Base, &c.Candidate} {
		if t := s.Summary.Ledger.Tally; t.OK+t.Failed+t.Shed == 0 {
			list = append(list, Reason{What: "empty", Run: s.Name, Text: fmt.Sprintf("%s holds no request that was played.", s.Name)})
		}
	}
	list = append(list, headerLost(&c.Base)...)
	list = append(list, headerLost(&c.Candidate)...)
	list = append(list, nothingAnswered(c)...)
	if len(list) > 0 {
		return list
	}
	list = append(list, sameRun(c)...)
	if search := searched(c); len(search) > 0 {
		return append(list, search...)
	}
	list = append(list, samePlan(c, base, candidate)...)
	list = append(list, baseBroken(c)...)
	if c.Join.Share < MinShare {
		list = append(list, Reason{What: "requests", Text: fmt.Sprintf(
			"only %.2f %% of the requests are in both runs (%d of %s, %d of %s; at least 99.5 %% must be).",
			floorPercent(c.Join.Share), c.Join.Base, c.Base.Name, c.Join.Candidate, c.Candidate.Name)})
		list = append(list, cutShort(&c.Base)...)
		list = append(list, cutShort(&c.Candidate)...)
	}
	return list
}

// brokenBase is the share of a base's requests that failed from which on it is no measure: next to it anything is better, and its fast
// errors are no latency.
const brokenBase = 0.95

// baseBroken says that nearly nothing of the base was answered well. It is so too where the candidate refuses all alike (401, 404): a path
// or a key that is wrong for both must not open a gate.
func baseBroken(c *Comparison) []Reason {
	t := c.Base.Summary.Ledger.Tally
	return isBroken(c.Base.Name, t.Failed, t.OK+t.Failed)
}

func isBroken(name string, failed, sent int64) []Reason {
	if sent == 0 || float64(failed) < brokenBase*float64(sent) {
		return nil
	}
	return []Reason{{What: "base_broken", Run: name, Text: fmt.Sprintf("the base is broken: %d of the %d requests of %s failed, so that it is no measure of a candidate.", failed, sent, name)}}
}

// searched says that a run was a search for a tempo: which requests it sent followed from what the target answered.
func searched(c *Comparison) []Reason {
	var names []string
	for _, s := range []*Side{&c.Base, &c.Candidate} {
		if s.Summary.Capacity != nil {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Reason{{What: "search", Text: fmt.Sprintf("%s searched for a tempo: which requests were sent followed from what the target answered, so that they have no pairs.",
		strings.Join(names, " and "))}}
}

// sameRun says that a run was given as both: it is as good as itself whatever it is, which must not open a gate.
func sameRun(c *Comparison) []Reason {
	if id := c.Base.Header.Run; id == "" || id != c.Candidate.Header.Run {
		return nil
	}
	return []Reason{{What: "repeated", Text: fmt.Sprintf("%s and %s are one run: it was given as the base and as the candidate.", c.Base.Name, c.Candidate.Name)}}
}

// nothingAnswered says that neither run was answered, but with errors of the server: two receivers that do not work are alike in nothing
// that counts.
func nothingAnswered(c *Comparison) []Reason {
	if c.Base.works() || c.Candidate.works() || c.Base.Summary.Ledger.Failed == 0 || c.Candidate.Summary.Ledger.Failed == 0 {
		return nil
	}
	return []Reason{{What: "failed", Text: "no request of either run was answered, or all were with errors of the server: there is nothing to compare."}}
}

// works says whether any request was answered with something else than an error of the server.
func (s *Side) works() bool {
	for status, n := range s.Summary.Status {
		if status < "500" && n > 0 {
			return true
		}
	}
	return false
}

// headerLost says that it is not known what a run played.
func headerLost(s *Side) []Reason {
	if s.Header.Rebuilt != results.FromNothing {
		return nil
	}
	return []Reason{{What: "header", Run: s.Name, Text: fmt.Sprintf("the header of %s was damaged and is lost, so that it is not known which corpus "+
		"and plan it played: repair the damaged file again with --like RUN.rpr, a run of the same plan.", s.Name)}}
}

// cutShort says why a run did not play all that it was to, so that a candidate that failed until the run gave up is not
// taken for a mere mistake in comparing.
func cutShort(s *Side) (list []Reason) {
	for _, l := range s.Summary.Verdict.Limits {
		if l.What == "unsent" {
			list = append(list, Reason{What: "cut_short", Run: s.Name, Text: fmt.Sprintf("%s was cut short: %s", s.Name, l.Text)})
		}
	}
	return list
}

// floorPercent is a share in percent, cut after two digits, so that what is below a limit is never shown as the limit.
func floorPercent(share float64) float64 { return float64(int(share*1e4)) / 100 }

// samePlan says why two runs did not play one plan, and where damage of a corpus is the cause, that it is.
func samePlan(c *Comparison, base, candidate *replay.Plan) []Reason {
	list := planApart(c, base, candidate)
	if len(list) > 0 {
		list = append(list, corpusLost(&c.Base, &c.Candidate)...)
	}
	return list
}

// corpusLost says of which of two runs the corpus was damaged, where it was not alike for both.
func corpusLost(b, d *Side) (list []Reason) {
	x, y := b.Header.CorpusLost, d.Header.CorpusLost
	if x == y || x != nil && y != nil && *x == *y {
		return nil
	}
	for _, s := range []*Side{b, d} {
		l := s.Header.CorpusLost
		if l == nil {
			continue
		}
		what := "part of it, of which it is not known how much, was lost"
		switch {
		case l.Records > 0 && l.More:
			what = fmt.Sprintf("%d records of it or more were lost", l.Records)
		case l.Records == 1:
			what = "1 record of it was lost"
		case l.Records > 0:
			what = fmt.Sprintf("%d records of it were lost", l.Records)
		}
		list = append(list, Reason{What: "corpus_lost", Run: s.Name, Text: fmt.Sprintf("the corpus that %s played was damaged: %s.", s.Name, what)})
	}
	return list
}

func planApart(c *Comparison, base, candidate *replay.Plan) []Reason {
	b, d := c.Base.Header, c.Candidate.Header
	if b.Corpus != "" && d.Corpus != "" && b.Corpus != d.Corpus {
		if capture.HashRule(b.Corpus) != capture.HashRule(d.Corpus) {
			return []Reason{{What: "corpus", Text: "it cannot be told whether the runs played the same corpus: one played a file that an older version of reprise " +
				"had written, which is named by its bytes, and the other a file of this version, which is named by its records. Play both runs from one file."}}
		}
		return []Reason{{What: "corpus", Text: "the runs played two different corpora."}}
	}
	if b.PlanHash != "" && d.PlanHash != "" && b.PlanHash != d.PlanHash {
		return []Reason{{What: "plan", Text: "the runs played different plans of the corpus: " + planDiffers(b, d) + "."}}
	}
	if base != nil && candidate != nil && base.Requests() != candidate.Requests() {
		return []Reason{{What: "plan", Text: fmt.Sprintf("the runs were to send %d and %d requests.", base.Requests(), candidate.Requests())}}
	}
	if float64(c.Join.Apart) > (1-MinShare)*float64(c.All.Status.Pairs()) {
		return []Reason{{What: "plan", Text: fmt.Sprintf(
			"%d of the requests that are in both runs were planned at other moments, or are of another kind.", c.Join.Apart)}}
	}
	return nil
}

// planFlags are the settings that a plan follows from.
func planFlags() []string {
	return []string{
		"time-scale", "volume", "limit", "max-rate", "ramp", "loop", "shape", "curve-scale", "from", "to", "peak", "kinds", "skip-kinds", "vendors",
		"path", "method", "sample", "shuffle-kinds", "per-sender", "serialize-senders", "retries", "keep-ids",
	}
}

// planDiffers says in which settings two runs' plans differ, as far as their files tell: not where a file that a setting
// names has changed.
func planDiffers(b, c results.Header) string {
	var list []string
	if b.Settings != nil && c.Settings != nil { // a baseline has none
		for _, name := range planFlags() {
			if x, y := b.Settings[name], c.Settings[name]; x != y {
				list = append(list, fmt.Sprintf("--%s %s and %s", name, setOr(x), setOr(y)))
			}
		}
	}
	if x, y := b.Settings["seed"], c.Settings["seed"]; len(list) == 0 && b.Settings != nil && c.Settings != nil && x != y {
		text := fmt.Sprintf("--seed %s and %s", setOr(x), setOr(y))
		if !ChosenSeed(x) && !ChosenSeed(y) { // drawn: a file that a flag names may have changed as well
			text += ", or a file that a flag names, differs"
		}
		return text
	}
	if len(list) == 0 {
		return "the selection, the tempo, the volume or the seed differs"
	}
	return strings.Join(list, ", ")
}

func setOr(value string) string {
	if value == "" {
		return "(not set)"
	}
	return value
}

// unfaithful says how a run's own tool fell short: once for each cause.
func unfaithful(s *Side) (list []Reason) {
	for _, l := range s.toolLimits() {
		if l.Whose == results.Hand {
			list = append(list, Reason{What: "unfaithful", Run: s.Name, Text: fmt.Sprintf("%s does not follow its plan, as it was steered by hand: %s", s.Name, l.Text)})
			continue
		}
		if !l.OfLag() || l.Cause == "" {
			list = append(list, Reason{What: "unfaithful", Run: s.Name, Text: fmt.Sprintf("%s is not faithful, by the tool's own fault: %s", s.Name, l.Text)})
			continue
		}
		i := slices.IndexFunc(list, func(r Reason) bool { return r.Cause == l.Cause })
		if i < 0 {
			i = len(list)
			list = append(list, Reason{What: "unfaithful", Run: s.Name, Cause: l.Cause})
		}
		r := &list[i]
		switch l.What {
		case "lag":
			r.Lag = l.Amount
		case "moved":
			r.Moved = l.Amount
		case "duration":
			r.Longer = l.Amount
		}
		r.Text = fmt.Sprintf("%s is not faithful, by the tool's own fault: %s (%s).", s.Name, r.Cause, r.figures())
	}
	return list
}

// figures are by how much a run is not faithful: "lag p99 905ms, moved 48%".
func (r *Reason) figures() string {
	var list []string
	if r.Lag != "" {
		list = append(list, "lag p99 "+r.Lag)
	}
	if r.Moved != "" {
		list = append(list, "moved "+r.Moved)
	}
	if r.Longer != "" {
		list = append(list, "longer by "+r.Longer)
	}
	return strings.Join(list, ", ")
}

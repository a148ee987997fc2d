package results

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// What of the answers is told: from 1 in 1,000 requests on it is a bottleneck, from more than 1 in 100 a limit.
const (
	toldFrom  = 0.001
	hurtsFrom = 0.01
	// slowMedian is a median that is called slow, and slowAnswer a 99th percentile.
	slowMedian = 500 * time.Millisecond
	// grewBy is how many times slower the 99th percentile is under load before it is told, and grewFloor how slow at least.
	grewBy    = 5
	grewFloor = 50 * time.Millisecond
	// outweighs is how many times the tool's own lag an answer took where the lag cannot be the reason.
	outweighs = 4
)

// finding is something in the answers; hurts says whether it touched more than 1 request in 100.
type finding struct {
	Limit
	hurts bool
}

// answerLimits says what is wrong with the answers that came and with those that did not.
func answerLimits(e *Evidence) []finding {
	var list []finding
	list = append(list, e.timeouts()...)
	list = append(list, e.share("reset", e.errors(replay.ReasonReset), "lost their connection before the answer was whole: the target closed or reset it")...)
	list = append(list, e.share("invalid_response", e.errors(replay.ReasonInvalid), "got an answer that is no HTTP")...)
	list = append(list, e.share("response_too_large", e.errors(replay.ReasonTooLarge), "got an answer too large to be read")...)
	list = append(list, e.failing()...)
	if !e.disturbed() {
		list = append(list, e.slow()...)
		return append(list, e.growth()...)
	}
	// the times tell of the tool, too: only what is far beyond its lag is the target's
	if e.beyondLag(e.Service.P99, e.Lag.P99) {
		list = append(list, besideLag(e.slow(), e.Lag.P99)...)
	}
	if e.beyondLag(e.Busy.P99, e.Busy.Lag) {
		list = append(list, besideLag(e.growth(), e.Busy.Lag)...)
	}
	return list
}

// beyondLag says whether an answer took so long that the tool's own lag of the same requests cannot be the reason. Where the tool used all of its
// CPU, it may have read answers later than it sent requests.
func (e *Evidence) beyondLag(took, lag time.Duration) bool {
	return took >= outweighs*lag && !e.usedAll()
}

// besideLag says of findings that were made while the tool was late by how much it was.
func besideLag(list []finding, lag time.Duration) []finding {
	for i := range list {
		list[i].Text = strings.TrimSuffix(list[i].Text, ".") + "; the tool's own lag beside it (p99 " + wording.Duration(lag) + ") is too little to be the reason."
	}
	return list
}

func (e *Evidence) errors(r replay.Reason) int64 { return e.Errors[string(r)] }

// class counts the requests that failed for any reason of a class.
func (e *Evidence) class(c replay.Class) (n int64) {
	for _, r := range replay.Reasons() {
		if r.Class() == c {
			n += e.errors(r)
		}
	}
	return n
}

// sent is the number of requests that were sent or could not be.
func (e *Evidence) sent() int64 { return e.Ledger.OK + e.Ledger.Failed }

// share makes a finding of n requests, where they are enough of those sent.
func (e *Evidence) share(what string, n int64, text string) []finding {
	part := float64(n) / float64(max(e.sent(), 1))
	if n == 0 || part < toldFrom {
		return nil
	}
	return []finding{{
		Limit: Limit{
			What: what, Amount: amount(n), Whose: Target,
			Text: fmt.Sprintf("%s of %s (%s) %s.", requests(n), wording.Number(e.sent()), wording.Percent(part), text),
		},
		hurts: part > hurtsFrom,
	}}
}

// timeouts are the target's, unless the tool stood still for so long that it may have missed the answers.
func (e *Evidence) timeouts() []finding {
	n := e.class(replay.ClassTimeout)
	list := e.share("timeout", n, "had no whole answer in time")
	if len(list) == 0 {
		return nil
	}
	if body := e.errors(replay.ReasonBodyTimeout); body*2 > n {
		list[0].Text = strings.Replace(list[0].Text, "had no whole answer in time", "got an answer that began and did not end in time", 1)
	}
	if stall := e.Stats.LongestStall; e.GaveUpAfter > 0 && stall >= e.GaveUpAfter/2 {
		list[0].Whose = Tool
		list[0].Text = fmt.Sprintf("%s given up on after %s, but the tool itself did not run for %s meanwhile and may have missed the answers.",
			were(n, "request"), wording.Duration(e.GaveUpAfter), wording.Duration(stall))
	}
	return list
}

// failing are the answers by which the target says that it has a problem (5xx) or too much to do (429), and those by
// which it rejects a request, which are seldom for the load.
func (e *Evidence) failing() []finding {
	groups := make(map[string]map[string]int64)
	for text, n := range e.Status {
		code, _ := strconv.Atoi(text)
		name := nameOf(code)
		switch {
		case name != "":
		case code >= 500 && code < 600:
			name = "errors"
		case code >= 400 && code < 500 && code != http.StatusProxyAuthRequired: // by 407 a proxy stands in the way
			name = "4xx"
		}
		if name != "" {
			if groups[name] == nil {
				groups[name] = make(map[string]int64)
			}
			groups[name][text] = n
		}
	}
	got := func(name, text string) []finding { return e.share(name, total(groups[name]), text) }
	list := got(AnswerLimited, "were rate-limited: "+most(groups[AnswerLimited])+e.askedToWait())
	list = append(list, got(AnswerUnavailable, "got an error for an answer: "+most(groups[AnswerUnavailable]))...)
	list = append(list, got("errors", "got an error for an answer: "+most(groups["errors"]))...)
	rejected := got(AnswerRejected, "got a rejection for an answer: "+most(groups[AnswerRejected])+rejectedFor(groups[AnswerRejected]))
	rejected = append(rejected, e.share("errors", total(groups["4xx"]), "got an error for an answer: "+most(groups["4xx"])+
		"; see --restamp, --keep-ids and --header, and what the target says of them")...)
	for _, f := range rejected {
		f.hurts = false // the load is not the reason
		list = append(list, f)
	}
	return list
}

// askedToWait tells of Retry-After.
func (e *Evidence) askedToWait() string {
	r := e.RetryAfter
	if r == nil {
		return "; none asked to wait by a Retry-After"
	}
	return fmt.Sprintf("; %s of them asked to wait by a Retry-After (median %s, at most %s), which is not obeyed: vendors do not obey it either",
		wording.Number(r.Answers), AWait(r.P50, wording.Duration), AWait(r.Max, wording.Duration))
}

// rejectedFor names the flags that mend rejections, each its own.
func rejectedFor(counts map[string]int64) string {
	text := ""
	if counts["401"]+counts["403"] > 0 {
		text += "; for 401 and 403 see --sign, --sign-url, --host and --header 'Authorization: @FILE'"
	}
	if counts["404"] > 0 {
		text += "; for 404 see --recipients, --path-rewrite and the path of --target"
	}
	return text
}

func total(counts map[string]int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// most lists the three most frequent: "312 × 503, 4 × 500".
func most(counts map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var list []string
	for _, name := range names[:min(3, len(names))] {
		list = append(list, wording.Number(counts[name])+" × "+name)
	}
	return strings.Join(list, ", ")
}

// slow tells of a target that takes long whatever the load.
func (e *Evidence) slow() []finding {
	s := e.Service
	l := Limit{What: "latency", Amount: round(s.P99), Whose: Target}
	switch {
	case s.P50 >= slowMedian:
		l.Amount = round(s.P50)
		l.Text = fmt.Sprintf("every second answer took %s or more, and 1 in 100 %s or more.", wording.Duration(s.P50), wording.Duration(s.P99))
	case s.P99 >= slowAnswer:
		l.Text = fmt.Sprintf("1 answer in 100 took %s or more, %s.", wording.Duration(s.P99), times(s.P99, s.P50, "its median"))
	default:
		return nil
	}
	return []finding{{Limit: l, hurts: true}}
}

// grew says whether the target was slower under load than in the beginning.
func (e *Evidence) grew() bool {
	return e.Quiet.P99 > 0 && e.Busy.P99 >= grewBy*e.Quiet.P99 && e.Busy.P99 >= grewFloor
}

// growth tells of a target that became slower. It hurts where 1 answer in 100 of the whole run was that slow.
func (e *Evidence) growth() []finding {
	if !e.grew() {
		return nil
	}
	return []finding{{
		Limit: Limit{
			What: "slowdown", Amount: times(e.Busy.P99, e.Quiet.P99, "slower"), Whose: Target,
			Text: fmt.Sprintf("1 answer in 100 took %s or more from %s on, at %.0f requests a second, %s in the first quarter of the run (%s, at %.0f a second).",
				wording.Duration(e.Busy.P99), wording.Duration(e.Busy.From), e.Busy.Rate, times(e.Busy.P99, e.Quiet.P99, "as long as"), wording.Duration(e.Quiet.P99), e.Quiet.Rate),
		},
		hurts: e.Service.P99 >= grewBy*e.Quiet.P99 && e.Service.P99 >= grewFloor,
	}}
}

// times is "40 times its median".
func times(a, b time.Duration, what string) string {
	return wording.Plain(float64(a)/float64(max(b, 1)), 3) + " times " + what
}

// failures is whose the failures are that a run gave up for.
func (e *Evidence) failures() Owner {
	local := e.class(replay.ClassOwn)
	unreached := e.class(replay.ClassConnect)
	switch {
	case local*2 > e.Ledger.Failed:
		return Tool
	case unreached*2 > e.Ledger.Failed && !e.answered():
		return Network
	}
	for _, f := range e.timeouts() {
		if f.Whose == Tool {
			return Tool
		}
	}
	return Target
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// leftOutSays says which runs are part of no figure that is compared, those of one cause in one sentence, and which were given twice.
func leftOutSays(h *compare.History) (out []string) {
	runs := make(map[string][]int)
	var order []string
	for i := range h.Runs {
		if why := leftOutWhy(&h.Runs[i]); why != "" {
			if runs[why] == nil {
				order = append(order, why)
			}
			runs[why] = append(runs[why], i)
		}
	}
	for _, why := range order {
		list := runs[why]
		text := fmt.Sprintf("%s %s left out: %s", rangesOf(list), wording.Choose(len(list), "is", "are"), why)
		out = append(out, capital(text)+lagRange(h, list)+".")
	}
	lagged := 0
	for i := range h.Runs {
		if h.Runs[i].Lagged && len(h.Runs[i].Excluded) == 0 {
			lagged++
		}
	}
	if lagged > 0 {
		out = append(out, fmt.Sprintf("%s not faithful by lag: a figure counts where at most a tenth of it may be lag, and a change of it from %d times the lag on.",
			wording.CountOf(lagged, "run is", "runs are"), compare.LagTimes))
	}
	for _, r := range h.Repeated {
		out = append(out, r.Text)
	}
	return out
}

// leftOutPart has the reasons in full.
func leftOutPart(h *compare.History) []part {
	p := part{Title: "Why runs are left out", Detail: true}
	for i := range h.Runs {
		for _, reason := range h.Runs[i].Excluded {
			p.Notes = append(p.Notes, capital(runName(i))+": "+reason.Text)
		}
	}
	if len(p.Notes) == 0 {
		return nil
	}
	return []part{p}
}

// leftOutWhy says in a few words why a run is left out; nothing where it is not.
func leftOutWhy(r *compare.HistoryRun) string {
	if len(r.Excluded) == 0 {
		return ""
	}
	switch reason := r.Excluded[0]; {
	case reason.What == "header":
		return "the header was lost"
	case reason.What == "empty":
		return "no request was played"
	case reason.What == "cut_short" && r.State == "":
		return "the run file has no end"
	case reason.What == "cut_short":
		return fmt.Sprintf("the run ended before its plan did (%s)", r.State)
	default:
		return toolFault(r)
	}
}

// toolFault says in a few words what the tool fell short of.
func toolFault(r *compare.HistoryRun) string {
	for _, l := range r.Summary.Verdict.Limits {
		if l.Whose == results.Hand {
			if l.What == "unsent" {
				return "it was steered by hand (" + l.Cause + ")"
			}
			return "the run was changed by hand"
		}
		if l.Whose != results.Tool {
			continue
		}
		if l.Cause != "" {
			return l.Cause
		}
		if l.OfLag() {
			return "the tool sent too late"
		}
		return "the tool fell short (" + strings.ReplaceAll(l.What, "_", " ") + ")"
	}
	return "the run is not faithful"
}

// lagRange is the 99th percentile of lag of runs that were left out by lag; nothing of others.
func lagRange(h *compare.History, runs []int) string {
	var lags []time.Duration
	for _, i := range runs {
		s := &h.Runs[i].Summary
		late := slices.ContainsFunc(s.Verdict.Limits, func(l results.Limit) bool { return l.OfLag() && l.Whose == results.Tool })
		if late && h.Runs[i].Excluded[0].What == "unfaithful" && s.Lag.P99 > 0 {
			lags = append(lags, s.Lag.P99)
		}
	}
	if len(lags) == 0 {
		return ""
	}
	low, high := wording.Duration(slices.Min(lags)), wording.Duration(slices.Max(lags))
	if low == high {
		return fmt.Sprintf(" (lag p99 %s)", high)
	}
	number, unit, _ := strings.Cut(low, " ")
	if strings.HasSuffix(high, " "+unit) {
		low = number
	}
	return fmt.Sprintf(" (lag p99 %s to %s)", low, high)
}

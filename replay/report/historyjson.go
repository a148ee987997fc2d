package report

import (
	"reprise/replay/cause"
	"reprise/replay/compare"
)

// historyOut is a history as JSON, with what people read of its changes and of why requests were slow.
type historyOut struct {
	*compare.History
	Runs    []historyRunOut    `json:"runs"`
	Changes []historyChangeOut `json:"changes"`
	// Verdict is "changed", "no change", "too few runs" or "cannot be judged", and Direction of changes "worse", "better" or "both".
	Verdict   string `json:"verdict"`
	Direction string `json:"direction,omitempty"`
}

type historyRunOut struct {
	// Number is the run's in what people read: its place, from 1 on.
	Number int `json:"number"`
	compare.HistoryRun
	Causes []historyCauseOut `json:"causes"`
}

type historyCauseOut struct {
	Pattern  string      `json:"pattern"`
	Whose    cause.Owner `json:"whose"`
	Requests int64       `json:"requests"`
	Says     string      `json:"says"`
}

type historyChangeOut struct {
	compare.ChangePoint
	Says []string `json:"says"`
}

func historyJSON(h *compare.History) historyOut {
	out := historyOut{History: h, Runs: []historyRunOut{}, Changes: []historyChangeOut{}}
	for i, r := range h.Runs {
		run := historyRunOut{i + 1, r, []historyCauseOut{}}
		if r.Why != nil {
			for k := range r.Why.Findings {
				f := &r.Why.Findings[k]
				run.Causes = append(run.Causes, historyCauseOut{patternOf(f).code, f.Whose, f.Requests, findingSays(f, r.Why.Requests)})
			}
		}
		out.Runs = append(out.Runs, run)
	}
	for i := range h.Changes {
		out.Changes = append(out.Changes, historyChangeOut{h.Changes[i], changeSays(h, &h.Changes[i])})
	}
	out.Verdict, out.Direction = verdictCode(h)
	return out
}

// verdictCode is the verdict as programs read it.
func verdictCode(h *compare.History) (verdict, direction string) {
	verdict, _ = historyVerdict(h)
	switch {
	case len(h.Changes) == 0:
		return verdict, ""
	case verdict == "changed":
		return "changed", "both"
	}
	return "changed", verdict
}

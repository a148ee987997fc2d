package report

import (
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// faultLines are reasons in a sentence each. Runs that are not faithful by the same cause are told of in one.
func faultLines(list []compare.Reason) (out []string) {
	var told []string
	for _, r := range list {
		switch {
		case r.Cause == "":
			out = append(out, r.Text)
		case !slices.Contains(told, r.Cause):
			told = append(told, r.Cause)
			out = append(out, causeSays(slices.DeleteFunc(slices.Clone(list), func(o compare.Reason) bool { return o.Cause != r.Cause })))
		}
	}
	return out
}

// causeSays is one cause in several runs: "a.rpr and b.rpr are not faithful: the tool had no CPU (lag p99 905 and 770 ms; moved 48 and 40 %)."
func causeSays(list []compare.Reason) string {
	var runs, lag, moved, longer, in []string
	for _, r := range list {
		if !slices.Contains(runs, r.Run) {
			runs = append(runs, r.Run)
		}
		if r.Lag != "" {
			lag = append(lag, amountSays(r.Lag))
		}
		if r.Moved != "" {
			moved = append(moved, amountSays(r.Moved))
		}
		if r.Longer != "" {
			longer = append(longer, amountSays(r.Longer))
		}
	}
	if len(lag) > 0 {
		in = append(in, "lag p99 "+oneUnit(lag))
	}
	if len(moved) > 0 {
		in = append(in, "moved "+oneUnit(moved))
	}
	if len(longer) > 0 {
		in = append(in, "longer by "+oneUnit(longer))
	}
	return names(runs, 4, "run") + wording.Choose(len(runs), " is", " are") + " not faithful: " + list[0].Cause + " (" + strings.Join(in, "; ") + ")."
}

// amountSays is an amount of JSON as people write it: "905ms" is "905 ms".
func amountSays(amount string) string {
	if share, ok := strings.CutSuffix(amount, "%"); ok {
		return share + " %"
	}
	if d, err := time.ParseDuration(amount); err == nil {
		return wording.Duration(d)
	}
	return amount
}

// oneUnit lists amounts and writes a unit that all of them have once: "905 and 770 ms".
func oneUnit(list []string) string {
	_, unit, _ := strings.Cut(list[0], " ")
	if unit == "" || slices.ContainsFunc(list, func(s string) bool { return !strings.HasSuffix(s, " "+unit) }) {
		return names(list, 4, "run")
	}
	var values []string
	for _, s := range list {
		values = append(values, strings.TrimSuffix(s, " "+unit))
	}
	if len(values) > 4 {
		return strings.Join(values[:3], ", ") + " " + unit + " and " + wording.Count(len(values)-3, "more run")
	}
	return listed(values) + " " + unit
}

// toBeFaithful says what helps runs that are not faithful by lag, by its causes; "" where they are not known.
func toBeFaithful(list []compare.Reason) string {
	var cpu, rate, other bool
	for _, r := range list {
		switch r.Cause {
		case "":
		case results.CauseNoCPU:
			cpu = true
		case results.CauseAllCPU, results.CauseUnprepared, results.CauseBehind, results.CauseTooSlow:
			cpu, rate = true, true
		default:
			other = true
		}
	}
	const processor = "play both again where the tool has a processor to itself: the target on another machine, or taskset or a CPU quota that leaves the tool one, and no other jobs beside it"
	switch {
	case rate:
		return processor + "; or at a lower rate (--time-scale)."
	case cpu:
		return processor + "."
	case other:
		return "mend that cause (reprise report of the run says how), and play both again."
	}
	return ""
}

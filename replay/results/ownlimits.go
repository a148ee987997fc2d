package results

import (
	"slices"
	"strings"

	"reprise/capture"
)

// ownLimits are the conditions on lag that stand beside faithful in one list: each takes the place of a limit of faithful's own.
type ownLimits struct {
	lag, moved bool
	kinds      [capture.KindCount]bool // of which kinds moved is bounded
}

// faithfulLimits names the limits without which a run is faithful: all but those of its answers.
func faithfulLimits() []string {
	return []string{"lag", "moved", "duration", "shed", "unsent", "unsigned", "changed", "asleep", "arrival"}
}

// ownLimitsOf finds those of the whole run in a list, or those of a step. A condition that bounds nothing from above takes no place, nor does
// one on the lag of one kind, as faithful has none of that.
func ownLimitsOf(list []Expectation, step string) (own ownLimits) {
	for _, x := range list {
		switch {
		case !strings.EqualFold(x.step, step):
		case strings.HasPrefix(x.op, ">"):
		case x.metric == "lag" && x.kind == "":
			own.lag = true
		case x.metric == "moved" && x.kind == "":
			own.moved = true
		case x.metric == "moved":
			k, _ := capture.ParseKind(x.kind)
			own.kinds[k] = true
		}
	}
	return own
}

// checkFaithful is Check of faithful; got names the limits that were missed.
func (x Expectation) checkFaithful(s *Summary) (ok bool, got string) {
	var missed []string
	replaced := false
	for _, l := range s.Verdict.Limits {
		switch {
		case !slices.Contains(faithfulLimits(), l.What):
		case x.own.replaces(l.What, s):
			replaced = true
		default:
			missed = append(missed, l.What+" "+l.Amount)
		}
	}
	switch {
	case s.Verdict.Faithful || replaced && len(missed) == 0:
		return true, "faithful"
	case len(missed) == 0:
		return false, "not faithful"
	}
	return false, "not faithful (" + strings.Join(missed, ", ") + ")"
}

// replaces says whether a limit that a run missed is one that a condition stands in for.
func (o ownLimits) replaces(what string, s *Summary) bool {
	switch {
	case what == "lag":
		return o.lag
	case what == "moved" && !o.moved:
		byKind := make(map[string]float64)
		for name, k := range s.Kinds {
			if kind, _ := capture.ParseKind(name); !o.kinds[kind] {
				byKind[name] = k.Moved
			}
		}
		short, kinds := movedBeyond(s.Moved, &s.Ledger, byKind)
		return !short && len(kinds) == 0
	}
	return what == "moved"
}

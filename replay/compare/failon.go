package compare

import (
	"fmt"
	"slices"
	"strings"
)

// Condition is one thing that a gate fails on. The texts are those of --fail-on, and part of the JSON.
type Condition string

// The conditions. A regression and runs that cannot be judged fail every gate but that of FailNone.
const (
	FailRegression   Condition = "regression"   // the candidate is worse
	FailInvalid      Condition = "invalid"      // the runs cannot be compared
	FailInconclusive Condition = "inconclusive" // it cannot be told whether the candidate is worse
	FailDifference   Condition = "difference"   // answers differ in status, failure or body
	FailUnfaithful   Condition = "unfaithful"   // a verdict stands, and a run was not faithful by the tool's own fault
	FailNone         Condition = "none"         // nothing fails
)

// Conditions lists them all, as people are told of them.
func Conditions() []Condition {
	return []Condition{FailRegression, FailInvalid, FailInconclusive, FailDifference, FailUnfaithful, FailNone}
}

// FailOn is what a gate fails on. The zero value is a regression and runs that cannot be compared; a list adds to these, and FailNone
// alone takes them away: a gate does not open because something was listed.
type FailOn []Condition

// ParseFailOn reads conditions as users write them.
func ParseFailOn(names []string) (FailOn, error) {
	list := FailOn{}
	for _, n := range names {
		c := Condition(strings.TrimSpace(n))
		if !slices.Contains(Conditions(), c) {
			return nil, fmt.Errorf("%q is none of %s", n, joinConditions(Conditions()))
		}
		list = append(list, c)
	}
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("it names nothing: give one or more of %s", joinConditions(Conditions()))
	case slices.Contains(list, FailNone) && slices.ContainsFunc(list, func(c Condition) bool { return c != FailNone }):
		return nil, fmt.Errorf("none stands alone: it says that nothing fails, and %s is given too", joinConditions(slices.DeleteFunc(list, func(c Condition) bool { return c == FailNone })))
	}
	return list, nil
}

func joinConditions(list []Condition) string {
	var names []string
	for _, c := range list {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// Has says whether a condition fails the gate.
func (f FailOn) Has(c Condition) bool {
	if slices.Contains(f, FailNone) {
		return false
	}
	return c == FailRegression || c == FailInvalid || slices.Contains(f, c)
}

// List is what fails the gate, in the order of Conditions; FailNone alone where nothing does.
func (f FailOn) List() []Condition {
	list := slices.DeleteFunc(Conditions(), func(c Condition) bool { return !f.Has(c) })
	if len(list) == 0 {
		return []Condition{FailNone}
	}
	return list
}

// Fails lists the conditions of FailOn that hold of the comparison; empty, never nil, where the gate is passed.
func (c *Comparison) Fails() []Condition {
	return slices.DeleteFunc(Conditions(), func(x Condition) bool { return !c.FailOn.Has(x) || !c.holds(x) })
}

func (c *Comparison) holds(x Condition) bool {
	switch x {
	case FailRegression:
		return c.Verdict == Regressed
	case FailInvalid:
		return c.Verdict == Invalid
	case FailInconclusive:
		return c.Verdict == Inconclusive
	case FailDifference:
		return c.Differs()
	case FailUnfaithful:
		return c.Verdict != Invalid && len(c.Doubts) > 0
	}
	return false
}

// Differs says whether the candidate answered otherwise: a request has another status or another failure, or a body differs where
// that counts. Of runs that are not of one plan nothing is known: their pairs are none.
func (c *Comparison) Differs() bool {
	for _, r := range c.Invalid {
		if !slices.Contains([]string{"requests", "cut_short", "unfaithful", "lag"}, r.What) {
			return false
		}
	}
	return c.Join.StatusChanged > 0 || len(c.NewStatuses) > 0 || c.Answers.Changed()
}

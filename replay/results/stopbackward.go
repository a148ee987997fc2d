package results

import (
	"fmt"
	"strings"
)

// checkMeaning refuses a condition that could never be met, and one that is met while all is well: it would end a run that has nothing wrong.
func (c *StopCondition) checkMeaning() error {
	switch {
	case c.metric == backlog && c.measure == asShare:
		return fmt.Errorf("a backlog is a number of requests, such as 1000")
	case c.measure == asShare && c.value > 1:
		return fmt.Errorf("a share is at most 100%%")
	case c.never(c.op):
		return fmt.Errorf("it can never be met, as nothing is %s %s", map[bool]string{true: "more than", false: "less than"}[c.op == ">"], c.limit())
	case !c.OfNamedAnswers() && c.MetByGood():
		return c.backward()
	}
	return nil
}

// never says whether no value is on that side of the limit.
func (c *StopCondition) never(op string) bool {
	return op == ">" && c.measure == asShare && c.value >= 1 || op == "<" && c.value <= 0
}

// OfNamedAnswers says whether it is about answers by a status or the name of one. Somebody may wait for a refusal: a test of a limiter ends
// when too few answers are 429.
func (c *StopCondition) OfNamedAnswers() bool { return c.OfAnswers() && !c.OfErrors() }

// MetByGood says whether a run meets the condition in which nothing takes time, waits or fails.
func (c *StopCondition) MetByGood() bool {
	if !c.ofGood() {
		return compare(0, c.op, c.value)
	}
	if c.measure == asShare {
		return compare(1, c.op, c.value)
	}
	return strings.HasPrefix(c.op, ">") // of a number of good answers there is no most
}

// ofGood says whether it counts what is good.
func (c *StopCondition) ofGood() bool {
	return c.metric == "ok" || isStatus(c.metric) && c.metric[len(statusPrefix)] < '4'
}

// backward is the error for a condition that is met while all is well.
func (c *StopCondition) backward() error {
	return fmt.Errorf("it is met while all is well, and would end the run then: say what is wrong, as in %s", c.turned())
}

// turned is the condition with its limit on the other side.
func (c *StopCondition) turned() string {
	op := ">"
	if c.ofGood() {
		op = "<"
	}
	if c.never(op) {
		op += "="
	}
	name, rest, _ := strings.Cut(c.text, c.op)
	return strings.TrimSpace(name) + op + strings.TrimSpace(rest)
}

// limit is the value of the condition as it was written.
func (c *StopCondition) limit() string {
	_, rest, _ := strings.Cut(c.text, c.op)
	value, _, _ := strings.Cut(rest, "/")
	return strings.TrimSpace(value)
}

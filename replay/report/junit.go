package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// suite and what is below it are the JUnit XML that continuous integration servers read (the schema of the Ant task,
// https://github.com/windyroad/JUnit-Schema).
type suite struct {
	XMLName  xml.Name   `xml:"testsuite"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Failure *message `xml:"failure,omitempty"`
	Error   *message `xml:"error,omitempty"`
	Skipped *message `xml:"skipped,omitempty"`
	Out     string   `xml:"system-out,omitempty"`
}

type message struct {
	Message string `xml:"message,attr"`
}

// writeJUnit writes what a gate comes to as the first cases, and then one for each row that was judged: regressed is a failure,
// inconclusive and what could not be judged are skipped, and inconclusive is a failure where a gate fails on it. Whatever fails a gate is a
// failure or an error of the first cases, so that no such file is green.
func writeJUnit(w io.Writer, c *compare.Comparison) error {
	s := suite{Name: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name)}
	s.gate(c)
	undecided := c.Verdict == compare.Inconclusive && c.FailOn.Has(compare.FailInconclusive)
	if c.Completion != nil {
		for _, k := range slices.Concat([]compare.Kind{c.Completion.All}, c.Completion.Kinds, c.Completion.StepKinds()) {
			s.kind(k, "to completion", "never or failed", undecided)
		}
	}
	for _, k := range everyKind(c) {
		s.kind(k, "latency", "failed requests", undecided)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// gate writes the verdict, and what else was asked for.
func (s *suite) gate(c *compare.Comparison) {
	texts := []string{string(c.Verdict) + without(c) + "."}
	if c.Verdict == compare.Invalid {
		texts[0] = string(c.Verdict) + ":"
	}
	for _, r := range c.Invalid {
		texts = append(texts, r.Text)
	}
	m := &message{strings.Join(append(texts, couldSeeSays(c)), " ")}
	t := testCase{Class: "comparison", Name: "verdict"}
	switch {
	case c.Verdict == compare.Invalid:
		t.Error = m
	case c.Verdict == compare.Regressed, c.Verdict == compare.Inconclusive && c.FailOn.Has(compare.FailInconclusive):
		t.Failure = m
	case c.Verdict == compare.Inconclusive:
		t.Skipped = m
	default:
		t.Out = m.Message
	}
	s.put(t)
	for _, side := range []compare.Side{c.Base, c.Candidate} {
		if slices.ContainsFunc(side.Damage, func(d results.Damage) bool { return !d.Spare }) { // which ends with a code of its own
			s.put(testCase{Class: "comparison", Name: side.Name + " is whole", Error: &message{"part of " + side.Name + " was unreadable; the rest was used"}})
		}
	}
	for _, x := range []struct {
		name string
		on   compare.Condition
	}{{"answers are the same", compare.FailDifference}, {"runs are faithful", compare.FailUnfaithful}} {
		if !c.FailOn.Has(x.on) {
			continue
		}
		t := testCase{Class: "comparison", Name: x.name}
		if slices.Contains(c.Fails(), x.on) {
			t.Failure = &message{whatFailed(c, x.on)}
		}
		s.put(t)
	}
}

// kind writes the rows of one kind; undecided says that a row which cannot be told is a failure.
func (s *suite) kind(k compare.Kind, latency, errors string, undecided bool) {
	for _, l := range k.Latency {
		if l.Judged {
			x := sidesOf(&l)
			s.row(k.Name, l.Metric+" "+latency, l.Verdict, undecided && l.Why == compare.Across,
				fmt.Sprintf("%s: %s to %s (%s): %s", l.Verdict, x.base, x.candidate, x.change, because(l.Why)))
		}
	}
	e := k.Errors
	s.row(k.Name, errors, e.Verdict, undecided && e.Why == compare.Across,
		fmt.Sprintf("%s: %s to %s: %s", e.Verdict, wording.Percent(e.Base), wording.Percent(e.Candidate), because(e.Why)))
}

func (s *suite) row(class, name string, v compare.Verdict, undecided bool, text string) {
	t := testCase{Class: class, Name: name}
	m := &message{text}
	switch {
	case v == compare.Regressed || undecided:
		t.Failure = m
	case v == compare.Invalid || v == compare.Inconclusive:
		t.Skipped = m
	}
	s.put(t)
}

// put adds a case, and counts it.
func (s *suite) put(t testCase) {
	s.Tests++
	switch {
	case t.Failure != nil:
		s.Failures++
	case t.Error != nil:
		s.Errors++
	case t.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, t)
}

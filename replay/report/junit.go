package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
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
}

type message struct {
	Message string `xml:"message,attr"`
}

// writeJUnit writes one test case for each row that was judged: regressed is a failure, inconclusive and what could not be
// judged skipped. Where nothing could be, one more case says why, as an error.
func writeJUnit(w io.Writer, c *compare.Comparison) error {
	s := suite{Name: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name)}
	if c.Verdict == compare.Invalid {
		var why []string
		for _, r := range c.Invalid {
			why = append(why, r.Text)
		}
		s.Tests, s.Errors = 1, 1
		s.Cases = []testCase{{Class: "all", Name: "the runs can be compared", Error: &message{"invalid: " + strings.Join(why, " ")}}}
	}
	if c.Completion != nil {
		for _, k := range append([]compare.Kind{c.Completion.All}, c.Completion.Kinds...) {
			s.kind(k, "to completion", "never or failed")
		}
	}
	for _, k := range everyKind(c) {
		s.kind(k, "latency", "failed requests")
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

// kind writes the rows of one kind.
func (s *suite) kind(k compare.Kind, latency, errors string) {
	for _, l := range k.Latency {
		if l.Judged {
			x := sidesOf(&l)
			s.add(k.Name, l.Metric+" "+latency, l.Verdict, fmt.Sprintf("%s: %s to %s (%s): %s", l.Verdict, x.base, x.candidate, x.change, because(l.Why)))
		}
	}
	e := k.Errors
	s.add(k.Name, errors, e.Verdict, fmt.Sprintf("%s: %s to %s: %s", e.Verdict, wording.Percent(e.Base), wording.Percent(e.Candidate), because(e.Why)))
}

func (s *suite) add(class, name string, v compare.Verdict, text string) {
	t := testCase{Class: class, Name: name}
	m := &message{text}
	switch v {
	case compare.Regressed:
		t.Failure = m
		s.Failures++
	case compare.Invalid, compare.Inconclusive:
		t.Skipped = m
		s.Skipped++
	}
	s.Tests++
	s.Cases = append(s.Cases, t)
}

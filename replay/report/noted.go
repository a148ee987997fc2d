package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/results"
)

const (
	// shortRows is how many rows of failed requests a text has.
	shortRows = 20
	// mostWays is how many ways of failing a report tells apart; JSON has all.
	mostWays = 10
)

// WriteRequests writes as text which requests of a run were slowest and which failed: what WriteRun leaves out of its text.
func WriteRequests(w io.Writer, r *results.Run) error {
	b := new(strings.Builder)
	for _, p := range notedParts(&r.Summary) {
		p.cut()
		p.write(b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// notedParts name requests: the slowest, and the failed ones by the way in which they failed.
func notedParts(s *results.Summary) (parts []part) {
	if len(s.Slowest) > 0 {
		p := part{Title: "Slowest requests", Table: notedTable(s.Slowest), Detail: true}
		p.Notes = []string{"latency: from the intended moment to the end of the answer. record: its Reprise-Record, whose first number is that of reprise cat --record."}
		parts = append(parts, p)
	}
	for i, f := range s.Failures {
		if i == mostWays {
			parts = append(parts, part{
				Title: "Failed in other ways", Detail: true,
				Notes: []string{fmt.Sprintf("%s more ways of failing are in the JSON report.", count(int64(len(s.Failures)-mostWays)))},
			})
			break
		}
		p := part{Title: fmt.Sprintf("Failed: %s (%s)", f.What, count(f.Count)), Table: notedTable(f.Requests), Detail: true, Most: shortRows}
		if n := int64(len(f.Requests)); n < f.Count {
			p.Notes = []string{fmt.Sprintf("The first %s of %s.", wording.Count(n, "request"), count(f.Count))}
		}
		parts = append(parts, p)
	}
	return parts
}

// notedTable has a row a request. The trace id is told where there is one.
func notedTable(of []results.Noted) *table {
	traced := false
	for i := range of {
		traced = traced || of[i].Trace != ""
	}
	t := &table{Head: cells("record", "kind", "answer"), Left: 3}
	if traced {
		t.Head, t.Left = append(t.Head, "trace id"), t.Left+1
	}
	t.Head = append(t.Head, "at", "latency")
	for i := range of {
		n := &of[i]
		row := cells(n.Record, n.Kind, answerOf(n))
		if traced {
			row = append(row, n.Trace)
		}
		t.Rows = append(t.Rows, append(row, offset(n.At), wording.Duration(n.Latency)))
	}
	return t
}

// answerOf is the status of an answer, or why there is none.
func answerOf(n *results.Noted) string {
	if n.Error != "" {
		return string(n.Error)
	}
	return strconv.Itoa(n.Status)
}

// offset is a moment of a run, to the millisecond.
func offset(at time.Duration) string { return strconv.FormatFloat(at.Seconds(), 'f', 3, 64) + " s" }

// cut leaves the first rows of a long table, and says so.
func (p *part) cut() {
	if p.Table == nil || p.Most == 0 || len(p.Table.Rows) <= p.Most {
		return
	}
	short := *p.Table
	left := len(short.Rows) - p.Most
	short.Rows = short.Rows[:p.Most]
	p.Table = &short
	p.After = append(p.After, wording.CountOf(left, "more row is", "more rows are")+" in the HTML and the JSON report.")
}

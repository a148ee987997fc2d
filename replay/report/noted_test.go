package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

func TestRequests(t *testing.T) {
	r := run(t)
	text := golden(t, "requests.txt", func(w io.Writer) error { return WriteRequests(w, r) })
	if strings.Contains(text, "trace id") {
		t.Error("trace ids of a run that was not traced")
	}
	var brief bytes.Buffer
	if err := WriteRun(&brief, Text, r, nil); err != nil || strings.Contains(brief.String(), "Slowest requests") {
		t.Errorf("%v, and the short text names requests", err)
	}
}

// What is left out is told, and a trace id has a column where there is one.
func TestRequestsAreCut(t *testing.T) {
	f := results.Failed{What: "timeout", Count: 1234}
	for i := range 25 {
		f.Requests = append(f.Requests, results.Noted{Record: fmt.Sprintf("%d.0", i), Kind: "help", At: time.Duration(i) * 1234 * time.Millisecond, Latency: 10 * time.Second, Error: replay.ReasonTimeout, Trace: "0af7651916cd43dd8448eb211c80319c"})
	}
	r := &results.Run{Summary: results.Summary{Failures: []results.Failed{f}}}
	for i := range 12 {
		r.Summary.Failures = append(r.Summary.Failures, results.Failed{What: fmt.Sprintf("status %d", 500+i), Count: 1, Requests: []results.Noted{{Record: "9.1", Status: 500 + i}}})
	}
	var text, page bytes.Buffer
	if err := WriteRequests(&text, r); err != nil {
		t.Fatal(err)
	}
	if err := WriteRun(&page, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Failed: timeout (1,234)", "The first 25 requests of 1,234.", "5 more rows are in the HTML and the JSON report.", "trace id", "0af7651916cd43dd8448eb211c80319c", "23.446 s", "3 more ways of failing"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "20.0 ") || !strings.Contains(page.String(), "<td class=\"word\">24.0</td>") || strings.Contains(page.String(), "more are in") {
		t.Error("the text has too many rows, or the page too few")
	}
}

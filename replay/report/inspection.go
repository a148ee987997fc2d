package report

import (
	"fmt"
	"io"
	"strings"

	"reprise/replay/results"
)

// inspection is what a run file holds as JSON, which users rely on: the run's summary, and which run it was.
type inspection struct {
	results.Summary
	Header results.Header `json:"header"`
	// Extensions are the names of what a later version has added to the file and this one passes over.
	Extensions []string `json:"extensions,omitempty"`
}

// WriteInspection writes what a run file holds, as Text or JSON: the summary, and which run it was.
func WriteInspection(w io.Writer, f Format, r *results.Run) error {
	switch f {
	case JSON:
		h := r.Header
		h.Plan = nil // what was planned is in the summary
		return writeJSON(w, inspection{r.Summary, h, r.Extensions})
	case Text:
	default:
		return fmt.Errorf("report: an inspection has no %s format", f)
	}
	if err := WriteRun(w, Text, r); err != nil {
		return err
	}
	var b strings.Builder
	setup := setupPart(r)
	setup.write(&b)
	if len(r.Extensions) > 0 {
		fmt.Fprintf(&b, "\npassed over: %s (of a newer reprise)\n", strings.Join(r.Extensions, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

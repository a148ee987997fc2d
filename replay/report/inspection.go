package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// inspection is what a run file holds as JSON, which users rely on: the run's summary, and which run it was.
type inspection struct {
	results.Summary
	Header results.Header `json:"header"`
	// Began is the moment that every _ns of the run counts from, by the wall clock. The header's started is before that: it was written first.
	Began time.Time `json:"began,omitzero"`
	// Extensions are the names of what a later version has added to the file and this one passes over.
	Extensions []string `json:"extensions,omitempty"`
}

// WriteInspection writes what a run file holds, as Text or JSON: the summary, and which run it was. why is nil where it was not looked for.
func WriteInspection(w io.Writer, f Format, r *results.Run, why *Why) error {
	switch f {
	case JSON:
		h := r.Header
		h.Plan = nil // what was planned is in the summary
		return writeJSON(w, inspection{r.Summary, h, r.Start().UTC(), r.Extensions})
	case Text:
	default:
		return fmt.Errorf("report: an inspection has no %s format", f)
	}
	if err := WriteRun(w, Text, r, why); err != nil {
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

// WriteSalvaged writes what a repair kept of a run, in the file that it wrote; like is the run that the header was taken from, "" for none.
// Beside options it asks for the name of Like.
func WriteSalvaged(w io.Writer, s *results.Salvaged, file, like string, named Named) error {
	lines := []string{"kept " + wording.Count(s.Kept, "result")}
	switch {
	case s.Lost > 0:
		lines[0] += ", " + count(s.Lost) + " lost"
	case s.Unknown:
		lines[0] += "; it cannot be known how many are lost"
	}
	switch {
	case s.Ended:
	case s.Search && s.Held > 0:
		lines = append(lines, fmt.Sprintf("the search has no end and is not gone on with: the step at %sx held; begin anew from there, with %s %s",
			plainDigits(s.Held), named.of("TimeScale"), plainDigits(s.Held)))
	case s.Search:
		lines = append(lines, "the search has no end and is not gone on with: no step is known to have held; begin it anew")
	default:
		lines = append(lines, fmt.Sprintf("the run has no end: replay %s %s goes on with it", named.of("Resume"), file))
	}
	switch {
	case s.Header == results.HeaderMended:
		lines = append(lines, "the header was damaged and could be put right")
	case s.Header == results.HeaderLost && like == "":
		lines = append(lines, fmt.Sprintf("the header is lost: corpus, plan, target and settings are not known; to compare it, repair it with %s RUN.rpr, a run of the same plan",
			named.of("Like")))
	case s.Header == results.HeaderLost:
		lines = append(lines, fmt.Sprintf("the header is lost: corpus, plan and settings are those of %s; run, target and machine are not known", like))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/replay"
)

// ShapeNotes says what there is to know of a shape's plan before it is played.
func ShapeNotes(p *replay.Plan, named Named) (notes []string) {
	if p == nil {
		return nil
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.CutShort {
			notes = append(notes, fmt.Sprintf("the recording ends in %s, which is cut short: it sends %d requests in %v; %s plays the recording again",
				stepName(i+1, s.Name), s.Requests, s.Duration.Round(time.Millisecond), named.of("Loops")))
		}
	}
	return notes
}

// stepName is how a step is called: by its name, or its number.
func stepName(number int, name string) string {
	if name == "" {
		return fmt.Sprintf("step %d", number)
	}
	return fmt.Sprintf("step %d (%s)", number, name)
}

// heldNote says why a step's figures are not those that it asks for.
const heldNote = "What the cap held back comes later: a step that catches up also sends what is left of those before it, so that its length and its mean are not its own."

// writeSteps writes the steps of a plan as a table, and its curve. Without steps it writes nothing.
func writeSteps(w io.Writer, p *replay.Plan) error {
	if len(p.Steps) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\t\tstarts\tlasts\trequests\tmean\tbusiest second\ttime-scale\tvolume\trecorded from\tto")
	for i := range p.Steps {
		s := &p.Steps[i]
		name := s.Text
		if s.Name != "" {
			name = s.Name + ": " + name
		}
		if s.CutShort {
			name += " (cut short)"
		}
		fmt.Fprintf(t, "%d\t%s\t%v\t%v\t%d\t%.1f/s\t%d\t%s\t%s\t%s\t%s\n", i+1, name, s.Start.Round(time.Millisecond), s.Duration.Round(time.Millisecond),
			s.Requests, replay.Rate(s.Requests, s.Duration), s.Peak, fromTo(s.TimeScale), fromTo(s.Volume), recordedAt(s.First), recordedAt(s.Last))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if p.Stretch > 0 {
		fmt.Fprintln(w, heldNote)
	}
	return writeCurve(w, p)
}

// recordedAt is a recorded moment in a table; "-" of none.
func recordedAt(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("2006-01-02 15:04:05")
}

// fromTo is a tempo at the beginning and the end of a step, once where it stays.
func fromTo(v [2]float64) string {
	from, to := fmt.Sprintf("%.4g", v[0]), fmt.Sprintf("%.4g", v[1])
	if from == to {
		return from
	}
	return from + " to " + to
}

// The size of a curve in text.
const curveRows, curveColumns = 30, 50

// writeCurve draws the planned curve, a line for each stretch of the run.
func writeCurve(w io.Writer, p *replay.Plan) error {
	each := max((len(p.Curve)+curveRows-1)/curveRows, 1)
	var sums []int64
	for i, n := range p.Curve {
		if i%each == 0 {
			sums = append(sums, 0)
		}
		sums[len(sums)-1] += n
	}
	most := int64(1)
	for _, n := range sums {
		most = max(most, n)
	}
	stretch := time.Duration(each) * p.Window
	fmt.Fprintf(w, "\nplanned curve, requests in each %v\n", stretch)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, n := range sums {
		fmt.Fprintf(t, "%v\t%d\t%s\n", time.Duration(i)*stretch, n, strings.Repeat("#", int((n*curveColumns+most-1)/most)))
	}
	return t.Flush()
}

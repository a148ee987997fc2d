package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

// ShapeNotes says what there is to know of a shape's plan before it is played.
func ShapeNotes(p *replay.Plan, named Named) (notes []string) {
	if p == nil {
		return nil
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.CutShort {
			notes = append(notes, fmt.Sprintf("the recording ends in %s, which is cut short: it sends %s requests in %v; %s plays the recording again",
				stepName(i+1, s.Name), count(s.Requests), s.Duration.Round(time.Millisecond), named.of("Loops")))
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

// stepCell is how a table calls a step: as conditions do, and by its number beside a name.
func stepCell(number int, name string) string {
	if name == "" {
		return (&results.Step{Number: number}).Called()
	}
	return fmt.Sprintf("%d %s", number, name)
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
		text := s.Text
		if s.CutShort {
			text += " (cut short)"
		}
		fmt.Fprintf(t, "%s\t%s\t%v\t%v\t%s\t%.1f/s\t%s\t%s\t%s\t%s\t%s\n", stepCell(i+1, s.Name), text, s.Start.Round(time.Millisecond), s.Duration.Round(time.Millisecond),
			count(s.Requests), replay.Rate(s.Requests, s.Duration), count(s.Peak), fromTo(s.TimeScale), fromTo(s.Volume), recordedAt(s.First), recordedAt(s.Last))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if slices.ContainsFunc(p.Steps, func(s replay.PlannedStep) bool { return s.Peak > p.Peak }) {
		fmt.Fprintln(w, "A step's seconds are counted from its start, those of the run from its own: a step's busiest second may have more than the run's.")
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
	from, to := wording.Plain(v[0], 4), wording.Plain(v[1], 4)
	if from == to {
		return from
	}
	return from + " to " + to
}

// The size of a curve in text.
const curveRows, curveColumns = 30, 50

// eachOf is how many windows a row of a curve in text has: as few as fit, where there are such, of a time that people count by.
func eachOf(n int, window time.Duration) int {
	each := max((n+curveRows-1)/curveRows, 1)
	for _, row := range []time.Duration{
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	} {
		if window > 0 && row%window == 0 && row >= time.Duration(each)*window {
			return int(row / window)
		}
	}
	return each
}

// writeCurve draws the planned curve, a line for each stretch of the run.
func writeCurve(w io.Writer, p *replay.Plan) error {
	each := eachOf(len(p.Curve), p.Window)
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
		fmt.Fprintf(t, "%v\t%s\t%s\n", time.Duration(i)*stretch, count(n), strings.Repeat("#", int((n*curveColumns+most-1)/most)))
	}
	return t.Flush()
}

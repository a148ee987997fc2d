package report

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"reprise/capture"
	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/session"
)

// Named says how an option is called where the words are read: users of a command line know "Recipients" of session.Options by its
// flag. A nil one calls options by their fields.
type Named func(option string) string

func (n Named) of(option string) string {
	if n == nil {
		return option
	}
	return n(option)
}

// EarlierNotes says what there is to know before a run is gone on with.
func EarlierNotes(s *session.Session) (notes []string) {
	e := s.Earlier()
	if e == nil {
		return nil
	}
	if !e.Ended {
		notes = append(notes, fmt.Sprintf("%s has no end: what had no answer when it was killed, or was answered in the last %d ms before, is sent again",
			e.Path, replay.FlushEvery.Milliseconds()))
	}
	if target := s.Header().Target; e.Header.Target != "" && e.Header.Target != target {
		notes = append(notes, fmt.Sprintf("%s was sent to %s, and the rest goes to %s: the whole run is of two targets", e.Path, wording.InLine(e.Header.Target), wording.InLine(target)))
	}
	return notes
}

// ShortcomingNotes says what was sent otherwise than asked for.
func ShortcomingNotes(s *session.Session, named Named) (notes []string) {
	c := s.Shortcomings()
	for _, what := range []struct {
		n    int64
		rest string
	}{
		{c.Unread, "could not be rewritten and went out with recorded ids"},
		{c.Unsigned, "could not be signed, and not sent"},
		{c.Keyless, "went out without a signature, as no key is for them"},
		{c.Unstamped, "went out with a recorded time, as its form is not known (" + named.of("Restamp") + ")"},
		{c.Unsendable, "held bytes with which no request can be sent: such headers were left out, and such bytes of a URL escaped"},
	} {
		if what.n > 0 {
			notes = append(notes, wording.Count(what.n, "request")+" "+what.rest)
		}
	}
	if c.SamePeople > 0 {
		notes = append(notes, fmt.Sprintf("the pool has no more numbers: %s sent as the recorded person", wording.CountOf(c.SamePeople, "copy", "copies")))
	}
	return notes
}

// PlanOptions say how WritePlan writes.
type PlanOptions struct {
	// Target is that of the run as users wrote it; "" is none. Corpus is the file's name; "" is not known.
	Target, Corpus string
	// Hidden counts recipients through in place of their numbers, as session.Session.Outline does.
	Hidden bool
	Named  Named
	// Beside are further services that the run asks and tells: what for, and where.
	Beside [][2]string
}

// WritePlan writes as text what a session has planned, and who becomes whom.
func WritePlan(w io.Writer, s *session.Session, o PlanOptions) error {
	d := s.Outline(o.Hidden)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if d.Search != nil {
		searchHead(t, d)
	} else {
		fmt.Fprintf(t, "requests\t%s\nduration\t%v\nmean\t%.1f/s\nbusiest second\t%s\n", count(d.Requests), d.Duration.Round(time.Millisecond), d.Mean, count(d.Peak))
	}
	if d.Stretch > 0 {
		fmt.Fprintf(t, "held back by %s\tup to %v\n", o.Named.of(s.CappedBy()), d.Stretch.Round(time.Millisecond))
	}
	if d.Idle > 0 {
		fmt.Fprintf(t, "idle time left out\t%v\n", d.Idle.Round(time.Millisecond))
	}
	for _, outage := range d.Outages {
		fmt.Fprintf(t, "outage\t%s\n", outageText(&outage))
	}
	fmt.Fprintf(t, "recorded from\t%s\nto\t%s\n", d.First.Format(time.RFC3339Nano), d.Last.Format(time.RFC3339Nano))
	if o.Corpus != "" && s.PlannedPart() {
		fmt.Fprintf(t, "not checked\tthe rest of the file: reprise inspect %s --verify does\n", shellWord(o.Corpus))
	}
	for _, k := range capture.Kinds() {
		if n := d.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%s\n", k, count(n))
		}
	}
	if o.Target != "" {
		fmt.Fprintf(t, "target\t%s (nothing was sent)\n", o.Target)
	}
	for _, b := range o.Beside {
		fmt.Fprintf(t, "%s\t%s\n", b[0], b[1])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, note := range wording.Origins(d.Origins.Rebuilt, d.Origins.Synthetic, d.Requests) {
		if _, err := fmt.Fprintln(w, note); err != nil {
			return err
		}
	}
	if err := writeSteps(w, s.Planned()); err != nil {
		return err
	}
	return writeNumbers(w, s.Numbers(), d, o)
}

package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"reprise/capture/ingest"
	"reprise/capture/source/logs"
)

// WriteTrial writes what ingest.Try found in the first lines of a log: a line for each rule of its map. A map that was proposed follows, as a file
// that logs.ReadMap reads, in which the lines above are comments. Nothing of what stood in the log is in it, but the word that tells its
// requests from other lines.
func WriteTrial(w io.Writer, name string, t *ingest.Trial) error {
	var b strings.Builder
	if t.Proposed {
		fmt.Fprintf(&b, "A map of %s, worked out from its first lines: %s\n", name, kept(t.Lines))
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	none := 0 // headers that stood in no line, of which a preset has many
	for _, r := range t.Lines.Rules {
		if r.Found == 0 && strings.HasPrefix(r.Field, "headers ") {
			none++
			continue
		}
		fmt.Fprintf(table, "%s\t%s\tin %d of %d\t%s\n", r.Field, r.Place, r.Found, t.Lines.Lines, r)
	}
	if none > 0 {
		fmt.Fprintf(table, "headers\t%d others\tin 0 of %d\t\n", none, t.Lines.Lines)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !t.Proposed {
		fmt.Fprintf(&b, "%s\n", kept(t.Lines))
		_, err := io.WriteString(w, b.String())
		return err
	}
	if t.Wrap != "" {
		fmt.Fprintf(&b, "It says itself how %s wraps lines: use it with --map alone.\n", t.Wrap)
	}
	if t.Map.DefaultURL != "" {
		b.WriteString("No line tells the path of its request: put in place of default_url what your application listens on.\n")
	}
	if t.Map.Latency != "" && t.Map.TimeIs == "" {
		b.WriteString("Where a line is written when its request is over, add   time_is: end\n")
	}
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight("# "+line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return t.Map.Print(w)
}

// kept says what of the lines would be kept.
func kept(t *logs.Trial) string {
	return fmt.Sprintf("of %d, %d would be kept%s", t.Lines, t.Account.Kept, reasons(&t.Account))
}

package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/wording"
)

// WriteInspection writes what a corpus holds, as a table.
func WriteInspection(w io.Writer, in *corpus.Inspection) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "state\t%s\n", in.State)
	if in.Unaudited {
		fmt.Fprintf(t, "audit\tno audit has passed: it may hold real people's numbers\n")
	}
	if in.Policy != "" {
		fmt.Fprintf(t, "policy\t%s (key %s)\n", wording.InLine(in.Policy), wording.InLine(in.KeyFingerprint))
	}
	fmt.Fprintf(t, "records\t%d\n", in.Records)
	if in.Rebuilt > 0 {
		fmt.Fprintf(t, "rebuilt\t%d\n", in.Rebuilt)
	}
	if in.Synthetic > 0 {
		fmt.Fprintf(t, "text generated\t%d\n", in.Synthetic)
	}
	if in.First != nil {
		fmt.Fprintf(t, "first\t%s\nlast\t%s\n", in.First.Format(time.RFC3339Nano), in.Last.Format(time.RFC3339Nano))
		fmt.Fprintf(t, "duration\t%v\n", in.Duration)
	}
	fmt.Fprintf(t, "senders\t%d\nbytes\t%d in %s%s\n", in.Senders, in.Bytes, wording.Count(in.Blocks, "block"), packed(in))
	for _, k := range capture.Kinds() {
		if n := in.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%d\n", k, n)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(in.Vendors)) {
		fmt.Fprintf(t, "vendor %s\t%d\n", wording.InLine(v), in.Vendors[v])
	}
	writeColumns(t, in)
	for _, p := range in.Curve {
		fmt.Fprintf(t, "%s\t%d\n", p.Time.Format(time.RFC3339), p.Count)
	}
	if len(in.Extensions) > 0 {
		fmt.Fprintf(t, "passed over\tof a newer reprise: %s\n", strings.Join(in.Extensions, ", "))
	}
	if in.HostsIncomplete {
		fmt.Fprintf(t, "captured hosts\tnot all known: every host but this machine counts as one\n")
	}
	if in.DamagedBlocks > 0 {
		fmt.Fprintf(t, "damaged\t%s, %d bytes\n", wording.Count(in.DamagedBlocks, "block"), in.DamagedBytes)
	}
	if in.LostBefore != nil {
		fmt.Fprintf(t, "lost before\t%s\n", lostBefore(*in.LostBefore))
	}
	return t.Flush()
}

// packed says how the blocks are written, and how much a record takes.
func packed(in *corpus.Inspection) string {
	how := slices.Sorted(maps.Keys(in.Codecs))
	if len(how) == 0 || in.Records == 0 {
		return ""
	}
	return fmt.Sprintf(" of %s, %.1f a record", strings.Join(how, " and "), float64(in.Bytes-in.DamagedBytes)/float64(in.Records))
}

// share is a part of a whole, in percent.
func share(part, whole int64) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// writeColumns says where the bytes of a corpus in columns go.
func writeColumns(t io.Writer, in *corpus.Inspection) {
	const most = 10
	if len(in.Columns) == 0 {
		return
	}
	rest, all := int64(0), int64(0)
	for i, c := range in.Columns {
		all += c.Bytes
		if i >= most {
			rest += c.Bytes
			continue
		}
		fmt.Fprintf(t, "column %s\t%d bytes, %.1f %%\n", c.Name, c.Bytes, share(c.Bytes, in.Bytes))
	}
	if n := len(in.Columns) - most; n > 0 {
		fmt.Fprintf(t, "%s more\t%d bytes, %.1f %% (--json lists them)\n", wording.Count(n, "column"), rest, share(rest, in.Bytes))
	}
	if in.DamagedBytes > 0 {
		fmt.Fprintf(t, "damaged\t%d bytes, %.1f %%\n", in.DamagedBytes, share(in.DamagedBytes, in.Bytes))
	}
	none := in.Bytes - all - in.DamagedBytes
	fmt.Fprintf(t, "in no column\t%d bytes, %.1f %%: heads, index, counts, dictionary\n", none, share(none, in.Bytes))
}

// mostDamage is how many damaged places are shown.
const mostDamage = 10

// WriteDamage writes which parts of a file could not be read, and how many records are lost where that may be known.
func WriteDamage(w io.Writer, name string, damage []corpus.Damage) {
	told := false
	if !corpus.KeepsRecords(damage) { // counts contradict records that are lost
		damage = slices.DeleteFunc(slices.Clone(damage), func(d corpus.Damage) bool { return d.Reason == corpus.BadSummary })
	}
	for i, d := range damage {
		if i == mostDamage {
			fmt.Fprintf(w, "reprise: %s: %d more places are damaged\n", name, len(damage)-i)
			break
		}
		where := fmt.Sprintf("at byte %d", d.Offset)
		if d.Line > 0 {
			where = fmt.Sprintf("line %d", d.Line)
		}
		fmt.Fprintf(w, "reprise: %s: %s: %s%s\n", name, where, d.Reason, loss(d, told))
		told = told || d.Records > 0
	}
}

// loss says what went with a damaged part; told says that it was said of others how many records went with them.
func loss(d corpus.Damage, told bool) string {
	switch records := d.Records; {
	case d.Reason == corpus.BadSummary:
		return "; nothing is lost, as the records were counted"
	case d.Reason == corpus.BadMagic:
		return "; nothing is lost, as it is known what they are, and a corpus' header follows"
	case d.Spare, d.Reason == corpus.BadHeader && !d.Block:
		return "; nothing is lost, as there are two copies"
	case d.Reason == corpus.BadHeader:
		return ", and no copy of it could be read: what this corpus was is not known"
	case records > 0:
		return ": " + wording.Count(records, "record") + " lost"
	case records < 0 && told:
		return ": it cannot be known how many more records are lost"
	case records < 0:
		return ": it cannot be known how many records are lost"
	}
	return ""
}

// lostBefore says what was lost before a corpus was made.
func lostBefore(l corpus.Lost) string {
	const unread = " of what it was made of could not be read"
	switch {
	case l.Records == 0:
		return "part" + unread + ": it cannot be known how many records are lost"
	case l.More:
		return wording.Count(l.Records, "record") + unread + ", and it cannot be known how many more are lost"
	}
	return wording.Count(l.Records, "record") + unread
}

// WriteLost says of a corpus of that name what was lost before it was made, if anything was.
func WriteLost(w io.Writer, name string, l corpus.Lost) {
	if l != (corpus.Lost{}) {
		fmt.Fprintf(w, "reprise: %s is not complete: %s\n", name, lostBefore(l))
	}
}

// WriteHosts says of a corpus of that name that the list of its captured hosts is not complete, where that is so.
func WriteHosts(w io.Writer, name string, hosts corpus.Hosts) {
	if !hosts.Complete() {
		fmt.Fprintf(w, "reprise: %s: %v\n", name, corpus.ErrHostsLost)
	}
}

// HostsLost says what to do where a target is refused because that list is not complete.
const HostsLost = "make the corpus again from an original that is whole (reprise anonymize, cat, merge or repair of it), or capture it again (lines that reprise cat printed have no such list: cut with its -o); " +
	"a target on this machine can be played at as it is"

// Raw says why a corpus is refused that holds real people's numbers, or may, and what to do. holds names what more it holds:
// "numbers and texts".
func Raw(h corpus.Header, holds string) (refusal, advice string) {
	if h.Unaudited {
		return "no audit of the corpus has passed, so that it counts as raw: it may hold real people's numbers",
			"anonymize the raw corpus again; this one is left of a run that did not end, or was made of such"
	}
	return "the corpus is raw: it holds real people's " + holds, "anonymize it first"
}

// Mismatch says why two corpora cannot become one, by their names, and what to do instead, if anything.
func Mismatch(e *corpus.MismatchError, names []string) (refusal, advice string) {
	a, b := names[e.A], names[e.B]
	switch e.What {
	case corpus.StateDiffers:
		return fmt.Sprintf("%s is %s and %s is %s", a, e.States[0], b, e.States[1]), ""
	case corpus.PolicyDiffers:
		return fmt.Sprintf("%s and %s were anonymized by different policies", a, b), ""
	case corpus.KeywordsDiffer:
		return fmt.Sprintf("%s and %s were captured with different keywords of the brand's own", a, b), "capture them again with the same ones"
	case corpus.DialectDiffers:
		return fmt.Sprintf("%s and %s describe one vendor by two different profiles", a, b), "give the vendor another name in one of them"
	}
	return fmt.Sprintf("%s and %s were anonymized with different keys: two people could share one number", a, b),
		"merge the raw corpora and anonymize the result"
}

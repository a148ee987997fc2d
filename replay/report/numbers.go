package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
	"reprise/capture/wording"
	"reprise/replay/session"
)

// NumberNotes says what in files of numbers is more or less than users may think.
func NumberNotes(n *session.Numbers, named Named) (notes []string) {
	if n == nil {
		return nil
	}
	if f := n.Receivers; f != nil {
		file := named.of("Recipients") + " " + f.Name
		if unused := n.Unused(); unused > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s of the file %s in place of nobody: the corpus has %s", file,
				wording.Count(unused, entryNoun(f)), wording.Choose(unused, "stands", "stand"), wording.Count(len(n.Met.List()), "recipient")))
		}
		if shared := n.Shared(); shared > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s the number of another, as the pairs say", file, wording.CountOf(shared, "recipient becomes", "recipients become")))
		}
	}
	if people, from, enough := n.Sending(); from > 0 && people > from {
		notes = append(notes, fmt.Sprintf("%s %s: %s are sent from %s: that makes races no customer sees; with %d numbers each has their own",
			named.of("Senders"), n.People.Name, wording.CountOf(people, "person", "people"), wording.CountOf(from, "number", "numbers"), enough))
	}
	if unread := n.Met.Unread(); unread > 0 {
		notes = append(notes, wording.Count(unread, "request")+" of the corpus cannot be read, and would be sent with the recorded numbers")
	}
	return notes
}

func entryNoun(f *numberfile.File) string {
	if f.Pairs {
		return "pair"
	}
	return "number"
}

// Shortages says whom a file of senders and a file of recipients leave out; "" where that is nobody.
func Shortages(n *session.Numbers, named Named) (people, recipients string) {
	if n == nil {
		return "", ""
	}
	if n.Unpaired > 0 {
		people = fmt.Sprintf("%s %s: %d of the corpus' %s %s not in the file: add a pair for each", named.of("Senders"),
			n.People.Name, n.Unpaired, wording.CountOf(n.Met.People(), "person", "people"), wording.Choose(n.Unpaired, "is", "are"))
	}
	if len(n.Outside) > 0 {
		recipients = named.of("Recipients") + " " + n.Receivers.Name + ": " + shortage(n)
	}
	return people, recipients
}

// addressCounts counts addresses by what sort they are: telephone numbers, short codes, names.
type addressCounts [3]int

func (c *addressCounts) add(class sms.Class) {
	switch class {
	case sms.E164:
		c[0]++
	case sms.ShortCode:
		c[1]++
	default:
		c[2]++
	}
}

// words are the counts above 0, and those that are in also.
func (c addressCounts) words(also addressCounts) string {
	var parts []string
	for i, noun := range [...][2]string{{"long number", "long numbers"}, {"short code", "short codes"}, {"sender's name", "senders' names"}} {
		if c[i] > 0 || also[i] > 0 {
			parts = append(parts, wording.CountOf(c[i], noun[0], noun[1]))
		}
	}
	return listed(parts)
}

// listed joins words: a, b and c.
func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// shortage says which recipients the file leaves out, by their sort, and what to add.
func shortage(n *session.Numbers) string {
	var have, file, missing addressCounts
	for _, a := range n.Met.List() {
		have.add(a.Class)
	}
	for _, place := range n.Outside {
		missing.add(n.Met.List()[place].Class)
	}
	if n.Receivers.Pairs {
		return fmt.Sprintf("%d of the corpus' %s %s not in the file: add a pair for %s", len(n.Outside),
			wording.Count(len(n.Met.List()), "recipient"), wording.Choose(len(n.Outside), "is", "are"), missing.words(missing))
	}
	for _, e := range n.Receivers.Entries {
		file.add(e.Class)
	}
	text := fmt.Sprintf("the corpus has %s; the file has %s", have.words(file), file.words(have))
	names := missing[2]
	if missing[2] = 0; missing != (addressCounts{}) {
		text += ": add " + missing.words(missing)
	}
	if names > 0 {
		text += fmt.Sprintf(": what %s is said by pairs alone: write every line as FAKE STAGING (NAME NAME keeps a name)",
			wording.Choose(names, "the name becomes", "the names become"))
	}
	return text
}

// writeNumbers writes who becomes whom. It ends with the number of recipients that the file leaves out.
func writeNumbers(w io.Writer, n *session.Numbers, d *session.Outline, o PlanOptions) error {
	if s := d.Senders; s != nil {
		fmt.Fprintf(w, "%s sent from %s of %s\n", wording.CountOf(s.People, "person is", "people are"), wording.CountOf(s.Numbers, "number", "numbers"), n.People.Name)
	}
	p := d.Recipients
	if p == nil {
		return nil
	}
	if o.Hidden {
		fmt.Fprintf(w, "the corpus is raw: %s shows its numbers\n", o.Named.of("AllowRaw"))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nrecipient\tbecomes\trequests\n")
	for _, row := range p.Map {
		if row.Staging == "" {
			row.Staging = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\n", quoted(row.Fake), quoted(row.Staging), row.Requests)
	}
	fmt.Fprintf(t, "\nrecipients\t%d\noutside %s\t%d\n", len(p.Map), n.Receivers.Name, p.Outside)
	return t.Flush()
}

// quoted is an address as a terminal may show it: in quotes where it holds what is not to be printed as it is.
func quoted(s string) string {
	if q := fmt.Sprintf("%q", s); q != `"`+s+`"` {
		return q
	}
	return s
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
)

// notes are what is said once, however many runs there are; nil says everything.
type notes struct{ said []string }

func (n *notes) say(w io.Writer, text string) {
	if n != nil {
		if slices.Contains(n.said, text) {
			return
		}
		n.said = append(n.said, text)
	}
	fmt.Fprintf(w, "reprise: replay: %s\n", text)
}

// sayNumbers tells what in the files is more or less than users may think.
func (n *numbers) sayNumbers(w io.Writer, o *replayOptions) {
	if f := n.receivers; f != nil {
		if unused := n.unused(); unused > 0 {
			o.notes.say(w, fmt.Sprintf("--recipients %s: %s of the file %s in place of nobody: the corpus has %s", f.Name,
				plural(int64(unused), entryNoun(f)), isAre(unused, "stands", "stand"), plural(int64(len(n.met.List())), "recipient")))
		}
		if shared := n.shared(); shared > 0 {
			o.notes.say(w, fmt.Sprintf("--recipients %s: %s the number of another, as the pairs say", f.Name, plural2(shared, "recipient becomes", "recipients become")))
		}
	}
	if people, from := n.crowd(); people > from {
		o.notes.say(w, fmt.Sprintf("--senders %s: %s are sent from %s: that makes races no customer sees; with %d numbers each has their own",
			n.people.Name, plural2(people, "person", "people"), plural2(from, "number", "numbers"), len(n.played)*n.met.People()))
	}
	if unread := n.met.Unread(); unread > 0 {
		o.notes.say(w, plural(unread, "request")+" of the corpus cannot be read, and would be sent with the recorded numbers")
	}
}

func entryNoun(f *numberfile.File) string {
	if f.Pairs {
		return "pair"
	}
	return "number"
}

func isAre(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func plural2(n int, one, many string) string { return fmt.Sprintf("%d %s", n, isAre(n, one, many)) }

// unused counts the entries of --recipients that nobody becomes.
func (n *numbers) unused() int {
	if n.receivers.Pairs {
		return len(n.receivers.Entries) - len(n.recipients)
	}
	return len(n.receivers.Entries) - len(n.met.List()) + len(n.outside)
}

// shared counts the recipients that become what one before them became.
func (n *numbers) shared() int {
	distinct := make(map[string]struct{})
	for _, to := range n.recipients {
		distinct[to] = struct{}{}
	}
	return len(n.recipients) - len(distinct)
}

// crowd counts the people whose messages are sent, and the numbers that they are sent from.
func (n *numbers) crowd() (people, from int) {
	if n.people == nil || n.people.Pairs {
		return 0, 0
	}
	list, all := uint64(len(n.people.Entries)), uint64(n.met.People())
	var given bitset
	n.played.each(func(place uint64, layer int) {
		people++
		given.add((uint64(layer)*all+place)%list, 0)
	})
	given.each(func(uint64, int) { from++ })
	return people, from
}

// outsiders is the error for recipients or people that a file leaves out.
func (n *numbers) outsiders() error {
	if n == nil {
		return nil
	}
	var errs []error
	if n.unpaired > 0 {
		errs = append(errs, withHint(misuse("--senders %s: %d of the corpus' %s %s not in the file: add a pair for each",
			n.people.Name, n.unpaired, plural2(n.met.People(), "person", "people"), isAre(n.unpaired, "is", "are")), "reprise fixtures senders lists them"))
	}
	if len(n.outside) > 0 {
		errs = append(errs, withHint(misuse("--recipients %s: %s", n.receivers.Name, n.shortage()),
			"--dry-run lists every recipient of the corpus, and what becomes of it"))
	}
	return errors.Join(errs...)
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
			parts = append(parts, plural2(c[i], noun[0], noun[1]))
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
func (n *numbers) shortage() string {
	var have, file, missing addressCounts
	for _, a := range n.met.List() {
		have.add(a.Class)
	}
	for _, place := range n.outside {
		missing.add(n.met.List()[place].Class)
	}
	if n.receivers.Pairs {
		return fmt.Sprintf("%d of the corpus' %s %s not in the file: add a pair for %s", len(n.outside),
			plural(int64(len(n.met.List())), "recipient"), isAre(len(n.outside), "is", "are"), missing.words(missing))
	}
	for _, e := range n.receivers.Entries {
		file.add(e.Class)
	}
	text := fmt.Sprintf("the corpus has %s; the file has %s", have.words(file), file.words(have))
	names := missing[2]
	if missing[2] = 0; missing != (addressCounts{}) {
		text += ": add " + missing.words(missing)
	}
	if names > 0 {
		text += fmt.Sprintf(": what %s is said by pairs alone: write every line as FAKE STAGING (NAME NAME keeps a name)",
			isAre(names, "the name becomes", "the names become"))
	}
	return text
}

// recipientPlan is what a dry run tells of --recipients; the names are relied on.
type recipientPlan struct {
	Map     []recipientRow `json:"map"`
	Outside int            `json:"outside"`
	Unused  int            `json:"unused"`
	Shared  int            `json:"shared"`
}

type recipientRow struct {
	Fake     string `json:"fake"`              // of a raw corpus "recipient 1" and so on, without --allow-raw
	Staging  string `json:"staging,omitempty"` // absent where the file has none
	Class    string `json:"class"`
	Requests int64  `json:"requests"` // of this run
}

func (n *numbers) recipientPlan() *recipientPlan {
	if n == nil || n.receivers == nil {
		return nil
	}
	p := &recipientPlan{Map: []recipientRow{}, Outside: len(n.outside), Unused: n.unused(), Shared: n.shared()}
	for place, a := range n.met.List() {
		row := recipientRow{Fake: a.Name, Staging: n.recipients[a.Name], Class: a.Class.String()}
		if n.hidden {
			row.Fake = fmt.Sprintf("recipient %d", place+1)
		}
		if place < len(n.sent) {
			row.Requests = n.sent[place]
		}
		p.Map = append(p.Map, row)
	}
	return p
}

// senderPlan is what a dry run tells of --senders; the names are relied on.
type senderPlan struct {
	People  int `json:"people"` // of this run, with those of copies
	Numbers int `json:"numbers"`
	Corpus  int `json:"corpus_people"`
	Outside int `json:"outside"`
}

func (n *numbers) senderPlan() *senderPlan {
	if n == nil || n.people == nil {
		return nil
	}
	p := &senderPlan{Corpus: n.met.People(), Outside: n.unpaired}
	n.played.each(func(uint64, int) { p.People++ })
	if _, p.Numbers = n.crowd(); n.people.Pairs {
		p.Numbers = len(n.people.Entries)
	}
	return p
}

// printNumbers prints who becomes whom. It ends with the number of recipients that the file leaves out.
func (n *numbers) printNumbers(w io.Writer) error {
	if s := n.senderPlan(); s != nil {
		fmt.Fprintf(w, "%s sent from %s of %s\n", plural2(s.People, "person is", "people are"), plural2(s.Numbers, "number", "numbers"), n.people.Name)
	}
	p := n.recipientPlan()
	if p == nil {
		return nil
	}
	if n.hidden {
		fmt.Fprintln(w, "the corpus is raw: --allow-raw shows its numbers")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nrecipient\tbecomes\trequests\n")
	for _, row := range p.Map {
		if row.Staging == "" {
			row.Staging = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\n", printable(row.Fake), printable(row.Staging), row.Requests)
	}
	fmt.Fprintf(t, "\nrecipients\t%d\noutside %s\t%d\n", len(p.Map), n.receivers.Name, p.Outside)
	return t.Flush()
}

// printable is an address as a terminal may show it.
func printable(s string) string {
	if quoted := fmt.Sprintf("%q", s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"

	"reprise/capture"
	"reprise/capture/sms/numberfile"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// Numbers say who becomes whom by Recipients and Senders. They follow from the whole corpus, so that a part of it is played
// with the same numbers as all of it. A nil one is of a run in which everyone keeps their number.
type Numbers struct {
	// Met are the addresses of the corpus.
	Met *render.Addresses
	// Receivers and People are the files; nil where there is none.
	Receivers, People *numberfile.File
	// Recipients is what each address becomes, and Outside are the places in Met.List of those that the file leaves out.
	Recipients map[string]string
	Outside    []int
	// Unpaired counts the people that the file leaves out.
	Unpaired int
	// Sent counts the requests to each place in Met.List; it is filled with Options.CountRecipients.
	Sent []int64

	senders  *render.Senders
	played   bitset // people whose messages are sent
	assigned bool
}

// newNumbers is nil where everyone keeps their number.
func newNumbers(o *Options) *Numbers {
	if o.Recipients == nil && o.Senders == nil {
		return nil
	}
	return &Numbers{Met: render.NewAddresses(o.Table, o.Senders != nil), Receivers: o.Recipients, People: o.Senders}
}

// maps are what a renderer is told; nil where everyone keeps their number.
func (n *Numbers) maps() (recipients map[string]string, senders *render.Senders) {
	if n == nil {
		return nil, nil
	}
	return n.Recipients, n.senders
}

// observed has every record of a source looked at, in its order.
func (n *Numbers) observed(src capture.Source) capture.Source {
	if n == nil {
		return src
	}
	return observedSource{src, n.Met}
}

type observedSource struct {
	capture.Source
	met *render.Addresses
}

// Next reads the next record.
func (s observedSource) Next(ctx context.Context, r *capture.Record) error {
	err := s.Source.Next(ctx, r)
	if err == nil {
		s.met.Observe(r)
	}
	return err
}

// visit counts what is sent to whom and by whom; nil where nobody asks.
func (n *Numbers) visit(recipients bool) func(*capture.Record, pace.Play) {
	if n == nil || n.People == nil && !recipients {
		return nil
	}
	all := n.Met.Senders(nil)
	return func(r *capture.Record, p pace.Play) {
		if n.People != nil {
			// A place among all people is not known before all are met: copies are counted for themselves.
			if place, ok := all.Place(r, 0); ok {
				n.played.add(place, p.Person)
			}
		}
		if recipients {
			n.count(r)
		}
	}
}

// count counts a request for each of those that it is sent to.
func (n *Numbers) count(r *capture.Record) {
	places, _ := n.Met.In(r)
	for _, place := range places {
		for place >= len(n.Sent) {
			n.Sent = append(n.Sent, 0)
		}
		n.Sent[place]++
	}
}

// assign says who becomes whom, after the whole corpus was seen. copies says that there are more people than the corpus has.
func (n *Numbers) assign(o *Options, copies bool) error {
	if n == nil {
		return nil
	}
	if f := n.Receivers; f != nil && f.Pairs {
		n.Recipients, n.Outside = n.Met.AssignPairs(f.Table())
	} else if f != nil {
		n.Recipients, n.Outside = n.Met.Assign(f.Numbers())
	}
	switch f := n.People; {
	case f != nil && f.Pairs && copies:
		return o.badFile("Senders", f.Name, fmt.Errorf("pairs do not say whose numbers the extra people of %s have: list numbers, one a line", o.name("Volume")))
	case f != nil && f.Pairs:
		n.senders, n.Unpaired = n.Met.SenderPairs(f.Table())
	case f != nil:
		n.senders = n.Met.Senders(f.Numbers())
	}
	n.assigned = true
	return nil
}

// Err is a *ShortageError where a file leaves out some of those in the corpus.
func (n *Numbers) Err() error {
	if n == nil || n.Unpaired == 0 && len(n.Outside) == 0 {
		return nil
	}
	return &ShortageError{n}
}

// Unused counts the entries of Receivers that nobody becomes.
func (n *Numbers) Unused() int {
	if n.Receivers.Pairs {
		return len(n.Receivers.Entries) - len(n.Recipients)
	}
	return len(n.Receivers.Entries) - len(n.Met.List()) + len(n.Outside)
}

// Shared counts the recipients that become what one before them became.
func (n *Numbers) Shared() int {
	distinct := make(map[string]struct{})
	for _, to := range n.Recipients {
		distinct[to] = struct{}{}
	}
	return len(n.Recipients) - len(distinct)
}

// Sending counts the people whose messages are sent, those of copies too, and the numbers of a list that they are sent from;
// enough is how many numbers would give each their own. Of pairs, from is 0.
func (n *Numbers) Sending() (people, from, enough int) {
	if n.People == nil {
		return 0, 0, 0
	}
	var given bitset
	list, all := uint64(len(n.People.Entries)), uint64(n.Met.People())
	n.played.each(func(place uint64, layer int) {
		people++
		if !n.People.Pairs {
			given.add((uint64(layer)*all+place)%list, 0)
		}
	})
	given.each(func(uint64, int) { from++ })
	return people, from, len(n.played) * n.Met.People()
}

// digests stand for who becomes whom in a run file and in the hash of a plan: equal for equal tables.
func (n *Numbers) digests() map[string]string {
	if n == nil || !n.assigned {
		return nil
	}
	m := make(map[string]string)
	if n.Receivers != nil {
		m["recipients"] = digestOf(n.Recipients)
	}
	switch f := n.People; {
	case f == nil:
	case f.Pairs:
		m["senders"] = digestOf(f.Table())
	default:
		m["senders"] = digestOf(f.Order())
	}
	return m
}

// digestOf is equal for equal tables.
func digestOf(table map[string]string) string {
	h := sha256.New()
	for _, from := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintf(h, "%s>%s\n", from, table[from])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// settle puts into a run's settings how many numbers there were, and a digest of who became whom.
func (n *Numbers) settle(m map[string]string) {
	if n == nil {
		return
	}
	digests := n.digests()
	for name, f := range map[string]*numberfile.File{"recipients": n.Receivers, "senders": n.People} {
		if f == nil {
			continue
		}
		noun := "number"
		if f.Pairs {
			noun = "pair"
		}
		if len(f.Entries) != 1 {
			noun += "s"
		}
		m[name] = strconv.Itoa(len(f.Entries)) + " " + noun
		if digest := digests[name]; digest != "" {
			m[name] += " (map " + digest + ")"
		}
	}
}

// bitset holds places, a bit each, in layers.
type bitset [][]uint64

func (b *bitset) add(place uint64, layer int) {
	for layer >= len(*b) {
		*b = append(*b, nil)
	}
	words := &(*b)[layer]
	for place/64 >= uint64(len(*words)) {
		*words = append(*words, 0)
	}
	(*words)[place/64] |= 1 << (place % 64)
}

// each calls f for every place that was added.
func (b bitset) each(f func(place uint64, layer int)) {
	for layer, words := range b {
		for i, word := range words {
			for ; word != 0; word &= word - 1 {
				f(uint64(i)*64+uint64(bits.TrailingZeros64(word)), layer)
			}
		}
	}
}

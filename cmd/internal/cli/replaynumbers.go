package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/sms/numberfile"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// numbers say who becomes whom by --recipients and --senders. They follow from the whole corpus, so that a part of it is
// played with the same numbers as all of it.
type numbers struct {
	met        *render.Addresses
	recipients map[string]string
	senders    *render.Senders

	receivers, people *numberfile.File // nil where the flag was not given
	outside           []int            // places of the recipients that the file leaves out
	unpaired          int              // people that it leaves out
	sent              []int64          // requests to each place, for a dry run
	played            bitset           // people whose messages are sent
	hidden            bool             // the corpus is raw: its numbers are real, and shown only to those who ask for them
}

// newNumbers is nil where everyone keeps their number.
func (o *replayOptions) newNumbers() *numbers {
	if o.numbers == nil && o.people == nil {
		return nil
	}
	return &numbers{met: render.NewAddresses(o.table, o.people != nil), receivers: o.numbers, people: o.people}
}

// maps are what a renderer is told; nil where everyone keeps their number.
func (n *numbers) maps() (recipients map[string]string, senders *render.Senders) {
	if n == nil {
		return nil, nil
	}
	return n.recipients, n.senders
}

// of hides the numbers of a raw corpus.
func (n *numbers) of(h corpus.Header, o *replayOptions) {
	if n != nil {
		n.hidden = h.State == corpus.Raw && !o.allowRaw
	}
}

// observed has every record of a source looked at, in its order.
func (n *numbers) observed(src capture.Source) capture.Source {
	if n == nil {
		return src
	}
	return observedSource{src, n.met}
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
func (n *numbers) visit(o *replayOptions) func(*capture.Record, pace.Play) {
	if n == nil || n.people == nil && !o.dryRun {
		return nil
	}
	all := n.met.Senders(nil)
	return func(r *capture.Record, p pace.Play) {
		if n.people != nil {
			// A place among all people is not known before all are met: copies are counted for themselves.
			if place, ok := all.Place(r, 0); ok {
				n.played.add(place, p.Person)
			}
		}
		if o.dryRun {
			n.count(r)
		}
	}
}

// count counts a request for each of those that it is sent to.
func (n *numbers) count(r *capture.Record) {
	places, _ := n.met.In(r)
	for _, place := range places {
		for place >= len(n.sent) {
			n.sent = append(n.sent, 0)
		}
		n.sent[place]++
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

// assign says who becomes whom, after the whole corpus was seen. A dry run prints who is left out before it ends with the
// error that any other run ends with.
func (p *plan) assign(w io.Writer, o *replayOptions) error {
	n := p.numbers
	if n == nil {
		return nil
	}
	o.digests = make(map[string]string)
	if f := n.receivers; f != nil {
		if f.Pairs {
			n.recipients, n.outside = n.met.AssignPairs(f.Table())
		} else {
			n.recipients, n.outside = n.met.Assign(f.Numbers())
		}
		o.digests["recipients"] = digestOf(n.recipients)
	}
	if f := n.people; f != nil && f.Pairs {
		if p.used != nil {
			return misuse("--senders %s: pairs do not say whose numbers the extra people of --volume have: list numbers, one a line", f.Name)
		}
		n.senders, n.unpaired = n.met.SenderPairs(f.Table())
		o.digests["senders"] = digestOf(f.Table())
	} else if f != nil {
		n.senders = n.met.Senders(f.Numbers())
		o.digests["senders"] = digestOf(f.Order())
	}
	o.settings = o.shape()
	n.sayNumbers(w, o)
	if o.dryRun {
		return nil
	}
	return n.outsiders()
}

// digestOf stands for a table in a run file and in the hash of a plan: equal for equal tables.
func digestOf(table map[string]string) string {
	h := sha256.New()
	for _, from := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintf(h, "%s>%s\n", from, table[from])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// numberSettings puts into a run's settings how many numbers there were, and a digest of who became whom.
func (o *replayOptions) numberSettings(m map[string]string) {
	for flag, f := range map[string]*numberfile.File{"recipients": o.numbers, "senders": o.people} {
		if f == nil {
			continue
		}
		noun := "number"
		if f.Pairs {
			noun = "pair"
		}
		m[flag] = plural(int64(len(f.Entries)), noun)
		if digest := o.digests[flag]; digest != "" {
			m[flag] += " (map " + digest + ")"
		}
	}
}

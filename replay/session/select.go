package session

import (
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/splitmix"
	"reprise/replay"
)

// window is a stretch of recorded time, from its start to just before its end; zero times are open ends.
type window struct{ from, to time.Time }

// within is what of another window, which has both ends, is in this one, too.
func (w window) within(other window) window {
	if w.from.After(other.from) {
		other.from = w.from
	}
	if !w.to.IsZero() && w.to.Before(other.to) {
		other.to = w.to
	}
	return other
}

// wanted are the records of a window that the selection wants, whoever sent them.
func (o *Options) wanted(when window) *corpus.Selection {
	return &corpus.Selection{
		From: when.from, To: when.to, Kinds: o.Kinds, SkipKinds: o.SkipKinds, Vendors: o.Vendors, Paths: o.Paths, Methods: o.Methods,
	}
}

// keep says which records are played, of those in a window.
func (o *Options) keep(when window) func(*capture.Record) bool {
	wanted := o.wanted(when)
	return func(r *capture.Record) bool {
		if len(o.Paths) > 0 {
			r.MakeWhole()
		}
		return wanted.Wants(r) && o.sampled(r)
	}
}

// sampled says whether a record's sender is among the share of senders that are played; who is follows from the seed.
func (o *Options) sampled(r *capture.Record) bool {
	if o.Sample >= 1 {
		return true
	}
	who := replay.Person(r)
	if who == 0 {
		who = uint64(r.Seq) | 1<<63
	}
	return float64(splitmix.Next(who^splitmix.Next(o.paceSeed()))>>11)/(1<<53) < o.Sample
}

// paceSeed decides which copies are sent when. Without a seed, ids and new people differ in every run and this does not, so that
// two runs of the same options can be compared.
func (o *Options) paceSeed() uint64 {
	if o.Seed == nil {
		return 0
	}
	return *o.Seed
}

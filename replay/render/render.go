// Package render makes a request of a record: fresh ids, new people for copies, other recipients, headers, a signature.
//
// The record is spliced by its vendor's dialect, never re-serialized: every byte that does not have to change is sent as
// it was recorded. What it draws depends on the seed, the record and the copy alone. A Renderer is a replay.Renderer and
// is used from one goroutine; the requests it makes share nothing with it.
package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/replay"
)

// Options shape requests. The zero value, with a target, sends fresh ids and the recorded hosts and headers.
type Options struct {
	// Target is scheme://host:port with an optional base path, which is put before the path of every record.
	Target *url.URL
	// Table holds the dialects. A record whose vendor it does not know is sent as it is, copies and all.
	Table dialect.Table
	// Seed decides the ids and the new people.
	Seed uint64
	// RunID is sent in Reprise-Run and stands for {run} in headers.
	RunID string
	// KeepIDs sends ids as recorded.
	KeepIDs bool
	// Copies is the largest number of plays of one record (pace.Schedule.Copies). Above 1 People must be set.
	Copies int
	// People gives copies their senders; New marks the Recipients in it.
	People *Used
	// Recipients, where not empty, are the numbers that receive: the nth distinct one met becomes number n, round and round.
	Recipients []string
	// Headers are edits in their order, as ParseHeader reads them.
	Headers []Header
	// Host replaces the recorded Host.
	Host string
	// Sign holds the secret of each vendor whose requests are signed. SignURL is the URL to sign; empty means https://,
	// the Host that is sent and the request's path and query.
	Sign    map[string][]byte
	SignURL string
}

// Renderer makes requests.
type Renderer struct {
	o          Options
	base       string // the target's path, without a slash at its end
	keys       [][]byte
	people     *people
	recipients recipients
	stats      Stats
}

// Stats counts what a renderer could not do; the requests were sent all the same.
type Stats struct {
	// Unread counts requests whose payload their dialect could not rewrite: sent as recorded, ids and people included.
	Unread int64
	// Unsigned counts requests of a vendor with a secret that could not be signed.
	Unsigned int64
	// SamePeople counts copies sent as the recorded person, because the pool holds no further number.
	SamePeople int64
}

// New checks the options.
func New(o Options) (*Renderer, error) {
	if o.Target == nil || o.Target.Host == "" {
		return nil, fmt.Errorf("the target is not a URL with a host")
	}
	for vendor := range o.Sign {
		if _, ok := o.Table.Named(vendor); !ok {
			return nil, fmt.Errorf("cannot sign for %q: no vendor is called that", vendor)
		}
	}
	r := &Renderer{o: o, base: strings.TrimRight(o.Target.EscapedPath(), "/")}
	for c := range max(o.Copies, 1) {
		r.keys = append(r.keys, key(o.Seed, "ids", uint64(c)))
	}
	if o.Copies > 1 {
		if o.People == nil {
			return nil, fmt.Errorf("copies need new people, and who is in the corpus is not known")
		}
		for _, number := range o.Recipients {
			o.People.Mark(number)
		}
		var err error
		if r.people, err = newPeople(o.People, o.Copies-1, [32]byte(key(o.Seed, "people", 0))); err != nil {
			return nil, err
		}
	}
	if len(o.Recipients) > 0 {
		r.recipients = recipients{list: o.Recipients, known: make(map[string]string)}
	}
	return r, nil
}

// key derives a key for one purpose from the seed.
func key(seed uint64, purpose string, n uint64) []byte {
	b := binary.BigEndian.AppendUint64([]byte("reprise "+purpose+"\x00"), seed)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, n))
	return sum[:]
}

// Stats returns what could not be done, so far.
func (r *Renderer) Stats() Stats { return r.stats }

// Render makes the request of playing number play of rec.
func (r *Renderer) Render(rec *capture.Record, play int, at time.Time, q *replay.Request) error {
	w := *rec
	w.Headers = slices.Clone(rec.Headers)
	d, known := r.o.Table.Named(w.Vendor)
	if known {
		r.rewrite(d, &w, play)
	}
	r.frame(&w, q)
	r.edit(&w, play)
	if known {
		r.sign(d, &w, at)
	}
	setLength(&w, q)
	if len(w.Body) > 0 && &w.Body[0] == &rec.Body[0] {
		w.Body = bytes.Clone(w.Body)
	}
	q.Method, q.URL, q.Host = w.Method, w.URL, w.Host
	q.Headers, q.Body = w.Headers, w.Body
	return nil
}

// rewrite gives the record its ids and people. A payload that cannot be rewritten is sent as it was recorded: a
// receiver's answer to it is part of what is played.
func (r *Renderer) rewrite(d dialect.Dialect, w *capture.Record, play int) {
	idKey := r.keys[min(play, len(r.keys)-1)]
	same := false
	edit := func(f dialect.Field) (string, dialect.Op) {
		if f.Value == "" {
			return "", dialect.Leave
		}
		switch f.Class {
		case dialect.ID:
			if !r.o.KeepIDs {
				return freshField(idKey, f), dialect.Set
			}
		case dialect.Person:
			if play > 0 && r.people != nil {
				fake, ok := r.people.of(f.Value, play)
				if same = same || !ok; ok {
					return fake, dialect.Set
				}
			}
		case dialect.Business:
			if r.recipients.list != nil {
				return r.recipients.of(f.Value), dialect.Set
			}
		}
		return "", dialect.Leave
	}
	if err := d.Rewrite(w, edit); err != nil {
		r.stats.Unread++
	}
	if same {
		r.stats.SamePeople++
	}
}

// freshField is the id that takes the place of a field's. A JSON number keeps being one; true, false and null are no ids.
func freshField(key []byte, f dialect.Field) string {
	if f.Literal && (f.Value[0] < '0' || f.Value[0] > '9') {
		return f.Value
	}
	return dialect.FreshID(key, f.Value)
}

// sign puts the vendor's signature on a record that is otherwise finished.
func (r *Renderer) sign(d dialect.Dialect, w *capture.Record, at time.Time) {
	secret, ok := r.o.Sign[w.Vendor]
	if !ok {
		return
	}
	target := r.o.SignURL
	if target == "" {
		target = "https://" + w.Host + w.URL
	}
	if err := d.Sign(w, dialect.Signing{URL: target, Secret: secret, Now: at}); err != nil {
		r.stats.Unsigned++
	}
}

// edit applies the user's headers after the ones that name run and record, so that those can be changed and removed too.
func (r *Renderer) edit(w *capture.Record, play int) {
	id := strconv.FormatInt(w.Seq, 10) + "." + strconv.Itoa(play)
	w.SetHeader("Reprise-Run", r.o.RunID)
	w.SetHeader("Reprise-Record", id)
	for _, h := range r.o.Headers {
		h.apply(w, r.o.RunID, id)
	}
}

// Package render makes the bytes of an HTTP/1.1 request of a record: fresh ids, new people for copies, other senders and
// recipients, other times, headers, a signature.
//
// The record is spliced, never re-serialized: every byte that does not have to change is sent as it was recorded, in the
// recorded order. What is drawn depends on the seed, the record and the copy alone. A Renderer is a replay.Renderer: Render
// is for one goroutine, Refresh for any. Used finds out whose numbers a corpus holds, Retries which of its records are
// deliveries made again.
package render

import (
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/pace"
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
	// HashKey is the key under which people and recipients are hashed for the results; the zero value makes one.
	HashKey [16]byte
	// KeepIDs sends ids as recorded.
	KeepIDs bool
	// Copies is the largest number of plays of one record in a loop (pace.Schedule.Copies). Above 1, People or Senders must
	// be set.
	Copies int
	// People gives copies their senders; New marks the Recipients in it.
	People *Used
	// Senders, where set, say whose numbers send, also for those who stand for a person in copies: People is not asked then.
	Senders *Senders
	// Recipients, where set, say what each address that receives becomes, both as sms.Canonical spells them; see
	// Addresses.Assign. An address that is not listed stays.
	Recipients map[string]string
	// Restamp moves the times in requests by as much as they are sent later than they were recorded, those of messages that an outage held
	// by as much as they were due later.
	Restamp bool
	// PathRewrites change the recorded paths: the first that fits.
	PathRewrites []Rewrite
	// Headers are edits in their order, as ParseHeader reads them.
	Headers []Header
	// Trace says which traceparent requests carry; it takes the place of a recorded one, and of what goes with it.
	Trace replay.Tracing
	// Host replaces the recorded Host.
	Host string
	// Sign holds the secrets of the vendors whose requests are signed, by the vendor's dialect or by what Signers has for it. They are by
	// their selectors, see dialect.ParseSelector: a vendor's name is one.
	// SignURL is the URL to sign; empty means https://, the Host that is sent and the request's path and query.
	Sign    map[string][]byte
	Signers map[string]Signer
	SignURL string
}

// Renderer makes requests.
type Renderer struct {
	o          Options
	vendors    []*vendor
	nobody     vendor
	want       dialect.Classes
	ids        *ids
	sender     senderMapping
	recipients map[string]string
	hashes     hashes
	edits      []edit
	adding     bool // the edits add headers, as long as a record has none of them
	recorded   bool // what signatures cover is sent as it was recorded
	signing    bool // there are keys
	scratch    scratch
	change     change
	mark       []byte
	made       []byte
	stats      Stats

	// Of the current record.
	person    int
	by        time.Duration // how far its times move
	overdue   time.Duration // by how much less than its headers', as an outage held it
	moved     bool
	same      bool
	unstamped bool

	refresher refresher
	more      atomic.Pointer[people] // of Grow
}

// Stats counts what a renderer could not do.
type Stats struct {
	// Unread counts requests whose payload their dialect could not read: sent as recorded, ids and people included.
	Unread int64
	// Unsigned counts requests of a vendor with a secret that could not be signed. They alone were not sent.
	Unsigned int64
	// Keyless counts requests that were sent without a signature, as no key was for them though there are keys.
	Keyless int64
	// SamePeople counts copies sent as the recorded person, because the pool holds no further number.
	SamePeople int64
	// Unstamped counts requests with a time in a form that is not known: it was left as recorded.
	Unstamped int64
	// Unsendable counts requests that had bytes with which no request can be sent, such as a line break in a header: those
	// headers were left out, and those bytes of a URL escaped.
	Unsendable int64
}

// New checks the options.
func New(o Options) (*Renderer, error) {
	if o.Target == nil || o.Target.Host == "" {
		return nil, fmt.Errorf("the target is not a URL with a host")
	}
	if err := checkText(&o); err != nil {
		return nil, err
	}
	vendors, err := newVendors(&o)
	if err != nil {
		return nil, err
	}
	r := &Renderer{o: o, vendors: vendors, ids: newIDs(o.Seed, o.Copies), want: wanted(&o), recipients: o.Recipients, hashes: newHashes(o.HashKey)}
	r.sender.copies = max(o.Copies, 1)
	if err := r.newSenderMapping(); err != nil {
		return nil, err
	}
	for _, h := range append([]Header{{Name: wire.HeaderRun, Value: "{run}"}, {Name: wire.HeaderRecord, Value: "{record}"}}, o.Headers...) {
		r.edits = append(r.edits, newEdit(h, o.RunID))
	}
	if o.Trace != replay.TraceOff {
		r.scratch.roles.Watch = append(r.scratch.roles.Watch, wire.HeaderTraceParent, wire.HeaderTraceState)
	}
	for i := range r.edits {
		r.scratch.roles.Watch = append(r.scratch.roles.Watch, r.edits[i].name)
	}
	r.adding = areNew(r.edits)
	r.recorded = r.want == 0 && o.Host == "" && len(o.PathRewrites) == 0 && strings.Trim(o.Target.Path, "/") == ""
	r.signing = len(o.Sign)+len(o.Signers) > 0
	r.scratch.targets = targets{base: basePath(o.Target), rewrites: o.PathRewrites}
	r.scratch.bind()
	r.refresher.scratch.bind()
	r.change, r.refresher.change = r.replace, r.refresher.restamp
	return r, nil
}

// checkText refuses what would end a header's line.
func checkText(o *Options) error {
	for _, h := range o.Headers {
		if !wire.IsToken(h.Name) || wire.RoleOf(h.Name).Framing() || wire.HasBreak(h.Value) {
			return fmt.Errorf("header %q cannot be set", h.Name)
		}
		if o.Trace != replay.TraceOff && capture.SameName(h.Name, wire.HeaderTraceParent) {
			return fmt.Errorf("header %s cannot be set: requests are traced, and have one of their own", wire.HeaderTraceParent)
		}
	}
	switch {
	case wire.HasBreak(o.RunID):
		return fmt.Errorf("the run's id holds a line break")
	case o.Host != "" && !isHost(o.Host) || !isHost(o.Target.Host):
		return fmt.Errorf("the host to send is no host")
	}
	return nil
}

// wanted are the classes of field that change.
func wanted(o *Options) (want dialect.Classes) {
	if !o.KeepIDs {
		want |= dialect.ClassSet(dialect.ID)
	}
	if o.Copies > 1 || o.Senders != nil {
		want |= dialect.ClassSet(dialect.Person)
	}
	if len(o.Recipients) > 0 {
		want |= dialect.ClassSet(dialect.Business)
	}
	if o.Restamp {
		want |= dialect.ClassSet(dialect.Time)
	}
	return want
}

// newSenderMapping prepares the numbers that send.
func (r *Renderer) newSenderMapping() (err error) {
	o := &r.o
	switch {
	case o.Senders != nil && o.Senders.pairs != nil && o.Copies > 1:
		return fmt.Errorf("copies need new people, and pairs of senders say of none who they are")
	case o.Senders != nil:
		r.sender.senders = o.Senders
	case o.Copies > 1 && o.People == nil:
		return fmt.Errorf("copies need new people, and who is in the corpus is not known")
	case o.Copies > 1:
		for _, number := range o.Recipients { // no copy is sent as one of them
			o.People.Mark(number)
		}
		r.sender.people, err = newPeople(o.People, o.Copies-1, [32]byte(key(o.Seed, "people", 0)))
	}
	return err
}

// Stats returns what could not be done, so far. It is for the goroutine that renders, or for after it.
func (r *Renderer) Stats() Stats { return r.stats }

// Render makes the request of one playing of a record, to be sent at the moment at. It keeps none of the record's slices,
// and of its strings the last one's.
func (r *Renderer) Render(rec *capture.Record, p pace.Play, at time.Time, q *replay.Request) error {
	if rec.Cuts != nil {
		if m := r.planOf(rec, p); m != nil && r.renderPlanned(m, rec, p, at, q) {
			return nil
		}
		rec.MakeWhole()
	}
	d, w := &r.scratch, &r.scratch.w
	v := r.vendorOf(rec.Vendor)
	d.load(rec)
	r.overdue = q.Overdue
	r.person, r.by, r.moved, r.same, r.unstamped = p.Person, at.Add(-q.Overdue).Sub(rec.Time), false, false, false
	read := v.dialect != nil && r.rewrite(v.dialect, p)
	q.Person = personOf(r.number(rec, read))
	q.PersonHash, q.RecipientHash = r.hashes.of(q.Person), r.recipientHash(rec, read)

	host, ok := r.host(rec)
	edited := w.Frame(&d.roles, host)
	url, bad := d.targets.of(w.URL)
	w.URL, w.Bad = url, w.Bad || bad || !ok
	secret, keyed := v.key(d)
	if v.stale || !keyed && v.keys != nil && v.dialect != nil {
		v.dialect.Unsign(&w.Record, r.recorded && !keyed && !r.grown(p.Person))
	}
	w.CheckMethod()
	r.edit(p, edited || !r.adding)
	signed := keyed && r.sign(d, v, secret, at)
	w.Measure(&d.text)
	q.Wire = w.Append(q.Wire[:0], &q.Parts)
	r.trace(q, w.Seq, p.Copy)
	d.headers = w.Headers[:0]
	q.Stamped, q.Timed, q.Made.By = at, r.moved || signed && v.timed, nil
	q.Unfit = replay.ReasonNone
	if keyed && !signed {
		q.Unfit = replay.ReasonUnsigned // a receiver would take it for another's
	}
	r.count(q.Unfit != replay.ReasonNone)
	if !keyed && v.signs && r.signing {
		r.stats.Keyless++
	}
	return nil
}

// rewrite gives the record its ids, people and times. A payload that cannot be read is sent as it was recorded: a
// receiver's answer to it is part of what is played.
func (r *Renderer) rewrite(by *dialect.Vendor, p pace.Play) (read bool) {
	want := r.wants(p)
	if want == 0 {
		return true
	}
	r.ids.begin(p.Copy)
	if r.scratch.rewrite(by, want, r.change) != nil {
		r.stats.Unread++
		return false
	}
	return true
}

// Sender is the canonical number of the person that a record's request is about where it is played by one of the new people, from 1, or by
// the recorded one, 0; "" is nobody. It is for the goroutine that renders.
func (r *Renderer) Sender(rec *capture.Record, person int) string {
	r.person = person
	return r.number(rec, true)
}

// number is the canonical number of the person that the request is about.
func (r *Renderer) number(rec *capture.Record, read bool) string {
	if read {
		if number, ok := r.sender.of(rec.Handset(), r.person); ok {
			return number
		}
	}
	return rec.Person()
}

// host is the Host to send; ok is false where the recorded one cannot be.
func (r *Renderer) host(rec *capture.Record) (host string, ok bool) {
	switch {
	case r.o.Host != "":
		return r.o.Host, true
	case rec.Host == "":
		return r.o.Target.Host, true
	case !isHost(rec.Host):
		return r.o.Target.Host, false
	}
	return rec.Host, true
}

// isHost says whether s may be sent as a Host.
func isHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f {
			return false
		}
	}
	return s != ""
}

// edit applies the user's headers after the ones that name run and record, so that those can be changed and removed too.
// search says that a header may be there already.
func (r *Renderer) edit(p pace.Play, search bool) {
	w := &r.scratch.w
	r.mark = wire.AppendMark(r.mark[:0], w.Seq, p.Copy)
	r.editBy(w, r.scratch.text.String(r.mark), search)
}

// editBy is edit of a request whose mark is another text.
func (r *Renderer) editBy(q *wire.Request, mark string, search bool) {
	w := &q.Record
	r.makeRoomForTrace(w, search)
	for i := range r.edits {
		if e := &r.edits[i]; search {
			e.apply(w, mark, &r.scratch.text)
		} else {
			w.Headers = append(w.Headers, capture.Header{Name: e.name, Value: e.value(mark, &r.scratch.text)})
		}
	}
}

// count counts what could not be done for the current request.
func (r *Renderer) count(unsigned bool) {
	if unsigned {
		r.stats.Unsigned++
	}
	if r.same {
		r.stats.SamePeople++
	}
	if r.unstamped {
		r.stats.Unstamped++
	}
	if r.scratch.w.Bad {
		r.stats.Unsendable++
	}
}

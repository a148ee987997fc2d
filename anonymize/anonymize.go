// Package anonymize turns a record of real traffic into one that tells of nobody and loads a receiver in the same way.
//
// Everything that a vendor's dialect calls a number, an id, a text, a place, a name or a link is replaced, consistently
// wherever it occurs: one fake person for each person, whatever the spelling of the number, and never two people under
// one number. What the dialect does not know is blanked and counted, never copied. Kind, times, encodings, segments and
// all that the vendor's enums say stay as they were. A payload that no dialect reads keeps its keys and its structure, and each
// value becomes another one of its class.
//
// The replacements depend on the key and, for numbers, on the order in which new numbers are met; on nothing else. An
// Anonymizer belongs to one goroutine.
package anonymize

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// PolicyName names the policy that is built in.
const PolicyName = "default"

// ErrExhausted is wrapped by the error of Rewrite when there are more addresses than fake ones.
var ErrExhausted = errors.New("anonymize: the pool of fake addresses is exhausted")

// Options are the choices of an Anonymizer.
type Options struct {
	// Key is KeySize random bytes, and decides every replacement. nil makes a random one that nobody learns.
	Key []byte
	// Table holds the dialects that read and rewrite the records.
	Table dialect.Table
	// Classifier is the one that gave the records their kinds; nil is Twilio's rules.
	Classifier *sms.Classifier
	// Pool gives the fake numbers; its zero value is the wide one.
	Pool sms.Pool
	// Recipients says what the platform's own numbers become, each in E.164 or a short code: those of a staging platform, say.
	// What is not listed becomes a fake. A number that it gives must be of no pool and stand in it once.
	Recipients map[string]string
	// Rebase moves the records, and the times in them, by whole weeks: the first one into the week of Monday, 3 January 2000
	// (UTC). Weekdays and times of day stay.
	Rebase bool
	// Policy, where set, says what becomes of which field; nil is DefaultPolicy.
	Policy *Policy
	// Ledger, where set, remembers who became whom for further corpora; it needs a Key. The caller syncs and closes it.
	Ledger *Ledger
}

// Anonymizer rewrites records. Make it with New.
type Anonymizer struct {
	table      dialect.Table
	classifier *sms.Classifier
	keys       keys
	rules      map[string]*rules // of a vendor, where they are not the default ones
	roll       *roll
	rebase     bool
	based      bool          // by is known: a record was met
	by         time.Duration // how far times move
	texts      *texts.Generator
	// machineWords are the words that a header's value may be made of and stay.
	machineWords map[string]struct{}
	keywords     map[string]struct{} // every keyword, in upper case
	reactions    map[string]struct{} // every word of a reaction, in lower case
	accounts     map[string]string   // account ids seen lately, to their replacement
	router       *router
	paths        map[string]*route // seen lately
	headers      headerCounts
	host         string // that stayed last, in so many records
	hostRecords  int64
	report       Report
	cur          current
	met          []address      // of the record at hand
	metAt        map[string]int // where in met each stands, where they are many
	owned        []tag          // whose the names in the body are, in order, where they are of several people
	edit         dialect.Edit
	editUnread   dialect.Edit
	nesting      int             // of JSON in values
	known        map[string]hint // names of fields seen lately
	plain        *dialect.Schema // of what no dialect could read

	spans []dialect.Span
	raw   []byte
}

// New returns an Anonymizer, or an error that says which option cannot be used.
func New(o Options) (*Anonymizer, error) {
	key := o.Key
	if key == nil && o.Ledger != nil {
		return nil, errors.New("a ledger needs the key that it was begun with")
	}
	if key == nil {
		key = make([]byte, KeySize)
		_, _ = rand.Read(key) // never fails: it aborts the program instead
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("the key is %d bytes long, not %d", len(key), KeySize)
	}
	classifier := o.Classifier
	if classifier == nil {
		var err error
		if classifier, err = sms.NewClassifier(sms.Options{}); err != nil {
			return nil, err
		}
	}
	k, err := newKeys(key)
	if err != nil {
		return nil, err
	}
	people, err := newPeople(k, o.Pool, o.Ledger)
	if err != nil {
		return nil, err
	}
	policy := o.Policy
	if policy == nil {
		policy = DefaultPolicy(o.Table)
	}
	if err := checkRecipients(o.Recipients, o.Pool); err != nil {
		return nil, err
	}
	roll := &roll{people: people, seed: maphash.MakeSeed(), recipients: o.Recipients, given: givenBy(o.Recipients), regions: make(map[string]string), counts: newReport()}
	a := newWorker(o.Table, classifier, k, roll, policy.changes(o.Table), newRouter(policy.routes))
	a.rebase = o.Rebase
	a.report.Pool, a.report.Policy = o.Pool.Name(), policy.Name()
	return a, nil
}

// newWorker returns an Anonymizer that shares the roll with others.
func newWorker(table dialect.Table, classifier *sms.Classifier, k keys, roll *roll, changed map[string]*rules, router *router) *Anonymizer {
	a := &Anonymizer{
		table: table, classifier: classifier, keys: k, rules: changed, roll: roll, texts: texts.New(),
		machineWords: set(MachineWords(table)), keywords: set(classifier.Words()), reactions: set(sms.ReactionWords()),
		accounts: make(map[string]string), report: newReport(), router: router, paths: make(map[string]*route),
		known: make(map[string]hint), metAt: make(map[string]int),
	}
	a.headers.reset()
	a.edit, a.editUnread, a.plain = a.field, a.unreadField, table.Unread()
	return a
}

func set(words []string) map[string]struct{} {
	m := make(map[string]struct{}, len(words))
	for _, w := range words {
		m[w] = struct{}{}
	}
	return m
}

// Fingerprint names the key without telling anything of it: 16 hex digits.
func (a *Anonymizer) Fingerprint() string { return a.keys.fingerprint }

// current is what is known of the record at hand.
type current struct {
	vendor   string
	at       time.Time // as recorded
	person   address   // the customer
	from, to address
	text     string // the text before and after, where the record has one
	newText  string
	places   [2]*texts.Place // of from and to, made when first asked for
	inbound  bool            // it is a message
	names    int             // that were met in the body
	// emptyText says that a text is there and empty; content, that something else is that a person sent.
	emptyText, content bool
	ids                []replaced // ids of this record, most of which occur several times
	own                location   // where the record was sent to
	err                error
}

type replaced struct{ from, to string }

// Rewrite replaces, in place, everything in r that tells of anyone. Its Kind, Time and Response stay, its Vendor too;
// Message is read again from what was written. A payload that its dialect cannot read is replaced as a whole.
// An error wraps ErrExhausted; then r is not fit to be used.
func (a *Anonymizer) Rewrite(r *capture.Record) error {
	a.base(r)
	if _, err := a.enrol(nil, r); err != nil {
		return err
	}
	return a.rewrite(r)
}

// base finds out, at the first record, how far times move.
func (a *Anonymizer) base(r *capture.Record) {
	if a.based || !a.rebase {
		return
	}
	const week = 7 * 24 * time.Hour
	monday := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)
	weeks := r.Time.Sub(monday) / week
	if r.Time.Sub(monday)%week < 0 {
		weeks--
	}
	a.based, a.by = true, -weeks*week
}

// rewrite is Rewrite for a record of which a.met holds addresses.
func (a *Anonymizer) rewrite(r *capture.Record) error {
	a.cur = current{vendor: r.Vendor, at: r.Time, ids: a.cur.ids[:0]}
	a.owned = a.owned[:0]
	a.report.Records++
	kind := r.Kind
	a.report.Kinds[kind.String()]++
	r.Method = method(r.Method)
	d, event, ok := a.parse(r)
	if ok {
		a.begin(event)
		a.owners(d, r)
	}
	a.locate(r)
	switch {
	case !ok:
		a.unread(r)
	case a.cur.err == nil && d.Rewrite(r, a.edit) != nil:
		a.opaque(r, a.plain.Rewrite, a.edit)
		ok = false
	}
	if a.cur.err != nil {
		return a.cur.err
	}
	a.countRedacted()
	a.hosts(r)
	r.Time = r.Time.Add(a.by)
	if ok && a.table.Annotate(r, a.classifier) != nil {
		a.opaque(r, a.plain.Rewrite, a.edit)
		ok = false
	}
	if !ok {
		r.Kind, r.Message = capture.Other, capture.Message{}
	}
	if r.Kind != kind {
		a.report.KindChanged++
	}
	return nil
}

// parse reads r with the dialect of its Vendor; ok is false where there is none or it cannot.
func (a *Anonymizer) parse(r *capture.Record) (d *dialect.Vendor, e dialect.Event, ok bool) {
	if r.Vendor == "" {
		return nil, e, false
	}
	if d, ok = a.table.Named(r.Vendor); !ok {
		return nil, e, false
	}
	e, err := d.Parse(r)
	return d, e, err == nil && !d.AnyPayload()
}

// begin makes what the fields of one record have in common.
func (a *Anonymizer) begin(e dialect.Event) {
	c := &a.cur
	c.inbound = e.Type == dialect.Inbound
	c.from, c.to = a.address(e.Message.From), a.address(e.Message.To)
	c.person = a.address(e.Person)
	if e.Type == dialect.Inbound && (c.person.way != byName || c.person.class == sms.Alphanumeric) {
		a.roll.sent(c.person.who)
	}
	c.text = e.Message.Text
	if c.text != "" {
		c.newText = a.newText(c.text)
	}
}

// countRedacted counts what the vendor has taken out of the record: digits of numbers, and the text.
func (a *Anonymizer) countRedacted() {
	masked := int64(0)
	for i := range a.met {
		if a.met[i].way == byMask {
			masked++
		}
	}
	a.report.Masked += masked
	c := &a.cur
	if c.emptyText && !c.content && c.text == "" && (c.inbound || masked > 0) {
		a.report.Redacted++
	}
}

// fail keeps the first error of a record.
func (a *Anonymizer) fail(err error) {
	if a.cur.err == nil {
		a.cur.err = err
	}
}

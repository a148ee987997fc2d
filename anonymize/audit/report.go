package audit

import (
	"cmp"
	"slices"
)

// Check is one of the things that an audit looks for.
type Check string

// The checks. The names are part of the report's JSON.
const (
	Numbers     Check = "numbers"     // a sender's or recipient's number, short code or name
	IDs         Check = "ids"         // a message's id
	Credentials Check = "credentials" // an authorization, cookie, signature or token
	Values      Check = "values"      // a name, a place, a link, an id or the value of a field that no vendor documents
	Texts       Check = "texts"       // words in a row out of a text
	Vocabulary  Check = "vocabulary"  // a word in a text of the output that the generator cannot have written
	Gate        Check = "gate"        // a sender, a recipient or a number in a text that is not of the pool
	Digits      Check = "digits"      // 7 to 15 digits anywhere that are of no pool, no id, no time and no enumeration
	Emails      Check = "emails"      // an address of the input, or at a domain that may be someone's
	Links       Check = "links"       // a URL of a host that may be someone's
	Paths       Check = "paths"       // a segment of a path, of the request or of a URL in it, that stayed and names no route
	Hosts       Check = "hosts"       // a part of a host name that stayed and may be of someone
	Headers     Check = "headers"     // a header's value that stayed and is not what programs say of themselves
	Cards       Check = "cards"       // a payment card's number, by its check digit
	SSNs        Check = "ssns"        // a social security number
	IBANs       Check = "ibans"       // a bank account's number, by its check digits
	Fidelity    Check = "fidelity"    // a record that is not what its counterpart was: kind, time, encoding, parts, who sent it, what repeats
)

// Checks returns all of them, in the order in which people read them.
func Checks() []Check {
	return []Check{Numbers, IDs, Credentials, Values, Texts, Vocabulary, Gate, Digits, Emails, Links, Paths, Hosts, Headers, Cards, SSNs, IBANs, Fidelity}
}

// maxFindings is how many findings a report lists.
const maxFindings = 20

// Report says what an audit found.
type Report struct {
	Pass bool `json:"pass"`
	// Records is how many records the output holds.
	Records int64 `json:"records"`
	// Counts says for each check how often the output failed it.
	Counts Counts `json:"counts"`
	// Findings lists the first of them by record.
	Findings []Finding `json:"findings"`
	// Places says where all that was found stands, the fields of most records first; MorePlaces is how many more fields there are.
	Places     []Place `json:"places,omitempty"`
	MorePlaces int64   `json:"more_places,omitempty"`
	// Stays counts what is in both by design.
	Stays Stays `json:"stays"`
	// Unique says how far people can be told apart by their traffic alone.
	Unique Unique `json:"unique"`
}

// Counts is a count for each check.
type Counts struct {
	Numbers     int64 `json:"numbers"`
	IDs         int64 `json:"ids"`
	Credentials int64 `json:"credentials"`
	Values      int64 `json:"values"`
	Texts       int64 `json:"texts"`
	Vocabulary  int64 `json:"vocabulary"`
	Gate        int64 `json:"gate"`
	Digits      int64 `json:"digits"`
	Emails      int64 `json:"emails"`
	Links       int64 `json:"links"`
	Cards       int64 `json:"cards"`
	SSNs        int64 `json:"ssns"`
	IBANs       int64 `json:"ibans"`
	Fidelity    int64 `json:"fidelity"`
	Paths       int64 `json:"paths"`
	Hosts       int64 `json:"hosts"`
	Headers     int64 `json:"headers"`
}

// Finding is one failure: which check, and where in the output. It never holds a value.
type Finding struct {
	Check Check `json:"check"`
	// Record is the position in the output, from 0.
	Record int64 `json:"record"`
	// Field is "url", "body", "header X-Name", "message.text" and so on.
	Field string `json:"field"`
}

// Survives says whether anything of the input was found in the output, and not only that one is not what becomes of the other.
func (c *Counts) Survives() bool {
	return slices.ContainsFunc(Checks(), func(check Check) bool { return check != Fidelity && c.Of(check) > 0 })
}

// Of returns the count of one check.
func (c *Counts) Of(check Check) int64 { return *c.of(check) }

func (c *Counts) of(check Check) *int64 {
	switch check {
	case Numbers:
		return &c.Numbers
	case IDs:
		return &c.IDs
	case Credentials:
		return &c.Credentials
	case Values:
		return &c.Values
	case Texts:
		return &c.Texts
	case Vocabulary:
		return &c.Vocabulary
	case Gate:
		return &c.Gate
	case Digits:
		return &c.Digits
	case Emails:
		return &c.Emails
	case Links:
		return &c.Links
	case Paths:
		return &c.Paths
	case Hosts:
		return &c.Hosts
	case Headers:
		return &c.Headers
	case Cards:
		return &c.Cards
	case SSNs:
		return &c.SSNs
	case IBANs:
		return &c.IBANs
	}
	return &c.Fidelity
}

// Failed says whether any check found anything.
func (r *Report) Failed() bool { return r.Counts != Counts{} }

// merge adds what another report counted and listed.
func (r *Report) merge(o *Report) {
	for _, check := range Checks() {
		*r.Counts.of(check) += o.Counts.Of(check)
	}
	r.Stays.add(&o.Stays)
	for _, f := range o.Findings {
		r.add(f.Check, f.Record, f.Field, 0)
	}
}

// add counts n failures and lists the first among the findings, while it is among the first records.
func (r *Report) add(check Check, record int64, field string, n int64) {
	*r.Counts.of(check) += n
	f := Finding{Check: check, Record: record, Field: field}
	i, listed := slices.BinarySearchFunc(r.Findings, f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Field, b.Field))
	})
	if listed || i == maxFindings {
		return
	}
	r.Findings = slices.Insert(r.Findings, i, f)
	r.Findings = r.Findings[:min(len(r.Findings), maxFindings)]
}

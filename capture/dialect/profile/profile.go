// Package profile makes a [dialect.Vendor] out of a file, for vendors that are not built in. The file is YAML, and says once what
// reprise has to know of a vendor: how its webhooks are told from others, where their sender, recipient and text stand, what their
// other fields hold, how they are signed, what is answered, and how one is written for a synthetic corpus.
//
// [Parse] reads such a file, and [Profile.Vendor] makes the vendor. A Profile is only data; the vendor may be used by several
// goroutines at once.
package profile

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/dialect/signature"
	"reprise/capture/yamldoc"
)

// Profile is a vendor as a file states it, by the keys of the tags.
//
// A field's name is the key of a form or of a query ("From"), or a JSON pointer (RFC 6901) in which * is each element of an array
// ("/data/to/*/phone_number"). "header:NAME" is a header.
type Profile struct {
	// Name is the vendor's name as users write it, in lower case: "sinch". Title is the name as the vendor writes it.
	Name  string `yaml:"name,omitempty"`
	Title string `yaml:"title,omitempty"`
	// Like is the name of a profile that comes with reprise, whose keys at the top count where this one does not have them.
	Like string `yaml:"like,omitempty"`
	// Source says where all this is documented.
	Source string `yaml:"source,omitempty"`
	// FormerNames, Agents and HeaderWords are as those of dialect.Vendor.
	FormerNames yamldoc.Texts `yaml:"former_names,omitempty"`
	Agents      yamldoc.Texts `yaml:"agents,omitempty"`
	HeaderWords yamldoc.Texts `yaml:"header_words,omitempty"`

	Detect Detection `yaml:"detect,omitempty"`
	// Message is a payload that a person's message comes in, Receipt one that tells what became of a message of the platform. A vendor
	// whose payloads are neither has none: its requests are told, rewritten and signed all the same.
	Message Event `yaml:"message,omitempty"`
	Receipt Event `yaml:"receipt,omitempty"`
	// Fields say what the other fields hold, in messages and in receipts: lists of names by the class, such as "place" or "keep".
	Fields map[string]yamldoc.Texts `yaml:"fields,omitempty"`
	// Headers say so of the vendor's own headers, by their names alone.
	Headers map[string]yamldoc.Texts `yaml:"headers,omitempty"`

	Signature *signature.Profile `yaml:"signature,omitempty"`
	Keywords  *Keywords          `yaml:"keywords,omitempty"`
	Retries   Retries            `yaml:"retries,omitempty"`
	Answer    Answer             `yaml:"answer,omitempty"`
	Synth     *Synth             `yaml:"synth,omitempty"`
	// Lacks gives the reason why a key is not there: signature, keywords, retries, synth or exports.
	Lacks map[string]string `yaml:"lacks,omitempty"`
}

// Values are what a field may hold, one of which it must: "*" is anything, and "mo_*" what begins so.
type Values = yamldoc.Texts

// Detection says how a vendor's requests are told from all others.
type Detection struct {
	// Headers are those of which one is enough, and sure.
	Headers map[string]Values `yaml:"headers,omitempty"`
	// Fields are those that must all be there.
	Fields map[string]Values `yaml:"fields,omitempty"`
	// Or are other sets of fields: where all of one set are there, that will do as well.
	Or []map[string]Values `yaml:"or,omitempty"`
	// Both says that the headers are sent by others too: they make sure what the fields tell, and tell nothing alone.
	Both bool `yaml:"both,omitempty"`
	// Envelope says that the headers come with any vendor's payload, as those of a gateway do: a vendor that the payload tells goes before.
	Envelope bool `yaml:"envelope,omitempty"`
	// Paths are how the paths of its webhooks begin; where there are any, one must hold for fields to count.
	Paths yamldoc.Texts `yaml:"paths,omitempty"`
}

// Event says where in a payload of one type things are. Of several names the first field in the payload counts that is not empty.
type Event struct {
	// When are the fields that tell this type of payload: all of them must hold. Without any, a payload is a message where it is no
	// receipt; a receipt must have some.
	When map[string]Values `yaml:"when,omitempty"`
	// Unless are those of which none may hold.
	Unless map[string]Values `yaml:"unless,omitempty"`

	ID        yamldoc.Texts `yaml:"id,omitempty"`
	Sender    yamldoc.Texts `yaml:"sender,omitempty"`
	Recipient yamldoc.Texts `yaml:"recipient,omitempty"`
	Text      yamldoc.Texts `yaml:"text,omitempty"`
	// State says what became of the message that a receipt is about.
	State yamldoc.Texts `yaml:"state,omitempty"`
	// Fields say what else the fields of this type of payload hold, by the class; they go before Profile.Fields.
	Fields map[string]yamldoc.Texts `yaml:"fields,omitempty"`
}

// Keywords are the words that the vendor takes for an opt-out, an opt-in or a question itself, in upper case.
type Keywords struct {
	Stop  yamldoc.Texts `yaml:"stop,omitempty"`
	Start yamldoc.Texts `yaml:"start,omitempty"`
	Help  yamldoc.Texts `yaml:"help,omitempty"`
	Info  yamldoc.Texts `yaml:"info,omitempty"`
}

// Retries say when the vendor makes a failed delivery again: after Delays, or after First, which doubles up to Longest and ends
// within Within.
type Retries struct {
	Delays  []time.Duration `yaml:"delays,omitempty"`
	First   time.Duration   `yaml:"first,omitempty"`
	Longest time.Duration   `yaml:"longest,omitempty"`
	Within  time.Duration   `yaml:"within,omitempty"`
	// Token is the header that names a delivery, the same at each attempt.
	Token string `yaml:"token,omitempty"`
}

// Answer is what a receiver answers with; "{}" of application/json where nothing is said.
type Answer struct {
	MediaType string `yaml:"media_type,omitempty"`
	Body      string `yaml:"body,omitempty"`
}

// Error says what is wrong with a profile.
type Error struct {
	// Line counts from 1; 0 where it is not known.
	Line int
	// Field is the key, "message.when", and Reason what is wrong with it.
	Field, Reason string
}

// Error says line, field and reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Reason)
}

// Parse reads a profile and checks it. An error says the line and the key, and is an *Error or a *yamldoc.FieldError.
func Parse(text []byte) (*Profile, error) {
	p, _, err := parse(text)
	return p, err
}

// parse reads a profile and makes its vendor.
func parse(text []byte) (*Profile, *dialect.Vendor, error) {
	p := new(Profile)
	doc, err := yamldoc.Decode(text, p)
	if err != nil {
		return nil, nil, err
	}
	if err := p.complete(); err != nil {
		err.Line = doc.Line("like")
		return nil, nil, err
	}
	v, err := p.Vendor()
	if e, ok := err.(*Error); ok && e.Line == 0 {
		e.Line = doc.Line(strings.Split(e.Field, ".")...)
	}
	if err != nil {
		return nil, nil, err
	}
	return p, v, nil
}

// complete takes over from the profile that this one is like what it does not say itself.
func (p *Profile) complete() *Error {
	if p.Like == "" {
		return nil
	}
	text, err := shipped.ReadFile("shipped/" + p.Like + ".yaml")
	base := new(Profile)
	if err == nil {
		_, err = yamldoc.Decode(text, base)
	}
	if err != nil || base.Like != "" {
		return &Error{Field: "like", Reason: fmt.Sprintf("no profile to be like comes with reprise as %q", p.Like)}
	}
	p.Like = ""
	own, other := reflect.ValueOf(p).Elem(), reflect.ValueOf(base).Elem()
	for i := range own.NumField() {
		if own.Field(i).IsZero() {
			own.Field(i).Set(other.Field(i))
		}
	}
	return nil
}

// Read makes the vendor that a text defines, which the vendor then knows as its Definition, without the text's comments. An error
// is as Parse's.
func Read(text []byte) (*dialect.Vendor, error) {
	p, v, err := parse(text)
	if err != nil {
		return nil, err
	}
	definition, err := yamldoc.Encode(p)
	if err != nil {
		return nil, err
	}
	if longNumber(definition) {
		return nil, &Error{Field: p.Name, Reason: fmt.Sprintf("a run of %d digits is in a value: a profile goes along in corpora, and holds no number of anyone's", leastNumber)}
	}
	return v.Defined(string(definition)), nil
}

// leastNumber is how many digits in a row may be somebody's number.
const leastNumber = 7

// longNumber says whether a text holds a run of digits that may be somebody's number.
func longNumber(text []byte) bool {
	run := 0
	for _, c := range text {
		if run++; c < '0' || c > '9' {
			run = 0
		}
		if run == leastNumber {
			return true
		}
	}
	return false
}

// ReadFile is Read of a file. An error says its name.
func ReadFile(name string) (*dialect.Vendor, error) {
	text, err := yamldoc.ReadFile(name)
	if err != nil {
		return nil, err
	}
	v, err := Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

const nameRule = "a vendor has a name of lower-case letters, digits, - and _; other stands for those that are not known"

func isName(name string) bool {
	return name != "" && name != "other" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Vendor makes the vendor. The error is an *Error.
func (p *Profile) Vendor() (*dialect.Vendor, error) {
	if !isName(p.Name) {
		return nil, &Error{Field: "name", Reason: nameRule}
	}
	v := dialect.Vendor{
		Name: p.Name, Title: p.Title, FormerNames: p.FormerNames, Agents: p.Agents, HeaderWords: p.HeaderWords,
		Answer: dialect.Answer{MediaType: p.Answer.MediaType, Body: p.Answer.Body}, Lacks: map[string]string{},
	}
	if v.Title == "" {
		v.Title = p.Name
	}
	if v.Answer == (dialect.Answer{}) {
		v.Answer = dialect.JSONAnswer()
	}
	for _, add := range []func(*dialect.Vendor) error{p.addReader, p.addScheme, p.addHabits, p.addMaker} {
		if err := add(&v); err != nil {
			return nil, err
		}
	}
	made := dialect.New(v)
	reasons, err := p.reasons()
	if err != nil {
		return nil, err
	}
	for _, part := range made.Check() {
		v.Lacks[part] = cmp.Or(reasons[part], "the profile says nothing of it")
	}
	return made, nil
}

// reasons returns what Lacks says by the names of a vendor's parts.
func (p *Profile) reasons() (map[string]string, error) {
	parts := map[string]string{"signature": "Scheme", "keywords": "Keywords", "retries": "Retries", "synth": "Maker", "exports": "Exports"}
	reasons := make(map[string]string, len(p.Lacks))
	for key, reason := range p.Lacks {
		part, ok := parts[key]
		if !ok {
			return nil, &Error{Field: "lacks", Reason: "a reason is given for signature, keywords, retries, synth or exports"}
		}
		reasons[part] = reason
	}
	return reasons, nil
}

func (p *Profile) addScheme(v *dialect.Vendor) error {
	if p.Signature == nil {
		return nil
	}
	scheme, err := signature.New(*p.Signature)
	if err != nil {
		return &Error{Field: "signature", Reason: strings.TrimPrefix(err.Error(), "signature: ")}
	}
	v.Scheme = scheme
	return nil
}

func (p *Profile) addHabits(v *dialect.Vendor) error {
	if k := p.Keywords; k != nil {
		v.Keywords = k.words()
		for _, words := range [][]string{k.Stop, k.Start, k.Help, k.Info} {
			if i := slices.IndexFunc(words, func(w string) bool { return w == "" || w != strings.ToUpper(w) }); i >= 0 {
				return &Error{Field: "keywords", Reason: "the words are written in upper case"}
			}
		}
	}
	r := p.Retries
	switch {
	case len(r.Delays) > 0 && r.First != 0:
		return &Error{Field: "retries", Reason: "either delays or first, not both"}
	case slices.ContainsFunc(r.Delays, func(d time.Duration) bool { return d <= 0 }), r.First < 0, r.Longest < 0, r.Within < 0:
		return &Error{Field: "retries", Reason: "a delay is above 0"}
	case r.First > 0 && (r.First < time.Second || r.Within < r.First || r.Within > maxRetryTime):
		return &Error{Field: "retries.within", Reason: "it is at least first, which is at least a second, and at most a week"}
	case r.First > 0:
		if r.Longest < r.First {
			r.Longest = max(r.First, r.Within)
		}
		r.Delays = dialect.Doubling(r.First, r.Longest, r.Within)
	}
	if len(r.Delays) > maxRetries {
		return &Error{Field: "retries", Reason: fmt.Sprintf("they are more than %d", maxRetries)}
	}
	v.Retries = dialect.Retries{Delays: r.Delays, Token: r.Token}
	return nil
}

// maxRetries bounds how often a delivery is made again.
const maxRetries = 1000

// maxRetryTime bounds for how long a vendor tries: with a first delay of a second that doubles, it is a short list.
const maxRetryTime = 7 * 24 * time.Hour

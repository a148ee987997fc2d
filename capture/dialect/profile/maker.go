package profile

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/yamldoc"
)

// Synth says how a synthetic corpus's requests are written. The bodies are templates in which ${NAME} stands for a value, escaped as
// MediaType wants it, of JSON as often as it stands in a string of JSON that itself stands in a string:
//
//	id            the message's id, as ID writes it
//	from to       numbers: the person's and the platform's; in receipts of the platform's message, too
//	text word     the text, and its first word in upper case
//	state last    what became of the message, one of Delivered or Failed, and whether no receipt follows: true or false
//	account profile url   the platform's account, its profile, the URL that is called
//	city region zip       where the person is
//	parts units encoding  of the text: segments, characters, GSM-7 or UCS-2
//	tries         deliveries before this one
//	event         names the request: the same wherever it stands in it
//	uuid hex:N digits:N upper:N   random
//	sent:LAYOUT now:LAYOUT        times: of the message and of the request; rfc3339, unix, unix_ms, or a layout of Go's package time
type Synth struct {
	// Weight is the vendor's part of the default mix; 0 means that only who asks for it gets it.
	Weight float64 `yaml:"weight,omitempty"`
	// MediaType is the Content-Type: application/json where nothing is said.
	MediaType string `yaml:"media_type,omitempty"`
	// Bare says that numbers are written without their plus.
	Bare bool `yaml:"bare,omitempty"`
	// Account and Profile are templates of what names the platform's account, and of its profile or whatever stands for that; "${uuid}"
	// where nothing is said.
	Account string `yaml:"account,omitempty"`
	Profile string `yaml:"profile,omitempty"`
	// ID is a template of ids; "${uuid}" where nothing is said.
	ID string `yaml:"id,omitempty"`
	// Headers are the vendor's own, their values templates: those of a signature apart, which are made when one is signed.
	Headers map[string]string `yaml:"headers,omitempty"`
	// Message and Receipt are the bodies. Without Receipt there are none.
	Message string `yaml:"message,omitempty"`
	Receipt string `yaml:"receipt,omitempty"`
	// ReceiptInQuery says that receipts, written as forms, come in the query of a GET.
	ReceiptInQuery bool `yaml:"receipt_in_query,omitempty"`
	// Delivered and Failed are what becomes of a message that arrives and of one that does not, in the order of the receipts.
	Delivered yamldoc.Texts `yaml:"delivered,omitempty"`
	Failed    yamldoc.Texts `yaml:"failed,omitempty"`
}

// orderOfProfiles puts vendors out of profiles behind all that are built in.
const orderOfProfiles = 1000

// maxWeight bounds a vendor's part of the mix.
const maxWeight = 1e6

func (p *Profile) addMaker(v *dialect.Vendor) error {
	y := p.Synth
	if y == nil {
		return nil
	}
	m := &dialect.Maker{
		Order: orderOfProfiles, Weight: y.Weight, MediaType: y.MediaType, Bare: y.Bare, Events: len(p.Message.Sender) == 0, InQuery: y.ReceiptInQuery,
		States: [2][]string{y.Delivered, y.Failed},
	}
	if !(y.Weight >= 0 && y.Weight <= maxWeight) { // also what is no number
		return &Error{Field: "synth.weight", Reason: "a weight is from 0 to a million"}
	}
	if m.MediaType == "" {
		m.MediaType = "application/json"
	}
	ids, err := parseTemplate("synth.id", or(y.ID, "${uuid}"), plain)
	if err != nil {
		return err
	}
	if ids.has("id") {
		return &Error{Field: "synth.id", Reason: "${id} stands in its own template"}
	}
	m.ID = func(b []byte, d *dialect.Draft) []byte {
		b, _, _ = ids.append(b, d, nil)
		return b
	}
	message, err := parseBody("synth.message", y.Message, m.MediaType)
	switch {
	case err != nil:
		return err
	case len(message) == 0 || !message.has("id") && (m.Events || len(p.Message.ID) > 0):
		return &Error{Field: "synth.message", Reason: "a message has an ${id}"}
	}
	if m.Headers, err = y.headers(); err != nil {
		return err
	}
	if m.Account, err = y.accounts(); err != nil {
		return err
	}
	m.Message = func(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) { return message.append(b, d, m.ID) }
	if err := y.addReceipts(m); err != nil {
		return err
	}
	if len(y.Delivered) == 0 || len(y.Failed) == 0 {
		v.Lacks["Maker.States"] = "the profile names none"
	}
	v.Maker = m
	return nil
}

func (y *Synth) addReceipts(m *dialect.Maker) error {
	switch receipts := len(y.Delivered)+len(y.Failed) > 0; {
	case receipts != (y.Receipt != ""):
		return &Error{Field: "synth.receipt", Reason: "receipts need a template, and delivered or failed their states"}
	case !receipts:
		return nil
	}
	mediaType := m.MediaType
	if y.ReceiptInQuery {
		mediaType = form
	}
	receipt, err := parseBody("synth.receipt", y.Receipt, mediaType)
	if err != nil {
		return err
	}
	m.Receipt = func(b []byte, d *dialect.Draft) []byte {
		b, _, _ = receipt.append(b, d, nil)
		return b
	}
	return nil
}

// headers returns what appends the vendor's own headers, in the order of their names; nil where there are none.
func (y *Synth) headers() (func([]capture.Header, *dialect.Draft) []capture.Header, error) {
	names := slices.Sorted(maps.Keys(y.Headers))
	values := make([]template, len(names))
	for i, name := range names {
		key := "synth.headers." + name
		switch value, err := parseTemplate(key, y.Headers[name], onOneLine); {
		case err != nil:
			return nil, err
		case name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == ':' || c >= 0x7f }):
			return nil, &Error{Field: key, Reason: "that is no header's name"}
		default:
			values[i] = value
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return func(dst []capture.Header, d *dialect.Draft) []capture.Header {
		for i, name := range names {
			value, _, _ := values[i].append(nil, d, nil)
			dst = append(dst, capture.Header{Name: name, Value: string(value)})
		}
		return dst
	}, nil
}

// accounts returns what draws the ids of an account and of its profile.
func (y *Synth) accounts() (func(*rand.Rand) (account, profile string), error) {
	account, err := parseTemplate("synth.account", or(y.Account, "${uuid}"), plain)
	if err != nil {
		return nil, err
	}
	profile, err := parseTemplate("synth.profile", or(y.Profile, "${uuid}"), plain)
	return func(random *rand.Rand) (string, string) {
		d := &dialect.Draft{Random: random}
		a, _, _ := account.append(nil, d, nil)
		p, _, _ := profile.append(nil, d, nil)
		return string(a), string(p)
	}, err
}

func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

package dialect

import (
	"reflect"
	"slices"

	"reprise/capture"
	"reprise/capture/sms"
)

// Vendor is all that reprise knows of one vendor of SMS. Each vendor has a folder of its own that states it once, and New makes
// it ready for use. Nothing else in reprise knows a vendor's name, field or habit.
//
// A Vendor does not change and may be used by several goroutines at once; a Record may not.
type Vendor struct {
	// Name is the vendor's name as users write it: "twilio".
	Name string
	// Title is the name as the vendor writes it: "Twilio".
	Title string
	// FormerNames are what the vendor was called before, as older webhooks' paths have it, in lower case.
	FormerNames []string
	// Agents are the values of User-Agent that its webhooks come with: "TwilioProxy/1.1".
	Agents []string
	// HeaderWords are the words, in lower case and without digits, that the values of its own headers are made of, beside
	// those of Agents and its names.
	HeaderWords []string

	// Detect says how surely a record is this vendor's.
	Detect func(r *capture.Record) Confidence
	// Parse reads what the payload says. An error names a field, never a value.
	Parse func(r *capture.Record) (Event, error)
	// Layout says what the fields and headers hold.
	Layout Layout

	// Scheme is how the vendor signs; nil means that its requests carry no signature.
	Scheme Scheme
	// Keywords are the words that the vendor itself takes for an opt-out, an opt-in or a question, unless its customer changes
	// them. nil means those that sms.DefaultWords returns.
	Keywords *sms.Words
	// Retries say when the vendor makes a failed delivery again.
	Retries Retries
	// Answer is what a receiver answers with.
	Answer Answer

	// Maker writes the vendor's messages and receipts for a synthetic corpus; nil means that there are none.
	Maker *Maker
	// Exports are the forms in which the vendor gives out the messages, or the requests, that it keeps; nil means that none is read.
	Exports []Export
	// SendAPI is the vendor's API that sends messages, as a stand-in answers it; nil means that none is imitated.
	SendAPI *SendAPI

	// Lacks gives the reason for each part that is left empty, by the part's name: "Scheme". See Check.
	Lacks map[string]string

	schema     func() *Schema // is made when it is first asked for
	definition string
	carriers   carriers // of its own scheme's signatures
	replaced   bool     // another scheme signs in its place
}

// New makes a vendor ready for use.
func New(v Vendor) *Vendor {
	v.schema = schemaOf(func() Layout { return v.Layout })
	v.carriers = newCarriers(v.Scheme)
	return &v
}

// Check returns the names of the parts that are empty and for which Lacks gives no reason, and of those that have both a value
// and a reason to be empty. Of the Maker they are the parts without which it cannot write: "Maker.Message".
func (v *Vendor) Check() (wrong []string) {
	value := reflect.ValueOf(v).Elem()
	for i := range value.NumField() {
		part := value.Type().Field(i)
		if !part.IsExported() || part.Name == "Lacks" {
			continue
		}
		if value.Field(i).IsZero() == (v.Lacks[part.Name] == "") {
			wrong = append(wrong, part.Name)
		}
	}
	if v.Maker != nil {
		wrong = append(wrong, v.Maker.check(v.Lacks["Maker.States"] != "")...)
	}
	slices.Sort(wrong)
	return wrong
}

// Definition is the text that the vendor was made from, for a corpus to remember; "" for one that is built in.
func (v *Vendor) Definition() string { return v.definition }

// Defined returns v with the text that it was made from.
func (v *Vendor) Defined(text string) *Vendor {
	defined := *v
	defined.definition = text
	return &defined
}

// Schema holds the tables of what the vendor's fields and headers hold.
func (v *Vendor) Schema() *Schema { return v.schema() }

// AnyPayload says that of the vendor's payloads no field is known: its headers come with those of any application, as a gateway's do.
func (v *Vendor) AnyPayload() bool {
	for _, fields := range v.Layout.Variants {
		if len(fields) > 0 {
			return false
		}
	}
	return true
}

// Rewrite offers every field of the record to edit and splices what it answers, see Schema.Rewrite.
func (v *Vendor) Rewrite(r *capture.Record, edit Edit) error { return v.schema().Rewrite(r, edit) }

// Locate appends to dst where the fields of the wanted classes stand, see Schema.Locate.
func (v *Vendor) Locate(dst []Span, r *capture.Record, want Classes) ([]Span, error) {
	return v.schema().Locate(dst, r, want)
}

// LocateFixed is Locate that says whether no value had a part in it, see Schema.LocateFixed.
func (v *Vendor) LocateFixed(dst []Span, r *capture.Record, want Classes) (spans []Span, fixed bool, err error) {
	return v.schema().LocateFixed(dst, r, want)
}

// Sign puts the vendor's signature headers (or parameters) on the record: ErrUnsupported where it has none.
func (v *Vendor) Sign(r *capture.Record, s Signing) error {
	if v.Scheme == nil {
		return ErrUnsupported
	}
	if v.replaced {
		v.Unsign(r, false)
	}
	return v.Scheme.Sign(r, s)
}

// Verify checks them: nil, ErrUnsigned, ErrSignature or ErrUnsupported.
func (v *Vendor) Verify(r *capture.Record, s Signing) error {
	if v.Scheme == nil {
		return ErrUnsupported
	}
	return v.Scheme.Verify(r, s)
}

// Timed says whether the signature covers the time at which it is made.
func (v *Vendor) Timed() bool { return v.Scheme != nil && v.Scheme.Timed() }

// Signed returns v with another scheme in place of its own.
func (v *Vendor) Signed(s Scheme) *Vendor {
	signed := *v
	signed.Scheme, signed.replaced = s, true
	return &signed
}

// Package dialect is how one vendor's webhooks are recognised, read, rewritten, signed and verified.
//
// A Schema finds the fields of a record in one walk, and yields a Span for each (Locate). Rewriting rests on the same walk: only
// the spans that change are replaced, escaped as the vendor escapes, and every other byte stays as it was sent.
// What reprise knows of one vendor is one value, a Vendor, and a Table lists them.
package dialect

import (
	"errors"
	"time"

	"reprise/capture"
	"reprise/capture/payload"
)

// Confidence is how surely a record belongs to a vendor.
type Confidence uint8

// In rising order: the first vendor in the table with the highest confidence wins.
const (
	No         Confidence = iota
	ByEnvelope            // a header that comes with any vendor's payload says so
	ByShape               // the payload's fields say so
	ByHeader              // a header that only this vendor sends says so
)

// EventType says what a payload tells about.
type EventType uint8

// The types of event.
const (
	NotSMS  EventType = iota // a payload that is no SMS event
	Inbound                  // a person sent a message
	Receipt                  // a message's delivery changed its status
)

// Event is what a payload says.
type Event struct {
	Type    EventType
	Message capture.Message
	// Person is the number of the customer's handset as written: From of a message, To of a receipt.
	Person string
	// State is what a receipt says became of its message, in the vendor's words: "delivered", "message-failed",
	// "message.finalized delivery_failed". It is empty for a message, and where the receipt does not say.
	State string
}

// Class says what a field holds, and so what may be done with it.
type Class uint8

// The classes of field. A field that a vendor's table does not list is Unknown.
const (
	Unknown  Class = iota
	Keep           // an enum, a version, a flag or an amount: it tells nothing of anyone
	Person         // the number of the customer's handset
	Business       // the number that the platform owns
	ID             // names one message, event or delivery: a replay makes it fresh, equal stays equal
	Account        // names the account, application or profile: anonymized, and the same in every replay
	Text           // written by a person, or quoting one
	TextWord       // the first word of the text, upper-cased (Vonage's keyword)
	Place          // city, state, postcode or country of a number
	Name           // a person's or a carrier's name
	Link           // a URL: of media, or internal to the platform
	Time           // the vendor's timestamp
	Secret         // a signature, credential, nonce or cookie: never leaves anonymize
	Encoding       // the text's encoding, as the vendor words it
	Segments       // the text's count of parts
	JSON           // JSON in a string, whose own fields are named behind a dot; what is no JSON is Unknown
	Email          // a person's e-mail address
	TextJSON       // as JSON, of an object alone; what is none is Text
)

// Field is one value in a request.
type Field struct {
	Part payload.Part
	// Name is the vendor's: "From", "data.payload.to.*.phone_number" (* for each array index), a header's name.
	Name string
	// Value is decoded; of a JSON number, boolean or null it is the literal as written, and Literal is set.
	Value   string
	Literal bool
	Class   Class
	// Key says, of a payload that no table describes, that it is the key of a value, and no value.
	Key bool
}

// Op is what becomes of a field.
type Op uint8

// The operations. Drop empties a field of the body or the query (see Field.Blank), and takes away a header. Remove takes away the
// field too, name and all; where there is none, as in a body that is one value, it is Drop.
const (
	Leave Op = iota
	Set
	Drop
	Remove
)

// Edit answers for one field: Leave, Set with the new value (decoded; for a Literal field a JSON literal), Drop or Remove.
type Edit func(f Field) (value string, op Op)

// Blank is the value that says nothing: "" for a string, 0 for a number, false for a boolean, null for null.
func (f Field) Blank() string {
	switch {
	case !f.Literal:
		return ""
	case f.Value == "true" || f.Value == "false":
		return "false"
	case f.Value == "null":
		return "null"
	}
	return "0"
}

// Signing is what a signature is made from.
type Signing struct {
	// URL is the public URL that the vendor signs: scheme, host, path and query, byte-exact.
	URL string
	// Secret is the auth token, signing secret or key file's content, white space trimmed.
	Secret []byte
	// Now is the time to stamp, or to check a stamp against.
	Now time.Time
	// Nonce is used by the schemes that want one; empty means that the dialect derives one from Now and the body.
	Nonce string
}

// What Sign and Verify answer.
var (
	ErrUnsigned    = errors.New("dialect: the request carries no signature")
	ErrSignature   = errors.New("dialect: the signature does not match")
	ErrUnsupported = errors.New("dialect: this vendor's requests cannot be signed")
)

package cause

// Attribute is something that a request is known by before it is answered.
type Attribute uint8

// The attributes. Their names are part of the JSON of reprise why.
const (
	Kind Attribute = iota
	Vendor
	Recipient
	Intent
	Encoding
	Segments
	BodyBytes
	Media
	Receipt
	Copy
	Retry
	RepeatedID
	FirstOfPerson
	SamePersonWithin
	SameRecipientWithin
	SameKindWithin
	Burst100ms
	Burst1s
	Burst10s
	KindBurst100ms
	KindBurst1s
	KindBurst10s
	InFlight
	NewConnection
	RunSecond
	RecordedHour
	ToolLag
	ToolStop
	Watched // a series of the platform's own figures: its column has the series' name

	attributes = iota
)

// Form says which values an attribute has, and so which rules can be made of it.
type Form uint8

// The forms.
const (
	Names  Form = iota // one of some names, without an order
	Flag               // yes or no
	Amount             // a number: rules are thresholds
	Gap                // a time since something, without an upper bound: rules are "within"
	Moment             // a place in time: rules are stretches
)

// Definition says what an attribute is.
type Definition struct {
	Attribute Attribute
	// Name is how JSON and the command line call it.
	Name string
	Form Form
	// Unit is that of its values; empty for names, flags and counts.
	Unit string
	// Is is its definition, a phrase for the docs.
	Is string
}

// Definitions lists every attribute in order.
func Definitions() [attributes]Definition {
	return [...]Definition{
		{Kind, "kind", Names, "", "the kind of the message, as the corpus has it"},
		{Vendor, "vendor", Names, "", "the dialect that recognised the payload"},
		{Recipient, "recipient", Names, "", "the number that the message is to, by its rank: 1 is the one with the most requests"},
		{Intent, "intent", Names, "", "what the text is about, where the corpus tells it"},
		{Encoding, "encoding", Names, "", "gsm7 or ucs2, by the text's characters (3GPP TS 23.038)"},
		{Segments, "segments", Amount, "", "parts that the text takes on the air"},
		{BodyBytes, "body_bytes", Amount, "bytes", "size of the request's body"},
		{Media, "media", Flag, "", "the message has an attachment"},
		{Receipt, "receipt", Flag, "", "a delivery receipt, and no message"},
		{Copy, "copy", Flag, "", "a copy that --volume or --loop added"},
		{Retry, "retry", Flag, "", "sent again: as recorded, or on the vendor's schedule"},
		{RepeatedID, "repeated_id", Flag, "", "its message's id was sent in the run before, and not because the vendor had repeated it"},
		{FirstOfPerson, "first_of_person", Flag, "", "the person's first request of the run"},
		{SamePersonWithin, "same_person_within", Gap, "ns", "time since the request before it of the same person was due"},
		{SameRecipientWithin, "same_recipient_within", Gap, "ns", "time since the request before it to the same recipient was due"},
		{SameKindWithin, "same_kind_within", Gap, "ns", "time since the request before it of the same kind was due"},
		{Burst100ms, "burst_100ms", Amount, "", "requests due in the 100 ms before it, itself included"},
		{Burst1s, "burst_1s", Amount, "", "requests due in the second before it, itself included"},
		{Burst10s, "burst_10s", Amount, "", "requests due in the 10 s before it, itself included"},
		{KindBurst100ms, "kind_burst_100ms", Amount, "", "requests of its kind due in the 100 ms before it, itself included"},
		{KindBurst1s, "kind_burst_1s", Amount, "", "requests of its kind due in the second before it, itself included"},
		{KindBurst10s, "kind_burst_10s", Amount, "", "requests of its kind due in the 10 s before it, itself included"},
		{InFlight, "in_flight", Amount, "", "requests that were sent and not answered when it was sent, itself excluded"},
		{NewConnection, "new_connection", Flag, "", "sent on a connection that was opened for it"},
		{RunSecond, "run_second", Moment, "s", "when it was due, since the run's start"},
		{RecordedHour, "recorded_hour", Names, "", "the hour of the day at which it was recorded, UTC"},
		{ToolLag, "tool_lag", Amount, "ns", "how much later than due it was sent"},
		{ToolStop, "tool_stop", Amount, "ns", "for how long the tool itself did not run in the second before its answer, as its clock shows"},
		{Watched, "watched", Amount, "", "a figure of the platform's own at the moment when it was due"},
	}
}

// String is the attribute's name.
func (a Attribute) String() string {
	if a >= attributes {
		return "unknown"
	}
	return Definitions()[a].Name
}

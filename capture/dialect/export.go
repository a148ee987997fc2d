package dialect

import "reprise/capture"

// Export is one form in which a vendor, or who stands between it and its customers, gives out the messages or the requests that it keeps. Its
// rows are objects of JSON, in any framing, or lines of CSV under a heading.
type Export struct {
	// Name is what users call it: "twilio-bulk". Title is a noun phrase.
	Name, Title string
	// Docs is the page that says what the rows hold.
	Docs string
	// Pages are the members of a page of the vendor's API that hold rows.
	Pages []string
	// Marks are names that every row has: of several exports whose marks a row has all of, it is of the one with the most.
	Marks []string

	// Columns say what the columns hold of an export whose rows are messages, from which requests are rebuilt. Names are those of the
	// members, with dots between steps; in a heading of CSV, in any case.
	Columns map[string]Column
	// Inbound are what a ColumnDirection holds for a message from a person; without such a column each message is one.
	Inbound []string
	// States are what a ColumnStatus says of a message that the platform sent, and the state that a receipt has then. nil stands for
	// the states of the Maker, under their names.
	States map[string]string
	// Whole says that times are of whole seconds, though they may be written with a fraction.
	Whole bool
	// Textless says that no column has the text. Of a row without such a column a text is generated of its length, or of its parts alone.
	Textless bool

	// Requests reads a row that holds true requests, and calls each for each of them. The record is valid until it returns. An error
	// is a *payload.FieldError, or what each returned.
	Requests func(row []byte, each func(*capture.Record) error) error
}

// Column says what a column of an export of messages holds.
type Column uint8

// The columns.
const (
	NoColumn Column = iota
	ColumnID
	ColumnFrom
	ColumnTo
	ColumnText
	ColumnTime      // when the webhook was sent
	ColumnCreated   // when the message was made known, in place of ColumnTime
	ColumnUpdated   // when it last changed its state, which is when a receipt is sent
	ColumnDirection // see Export.Inbound
	ColumnStatus    // see Export.States
	ColumnParts     // segments
	ColumnLength    // characters of the text
	ColumnMedia     // how many files came with it
	ColumnAccount
	ColumnProfile
	ColumnError
	ColumnVendor // whose message it is, in a table of several vendors' messages
	ColumnFromCountry
	ColumnFromRegion
	ColumnFromCity
	ColumnFromZip
	ColumnToCountry
	ColumnToRegion
	ColumnToCity
	ColumnToZip
	ColumnCount // how many there are, and none itself
)

// Exports returns the exports of every vendor of the table, each with its vendor, in the order of the vendors.
func (t Table) Exports() (list []VendorExport) {
	for _, v := range t.vendors {
		for i := range v.Exports {
			list = append(list, VendorExport{&v.Exports[i], v})
		}
	}
	return list
}

// VendorExport is an export and whose it is; Vendor is nil where it is no vendor's.
type VendorExport struct {
	*Export
	Vendor *Vendor
}

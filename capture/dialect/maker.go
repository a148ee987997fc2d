package dialect

import (
	"math/rand/v2"
	"time"

	"reprise/capture"
	"reprise/capture/sms"
)

// Maker writes a vendor's requests for a synthetic corpus. What it draws, and in which order, is part of what a seed gives.
type Maker struct {
	// Order is the vendor's place among those of a synthetic corpus, from 1: a new vendor takes the next number.
	Order int
	// Weight is the vendor's part of the default mix; only proportions matter.
	Weight float64
	// MediaType is the Content-Type.
	MediaType string
	// OwnStatusPath says that receipts go to a path of their own.
	OwnStatusPath bool
	// Bare says that numbers are written without their plus.
	Bare bool
	// Events says that the bodies of Message are events that are no messages: such a record is of kind other, whatever the mix says.
	Events bool
	// InQuery says that receipts are forms that stand in the query of a GET.
	InQuery bool
	// Headers appends the vendor's own headers but for those of its signature; nil means that there are none. What is written for
	// Message or Receipt is asked for first.
	Headers func(dst []capture.Header, d *Draft) []capture.Header
	// States are what becomes of a message that the platform sends, in the order of their receipts: where it arrives, and where
	// it does not. A vendor that sends no receipts of one or of both has none, which Vendor.Lacks says as "Maker.States".
	States [2][]string
	// Account draws the ids of the platform's account and of its profile, or what stands for it.
	Account func(random *rand.Rand) (account, profile string)
	// Message appends the body of a message and returns where in it the message's id stands.
	Message func(b []byte, d *Draft) (body []byte, idAt, idLen int)
	// ID appends a new message id, of the kind that the vendor gives to messages that it sends.
	ID func(b []byte, d *Draft) []byte
	// Receipt appends the body of a receipt for the message that the platform sent from d.To to d.From.
	Receipt func(b []byte, d *Draft) []byte
}

// check returns the names of the parts that a maker needs and has not.
func (m *Maker) check(fewStates bool) (wrong []string) {
	receipts := len(m.States[0])+len(m.States[1]) > 0
	for part, fails := range map[string]bool{
		"Maker.Order":     m.Order < 1,
		"Maker.MediaType": m.MediaType == "",
		"Maker.Account":   m.Account == nil,
		"Maker.Message":   m.Message == nil,
		"Maker.States":    (len(m.States[0]) == 0 || len(m.States[1]) == 0) != fewStates,
		"Maker.ID":        receipts && m.ID == nil,
		"Maker.Receipt":   receipts && m.Receipt == nil,
	} {
		if fails {
			wrong = append(wrong, part)
		}
	}
	return wrong
}

// Draft is what a body is written from. Numbers are as the vendor writes them.
type Draft struct {
	Random *rand.Rand
	// At is when the message came in, or was sent, and Now when the receipt is made.
	At, Now time.Time
	// From is the person and To the platform, in receipts too.
	From, To, Text string
	Size           sms.Size
	// City, State and Zip are where the person is, as some vendors tell it.
	City, Region, Zip string
	// Tries is the number of deliveries before this one.
	Tries int

	// ID is that of the message that a receipt is about, State what became of it. Failed says that it did not arrive, and Last that
	// no receipt follows.
	ID, State    string
	Failed, Last bool
	// Event names the request, where a vendor does so: it is drawn when it is first written.
	Event string
	// Known is what an export says of a message that was really sent; nil in a synthetic corpus, whose messages are made up whole.
	Known *Known

	// URL is where the request goes to.
	URL              string
	Account, Profile string
}

// Known is what an export says of a message beside what a Draft has for every one.
type Known struct {
	// ID is the message's, in place of one that is drawn.
	ID string
	// Media is how many pictures or other files came with it.
	Media int
	// FromCountry and ToCountry are the countries of the numbers; ToCity, ToRegion and ToZip where the platform's is.
	FromCountry, ToCountry, ToCity, ToRegion, ToZip string
	// Error is why a message did not arrive, in the vendor's words.
	Error string
}

// AppendID appends the message's id: that which is known, as escape writes it, else what draw draws.
func (d *Draft) AppendID(b []byte, escape func([]byte, string) []byte, draw func(b []byte) []byte) []byte {
	if d.Known != nil {
		return escape(b, d.Known.ID)
	}
	return draw(b)
}

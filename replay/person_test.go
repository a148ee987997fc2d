package replay

import (
	"testing"

	"reprise/capture"
)

// TestPersonIsOneValue: what a schedule and a sample choose people by is the same for every vendor's spelling of a number.
func TestPersonIsOneValue(t *testing.T) {
	const who = "+14155550100"
	twilio := capture.Record{Kind: capture.Help, Vendor: "twilio", Message: capture.Message{From: "+14155550100", To: "+18885550100", Person: who}}
	plivo := capture.Record{Kind: capture.Unrecognized, Vendor: "plivo", Message: capture.Message{From: "14155550100", To: "18885550100", Person: who}}
	receipt := capture.Record{Kind: capture.Status, Vendor: "vonage", Message: capture.Message{From: "18885550100", To: "14155550100", Person: who}}
	other := capture.Record{Kind: capture.Help, Message: capture.Message{From: "+14155550101", Person: "+14155550101"}}
	nobody := capture.Record{Message: capture.Message{From: "+14155550100"}}
	want := Person(&twilio)
	if want == 0 || Person(&plivo) != want || Person(&receipt) != want {
		t.Errorf("one person is %x, %x and %x", want, Person(&plivo), Person(&receipt))
	}
	if Person(&other) == want || Person(&nobody) != 0 {
		t.Errorf("another is %x, nobody is %x", Person(&other), Person(&nobody))
	}
}

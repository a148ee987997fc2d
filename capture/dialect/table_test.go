package dialect

import (
	"errors"
	"testing"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// fake is a vendor that answers as told.
type fake struct {
	name       string
	confidence Confidence
	event      Event
	err        error
}

func fakes(list ...fake) Table {
	var vs []*Vendor
	for _, f := range list {
		vs = append(vs, New(Vendor{
			Name: f.name, Detect: func(*capture.Record) Confidence { return f.confidence },
			Parse: func(*capture.Record) (Event, error) { return f.event, f.err },
		}))
	}
	return NewTable(vs...)
}

func TestDetect(t *testing.T) {
	no, shape, shape2 := fake{name: "no"}, fake{name: "shape", confidence: ByShape}, fake{name: "shape2", confidence: ByShape}
	header, header2 := fake{name: "header", confidence: ByHeader}, fake{name: "header2", confidence: ByHeader}
	for _, tc := range []struct {
		table Table
		want  string
	}{
		{Table{}, ""},
		{fakes(no), ""},
		{fakes(no, shape, shape2), "shape"},
		{fakes(shape, no, header, header2), "header"},
	} {
		got := ""
		if d := tc.table.Detect(&capture.Record{}); d != nil {
			got = d.Name
		}
		if got != tc.want {
			t.Errorf("Detect = %q, want %q", got, tc.want)
		}
	}
	if d, ok := fakes(no, shape).Named("shape"); !ok || d.Name != "shape" {
		t.Errorf("Named = %v, %v", d, ok)
	}
}

func TestAnnotate(t *testing.T) {
	c, err := sms.NewClassifier(sms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	unreadable := &payload.FieldError{Field: "x", Reason: payload.ReasonMissing}
	stop := capture.Message{ID: "1", From: "2", To: "3", Text: "stop"}
	table := fakes(
		fake{name: "in", confidence: ByShape, event: Event{Type: Inbound, Message: stop}},
		fake{name: "receipt", event: Event{Type: Receipt, Message: stop}},
		fake{name: "nothing"},
		fake{name: "bad", err: unreadable},
	)
	for _, tc := range []struct {
		what   string
		table  Table
		record capture.Record
		vendor string
		kind   capture.Kind
		field  string
	}{
		{"detected", table, capture.Record{Kind: capture.Help}, "in", capture.Unsubscribe, ""},
		{"forced", table, capture.Record{Vendor: "receipt"}, "receipt", capture.Status, ""},
		{"no SMS", table, capture.Record{Vendor: "nothing"}, "nothing", capture.Other, ""},
		{"unreadable", table, capture.Record{Vendor: "bad"}, "bad", capture.Other, "x"},
		{"forced to what is not there", table, capture.Record{Vendor: "absent"}, "absent", capture.Other, "vendor"},
		{"not detected", Table{}, *record("/", "text/plain", "hello"), "", capture.Other, ""},
		{"JSON that is none", Table{}, *record("/", "application/JSON; charset=utf-8", "hello"), "", capture.Other, "body"},
		{"JSON cut short", Table{}, *record("/", "application/json", `{"a":`), "", capture.Other, "body"},
		{"JSON", Table{}, *record("/", "application/json", `{"a":1}`), "", capture.Other, ""},
	} {
		r := tc.record
		r.Message.Text = "left over"
		err := tc.table.Annotate(&r, c)
		var field *payload.FieldError
		if errors.As(err, &field) != (tc.field != "") || field != nil && field.Field != tc.field {
			t.Errorf("%s: Annotate = %v, want an error of field %q", tc.what, err, tc.field)
		}
		if r.Vendor != tc.vendor || r.Kind != tc.kind {
			t.Errorf("%s: vendor %q, kind %v, want %q, %v", tc.what, r.Vendor, r.Kind, tc.vendor, tc.kind)
		}
		if known := r.Kind != capture.Other; known != (r.Message == stop) || !known && r.Message != (capture.Message{}) {
			t.Errorf("%s: message %+v", tc.what, r.Message)
		}
	}
}

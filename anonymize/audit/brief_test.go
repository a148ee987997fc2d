package audit

import (
	"bytes"
	"testing"

	"reprise/capture"
)

// TestBriefValues holds that a value which is too short to be looked for everywhere is found in its own field, and there alone.
func TestBriefValues(t *testing.T) {
	fields := func(r *capture.Record, f func(FieldSort, []byte)) {
		for item := range bytes.SplitSeq(r.Body, []byte("&")) {
			switch name, value, _ := bytes.Cut(item, []byte("=")); string(name) {
			case "zip":
				f(Brief, value)
			case "phone":
				f(Number, value)
			case "type":
				f(Common, value)
			}
		}
	}
	record := func(body string) *capture.Record {
		return &capture.Record{Method: "POST", URL: "/x", Body: []byte(body), Kind: capture.Other}
	}
	for name, tc := range map[string]struct {
		in, out string
		want    Counts
	}{
		"replaced":                  {"type=a&zip=91403", "type=a&zip=10234", Counts{}},
		"kept":                      {"type=a&zip=91403", "type=a&zip=91403", Counts{Values: 1}},
		"one of two":                {"zip=10234&zip=91403", "zip=55512&zip=91403", Counts{Values: 1}},
		"another field's":           {"zip=10234&zip=91403", "zip=91403&zip=10234", Counts{}},
		"a word of the vocabulary":  {"zip=order", "zip=order", Counts{}},
		"of another count":          {"zip=10234&zip=91403", "zip=10234", Counts{}},
		"digits of an id":           {"zip=48213377", "zip=90123456", Counts{}},
		"a number":                  {"phone=14155551234", "phone=14155550123", Counts{}},
		"a number in another style": {"phone=14153212345", "phone=14155550123&type=0014153212345", Counts{Numbers: 1}},
		"a number that is no fake":  {"phone=14153212345", "phone=14153219999", Counts{Digits: 1}},
	} {
		o := options([]*capture.Record{record(tc.in)}, []*capture.Record{record(tc.out)})
		o.Fields = fields
		if got := run2(t, o).Counts; got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

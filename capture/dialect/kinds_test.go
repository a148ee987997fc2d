package dialect

import (
	"testing"

	"reprise/capture"
)

// twice is a scheme of two kinds: which it is, X-Kind says.
type twice struct{ Scheme }

func (twice) Headers() []string { return []string{"X-Sig", "X-Kind"} }

func (twice) Mark(name, value string) (mark string, ok bool) { return value[:1], name == "X-Kind" }

func (twice) Sign(r *capture.Record, _ Signing) error {
	r.SetHeader("X-Sig", "own")
	return nil
}

type other struct{ Scheme }

func (other) Sign(r *capture.Record, _ Signing) error {
	r.SetHeader("Other", "sig")
	return nil
}

func TestUnsign(t *testing.T) {
	v := New(Vendor{Scheme: twice{}})
	record := func(kind string) *capture.Record {
		return &capture.Record{Headers: []capture.Header{{Name: "A", Value: "1"}, {Name: "x-sig", Value: "abc"}, {Name: "X-Kind", Value: kind}, {Name: "B", Value: "2"}}}
	}
	left := func(r *capture.Record) (names string) {
		for _, h := range r.Headers {
			names += h.Name + " "
		}
		return names
	}
	for _, tc := range []struct {
		kind     string
		recorded bool
		want     string
	}{
		{"second", false, "A B "}, {"s", false, "A B "}, {"second", true, "A x-sig X-Kind B "}, {"s", true, "A x-sig B "},
	} {
		r := record(tc.kind)
		if v.Unsign(r, tc.recorded); left(r) != tc.want {
			t.Errorf("%+v left %s", tc, left(r))
		}
		r = record(tc.kind)
		if New(Vendor{}).Unsign(r, tc.recorded); len(r.Headers) != 4 {
			t.Errorf("a vendor of one scheme left %s", left(r))
		}
	}
	if mark, ok := v.SignatureMark("X-Kind", "second"); mark != "s" || !ok {
		t.Errorf("SignatureMark = %q, %v", mark, ok)
	}
	if _, ok := v.SignatureMark("A", "second"); ok {
		t.Error("a header of no signature has a mark")
	}
	r := record("second")
	if err := v.Sign(r, Signing{}); err != nil || left(r) != "A x-sig X-Kind B " {
		t.Errorf("its own scheme left %s, %v", left(r), err)
	}
	r = record("second")
	if err := v.Signed(other{}).Sign(r, Signing{}); err != nil || left(r) != "A B Other " {
		t.Errorf("another scheme left %s, %v", left(r), err)
	}
}

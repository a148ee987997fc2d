package dialect

import (
	"testing"

	"reprise/capture"
)

// twice is a scheme of two kinds: which it is, X-Kind says.
type twice struct{ Scheme }

func (twice) Headers() []string { return []string{"X-Sig", "X-Kind"} }

func (twice) Marks(name string) bool { return name == "X-Kind" }

func (twice) Mark(name, value string) (mark string, ok bool) { return value[:1], name == "X-Kind" }

func (twice) Sign(r *capture.Record, _ Signing) error {
	r.SetHeader("X-Sig", "own")
	return nil
}

func (twice) Timed() bool { return false }

// timed is a scheme with the time, whose signatures stand in a header and in a field.
type timed struct{ Scheme }

func (timed) Headers() []string { return []string{"Authorization"} }

func (timed) Fields() []string { return []string{"sig"} }

func (timed) Timed() bool { return true }

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

// A signature with the time has expired even where all that it covers is as it was.
func TestUnsignWhatHasExpired(t *testing.T) {
	v := New(Vendor{Scheme: timed{}, Layout: Layout{Variants: []Fields{{"sig": Secret, "key": Secret}}}})
	for _, tc := range []struct{ url, body, authorization, wantURL, wantBody string }{
		{"/a?b=1&sig=x", "", "bearer abc", "/a?b=1", ""},
		{"/a", "a=1&sig=%41&b=2&key=k", "Bearer abc", "/a", "a=1&b=2&key=k"},
		{"/a", `{"a": 1, "sig": "x", "b": [2]}`, "Basic dTpw", "/a", `{"a": 1, "b": [2]}`},
		{"/a", "a=1&sig=", "Basic dTpw", "/a", "a=1&sig="},
		{"/a", `{"sig": "x"`, "Bearer a", "/a", `{"sig": "x"`},
	} {
		for _, recorded := range []bool{true, false} {
			r := &capture.Record{Method: "POST", URL: tc.url, Body: []byte(tc.body), Headers: []capture.Header{{Name: "authorization", Value: tc.authorization}}}
			v.Unsign(r, recorded)
			if _, left := r.Header("Authorization"); r.URL != tc.wantURL || string(r.Body) != tc.wantBody || left != (tc.authorization[:2] == "Ba") {
				t.Errorf("%s %s became %s %s %v", tc.url, tc.body, r.URL, r.Body, r.Headers)
			}
		}
	}
}

func TestUnsigningNothingAllocatesNothing(t *testing.T) {
	v := New(Vendor{Scheme: timed{}, Layout: Layout{Variants: []Fields{{"sig": Secret}}}})
	r := &capture.Record{Method: "POST", URL: "/a?b=1", Body: []byte("a=1&sig=&b=2"), Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}}
	v.Unsign(r, false)
	if n := testing.AllocsPerRun(100, func() { v.Unsign(r, false) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

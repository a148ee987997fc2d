package dialecttest

import (
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// checkLocating wants Locate to find, of each class, exactly the fields that Rewrite offers, with the same values,
// and every span to take what Encode makes of a value.
func checkLocating(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	var all dialect.Classes
	for c := dialect.Unknown; c <= dialect.Segments; c++ {
		want := dialect.ClassSet(c)
		all |= want
		checkLocated(t, d, s.Record(), want)
	}
	checkLocated(t, d, s.Record(), all)
	checkLocated(t, d, s.Record(), dialect.ClassSet(dialect.ID, dialect.Person))
	checkLocated(t, d, s.Record(), 0)
	checkDamaged(t, d, s, all)
}

// checkDamaged wants Locate and Rewrite to see the same of a body that was cut short.
func checkDamaged(t *testing.T, d *dialect.Vendor, s Sample, want dialect.Classes) {
	t.Helper()
	for i := range len(s.Body) {
		r := s.Record()
		r.Body = r.Body[:i]
		checkLocated(t, d, r, want)
	}
}

// checkLocated compares Locate with Rewrite on one record.
func checkLocated(t *testing.T, d *dialect.Vendor, r *capture.Record, want dialect.Classes) {
	t.Helper()
	var fields []dialect.Field
	wantErr := d.Rewrite(r.Clone(), func(f dialect.Field) (string, dialect.Op) {
		if want.Has(f.Class) {
			fields = append(fields, f)
		}
		return "", dialect.Leave
	})
	first := dialect.Span{Name: "before"}
	spans, err := d.Locate([]dialect.Span{first}, r, want)
	if len(spans) == 0 || spans[0] != first {
		t.Fatalf("Locate wrote over what dst held")
	}
	spans = spans[1:]
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Errorf("Locate = %v, Rewrite = %v", err, wantErr)
	}
	if err != nil {
		if len(spans) > 0 {
			t.Errorf("Locate found %d spans, and an error", len(spans))
		}
		return
	}
	if len(spans) != len(fields) {
		t.Errorf("classes %b: Locate found %d fields, Rewrite offers %d", want, len(spans), len(fields))
		return
	}
	n := 0
	for _, part := range [...]payload.Part{payload.InPath, payload.InQuery, payload.InHeader, payload.InBody} {
		for _, f := range fields {
			if f.Part == part {
				checkSpan(t, r, spans[n], f)
				n++
			}
		}
	}
}

// checkSpan compares one span with the field that Rewrite offers.
func checkSpan(t *testing.T, r *capture.Record, s dialect.Span, f dialect.Field) {
	t.Helper()
	document := string(r.Body)
	switch s.Part {
	case payload.InPath, payload.InQuery:
		document = r.URL
	case payload.InHeader:
		document = r.Headers[s.Header].Value
	}
	raw := document[s.Start:s.End]
	value := string(s.Decode(nil, []byte(raw)))
	if s.Part != f.Part || s.Class != f.Class || s.Literal != f.Literal || value != f.Value || s.Plain && raw != value {
		t.Errorf("Locate found %+v, which reads %q; Rewrite offers %+v", s, value, f)
	}
	if s.Literal || s.Part == payload.InHeader {
		return
	}
	for _, v := range [...]string{nasty, f.Value, "+1 (555) 01-00"} {
		if back := string(s.Decode(nil, s.Encode(nil, v))); back != v {
			t.Errorf("field %q: %q was encoded and reads %q", f.Name, v, back)
		}
	}
	whole := !strings.Contains(value, "%") // an escape that was cut short is written whole
	if whole && (s.Class == dialect.Person || s.Class == dialect.ID) {
		if same := string(s.Encode(nil, f.Value)); same != raw {
			t.Errorf("field %q: the same value became %q, was %q", f.Name, same, raw)
		}
	}
}

// Package dialecttest is the conformance suite that every vendor's test runs: what a dialect promises, checked
// on that vendor's sample payloads with decoders of the standard library's own.
package dialecttest

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// Sample is one request of a vendor, and what it says. Its fields must have values of their own: none may be
// part of another.
type Sample struct {
	Name    string
	Method  string // POST where empty
	URL     string // /hook where empty
	Headers []capture.Header
	Body    string
	// Detect is the confidence wanted; its zero value wants ByShape.
	Detect dialect.Confidence
	Want   dialect.Event
	// Withheld names the fields that stay Unknown on purpose. All others must have a class.
	Withheld []string
}

// Record returns the sample as a record with Host, Content-Length and the sample's own headers.
func (s Sample) Record() *capture.Record {
	r := &capture.Record{Method: s.Method, URL: s.URL, Host: "hooks.example.com", Body: []byte(s.Body)}
	if r.Method == "" {
		r.Method = "POST"
	}
	if r.URL == "" {
		r.URL = "/hook"
	}
	r.Headers = append([]capture.Header{{Name: "Host", Value: r.Host}}, s.Headers...)
	if s.Body != "" {
		r.Headers = append(r.Headers, capture.Header{Name: "content-length", Value: strconv.Itoa(len(s.Body))})
	}
	return r
}

// Run runs the suite.
func Run(t *testing.T, d *dialect.Vendor, samples ...Sample) {
	t.Helper()
	checkDetails(t, d)
	checkExports(t, d)
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			checkReading(t, d, s)
			checkClasses(t, d, s)
			checkIdentity(t, d, s)
			checkOneByOne(t, d, s)
			checkAllAtOnce(t, d, s)
			checkBlanking(t, d, s)
			checkMalformed(t, d, s)
			checkForeign(t, d, s)
			checkLocating(t, d, s)
		})
	}
}

// checkDetails finds fields of places and of names of which the tables do not say which part they are and of whom, and the other way
// round.
func checkDetails(t *testing.T, d *dialect.Vendor) {
	t.Helper()
	named := make(map[string]bool)
	for _, table := range d.Layout.Variants {
		for name, class := range table {
			if class != dialect.Place && class != dialect.Name {
				continue
			}
			named[name] = true
			if _, ok := d.Layout.Details[name]; !ok {
				t.Errorf("field %q is of class %v, and Layout.Details says no more of it", name, class)
			}
		}
	}
	for name := range d.Layout.Details {
		if !named[name] {
			t.Errorf("Layout.Details has %q, which is no field of class place or name", name)
		}
	}
}

func checkReading(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	want := s.Detect
	if want == dialect.No {
		want = dialect.ByShape
	}
	r := s.Record()
	if got := d.Detect(r); got != want {
		t.Errorf("Detect = %v, want %v", got, want)
	}
	got, err := d.Parse(r)
	if err != nil || got != s.Want {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, s.Want)
	}
	if number, _ := sms.Canonical(got.Person); number != personOf(&got) {
		t.Errorf("the person of %+v is not whom a reader of a corpus would take for it", got)
	}
	if !reflect.DeepEqual(r, s.Record()) {
		t.Errorf("Detect or Parse changed the record")
	}
}

// personOf is the person that a reader of a corpus derives from what it holds of an event.
func personOf(e *dialect.Event) string {
	r := capture.Record{Message: e.Message}
	switch e.Type {
	case dialect.Inbound:
		r.Kind = capture.Unrecognized
	case dialect.Receipt:
		r.Kind = capture.Status
	}
	new(sms.Speller).Identify(&r)
	return r.Message.Person
}

// fields returns every field that Rewrite offers.
func fields(t *testing.T, d *dialect.Vendor, r *capture.Record) []dialect.Field {
	t.Helper()
	var all []dialect.Field
	if err := d.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		all = append(all, f)
		return "", dialect.Leave
	}); err != nil {
		t.Fatalf("Rewrite: %v", err)
	}
	return all
}

// checkClasses finds fields that no table lists, and the message's own fields under a wrong class.
func checkClasses(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	business := s.Want.Message.To
	if s.Want.Type == dialect.Receipt {
		business = s.Want.Message.From
	}
	withheld := 0
	for _, f := range fields(t, d, s.Record()) {
		if slices.Contains(s.Withheld, f.Name) {
			withheld++
			if f.Class != dialect.Unknown {
				t.Errorf("field %q is of class %v, and was to be withheld", f.Name, f.Class)
			}
			continue
		}
		if f.Class == dialect.Unknown {
			t.Errorf("field %q has no class", f.Name)
		}
		if s.Want.Type == dialect.NotSMS || f.Value == "" {
			continue
		}
		for _, c := range []struct {
			value string
			class dialect.Class
		}{
			{s.Want.Person, dialect.Person},
			{business, dialect.Business},
			{s.Want.Message.ID, dialect.ID},
			{s.Want.Message.Text, dialect.Text},
		} {
			if f.Value == c.value && f.Class != c.class {
				t.Errorf("field %q is of class %v, want %v", f.Name, f.Class, c.class)
			}
		}
	}
	if withheld < len(s.Withheld) {
		t.Errorf("%d withheld fields are not in the sample", len(s.Withheld)-withheld)
	}
}

// checkIdentity leaves all fields, and then sets each to what it is.
func checkIdentity(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	for _, op := range []dialect.Op{dialect.Leave, dialect.Set} {
		r := s.Record()
		if err := d.Rewrite(r, func(f dialect.Field) (string, dialect.Op) { return f.Value, op }); err != nil {
			t.Fatalf("Rewrite: %v", err)
		}
		if want := s.Record(); !reflect.DeepEqual(r, want) {
			t.Errorf("identity (op %v) gave %q\n%q, want %q\n%q", op, r.URL, r.Body, want.URL, want.Body)
		}
	}
}

// checkBlanking drops every field: no value of the sample may be left in any part.
func checkBlanking(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	r := s.Record()
	if err := d.Rewrite(r, func(dialect.Field) (string, dialect.Op) { return "", dialect.Drop }); err != nil {
		t.Fatalf("Rewrite: %v", err)
	}
	for _, f := range fields(t, d, r) {
		if f.Part != payload.InPath && f.Value != f.Blank() {
			t.Errorf("dropped field %q still has a value", f.Name)
		}
	}
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Name, "Content-Length") {
			t.Errorf("dropped header %q is still there", h.Name)
		}
	}
}

// checkMalformed cuts the body short at every byte and damages each: errors may name fields, and nothing else.
func checkMalformed(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	secrets := fields(t, d, s.Record())
	try := func(body string) {
		r := s.Record()
		r.Body = []byte(body)
		_, err := d.Parse(r)
		errs := []error{err, d.Rewrite(r, func(dialect.Field) (string, dialect.Op) { return "", dialect.Leave })}
		for _, err := range errs {
			var field *payload.FieldError
			if err == nil {
				continue
			}
			if !errors.As(err, &field) {
				t.Errorf("a damaged body gave %T, want *payload.FieldError", err)
			}
			told := err.Error()
			if field != nil && d.Layout.Variants[0].Class(field.Field) != dialect.Unknown { // a name of the table's, which may hold a word
				told = field.Reason
			}
			for _, f := range secrets {
				if len(f.Value) > 5 && f.Part == payload.InBody && strings.Contains(told, f.Value) {
					t.Errorf("an error tells what field %q holds", f.Name)
				}
			}
		}
		if string(r.Body) != body {
			t.Errorf("a rewrite that changes nothing changed a damaged body")
		}
	}
	for i := range len(s.Body) {
		try(s.Body[:i])
		try(s.Body[:i] + "\xff" + s.Body[i+1:])
	}
}

// checkForeign shows the dialect what no vendor sends.
func checkForeign(t *testing.T, d *dialect.Vendor, _ Sample) {
	t.Helper()
	for _, body := range []string{"", "hello", `{"a":1}`, `[{"a":1}]`, "a=1&b=2", "<xml/>", "\x00\x01", "[", `{"data":`, `"text"`} {
		r := Sample{Body: body}.Record()
		if c := d.Detect(r); c != dialect.No {
			t.Errorf("Detect(%q) = %v", body, c)
		}
	}
}

// Identity checks of a sample alone that a dialect that changes nothing gives back the same bytes, and finds the same fields by Locate as
// by Rewrite.
func Identity(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	checkIdentity(t, d, s)
	checkLocating(t, d, s)
}

// Rewriting checks of a sample alone that each field takes any text, and that nothing else changes.
func Rewriting(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	checkOneByOne(t, d, s)
	checkAllAtOnce(t, d, s)
	checkBlanking(t, d, s)
}

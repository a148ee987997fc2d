package dialecttest

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// nasty holds what every escaping must get right.
const nasty = `"\/ +&=%41;#é“😀<'>` + "\n\t\x01"

// checkOneByOne sets one field at a time, and looks at every other byte.
func checkOneByOne(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	before := fields(t, d, s.Record())
	for target, old := range before {
		value := "#" + nasty + strconv.Itoa(target)
		if old.Literal {
			value = strconv.Itoa(70000 + target)
		}
		r := s.Record()
		given := r.Body
		n := -1
		if err := d.Rewrite(r, func(dialect.Field) (string, dialect.Op) {
			if n++; n == target {
				return value, dialect.Set
			}
			return "", dialect.Leave
		}); err != nil {
			t.Fatalf("Rewrite of %q: %v", old.Name, err)
		}
		if string(given) != s.Body {
			t.Errorf("Rewrite of %q wrote into the old body", old.Name)
		}
		checkOneChanged(t, s, r, old, value)
	}
}

// checkOneChanged looks at the record with the standard library's eyes.
func checkOneChanged(t *testing.T, s Sample, r *capture.Record, old dialect.Field, value string) {
	t.Helper()
	was := s.Record()
	switch old.Part {
	case payload.InBody:
		diffOne(t, old, value, values(t, string(was.Body)), values(t, string(r.Body)))
		outside(t, old, s.Body, string(r.Body))
		if length, _ := r.Header("Content-Length"); length != strconv.Itoa(len(r.Body)) {
			t.Errorf("Content-Length is %s after setting %q, the body has %d bytes", length, old.Name, len(r.Body))
		}
		r.Body, r.Headers = was.Body, was.Headers
	case payload.InQuery:
		_, a, _ := strings.Cut(was.URL, "?")
		_, b, _ := strings.Cut(r.URL, "?")
		diffOne(t, old, value, values(t, a), values(t, b))
		outside(t, old, was.URL, r.URL)
		r.URL = was.URL
	case payload.InPath:
		outside(t, old, was.URL, r.URL)
		r.URL = was.URL
	case payload.InHeader:
		if got, _ := r.Header(old.Name); got != value {
			t.Errorf("header %q was set to %q and is %q", old.Name, value, got)
		}
		r.Headers, r.Host = was.Headers, was.Host
	}
	if !reflect.DeepEqual(r, was) {
		t.Errorf("setting %q changed another part of the request", old.Name)
	}
}

// diffOne wants exactly one difference between two lists of decoded values: from the old value to the new.
func diffOne(t *testing.T, old dialect.Field, value string, was, is []string) {
	t.Helper()
	if len(was) != len(is) {
		t.Errorf("setting %q made %d values of %d", old.Name, len(is), len(was))
		return
	}
	changed := 0
	for i := range was {
		if was[i] == is[i] {
			continue
		}
		if json.Valid([]byte(was[i])) && json.Valid([]byte(is[i])) && (strings.HasPrefix(was[i], "{") || strings.HasPrefix(was[i], "[")) { // JSON in a value
			changed++
			diffOne(t, old, value, values(t, was[i]), values(t, is[i]))
			continue
		}
		if changed++; was[i] != old.Value || is[i] != value {
			t.Errorf("setting %q turned %q into %q, want %q into %q", old.Name, was[i], is[i], old.Value, value)
		}
	}
	if changed != 1 {
		t.Errorf("setting %q changed %d values", old.Name, changed)
	}
}

// outside wants the bytes before and after one span to be the same, and the span to be no longer than
// the old value could have been.
func outside(t *testing.T, old dialect.Field, was, is string) {
	t.Helper()
	head := 0
	for head < min(len(was), len(is)) && was[head] == is[head] {
		head++
	}
	tail := 0
	for tail < min(len(was), len(is))-head && was[len(was)-1-tail] == is[len(is)-1-tail] {
		tail++
	}
	if span := len(was) - head - tail; span > 6*len(old.Value) {
		t.Errorf("setting %q changed %d bytes, the value has %d", old.Name, span, len(old.Value))
	}
}

// checkAllAtOnce sets every text to a new one, and reads it back.
func checkAllAtOnce(t *testing.T, d *dialect.Vendor, s Sample) {
	t.Helper()
	r := s.Record()
	want := map[string]bool{}
	if err := d.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Literal || f.Value == "" {
			return "", dialect.Leave
		}
		switch f.Class {
		case dialect.Person, dialect.Business, dialect.Text, dialect.ID:
			value := f.Class.String() + nasty + f.Value
			if f.Part != payload.InPath { // where looks decide what is offered
				want[f.Part.String()+f.Name+value] = true
			}
			return value, dialect.Set
		}
		return "", dialect.Leave
	}); err != nil {
		t.Fatalf("Rewrite: %v", err)
	}
	for _, f := range fields(t, d, r) {
		delete(want, f.Part.String()+f.Name+f.Value)
	}
	for name := range want {
		t.Errorf("set and not found again: %q", name)
	}
	got, err := d.Parse(r)
	renew := func(c dialect.Class, value string) string {
		if value == "" {
			return ""
		}
		return c.String() + nasty + value
	}
	m := s.Want.Message
	from, to := dialect.Person, dialect.Business
	if s.Want.Type == dialect.Receipt {
		from, to = to, from
	}
	expect := dialect.Event{Type: s.Want.Type, State: s.Want.State, Person: renew(dialect.Person, s.Want.Person), Message: capture.Message{
		ID: renew(dialect.ID, m.ID), From: renew(from, m.From), To: renew(to, m.To), Text: renew(dialect.Text, m.Text),
	}}
	if err != nil || got != expect {
		t.Errorf("Parse after setting all = %+v, %v, want %+v", got, err, expect)
	}
}

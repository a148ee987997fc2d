package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/sms"
)

func checkDetected(t *testing.T, s *specimen) (cell, _ string) {
	var ways []string
	for i := range s.records {
		for way, r := range map[string]*capture.Record{"header": first(s.signed(t, i)), "payload": bare(&s.records[i])} {
			found := s.table.Detect(r)
			if way == "payload" && s.Detect(r) == dialect.No { // its headers alone tell it
				continue
			}
			if found == nil || found.Name != s.Name {
				t.Fatalf("record %d is not told by its %s", i, way)
			}
			if way == "payload" || s.Detect(r) != dialect.ByShape {
				if !slices.Contains(ways, way) {
					ways = append(ways, way)
				}
			}
		}
	}
	slices.Sort(ways)
	return strings.Join(ways, ", "), ""
}

func first(r *capture.Record, _ dialect.Signing) *capture.Record { return r }

// bare returns a record without the headers that its vendor sends.
func bare(r *capture.Record) *capture.Record {
	out := r.Clone()
	out.Headers = slices.DeleteFunc(out.Headers, func(h capture.Header) bool { return !strings.HasPrefix(h.Name, "Content-") && h.Name != "Host" })
	return out
}

func checkParsed(t *testing.T, s *specimen) (cell, _ string) {
	missing := map[string]bool{}
	for i := range s.records {
		r := &s.records[i]
		e, err := s.Parse(r.Clone())
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		want := r.Message
		for part, pair := range map[string][2]string{"id": {e.Message.ID, want.ID}, "from": {e.Message.From, want.From}, "to": {e.Message.To, want.To}, "text": {e.Message.Text, want.Text}} {
			switch {
			case pair[0] == pair[1]:
			case pair[0] == "" && part != "text" && !(part == "from" && r.Kind != capture.Status):
				what := "messages"
				if r.Kind == capture.Status {
					what = "receipts"
				}
				missing[part+" in "+what] = true
			default:
				t.Fatalf("record %d, a %v: %s was read as another", i, r.Kind, part)
			}
		}
		if person, _ := sms.Canonical(e.Person); person != r.Message.Person {
			t.Fatalf("record %d: another person was read", i)
		}
	}
	if len(missing) == 0 {
		return "yes", ""
	}
	names := make([]string, 0, len(missing))
	for name := range missing {
		names = append(names, name)
	}
	slices.Sort(names)
	return "yes; it sends no " + strings.Join(names, ", no "), ""
}

// sample is the suite's sample of a record.
func (s *specimen) sample(t *testing.T, i int) dialecttest.Sample {
	t.Helper()
	r := s.records[i].Clone()
	e, err := s.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return dialecttest.Sample{Name: fmt.Sprintf("record %d", i), Method: r.Method, URL: r.URL, Headers: bare(r).Headers[1:2], Body: string(r.Body), Want: e}
}

// few are the numbers of some records: of messages and of receipts.
func (s *specimen) few() (list []int) {
	seen := map[capture.Kind]bool{}
	for i := range s.records {
		if k := s.records[i].Kind; !seen[k] {
			seen[k] = true
			list = append(list, i)
		}
	}
	return list
}

func checkSame(t *testing.T, s *specimen) (cell, _ string) {
	for _, i := range s.few() {
		dialecttest.Identity(t, s.Vendor, s.sample(t, i))
	}
	for i := range s.records {
		r := s.records[i].Clone()
		if err := s.Rewrite(r, func(f dialect.Field) (string, dialect.Op) { return f.Value, dialect.Set }); err != nil || !bytes.Equal(r.Body, s.records[i].Body) || r.URL != s.records[i].URL {
			t.Fatalf("record %d is another after each field was set to what it is (%v)", i, err)
		}
	}
	return "to the byte", ""
}

func checkRewritten(t *testing.T, s *specimen) (cell, _ string) {
	for _, i := range s.few() {
		dialecttest.Rewriting(t, s.Vendor, s.sample(t, i))
	}
	return "field by field", ""
}

func checkSigned(t *testing.T, s *specimen) (cell, reason string) {
	if s.Scheme == nil {
		return "", s.Lacks["Scheme"]
	}
	for i := range s.records {
		s.signed(t, i)
	}
	if s.Timed() {
		return "yes, with the time", ""
	}
	return "yes", ""
}

func checkVerified(t *testing.T, s *specimen) (cell, reason string) {
	if s.Scheme == nil {
		return "", s.Lacks["Scheme"]
	}
	body, age := 0, 0
	for i := range s.records {
		r, g := s.signed(t, i)
		if err := s.Verify(r, g); err != nil {
			t.Fatalf("record %d: Verify: %v", i, err)
		}
		later, other := g, r.Clone()
		later.Now = g.Now.Add(time.Hour)
		if s.Verify(r, later) != nil {
			age++
		}
		if other.Body = bytes.Replace(r.Body, []byte("e"), []byte("E"), 1); len(r.Body) == 0 || s.Verify(other, g) != nil {
			body++
		}
		if err := s.Verify(&s.records[i], g); err == nil {
			t.Fatalf("record %d holds without a signature", i)
		}
	}
	if (age > 0 && age < len(s.records)) || (body > 0 && body < len(s.records)) {
		t.Errorf("of %d records, %d fail with another body and %d an hour later", len(s.records), body, age)
	}
	cell = "yes"
	if body == 0 {
		cell += ", not the body"
	}
	if age > 0 {
		cell += ", and the age"
	}
	return cell, ""
}

func checkKinds(t *testing.T, s *specimen) (cell, reason string) {
	c, err := sms.NewClassifier(sms.Options{Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"VIP"}}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[capture.Kind]bool{}
	for i := range s.records {
		r, _ := s.signed(t, i)
		r.Vendor, r.Kind, r.Message = "", capture.Other, capture.Message{}
		if err := s.table.Annotate(r, c); err != nil || r.Kind != s.records[i].Kind || r.Vendor != s.Name {
			t.Fatalf("record %d is a %v of %s, want a %v (%v)", i, r.Kind, r.Vendor, s.records[i].Kind, err)
		}
		found[r.Kind] = true
	}
	if s.Maker.Events {
		return "", "its payloads are events, and no messages"
	}
	delete(found, capture.Status)
	if len(found) != 7 {
		t.Errorf("the messages are of the kinds %v", found)
	}
	return fmt.Sprintf("all %d", len(found)), ""
}

func checkReceipts(t *testing.T, s *specimen) (cell, reason string) {
	switch {
	case s.Maker.Events:
		return "", "its payloads are events, and no messages"
	case s.Maker.Receipt == nil:
		return "", s.Lacks["Maker.States"]
	}
	states := map[string]bool{}
	for i := range s.records {
		r := &s.records[i]
		if r.Kind != capture.Status {
			continue
		}
		e, err := s.Parse(r.Clone())
		if err != nil || e.Type != dialect.Receipt || e.Message.ID != r.Message.ID || e.Person == "" {
			t.Fatalf("record %d refers to another message, or to nobody (%v)", i, err)
		}
		states[e.State[strings.LastIndexByte(e.State, ' ')+1:]] = true // behind an event's name
	}
	for _, outcome := range s.Maker.States {
		for _, state := range outcome {
			if !states[state] {
				t.Errorf("no receipt says %q", state)
			}
		}
	}
	if len(states) == 1 {
		return "1 state", ""
	}
	return fmt.Sprintf("%d states", len(states)), ""
}

func checkMade(t *testing.T, s *specimen) (cell, _ string) {
	messages := 0
	for i := range s.records {
		if s.records[i].Kind != capture.Status {
			messages++
		}
	}
	if messages != specimens {
		t.Errorf("%d messages were made", messages)
	}
	return "yes", ""
}

func checkAnswer(t *testing.T, s *specimen) (cell, _ string) {
	a := s.table.Answer(s.Name)
	var whole bool
	switch {
	case strings.Contains(a.MediaType, "json"):
		whole = json.Valid([]byte(a.Body))
	case strings.Contains(a.MediaType, "xml"):
		whole = xml.Unmarshal([]byte(a.Body), new(struct{})) == nil
	default:
		whole = a.MediaType != ""
	}
	if !whole {
		t.Errorf("the answer is no %s", a.MediaType)
	}
	kind, _, _ := strings.Cut(a.MediaType, ";")
	if a.Body == "" {
		return "empty", ""
	}
	return kind, ""
}

package dialect

import (
	"testing"

	"reprise/capture"
	"reprise/capture/payload"
)

// FuzzLocate wants Locate to find what Rewrite offers, whatever the request.
func FuzzLocate(f *testing.F) {
	f.Add("/a/+14155550188?From=1&%46rom=2&Media7=x&12345=y&bare", formType, "From=%2B1&To=2&Media0=a+b&=e&x", uint32(1<<Person|1<<Link))
	f.Add("/AC0123456789abcdef0123456789abcdef", "application/json", `{"From":"\u002b1","a":{"b":[1,null,"x"]},"+14155550188":{"b":true},"a.b.*":2}`, ^uint32(0))
	f.Add("/", "text/plain", "hello", uint32(1))
	inbound := Fields{"From": Person, "To": Business, "Media#": Link, "a.b.*": ID, "a.b": Text, "x": Keep}
	receipt := Fields{"From": Business, "To": Person, "Media#": Link, "Media0": Keep}
	headers := Fields{"x-id": ID, "content-type": Time}
	f.Fuzz(func(t *testing.T, target, contentType, body string, want uint32) {
		for variant := range 2 {
			schema := NewSchema(Layout{Headers: headers, Variants: []Fields{inbound, receipt}, Variant: func(*capture.Record) int { return variant }})
			r := record(target, contentType, body)
			r.SetHeader("X-Id", "1")
			r.SetHeader("Telnyx-Timestamp", "2")
			r.SetHeader("Cookie", "3")
			found := map[payload.Part][]Field{}
			wantErr := schema.Rewrite(r.Clone(), func(f Field) (string, Op) {
				if Classes(want).Has(f.Class) {
					found[f.Part] = append(found[f.Part], f)
				}
				return "", Leave
			})
			spans, err := schema.Locate(nil, r, Classes(want))
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("Locate = %v, Rewrite = %v", err, wantErr)
			}
			if err != nil {
				continue
			}
			var fields []Field
			for _, part := range [...]payload.Part{payload.InPath, payload.InQuery, payload.InHeader, payload.InBody} {
				fields = append(fields, found[part]...)
			}
			if len(spans) != len(fields) {
				t.Fatalf("%d spans, %d fields", len(spans), len(fields))
			}
			for i, s := range spans {
				document := body
				switch s.Part {
				case payload.InPath, payload.InQuery:
					document = target
				case payload.InHeader:
					document = r.Headers[s.Header].Value
				}
				raw := []byte(document[s.Start:s.End])
				if got := string(s.Decode(nil, raw)); s.Part != fields[i].Part || s.Class != fields[i].Class || got != fields[i].Value || s.Plain && got != string(raw) {
					t.Errorf("%+v reads %q, want %+v", s, got, fields[i])
				}
			}
		}
	})
}

func TestClasses(t *testing.T) {
	set := ClassSet(ID, Segments)
	for c := Unknown; c <= Segments; c++ {
		if set.Has(c) != (c == ID || c == Segments) {
			t.Errorf("Has(%v) = %v", c, set.Has(c))
		}
	}
}

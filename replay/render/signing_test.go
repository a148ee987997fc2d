package render

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
)

// TestPlansSign renders requests of all vendors that sign, with each set of headers that may hold signatures, by their templates and without:
// every byte is the same.
func TestPlansSign(t *testing.T) {
	planned, times := make(map[string]int), 0
	for _, name := range fixtureCorpora(t) {
		base := strings.TrimSuffix(filepath.Base(name), ".rpz")
		v, ok := all.Table().Named(base)
		if !ok || v.Scheme == nil || testing.Short() && base != "plivo" && base != "telnyx" { // one goroutine
			continue
		}
		var headers []string
		if c, ok := v.Scheme.(dialect.Carried); ok {
			headers = c.Headers()
		}
		file := multiplied(t, name, 12, func(i int, r *capture.Record) {
			otherDigits(i, r)
			if i%37 == 36 {
				r.Body = bytes.Replace(r.Body, []byte(`"text":"`), []byte(`"text":"{ `), 1)
			}
			if i%41 == 40 { // a text that holds an object, and in it what has the name of an id
				r.Body = regexp.MustCompile(`"text":"[^"]*"`).ReplaceAll(r.Body, []byte(`"text":"{\"messageId\":\"4B60FAC7AF5E466E\",\"id\":\"7\"}"`))
			}
			set := i / 16
			for k, h := range headers {
				if set>>(k%6)&1 == 1 {
					at := (set + k) % (len(r.Headers) + 1)
					r.Headers = slices.Insert(r.Headers, at, capture.Header{Name: h, Value: fmt.Sprint("recorded ", i)})
				}
			}
			switch i / 32 % 4 {
			case 1:
				r.URL += "?b=2&a=1"
			case 2:
				r.URL += fmt.Sprint("?b=2&a=", i%100)
			case 3:
				r.SetHeader("webhook-id", fmt.Sprint("msg_", i))
				if i%50 == 7 {
					r.SetHeader("webhook-id", "")
				}
			}
		})
		other := map[string][]byte{}
		for name, key := range planKeys() {
			other[name] = key
		}
		other["twilio"] = []byte(token + "\nYK0123:secret")
		for i, o := range []Options{
			{Sign: planKeys()},
			{Sign: other, Restamp: true, SignURL: "https://signed.example/x?c=1&b=2"},
			{Sign: other, KeepIDs: true, Host: "other.example", Headers: []Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-Of", Value: "{record}"}}},
		} {
			o.HashKey = [16]byte{1}
			n, refreshed := bothWays(t, fmt.Sprintf("%s, options %d", base, i), file, o)
			if !o.KeepIDs { // else no field is looked for
				planned[base] += n
			}
			times += refreshed
		}
	}
	if times == 0 {
		t.Error("no request was refreshed in its places")
	}
	for name, n := range planned {
		if n == 0 && name != "aws" {
			t.Errorf("%s: no request was made by a template", name)
		}
	}
}

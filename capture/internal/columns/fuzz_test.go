package columns

import (
	"fmt"
	"math"
	"testing"
	"time"

	"reprise/capture"
)

// chopped makes records of bytes that a fuzzer gives: it takes lengths and texts off them.
type chopped struct{ raw []byte }

func (c *chopped) byte() byte {
	if len(c.raw) == 0 {
		return 0
	}
	b := c.raw[0]
	c.raw = c.raw[1:]
	return b
}

func (c *chopped) text() string {
	n := min(int(c.byte()), len(c.raw))
	s := string(c.raw[:n])
	c.raw = c.raw[n:]
	return s
}

func (c *chopped) records() (list []capture.Record) {
	at := epoch
	form := capture.Header{Name: "Content-Type", Value: formType}
	for len(c.raw) > 0 && len(list) < 200 {
		how := c.byte()
		r := capture.Record{Time: at, Method: "POST", URL: "/x"}
		if how&1 != 0 {
			r.URL = c.text()
		}
		if how&2 != 0 {
			r.Headers = append(r.Headers, form)
		}
		if how&4 != 0 {
			r.Headers = append(r.Headers, capture.Header{Name: c.text(), Value: c.text()})
		}
		r.Body = []byte(c.text())
		if how&8 != 0 {
			r.Headers = append(r.Headers, capture.Header{Name: "Content-Length", Value: fmt.Sprint(len(r.Body))})
		}
		if how&16 != 0 {
			r.Message = capture.Message{ID: c.text(), From: c.text(), To: c.text(), Text: c.text()}
		}
		if how&32 != 0 {
			r.Kind, r.Origin = capture.Kind(c.byte()&15), capture.Origin(c.byte()&15)
			r.Response = capture.Response{Status: int(c.byte()) * 3, Latency: time.Duration(int8(c.byte())) << 40}
			at = at.Add(time.Duration(c.byte()) << 33)
		}
		for range how>>6*3 + 1 {
			list = append(list, r)
			at = at.Add(time.Duration(c.byte()))
		}
		r.Time = at
	}
	for i := range list {
		if i > 0 && list[i].Time.Before(list[i-1].Time) {
			list[i].Time = list[i-1].Time
		}
	}
	return list
}

// FuzzColumns holds that whatever the records are, they come back to the byte, also in a block after the first.
func FuzzColumns(f *testing.F) {
	f.Add([]byte("\x02\x09a=1&b=%2b"))
	f.Add([]byte("\x10\x0b{\"a\":\"x\\n\"}\x01x\x01y\x01z\x02x\n\x10\x0b{\"a\":\"y\\t\"}\x01x\x01y\x01z\x02y\t"))
	f.Add([]byte("\xe4\x01a\x01b\x02ab\xee\x01a\x01c\x02ac"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := chopped{raw: raw}
		records := c.records()
		e := NewEncoder()
		first, learned := pack(t, e, records, nil)
		check(t, first, records)
		e.Reset()
		next, _ := pack(t, e, records, learned)
		check(t, next, records)
	})
}

// FuzzDecoder holds that a payload of any bytes neither ends the program nor takes more than a block may.
func FuzzDecoder(f *testing.F) {
	for _, name := range []string{"one", "empty", "forms", "JSON", "headers", "numbers", "spread", "constants that end alike"} {
		records := shaped(3)[name]
		records = records[:min(len(records), 40)]
		p, _ := pack(f, NewEncoder(), records, nil)
		f.Add(p.payload, uint16(p.records))
		f.Add(unpacked(f, p), uint16(p.records))
	}
	f.Fuzz(func(t *testing.T, payload []byte, records uint16) {
		d := newDecoder(t, nil)
		n := int(records) % 512
		if d.Project(payload, n, epoch.UnixNano(), From|To|URL) == nil {
			for range min(n, 20) {
				if _, err := d.Next(new(capture.Record)); err != nil {
					break
				}
			}
		}
		if d.Start(payload, n, epoch.UnixNano()) != nil {
			return
		}
		total := 0
		next := []func(*capture.Record) (int64, error){d.Next, d.NextCut}
		for i := range n {
			var r capture.Record
			if _, err := next[i/4%2](&r); err != nil {
				return
			}
			if i%8 != 5 {
				r.MakeWhole()
			}
			if i%8 == 6 {
				if _, _, err := d.Pass(&r, math.MaxInt64); err != nil {
					return
				}
			}
			if i%3 == 2 {
				if _, _, err := d.AppendRequest(nil); err != nil {
					return
				}
			}
			if total += len(r.Body); total > 64<<20 {
				return
			}
		}
	})
}

// unpacked is the same block with all its sections stored, so that a fuzzer meets the plan itself.
func unpacked(t testing.TB, p packed) []byte {
	t.Helper()
	d := newDecoder(t, p.history)
	if !d.sections.Reset(p.payload, maxPayload) {
		t.Fatal("not a payload of sections")
	}
	return stored(sectionsOf(t, d))
}

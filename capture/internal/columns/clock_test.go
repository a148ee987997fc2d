package columns

import (
	"fmt"
	"math"
	"testing"
	"time"

	"reprise/capture"
)

// clocked is a record that says in several ways when it was made, late milliseconds before it came.
func clocked(i, late int) capture.Record {
	r := record(i, "")
	made := r.Time.Add(-time.Duration(late) * time.Millisecond)
	r.Body = fmt.Appendf(nil, `{"id":"evt_%d%06x","at":"%s","plain":"%s","micro":"%sZ","s":%d,"us":%d}`, made.UnixMilli(), i*2654435761%(1<<24),
		made.Format("2006-01-02T15:04:05.000+00:00"), r.Time.Format(time.DateTime), made.Format("2006-01-02T15:04:05.000000"), made.Unix(), made.UnixMicro())
	r.Headers = []capture.Header{{Name: "X-Stamp", Value: fmt.Sprintf("t=%d,v=1", r.Time.Unix())}}
	return r
}

// TestClocks holds that times near that of the record take what they differ from it.
func TestClocks(t *testing.T) {
	var records []capture.Record
	for i := range 2000 {
		records = append(records, clocked(i, 0))
	}
	p, _ := pack(t, NewEncoder(), records, nil)
	check(t, p, records)
	d := newDecoder(t, nil)
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	for _, u := range d.Usage(nil) {
		most := 64
		if u.Name == "body id" {
			most = 2000*3 + 100
		}
		if u.Name != "time" && u.Name != "plan" && u.Stored > most {
			t.Errorf("%q takes %d bytes", u.Name, u.Stored)
		}
	}
}

func TestClock(t *testing.T) {
	noon := time.Date(2024, 2, 29, 12, 0, 0, 123_456_789, time.UTC)
	for _, tc := range []struct {
		text   string
		found  string
		digits int
	}{
		{"2024-02-29T11:59:59.999Z", "2024-02-29T11:59:59.999", 3},
		{"at 2024-02-29 13:00:00 UTC", "2024-02-29 13:00:00", 0},
		{"2024-02-29T11:59:59.", "2024-02-29T11:59:59", 0},
		{"2024-02-29T11:59:59.1234567891", "2024-02-29T11:59:59.123456789", 9},
		{"2023-02-28T11:59:59", "", 0},
		{"2024-02-29_11:59:59", "", 0},
		{"id-1709208000123-7", "1709208000123", 3},
		{"17092080001234567", "1709208000123456", 6},
		{"1709208000123456789012", "1709208000123456789", 9},
		{"1709208000", "1709208000", 0},
		{"x91709208000", "", 0},
		{"1609208000", "", 0},
		{"", "", 0},
	} {
		c, from, to, ok := find([]byte(tc.text), noon.UnixNano(), 9)
		if got := tc.text[from:to]; got != tc.found || ok != (tc.found != "") || c.digits != tc.digits {
			t.Errorf("%q: found %q of %d digits, want %q of %d", tc.text, got, c.digits, tc.found, tc.digits)
		}
		if !ok {
			continue
		}
		if out, ok := c.append(nil, c.parse([]byte(tc.found))); !ok || string(out) != tc.found {
			t.Errorf("%q: it comes back as %q", tc.found, out)
		}
	}
	for _, v := range []int64{-1, math.MaxInt64, (lastSecond + 1) * 1000} {
		if out, ok := newClock(3, 'T').append(nil, v); ok {
			t.Errorf("%d is written as %q", v, out)
		}
	}
	if out, ok := newClock(9, 'T').append(nil, math.MaxInt64); !ok || string(out) != "2262-04-11T23:47:16.854775807" {
		t.Errorf("the last nanosecond is %q", out)
	}
	if out, ok := newClock(0, ' ').append(nil, lastSecond); !ok || string(out) != "9999-12-31 23:59:59" {
		t.Errorf("the last second is %q", out)
	}
}

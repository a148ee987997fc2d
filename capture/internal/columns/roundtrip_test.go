package columns

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// epoch is the time of the first record of a test.
var epoch = time.Date(2025, 1, 2, 7, 4, 5, 8188, time.UTC)

// packed is a block as it is written, and what it needs to be read.
type packed struct {
	payload []byte
	history []byte
	records int
	first   int64
}

// plainPacker and plainDecoder are those of files without a dictionary. No tests run side by side.
var (
	plainPacker  = once(func() (*frame.SectionPacker, error) { return frame.NewSectionPacker(nil) })
	plainDecoder = once(func() (*Decoder, error) { return NewDecoder(nil) })
)

// once returns make's first value again and again, to one goroutine.
func once[T any](make func() (T, error)) func() (T, error) {
	var value T
	var err error
	made := false
	return func() (T, error) {
		if !made {
			value, err = make()
			made = true
		}
		return value, err
	}
}

func newPacker(t testing.TB, history []byte) *frame.SectionPacker {
	t.Helper()
	if len(history) == 0 {
		p, err := plainPacker()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, err := frame.NewSectionPacker(history)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// pack writes records as one block. Without learned it is a first block.
func pack(t testing.TB, e *Encoder, records []capture.Record, learned *Learned) (packed, *Learned) {
	t.Helper()
	for i := range records {
		e.Add(&records[i])
	}
	if e.Len() != len(records) {
		t.Fatalf("Len is %d after %d records", e.Len(), len(records))
	}
	p := packed{history: learned.History(), records: len(records)}
	if len(records) > 0 {
		p.first = records[0].Time.UnixNano()
	}
	p.payload, learned = e.Build(nil, p.first, newPacker(t, p.history), learned)
	return p, learned
}

func newDecoder(t testing.TB, history []byte) *Decoder {
	t.Helper()
	if len(history) == 0 {
		d, err := plainDecoder()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d, err := NewDecoder(history)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// check reads a block back and compares every record.
func check(t testing.TB, p packed, want []capture.Record) {
	t.Helper()
	d := newDecoder(t, p.history)
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatalf("Start: %v", err)
	}
	for i := range want {
		var got capture.Record
		ns, err := d.Next(&got)
		if err != nil {
			t.Fatalf("record %d of %d: %v", i, len(want), err)
		}
		if ns != want[i].Time.UnixNano() {
			t.Fatalf("record %d: time %d, want %d", i, ns, want[i].Time.UnixNano())
		}
		if w := normal(want[i]); !reflect.DeepEqual(normal(got), w) {
			t.Fatalf("record %d:\n got %+v\nwant %+v", i, got, w)
		}
	}
	if _, err := d.Next(new(capture.Record)); err == nil {
		t.Fatal("there is one record too many")
	}
	checkRequests(t, d, p, want)
	checkCuts(t, d, p, want)
	checkFields(t, d, p, want)
	checkPassed(t, d, p, want)
}

// checkPassed passes over most records of a block, and reads the others.
func checkPassed(t testing.TB, d *Decoder, p packed, want []capture.Record) {
	t.Helper()
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		var r capture.Record
		w := normal(want[i])
		at := w.Time.UnixNano()
		if ns, ok, err := d.Pass(&r, at); ok || err != nil || ns != at {
			t.Fatalf("record %d was passed over: %v, %v, at %d", i, ok, err, ns)
		}
		if i%5 > 1 {
			if ns, ok, err := d.Pass(&r, at+1); !ok || err != nil || ns != at || r.Kind != w.Kind {
				t.Fatalf("record %d was not passed over: %v, %v, at %d: %v", i, ok, err, ns, r.Kind)
			}
			continue
		}
		next := d.Next
		if i%5 == 1 {
			next = d.NextCut
		}
		_, err := next(&r)
		r.MakeWhole()
		r.Cuts = nil
		if err != nil || !reflect.DeepEqual(normal(r), w) {
			t.Fatalf("record %d behind others: %v\n got %+v\nwant %+v", i, err, r, w)
		}
	}
	if _, ok, err := d.Pass(new(capture.Record), math.MaxInt64); ok || err != nil {
		t.Fatalf("behind the last record: %v, %v", ok, err)
	}
}

// checkCuts reads a block by its templates: some records are made whole, some are not, and some are asked for as others ask.
func checkCuts(t testing.TB, d *Decoder, p packed, want []capture.Record) {
	t.Helper()
	defer func(few int) { d.few = few }(d.few)
	d.few = 1
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		var r capture.Record
		w := normal(want[i])
		if i%7 == 5 {
			if _, _, err := d.AppendRequest(nil); err != nil {
				t.Fatal(err)
			}
			continue
		}
		ns, err := d.NextCut(&r)
		if err != nil || ns != w.Time.UnixNano() || r.Cuts == nil {
			t.Fatalf("record %d by its template: %v at %d: %+v", i, err, ns, r)
		}
		if r.Kind != w.Kind || r.Vendor != w.Vendor || r.Host != w.Host || r.Message.From != w.Message.From || r.Message.To != w.Message.To {
			t.Fatalf("record %d by its template:\n got %+v\nwant %+v", i, r, w)
		}
		if got := pieced(&r); got != string(w.Body) {
			t.Fatalf("record %d by its pieces:\n got %q\nwant %q", i, got, w.Body)
		}
		if i%3 == 1 {
			continue
		}
		r.MakeWhole()
		r.Cuts = nil
		if !reflect.DeepEqual(normal(r), w) {
			t.Fatalf("record %d made whole:\n got %+v\nwant %+v", i, r, w)
		}
	}
	if _, err := d.NextCut(new(capture.Record)); err == nil {
		t.Fatal("there is one record too many")
	}
}

// pieced is a body as its template's texts and its own values make it.
func pieced(r *capture.Record) string {
	var b strings.Builder
	from := int32(0)
	for i, p := range r.Cuts.Template.Body {
		if to := r.Cuts.Body[i]; p.Value {
			b.Write(r.Body[from:to])
		} else {
			b.WriteString(p.Text)
		}
		from = r.Cuts.Body[i]
	}
	return b.String()
}

// checkRequests reads a block as requests, and every third record of it as a record.
func checkRequests(t testing.TB, d *Decoder, p packed, want []capture.Record) {
	t.Helper()
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	var got, request []byte
	for i := range want {
		w := &want[i]
		if i%3 == 1 {
			var r capture.Record
			if _, err := d.Next(&r); err != nil || !reflect.DeepEqual(normal(r), normal(*w)) {
				t.Fatalf("record %d among requests: %v:\n got %+v\nwant %+v", i, err, r, *w)
			}
			continue
		}
		request = append(request[:0], w.Method+" "+w.URL+" HTTP/1.1\r\n"...)
		for _, h := range w.Headers {
			request = append(request, h.Name+": "+h.Value+"\r\n"...)
		}
		request = append(append(request, "\r\n"...), w.Body...)
		var ns int64
		var err error
		if got, ns, err = d.AppendRequest(got[:0]); err != nil || ns != w.Time.UnixNano() || !bytes.Equal(got, request) {
			t.Fatalf("request %d at %d: %v:\n got %q\nwant %q", i, ns, err, got, request)
		}
	}
}

// checkFields reads a block's projections.
func checkFields(t testing.TB, d *Decoder, p packed, want []capture.Record) {
	t.Helper()
	for _, fields := range []Fields{0, From | To, ID | Text | URL} {
		if err := d.Project(p.payload, p.records, p.first, fields); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			w := want[i]
			w.Headers, w.Body = nil, nil
			m := &w.Message
			for k, s := range []*string{&m.ID, &m.From, &m.To, &m.Text, &w.URL} {
				if fields&(1<<k) == 0 {
					*s = ""
				}
			}
			var r capture.Record
			if _, err := d.Next(&r); err != nil || !reflect.DeepEqual(r, w) {
				t.Fatalf("fields %b of record %d: %v:\n got %+v\nwant %+v", fields, i, err, r, w)
			}
		}
	}
}

// normal leaves out what a block does not tell apart.
func normal(r capture.Record) capture.Record {
	if len(r.Body) == 0 {
		r.Body = nil
	}
	if len(r.Headers) == 0 {
		r.Headers = nil
	}
	return r
}

func record(i int, body string, headers ...capture.Header) capture.Record {
	return capture.Record{
		Time: epoch.Add(time.Duration(i) * 1_234_567), Method: "POST", URL: "/hook", Host: "hooks.example.com",
		Headers: headers, Body: []byte(body),
	}
}

const formType = "application/x-www-form-urlencoded"

func twilio(i int, rng *rand.Rand) capture.Record {
	cities := []string{"OAK+RIDGE", "SALT+LAKE+CITY", "NEW+YORK", "S%C3%A3o+Paulo"}
	sid := fmt.Sprintf("SM%016x%016x", rng.Uint64(), rng.Uint64())
	account := fmt.Sprintf("AC%032x", rng.IntN(4))
	from, text := rng.IntN(800), strings.Repeat("hello you ", rng.IntN(4))+fmt.Sprint(rng.IntN(1000))
	body := fmt.Sprintf("ToCountry=US&SmsSid=%s&City=%s&From=%%2B1415%07d&Body=%s&MessageSid=%s&AccountSid=%s",
		sid, cities[from%4], 5550000+from, strings.ReplaceAll(text, " ", "+"), sid, account)
	r := record(i, body, capture.Header{Name: "Host", Value: "hooks.example.com"},
		capture.Header{Name: "Content-Type", Value: formType}, capture.Header{Name: "Content-Length", Value: fmt.Sprint(len(body))},
		capture.Header{Name: "I-Twilio-Idempotency-Token", Value: fmt.Sprintf("%08x-%04x-4%03x-%x%03x-%012x",
			rng.Uint32(), rng.IntN(1<<16), rng.IntN(1<<12), 8+rng.IntN(4), rng.IntN(1<<12), rng.Uint64N(1<<48))})
	r.Vendor, r.Kind = "twilio", capture.Kind(1+rng.IntN(5))
	r.Message = capture.Message{ID: sid, From: fmt.Sprintf("+1415%07d", 5550000+from), Text: text}
	r.Response = capture.Response{Status: 200, Latency: time.Duration(rng.IntN(1_000_000)) * 1000}
	return r
}

// shaped are records for a test, by name.
func shaped(seed uint64) map[string][]capture.Record {
	rng := rand.New(rand.NewPCG(seed, 1))
	many := func(n int, f func(i int) capture.Record) (list []capture.Record) {
		for i := range n {
			list = append(list, f(i))
		}
		return list
	}
	noise := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return string(b)
	}
	form := capture.Header{Name: "content-type", Value: formType}
	odd := []string{"", "a", "a=b", "=", "&", "a=&&=b", "a=%", "a=%4", "a=%zz&b=+%2b+", "a=1&a=2&a=3", "%41=%42&A=B", "a=%7B%22b%22%3A1%7D", "a={\"b\":[1,2]}"}
	js := []string{
		"{", "{}", "[]", "[1,2", `{"a":1}`, `{"a":"x\"y\\","b":[1,2,{"c":null}],"a":true}`, " { \"a\" : \"\\u00e9\\ud83d\\ude00\" } ", `{"a":"\ud83d"}`, `[[[[[[[]]]]]]]`, `{"a":"{\"b\":\"c\"}"}`,
		"\xef\xbb\xbf{\"a\":1}", `{"":"","a":""}`, `{"a":1e400,"b":-0}`, "{\"a\":\"\x00\xff\"}", `"text"`, "{\"a\":01}",
	}
	return map[string][]capture.Record{
		"none":   nil,
		"one":    {twilio(0, rng)},
		"empty":  many(3, func(i int) capture.Record { return capture.Record{Time: epoch} }),
		"twilio": many(3000, func(i int) capture.Record { return twilio(i, rng) }),
		"binary": many(100, func(i int) capture.Record { return record(i, noise(rng.IntN(300))) }),
		"forms":  many(400, func(i int) capture.Record { return record(i, odd[rng.IntN(len(odd))], form) }),
		"JSON":   many(400, func(i int) capture.Record { return record(i, js[rng.IntN(len(js))]) }),
		"headers": many(200, func(i int) capture.Record {
			return record(i, "", many2(rng.IntN(6), func(int) capture.Header {
				return capture.Header{Name: []string{"A", "a", "B", "Content-Length", "\xff"}[rng.IntN(5)], Value: []string{"", "0", "1", noise(3)}[rng.IntN(4)]}
			})...)
		}),
		"shapes": many(1000, func(i int) capture.Record {
			return record(i, fmt.Sprintf(`{"k%d":%d,"b":"%s"}`, rng.IntN(100), rng.IntN(1000), strings.Repeat("x", rng.IntN(30))))
		}),
		"more shapes than are split": many(2500, func(i int) capture.Record { return record(i, fmt.Sprintf(`{"k%d":%d}`, i, i)) }),
		"query":                      many(300, func(i int) capture.Record { r := record(i, ""); r.URL = "/a?" + odd[rng.IntN(len(odd))]; return r }),
		"URLs": many(300, func(i int) capture.Record {
			r := record(i, "x")
			r.URL = []string{"", "?", "*", "/?", "/??a=b", noise(5)}[rng.IntN(6)]
			return r
		}),
		"huge":        {record(0, strings.Repeat("a=b&", 200_000), form), record(1, noise(1<<20)), record(2, `{"a":"`+strings.Repeat("é", 300_000)+`"}`)},
		"many fields": many(3, func(i int) capture.Record { return record(i, "["+strings.Repeat("1,", 9000)+"2]") }),
		"measurements": many(40, func(i int) capture.Record {
			return record(i, "["+strings.Join(many2(2500, func(int) string { return fmt.Sprint(rng.IntN(50)) }), ",")+"]")
		}),
		"arrays": many(2500, func(i int) capture.Record {
			items := many2(rng.IntN(4), func(int) string {
				return []string{`"]"`, `"\\"`, `[]`, `[1,[2]]`, `{"k":"[\""}`, `{"n":1,"o":[true]}`, " 7 ", `""`}[rng.IntN(8)]
			})
			return record(i, fmt.Sprintf(`{"k%d":[%s],"x":"a","[":[ ],"l":[%s]%s`, i%600, strings.Join(items, ","), strings.Join(items, " , "), []string{"}", "", "]}"}[rng.IntN(3)]))
		}),
		"keys that never come again": many(1500, func(i int) capture.Record {
			return record(i, fmt.Sprintf(`{"k%x":"%x","l%x":%d,"m%x":%d}`, rng.Uint32(), rng.Uint32(), rng.Uint32(), i, rng.Uint32(), i))
		}),
		"numbers": many(500, func(i int) capture.Record {
			return record(i, fmt.Sprintf("a=%d&b=%05d&c=%d&d=%d.%d&e=-%d", rng.Uint64(), rng.IntN(99999), rng.Int64()>>rng.IntN(63), rng.IntN(10), rng.IntN(1000), i), form)
		}),
		"spread": many(300, func(i int) capture.Record {
			r := record(i, "")
			r.Time = epoch.Add(time.Duration(i) * time.Duration(i) * 20_000 * time.Second)
			r.Response = capture.Response{Status: rng.IntN(1 << 16), Latency: time.Duration(rng.Uint64())}
			r.Kind, r.Origin = capture.Kind(rng.IntN(9)), capture.Origin(rng.IntN(3))
			return r
		}),
		"constants that end alike": many(64, func(i int) capture.Record { return record(i, fmt.Sprintf("a=AC%032dXY", i), form) }),
		"times": many(600, func(i int) capture.Record {
			r := record(i, "")
			r.Body = []byte(`{"at":"` + r.Time.Format(time.RFC3339Nano) + `"}`)
			return r
		}),
	}
}

func many2[T any](n int, f func(i int) T) (list []T) {
	for i := range n {
		list = append(list, f(i))
	}
	return list
}

// TestRoundTrip holds that any records come back to the byte, in a first block and in one after it, whatever that one taught.
func TestRoundTrip(t *testing.T) {
	all := shaped(1)
	_, taught := pack(t, NewEncoder(), all["twilio"], nil)
	for name, records := range all {
		t.Run(name, func(t *testing.T) {
			first, learned := pack(t, NewEncoder(), records, nil)
			check(t, first, records)
			next, _ := pack(t, NewEncoder(), records, learned)
			check(t, next, records)
			other, _ := pack(t, NewEncoder(), records, taught)
			check(t, other, records)
		})
	}
}

// TestFullBlock packs as many records as a block may have.
func TestFullBlock(t *testing.T) {
	records := make([]capture.Record, maxRecords)
	for i := range records {
		records[i] = record(i, fmt.Sprintf("a=%d&b=%x", i%97, i*i), capture.Header{Name: "content-type", Value: formType})
	}
	p, _ := pack(t, NewEncoder(), records, nil)
	check(t, p, records)
}

// TestSame holds that the bytes depend on the records and on what was learned alone: not on what an encoder had before, not on the
// order of a map.
func TestSame(t *testing.T) {
	all := shaped(2)
	used := NewEncoder()
	_, taught := pack(t, used, all["twilio"], nil)
	for name, records := range all {
		for _, learned := range []*Learned{nil, taught} {
			want, l1 := pack(t, NewEncoder(), records, learned)
			for range 3 {
				used.Reset()
				if used.Len() != 0 || used.Size() != 0 || used.Numbers() != 0 {
					t.Fatalf("after Reset: %d records, size %d, %d numbers", used.Len(), used.Size(), used.Numbers())
				}
				got, l2 := pack(t, used, records, learned)
				if !bytes.Equal(got.payload, want.payload) {
					t.Errorf("%s: other bytes for the same records", name)
				}
				if !reflect.DeepEqual(l1, l2) {
					t.Errorf("%s: something else was learned", name)
				}
			}
		}
	}
}

// A value in the body may follow from a header that itself follows from a value before it in the body.
func TestFollowsFromLater(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	shops := many2(60, func(int) string { return fmt.Sprintf("%016x", rng.Uint64()) })
	records := many2(400, func(i int) capture.Record {
		shop := rng.IntN(len(shops))
		body := `{"shop":"` + shops[shop] + `","currency":"` + []string{"USD", "USD", "EUR", "GBP"}[shop%4] + `","total":` + fmt.Sprint(rng.IntN(9999)) + `}`
		if i%4 == 1 {
			body = `{"shop":"` + shops[shop] + `","seen":` + fmt.Sprint(rng.IntN(9999)) + `}`
		}
		return record(i, body, capture.Header{Name: "User-Agent", Value: "Hooks/3." + fmt.Sprint(shop%4)})
	})
	p, _ := pack(t, NewEncoder(), records, nil)
	check(t, p, records)
}

// TestExpect holds the room that is made for columns to what fits a block.
func TestExpect(t *testing.T) {
	for name, records := range map[string][]capture.Record{
		"large bodies": {{Time: epoch, Body: bytes.Repeat([]byte("a"), 900<<10)}, {Time: epoch, Body: bytes.Repeat([]byte("b"), 900<<10)}},
		"many headers": {{Time: epoch, Headers: manyHeaders("a")}, {Time: epoch, Headers: manyHeaders("b")}},
	} {
		_, learned := pack(t, NewEncoder(), records, nil)
		values, size := 0, 0
		for column := range learned.sizes {
			v, b := learned.room(column, 16_384)
			values, size = values+v, size+b
		}
		if values == 0 || values > maxNumbers/2 || size > 2*maxPayload {
			t.Errorf("%s: room for %d values and %d bytes", name, values, size)
		}
	}
}

func manyHeaders(value string) (list []capture.Header) {
	for range 5000 {
		list = append(list, capture.Header{Name: "X", Value: value})
	}
	return list
}

package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/replay"
	"reprise/replay/pace"
)

// fixtureCorpora are corpora of all vendors, in columns.
func fixtureCorpora(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../fixtures/testdata/*.rpz")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpora", err)
	}
	return append(files, "../../capture/corpus/testdata/v2/columns.rpz", "../../capture/corpus/testdata/v2/columns-damaged.rpz")
}

// multiplied writes a corpus anew in columns, each record several times, so that every template has records enough for a plan. mutate may change each.
func multiplied(t testing.TB, name string, times int, mutate func(i int, r *capture.Record)) []byte {
	t.Helper()
	in, err := corpus.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var records []capture.Record
	for {
		var r capture.Record
		if err := in.Next(t.Context(), &r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		records = append(records, *r.Clone())
	}
	var out bytes.Buffer
	w, err := corpus.NewWriter(&out, corpus.Header{State: corpus.Raw})
	if err != nil {
		t.Fatal(err)
	}
	w.Columns()
	for i := range records {
		for k := range times {
			r := *records[i].Clone()
			if mutate != nil {
				mutate(i*times+k, &r)
			}
			if err := w.Write(&r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// planOptions are options in combination, by a name each.
func planOptions(used func() *Used, met *Addresses) map[string]Options {
	recipients, _ := met.Assign([]string{"+12025550100", "+12025550101", "28572"})
	headers := []Header{
		{Name: "X-Load", Value: "a {record} {run} {record}"},
		{Name: "User-Agent", Value: "other"},
		{Name: "Accept", Remove: true},
		{Name: "Content-Type", Value: "text/plain; was={record}"},
		{Name: "Host", Value: "set.example"},
		{Name: "I-Twilio-Idempotency-Token", Remove: true},
	}
	return map[string]Options{
		"ids":        {},
		"keep":       {KeepIDs: true},
		"copies":     {Copies: 3, People: used()},
		"senders":    {Senders: met.Senders([]string{"+12025550190", "+12025550191"})},
		"recipients": {Recipients: recipients, KeepIDs: true},
		"restamp":    {Restamp: true},
		"paths":      {PathRewrites: []Rewrite{{From: "/sms", To: "/hooks"}, {From: "/", To: "/all"}}, Host: "other.example"},
		"headers":    {Headers: headers[:1], Trace: replay.TraceSampled},
		"edits":      {Headers: headers, Restamp: true},
		"all": {
			Copies: 3, People: used(), Recipients: recipients, Restamp: true, Headers: headers[:3], Trace: replay.TraceSampled, Host: "other.example",
			PathRewrites: []Rewrite{{From: "/", To: "/all/"}},
		},
		"signed":    {Sign: planKeys(), Restamp: true},
		"selectors": {Sign: map[string][]byte{"twilio/somewhere": []byte(token), "plivo": []byte(token)}, SignURL: "https://signed.example/x"},
	}
}

// planKeys are keys of all vendors that sign.
var planKeys = sync.OnceValue(func() map[string][]byte {
	keys := make(map[string][]byte)
	for _, v := range all.Table().All() {
		m, ok := v.Scheme.(dialect.KeyMaker)
		if !ok {
			if v.Scheme != nil {
				keys[v.Name] = []byte(token)
			}
			continue
		}
		if key, err := m.MakeKey(dialect.KeyOptions{CertificateName: "c.pem", Now: now()}); err == nil {
			keys[v.Name] = key.Secret
		}
	}
	return keys
})

// bothWays renders every record of a corpus by its template and without, and returns how many had a plan.
func bothWays(t testing.TB, name string, file []byte, o Options) (planned, refreshed int) {
	t.Helper()
	var readers [2]*corpus.Reader
	var renderers [2]*Renderer
	for i := range readers {
		var err error
		if readers[i], err = corpus.NewReader(bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		defer readers[i].Close()
		renderers[i] = renderer(t, o)
	}
	readers[1].Cut()
	people := max(o.Copies, 1)
	var q [2]replay.Request
	for n := 0; ; n++ {
		var rec [2]capture.Record
		err := readers[0].Next(t.Context(), &rec[0])
		if other := readers[1].Next(t.Context(), &rec[1]); err != other {
			t.Fatalf("%s: record %d: %v, by its template %v", name, n, err, other)
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p := pace.Play{Seq: rec[0].Seq, Copy: n % 5, Person: n % people}
		at := rec[0].Time.Add(time.Duration(n) * time.Hour)
		for i := range q {
			q[i] = replay.Request{Wire: q[i].Wire[:0], Parts: q[i].Parts.Reuse(), Seq: p.Seq, Copy: p.Copy, Kind: rec[i].Kind, Vendor: rec[i].Vendor}
			if n%4 == 3 {
				q[i].Overdue = 90 * time.Minute
			}
			if i == 1 && rec[i].Cuts != nil && renderers[i].planOf(&rec[i], p) != nil {
				planned++
			}
			if err := renderers[i].Render(&rec[i], p, at, &q[i]); err != nil {
				t.Fatal(err)
			}
		}
		if n%3 == 2 {
			for i := range q {
				renderers[i].Refresh(&q[i], at.Add(time.Minute))
				renderers[i].Refresh(&q[i], at.Add(time.Duration(n)*3*time.Hour))
			}
		}
		if !bytes.Equal(q[0].Wire, q[1].Wire) {
			t.Fatalf("%s: record %d, %v:\n by its template %q\nwithout          %q", name, n, p, q[1].Wire, q[0].Wire)
		}
		if q[1].Made.By != nil {
			refreshed++
		}
		q[0].Made, q[1].Made = replay.Made{}, replay.Made{}
		if !reflect.DeepEqual(q[0], q[1]) {
			t.Fatalf("%s: record %d, %v:\n by its template %+v\nwithout          %+v", name, n, p, q[1], q[0])
		}
	}
	if a, b := renderers[0].Stats(), renderers[1].Stats(); a != b {
		t.Errorf("%s: by their templates %+v, without %+v", name, b, a)
	}
	return planned, refreshed
}

// TestPlans renders the corpora of all vendors by their templates and without them: every byte is the same, with any options.
func TestPlans(t *testing.T) {
	planned := make(map[string]int)
	for _, name := range fixtureCorpora(t) {
		if testing.Short() && filepath.Base(name) != "mixed.rpz" && filepath.Base(name) != "twilio.rpz" { // one goroutine
			continue
		}
		file := multiplied(t, name, 20, vary)
		met, used := NewAddresses(all.Table(), true), NewUsed(sms.Wide())
		r, err := corpus.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var rec capture.Record
		for r.Next(t.Context(), &rec) == nil {
			met.Observe(&rec)
			used.Observe(&rec)
		}
		r.Close()
		copied := func() *Used { return &Used{used.pool, append([]uint64(nil), used.bits...)} }
		for options, o := range planOptions(copied, met) {
			o.HashKey = [16]byte{1}
			n, _ := bothWays(t, fmt.Sprintf("%s, %s", filepath.Base(name), options), file, o)
			planned[options] += n
			if testing.Verbose() {
				fmt.Fprintf(os.Stderr, "%s %s: %d planned\n", filepath.Base(name), options, n)
			}
		}
	}
	for _, options := range []string{"ids", "keep", "copies", "senders", "restamp", "paths", "headers", "edits", "all", "signed"} {
		if planned[options] == 0 {
			t.Errorf("%s: no request was made by a template", options)
		}
	}
}

// vary gives some records bodies that are like the others, and some that are not.
func vary(i int, r *capture.Record) {
	b := r.Body
	digits := 0
	for k := range b {
		if b[k] < '0' || b[k] > '9' {
			continue
		}
		if digits++; digits%5 == 0 && i%3 > 0 {
			b[k] = '0' + byte((int(b[k]-'0')+i*7+digits)%10)
		}
	}
	if i%23 == 22 && len(b) > 4 {
		b[(i*31)%len(b)] = `"\&=%+,:}]{[ x0`[i%15]
	}
	if i%29 == 28 && len(r.Headers) > 0 {
		r.Headers[i%len(r.Headers)].Value += "x"
	}
}

// TestPlansOfSignatures has signatures that are sent as they were recorded, and marks among them that are not: each request says which.
func TestPlansOfSignatures(t *testing.T) {
	values := map[string]string{"X-Twilio-Signature": "c2lnbmF0dXJl", "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_SHA256", "X-SignalWire-Signature": ""}
	for header, mark := range values {
		file := multiplied(t, "../../fixtures/testdata/twilio.rpz", 20, func(i int, r *capture.Record) {
			value := fmt.Sprintf("key=%d,algorithm=HMAC_SHA256", i)
			if i%7 == 3 {
				value = mark
			}
			r.Headers = append(r.Headers, capture.Header{Name: header, Value: value}, capture.Header{Name: "Authorization", Value: fmt.Sprint("Bearer ", i)})
		})
		if n, _ := bothWays(t, header, file, Options{KeepIDs: true, HashKey: [16]byte{1}}); n == 0 {
			t.Errorf("%s: no request was made by a template", header)
		}
		bothWays(t, header, file, Options{KeepIDs: true, HashKey: [16]byte{1}, Host: "other.example"})
	}
}

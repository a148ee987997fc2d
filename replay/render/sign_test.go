package render

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/replay"
	"reprise/replay/pace"
)

func TestSigning(t *testing.T) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	for _, tc := range []struct {
		name   string
		o      Options
		signed string
	}{
		{"https, the Host sent and the path sent", Options{}, "https://hooks.example/hooks/sms?tenant=7"},
		{"below a base path", Options{Target: target(t, "http://10.0.0.1/base")}, "https://hooks.example/base/hooks/sms?tenant=7"},
		{"another host", Options{Host: "staging.example"}, "https://staging.example/hooks/sms?tenant=7"},
		{"a Host header says it too", Options{Headers: []Header{{Name: "Host", Value: "edge.example"}}}, "https://edge.example/hooks/sms?tenant=7"},
		{"the URL that is asked for", Options{SignURL: "https://public.example/sms"}, "https://public.example/sms"},
	} {
		tc.o.Sign = map[string][]byte{"twilio": []byte(token)}
		r := renderer(t, tc.o)
		q := rendered(t, r, rec, 0)
		got := capture.Record{Method: q.Method, URL: q.URL, Host: q.Host, Headers: q.Headers, Body: q.Body, Vendor: "twilio"}
		d, _ := all.Table().Named("twilio")
		if err := d.Verify(&got, dialect.Signing{URL: tc.signed, Secret: []byte(token), Now: time.Unix(1_800_000_000, 0)}); err != nil {
			t.Errorf("%s: %v: %v", tc.name, err, q.Headers)
		}
		if r.Stats() != (Stats{}) {
			t.Errorf("%s: %+v", tc.name, r.Stats())
		}
	}
	r := renderer(t, Options{Sign: map[string][]byte{"twilio": nil}})
	if m := rendered(t, r, rec, 0); r.Stats().Unsigned != 1 || m.q.Unfit != replay.ReasonUnsigned {
		t.Errorf("without a secret: %+v, %q", r.Stats(), m.q.Unfit)
	}
	other := *rec
	other.Vendor = "telnyx"
	q := replay.Request{Unfit: replay.ReasonUnsigned} // of an earlier request in the same memory
	if err := r.Render(&other, pace.Play{}, now(), &q); err != nil || q.Unfit != replay.ReasonNone {
		t.Errorf("a vendor whose requests are not signed: %q, %v", q.Unfit, err)
	}
}

// alarm is a signer that signs the time.
type alarm struct{ fails bool }

func (alarm) Timed() bool { return true }

func (a alarm) Sign(r *capture.Record, s dialect.Signing) error {
	if a.fails {
		return dialect.ErrUnsupported
	}
	r.SetHeader("X-Signature", fmt.Sprintf("%d %s %s %d", s.Now.Unix(), s.URL, s.Secret, len(r.Body)))
	return nil
}

func TestRestamp(t *testing.T) {
	r := renderer(t, Options{Restamp: true, KeepIDs: true})
	rec := telnyxRecord()
	m := rendered(t, r, rec, 0)
	want := strings.Replace(string(rec.Body), "2023-11-14T22:13:20.125", "2027-01-15T08:00:00.125", 1)
	if string(m.Body) != want || header(m, "telnyx-timestamp") != "1800000000" || !m.q.Timed || r.Stats() != (Stats{}) {
		t.Errorf("%+v\n%s", r.Stats(), m.wire)
	}
	q := m.q
	r.Refresh(&q, now().Add(1500*time.Millisecond))
	m = read(t, &q)
	want = strings.Replace(string(rec.Body), "2023-11-14T22:13:20.125", "2027-01-15T08:00:01.625", 1)
	if string(m.Body) != want || header(m, "telnyx-timestamp") != "1800000001" || q.Stamped != now().Add(1500*time.Millisecond) {
		t.Errorf("after the second time: %s", m.wire)
	}
	rec.Body = []byte(strings.Replace(string(rec.Body), "2023-11-14T22:13:20.125+00:00", "last Tuesday", 1))
	m = rendered(t, r, rec, 0)
	if !strings.Contains(m.wire, "last Tuesday") || !m.q.Timed || r.Stats() != (Stats{Unstamped: 1}) {
		t.Errorf("%+v\n%s", r.Stats(), m.wire)
	}
	if m = rendered(t, r, twilioRecord(1, "+14155551234", "+12125550000"), 0); m.q.Timed {
		t.Error("a message without a time is timed")
	}
}

// TestRestampOfWhatWasHeld holds that a message that an outage held tells in its payload when it was due, also when it is sent later than
// planned, and in its headers and its signature when it is sent.
func TestRestampOfWhatWasHeld(t *testing.T) {
	rec := telnyxRecord()
	for _, sign := range []map[string][]byte{nil, {"telnyx": []byte(telnyxKey)}} {
		r := renderer(t, Options{Restamp: true, KeepIDs: true, Sign: sign})
		q := replay.Request{Seq: rec.Seq, Kind: rec.Kind, Vendor: rec.Vendor, Overdue: 100 * time.Second}
		if err := r.Render(rec, pace.Play{}, now(), &q); err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(string(rec.Body), "2023-11-14T22:13:20.125", "2027-01-15T07:58:20.125", 1)
		if m := read(t, &q); string(m.Body) != want || header(m, "telnyx-timestamp") != "1800000000" || !q.Timed {
			t.Errorf("%q", m.wire)
		}
		r.Refresh(&q, now().Add(5*time.Second))
		if m := read(t, &q); string(m.Body) != want || header(m, "telnyx-timestamp") != "1800000005" {
			t.Errorf("sent later: %q", m.wire)
		}
	}
}

func TestSigners(t *testing.T) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	r := renderer(t, Options{KeepIDs: true, Signers: map[string]Signer{"twilio": alarm{}}, Sign: map[string][]byte{"twilio": []byte("s3")}})
	m := rendered(t, r, rec, 0)
	sign := func(at time.Time) string {
		return fmt.Sprintf("%d https://hooks.example/hooks/sms?tenant=7 s3 %d", at.Unix(), len(rec.Body))
	}
	if header(m, "X-Signature") != sign(now()) || !m.q.Timed {
		t.Errorf("%q", m.wire)
	}
	later := now().Add(time.Hour)
	before := strings.Replace(m.wire, sign(now()), sign(later), 1)
	r.Refresh(&m.q, later)
	if string(m.q.Wire) != before || m.q.Stamped != later {
		t.Errorf("got  %q\nwant %q", m.q.Wire, before)
	}
	r = renderer(t, Options{Signers: map[string]Signer{"twilio": alarm{fails: true}}})
	if m := rendered(t, r, rec, 0); m.q.Timed || r.Stats() != (Stats{Unsigned: 1}) {
		t.Errorf("%+v", r.Stats())
	}
	rec.Headers = append(rec.Headers, capture.Header{Name: "Transfer-Encoding", Value: "chunked"})
	r = renderer(t, Options{Signers: map[string]Signer{"twilio": alarm{}}})
	m = rendered(t, r, rec, 0)
	body := m.Body
	if r.Refresh(&m.q, later); string(read(t, &m.q).Body) != string(body) || !read(t, &m.q).Chunked {
		t.Errorf("a chunked body became %q", m.q.Wire)
	}
}

// Refresh works beside Render.
func TestRefreshBesideRender(t *testing.T) {
	used := NewUsed(sms.Wide())
	r := renderer(t, Options{Restamp: true, Copies: 2, People: used, Sign: map[string][]byte{"telnyx": []byte(telnyxKey)}})
	first := rendered(t, r, telnyxRecord(), 0)
	var wg sync.WaitGroup
	for lane := range 2 {
		q := first.q
		q.Wire = slices.Clone(q.Wire)
		wg.Go(func() {
			for i := range 20 {
				r.Refresh(&q, now().Add(time.Duration(i*lane)*time.Second))
			}
			m := read(t, &q)
			got := capture.Record{Method: m.Method, URL: m.URL, Host: m.Host, Headers: m.Headers, Body: m.Body, Vendor: "telnyx"}
			d, _ := all.Table().Named("telnyx")
			if err := d.Verify(&got, dialect.Signing{Secret: []byte(telnyxKey), Now: q.Stamped}); err != nil {
				t.Errorf("lane %d: %v", lane, err)
			}
		})
	}
	for i := range 20 {
		rendered(t, r, telnyxRecord(), i%2)
	}
	wg.Wait()
	if !first.q.Timed || r.Stats() != (Stats{}) {
		t.Errorf("%+v", r.Stats())
	}
}

// BenchmarkRefresh is what a request costs that is sent late and tells its time.
func BenchmarkRefresh(b *testing.B) {
	r := renderer(b, Options{Restamp: true})
	rec := telnyxRecord()
	q := replay.Request{Vendor: rec.Vendor, Kind: rec.Kind}
	if err := r.Render(rec, pace.Play{}, now(), &q); err != nil {
		b.Fatal(err)
	}
	at := now()
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(time.Second)
		r.Refresh(&q, at)
	}
}

func TestTheFirstOfTwoUnknownVendorsIsNamed(t *testing.T) {
	for range 50 {
		_, err := New(Options{Table: all.Table(), Target: target(t, "http://10.0.0.1"), Sign: map[string][]byte{"zeta": nil, "acme": nil, "mu": nil}})
		if err == nil || !strings.Contains(err.Error(), `"acme"`) {
			t.Fatal(err)
		}
	}
}

// A request without a new signature has none that no longer holds, nor what says how it was signed.
func TestUnsigned(t *testing.T) {
	record := func(settings, signature string) *capture.Record {
		rec := *twilioRecord(1, "+14155551234", "+12125550000")
		rec.Headers = append(slices.Clone(rec.Headers), capture.Header{Name: "X-Twilio-Webhooks-Signature-Settings", Value: settings})
		if signature != "" {
			rec.Headers = append(rec.Headers, capture.Header{Name: "X-Twilio-Signature", Value: signature})
		}
		return &rec
	}
	const raw, mark = "key=WK1,algorithm=HMAC_SHA256", "algorithm=HMAC_SHA256"
	for _, tc := range []struct {
		name     string
		o        Options
		settings string
		stays    bool
	}{
		{"fresh ids", Options{}, raw, false},
		{"as recorded", Options{KeepIDs: true}, raw, true},
		{"another host", Options{KeepIDs: true, Host: "staging.example"}, raw, false},
		{"below a base path", Options{KeepIDs: true, Target: target(t, "http://10.0.0.1/base")}, raw, false},
		{"anonymized", Options{KeepIDs: true}, mark, false},
		{"by another scheme", Options{KeepIDs: true, Signers: map[string]Signer{"twilio": alarm{}}}, raw, false},
	} {
		signature := "c2lnbmF0dXJl"
		if tc.settings == mark {
			signature = ""
		}
		m := rendered(t, renderer(t, tc.o), record(tc.settings, signature), 0)
		if got := strings.Contains(m.wire, "X-Twilio-"); got != tc.stays {
			t.Errorf("%s: %s", tc.name, m.wire)
		}
	}
	r := renderer(t, Options{Sign: map[string][]byte{"twilio": []byte("WK2:secret\ntoken")}})
	if m := rendered(t, r, record(mark, ""), 0); header(m, "X-Twilio-Webhooks-Signature-Settings") != "key=WK2,algorithm=HMAC_SHA256" || len(header(m, "X-Twilio-Signature")) != 44 {
		t.Errorf("anonymized, and signed anew: %s", m.wire)
	}
}

// Of several keys a request has its account's, its path's or its share's, when it is made and when it is made anew.
func TestSeveralKeys(t *testing.T) {
	keys := map[string][]byte{
		"twilio": []byte("rest"), "twilio:AC0123456789abcdef0123456789abcdef": []byte("WK1:account"), "twilio/base/eu": []byte("path"),
		"telnyx/elsewhere": []byte(telnyxKey), "twilio/base/both": []byte("one"), "twilio/base/both@40%": []byte("WK2:other"),
	}
	r := renderer(t, Options{Target: target(t, "http://10.0.0.1/base"), Sign: keys})
	vendor, _ := all.Table().Named("twilio")
	holds := func(m message, secret string) bool {
		got := capture.Record{Method: m.Method, URL: m.URL, Host: m.Host, Headers: m.Headers, Body: m.Body, Vendor: "twilio"}
		return vendor.Verify(&got, dialect.Signing{URL: "https://hooks.example" + m.URL, Secret: []byte(secret)}) == nil
	}
	for _, tc := range []struct{ account, url, secret string }{
		{"AC0123456789abcdef0123456789abcdef", "/eu/sms", "WK1:account"},
		{"AC2", "/eu/sms?x=1", "path"},
		{"AC2", "/europe", "rest"},
	} {
		rec := twilioRecord(1, "+14155551234", "+12125550000")
		rec.URL, rec.Body = tc.url, []byte(strings.Replace(string(rec.Body), "AC0123456789abcdef0123456789abcdef", tc.account, 1))
		m := rendered(t, r, rec, 0)
		if !holds(m, tc.secret) {
			t.Errorf("%s %s is not signed by %s: %s", tc.account, tc.url, tc.secret, m.wire)
		}
		q := m.q
		if r.Refresh(&q, now().Add(time.Hour)); !holds(read(t, &q), tc.secret) {
			t.Errorf("%s %s is not signed again by %s", tc.account, tc.url, tc.secret)
		}
	}
	counts := make(map[string]int)
	for seq := range 500 {
		rec := twilioRecord(seq, "+14155551234", "+12125550000")
		rec.URL, rec.Body = "/both", []byte("AccountSid=AC2&From=%2B14155551234&To=%2B12125550000&Body=hi")
		m := rendered(t, r, rec, seq%3)
		secret := "one"
		if header(m, "X-Twilio-Webhooks-Signature-Settings") != "" {
			secret = "WK2:other"
		}
		q := m.q
		r.Refresh(&q, now().Add(time.Hour))
		if !holds(m, secret) || string(q.Wire) != m.wire {
			t.Fatalf("record %d: %s, then %s", seq, m.wire, q.Wire)
		}
		counts[secret]++
	}
	if n := counts["WK2:other"]; n < 160 || n > 240 {
		t.Errorf("%d of 500 are signed by a share of 40%%", n)
	}
	rec := telnyxRecord()
	if m := rendered(t, r, rec, 0); m.q.Unfit != replay.ReasonNone || r.Stats() != (Stats{Keyless: 1}) {
		t.Errorf("a request without a key: %q, %+v", m.q.Unfit, r.Stats())
	}
}

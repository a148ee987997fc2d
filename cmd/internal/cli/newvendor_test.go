package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/anonymize/publish"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/signature"
	"reprise/capture/ingest"
	"reprise/cmd/internal/signing"
	"reprise/fixtures/export"
	"reprise/fixtures/report"
	"reprise/fixtures/sink"
	"reprise/fixtures/synth"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// records is a source of records in memory.
type records struct {
	list []capture.Record
	next int
}

func (s *records) Next(_ context.Context, r *capture.Record) error {
	if s.next == len(s.list) {
		return io.EOF
	}
	*r = *s.list[s.next].Clone()
	s.next++
	return nil
}

// withAcme returns the table of all vendors and of one more, and its key.
func withAcme(t *testing.T) (dialect.Table, []byte) {
	t.Helper()
	signer, err := signature.NewSigner(signature.Profile{Header: "Acme-Signature", Template: "{url}{body}"})
	if err != nil {
		t.Fatal(err)
	}
	v := acme(signer)
	if wrong := v.Check(); len(wrong) > 0 {
		t.Fatalf("parts of the vendor are empty: %q", wrong)
	}
	return dialect.NewTable(append(all.Table().All(), v)...), []byte("key")
}

// TestANewVendorShowsEverywhere adds a vendor by one value, and finds it in what each front door does.
func TestANewVendorShowsEverywhere(t *testing.T) {
	table, key := withAcme(t)
	made := acmeTraffic(t, table)
	raw, safe := acmeCorpora(t, table, made)
	acmeAnonymized(t, raw, safe)
	acmeRendered(t, table, key, &safe[0])
	acmeReceived(t, table, key, &safe[0])
	acmeExported(t, table, safe)
	help := signing.KeyHelp(table, "--sign-profile")
	if !regexp.MustCompile(`
  acme +the secret as text
`).MatchString(help) {
		t.Errorf("help of keys: %s", help)
	}
	if got := report.SendingVendors(table, "'s"); got != "Twilio's, Telnyx's and Acme's" {
		t.Errorf("help of the sending API: %s", got)
	}
}

// acmeTraffic makes traffic up: with retries after the vendor's delays, and receipts.
func acmeTraffic(t *testing.T, table dialect.Table) []capture.Record {
	t.Helper()
	g, err := synth.New(synth.Options{
		Table: table, Vendors: synth.VendorMix{"acme": 1}, Messages: 300, Keywords: []string{"VIP"},
		Receipts: synth.Receipts{Share: 0.2}, Retries: synth.Retries{Share: 0.1},
	})
	if err != nil {
		t.Fatal(err)
	}
	retries := render.NewRetries(table)
	again := 0
	var made []capture.Record
	for {
		var r capture.Record
		if err := g.Next(context.Background(), &r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if agent, _ := r.Header("User-Agent"); agent != "AcmeHook/3" {
			t.Fatalf("User-Agent is %q", agent)
		}
		if retries.IsRetry(&r) {
			again++
		}
		made = append(made, *r.Clone())
	}
	if again != 40 { // thirty messages, a third of them twice
		t.Errorf("%d deliveries are taken for retries, want 40", again)
	}
	return made
}

// acmeCorpora captures the traffic, of which nothing but the requests is known, and anonymizes it.
func acmeCorpora(t *testing.T, table dialect.Table, made []capture.Record) (raw, safe []capture.Record) {
	t.Helper()
	src := &records{}
	for _, r := range made {
		r.Kind, r.Vendor, r.Message = capture.Other, "", capture.Message{}
		src.list = append(src.list, r)
	}
	dir := t.TempDir()
	in, out := corpus.Dest{Path: filepath.Join(dir, "in.rpz")}, corpus.Dest{Path: filepath.Join(dir, "out.rpz")}
	open := func(account *capture.Account, _ func(string)) (capture.Source, error) {
		account.Read = int64(len(src.list))
		return src, nil
	}
	if _, err := ingest.Source(context.Background(), "made up", open, in, ingest.Options{Vendors: table, KeywordProfile: "vendor"}); err != nil {
		t.Fatal(err)
	}
	if _, err := publish.File(context.Background(), in.Path, out, publish.Options{Vendors: table}); err != nil {
		t.Fatal(err)
	}
	return readAll(t, in.Path), readAll(t, out.Path)
}

func readAll(t *testing.T, path string) (list []capture.Record) {
	t.Helper()
	r, err := corpus.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		var rec capture.Record
		if err := r.Next(context.Background(), &rec); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, *rec.Clone())
	}
}

// acmeAnonymized holds that people and ids are others, and all else is what it was.
func acmeAnonymized(t *testing.T, raw, safe []capture.Record) {
	t.Helper()
	if len(raw) != len(safe) || len(raw) < 300 {
		t.Fatalf("%d records, %d anonymized", len(raw), len(safe))
	}
	kept := make(map[string]bool) // people may become themselves by chance: made up numbers are of the pool that fakes are drawn from
	for i := range raw {
		a, b := &raw[i], &safe[i]
		if a.Vendor != "acme" || b.Vendor != "acme" || a.Kind != b.Kind || a.Kind == capture.Other {
			t.Fatalf("record %d is %s %v, and then %s %v", i, a.Vendor, a.Kind, b.Vendor, b.Kind)
		}
		if a.Message.ID == b.Message.ID {
			t.Fatalf("record %d kept its id", i)
		}
		if a.Person() == b.Person() {
			kept[a.Person()] = true
		}
		token, _ := b.Header("Acme-Delivery")
		old, _ := a.Header("Acme-Delivery")
		if agent, _ := b.Header("User-Agent"); agent != "AcmeHook/3" || token == "" || token == old {
			t.Fatalf("record %d: headers %q", i, b.Headers)
		}
	}
	if len(kept) > 3 { // one of 45,000 does
		t.Errorf("%d people stayed", len(kept))
	}
}

// acmeRendered renders a record for a run: a fresh id, signed by the vendor's scheme.
func acmeRendered(t *testing.T, table dialect.Table, key []byte, r *capture.Record) {
	t.Helper()
	target, _ := url.Parse("http://127.0.0.1:9000")
	renderer, err := render.New(render.Options{Target: target, Table: table, Seed: 1, Sign: map[string][]byte{"acme": key}})
	if err != nil {
		t.Fatal(err)
	}
	var q replay.Request
	if err := renderer.Render(r, pace.Play{}, time.Now(), &q); err != nil {
		t.Fatal(err)
	}
	if wire := string(q.Wire); !strings.Contains(wire, "Acme-Signature: ") || strings.Contains(wire, r.Message.ID) {
		t.Errorf("rendered: %s", wire)
	}
}

// acmeReceived signs a record and sends it to a sink, and asks the vendor's API to send.
func acmeReceived(t *testing.T, table dialect.Table, key []byte, r *capture.Record) {
	t.Helper()
	v, _ := table.Named("acme")
	if err := v.Sign(r, dialect.Signing{URL: "https://" + r.Host + r.URL, Secret: key}); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := sink.New(sink.Options{Table: table, Verify: map[string][]byte{"acme": key}, Log: &log, Replies: &sink.Replies{}})
	if err != nil {
		t.Fatal(err)
	}
	q := httptest.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	q.Host = r.Host
	for _, h := range r.Headers {
		q.Header.Set(h.Name, h.Value)
	}
	got := httptest.NewRecorder()
	s.ServeHTTP(got, q)
	if got.Body.String() != "beep" || got.Header().Get("Content-Type") != "text/acme" {
		t.Errorf("answered %q %q", got.Header(), got.Body)
	}
	api, err := s.SendAPI()
	if err != nil {
		t.Fatal(err)
	}
	q = httptest.NewRequest("POST", "/acme/send", strings.NewReader(r.Message.From))
	q.Header.Set("Authorization", "any")
	got = httptest.NewRecorder()
	api.ServeHTTP(got, q)
	if got.Code != 202 || got.Body.String() != `"sent"` {
		t.Errorf("the sending API answered %d %q", got.Code, got.Body)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	var entry struct{ Verified *bool }
	if err := json.Unmarshal(log.Bytes(), &entry); err != nil || entry.Verified == nil || !*entry.Verified {
		t.Errorf("the log says %s, %v", &log, err)
	}
	if c := s.Summary().Replies; c == nil || c.Inbound != 1 || c.Matched != 1 {
		t.Errorf("replies: %+v", c)
	}
}

// acmeExported writes a stand-in that answers as the vendor expects.
func acmeExported(t *testing.T, table dialect.Table, list []capture.Record) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mappings")
	if _, err := export.Export(context.Background(), &records{list: list}, dir, []export.Format{"wiremock"}, export.Options{Vendors: table}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "mappings", "reprise.json"))
	if err != nil || !bytes.Contains(text, []byte("text/acme")) {
		t.Errorf("the stand-in: %s, %v", text, err)
	}
}

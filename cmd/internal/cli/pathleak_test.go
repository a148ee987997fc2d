package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/anonymize/audit"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
)

// tellingPaths are paths in which one segment tells of someone, or of what somebody bought: eight as they were met, and made ones.
func tellingPaths(made int) []string {
	paths := []string{
		"/hooks/telnyx/inbound/A1029384", "/hooks/telnyx/jdoe1984", "/hooks/telnyx/mwhitfield42", "/hooks/telnyx/john.smith1984", "/hooks/telnyx/margaret-whitfield",
		"/hooks/telnyx/tok_secretlivekeyabcdefgh/in", "/hooks/telnyx/whsecabcdefghij", "/hooks/twilio/status/A1029384?brand=acme",
	}
	r := rand.New(rand.NewPCG(12, 3))
	names := []string{"margaret", "John", "OLIVIA", "jürgen", "o'brien", "McDonald", "whitfield", "Łukasz", "rosewood", "quimby"}
	routes := []string{"hooks", "Webhooks", "twilio", "telnyx", "inbound", "STATUS", "sms-inbound", "v1", "api"}
	for i := range made {
		a, b := names[r.IntN(len(names))], names[r.IntN(len(names))]
		segment := [...]string{
			a + "." + b, a + "-" + b + fmt.Sprint(r.IntN(100)), fmt.Sprintf("A%07d", r.IntN(10_000_000)), fmt.Sprintf("ord_%d", r.IntN(100_000)),
			fmt.Sprintf("%x", r.Uint64()), fmt.Sprintf("tok_live%c%x", 'a'+r.IntN(26), r.Uint64()), a + "@" + strings.ToLower(b) + ".com", "inBound" + a,
			fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64()>>16), strings.ToLower(a) + fmt.Sprint(1950+r.IntN(60)),
			fmt.Sprint(r.IntN(1000)),
		}[i%11]
		parts := []string{routes[r.IntN(len(routes))], routes[r.IntN(len(routes))]}
		paths = append(paths, "/"+strings.Join(slices.Insert(parts, r.IntN(3), url.PathEscape(segment)), "/"))
	}
	return paths
}

// pathLog is a log of one request for each path, by turns of Twilio, of Telnyx and of no vendor.
func pathLog(t *testing.T, paths []string) []byte {
	t.Helper()
	var b bytes.Buffer
	for i, path := range paths {
		line := map[string]any{"ts": fmt.Sprintf("%d.000", 1_700_000_000+i), "method": "POST", "uri": path, "host": "hooks.acme.com", "status": 200, "request_time": 0}
		from := fmt.Sprintf("+1650%07d", 2_000_000+i)
		switch i % 3 {
		case 0:
			line["content_type"] = "application/x-www-form-urlencoded"
			line["body"] = url.Values{
				"AccountSid": {"AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"}, "Body": {"where is it"}, "From": {from}, "To": {"+18338675309"}, "NumMedia": {"0"},
				"MessageSid": {fmt.Sprintf("SM%032x", 77_000_000+i)}, "SmsStatus": {"received"},
			}.Encode()
		case 1:
			line["content_type"] = "application/json"
			body, err := json.Marshal(map[string]any{
				"data": map[string]any{"event_type": "message.received", "record_type": "event", "id": fmt.Sprintf("29e2d263-7ac9-4fa2-8254-%012x", i), "payload": map[string]any{
					"direction": "inbound", "id": fmt.Sprintf("39e2d263-7ac9-4fa2-8254-%012x", i), "from": map[string]any{"phone_number": from}, "text": "where is it",
					"to": []any{map[string]any{"phone_number": "+18338675309"}}, "type": "SMS",
				}},
				"meta": map[string]any{"attempt": 1, "delivered_to": "https://hooks.acme.com" + path},
			})
			if err != nil {
				t.Fatal(err)
			}
			line["body"] = string(body)
		default:
			line["content_type"], line["body"] = "text/plain", "hello"
		}
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.Bytes()
}

// TestLeftPaths has the rewriter leave the paths of 508 requests: the audit finds each by itself, says where, and writes the report
// though there is no output. What the rewriter makes of them when it is let alone passes.
func TestLeftPaths(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	paths := tellingPaths(500)
	if err := os.WriteFile(in("log"), pathLog(t, paths), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"capture", "logs", in("log"), "--preset", "nginx", "-o", in("raw.rpz"), "--quiet"},
		{"anonymize", in("raw.rpz"), "-o", in("safe.rpz"), "--quiet"},
		{"audit", in("raw.rpz"), in("safe.rpz"), "--quiet"},
	} {
		s := quietStreams()
		if code := Run(context.Background(), args, s); code != 0 {
			t.Fatalf("reprise %s ended with %d: %s", args[0], code, s.Err)
		}
	}
	originals := recordsOf(t, in("raw.rpz"))
	for _, tc := range []struct {
		name  string
		leave func(original, out *capture.Record)
		field string
		count int64
	}{
		{"paths", func(r, out *capture.Record) { out.URL = r.URL }, "url path segment ", int64(len(paths))},
		{"URLs in bodies", func(r, out *capture.Record) {
			if r.Vendor == "telnyx" {
				was, _, _ := strings.Cut(string(r.Body[bytes.Index(r.Body, []byte("https://hooks.acme.com/"))+len("https://hooks.acme.com"):]), `"`)
				begin := bytes.Index(out.Body, []byte("https://hooks.example.com/")) + len("https://hooks.example.com")
				end := begin + bytes.IndexByte(out.Body[begin:], '"')
				out.Body = slices.Concat(out.Body[:begin:begin], []byte(was), out.Body[end:])
				out.SetHeader("Content-Length", fmt.Sprint(len(out.Body)))
			}
		}, "json /meta/delivered_to link segment ", int64((len(paths) + 1) / 3)},
	} {
		n := 0
		report := in(strings.ReplaceAll(tc.name, " ", "-") + ".json")
		o := anonymizeOptions{out: in("x.rpz"), rules: rules{pool: "wide"}, quiet: true, report: report, plant: func(out *capture.Record) {
			tc.leave(originals[n], out)
			n++
		}}
		s := quietStreams()
		if err := o.run(context.Background(), s, in("raw.rpz")); exit.CodeOf(err) != exit.Unmet {
			t.Fatalf("%s: it ends with %v: %s", tc.name, err, s.Err)
		}
		if _, err := os.Stat(in("x.rpz")); err == nil {
			t.Errorf("%s: there is an output", tc.name)
		}
		text, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		var rep struct{ Audit audit.Report }
		if err := json.Unmarshal(text, &rep); err != nil {
			t.Fatal(err)
		}
		found := int64(0)
		for _, p := range rep.Audit.Places {
			if p.Check == audit.Paths && strings.HasPrefix(p.Field, tc.field) {
				found += p.Records
			}
		}
		if found != tc.count {
			t.Errorf("%s: %d of %d are found; %s", tc.name, found, tc.count, s.Err)
		}
		for _, value := range []string{"margaret", "whitfield", "A1029384", "secretlive"} {
			if bytes.Contains(text, []byte(value)) || strings.Contains(s.Err.(*bytes.Buffer).String(), value) {
				t.Errorf("%s: it tells %s", tc.name, value)
			}
		}
	}
}

// recordsOf returns all records of a corpus.
func recordsOf(t *testing.T, name string) (all []*capture.Record) {
	t.Helper()
	r, err := corpus.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := capture.Copy(t.Context(), sinkFunc(func(r *capture.Record) error {
		all = append(all, r.Clone())
		return nil
	}), r); err != nil {
		t.Fatal(err)
	}
	return all
}

// sinkFunc makes a sink of a function.
type sinkFunc func(*capture.Record) error

func (f sinkFunc) Write(r *capture.Record) error { return f(r) }

package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
)

// escaped writes every byte of s as a percent escape.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
	}
	return b.String()
}

// jsonEscaped writes every character of s as a JSON escape.
func jsonEscaped(s string) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteString(`\u` + strconv.FormatUint(uint64(c)|0x10000, 16)[1:])
	}
	return b.String()
}

// realLog has one message of a number that is in no pool.
const realLog = `{"ts":"1700000000.000","method":"POST","uri":"/twilio","host":"h.example.com","status":200,"request_time":0,` +
	`"content_type":"application/x-www-form-urlencoded","twilio_signature":"q83vEjRWeJCrze8SNFZ4kKvN7xI=","body":"AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&` +
	`Body=my+mother+Dorothy+Quimby+asked+me+to+text+you+about+the+refund+for+her+boots&From=%2B14153212345&` +
	`MessageSid=SM7513bfc2d93963db8d73e388321f5197&NumMedia=0&NumSegments=1&SmsStatus=received&To=%2B18338675309"}
`

// TestPlantedLeaks holds that anything of the input that survives, however it is written, costs the output file.
func TestPlantedLeaks(t *testing.T) {
	dir := t.TempDir()
	raw := filepath.Join(dir, "raw.rpz")
	log := filepath.Join(dir, "log.ndjson")
	if err := os.WriteFile(log, []byte(realLog), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := Run(context.Background(), []string{"capture", "logs", log, "--preset", "nginx", "-o", raw, "--quiet"}, quietStreams()); code != 0 {
		t.Fatalf("capture ended with %d", code)
	}
	original := firstRecord(t, raw)
	add := func(out *capture.Record, s string) {
		out.Body = append(out.Body, ("&Extra=" + s)...)
		out.SetHeader("Content-Length", strconv.Itoa(len(out.Body)))
	}
	for _, tc := range []struct {
		name, check string
		plant       func(original, out *capture.Record)
	}{
		{"nothing", "", func(_, _ *capture.Record) {}},
		{"sender raw", "numbers", func(r, out *capture.Record) { add(out, r.Message.From) }},
		{"sender percent", "numbers", func(r, out *capture.Record) { add(out, escaped(r.Message.From)) }},
		{"sender JSON", "numbers", func(r, out *capture.Record) { add(out, jsonEscaped(r.Message.From)) }},
		{"sender in national form", "numbers", func(r, out *capture.Record) { add(out, "415+321+2345") }},
		{"recipient", "numbers", func(r, out *capture.Record) { add(out, r.Message.To) }},
		{"id raw", "ids", func(r, out *capture.Record) { add(out, r.Message.ID) }},
		{"id percent", "ids", func(r, out *capture.Record) { add(out, escaped(r.Message.ID)) }},
		{"id JSON", "ids", func(r, out *capture.Record) { add(out, jsonEscaped(r.Message.ID)) }},
		{"id in the path", "ids", func(r, out *capture.Record) { out.URL += "/" + r.Message.ID }},
		{"credential", "credentials", func(r, out *capture.Record) {
			sig, _ := r.Header("X-Twilio-Signature")
			out.Headers = append(out.Headers, capture.Header{Name: "X-Note", Value: sig})
		}},
		{"text raw", "texts", func(r, out *capture.Record) { add(out, r.Message.Text) }},
		{"text plus", "texts", func(r, out *capture.Record) { add(out, url.QueryEscape(r.Message.Text)) }},
		{"text percent", "texts", func(r, out *capture.Record) { add(out, escaped(r.Message.Text)) }},
		{"text JSON", "texts", func(r, out *capture.Record) { add(out, jsonEscaped(r.Message.Text)) }},
		{"kind", "fidelity", func(_, out *capture.Record) { out.Kind = capture.Help }},
	} {
		out := filepath.Join(dir, regexp.MustCompile(`\W`).ReplaceAllString(tc.name, "-")+".rpz")
		s := quietStreams()
		planted := false
		o := anonymizeOptions{out: out, rules: rules{pool: "wide"}, quiet: true, plant: func(r *capture.Record) {
			if !planted {
				planted = true
				tc.plant(original, r)
			}
		}}
		err := o.run(context.Background(), s, raw)
		_, statErr := os.Stat(out)
		if tc.check == "" {
			if err != nil || statErr != nil {
				t.Errorf("%s: %v, %v", tc.name, err, statErr)
			}
			continue
		}
		if exit.CodeOf(err) != exit.Unmet {
			t.Errorf("%s: ends with %v, not with exit code 3", tc.name, err)
		}
		if !strings.Contains(s.Err.(*bytes.Buffer).String(), "audit: "+tc.check) {
			t.Errorf("%s: the audit does not name its check %s: %s", tc.name, tc.check, s.Err)
		}
		for _, name := range []string{out, out + ".partial"} {
			if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: left %s behind", tc.name, filepath.Base(name))
			}
		}
	}
}

// firstRecord returns what a corpus begins with.
func firstRecord(t *testing.T, name string) *capture.Record {
	t.Helper()
	r, err := corpus.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec capture.Record
	if err := r.Next(t.Context(), &rec); err != nil {
		t.Fatal(err)
	}
	return rec.Clone()
}

func quietStreams() Streams {
	return Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)}
}

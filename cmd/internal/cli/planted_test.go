package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reprise/capture"
)

// planted is a value that tells of someone: as it is written, and what of it must not be found.
type planted struct{ value, needle string }

// letters writes a number in letters, so that it stands nowhere by chance.
func letters(n int) string {
	b := []byte("qzx")
	for range 5 {
		b = append(b, "bcdfghjklmnpqrstvwxz"[n%20])
		n /= 20
	}
	return string(b)
}

// sorts are thirty sorts of personal data, each a function of a number.
func sorts() []func(n int) planted {
	digits := func(n int) string {
		return fmt.Sprintf("%s%07d", []string{"415", "212", "305", "713"}[n%4], 2_000_000+n*37%7_000_000)
	}
	phone := func(format string) func(n int) planted {
		return func(n int) planted {
			d := digits(n)
			return planted{strings.NewReplacer("AAA", d[:3], "BBB", d[3:6], "CCCC", d[6:]).Replace(format), d}
		}
	}
	luhn := func(n int) string {
		number := fmt.Sprintf("4%014d", 71_000_000_000+n)
		sum := 0
		for i := range number {
			d := int(number[len(number)-1-i] - '0')
			if i%2 == 0 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		return number + fmt.Sprint((10-sum%10)%10)
	}
	word := func(format string) func(n int) planted {
		return func(n int) planted { return planted{fmt.Sprintf(format, letters(n)), letters(n)} }
	}
	return []func(n int) planted{
		word("%s Quimby"), word("%s@acme-mail.com"), word("12 %s Street, Springfield"), word("https://%s.acme-shop.com/r"), word("@%s"),
		word("%s-Account-77"), word("pass=%s!9"), word("%s GmbH"), word("Order %s"), word("Bearer %s.eyJhbGciOi"),
		func(n int) planted {
			c := luhn(n)
			return planted{c[:4] + " " + c[4:8] + " " + c[8:12] + " " + c[12:], c}
		},
		func(n int) planted { c := luhn(n); return planted{c, c} },
		func(n int) planted { v := fmt.Sprintf("%040x", 0xabcdef0000+n); return planted{v, v[20:]} },
		func(n int) planted {
			v := fmt.Sprintf("DE89 3704 0044 %04d %04d 00", n/10000+4000, n%10000)
			return planted{v, strings.ReplaceAll(v, " ", "")}
		},
		func(n int) planted {
			v := fmt.Sprintf("%03d-%02d-%04d", 100+n%800, 10+n/800%89, 1000+n%9000)
			return planted{v, strings.ReplaceAll(v, "-", "")}
		},
		func(n int) planted {
			v := fmt.Sprintf("203.0.%d.%d/%s", n%250, n/250%250, letters(n))
			return planted{v, letters(n)}
		},
		func(n int) planted {
			v := fmt.Sprintf("3f2b%04x-7ac9-4fa2-8254-84bbda%06x", n, n)
			return planted{v, v[24:]}
		},
		func(n int) planted {
			v := fmt.Sprintf("40.7128%05d,-74.0060%05d", n, n)
			return planted{v, fmt.Sprintf("7128%05d", n)}
		},
		phone("+1AAABBBCCCC"), phone("1AAABBBCCCC"), phone("AAABBBCCCC"), phone("(AAA) BBB-CCCC"), phone("AAA-BBB-CCCC"), phone("AAA.BBB.CCCC"),
		phone("AAA BBB CCCC"), phone("+1 (AAA) BBB CCCC"), phone("tel:+1-AAA-BBB-CCCC"), phone("whatsapp:+1AAABBBCCCC"), phone("001AAABBBCCCC"), phone("011 1 AAA BBB CCCC"),
	}
}

// hiding places of a record, each a way to put a value into it.
func hidden(value string) []string {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("note " + value))
	_ = z.Close()
	nested, _ := json.Marshal(map[string]any{"customer": map[string]any{"notes": []string{value}}})
	return []string{
		value, string(nested), base64.StdEncoding.EncodeToString([]byte("note " + value)), base64.StdEncoding.EncodeToString([]byte("a note " + value)),
		base64.StdEncoding.EncodeToString(packed.Bytes()), hex.EncodeToString([]byte("note " + value)),
	}
}

// plantedLog is a log of messages with 10 values in each: in texts, fields, nested JSON, headers, paths, queries, and packed.
func plantedLog(t *testing.T, messages int) (log []byte, all []planted) {
	t.Helper()
	next := 0
	value := func() string {
		p := sorts()[next%30](next)
		next++
		all = append(all, p)
		return p.value
	}
	var b bytes.Buffer
	for i := range messages {
		from := fmt.Sprintf("+1650%07d", 2_000_000+i)
		h := hidden(value())
		path := "/hook/" + url.PathEscape(value()) + "/in?tenant=" + url.QueryEscape(value()) + "&note=" + url.QueryEscape(h[i%len(h)])
		line := map[string]any{
			"ts": fmt.Sprintf("%d.000", 1_700_000_000+i), "method": "POST", "uri": path, "host": "h.example.com", "status": 200, "request_time": 0,
		}
		text, note, name := "hello there it is "+value(), value(), value()
		more := hidden(value())
		packed := more[(i+3)%len(more)]
		last := hidden(value())[(i+1)%6]
		line["user_agent"] = "Mozilla (" + value() + ")"
		signature := value()
		if i%2 == 0 {
			line["twilio_signature"] = signature
			line["content_type"] = "application/x-www-form-urlencoded"
			line["body"] = url.Values{
				"AccountSid": {"AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"}, "Body": {text}, "From": {from}, "To": {"+18338675309"}, "NumMedia": {"0"},
				"MessageSid": {fmt.Sprintf("SM%032x", 77_000_000+i)}, "SmsStatus": {"received"}, "Note": {note}, "ProfileName": {name}, "Extra": {packed}, "Blob": {last},
			}.Encode()
		} else {
			line["content_type"] = "application/json; note=" + signature
			body, err := json.Marshal(map[string]any{"data": map[string]any{"event_type": "message.received", "id": fmt.Sprintf("29e2d263-7ac9-4fa2-8254-%012x", i), "payload": map[string]any{
				"direction": "inbound", "id": fmt.Sprintf("39e2d263-7ac9-4fa2-8254-%012x", i), "from": map[string]any{"phone_number": from, "carrier": name}, "text": text,
				"to": []any{map[string]any{"phone_number": "+18338675309"}}, "tags": []string{note}, "custom": map[string]any{"deep": []any{packed, map[string]any{"er": last}}}, "type": "SMS",
			}}})
			if err != nil {
				t.Fatal(err)
			}
			line["body"] = string(body)
		}
		text2, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text2, '\n'))
	}
	return b.Bytes(), all
}

// traces returns the needles that a text holds: as it is, without what parts digits, unescaped, and unpacked.
func traces(text []byte, all []planted) (found []string) {
	const width = 8
	needles := make(map[string][]string)
	for _, p := range all {
		n := strings.ToLower(p.needle)
		needles[n[:width]] = append(needles[n[:width]], n)
	}
	views := [][]byte{text}
	for range 2 {
		last := views[len(views)-1]
		plain := regexp.MustCompile(`%[0-9a-fA-F]{2}`).ReplaceAllFunc(last, func(e []byte) []byte { b, _ := hex.DecodeString(string(e[1:])); return b })
		views = append(views, bytes.ReplaceAll(plain, []byte(`\`), nil))
	}
	for _, view := range views[:3] {
		views = append(views, regexp.MustCompile(`[-+() ./]`).ReplaceAll(view, nil))
		for _, word := range regexp.MustCompile(`[A-Za-z0-9+/]{12,}`).FindAll(view, -1) {
			if b, err := hex.DecodeString(string(word)); err == nil {
				views = append(views, b)
			}
			b, _ := base64.RawStdEncoding.DecodeString(string(word[:len(word)/4*4]))
			if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
				var plain bytes.Buffer
				_, _ = plain.ReadFrom(z)
				b = plain.Bytes()
			}
			views = append(views, b)
		}
	}
	for _, view := range views {
		lower := bytes.ToLower(view)
		for i := 0; i+width <= len(lower); i++ {
			for _, n := range needles[string(lower[i:i+width])] {
				if bytes.HasPrefix(lower[i:], []byte(n)) {
					found = append(found, n)
				}
			}
		}
	}
	return found
}

// TestNothingPlantedSurvives plants 10,000 values of 30 sorts all over a corpus, and finds none in anything that anonymize
// writes, says, or leaves behind when it dies.
func TestNothingPlantedSurvives(t *testing.T) {
	lines := 1000
	if testing.Short() { // looking for the values is one goroutine's work, and most of it
		lines = 100
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	log, all := plantedLog(t, lines)
	if len(all) != 10*lines {
		t.Fatalf("%d values were planted", len(all))
	}
	if err := os.WriteFile(in("log"), log, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		s := quietStreams()
		if code := Run(context.Background(), args, s); code != 0 {
			t.Fatalf("reprise %s ended with %d: %s", args[0], code, s.Err)
		}
		return s.Out.(*bytes.Buffer).String() + s.Err.(*bytes.Buffer).String()
	}
	run("capture", "logs", in("log"), "--preset", "nginx", "-o", in("raw.rpz"), "--quiet")
	if n := len(traces([]byte(run("cat", in("raw.rpz"))), all)); n < 9*lines {
		t.Fatalf("only %d values are found in the recording itself: the search is blind", n)
	}
	// By one key the fake values are the same each time: by others digits of theirs are a planted number by chance, in one of hundreds of runs.
	if err := os.WriteFile(in("KEY"), []byte("9a3df8948b78f321d32299b8d69e4151fde2654a34a5576c295cec2f84f355ca\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := run("anonymize", in("raw.rpz"), "-o", in("safe.rpz"), "--report", in("report.json"), "--key-file", in("KEY"), "--ledger", in("ledger"))
	written := map[string][]byte{"what it said": []byte(said), "the corpus": []byte(run("cat", in("safe.rpz")))}
	for _, name := range []string{"safe.rpz", "report.json", "ledger"} {
		b, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		written[name] = b
	}
	for name, b := range written {
		if found := traces(b, all); len(found) > 0 {
			t.Errorf("%s holds %d planted values, such as %q", name, len(found), found[:min(5, len(found))])
		}
	}

	// It dies in the middle of its work, and what that prints is no better to read.
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicInTheMiddle$")
	cmd.Env = append(os.Environ(), "REPRISE_PANIC_ON="+in("raw.rpz"))
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("goroutine")) {
		t.Fatalf("it did not die: %s", out)
	}
	if found := traces(out, all); len(found) > 0 {
		t.Errorf("the panic tells %d planted values, such as %q", len(found), found[0])
	}
}

// TestPanicInTheMiddle is what TestNothingPlantedSurvives runs in a process of its own.
func TestPanicInTheMiddle(t *testing.T) {
	raw := os.Getenv("REPRISE_PANIC_ON")
	if raw == "" {
		t.Skip("it is for TestNothingPlantedSurvives to run")
	}
	n := 0
	o := anonymizeOptions{out: filepath.Join(t.TempDir(), "x.rpz"), rules: rules{pool: "wide"}, quiet: true, plant: func(r *capture.Record) {
		if n++; n == 50 {
			r.Headers[len(r.Headers)] = capture.Header{}
		}
	}}
	t.Fatal(o.run(context.Background(), quietStreams(), raw))
}

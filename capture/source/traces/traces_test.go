package traces_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/source/sourcetest"
	"reprise/capture/source/traces"
)

// show is a record as the tests compare it.
func show(r *capture.Record) string {
	return fmt.Sprintf("%s %s %s host=%s %v %d/%v origin=%d %s", r.Time.Format("15:04:05.999999999"), r.Method, r.URL, r.Host, r.Headers,
		r.Response.Status, r.Response.Latency, r.Origin, r.Body)
}

// read reads an input of a format that its content tells.
func read(t testing.TB, name string, input []byte) (records []string, account capture.Account) {
	t.Helper()
	format, ok := traces.Detect(input[:min(len(input), 64<<10)])
	if !ok {
		t.Fatalf("%s: no format was recognised", name)
	}
	account.Report = func(p capture.Problem) {
		if p.Record < 1 || p.File != name {
			t.Errorf("%s: a problem without its place: %+v", name, p)
		}
	}
	src, err := traces.New(bytes.NewReader(input), format, traces.Options{File: name, Account: &account})
	if err != nil {
		t.Fatal(err)
	}
	err = account.Copy(t.Context(), sink(func(r *capture.Record) error {
		records = append(records, show(r))
		return nil
	}), src)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	account.Report = nil
	return records, account
}

type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

const (
	form   = "ToCountry=US&ToState=NY&SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ToCity=&FromZip=%s&SmsSid=SM00000000000000000000000000000001&FromState=NY&SmsStatus=received&FromCity=NEW+YORK&Body=HELP&FromCountry=US&To=%%2B18885550100&MessagingServiceSid=MG0123456789abcdef0123456789abcdef&ToZip=%s&NumSegments=1&MessageSid=SM00000000000000000000000000000001&AccountSid=AC0123456789abcdef0123456789abcdef&From=%%2B12125550101&ApiVersion=2010-04-01"
	object = `{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d1","occurred_at":"2026-11-27T20:56:49.000+00:00","payload":{"id":"84cca175-9755-4859-b67f-4730d7f58aa1","record_type":"message","direction":"inbound","type":"SMS","from":{"phone_number":"+12125550102","carrier":"Example Wireless","line_type":"Wireless"},"to":[{"phone_number":"+18885550100","status":"webhook_delivered"}],"text":"say \"hi\" \\ café 🎉\n2nd line","received_at":"2026-11-27T20:56:49.000+00:00","encoding":"UTF-8"},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"https://hooks.example.com/telnyx"}}`
)

// Each sample with its account, its first record and its second, which has what is hard to bring back in its text.
func TestSamples(t *testing.T) {
	rails := fmt.Sprintf(form, "%5BFILTERED%5D", "%5BFILTERED%5D")
	formHeader, jsonHeader := "[{Content-Type application/x-www-form-urlencoded}]", "[{Content-Type application/json}]"
	gatewayHeaders := "[{Accept */*} {Host hooks.example.com} {User-Agent %s} {Content-Type %s}%s {X-Forwarded-For 192.0.2.7} {X-Forwarded-Port 443} {X-Forwarded-Proto https}]"
	twilio := fmt.Sprintf(gatewayHeaders, "TwilioProxy/1.1", "application/x-www-form-urlencoded; charset=UTF-8", " {X-Twilio-Signature bWFkZSB1cCBmb3IgdGhpcyBsb2c9}")
	telnyx := fmt.Sprintf(gatewayHeaders, "telnyx-webhooks", "application/json", " {telnyx-signature-ed25519 bWFkZSB1cA==} {telnyx-timestamp 1795813009}")
	for _, tc := range []struct {
		file, account, first, second string
	}{
		{
			"rails.log", "read 5, kept 5, skipped map[], noted map[a value of it reads [FILTERED]:2]",
			"14:41:52 POST /sms?brand=acme host= " + formHeader + " 200/0s origin=1 " + rails,
			"14:41:52 POST /telnyx host= " + jsonHeader + " 204/0s origin=1 " + object,
		},
		{
			"rails-ruby34.log", "read 5, kept 5, skipped map[], noted map[a value of it reads [FILTERED]:2]",
			"14:41:52 POST /sms?brand=acme host= " + formHeader + " 200/0s origin=1 " + rails,
			"14:41:52 POST /telnyx host= " + jsonHeader + " 204/0s origin=1 " + object,
		},
		{
			"rails-tagged.log", "read 5, kept 5, skipped map[], noted map[a value of it reads [FILTERED]:2]",
			"14:41:53.34583 POST /sms?brand=acme host= " + formHeader + " 200/0s origin=1 " + rails,
			"14:41:53.430261 POST /telnyx host= " + jsonHeader + " 204/0s origin=1 " + object,
		},
		{
			"apigateway.log", "read 5, kept 4, skipped map[its body is cut in the log:1], noted map[its query was put together from logged parameters:1]",
			"20:56:49.123 POST /sms?brand=acme host=hooks.example.com " + twilio + " 200/12ms origin=0 " + fmt.Sprintf(form, "10001", ""),
			"20:56:50.48 POST /telnyx host=hooks.example.com " + telnyx + " 204/13ms origin=0 " + object,
		},
		{
			"apigateway.ndjson", "read 5, kept 4, skipped map[its body is cut in the log:1], noted map[its query was put together from logged parameters:1]",
			"20:56:49.123 POST /sms?brand=acme host=hooks.example.com " + twilio + " 200/12ms origin=0 " + fmt.Sprintf(form, "10001", ""),
			"20:56:50.48 POST /telnyx host=hooks.example.com " + telnyx + " 204/13ms origin=0 " + object,
		},
		{
			"envoy-tap.json", "read 5, kept 4, skipped map[its body is cut in the log:1], noted map[]",
			"20:56:49.123 POST /sms?brand=acme host=hooks.example.com [{host hooks.example.com} {user-agent TwilioProxy/1.1} {content-type application/x-www-form-urlencoded; charset=UTF-8} {x-twilio-signature bWFkZSB1cCBmb3IgdGhpcyBsb2c9}] 200/0s origin=0 " + fmt.Sprintf(form, "10001", ""),
			"20:56:50.48 POST /telnyx host=hooks.example.com [{host hooks.example.com} {user-agent telnyx-webhooks} {content-type application/json} {telnyx-signature-ed25519 bWFkZSB1cA==} {telnyx-timestamp 1795813009}] 204/0s origin=0 " + object,
		},
	} {
		input, err := os.ReadFile("testdata/" + tc.file)
		if err != nil {
			t.Fatal(err)
		}
		records, a := read(t, tc.file, input)
		if got := fmt.Sprintf("read %d, kept %d, skipped %v, noted %v", a.Read, a.Kept, a.Skipped, a.Noted); got != tc.account || a.Damaged {
			t.Errorf("%s: %s, damaged %v\nwant %s", tc.file, got, a.Damaged, tc.account)
		}
		if len(records) < 2 {
			continue
		}
		for i, want := range []string{tc.first, tc.second} {
			if records[i] != want {
				t.Errorf("%s: record %d:\n%s\nwant\n%s", tc.file, i+1, records[i], want)
			}
		}
	}
}

func TestContract(t *testing.T) {
	for _, name := range []string{"rails-tagged.log", "apigateway.log", "apigateway.ndjson", "envoy-tap.json"} {
		t.Run(name, func(t *testing.T) {
			input, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			format, _ := traces.Detect(input)
			sourcetest.Check(t, input, func(in io.Reader, file string, account *capture.Account) (capture.Source, error) {
				return traces.New(in, format, traces.Options{File: file, Account: account})
			})
		})
	}
}

// Lines in what collectors put around them give the same requests.
func TestEnvelopes(t *testing.T) {
	whole, err := os.ReadFile("testdata/rails-tagged.log")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := read(t, "plain", whole)
	lines := strings.Split(strings.TrimSuffix(string(whole), "\n"), "\n")
	wrap := func(before, between, after string, line func(text string) string) []byte {
		all := make([]string, len(lines))
		for i, l := range lines {
			all[i] = line(l)
		}
		return []byte(before + strings.Join(all, between) + after)
	}
	quote := func(text string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(text) + `"`
	}
	const at = "2026-11-29T14:41:59.123456789Z"
	for name, input := range map[string][]byte{
		"docker":     wrap("", "\n", "\n", func(l string) string { return `{"log":` + quote(l+`\n`) + `,"stream":"stdout","time":"` + at + `"}` }),
		"kubernetes": wrap("", "\n", "\n", func(l string) string { return at + " stdout F " + l }),
		"halves": wrap("", "\n", "\n", func(l string) string {
			return at + " stdout P " + l[:len(l)/2] + "\n" + at + " stdout F " + l[len(l)/2:]
		}),
		"array":        wrap("[", ",\n", "]", func(l string) string { return `{"@timestamp":"2026-11-29 14:41:59.123","@message":` + quote(l) + `}` }),
		"events":       wrap(`{"events":[`, ",", "]}\n", func(l string) string { return `{"timestamp":1795876919123,"message":` + quote(l) + `}` }),
		"back to back": wrap("", "", "", func(l string) string { return `{"timestamp":1795876919123,"message":` + quote(l) + `}` }),
		"table":        wrap("@timestamp,@message\n", "\n", "\n", func(l string) string { return at + `,"` + strings.ReplaceAll(l, `"`, `""`) + `"` }),
		"pretty": wrap("", "\n", "\n", func(l string) string {
			return "{\n \"time\": \"" + at + "\",\n \"log\": " + quote(l) + "\n}"
		}),
		"windows": wrap("\ufeff", "\r\n", "\r\n", func(l string) string { return l }),
	} {
		name = "in " + name
		input = bytes.ReplaceAll(input, []byte(`\\n"`), []byte(`\n"`))
		got, a := read(t, name, input)
		if a.Damaged || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %d records of %d, %+v\n%s", name, len(got), len(want), a, strings.Join(got, "\n"))
		}
	}
}

// What cannot be read of what collectors put around lines is counted at its place, and the lines behind it are read.
func TestDamagedEnvelopes(t *testing.T) {
	const request = `[a] Started POST \"/1\" for 127.0.0.1 at 2026-11-29 14:41:51 +0000`
	object := func(text string) string { return `{"time":"2026-11-29T14:41:59Z","log":"` + text + `"}` }
	record := func(text string) string { return `2026-11-29T14:41:59Z,"` + strings.ReplaceAll(text, `\"`, `""`) + `"` }
	const parameters, completed = `[a]   Parameters: {\"Body\"=>\"one\"}`, `[a] Completed 200 OK in 3ms (Allocations: 1)`
	for _, tc := range []struct{ name, log, problem string }{
		{"an array", "[" + object(request) + ",\n" + `{"log":"x` + "\n" + object(parameters) + ",\n" + object(completed) + "]", "line 2: not JSON"},
		{"objects over lines", "{\n" + object(request)[1:] + "\n some text\n" + object(parameters) + "\n" + object(completed), "line 2: not JSON"},
		{"an array that does not end", "[" + object(request) + "," + object(parameters) + "," + object(completed) + ",\n", "line 3: the input ends early"},
		{"a table with a column too many", "@timestamp,@message\n" + record(request) + "\n1,2,3\n" + record(parameters) + "\n" + record(completed), "line 3: not as many columns as the header has"},
		{"a quote that does not end", "@timestamp,@message\n" + record(request) + "\n1,\"2\n" + record(parameters) + "\n" + record(completed), "line 3: a quote that does not end where its column ends"},
		{"semicolons", "@timestamp;@message\n" + strings.ReplaceAll(record(request)+"\n1;2;3\n"+record(parameters)+"\n"+record(completed), "Z,", "Z;"), "line 3: not as many columns as the header has"},
	} {
		var told []string
		a := capture.Account{Report: func(p capture.Problem) { told = append(told, strings.TrimPrefix(p.Error(), "in: ")) }}
		src, err := traces.New(strings.NewReader(tc.log), traces.Rails, traces.Options{File: "in", Account: &a})
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		err = a.Copy(t.Context(), sink(func(r *capture.Record) error { body = bytes.Clone(r.Body); return nil }), src)
		if err != nil || a.Kept != 1 || string(body) != "Body=one" || strings.Join(told, ", ") != tc.problem || !a.Damaged {
			t.Errorf("%s: %q, %v, %+v", tc.name, body, told, a)
		}
	}
}

// Requests that overlap: an id tells them apart; where there is none, those that can be told are kept and the others counted.
func TestRailsOverlap(t *testing.T) {
	const when = ` for 127.0.0.1 at 2026-11-29 14:41:5%d +0000` + "\n"
	started := func(tag, path string, second int) string {
		return tag + `Started POST "` + path + `"` + fmt.Sprintf(when, second)
	}
	parameters := func(tag, body string) string {
		return tag + `  Parameters: {"Body"=>"` + body + `"}` + "\n"
	}
	const completed = "Completed 200 OK in 3ms (Allocations: 1)\n"
	for _, tc := range []struct{ name, log, account, urls string }{
		{
			"with ids", started("[a] ", "/1", 1) + started("[b] ", "/2", 2) + parameters("[b] ", "two") + parameters("[a] ", "one") + "[a] " + completed + "[b] " + completed,
			"read 2, kept 2, map[]", "/1 one 200, /2 two 200",
		},
		{
			"without", started("", "/1", 1) + started("", "/2", 2) + parameters("", "two") + parameters("", "one") + completed + completed,
			"read 3, kept 0, map[its beginning is not in the log:1 lines of several requests are mixed, and no id tells them apart:2]", "",
		},
		{
			"a probe between", started("", "/1", 1) + strings.Replace(started("", "/health", 1), "POST", "GET", 1) + parameters("", "one") + completed + completed,
			"read 2, kept 2, map[]", "/1 one 0, /health  200",
		},
		{
			"one that never ends", started("", "/1", 1) + parameters("", "one") + started("", "/2", 2) + parameters("", "two") + completed,
			"read 2, kept 2, map[]", "/1 one 0, /2 two 0",
		},
		{
			"a route from the path", strings.ReplaceAll(started("", "/acme/sms", 1)+parameters("", "one")+completed, `"Body"=>"one"`, `"Body"=>"one", "tenant"=>"acme"`),
			"read 1, kept 1, map[]", "/acme/sms one 200",
		},
		{
			"a list", strings.ReplaceAll(started("", "/1", 1)+parameters("", "one")+completed, `{"Body"=>"one"}`, `{"_json"=>[{"a"=>1}, nil], "hook"=>{"_json"=>[{"a"=>1}, nil]}}`),
			"read 1, kept 1, map[]", `/1 [{"a":1},null] 200`,
		},
		{
			"no parameters", started("", "/1", 1) + completed,
			"read 1, kept 0, map[its body is not in the log:1]", "",
		},
		{
			"an upload", started("", "/1", 1) + `  Parameters: {"file"=>#<ActionDispatch::Http::UploadedFile:0x0001 @tempfile=#<Tempfile:/tmp/x>>}` + "\n" + completed,
			"read 1, kept 0, map[its parameters are no literal that can be read back:1]", "",
		},
	} {
		var a capture.Account
		src, err := traces.New(strings.NewReader(tc.log), traces.Rails, traces.Options{File: tc.name, Account: &a})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var r capture.Record
		for err = src.Next(t.Context(), &r); err == nil; err = src.Next(t.Context(), &r) {
			got = append(got, fmt.Sprintf("%s %s %d", r.URL, strings.TrimPrefix(string(r.Body), "Body="), r.Response.Status))
			a.Kept++
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if account := fmt.Sprintf("read %d, kept %d, %v", a.Read, a.Kept, a.Skipped); account != tc.account || strings.Join(got, ", ") != tc.urls {
			t.Errorf("%s: %s: %v\nwant %s: %s", tc.name, account, got, tc.account, tc.urls)
		}
	}
}

func FuzzTraces(f *testing.F) {
	for _, name := range []string{"rails.log", "rails-tagged.log", "rails-ruby34.log", "apigateway.log", "apigateway.ndjson", "envoy-tap.json"} {
		input, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, format := range traces.Formats() {
			var a capture.Account
			src, err := traces.New(bytes.NewReader(input), format, traces.Options{File: "x", Account: &a})
			if err != nil {
				t.Fatal(err)
			}
			err = a.Copy(t.Context(), sink(func(r *capture.Record) error {
				if r.Method == "" || r.URL == "" || r.Time.IsZero() {
					t.Errorf("%s: a record without a method, URL or time", format)
				}
				return nil
			}), src)
			if err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", format, err)
			}
		}
	})
}

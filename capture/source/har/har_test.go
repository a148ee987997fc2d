package har

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/source/sourcetest"
)

// chromium is an archive that Playwright wrote of Chromium's requests.
func chromium(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/chromium.har")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestContract(t *testing.T) {
	sourcetest.Check(t, chromium(t), func(in io.Reader, file string, a *capture.Account) (capture.Source, error) {
		return New(in, Options{File: file, Account: a}), nil
	})
}

// read gives a line for each record, and one for the account.
func read(t testing.TB, in io.Reader) (lines []string, account string) {
	t.Helper()
	var a capture.Account
	err := a.Copy(t.Context(), sink(func(r *capture.Record) error {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %d %q %d %v", r.Time.Format("15:04:05.000"), r.Method, r.Host, r.URL, len(r.Headers), r.Body, r.Response.Status, r.Response.Latency))
		return nil
	}), New(in, Options{File: "a.har", Account: &a}))
	if err != nil {
		t.Fatal(err)
	}
	account = fmt.Sprintf("read %d", a.Read)
	for _, counts := range []map[string]int64{a.Skipped, a.Noted} {
		for _, reason := range slices.Sorted(maps.Keys(counts)) {
			account += fmt.Sprintf(", %s %d", reason, counts[reason])
		}
	}
	if a.Damaged {
		account += ", damaged"
	}
	return lines, account
}

type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

func TestChromium(t *testing.T) {
	lines, account := read(t, strings.NewReader(string(chromium(t))))
	want := []string{
		`10:06:41.742 GET 127.0.0.1:18992 /webhooks/start?a=%20b 14 "" 200 10.188ms`,
		`10:06:42.824 POST 127.0.0.1:18992 /webhooks/twilio 17 "MessageSid=SM0123456789abcdef0123456789abcdef&SmsSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B12125550101&To=%2B18885550100&Body=HELP+%F0%9F%98%80&NumMedia=0" 200 7.887ms`,
		`10:06:42.841 POST 127.0.0.1:18992 /webhooks/json?x=1 16 "{\"text\":\"café 😀\",\"n\":1.5}" 200 7.243ms`,
		`10:06:42.880 PUT 127.0.0.1:18992 /webhooks/empty 15 "" 200 63.119ms`,
	}
	if !slices.Equal(lines, want) || account != "read 5, the body is not in the archive 1" {
		t.Errorf("%s\n%s", strings.Join(lines, "\n"), account)
	}
}

func TestEntries(t *testing.T) {
	const ok = `"response":{"status":200},"timings":{"blocked":-1,"dns":1,"connect":2,"ssl":1,"send":0.5,"wait":3}`
	request := func(members string) string {
		return `{"startedDateTime":"2026-11-27T20:56:49.123456Z","time":7,"request":{"method":"POST","url":"https://a.example/in","headers":[],` + members + `},` + ok + `}`
	}
	for _, tc := range []struct{ name, entries, want, account string }{
		{"no body", request(`"bodySize":0`), `20:56:49.123 POST a.example /in 2 "" 200 6.5ms`, "read 1"},
		{"a text", request(`"bodySize":3,"postData":{"mimeType":"text/plain","text":"abc"}`), `20:56:49.123 POST a.example /in 3 "abc" 200 6.5ms`, "read 1"},
		{"base64", request(`"postData":{"text":"AP8=","encoding":"base64"}`), `20:56:49.123 POST a.example /in 2 "\x00\xff" 200 6.5ms`, "read 1"},
		{"our own base64", request(`"postData":{"text":"AP8=","_encoding":"base64"}`), `20:56:49.123 POST a.example /in 2 "\x00\xff" 200 6.5ms`, "read 1"},
		{"no base64", request(`"postData":{"text":"?","encoding":"base64"}`), "", "read 1, not base64 1"},
		{"fields alone", request(`"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"From","value":"+1 2"},{"name":"Body","value":"é"}]}`), `20:56:49.123 POST a.example /in 3 "From=%2B1+2&Body=%C3%A9" 200 6.5ms`, "read 1, the body was put together from its fields 1"},
		{"multipart", request(`"postData":{"mimeType":"multipart/form-data; boundary=x","params":[{"name":"a","value":"b"}]}`), "", "read 1, the body is not in the archive but as fields of a multipart form 1"},
		{"a body that is missing", request(`"bodySize":10`), "", "read 1, the body is not in the archive 1"},
		{"a type in the body alone", request(`"postData":{"mimeType":"text/plain","text":"abc"}`), `20:56:49.123 POST a.example /in 3 "abc" 200 6.5ms`, "read 1"},
		{"another length", request(`"bodySize":9,"postData":{"text":"abc"}`), `20:56:49.123 POST a.example /in 2 "abc" 200 6.5ms`, "read 1, the body has another length than the archive says 1"},
		{
			"HTTP/2", strings.Replace(request(`"bodySize":0`), `"headers":[]`, `"headers":[{"name":":method","value":"POST"},{"name":":authority","value":"b.example"},{"name":":path","value":"/x?y=%20"},{"name":"a","value":"1"}]`, 1),
			`20:56:49.123 POST b.example /x?y=%20 3 "" 200 6.5ms`, "read 1",
		},
		{
			"headers of several lines", strings.Replace(request(`"bodySize":0`), `"headers":[]`, `"headers":[{"name":"host","value":"c.example"},{"name":"a","value":"1\n2"},{"name":"b c","value":""}]`, 1),
			`20:56:49.123 POST c.example /in 4 "" 200 6.5ms`, "read 1, a header that none can be is left out 1",
		},
		{"a zone without a colon", strings.Replace(request(`"bodySize":0`), "456Z", "456+0100", 1), `19:56:49.123 POST a.example /in 2 "" 200 6.5ms`, "read 1"},
		{"no time", strings.Replace(request(`"bodySize":0`), "2026", "x", 1), "", "read 1, not a time 1"},
		{"no answer", strings.Replace(request(`"bodySize":0`), `"status":200`, `"status":0`, 1), `20:56:49.123 POST a.example /in 2 "" 0 0s`, "read 1"},
		{"a fragment, a name and no path", strings.Replace(request(`"bodySize":0`), "https://a.example/in", "HTTP://me:secret@a.example?x#f", 1), `20:56:49.123 POST a.example /?x 2 "" 200 6.5ms`, "read 1"},
		{"a blank in the URL", strings.Replace(request(`"bodySize":0`), "/in", "/i n", 1), "", "read 1, not a URL 1"},
		{"data", strings.Replace(request(`"bodySize":0`), "https://a.example/in", "data:text/plain,x", 1), "", "read 1, not a request of HTTP 1"},
		{"no method", strings.Replace(request(`"bodySize":0`), `"POST"`, `""`, 1), "", "read 1, not a method 1"},
		{"another shape", `{"request":[]},7,` + request(`"bodySize":0`), `20:56:49.123 POST a.example /in 2 "" 200 6.5ms`, "read 3, not what the format says 2"},
	} {
		for _, archive := range []string{
			`{"log":{"version":"1.2","entries":[` + tc.entries + `]}}`,
			"\ufeff\n{ \"log\" : {\"pages\":[{\"entries\":[1]}],\n\"entries\": [ " + tc.entries + " ], \"comment\":{\"a\":[]}}, \"x\":1}\n",
		} {
			lines, account := read(t, strings.NewReader(archive))
			if strings.Join(lines, "|") != tc.want || account != tc.account {
				t.Errorf("%s: %s; %s", tc.name, strings.Join(lines, "|"), account)
			}
			if !Detect([]byte(archive)) {
				t.Errorf("%s: not known as an archive", tc.name)
			}
		}
	}
}

// An archive that is damaged gives what stands before that and the whole entries behind it; one that is cut what stood before that.
func TestDamage(t *testing.T) {
	text := string(chromium(t))
	third := strings.Index(text, "/webhooks/json")
	for _, tc := range []struct {
		name, archive, account string
		records                int
	}{
		{"no JSON", text[:third] + "\x00" + text[third+1:], "read 4, the body is not in the archive 1, not JSON 1, damaged", 3},
		{"no JSON before the entries", strings.Replace(text, `"creator":`, `"creator"`, 1), "read 5, the body is not in the archive 1, not JSON 1, damaged", 4},
		{"no JSON in the last entry", text[:strings.LastIndex(text, `"request":`)] + "}" + text[strings.LastIndex(text, `"request":`):], "read 4, the body is not in the archive 1, not JSON 1, damaged", 3},
		{"an archive behind another thing", text + "[]" + text, "read 10, the body is not in the archive 2, what follows the archive is none 1, damaged", 8},
		{"cut", text[:third], "read 2, the archive ends early 1, damaged", 2},
		{"nothing behind the brackets", `{"log":{"entries":[`, "read 0, the archive ends early 1, damaged", 0},
		{"cut behind an entry", text[:strings.LastIndex(text, "]")], "read 5, the body is not in the archive 1, the archive ends early 1, damaged", 4},
		{"cut behind the entries", text[:strings.LastIndex(text, "]")+1], "read 5, the body is not in the archive 1, the archive ends early 1, damaged", 4},
		{"two archives", text + text, "read 10, the body is not in the archive 2", 8},
		{"entries twice", strings.Replace(text, `"entries":[`, `"entries":[],"entries":[`, 1), "read 5, the body is not in the archive 1", 4},
		{"something behind it", text + "[]", "read 5, the body is not in the archive 1, what follows the archive is none 1, damaged", 4},
		{"empty", "", "read 0, the archive ends early 1, damaged", 0},
		{"an endless entry", `{"log":{"entries":[{"x":"` + strings.Repeat("x", maxEntry+1<<20) + `"}]}}`, "read 0, an entry is over 48 MiB 1, damaged", 0},
		{"entries without end", `{"log":{"entries":[` + strings.Repeat(`[{"":`, 1<<17), "read 0, not JSON 1, damaged", 0},
	} {
		lines, account := read(t, strings.NewReader(tc.archive))
		if len(lines) != tc.records || account != tc.account {
			t.Errorf("%s: %d records, %s", tc.name, len(lines), account)
		}
	}
}

// Whatever bytes of one entry are damaged, the entries before and behind it are read.
func TestReadsOn(t *testing.T) {
	entry := func(n int) string {
		return fmt.Sprintf(`{"_initiator":{"stack":[{"a":1},{"b":"[{,{"}]},"request":{"method":"POST","url":"http://a.example/%d","headers":[{"name":"A","value":"{"}, {"name":"B","value":"b"}],`+
			`"postData":{"mimeType":"application/json","text":"[{\"a\":1},{\"request\":{}}]"}},"response":{"status":200,"headers":[]},"startedDateTime":"2026-11-27T20:56:49Z"}`, n)
	}
	before, hit, behind := `{"log":{"entries":[`+entry(1)+",", entry(2), ", "+entry(3)+","+entry(4)+"]}}"
	for at := range len(hit) {
		for _, c := range []string{"", "\x00", "}", "{", "]", "\"", ","} {
			lines, account := read(t, strings.NewReader(before+hit[:at]+c+hit[at+1:]+behind))
			got := strings.Join(lines, "|")
			for _, want := range []string{"/1 ", "/3 ", "/4 "} {
				if !strings.Contains(got, want) {
					t.Fatalf("with %q at byte %d of the second entry: no %s in %s; %s", c, at, want, got, account)
				}
			}
		}
	}
}

func TestNoArchive(t *testing.T) {
	for _, text := range []string{`{"log":{"version":"1.2"}}`, `[]`, `{"log":[]}`, `{}`, `7`, `{"log":{"entries":{}}}`} {
		var a capture.Account
		err := New(strings.NewReader(text), Options{File: "a.har", Account: &a}).Next(t.Context(), new(capture.Record))
		if err == nil || !strings.Contains(err.Error(), reasonNoEntries) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzSource asks that any input gives an account that balances or an error.
func FuzzSource(f *testing.F) {
	f.Add(chromium(f))
	f.Add([]byte(`{"log":{"entries":[{"startedDateTime":"2026-11-27T20:56:49Z","request":{"method":"POST","url":"http://a/","headers":[{"name":"a","value":"b\nc"}],"postData":{"params":[{"name":"a"}]}}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var a capture.Account
		n := int64(0)
		err := a.Copy(t.Context(), sink(func(r *capture.Record) error {
			n++
			if r.Method == "" || !strings.HasPrefix(r.URL, "/") || r.Host == "" && len(r.Headers) == 0 {
				t.Fatalf("a record is %+v", r)
			}
			return nil
		}), New(strings.NewReader(string(text)), Options{File: "a.har", Account: &a}))
		if err == nil && a.Kept != n {
			t.Fatalf("%d records, %+v", n, a)
		}
	})
}

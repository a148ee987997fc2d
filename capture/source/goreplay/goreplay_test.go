package goreplay

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/source/sourcetest"
)

// loopback is a file of GoReplay 1.3.2: --input-raw with --input-raw-track-response, of what a sink was sent.
func loopback(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/loopback.gor")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestContract(t *testing.T) {
	sourcetest.Check(t, loopback(t), func(in io.Reader, file string, a *capture.Account) (capture.Source, error) {
		return New(in, Options{File: file, Account: a}), nil
	})
}

// read gives a line for each record, and the account.
func read(t testing.TB, text string) (lines []string, a capture.Account) {
	t.Helper()
	src := New(strings.NewReader(text), Options{File: "a.gor", Account: &a})
	err := a.Copy(t.Context(), sink(func(r *capture.Record) error {
		lines = append(lines, fmt.Sprintf("%d %s %s %d %v %s", r.Time.UnixNano(), r.Method, r.URL, r.Response.Status, r.Response.Latency, r.Body))
		return nil
	}), src)
	if err != nil {
		t.Fatal(err)
	}
	return lines, a
}

type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

func TestLoopback(t *testing.T) {
	lines, a := read(t, string(loopback(t)))
	if len(lines) != 8 || a.Read != 8 || a.UnpairedResponses != 0 || a.Damaged {
		t.Fatalf("%d records, %+v", len(lines), a)
	}
	for _, line := range lines {
		var at int64
		var method, url, latency string
		var status int
		fmt.Sscan(line, &at, &method, &url, &status, &latency)
		if method != "POST" || status != 200 || !strings.HasSuffix(latency, "ms") {
			t.Errorf("a record has %s %d %s", method, status, latency)
		}
	}
}

const (
	end  = "\n🐵🙈🙉\n"
	post = "POST /in HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc"
	ok   = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
)

// payload writes one; extra, where it is no "", is the last field.
func payload(sort byte, id, at int, extra, message string) string {
	if extra != "" {
		extra = " " + extra
	}
	return fmt.Sprintf("%c %024x %d%s\n%s%s", sort, id, 1669408200000000000+at, extra, message, end)
}

func TestPayloads(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       string // "time status latency" of each record, then what the account says
	}{
		{"no answer", payload('1', 1, 5, "0", post), "5 0 0s read 1"},
		{"its answer", payload('1', 1, 5, "0", post) + payload('2', 1, 9, "3", ok), "5 200 4ns read 1"},
		{"its answer first", payload('2', 1, 9, "3", ok) + payload('1', 1, 5, "0", post), "5 200 4ns read 1"},
		{"version 0.16", payload('1', 1, 5, "", post) + payload('2', 1, 5, "7", ok), "5 200 7ns read 1"},
		{"version 0.10", payload('1', 1, 5, "", post) + strings.Replace(payload('2', 1, 8, "", ok), "1669408200000000008", "8", 1), "5 200 8ns read 1"},
		{"a replayed answer", payload('1', 1, 5, "0", post) + payload('3', 1, 9, "3", ok), "5 0 0s read 1"},
		{"an answer of nothing", payload('1', 1, 5, "0", post) + payload('2', 2, 9, "3", ok), "5 0 0s read 1 unpaired 1"},
		{"two of one id", payload('1', 1, 5, "0", post) + payload('1', 1, 6, "0", post) + payload('2', 1, 9, "3", ok), "5 0 0s 6 200 3ns read 2"},
		{"chunks", payload('1', 1, 5, "0", "POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), "5 0 0s read 1"},
		{"a body that is missing", payload('1', 1, 5, "0", strings.TrimSuffix(post, "abc")) + payload('1', 2, 6, "0", post), "6 0 0s read 2 skipped request is not whole 1"},
		{"no HTTP", payload('1', 1, 5, "0", "hello\r\n\r\n"), "read 1 skipped malformed request line 1"},
		{"not GoReplay's", "hello" + end + payload('1', 1, 5, "0", post), "5 0 0s read 2 skipped the payload's first line is not GoReplay's 1 damaged"},
		{"no time", strings.Replace(payload('1', 1, 5, "0", post), "1669408200000000005", "5", 1), "read 1 skipped the payload has no time of day 1 damaged"},
		{"no last separator", strings.TrimSuffix(payload('1', 1, 5, "0", post), end), "5 0 0s read 1 damaged"},
		{"cut behind the separator's text", strings.TrimSuffix(payload('1', 1, 5, "0", post), "\n"), "5 0 0s read 1"},
		{"cut in a first line", payload('1', 1, 5, "0", post) + "2 00000000000000000000", "5 0 0s read 1 damaged"},
		{"cut behind one", payload('1', 1, 5, "0", post) + payload('2', 1, 9, "3", "")[:48] + "\n", "5 0 0s read 1 damaged"},
		{"cut in an answer", payload('1', 1, 5, "0", post) + strings.TrimSuffix(payload('2', 1, 9, "3", ok), "\r\n"+end), "5 200 4ns read 1 damaged"},
		{"no answer at all", payload('1', 1, 5, "0", post) + payload('2', 1, 9, "3", "garbage"), "5 0 0s read 1 noted an answer that cannot be read 1"},
		{"cut", strings.TrimSuffix(payload('1', 1, 5, "0", post), "bc"+end), "read 0 damaged"},
		{"too long", payload('1', 1, 5, "0", strings.Repeat("x", maxPayload)) + payload('1', 1, 5, "0", post), "5 0 0s read 2 skipped payload is over 17 MiB 1 damaged"},
		{"the separator within a line", payload('1', 1, 5, "0", strings.Replace(post, "3\r\n\r\nabc", "15\r\n\r\nx🐵🙈🙉\nz", 1)), "5 0 0s read 1"},
		{"a blank line at the end", payload('1', 1, 5, "0", post) + "\n", "5 0 0s read 1"},
	} {
		lines, a := read(t, tc.text)
		var got []string
		for _, line := range lines {
			f := strings.Fields(line)
			got = append(got, strings.TrimLeft(strings.TrimPrefix(f[0], "1669408200"), "0"), f[3], f[4])
		}
		got = append(got, fmt.Sprint("read ", a.Read))
		for reason, n := range a.Skipped {
			got = append(got, fmt.Sprint("skipped ", reason, " ", n))
		}
		for reason, n := range a.Noted {
			if reason != reasonCut {
				got = append(got, fmt.Sprint("noted ", reason, " ", n))
			}
		}
		if a.UnpairedResponses > 0 {
			got = append(got, fmt.Sprint("unpaired ", a.UnpairedResponses))
		}
		if a.Damaged {
			got = append(got, "damaged")
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, s, tc.want)
		}
	}
}

// Requests whose answers never come wait for a minute of recorded time, and answers without requests are not kept for ever.
func TestWaiting(t *testing.T) {
	w := newWaiting()
	for i := range 3 * maxAnswers {
		w.answer(head{sort: response, id: fmt.Sprint("r", i), time: minTime}, 200)
	}
	if len(w.answers) > maxAnswers || len(w.order) > 2*maxAnswers {
		t.Errorf("%d answers wait", len(w.answers))
	}
	if n := w.unpaired(); n != 3*maxAnswers {
		t.Errorf("%d answers count as unpaired", n)
	}
	w = newWaiting()
	w.add(&exchange{head: head{id: "a", time: minTime}}, 0)
	if w.next(false) != nil {
		t.Error("a request does not wait")
	}
	w.add(&exchange{head: head{id: "b", time: minTime + maxWait + 1}}, 0)
	if e := w.next(false); e == nil || e.head.id != "a" || w.next(false) != nil {
		t.Error("a request waits for over a minute")
	}
	for i := range 40 {
		w.add(&exchange{head: head{id: fmt.Sprint(i), time: minTime + maxWait + 2}}, 1<<20)
	}
	for w.next(false) != nil {
	}
	if w.held > maxHeld || w.held < maxHeld/2 || len(w.byID) != len(w.queue) {
		t.Errorf("%d bytes wait, %d by their ids of %d", w.held, len(w.byID), len(w.queue))
	}
}

func TestDetect(t *testing.T) {
	for text, want := range map[string]bool{
		string(loopback(t)): true, "1 932079936fa4306fc308d67588178d17d823647c 1439818823587396305\nGET": true,
		"1 932079936fa4306fc308d67588178d17d823647c 1439818823587396305 -1\r\n": true,
		"1 2 3\n": false, "4 932079936fa4306fc308d67588178d17d823647c 1439818823587396305\n": false, "": false, "GET / HTTP/1.1\r\n": false,
	} {
		if Detect([]byte(text)) != want {
			t.Errorf("%.40q: %v", text, !want)
		}
	}
}

// FuzzSource asks that any input gives an account that balances, and that no error tells what stood in it.
func FuzzSource(f *testing.F) {
	f.Add(loopback(f))
	f.Add([]byte(payload('2', 1, 9, "3", ok) + payload('1', 1, 5, "0", post)))
	f.Add([]byte("hello" + end))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, a := read(t, string(text))
		if a.Kept != int64(len(lines)) {
			t.Fatalf("%d records, %+v", len(lines), a)
		}
	})
}

func BenchmarkSource(b *testing.B) {
	var text strings.Builder
	for i := range 20_000 {
		text.WriteString(payload('1', i, i*1000, "0", strings.Replace(post, "Content-Length: 3\r\n\r\nabc", "Content-Length: 500\r\n\r\n"+strings.Repeat("x", 500), 1)))
		text.WriteString(payload('2', i, i*1000+500, "0", ok))
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		var a capture.Account
		src := New(strings.NewReader(text.String()), Options{Account: &a})
		if err := a.Copy(b.Context(), sink(func(*capture.Record) error { return nil }), src); err != nil || a.Kept != 20_000 {
			b.Fatal(err, a.Kept)
		}
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

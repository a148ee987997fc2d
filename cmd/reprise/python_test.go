package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/cli"
)

// TestPython holds docs/read_corpus.py, which knows no more of the format than FORMAT.md says, to what cat prints, byte for byte, and to what it
// says is lost: of all frozen files, of new ones in columns, and of damaged ones.
func TestPython(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine")
	}
	for _, tool := range []string{"python3", "zstd"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT TESTED: docs/read_corpus.py: %v", err)
		}
	}
	var files []string
	for _, pattern := range []string{"../../capture/corpus/testdata/*/*.rpz", "../../fixtures/testdata/*.rpz"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	files = append(files, writtenForPython(t)...)

	var wants, saids bytes.Buffer
	codes := map[int]int{}
	for _, name := range files {
		codes[cli.Run(t.Context(), []string{"cat", name}, cli.Streams{In: strings.NewReader(""), Out: &wants, Err: &saids})]++
	}
	if codes[0] == 0 || codes[1] == 0 || codes[6] == 0 {
		t.Fatalf("cat ended with the codes %v: want whole files, damaged ones, and some of a newer program", codes)
	}
	var got, said bytes.Buffer
	cmd := exec.Command("python3", append([]string{"../../docs/read_corpus.py"}, files...)...)
	cmd.Stdout, cmd.Stderr = &got, &said
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 { // for those of a newer program
		t.Fatalf("%v\n%s", err, said.Bytes())
	}
	sameLines(t, "records", got.String(), wants.String())
	sameLines(t, "damage", lostLines(said.String()), lostLines(saids.String()))
}

// lostLines are the lines that say what is lost: the file, where, and how many records.
func lostLines(said string) string {
	var b strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^(?:reprise: )?(.*: at byte \d+: ).*: (.* lost)$`).FindAllStringSubmatch(said, -1) {
		b.WriteString(m[1] + m[2] + "\n")
	}
	return b.String()
}

func sameLines(t *testing.T, what, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("%s: line %d is\n%s\nwant\n%s", what, i+1, g[i], w[i])
			return
		}
	}
	if len(g) != len(w) {
		t.Errorf("%s: %d lines, want %d", what, len(g), len(w))
	}
}

// writtenForPython writes corpora in columns, and damages them.
func writtenForPython(t *testing.T) (names []string) {
	dir := t.TempDir()
	put := func(name string, content []byte) {
		name = filepath.Join(dir, name+".rpz")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	records := oddRecords(t)
	put("odd", inColumns(t, records, 300))
	put("none", inColumns(t, nil, 1))
	put("one", inColumns(t, records[:1], 1))
	long := orders(7000)
	whole := inColumns(t, long, 1200) // a file has its dictionary before its fifth block
	put("dictionary", whole)
	first := blockOfType(t, whole, 6)
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 1 << (at % 8)
		return b
	}
	put("dictionary-hurt", flip(whole, first+100))
	put("dictionary-lost", flip(whole, first+100)[:len(whole)-1])
	small := inColumns(t, records[:90], 15)
	put("small", small)
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range pythonDamages {
		at := rng.IntN(len(small))
		n := 1 + rng.IntN(300)
		put(fmt.Sprintf("cut-%d-at-%d", i, at), small[:at])
		put(fmt.Sprintf("flipped-%d-at-%d", i, at), flip(small, at))
		put(fmt.Sprintf("flipped-%d-twice-at-%d", i, at), flip(flip(small, at), rng.IntN(len(small))))
		put(fmt.Sprintf("missing-%d-at-%d", i, at), append(bytes.Clone(small[:at]), small[min(len(small), at+n):]...))
		put(fmt.Sprintf("more-%d-at-%d", i, at), append(append(bytes.Clone(small[:at]), make([]byte, n)...), small[at:]...))
	}
	return names
}

// pythonDamages is how often a small corpus is damaged in each way.
const pythonDamages = 12

// blockOfType is where the first block of a type begins.
func blockOfType(t *testing.T, file []byte, kind byte) int {
	t.Helper()
	for at := 0; ; at++ {
		i := bytes.Index(file[at:], []byte("\xc9rpc"))
		if i < 0 {
			t.Fatalf("no block of type %d", kind)
		}
		if at += i; file[at+12] == kind {
			return at
		}
	}
}

// inColumns writes records by column, with a block's end after each so many.
func inColumns(t *testing.T, records []capture.Record, per int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := corpus.NewWriter(&b, corpus.Header{State: corpus.Raw})
	if err != nil {
		t.Fatal(err)
	}
	w.Columns()
	for i := range records {
		err := w.Write(&records[i])
		if err == nil && (i+1)%per == 0 {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// orders are posts of one shape, with texts of a few words.
func orders(n int) []capture.Record {
	rng := rand.New(rand.NewPCG(3, 3))
	words := strings.Fields("where is my order please stop thanks yes no when do you open today can I change it to another store near me")
	records := make([]capture.Record, n)
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range records {
		at = at.Add(time.Duration(rng.IntN(4_000_000)) * time.Microsecond)
		var text []string
		for range 3 + rng.IntN(12) {
			text = append(text, words[rng.IntN(len(words))])
		}
		from, id := fmt.Sprintf("1415555%04d", rng.IntN(3000)), fmt.Sprintf("SM%016x%016x", rng.Uint64(), rng.Uint64())
		body := "ToCountry=US&MessageSid=" + id + "&Body=" + strings.Join(text, "+") + "&From=%2B" + from + "&To=%2B18885550142"
		records[i] = capture.Record{
			Time: at, Method: "POST", URL: "/webhooks/sms", Host: "hooks.example.com", Vendor: "twilio", Kind: capture.Kind(rng.IntN(3)),
			Headers: []capture.Header{{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Length", Value: fmt.Sprint(len(body))}},
			Body:    []byte(body), Message: capture.Message{ID: id, From: "+" + from, To: "+18885550142", Text: strings.Join(text, " ")},
			Response: capture.Response{Status: 200, Latency: time.Duration(rng.IntN(1e7))},
		}
	}
	return records
}

// oddRecords are those of the vendors, and between them what is seldom: no UTF-8, no headers, marks, times and numbers at their limits.
func oddRecords(t *testing.T) (records []capture.Record) {
	t.Helper()
	r, err := corpus.Open("../../fixtures/testdata/mixed.rpz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rng := rand.New(rand.NewPCG(7, 7))
	for len(records) < 1500 {
		var rec capture.Record
		if r.Next(t.Context(), &rec) != nil {
			break
		}
		rec = *rec.Clone()
		switch rng.IntN(8) {
		case 0:
			rec.Body = append(rec.Body, 0xff, 0xe2, 0x82, 0)
		case 1:
			rec.URL, rec.Headers, rec.Host = "/\xc0\xaf?\u2028\u202e\x7f\u0085\"\\\x01", nil, ""
		case 2:
			rec.Origin, rec.Kind = capture.Origin(rng.IntN(16)), capture.Kind(rng.IntN(16))
		case 3:
			rec.Response = capture.Response{}
		case 4:
			rec.Response = capture.Response{Status: rng.IntN(65536), Latency: time.Duration(rng.Uint64())}
		case 5:
			rec.Body, rec.Message = nil, capture.Message{}
		case 6:
			uuid := fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", rng.Uint32(), rng.Uint32()&0xffff, rng.Uint32()&0xffff, rng.Uint32()&0xffff, rng.Uint64()&(1<<48-1))
			rec.Body = fmt.Appendf(nil, `{"id":"%s","n":%d,"text":"\ud83d\ude00 \u00e9\n%s"}`, uuid, rng.Int64()>>rng.IntN(64), strings.Repeat("a", rng.IntN(300)))
			rec.Headers = append(rec.Headers, capture.Header{Name: "X-Id", Value: uuid}, capture.Header{Name: "X-Sum", Value: fmt.Sprintf("%064X", rng.Uint64())})
		}
		records = append(records, rec)
	}
	records[0].Time = time.Date(1678, 1, 1, 0, 0, 0, 1, time.UTC)
	records[len(records)-1].Time = time.Date(2261, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	return records
}

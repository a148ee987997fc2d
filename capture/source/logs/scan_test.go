package logs

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"reprise/capture"
)

func TestScaled(t *testing.T) {
	for _, tc := range []struct {
		text string
		exp  int
		want int64
		ok   bool
	}{
		{"1795420547.826", seconds, 1795420547826000000, true},
		{"1795420547.826123457", seconds, 1795420547826123457, true},
		{"1795420547.8261234579", seconds, 1795420547826123457, true},
		{"1795420547826", milliseconds, 1795420547826000000, true},
		{"1795420547826123.5", microseconds, 1795420547826123500, true},
		{"1795420547826123457", nanoseconds, 1795420547826123457, true},
		{"1.795420547826e9", seconds, 1795420547826000000, true},
		{"17954205478E-1", seconds, 1795420547800000000, true},
		{"-1.5", seconds, -1500000000, true},
		{"+0.000000001", seconds, 1, true},
		{".5", seconds, 500000000, true},
		{"5.", seconds, 5000000000, true},
		{"0", seconds, 0, true},
		{"0e999", seconds, 0, true},
		{"000000000000000000000000007", nanoseconds, 7, true},
		{"9223372036.854775807", seconds, 1<<63 - 1, true},
		{"9223372036.854775808", seconds, 0, false},
		{"9223372037", seconds, 0, false},
		{"1e11", seconds, 0, false},
		{"", seconds, 0, false},
		{".", seconds, 0, false},
		{"-", seconds, 0, false},
		{"1.2.3", seconds, 0, false},
		{"1e", seconds, 0, false},
		{"1e1000", seconds, 0, false},
		{"1ex", seconds, 0, false},
		{"0x10", seconds, 0, false},
		{"1,5", seconds, 0, false},
	} {
		got, ok := scaled([]byte(tc.text), tc.exp)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("scaled(%q, %d) = %d, %v, want %d, %v", tc.text, tc.exp, got, ok, tc.want, tc.ok)
		}
	}
}

func TestUnescape(t *testing.T) {
	for raw, want := range map[string]string{
		`plain`:                 "plain",
		`\"\\\/\b\f\n\r\t`:      "\"\\/\b\f\n\r\t",
		`\u0041\u00e9\u20AC`:    "Aé€",
		`\ud83d\ude00!`:         "😀!",
		`\ud83d`:                "\ufffd",
		`\ud83d\u0041`:          "\ufffdA",
		`\ude00\ud83d\ude00`:    "\ufffd😀",
		"\xff\\n\xc3\x28":       "\xff\n\xc3\x28",
		`\x41`:                  `\x41`,
		`\u0000\u001f` + "\x7f": "\x00\x1f\x7f",
	} {
		if got := string(unescape(nil, []byte(raw))); got != want {
			t.Errorf("unescape(%q) = %q, want %q", raw, got, want)
		}
	}
}

// FuzzLine compares the scanner with encoding/json, and sees that no line breaks the reader.
func FuzzLine(f *testing.F) {
	for _, s := range []string{
		`{"ts":"1795420547.826","method":"POST","uri":"/a","body":"a\u00e9\n","content_type":"x"}`,
		`{"ts":1e9,"method":"GET","uri":"/","hd":{"A":["b",1]}}`, `{"ts":1,"hd":[["a","b"],{"name":"c","value":"d"}]}`,
		`{"ts":-0.5e-3,"uri":null,"body":"\ud800\x41"}`, `[1,[],{},"",true,false,null]`, `{"a":{"b":[0,{"ts":"1"}]},"ts":01}`, "{\"body\":\"\xff\"}", `{`, `"\u12`,
	} {
		f.Add([]byte(s))
	}
	m, _ := Preset("nginx")
	m.Headers.At = "/hd"
	m.Body = "/body"
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.TrimSpace(line)
		tree := newTree()
		slot := tree.add("/body")
		s := scanner{found: make([]span, tree.slots)}
		ok := s.scan(line, tree.root)
		if ok != json.Valid(line) {
			t.Fatalf("scan: %v, encoding/json: %v", ok, !ok)
		}
		var want struct {
			Body *string `json:"body"`
		}
		exact := utf8.Valid(line) && bytes.Count(bytes.ToLower(line), []byte("body")) == 1
		if ok && exact && json.Unmarshal(line, &want) == nil && want.Body != nil && s.found[slot].kind == jsonString {
			if got := string(unescape(nil, line[s.found[slot].start:s.found[slot].end])); got != *want.Body {
				t.Fatalf("body %q, encoding/json: %q", got, *want.Body)
			}
		}
		ready, err := m.ready()
		if err != nil {
			t.Fatal(err)
		}
		p := newPlan(ready)
		var rec capture.Record
		if bad := p.fill(&rec, line); bad == nil && (rec.URL == "" || rec.Method == "" || rec.Time.IsZero()) {
			t.Fatalf("a record without %+v", rec)
		}
	})
}

// TestDepth holds that nesting cannot exhaust the stack.
func TestDepth(t *testing.T) {
	s := scanner{}
	if deep := strings.Repeat("[", 1<<20); s.scan([]byte(deep+strings.Repeat("]", 1<<20)), newTree().root) {
		t.Error("a million levels were taken")
	}
	if !s.scan([]byte(strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), newTree().root) {
		t.Error("a thousand levels were refused")
	}
}

package completions

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that grows byte by byte gives what it gives whole.
func TestTail(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		m    Map
		n    int
		over bool
	}{
		"ndjson":     {`{"record":"1.0","time":"2026-11-27T20:56:49Z"}` + "\n" + `{"record":"2.1","time":"2026-11-27T20:56:50Z"}` + "\n{", Map{}, 2, false},
		"csv":        {"time;record\n2026-11-27T20:56:49Z;1.0\n2026-11-27T20:56:49Z;2.0\n2026-11-27T20:56:49Z;3.", Map{}, 2, false},
		"text":       {"2026-11-27T20:56:49Z done 1.0\nnothing\n", Map{Format: Text, Pattern: `^(?P<time>\S+) done (?P<record>\S+)`}, 1, false},
		"compressed": {"\x1f\x8b\x08\x00\n\n", Map{}, 0, true},
		"none":       {"a,b\n1,2\n", Map{}, 0, true},
	} {
		for _, step := range []int{1, 7, len(tc.text)} {
			path := filepath.Join(t.TempDir(), "done")
			tail, n := Follow(path, "", tc.m), 0
			for at := 0; at < len(tc.text); at += step {
				if err := os.WriteFile(path, []byte(tc.text[:min(at+step, len(tc.text))]), 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := tail.Next(t.Context(), func(int64, int, time.Time, string) { n++ }); err != nil {
					t.Fatal(err)
				}
			}
			if step > 3 && (n != tc.n || tail.over != tc.over) || step == 1 && n != tc.n {
				t.Errorf("%s, %d bytes at a time: %d, over %v; want %d, %v", name, step, n, tail.over, tc.n, tc.over)
			}
			_ = tail.Close()
		}
	}
}

func FuzzTail(f *testing.F) {
	f.Add([]byte(`{"record":"1.0","time":"2026-11-27T20:56:49Z"}`+"\n"), 7)
	f.Add([]byte("time,record\n2026-11-27T20:56:49Z,1.0\n"), 3)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		path := filepath.Join(t.TempDir(), "done")
		count := func(parts ...[]byte) (n int) {
			tail, whole := Follow(path, "", Map{}), []byte{}
			for _, part := range parts {
				whole = append(whole, part...)
				if err := os.WriteFile(path, whole, 0o600); err != nil {
					t.Fatal(err)
				}
				_, _ = tail.Next(t.Context(), func(int64, int, time.Time, string) { n++ })
			}
			_ = tail.Close()
			return n
		}
		lines := bytes.Count(text, []byte("\n"))
		cut = min(max(cut, 0), len(text))
		if a := count(text[:cut], text[cut:]); a > lines {
			t.Errorf("%d completions of %d lines", a, lines)
		}
	})
}

package completions

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func day(h int) time.Time { return time.Date(2026, 11, 27, h, 0, 0, 0, time.UTC) }

const otherForm = "a time of another form than RFC 3339, or Unix seconds, milliseconds, microseconds or nanoseconds (the map's time_format says which)"

func TestRead(t *testing.T) {
	at := day(12).Add(250 * time.Millisecond)
	for _, tc := range []struct {
		name, text string
		m          Map
		want       string // the completion of 7.1
		bad        string
	}{
		{"ndjson", `{"time":"2026-11-27T12:00:00.25Z","record":"7.1","run":"r","outcome":"sent"}`, Map{}, "sent", ""},
		{"unix ms", `{"ts":1795780800250,"Reprise-Record":"7.1"}`, Map{}, "ok", ""},
		{"unix s with a fraction", `{"ts":1795780800.25,"record":"7.1"}`, Map{}, "ok", ""},
		{"unix ns", `{"ts":"1795780800250000000","record":"7.1"}`, Map{TimeFormat: "unix_ns"}, "ok", ""},
		{"nested", `{"done":{"at":"2026-11-27T12:00:00.25Z"},"headers":{"rec":"7.1"}}`, Map{Time: "done.at", Record: "headers.rec"}, "ok", ""},
		{"csv", "record,x,time\n7.1,,2026-11-27T12:00:00.25Z\n", Map{}, "ok", ""},
		{"csv, quoted", "\"time\",\"record\",\"result\"\n\"2026-11-27T12:00:00.25Z\",\"7.1\",\"failed\"\n", Map{Format: CSV}, "failed", ""},
		{"text", "12:00:00.250 2026-11-27 INFO done record=7.1 ok", Map{Format: Text, Pattern: `^(?P<time>\S+ \S+) \w+ done record=(?P<record>\S+)`, TimeFormat: "15:04:05.000 2006-01-02"}, "ok", ""},
		{"another run", `{"time":"2026-11-27T12:00:00.25Z","record":"7.1","run":"q"}`, Map{}, "", ""},
		{"a digit of somebody's", `{"time":"2026-11-27T12:00:00.25Z","record":"7.1","outcome":"to +14155550123"}`, Map{}, others, ""},
		{"the last counts", `{"time":"2026-11-27T12:00:00.25Z","record":"7.1","outcome":"b"}` + "\n" + `{"time":"2026-11-27T11:00:00Z","record":"7.1","outcome":"a"}`, Map{}, "b", ""},
		{"empty", "", Map{}, "", ""},
		{"blank lines", "\n\n", Map{}, "", ""},
		{"no JSON", "{\"time\":", Map{}, "", "no JSON object"},
		{"two objects", "{} {}", Map{}, "", "no JSON object"},
		{"no record", `{"time":"2026-11-27T12:00:00Z"}`, Map{}, "", "no record"},
		{"no time", `{"record":"7.1"}`, Map{}, "", "no time"},
		{"negative record", `{"time":1,"record":"-7.1"}`, Map{}, "", "a record that is not like 12.0"},
		{"large record", `{"time":1,"record":"99999999999999.1"}`, Map{}, "", "a record that is not like 12.0"},
		{"large copy", `{"time":1,"record":"1.99999999"}`, Map{}, "", "a record that is not like 12.0"},
		{"csv with semicolons", "record;x;time\n7.1;a,b;2026-11-27 12:00:00,25\n", Map{}, "ok", ""},
		{"csv with tabs, the first column empty", "x\trecord\ttime\toutcome\n\t7.1\t2026-11-27T12:00:00.25Z\t\n", Map{}, "ok", ""},
		{"a space for the T", `{"time":"2026-11-27 12:00:00.25Z","record":"7.1"}`, Map{}, "ok", ""},
		{"a short offset", `{"time":"2026-11-27 13:00:00.25+01","record":"7.1"}`, Map{}, "ok", ""},
		{"an offset after a space", `{"time":"2026-11-27 13:00:00.25 +0100","record":"7.1"}`, Map{}, "ok", ""},
		{"no zone", `{"time":"2026-11-27 12:00:00.25","record":"7.1"}`, Map{}, "ok", ""},
		{"no zone, where RFC 3339 was asked for", `{"time":"2026-11-27T12:00:00","record":"7.1"}`, Map{TimeFormat: "rfc3339"}, "", "a time that does not fit the map's time_format"},
		{"NaN", `{"time":"NaN","record":"7.1"}`, Map{}, "", otherForm},
		{"infinite", `{"time":1e400,"record":"7.1"}`, Map{}, "", otherForm},
		{"far", `{"time":"1999-11-27T12:00:00Z","record":"7.1"}`, Map{}, "", "a time far from the run"},
		{"long line", `{"x":"` + strings.Repeat("1", maxLine) + `"}` + "\n" + `{"time":"2026-11-27T12:00:00.25Z","record":"7.1"}`, Map{}, "ok", "more than 1 MiB"},
		{"text without a match", "hello", Map{Format: Text, Pattern: `(?P<time>\d+) (?P<record>\d+)`}, "", "no match of the pattern"},
		{"csv that is none", "time,record\n\"a\"b\"\n", Map{}, "", "no CSV"},
		{"a quote that is not closed", "time,record\n\"x\n2026-11-27T12:00:00.25Z,7.1\n", Map{}, "ok", "no CSV"},
	} {
		s := Set{From: day(0), To: day(23)}
		if err := s.Read(t.Context(), strings.NewReader(tc.text), "f", "r", tc.m); err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		got, outcome, ok := s.Of(7, 1)
		if ok != (tc.want != "") || outcome != tc.want || ok && !got.Equal(at) {
			t.Errorf("%s: %v %q at %v, want %q", tc.name, ok, outcome, got, tc.want)
		}
		if tc.bad != "" && s.Account.Bad[tc.bad] != 1 {
			t.Errorf("%s: %v, want one %q", tc.name, s.Account.Bad, tc.bad)
		}
		if strings.Contains(s.Account.String(), "4155550123") {
			t.Errorf("%s: the account tells contents", tc.name)
		}
	}
}

// TestIDs joins lines that name a message by its id: once the ids are known, the last line of each counts.
func TestIDs(t *testing.T) {
	var s Set
	text := `{"time":1795780800,"id":"SM1"}` + "\n" + `{"time":1795780900,"MessageSid":"SM1","outcome":"late"}` + "\n" +
		`{"time":1795780800,"message_id":"SM2"}` + "\n" + `{"time":1795780800,"record":"5.0","id":"SM3"}`
	if err := s.Read(t.Context(), strings.NewReader(text), "f", "", Map{}); err != nil {
		t.Fatal(err)
	}
	if s.IDs() != 2 || s.Len() != 3 || s.Account.Duplicates != 1 {
		t.Errorf("%d ids, %d completions, %+v", s.IDs(), s.Len(), s.Account)
	}
	s.Resolve([]byte("SM1"), 9, 2)
	s.Resolve([]byte("SM1"), 10, 0)
	s.Resolve([]byte("SM9"), 11, 0)
	at, outcome, ok := s.Of(9, 2)
	if _, _, other := s.Of(10, 0); !ok || other || outcome != "late" || at.Unix() != 1795780900 || s.IDs() != 1 {
		t.Errorf("%v %q at %v, another %v, %d ids left", ok, outcome, at, other, s.IDs())
	}
	if _, _, ok := s.Of(5, 0); !ok {
		t.Error("a line with a record and an id is not joined by the record")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		m     Map
		want  string
		ofMap bool // the map alone says so
	}{
		"format":         {"", Map{Format: "xml"}, `format: "xml" is none of ndjson, csv, text`, true},
		"no column":      {"when,record\n", Map{}, "no column called time, ", false},
		"no own column":  {"when;record\n", Map{Time: "done"}, "no column called done (the map's time names it)", false},
		"no record":      {"time\tx\n", Map{}, "no column called record, ", false},
		"no CSV":         {"\"a\"b,time\n", Map{}, "the header line is no CSV", false},
		"pattern":        {"", Map{Format: Text, Pattern: "+1415555("}, "pattern: it is no regular expression: missing argument to repetition operator", true},
		"no pattern":     {"", Map{Format: Text}, "format text needs a pattern", true},
		"without groups": {"", Map{Format: Text, Pattern: "(a)(b)"}, "no groups called time, and record or id", true},
	} {
		var s Set
		err := s.Read(t.Context(), strings.NewReader(tc.text), "done.log", "r", tc.m)
		if err == nil || !strings.HasPrefix(err.Error(), "done.log: ") || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "1415555") {
			t.Errorf("%s: %v", name, err)
		}
		if err := tc.m.Validate(); (err != nil) != tc.ofMap {
			t.Errorf("%s: the map itself: %v", name, err)
		}
	}
}

func TestOutcomesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `{"time":"2026-11-27T12:00:00Z","record":"%d.0","outcome":"o%d"}`+"\n", i, i)
	}
	var s Set
	if err := s.Read(t.Context(), strings.NewReader(b.String()), "f", "", Map{}); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i := range int64(100) {
		_, o, _ := s.Of(i, 0)
		seen[o] = true
	}
	if len(seen) != maxOutcomes+1 || !seen[others] {
		t.Errorf("%d outcomes: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestReadSaysWhereItEnds(t *testing.T) {
	var s Set
	err := s.Read(t.Context(), io.MultiReader(strings.NewReader(`{"time":1795780800,"record":"7.1"}`+"\n"), failing{}), "f", "", Map{})
	if err == nil || s.Len() != 1 {
		t.Errorf("%v, %d completions", err, s.Len())
	}
}

func TestClock(t *testing.T) {
	line := func(record, run, clock string) string {
		return fmt.Sprintf(`{"time":"2026-11-27T12:00:00Z","record":%q,"run":%q,"clock":%q}`, record, run, clock) + "\n"
	}
	for _, tc := range []struct{ name, text, want string }{
		{"one", line("1.0", "r", "a") + line("2.0", "r", "a"), "a"},
		{"two", line("1.0", "r", "a") + line("2.0", "r", "b") + line("3.0", "r", "b"), ""},
		{"some without", line("1.0", "r", "") + line("2.0", "r", "a") + line("3.0", "r", "a"), ""},
		{"another run's", line("1.0", "q", "b") + line("2.0", "r", "a"), "a"},
		{"none", `{"time":"2026-11-27T12:00:00Z","record":"1.0"}`, ""},
	} {
		var s Set
		if err := s.Read(t.Context(), strings.NewReader(tc.text), "f", "r", Map{}); err != nil || s.Clock() != tc.want {
			t.Errorf("%s: clock %q, %v, want %q", tc.name, s.Clock(), err, tc.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("{\"time\":1,\"record\":\"1.0\"}\n", "")
	f.Add("time,record\n1,1", CSV)
	f.Add("x;time;record\n;2026-11-27 20:56:49;1.0", CSV)
	f.Add("x\ttime\trecord\n\t2026-11-27T20:56:49+01\t1.0", "")
	f.Add("1 1.0", Text)
	f.Fuzz(func(t *testing.T, text, format string) {
		var s Set
		_ = s.Read(t.Context(), strings.NewReader(text), "f", "", Map{Format: format, Pattern: `(?P<time>\S+) (?P<record>\S+)`})
		if int64(s.Len())+s.Account.Duplicates != s.Account.Used {
			t.Errorf("%d completions of %d used lines", s.Len(), s.Account.Used)
		}
	})
}

package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/replay/results"
)

func TestReadFigures(t *testing.T) {
	begun := time.Unix(1_700_000_000, 0)
	for _, tc := range []struct{ name, text, called, want, err string }{
		{"rfc 3339, unsorted", "time,pool\n2023-11-14T22:13:22Z,3\n2023-11-14T22:13:21.5Z,2\n", "", "pool [{1.5s 2} {2s 3}] {2 0 0 0 0 0}", ""},
		{"seconds without a head", "1700000001,0.5\n1700000002.25,1e3\n", "", "column 2 [{1s 0.5} {2.25s 1000}] {2 0 0 0 0 0}", ""},
		{"milliseconds, quoted", "\"Time\",\"busy, all\"\n\"1700000001500\",\"7\"\n", "", "busy, all [{1.5s 7}] {1 0 0 0 0 0}", ""},
		{"nanoseconds", "1700000001000000000,7\n", "", "column 2 [{1s 7}] {1 0 0 0 0 0}", ""},
		{"as Grafana exports it, UTC", "\ufeff\"Time\",\"{job=\"\"a\"\"}\"\n2023-11-14 22:13:21,4\n", "cpu", "cpu [{1s 4}] {1 0 0 0 0 0}", ""},
		{"two figures, cells left out", "t,a,b\n1700000001,1,\n1700000002,2,NaN\n1700000003,,9\n", "", "a [{1s 1} {2s 2}] {2 0 0 0 0 0}; b [{3s 9}] {2 0 0 0 1 0}", ""},
		{"two figures with a name", "t,a,b\n1700000001,1,7\n", "boxes", "boxes a [{1s 1}] {1 0 0 0 0 0}; boxes b [{1s 7}] {1 0 0 0 0 0}", ""},
		{"one figure with a name", "t,a\n1700000001,1\n", "boxes", "boxes [{1s 1}] {1 0 0 0 0 0}", ""},
		{"rows that are none", "t,a\nyesterday,1\n1700000001,x\n1700000002,5\n", "", "a [{2s 5}] {3 0 1 0 1 0}", ""},
		{"empty", "", "", "", "it is empty"},
		{"one column", "a\n1\n", "", "", "a column of times"},
	} {
		all, err := ReadFigures(strings.NewReader(tc.text), begun, tc.called)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %v, want %s", tc.name, err, tc.err)
			}
			continue
		}
		var got []string
		for _, w := range all {
			got = append(got, fmt.Sprint(w.Name, " ", w.Points, " ", w.Asked))
		}
		if err != nil || strings.Join(got, "; ") != tc.want {
			t.Errorf("%s: %v, %q, want %q", tc.name, err, got, tc.want)
		}
	}
}

// endless is a file of one line.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadFiguresOfAnEndlessLine(t *testing.T) {
	if _, err := ReadFigures(endless{}, time.Time{}, ""); err == nil || !strings.Contains(err.Error(), "a row is longer than 1 MiB") {
		t.Error(err)
	}
}

func FuzzReadFigures(f *testing.F) {
	f.Add("t,a\n1700000001,1\n", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		all, err := ReadFigures(strings.NewReader(text), time.Unix(1_700_000_000, 0), name)
		if err != nil && all != nil {
			t.Errorf("an error and %v", all)
		}
		for _, w := range all {
			last := results.WatchedPoint{At: -1 << 63}
			for _, p := range w.Points {
				if p.At < last.At || !isNumber(p.Value) {
					t.Errorf("%v", w.Points)
				}
				last = p
			}
		}
	})
}

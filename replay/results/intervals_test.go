package results

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"reprise/capture"
	"reprise/replay"
)

var updateIntervals = flag.Bool("update-intervals", false, "write testdata/intervals.hlog anew")

// logged is a line of a log of intervals.
type logged struct {
	tag           string
	start, length float64
	most          float64
	h             *hdr.Histogram
}

// parseIntervals reads a log by its text (HdrHistogram's HistogramLogWriter documents it): what comes before the lines, and the lines.
func parseIntervals(t *testing.T, text string) (head []string, lines []logged) {
	t.Helper()
	line := regexp.MustCompile(`^(?:Tag=([a-z_]+),)?(\d+\.\d+),(\d+\.\d+),(\d+\.\d+),(\S+)$`)
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		m := line.FindStringSubmatch(l)
		if m == nil {
			head = append(head, l)
			continue
		}
		number := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
		if _, err := base64.StdEncoding.DecodeString(m[5]); err != nil {
			t.Errorf("%s: %v", l, err)
		}
		h, err := hdr.Decode([]byte(m[5]))
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		lines = append(lines, logged{m[1], number(m[2]), number(m[3]), number(m[4]), h})
	}
	return head, lines
}

// intervalRows are 3 s of answers, with a gap, one late in the file, a failure without an answer, and one of 503.
func intervalRows() (rows []replay.Result) {
	row := func(seq int64, kind capture.Kind, at, takes time.Duration) {
		rows = append(rows, replay.Result{Seq: seq, Kind: kind, Intended: at, Sent: at + 20*time.Microsecond, Done: at + takes, Status: 200})
	}
	for i := range 40 {
		kind := capture.Help
		if i%4 == 0 {
			kind = capture.Reaction
		}
		row(int64(i), kind, time.Duration(i)*50*ms, time.Duration(i+1)*ms)
	}
	row(40, capture.Help, 0, 15*time.Second)
	rows = append(rows, replay.Result{Seq: 41, Kind: capture.Help, Intended: ms, Sent: ms, Done: 10 * time.Second, Error: replay.ReasonTimeout})
	rows = append(rows, replay.Result{Seq: 42, Kind: capture.Help, Intended: 900 * ms, Sent: 900 * ms, Done: 950 * ms, Status: 503})
	return rows
}

func writtenIntervals(t *testing.T, run string, rows []replay.Result) string {
	t.Helper()
	var file, log bytes.Buffer
	w, err := NewWriter(&file, Header{Run: run})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(replay.Outcome{}); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteIntervals(context.Background(), &log, r, time.UnixMilli(1_669_395_600_250)); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

// The log says what the golden one says, whatever the compressor makes of it; HdrHistogram 2.1.11 for Java reads the golden one
// (HistogramLogProcessor -i testdata/intervals.hlog: 42 values, the largest 15 s; with -tag reaction 10, the largest 37 ms).
func TestIntervals(t *testing.T) {
	text := writtenIntervals(t, "run1", intervalRows())
	golden := filepath.Join("testdata", "intervals.hlog")
	if *updateIntervals {
		if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	head, lines := parseIntervals(t, text)
	wantHead, wantLines := parseIntervals(t, string(want))
	if strings.Join(head, "\n") != strings.Join(wantHead, "\n") {
		t.Errorf("the head is\n%s", strings.Join(head, "\n"))
	}
	if len(lines) != len(wantLines) {
		t.Fatalf("%d lines, want %d", len(lines), len(wantLines))
	}
	var all, help int64
	for i, l := range lines {
		w := wantLines[i]
		if l.tag != w.tag || l.start != w.start || l.length != w.length || l.most != w.most || !l.h.Equals(w.h) {
			t.Errorf("line %d: %+v, want %+v", i, l, w)
		}
		switch l.tag {
		case "":
			all += l.h.TotalCount()
		case "help":
			help += l.h.TotalCount()
		}
	}
	if first := lines[0]; first.tag != "" || first.start != 0 || first.length != 1 || first.h.TotalCount() != 21 || first.most < 50 || first.most > 50.05 {
		t.Errorf("the first second: %+v, %d values", first, first.h.TotalCount())
	}
	if last := lines[len(lines)-1]; last.tag != "help" || last.start != 15 || last.h.TotalCount() != 1 || last.most < 15000 || last.most > 15010 {
		t.Errorf("the last second: %+v", last)
	}
	if all != 42 || help != 32 {
		t.Errorf("%d values in all and %d of help", all, help)
	}
}

// A file whose rows are in no order is logged whole, in bounded memory; what a file says of itself begins no line.
func TestIntervalsOutOfOrder(t *testing.T) {
	var rows []replay.Result
	const requests = 600 // many times what is kept open
	for i := range requests {
		at := time.Duration(i*7919%requests) * 100 * ms
		rows = append(rows, replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at, Done: at + ms, Status: 200})
	}
	head, lines := parseIntervals(t, writtenIntervals(t, "a\n1,1,1,x", rows))
	n := int64(0)
	for _, l := range lines {
		if l.tag == "" {
			n += l.h.TotalCount()
		}
	}
	if n != requests || len(head) != 5 {
		t.Errorf("%d values, head %q", n, head)
	}
}

package main

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sampledEvery makes samples of n seconds whose memory is as told.
func sampledEvery(n int, rss func(i int) int64) []sample {
	all := make([]sample, n)
	for i := range all {
		all[i] = sample{at: time.Duration(i) * time.Second, wall: int64(i) * 1e9, tool: process{rss: rss(i)}}
	}
	return all
}

func TestGrowth(t *testing.T) {
	const kilo = 1 << 10
	for name, tc := range map[string]struct {
		rss  func(i int) int64
		flat bool
	}{
		"flat":                      {func(int) int64 { return 40 << 20 }, true},
		"a heap's sawtooth":         {func(i int) int64 { return 40<<20 + int64(i%60)*100*kilo }, true},
		"grows at the start":        {func(i int) int64 { return 20<<20 + min(int64(i), 600)*40*kilo }, true},
		"100 bytes a request":       {func(i int) int64 { return 40<<20 + int64(i)*45*100 }, false},
		"a leak late in the run":    {func(i int) int64 { return 40<<20 + max(0, int64(i)-2700)*40*kilo }, false},
		"a tenth of a large amount": {func(i int) int64 { return 400<<20 + int64(i)*5*kilo }, true},
	} {
		all := sampledEvery(3600, tc.rss)
		if err := flat(all, func(s sample) int64 { return s.tool.rss }, growthBytes); (err == nil) != tc.flat {
			t.Errorf("%s: %v, and it grew by %s", name, err, mebibytes(growth(all, func(s sample) int64 { return s.tool.rss })))
		}
	}
}

func TestHourJoinsRequestsWithArrivals(t *testing.T) {
	sent := func(ns int64) *int64 { return &ns }
	rows := []sentRow{
		{Seq: 1, Intended: 5e8, Sent: sent(6e8), Done: 7e8},
		{Seq: 2, Intended: 15e8, Sent: sent(15e8), Done: 35e8},
		{Seq: 2, Copy: 1, Intended: 16e8, Sent: sent(17e8), Done: 18e8},
		{Seq: 3, Intended: 2e9},
	}
	began := time.Unix(100, 0)
	at := func(ns int64) int64 { return began.UnixNano() + ns }
	f := &hourFigures{samples: sampledEvery(5, func(int) int64 { return 1 })}
	for i := range f.samples {
		f.samples[i].wall = at(int64(i) * 1e9)
	}
	f.join(began, rows, []arrival{{at(65e7), 1, 0}, {at(155e7), 2, 0}, {at(156e7), 2, 0}, {at(2e9), 9, 0}})
	if f.sent != 3 || f.missing != 1 || f.twice != 1 || f.unknown != 1 {
		t.Errorf("%d sent, %d missing, %d twice, %d unknown; want 3, 1, 1, 1", f.sent, f.missing, f.twice, f.unknown)
	}
	if s := f.seconds; s[1].sent != 1 || s[1].lag[0] != 1e8 || s[1].late[0] != 15e7 || s[2].sent != 2 || s[2].inFlight != 1 || s[3].inFlight != 1 || s[4].inFlight != 0 {
		t.Errorf("%+v", s)
	}
	if f.arrivedOnce() == nil {
		t.Error("what arrived twice, and what did not, is no error")
	}
	f.join(began, rows, []arrival{{at(65e7), 1, 0}, {at(155e7), 2, 0}, {at(2e9), 2, 1}})
	if f.run.messages = 4; f.arrivedOnce() == nil {
		t.Error("one is missing of the hour's, and that is no error")
	}
}

func TestClocksMayMoveTogether(t *testing.T) {
	f := &hourFigures{samples: sampledEvery(100, func(int) int64 { return 1 }), seconds: make([]second, 100)}
	for i := range f.samples {
		f.samples[i].drift = time.Duration(i) * 100 * time.Microsecond
		f.seconds[i] = second{arrived: 1, late: []int64{int64(f.samples[i].drift) + 30_000}}
	}
	if err := f.clocks(); err != nil {
		t.Error(err)
	}
	for i := range f.samples {
		f.samples[i].drift = 0
	}
	if f.clocks() == nil {
		t.Error("arrivals came 9 ms later, the wall clock did not move, and that is no error")
	}
}

func TestCPUOfStat(t *testing.T) {
	d, err := cpuOfStat([]byte("42 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 7 5 0 0 20 0 1 0 1 1 1"))
	if err != nil || d != 120*time.Millisecond {
		t.Errorf("%v, %v; want 120ms", d, err)
	}
	if _, err := cpuOfStat([]byte("42 (a) S 1")); err == nil {
		t.Error("a short line is no error")
	}
}

// TestHourShort plays the hour in some seconds. What a busy machine may spoil (lag, the verdict) is not looked at.
func TestHourShort(t *testing.T) {
	self, folder := filepath.Join(t.TempDir(), "bench"), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", self, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "hour", "-short", "-seconds", "8", "-dir", folder)
	said, _ := cmd.Output() // it ends with 1 where the run was not faithful
	for _, run := range []string{"2x", "true time, volume 2"} {
		for _, name := range []string{"the run ended by itself", "every request arrived once", "the ledger is balanced, as a whole and by kind"} {
			if line := run + ": " + name + ": holds\n"; !strings.Contains(string(said), line) {
				t.Errorf("it does not say %q:\n%s", line, said)
			}
		}
	}
	for file, seconds := range map[string]int{"2x.csv": 4, "true.csv": 8} {
		f, err := os.Open(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil || len(rows) <= seconds || !slices.Equal(rows[0], hourColumns()) {
			t.Errorf("%s: %d lines, %v", file, len(rows), err)
		}
	}
}

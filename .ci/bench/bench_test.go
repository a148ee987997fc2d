package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLatenessIsAlignedOnTheEarliest(t *testing.T) {
	at, intended := make([]int64, 2000), make([]int64, 2000)
	for i := range at {
		intended[i] = int64(i) * 1000
		at[i] = 5_000_000 + intended[i] + int64(i%10)
	}
	late := lateness(at, intended)
	if late[0] != 0 || quantile(late, 0.5) != 5 || quantile(late, 1) != 9 {
		t.Errorf("least %v, median %v, most %v; want 0, 5ns, 9ns", late[0], quantile(late, 0.5), quantile(late, 1))
	}
}

func TestByOrderPutsArrivalsInOrder(t *testing.T) {
	at, intended := byOrder([]arrival{{at: 30}, {at: 10}, {at: 20}}, 1000)
	if !slices.Equal(at, []int64{10, 20, 30}) || !slices.Equal(intended, []int64{0, 1e6, 2e6}) {
		t.Errorf("byOrder = %v, %v", at, intended)
	}
}

func TestParseRequest(t *testing.T) {
	const whole = "POST / HTTP/1.1\r\nHost: a\r\nreprise-record: 17.3\r\nContent-Length: 4\r\n\r\nbody"
	for _, tc := range []struct {
		name, text string
		size       int
		seq, copy  int64
	}{
		{"whole", whole, len(whole), 17, 3},
		{"two", whole + whole, len(whole), 17, 3},
		{"without its end", whole[:len(whole)-1], 0, 17, 3},
		{"head cut", whole[:20], 0, -1, 0},
		{"no record", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, -1, 0},
		{"chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", -1, -1, 0},
		{"length below zero", "POST / HTTP/1.1\r\nContent-Length: -4\r\n\r\n", -1, -1, 0},
	} {
		size, a := parseRequest([]byte(tc.text))
		if size != tc.size || size > 0 && (a.seq != tc.seq || a.copy != tc.copy) {
			t.Errorf("%s: size %d, record %d.%d, want %d, %d.%d", tc.name, size, a.seq, a.copy, tc.size, tc.seq, tc.copy)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nb"))
	f.Add([]byte("\r\n\r\n:"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if size, _ := parseRequest(b); size > len(b) || size < -1 {
			t.Errorf("size %d of %d bytes", size, len(b))
		}
	})
}

func TestLengthsAreAsStated(t *testing.T) {
	if len(answer) != 38 || len(fixedForm()) != 350 {
		t.Errorf("an answer of %d bytes and a form of %d, want 38 and 350", len(answer), len(fixedForm()))
	}
}

func TestBlame(t *testing.T) {
	tool, target, slow := fault{whose: "tool", target: "well"}, fault{whose: "target", target: "stalls"}, fault{whose: "tool", target: "slow"}
	for _, tc := range []struct {
		name   string
		fault  fault
		owners []string
		right  bool
	}{
		{"named", tool, []string{"tool"}, true},
		{"charged to the target too", tool, []string{"tool", "target"}, false},
		{"nobody", target, nil, false},
		{"the other", target, []string{"tool"}, false},
		{"both", target, []string{"tool", "target"}, true},
		{"a target that is slow besides", slow, []string{"tool", "target"}, true},
	} {
		if right := tc.fault.blamed(tc.owners); right != tc.right {
			t.Errorf("%s: %v", tc.name, right)
		}
	}
}

func TestLedgerMustBalancePerKind(t *testing.T) {
	for text, want := range map[string]bool{
		`{"ledger":{"recorded":3,"ok":3,"kinds":{"help":{"recorded":1,"ok":1},"info":{"recorded":2,"ok":2}}}}`:                   true,
		`{"ledger":{"recorded":3,"ok":3,"kinds":{"help":{"recorded":1,"ok":2},"info":{"recorded":2,"ok":1}}}}`:                   false,
		`{"ledger":{"recorded":3,"ok":2,"kinds":{"help":{"recorded":3,"ok":2}}}}`:                                                false,
		`{"ledger":{"recorded":3,"ok":3,"kinds":{"help":{"recorded":2,"ok":2}}}}`:                                                false,
		`{"ledger":{"recorded":2,"failed":1,"unsent":1,"kinds":{"help":{"recorded":2,"failed":1,"unsent":1}}}}`:                  true,
		`{"ledger":{"recorded":1,"added":1,"shed":1,"filtered":1,"kinds":{"x":{"recorded":1,"added":1,"shed":1,"filtered":1}}}}`: true,
	} {
		s, err := parseSummary(text)
		if err != nil || s.balanced() != want {
			t.Errorf("%s: %v, %v", text, s.balanced(), err)
		}
	}
}

// TestStampedTarget goes the whole way over a socket: a record's number and a stamp that lies in the test.
func TestStampedTarget(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	in, hold, err := os.Pipe() // it serves until its stdin ends
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	os.Stdin = in
	defer func() { os.Stdin = stdin }()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- targetRole(ctx, []string{"-log", log}, w) }()
	line := make([]byte, 64)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().UnixNano()
	q, err := http.NewRequest(http.MethodPost, "http://"+strings.TrimSpace(string(line[:n])), strings.NewReader("a=b"))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Reprise-Record", "41.2")
	q.Close = true
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	after := time.Now().UnixNano()
	cancel()
	_ = hold.Close()
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	all, err := readArrivals(log)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d arrivals, %v", len(all), err)
	}
	if a := all[0]; a.seq != 41 || a.copy != 2 || a.at < before || a.at > after {
		t.Errorf("arrival %+v, want 41.2 between %d and %d", a, before, after)
	}
}

func TestPairs(t *testing.T) {
	of := func(us ...float64) (all []late) {
		for _, u := range us {
			all = append(all, late{perRequest: u})
		}
		return all
	}
	for _, tc := range []struct {
		name      string
		own, peer []late
		want      string
	}{
		{"the same minutes are beside one another", of(10, 30, 60), of(10, 20, 30), "1.50 (1.00 to 2.00)"},
		{"one is missing", of(10, 30, 60), of(10, 20), "1.50"},
		{"no peer", of(10), nil, "–"},
		{"nothing", nil, nil, "–"},
	} {
		if got := pairs(tc.own, tc.peer); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

package compare

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay"
)

func TestPack(t *testing.T) {
	for _, tc := range []struct {
		name    string
		res     replay.Result
		kind    capture.Kind
		outcome Outcome
		latency time.Duration
		err     error
	}{
		{"answered", replay.Result{Seq: 7, Copy: 3, Kind: capture.Status, Intended: 5, Done: 12, Status: 204}, capture.Status, Class2xx, 7, nil},
		{"moved", replay.Result{Status: 302}, capture.Other, Class3xx, 0, nil},
		{"refused", replay.Result{Status: 404, Done: time.Hour}, capture.Other, Class4xx, time.Hour, nil},
		{"odd status", replay.Result{Status: 999}, capture.Other, ClassOther, 0, nil},
		{"no status, no reason", replay.Result{}, capture.Other, Lost, 0, nil},
		{"timeout", replay.Result{Error: replay.ReasonTimeout, Status: 200}, capture.Other, outcomeOf(&replay.Result{Error: replay.ReasonTimeout}), 0, nil},
		{"shed", replay.Result{Error: replay.ReasonShed}, capture.Other, outcomeOf(&replay.Result{Error: replay.ReasonShed}), 0, nil},
		{"a reason of a later version", replay.Result{Error: "gremlins"}, capture.Other, Lost, 0, nil},
		{"a kind of a later version", replay.Result{Kind: 200, Status: 200}, capture.Other, Class2xx, 0, nil},
		{"answered before it was meant to be sent", replay.Result{Intended: 9, Done: 5, Status: 200}, capture.Other, Class2xx, 0, nil},
		{"19 hours", replay.Result{Done: 1 << 50, Status: 200}, capture.Other, Class2xx, longestLatency, nil},
		{"a record beyond 2^40", replay.Result{Seq: 1 << 40}, 0, 0, 0, ErrTooLarge},
		{"a record below 0", replay.Result{Seq: -1}, 0, 0, 0, ErrTooLarge},
		{"a copy beyond 2^24", replay.Result{Copy: 1 << 24}, 0, 0, 0, ErrTooLarge},
	} {
		r, err := pack(&tc.res)
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: error %v, want %v", tc.name, err, tc.err)
			continue
		}
		if err != nil {
			continue
		}
		if r.kind != tc.kind || r.outcome != tc.outcome || r.latency() != int64(tc.latency) {
			t.Errorf("%s: kind %d, outcome %s, latency %d", tc.name, r.kind, r.outcome, r.latency())
		}
		if want, _ := wire.Key(tc.res.Seq, tc.res.Copy); r.key != want {
			t.Errorf("%s: key %x", tc.name, r.key)
		}
	}
}

func TestPile(t *testing.T) {
	for _, tc := range []struct{ likely, n int }{{0, 0}, {0, 1}, {10, 10}, {10, 11}, {5, chunkRows}, {0, 3*chunkRows + 1}} {
		p := pile{rows: make([]row, 0, tc.likely)}
		for i := range tc.n {
			p.add(row{key: uint64(i)})
		}
		rows := p.all()
		for i, r := range rows {
			if r.key != uint64(i) {
				t.Fatalf("likely %d, %d rows: row %d is %d", tc.likely, tc.n, i, r.key)
			}
		}
		if len(rows) != tc.n {
			t.Errorf("likely %d: %d rows of %d", tc.likely, len(rows), tc.n)
		}
	}
}

// TestJoin pairs by record and copy, takes one of rows with one key, and counts what is in one run alone.
func TestJoin(t *testing.T) {
	res := func(seq int64, copied, status int, reason replay.Reason) replay.Result {
		return replay.Result{Seq: seq, Copy: copied, Kind: capture.Help, Status: status, Error: reason, Done: 1000}
	}
	base := &fake{rows: []replay.Result{res(1, 1, 200, ""), res(0, 0, 200, ""), res(1, 0, 503, ""), res(2, 0, 200, ""), res(3, 0, 0, replay.ReasonUnsent)}}
	candidate := &fake{rows: []replay.Result{
		res(1, 0, 200, ""), res(0, 0, 200, ""), res(0, 0, 200, ""), res(1, 1, 0, replay.ReasonTimeout), res(9, 0, 200, ""), res(3, 0, 200, ""),
	}}
	c := runs(t, base, candidate)
	if want := (Join{Base: 4, Candidate: 5, Pairs: 3, Share: 0.5, Changed: 3, StatusChanged: 2}); c.Join != want {
		t.Errorf("joined %+v, want %+v", c.Join, want)
	}
	want := []Cell{{"2xx", "2xx", 1}, {"2xx", "timeout", 1}, {"5xx", "2xx", 1}, {"unsent", "2xx", 1}}
	got := c.All.Status.Cells()
	if len(got) != len(want) {
		t.Fatalf("cells %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("cell %v, want %v", got[i], want[i])
		}
	}
	if len(c.Kinds) != 1 || c.Kinds[0].Status != c.All.Status {
		t.Errorf("kinds %v", c.Kinds)
	}
}

// FuzzRuns compares any two runs: no panic, no figure that is none, intervals that hold what was seen.
func FuzzRuns(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte("0123456789abcdef"), []byte("0123456789abcdef0123456789abcdef"))
	f.Add(bytes.Repeat([]byte{1, 0, 0, 3, 200, 9, 1, 4}, 300), bytes.Repeat([]byte{2, 1, 0, 3, 200, 90, 1, 4}, 300))
	reasons := []replay.Reason{"", "", "", replay.ReasonTimeout, replay.ReasonUnsent, replay.ReasonShed, replay.ReasonConnect, "?"}
	read := func(b []byte) *fake {
		f := &fake{}
		for i := 0; len(b) >= 8 && i < 250; i++ {
			v := binary.LittleEndian.Uint64(b)
			b = b[8:]
			at := time.Duration(v>>8&0xffff) << (v >> 60)
			f.rows = append(f.rows, replay.Result{
				Seq: int64(i) + int64(v&3), Copy: int(v >> 2 & 1), Kind: capture.Kind(v>>3&1) * 9, Intended: at,
				Done: at + time.Duration(v>>24&0xffffff)<<(v>>56&31), Status: int(v >> 48 & 1023), Error: reasons[v>>58&7],
			})
		}
		return f
	}
	f.Fuzz(func(t *testing.T, x, y []byte) {
		c, err := Runs(context.Background(), read(x), read(y), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		for _, k := range append([]Kind{c.All}, c.Kinds...) {
			for _, l := range k.Latency {
				if i := l.Change95; i != nil && (i.Low > l.Change || i.High < l.Change || math.IsNaN(i.Low) || math.IsNaN(i.High)) {
					t.Errorf("%s %s: %v is outside %v", k.Name, l.Metric, l.Change, *i)
				}
			}
			if i := k.Errors.Difference95; i != nil && (i.Low > k.Errors.Difference || i.High < k.Errors.Difference) {
				t.Errorf("%s errors: %v is outside %v", k.Name, k.Errors.Difference, *i)
			}
		}
	})
}

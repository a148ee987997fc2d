package results

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"reprise/capture/frame"
	"reprise/capture/wire"
	"reprise/replay"
)

// hurtBlock turns a bit in the middle of the nth block of a type, or in its name where that is given.
func hurtBlock(t *testing.T, file []byte, kind byte, nth int, inName string) []byte {
	t.Helper()
	b := bytes.Clone(file)
	for at := preambleSize; at < len(b); at = blockEnd(b, at) {
		if b[at+12] != kind {
			continue
		}
		if nth--; nth >= 0 {
			continue
		}
		stored := b[at+layout2().Len() : blockEnd(b, at)]
		place := len(stored) / 2
		if inName != "" {
			if place = bytes.Index(stored, frame.AppendName(nil, inName)); place < 0 {
				t.Fatalf("no name %s in %q", inName, stored[:min(len(stored), 64)])
			}
		}
		stored[place+1] ^= 0x10
		return b
	}
	t.Fatalf("no block %c", kind)
	return nil
}

// wholeFile is a run of three blocks of rows, with the completions of a hundred requests and a step of a search where that is asked for.
func wholeFile(t *testing.T, completions, step, ended bool) []byte {
	t.Helper()
	rows := traffic(3*rowsPerBlock, 5)
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{Settings: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	if completions {
		s := &Stored{outcomes: []string{"ok"}, failed: []bool{false}}
		for i := range 100 {
			key, _ := wire.Key(int64(i), 0)
			s.entries = append(s.entries, storedEntry{key, time.Duration(i) * time.Millisecond, 0})
		}
		if err := w.completions(s); err != nil {
			t.Fatal(err)
		}
	}
	if step {
		if err := w.PlayStep(PlayedStep{Number: 1, Text: "1s at 1x", TimeScale: [2]float64{1, 1}, Volume: [2]float64{1, 1}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	d := replay.Disturbances{Stops: []replay.Stop{{At: time.Second, For: time.Second}}}
	if err := w.Disturbed(&d); err != nil {
		t.Fatal(err)
	}
	if ended {
		if err := w.Close(replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows)}); err != nil {
			t.Fatal(err)
		}
	} else {
		w.flush()
	}
	return b.Bytes()
}

// TestMissing holds that a summary of a damaged file says how many results it lacks, and that what is damaged beside the results costs none.
func TestMissing(t *testing.T) {
	part := Missing{Results: rowsPerBlock, Of: 3 * rowsPerBlock}
	done := Missing{Of: 3 * rowsPerBlock, Completions: true}
	for name, tc := range map[string]struct {
		completions, step, died bool
		kind                    byte
		nth                     int
		inName                  string
		want                    *Missing
	}{
		"nothing":                         {completions: true},
		"rows":                            {kind: blockRows, nth: 1, want: &part},
		"rows before all others":          {kind: blockRows, want: &part},
		"rows of a run that died":         {died: true, kind: blockRows, nth: 1, want: &Missing{Unknown: true}},
		"completions":                     {completions: true, kind: frame.Extension, want: &done},
		"completions of one that died":    {completions: true, died: true, kind: frame.Extension, want: &Missing{Completions: true}},
		"completions, and their name":     {completions: true, kind: frame.Extension, inName: storedCompletions, want: &done},
		"a step of a search":              {step: true, kind: frame.Extension},
		"a step of a search that died":    {step: true, died: true, kind: frame.Extension},
		"disturbances":                    {kind: frame.Extension},
		"disturbances of a run that died": {died: true, kind: frame.Extension},
		"a copy of the header":            {kind: blockHeader, nth: 1},
		"a copy of the header that died":  {kind: blockHeader, nth: 1, died: true},
		"the end":                         {kind: blockFooter},
	} {
		b := wholeFile(t, tc.completions, tc.step, !tc.died)
		if tc.kind != 0 {
			b = hurtBlock(t, b, tc.kind, tc.nth, tc.inName)
		}
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		run, err := Summarize(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprintf("%+v", run.Summary.Missing), fmt.Sprintf("%+v", tc.want); got != want {
			t.Errorf("%s: %s, want %s; damage %v", name, got, want, run.Damage)
		}
	}
}

// A head that is damaged says nothing of what its block was: the rows that are there do.
func TestMissingWithoutAHead(t *testing.T) {
	for _, died := range []bool{false, true} {
		for begin, want := range map[int]*Missing{0: {Of: 3 * rowsPerBlock, Completions: true}, 1: {Results: rowsPerBlock, Of: 3 * rowsPerBlock}} {
			b := wholeFile(t, begin == 0, false, !died)
			at := rowsBegin(b)
			binary.LittleEndian.PutUint32(b[at+20:], 7)
			if died {
				want = &Missing{Unknown: true}
			}
			r, err := NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			run, err := Summarize(context.Background(), r)
			if got := fmt.Sprintf("%+v", run.Summary.Missing); err != nil || got != fmt.Sprintf("%+v", want) {
				t.Errorf("died %v, %d: %s, %v", died, begin, got, err)
			}
		}
	}
}

// TestSure holds that a condition is judged on a part of the results where the rest cannot turn it.
func TestSure(t *testing.T) {
	ms := time.Millisecond
	s := &Summary{
		Timing: Timing{Latency: Quantiles{P50: 10 * ms, P90: 20 * ms, P95: 30 * ms, P99: 40 * ms, P999: 50 * ms, Max: 60 * ms}},
		Status: map[string]int64{"200": 9890, "500": 100}, Moved: 0.01,
	}
	s.Ledger.OK, s.Ledger.Failed = 9900, 100
	for _, tc := range []struct {
		condition string
		missing   *Missing
		want      bool
	}{
		{"p99<45ms", nil, true},
		{"p99<45ms", &Missing{Completions: true, Of: 10000}, true},
		{"p99<45ms", &Missing{Unknown: true}, false},
		{"p99<45ms", &Missing{Results: 10, Of: 10000}, false}, // ten more above, and the 99.1st of a hundred is not known
		{"p99<55ms", &Missing{Results: 10, Of: 10000}, true},
		{"p95<35ms", &Missing{Results: 10, Of: 10000}, false},
		{"p95<45ms", &Missing{Results: 10, Of: 10000}, true},
		{"max<1h", &Missing{Results: 10, Of: 10000}, false},
		{"p50>1ms", &Missing{Results: 10, Of: 10000}, false},
		{"p90>1ms", &Missing{Results: 10, Of: 10000}, true},
		{"errors<2%", &Missing{Results: 10, Of: 10000}, true},
		{"errors<2%", &Missing{Unknown: true}, false},
		{"status.5xx<2%", &Missing{Results: 10, Of: 10000}, true},
		{"status.5xx<1.05%", &Missing{Results: 10, Of: 10000}, false},
		{"status.5xx<105", &Missing{Results: 10, Of: 10000}, false},
		{"status.5xx>99", &Missing{Results: 10, Of: 10000}, true},
		{"moved<2%", &Missing{Results: 10, Of: 10000}, true},
		{"moved<1.05%", &Missing{Results: 10, Of: 10000}, false},
		{"faithful", &Missing{Results: 10, Of: 10000}, false},
		{"completion.p99<1h", &Missing{Completions: true, Of: 10000}, false},
	} {
		list, err := ParseExpect(tc.condition)
		if err != nil {
			t.Fatal(err)
		}
		s.Missing = tc.missing
		if got := list[0].Sure(s); got != tc.want {
			t.Errorf("%s with %+v: %v", tc.condition, tc.missing, got)
		}
	}
}

// What a repair cannot count, of a run without an end, is told as lost by the file that it writes, and by one made of that.
func TestRepairSaysWhatMayBeLost(t *testing.T) {
	whole, _, _ := runFile(t, 2000, false)
	hurt := bytes.Clone(whole)
	hurt[len(hurt)/2] ^= 4
	for _, tc := range []struct {
		name string
		file []byte
		want *Missing
	}{{"whole but for its end", whole, nil}, {"damaged", hurt, &Missing{Unknown: true}}, {"cut within a block", whole[:len(whole)-9], &Missing{Unknown: true}}} {
		file := tc.file
		for round := range 2 {
			path := filepath.Join(t.TempDir(), "repaired.rpr")
			s, err := RepairFile(t.Context(), bytes.NewReader(file), path, RepairOptions{})
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			if s.Unknown != (tc.want != nil) {
				t.Errorf("%s, repaired %d times: unknown %t", tc.name, round+1, s.Unknown)
			}
			if file, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
			r, err := NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			run, err := Summarize(t.Context(), r)
			r.Close()
			if err != nil {
				t.Fatal(err)
			}
			if got := run.Summary.Missing; !reflect.DeepEqual(got, tc.want) || len(run.Damage) > 0 || len(run.Extensions) > 0 {
				t.Errorf("%s, repaired %d times: missing %+v, want %+v; damage %v, passed over %v", tc.name, round+1, got, tc.want, run.Damage, run.Extensions)
			}
		}
	}
}

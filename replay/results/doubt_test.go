package results

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"reprise/replay"
)

// A ledger that its rows contradict is doubted; one that counts what was never sent is not.
func TestDoubt(t *testing.T) {
	row := replay.Result{Status: 200}
	for what, tc := range map[string]struct {
		rows   int
		ledger replay.Tally
		doubt  string
	}{
		"as many rows as it counts": {3, replay.Tally{Recorded: 3, OK: 3}, ""},
		"unsent without rows":       {3, replay.Tally{Recorded: 5, OK: 3, Unsent: 2}, ""},
		"rows that are missing":     {2, replay.Tally{Recorded: 3, OK: 3}, "the ledger counts 3 ok, 0 failed and 0 shed, and the rows are 2, 0 and 0"},
		"rows too many":             {3, replay.Tally{Recorded: 2, OK: 2}, "the ledger counts 2 ok"},
		"another outcome":           {3, replay.Tally{Recorded: 3, OK: 2, Failed: 1}, "1 failed"},
	} {
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range tc.rows {
			row.Seq = int64(i)
			if err := w.Record(&row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(replay.Outcome{Ledger: replay.Ledger{Tally: tc.ledger}}); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var res replay.Result
		for err = r.Next(&res); err == nil; err = r.Next(&res) {
			n++
		}
		if n != tc.rows || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d rows, %v", what, n, err)
		}
		_ = r.Next(&res) // asked again, it says it once
		switch d := r.Damage(); {
		case tc.doubt == "" && len(d) > 0:
			t.Errorf("%s: doubted: %v", what, d)
		case tc.doubt != "" && (len(d) != 1 || !strings.Contains(string(d[0].Reason), tc.doubt)):
			t.Errorf("%s: %v, want %q", what, d, tc.doubt)
		}
	}
}

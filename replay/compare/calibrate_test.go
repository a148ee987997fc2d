package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// hurt is a run of which a part cannot be read.
type hurt struct{ *fake }

func (hurt) Damage() []results.Damage { return []results.Damage{{}} }

// TestCalibrateKeepsTheGoodRuns holds why each run is left out, and that a baseline is made of the others.
func TestCalibrateKeepsTheGoodRuns(t *testing.T) {
	w := loud(0)
	w.requests = 500
	seed := uint64(0)
	good := func() *fake { seed++; return w.play(1, seed) }
	with := func(change func(*fake)) Source { f := good(); change(f); return f }
	twice := func(f *fake) { f.header.Run = "twice" }
	for _, tc := range []struct {
		name string
		runs []Source
		out  []string // what each that is left out is
	}{
		{"good runs", []Source{good(), good(), good()}, nil},
		{"another plan, given first", []Source{with(func(f *fake) { f.header.PlanHash = "q" }), good(), good(), good()}, []string{"plan"}},
		{"another corpus", []Source{good(), good(), with(func(f *fake) { f.header.Corpus = "d" }), good()}, []string{"corpus"}},
		{"one twice", []Source{with(twice), with(twice), good(), good()}, []string{"repeated"}},
		{"no requests", []Source{with(func(f *fake) { f.rows = nil }), good(), good(), good()}, []string{"empty"}},
		{"a damaged file", []Source{good(), good(), good(), hurt{good()}}, []string{"damaged"}},
		{"interrupted", []Source{good(), good(), good(), with(func(f *fake) {
			var book replay.Book
			for i := range f.rows {
				book.Of(f.rows[i].Kind).Recorded++
				book.Of(f.rows[i].Kind).Count(&f.rows[i])
			}
			f.end = &results.Footer{Outcome: replay.Outcome{State: replay.Interrupted, Ledger: book.Ledger()}}
		})}, []string{"cut_short"}},
		{"behind", []Source{good(), with(func(f *fake) {
			for i := range f.rows {
				f.rows[i].Sent += time.Second
				f.rows[i].Done += time.Second
			}
		}), good(), good()}, []string{"unfaithful"}},
		{"too few", []Source{good(), with(twice), with(twice), with(twice)}, []string{"repeated", "repeated"}},
	} {
		p, err := Calibrate(context.Background(), tc.runs, Options{Names: []string{"first.rpr"}}, time.Now())
		few, isFew := errors.AsType[*TooFewError](err)
		kept := len(tc.runs) - len(tc.out)
		if isFew != (kept < MinProfile) || err != nil && !isFew || len(p.Runs) != kept || len(p.LeftOut) != len(tc.out) {
			t.Errorf("%s: %v: %d kept, left out %+v", tc.name, err, len(p.Runs), p.LeftOut)
			continue
		}
		for i, l := range p.LeftOut {
			if l.What != tc.out[i] || !strings.HasPrefix(l.Text, "run ") && !strings.HasPrefix(l.Text, "first.rpr ") {
				t.Errorf("%s: %+v", tc.name, l)
			}
		}
		c, err := p.Judge(context.Background(), good(), Options{}, time.Now())
		if err != nil || (c.Verdict == Invalid) != isFew || len(c.LeftOut) != len(tc.out) {
			t.Errorf("%s: judged %s, %v", tc.name, c.Verdict, err)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if isFew {
			if !strings.Contains(few.Error(), "of the 4 given 2 can be used: 1 more is needed. Left out: run 3 is a run") || c.Invalid[0].Text != few.Error() {
				t.Errorf("%s: %v", tc.name, few)
			}
			continue
		}
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		if back, err := ReadProfile(&b); err != nil || len(back.LeftOut) != len(tc.out) {
			t.Errorf("%s: read again: %v", tc.name, err)
		}
	}
}

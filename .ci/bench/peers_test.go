package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestSpreadOfPairs(t *testing.T) {
	of := func(f float64) float64 { return f }
	for _, tc := range []struct {
		name      string
		own, peer []float64
		want      string
	}{
		{"each pair by itself", []float64{10, 30, 60}, []float64{10, 20, 30}, "1.50 (1.00 to 2.00)"},
		{"an even number", []float64{10, 40}, []float64{10, 20}, "1.50 (1.00 to 2.00)"},
		{"one that is missing takes its pair along", []float64{0, 30, 60}, []float64{10, 20, 0}, "1.50"},
		{"no peer", []float64{10}, nil, "–"},
	} {
		if got := spreadOf(tc.own, tc.peer, of).String(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestPeersAsJSON(t *testing.T) {
	wrk := client{name: "wrk", note: "one request"}
	own := client{name: "reprise", note: "distinct requests"}
	costs := [][]cost{{{1000, 5, 1}, {1000, 10, 1}}, {{900, 6, 1}, {800, 11, 1}}}
	for _, tc := range []struct {
		name    string
		clients []client
		costs   [][]cost
		want    string
		fails   string
	}{
		{
			name: "a pair", clients: []client{wrk, own}, costs: costs,
			want: `[{"client":"wrk","cpu_over_wrk":1,"cpu_us":10,"rate":1000,"rate_over_wrk":1},{"client":"reprise","cpu_over_wrk":1.15,"cpu_us":11,"rate":900,"rate_over_wrk":0.85}]`,
		},
		{
			name: "without wrk", clients: []client{{name: "wrk", note: "skipped: wrk is not installed"}, own}, costs: [][]cost{make([]cost, 2), costs[1]},
			want: `[{"client":"reprise","cpu_over_wrk":null,"cpu_us":11,"rate":900,"rate_over_wrk":null}]`,
		},
		{name: "reprise failed", clients: []client{wrk, {name: "reprise", note: "it ended badly: no"}}, costs: [][]cost{costs[0], make([]cost, 2)}, fails: "reprise: it ended badly: no"},
	} {
		var out bytes.Buffer
		b := &bench{out: &out, progress: io.Discard}
		err := b.printPeersJSON(peersOf(tc.clients, tc.costs))
		if tc.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tc.fails) {
				t.Errorf("%s: error %v, want %q", tc.name, err, tc.fails)
			}
			continue
		}
		var all []map[string]any
		if err := json.Unmarshal(out.Bytes(), &all); err != nil {
			t.Fatalf("%s: %v in %s", tc.name, err, out.Bytes())
		}
		for _, o := range all {
			for _, more := range []string{"cpu_over_wrk_least", "cpu_over_wrk_most", "rate_over_wrk_least", "rate_over_wrk_most", "pairs", "sends"} {
				if _, ok := o[more]; !ok {
					t.Errorf("%s: no %s", tc.name, more)
				}
				delete(o, more)
			}
		}
		if got, _ := json.Marshal(all); string(got) != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestJSONIsRefusedWhereThereIsNone(t *testing.T) {
	if err := run(t.Context(), []string{"gate", "-json"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "gate has no -json") {
		t.Errorf("error %v", err)
	}
}

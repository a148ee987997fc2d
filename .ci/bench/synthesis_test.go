package main

import (
	"strings"
	"testing"
	"time"
)

func TestFitting(t *testing.T) {
	for _, tc := range []struct {
		name              string
		want, room, least int64
		records           int64 // 0: an error
	}{
		{"room for more", 1000, 1 << 40, 1000, 1000},
		{"room for fewer", 1 << 40, 1000 * synthesisRoom, 10, 1000},
		{"too little room", 1 << 40, 1000 * synthesisRoom, 1001, 0},
		{"no room at all", 1000, 0, 0, 0},
	} {
		got, err := fitting(tc.want, tc.room, tc.least)
		if got != tc.records || (err == nil) != (tc.records > 0) {
			t.Errorf("%s: %d, %v, want %d", tc.name, got, err, tc.records)
		}
	}
}

func TestCountedAll(t *testing.T) {
	for out, fits := range map[string]bool{
		`{"records":5,"senders":5}`:        true,
		`{"records":4,"senders":5}`:        false,
		`{"records":5,"senders":4}`:        false,
		`{"records":5,"senders":6}`:        false,
		`{"ledger":{"recorded":5,"ok":5}}`: true,
		`{"ledger":{"recorded":5,"ok":4}}`: false,
		`{`:                                false,
		"nothing of the kind":              true,
	} {
		if err := countedAll(work{}, out, 5); (err == nil) != fits {
			t.Errorf("%s: %v", out, err)
		}
	}
}

func TestSynthesisTable(t *testing.T) {
	grows := func(each int64) (all []sample) {
		for n := range int64(40) {
			all = append(all, sample{at: time.Duration(n) * time.Second, tool: process{rss: 100<<20 + n*each}})
		}
		return all
	}
	all := []*worked{
		{work: work{name: "flat"}, used: used{wall: 10 * time.Second, user: time.Second, peak: 110 << 20}, samples: grows(0), tenth: 109 << 20, size: 2000},
		{work: work{name: "short"}, used: used{wall: time.Second}, samples: grows(1 << 30)[:3]},
		{work: work{name: "grows while it works"}, used: used{wall: time.Second}, samples: grows(1 << 20)},
		{work: work{name: "has two passes", more: true}, used: used{wall: time.Second}, samples: grows(1 << 20)},
		{work: work{name: "audits", more: true}, used: used{wall: time.Second, peak: 154 << 20}, tenth: 100 << 20, samples: grows(0)},
		{work: work{name: "audits, and grows", more: true}, used: used{wall: time.Second, peak: 160 << 20}, tenth: 100 << 20, samples: grows(0)},
		{work: work{name: "grows with the corpus"}, used: used{wall: time.Second, peak: 120 << 20}, tenth: 100 << 20, samples: grows(0)},
	}
	for _, w := range all {
		w.judge(growthBytes, 10_000_000)
	}
	rows := synthesisTable(all, 1000).rows
	if got, want := strings.Join(rows[0], "|"), "flat|10s|100|1000.0|100.0 MiB|110.0 MiB|109.0 MiB|+0.0 MiB|yes|2.0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for i, want := range []string{"yes", "yes", "**no**", "yes", "yes", "**no**", "**no**"} {
		if rows[i][8] != want {
			t.Errorf("%s: %s, want %s", all[i].name, rows[i][8], want)
		}
	}
}

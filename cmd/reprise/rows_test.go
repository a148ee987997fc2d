package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// row is what scripts look at of a line of `reprise cat run.rpr`.
type row struct {
	Seq      int64 `json:"seq"`
	Intended int64 `json:"intended_ns"`
	Sent     int64 `json:"sent_ns"`
	Done     int64 `json:"done_ns"`
}

func rows(ts *testscript.TestScript, name string) (all []row) {
	for line := range strings.Lines(ts.ReadFile(name)) {
		var r row
		ts.Check(json.Unmarshal([]byte(line), &r))
		all = append(all, r)
	}
	if len(all) == 0 {
		ts.Fatalf("%s holds no row", name)
	}
	return all
}

// bySeq finds the row of a record.
func bySeq(ts *testscript.TestScript, all []row, seq string) row {
	want, err := strconv.ParseInt(seq, 10, 64)
	ts.Check(err)
	i := slices.IndexFunc(all, func(r row) bool { return r.Seq == want })
	if i < 0 {
		ts.Fatalf("no row of record %s", seq)
	}
	return all[i]
}

// ordered checks that each record was sent after the one before it was answered: ordered RUN SEQ SEQ...
func ordered(ts *testscript.TestScript, _ bool, args []string) {
	all := rows(ts, args[0])
	for i := 2; i < len(args); i++ {
		if a, b := bySeq(ts, all, args[i-1]), bySeq(ts, all, args[i]); b.Sent < a.Done {
			ts.Fatalf("record %s left %d ns before the answer to record %s", args[i], a.Done-b.Sent, args[i-1])
		}
	}
}

// overlap checks that two records were on their way together: overlap RUN SEQ SEQ.
func overlap(ts *testscript.TestScript, _ bool, args []string) {
	all := rows(ts, args[0])
	if a, b := bySeq(ts, all, args[1]), bySeq(ts, all, args[2]); b.Sent >= a.Done || a.Sent >= b.Done {
		ts.Fatalf("records %s and %s were not on their way together", args[1], args[2])
	}
}

// sameTimes checks that two runs planned the same moments: sametimes RUN RUN.
func sameTimes(ts *testscript.TestScript, _ bool, args []string) {
	moments := func(name string) (t []int64) {
		for _, r := range rows(ts, name) {
			t = append(t, r.Intended)
		}
		slices.Sort(t)
		return t
	}
	if !slices.Equal(moments(args[0]), moments(args[1])) {
		ts.Fatalf("the runs were meant for other moments")
	}
}

// sameKinds checks that two dry runs plan the same number of some kinds: samekinds A B KIND...
func sameKinds(ts *testscript.TestScript, _ bool, args []string) {
	kinds := func(name string) map[string]int64 {
		var plan struct {
			Kinds map[string]int64 `json:"kinds"`
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &plan))
		return plan.Kinds
	}
	a, b := kinds(args[0]), kinds(args[1])
	for _, k := range args[2:] {
		if a[k] != b[k] || a[k] == 0 {
			ts.Fatalf("%d and %d of kind %s", a[k], b[k], k)
		}
	}
}

// wholeSenders checks that whoever is in PART is there as often as in ALL, and that some are missing:
// wholesenders PART ALL PATTERN.
func wholeSenders(ts *testscript.TestScript, _ bool, args []string) {
	count := func(name string) map[string]int {
		n := make(map[string]int)
		for _, v := range matches(ts.ReadFile(name), args[2], "") {
			n[v]++
		}
		return n
	}
	part, all := count(args[0]), count(args[1])
	for _, who := range slices.Sorted(maps.Keys(part)) {
		if part[who] != all[who] {
			ts.Fatalf("a sender is there %d times of %d", part[who], all[who])
		}
	}
	if len(part) == 0 || len(part) >= len(all) {
		ts.Fatalf("%d of %d senders", len(part), len(all))
	}
}

package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// drained holds a run, as reprise cat prints it, to the one outage of a plan, by the moments for which requests were planned: none is
// in the outage, and the queue is sent evenly, in order or not: drained RUN.ndjson PLAN.json fifo|shuffled.
func drained(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: drained RUN.ndjson PLAN.json fifo|shuffled")
	}
	var plan struct {
		Requests int64
		First    time.Time
		Outages  []struct {
			Held     int64
			From, To time.Time
			Start    time.Duration `json:"start_ns"`
			Drain    time.Duration `json:"drain_ns"`
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &plan))
	type row struct {
		Seq, Copy int64
		Intended  time.Duration `json:"intended_ns"`
	}
	var all, queue []row
	o := plan.Outages[0]
	began := time.Duration(float64(o.Start) * float64(o.From.Sub(plan.First)) / float64(o.To.Sub(plan.First)))
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var r row
		ts.Check(json.Unmarshal([]byte(line), &r))
		all = append(all, r)
		if r.Intended >= began && r.Intended < o.Start {
			ts.Fatalf("%d.%d was planned at %v, in the outage from %v to %v", r.Seq, r.Copy, r.Intended, began, o.Start)
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return int(a.Intended - b.Intended) })
	for i := range o.Held {
		want := o.Start + time.Duration(float64(o.Drain)*float64(i)/float64(o.Held))
		found := slices.IndexFunc(all, func(r row) bool { return (r.Intended - want).Abs() <= 2 })
		if found < 0 {
			ts.Fatalf("nothing was planned at %v, for message %d of %d of the queue", want, i+1, o.Held)
		}
		queue = append(queue, all[found])
	}
	inOrder := slices.IsSortedFunc(queue, func(a, b row) int { return int(a.Seq - b.Seq) })
	if int64(len(all)) != plan.Requests || inOrder != (args[2] == "fifo") {
		ts.Fatalf("%d requests of %d; the queue is in order: %v", len(all), plan.Requests, inOrder)
	}
}

// listed holds that each number in a log is in the first column of a table of senders, and that there are so many different ones at least:
// listed LOG PATTERN SENDERS.csv LEAST. The pattern's group is the number without its plus.
func listed(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: [!] listed LOG PATTERN SENDERS.csv LEAST")
	}
	known := make(map[string]bool)
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		number, _, _ := strings.Cut(line, ",")
		known[strings.TrimPrefix(number, "+")] = true
	}
	least, err := strconv.Atoi(args[3])
	ts.Check(err)
	seen := make(map[string]bool)
	for _, m := range regexp.MustCompile(args[1]).FindAllStringSubmatch(ts.ReadFile(args[0]), -1) {
		if !known[m[1]] && neg {
			return
		}
		if !known[m[1]] {
			ts.Fatalf("somebody sends who is not listed, after %d who are", len(seen))
		}
		seen[m[1]] = true
	}
	if neg || len(seen) < least {
		ts.Fatalf("%d people send, want at least %d", len(seen), least)
	}
}

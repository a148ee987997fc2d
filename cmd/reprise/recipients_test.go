package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// sameMap checks that the same number of a corpus became the same one of a list in every log, written as the corpus' vendor
// writes it, and that every number of the list was in use: samemap CORPUS.ndjson NUMBERS LOG... Records are joined by
// Reprise-Record. The corpus is what cat printed.
func sameMap(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: samemap CORPUS.ndjson NUMBERS LOG...")
	}
	recorded := make(map[int64]string)
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var r struct {
			Seq     int64
			Kind    string
			Message struct{ From, To string }
		}
		ts.Check(json.Unmarshal([]byte(line), &r))
		recorded[r.Seq] = r.Message.To
		if r.Kind == "status" {
			recorded[r.Seq] = r.Message.From
		}
	}
	numbers := strings.Fields(ts.ReadFile(args[1]))
	became := make(map[string]string)
	same := true
	for _, log := range args[2:] {
		n := 0
		for line := range strings.Lines(ts.ReadFile(log)) {
			var r struct {
				Headers [][2]string
				Body    string
			}
			ts.Check(json.Unmarshal([]byte(line), &r))
			n++
			was := recorded[recordOf(ts, r.Headers)]
			is := numberIn(ts, r.Body, numbers, strings.HasPrefix(was, "+"))
			was = strings.TrimPrefix(was, "+")
			if before, ok := became[was]; ok && before != is {
				same = false
			}
			became[was] = is
		}
		if n == 0 {
			ts.Fatalf("%s is empty", log)
		}
	}
	used := make(map[string]bool)
	for _, to := range became {
		used[to] = true
	}
	if len(used) != len(became) || len(used) != len(numbers) {
		ts.Fatalf("%d numbers became %d of the %d listed", len(became), len(used), len(numbers))
	}
	if same == neg {
		ts.Fatalf("the maps are the same: %t", same)
	}
}

// recordOf is the record that a request was made of.
func recordOf(ts *testscript.TestScript, headers [][2]string) int64 {
	i := slices.IndexFunc(headers, func(h [2]string) bool { return h[0] == "Reprise-Record" })
	if i < 0 {
		ts.Fatalf("a request names no record")
	}
	seq, _, _ := strings.Cut(headers[i][1], ".")
	n, err := strconv.ParseInt(seq, 10, 64)
	ts.Check(err)
	return n
}

// numberIn is the one of the numbers that stands in a body, and checks how it is written: a telephone number with a plus where
// the recorded one had it, a short code without.
func numberIn(ts *testscript.TestScript, body string, numbers []string, plus bool) string {
	var found []string
	for _, n := range numbers {
		digits := strings.TrimPrefix(n, "+")
		at := regexp.MustCompile(`(\+|%2B)?\b(` + digits + `)\b`).FindStringSubmatch(strings.ReplaceAll(body, "%2B", "+"))
		if at == nil {
			continue
		}
		if long := digits != n; (at[1] != "") != (long && plus) {
			ts.Fatalf("a number of %d digits is written with %q before it", len(digits), at[1])
		}
		found = append(found, n)
	}
	if len(found) != 1 {
		ts.Fatalf("%d of the numbers are in a request", len(found))
	}
	return found[0]
}

package main

import (
	"strings"
	"testing"
)

func TestParseDecision(t *testing.T) {
	const text = `{"verdict":"regressed","kinds":[
		{"name":"help","latency":[{"verdict":"equivalent"},{"verdict":""}],"errors":{"verdict":"equivalent"}},
		{"name":"info","latency":[{"verdict":"equivalent"}],"errors":{"verdict":"regressed"}},
		{"name":"reaction","latency":[{"verdict":"inconclusive"},{"verdict":"regressed"}],"errors":{"verdict":"equivalent"}}]}`
	d, err := parseDecision(text, 3)
	if err != nil || d.Verdict != "regressed" || d.exit != 3 || strings.Join(d.regressed, " ") != "info reaction" {
		t.Errorf("%+v, %v", d, err)
	}
	for _, bad := range []string{"", "{", `{"verdict":""}`, `{"verdict":"fine"}`} {
		if d, err := parseDecision(bad, 0); err == nil {
			t.Errorf("%q: %+v", bad, d)
		}
	}
}

func TestScore(t *testing.T) {
	d := func(verdict string, exit int, kinds ...string) decision { return decision{verdict, exit, kinds} }
	unequal := contest{name: "unequal", bounds: []bound{none("equivalent"), atLeast("regressed", 0.5)}}
	alone := contest{name: "alone", alone: "reaction", bounds: []bound{atLeast("alone", 1)}}
	for _, tc := range []struct {
		name    string
		contest contest
		all     []decision
		says    string // of the counts
		wrong   string // what the check says; "" where all holds
	}{
		{"holds", unequal, []decision{d("regressed", 3, "help"), d("invalid", 7)}, "1 regressed, 1 invalid, 0 inconclusive, 0 equivalent, 0 improved; by kind: help 1", ""},
		{"one too many", unequal, []decision{d("regressed", 3), d("equivalent", 0)}, "1 regressed, 0 invalid, 0 inconclusive, 1 equivalent", "1 of 2 equivalent, and 0 may be"},
		{"too few", unequal, []decision{d("regressed", 3), d("inconclusive", 0), d("improved", 0)}, "1 inconclusive, 0 equivalent, 1 improved", "1 of 3 regressed, and 50 % must be"},
		{"another code", unequal, []decision{d("regressed", 0), d("invalid", 3)}, "1 regressed, 1 invalid", "regressed ended with 0, not 3\nunequal: invalid ended with 3, not 7"},
		{"nothing", unequal, nil, "0 regressed", "nothing was compared"},
		{"that kind", alone, []decision{d("regressed", 3, "reaction")}, "reaction 1", ""},
		{"a second kind", alone, []decision{d("regressed", 3, "reaction"), d("regressed", 3, "help", "reaction")}, "by kind: reaction 2, help 1", "1 of 2 reaction alone, and 100 % must be"},
		{"another kind", alone, []decision{d("regressed", 3, "help")}, "help 1", "0 of 1 reaction alone"},
	} {
		var s score
		for _, one := range tc.all {
			s.add(one, tc.contest.alone)
		}
		if !strings.Contains(s.String(), tc.says) {
			t.Errorf("%s: says %q, want %q", tc.name, s.String(), tc.says)
		}
		switch err := s.check(&tc.contest); {
		case tc.wrong == "" && err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case tc.wrong != "" && (err == nil || !strings.Contains(err.Error(), tc.wrong)):
			t.Errorf("%s: %v, want %q", tc.name, err, tc.wrong)
		}
	}
}

// TestContests holds that each part of the gate has bounds of verdicts that there are, and can be asked for by itself.
func TestContests(t *testing.T) {
	for _, c := range contests() {
		if len(c.bounds) == 0 || c.count < 1 || c.rounds < 1 || len(c.base) == 0 || len(c.candidate) == 0 {
			t.Errorf("%s: %+v", c.name, c)
		}
		n := 0
		for _, other := range contests() {
			if (settings{only: []string{c.name}}).wants(other.name) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("-only %s names %d parts", c.name, n)
		}
		for _, b := range c.bounds {
			var s score
			s.add(decision{Verdict: b.what}, "")
			if b.what != "alone" && !strings.Contains(s.String(), "1 "+b.what) {
				t.Errorf("%s: a bound of %q, which is no verdict", c.name, b.what)
			}
		}
	}
}

func TestParseProcessorTime(t *testing.T) {
	used, all, err := parseProcessorTime("cpu  10 1 5 70 4 2 3 5 99 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n")
	if used != 26 || all != 100 || err != nil {
		t.Errorf("%v of %v, %v; want 26 of 100", used, all, err)
	}
	for _, bad := range []string{"", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3\n", "cpu 1 2 3 4 5 6 7 x 9"} {
		if _, _, err := parseProcessorTime(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

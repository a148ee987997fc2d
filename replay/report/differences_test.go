package report

import (
	"slices"
	"strings"
	"testing"

	"reprise/replay/compare"
)

func TestDifferenceLines(t *testing.T) {
	diff := func(means compare.Meaning, name, base, candidate string) compare.RunDifference {
		return compare.RunDifference{Difference: compare.Difference{Name: name, Base: base, Candidate: candidate}, Means: means}
	}
	in := func(d compare.RunDifference, side string, round int) compare.RunDifference {
		d.Within, d.Round = side, round
		return d
	}
	target := diff(compare.MeansTarget, "target", "http://a", "http://b")
	commit := diff(compare.MeansLabel, "label commit", "4f2c9aa14f2c9aa14f2c9aa14f2c9aa14f2c9aa1", "")
	tool := diff(compare.MeansTool, "tool", "v1.2.0", "v1.3.0")
	connections := diff(compare.MeansConnect, "--connections", "", "8")
	for _, tc := range []struct {
		name    string
		list    []compare.RunDifference
		invalid string
		rounds  int
		want    []string
	}{
		{"nothing", nil, "", 0, nil},
		{"what is compared is no warning", []compare.RunDifference{target, commit}, "", 0, []string{"Compared: commit 4f2c9aa14f2c and (not set)."}},
		{"others are", []compare.RunDifference{target, tool, connections}, "", 0, []string{
			"Mind: the runs were not run alike: reprise v1.2.0 and v1.3.0: another version of reprise: its own cost differs; " +
				"--connections (not set) and 8: connection set-up is part of latency.",
		}},
		{"a reason has told it", []compare.RunDifference{diff(compare.MeansPlan, "--limit", "1", "2"), tool}, "plan", 0, []string{
			"Mind: the runs were not run alike: reprise v1.2.0 and v1.3.0: another version of reprise: its own cost differs.",
		}},
		{"within rounds", []compare.RunDifference{in(connections, "candidate", 3), in(target, "base", 2)}, "", 3, []string{
			"Mind: runs of one side were not run alike: the candidate of round 3 had --connections 8, not (not set): connection set-up is part of latency; " +
				"the base of round 2 had target http://b, not http://a: make sure that it is the same build.",
		}},
		{"within a baseline", []compare.RunDifference{in(commit, "base", 2)}, "", 0, nil}, // nightly runs have labels of their own
		{"within rounds, another build", []compare.RunDifference{in(commit, "base", 2)}, "", 3, []string{
			"Mind: runs of one side were not run alike: the base of round 2 had label commit (not set), not 4f2c9aa14f2c: make sure that it is the same build.",
		}},
		{"many", slices.Repeat([]compare.RunDifference{connections}, 6), "", 0, []string{
			"Mind: the runs were not run alike: " + strings.Repeat("--connections (not set) and 8: connection set-up is part of latency; ", 4) + "and 2 more differences.",
		}},
	} {
		c := &compare.Comparison{Differences: tc.list, Rounds: make([]compare.Round, tc.rounds)}
		if tc.invalid != "" {
			c.Invalid = []compare.Reason{{What: tc.invalid}}
		}
		if got := differenceLines(c); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, strings.Join(got, "\n     "), strings.Join(tc.want, "\n     "))
		}
		parts := differenceParts(c)
		if n := len(parts[0].Table.Rows) + len(parts[1].Table.Rows); n != len(tc.list) {
			t.Errorf("%s: %d rows of %d differences", tc.name, n, len(tc.list))
		}
	}
}

// TestMeanings holds that each meaning has words of its own.
func TestMeanings(t *testing.T) {
	all := meanings()
	for _, m := range compare.Meanings() {
		if all[m] == "" {
			t.Errorf("%s has no words", m)
		}
	}
	if len(all) != len(compare.Meanings()) {
		t.Errorf("%d words of %d meanings", len(all), len(compare.Meanings()))
	}
}

func TestValuesAreShort(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"corpus", "records-1:48fbbafdc8f2909b", "records-1:48fbbafdc8f2"},
		{"plan", "9f3130f1e7d5e9f9178f6807f51ce145", "9f3130f1e7d5"},
		{"--seed", "3823111964309132266", "3823111964309132266"},
		{"--from", "2026-11-30T01:35:12Z", "2026-11-30T01:35:12Z"},
		{"engine", "", "(not known)"},
		{"--late", "", "(not set)"},
		{"--path", strings.Repeat("/pä", 30), strings.Repeat("/pä", 19) + "/p…"},
	} {
		d := &compare.RunDifference{Difference: compare.Difference{Name: tc.name}}
		if got := valueOf(d, tc.value); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.value, got, tc.want)
		}
	}
}

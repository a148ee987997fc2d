package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/replay/compare"
)

// commented is a comparison as a comment.
func commented(t *testing.T, c *compare.Comparison) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteComparison(&b, Markdown, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// crowded is a comparison in which there is something to say of everything.
func crowded() *compare.Comparison {
	c := causedComparison()
	c.All = compare.Kind{Name: "all"}
	for i := range 9 {
		k := compare.Kind{Name: fmt.Sprintf("kind|%d`<b>\n", i)}
		for j, metric := range []string{"p50", "p90", "p95", "p99"} {
			by := time.Duration(i*j+1) * 10 * time.Millisecond
			v := compare.Regressed
			if i%3 == 2 {
				by, v = -by/100, compare.Improved
			}
			share := float64(by) / 1e8
			k.Latency = append(k.Latency, compare.Latency{
				Metric: metric, BaseCount: 500, CandidateCount: 500, Base: 100 * time.Millisecond, Candidate: 100*time.Millisecond + by, Difference: by, Change: share,
				Change95: &compare.Interval{Low: share - 0.01, High: share + 0.01}, Judged: true, Verdict: v, Why: compare.Beyond,
			})
		}
		k.Errors = compare.Errors{Pairs: 500, CandidateFailed: 50, Candidate: 0.1, Difference: 0.1, Difference95: &compare.Interval{Low: 0.05, High: 0.15}, Verdict: compare.Regressed}
		c.Kinds = append(c.Kinds, k)
	}
	c.Kinds[4].Name = strings.Repeat("long", 50)
	c.Base.Name = strings.Repeat("a/very/long/way/", 20) + "base|`.rpr"
	c.Candidate.Name = "line\nbreak*|.rpr"
	for i := range 12 {
		c.Differences = append(c.Differences, compare.RunDifference{
			Difference: compare.Difference{Name: fmt.Sprintf("--flag%d", i), Base: strings.Repeat("x|", 200)}, Means: compare.MeansFlag,
		})
		c.NewStatuses = append(c.NewStatuses, compare.NewStatus{Kind: "help", Status: "599", Answers: 7, Rounds: 2})
	}
	c.Doubts = []compare.Reason{{Text: strings.Repeat("doubt ", 300)}}
	return c
}

// TestCommentIsShort holds that a comment has 15 lines at most, whatever there is to say, and that no name is Markdown or makes a line.
func TestCommentIsShort(t *testing.T) {
	full := crowded()
	invalid := crowded()
	invalid.Verdict = compare.Invalid
	for i := range 20 {
		invalid.Invalid = append(invalid.Invalid, compare.Reason{What: "unfaithful", Run: "r", Text: fmt.Sprintf("reason %d|\n", i)})
	}
	other := crowded()
	other.Verdict, other.Invalid = compare.Invalid, []compare.Reason{{What: "plan", Text: "the runs played different plans."}}
	undecided := comparison(t, 20*time.Millisecond, 20*time.Millisecond)
	undecided.Verdict = compare.Inconclusive
	for i := range undecided.Kinds {
		for j := range undecided.Kinds[i].Latency {
			undecided.Kinds[i].Latency[j].Verdict, undecided.Kinds[i].Latency[j].Why = compare.Inconclusive, compare.Across
		}
	}
	for name, tc := range map[string]struct {
		c    *compare.Comparison
		want []string
	}{
		"regressed":  {comparison(t, 20*time.Millisecond, 60*time.Millisecond), []string{"- every kind: +40 ms (", "| all | p50 | regressed | 23.0 ms | 63.0 ms |", "Could have seen: ", "Nothing else differed"}},
		"equivalent": {comparison(t, 20*time.Millisecond, 20*time.Millisecond), []string{"- Every kind: no change beyond the floor.", "| all | p50 | no change |"}},
		"undecided":  {undecided, []string{"latency inconclusive: the change is somewhere from", "| cannot be told |", "- To decide: "}},
		"full":       {full, []string{"more sentences in the full report.", "| improved |", `| kind\|`, "Mind: the runs were not run alike: --flag0 x", "and 8 more differences."}},
		"invalid":    {invalid, []string{`- Not comparable: reason 0\|`, "- 18 more reasons.", "- To compare: play both again", "| not judged |"}},
		"other plan": {other, []string{"- Not comparable: the runs played different plans.", "- To compare: play both runs with the same flags"}},
		"no rows":    {&compare.Comparison{Verdict: compare.Inconclusive}, []string{"## inconclusive"}},
	} {
		text := commented(t, tc.c)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > commentLines {
			t.Errorf("%s: %d lines:\n%s", name, len(lines), text)
		}
		for _, want := range tc.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
		rows := 0
		for _, l := range lines {
			if len([]rune(l)) > 1200 {
				t.Errorf("%s: a line of %d characters", name, len(l))
			}
			if strings.HasPrefix(l, "| ") {
				if rows++; strings.Count(l, "|")-strings.Count(l, `\|`) != 8 {
					t.Errorf("%s: a row of other columns: %s", name, l)
				}
			}
		}
		if rows > commentRows+1 {
			t.Errorf("%s: a table of %d rows", name, rows-1)
		}
		if strings.Contains(text, "<b>") || strings.Contains(text, "NaN") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if text := commented(t, other); strings.Contains(text, "| kind") {
		t.Errorf("runs of different plans have a table: %s", text)
	}
}

func TestCut(t *testing.T) {
	for _, tc := range []struct {
		s    string
		most int
		want string
	}{
		{"short", 5, "short"},
		{"runs/2024/candidate.rpr", 11, "runs/…e.rpr"},
		{strings.Repeat("late (", 100), commentSentence, strings.TrimSuffix(strings.Repeat("late (", 66), " (") + "…"},
		{strings.Repeat("ä", 500), commentSentence, strings.Repeat("ä", commentSentence-1) + "…"},
	} {
		if got := cut(tc.s, tc.most); got != tc.want || len([]rune(got)) > tc.most {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

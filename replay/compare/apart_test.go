package compare

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// windowsOf makes a window a second of words: "20" has p50 20 ms and p95 40 ms of 30 answers, "20/90" p95 90 ms, "20*3" three answers,
// "." none.
func windowsOf(words string) (ws []results.Window) {
	for i, word := range strings.Fields(words) {
		w := results.Window{Start: time.Duration(i) * time.Second, Width: time.Second}
		if word != "." {
			word, count, _ := strings.Cut(word, "*")
			n := int64(30)
			_, _ = fmt.Sscanf(count, "%d", &n)
			middle, high, two := strings.Cut(word, "/")
			var p50, p95 int
			_, _ = fmt.Sscanf(middle, "%d", &p50)
			if p95 = 2 * p50; two {
				_, _ = fmt.Sscanf(high, "%d", &p95)
			}
			w.LatencyP50, w.LatencyP95 = time.Duration(p50)*time.Millisecond, time.Duration(p95)*time.Millisecond
			w.Classes[2] = n
		}
		ws = append(ws, w)
	}
	return ws
}

func TestApart(t *testing.T) {
	for _, tc := range []struct{ name, base, candidate, want string }{
		{"alike", "20 20 20 20 20 20", "20 22 21 20 20 23", ""},
		{"throughout", "20 20 20 20 20 20", "30 30 30 31 30 30", "0s-6s p50 +10ms"},
		{"for a while", "20 20 20 20 20 20 20 20", "20 20 40 40 40 40 20 20", "2s-6s p50 +20ms"},
		{"too short", "20 20 20 20 20 20 20 20", "20 20 40 40 20 20 20 20", ""},
		{"one in between is no end", "20 20 20 20 20 20 20 20", "20 40 40 20 40 40 20 20", "1s-6s p50 +20ms"},
		{"two in between are", "20 20 20 20 20 20 20 20 20 20", "40 40 40 20 20 40 40 40 20 20", "0s-3s p50 +20ms, 5s-8s p50 +20ms"},
		{"slower and then faster", "40 40 40 40 40 40", "60 60 60 20 20 20", "0s-3s p50 +20ms, 3s-6s p50 -20ms"},
		{"the tail alone", "20 20 20 20 20 20", "20 20/90 20/90 20/95 20 20", "1s-4s p95 +50ms"},
		{"beyond the share, below the least", "2 2 2 2 2 2", "4 4 4 4 4 4", ""},
		{"nothing was answered", ". . . . . .", "20 20 20 20 20 20", ""},
		{"a gap is an end of one step at most", "20 20 . 20 20 20 20", "40 40 . 40 20 20 20", "0s-4s p50 +20ms"},
		{
			"few answers a window are gathered", strings.Repeat("20*3 ", 60), strings.Repeat("40*3 20*3 40*3 ", 20),
			"0s-1m0s p50 +20ms",
		},
		{"one is shorter", "20 20 20 20 20 20 20", "40 40 40 40", "0s-4s p50 +20ms"},
	} {
		var list []string
		for _, s := range apart(windowsOf(tc.base), windowsOf(tc.candidate), 0.25, 5*time.Millisecond) {
			sign := "+"
			if s.Difference < 0 {
				sign = ""
			}
			list = append(list, fmt.Sprintf("%v-%v %s %s%v", s.From, s.To, s.Metric, sign, s.Difference))
		}
		if got := strings.Join(list, ", "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if wide := apart(windowsOf("20 20 20"), []results.Window{{Width: time.Minute}}, 0.25, 0); wide != nil {
		t.Errorf("windows of two widths are apart: %v", wide)
	}
}

// What was left out of both runs is no stretch in which they were apart.
func TestApartOfWhatRemains(t *testing.T) {
	seconds := func(from, to int) Stretch {
		return Stretch{time.Duration(from) * time.Second, time.Duration(to) * time.Second}
	}
	c := Comparison{Method: Method{FloorChange: 0.25, FloorLatency: 5 * time.Millisecond}}
	c.Base.Windows = windowsOf("20 20 20 20 20 20 20 20 20 20")
	c.Candidate.Windows = windowsOf("90 90 90 20 20 20 20 40 40 40")
	early := Spoiled{LeftOut: true, Stretches: []Stretch{seconds(0, 1), {time.Second, 2500 * time.Millisecond}}}
	for _, tc := range []struct {
		name    string
		spoiled *Spoiled
		rounds  []Round
		want    int
	}{
		{"nothing was", nil, nil, 2},
		{"found, and not left out", &Spoiled{Stretches: early.Stretches}, nil, 2},
		{"the first stretch was", &early, nil, 1},
		{"that of the first round", nil, []Round{{Spoiled: &early}, {}}, 1},
		{"that of another round", nil, []Round{{}, {Spoiled: &early}}, 2},
		{"both were", &Spoiled{LeftOut: true, Stretches: append([]Stretch{seconds(7, 9)}, early.Stretches...)}, nil, 0},
	} {
		c.Spoiled, c.Rounds = tc.spoiled, tc.rounds
		if got := c.Apart(); len(got) != tc.want {
			t.Errorf("%s: %v, want %d stretches", tc.name, got, tc.want)
		}
	}
	if c.Candidate.Windows[0].LatencyP50 == 0 {
		t.Error("the windows of the run were changed")
	}
}

func TestRecorded(t *testing.T) {
	first := time.Date(2022, 11, 28, 16, 0, 0, 0, time.UTC)
	even := replay.Plan{First: first, Last: first.Add(time.Hour), Duration: time.Minute}
	loops, capped := even, even
	loops.Duration, capped.Stretch = 2*time.Minute, time.Second
	for name, tc := range map[string]struct {
		p     *replay.Plan
		scale string
		known bool
	}{
		"even": {&even, "60", true}, "no plan": {nil, "60", false}, "no scale": {&even, "", false}, "not a number": {&even, "NaN", false},
		"loops": {&loops, "60", false}, "a cap": {&capped, "60", false}, "nothing": {&replay.Plan{}, "60", false}, "zero": {&even, "0", false},
	} {
		r := RecordedOf(tc.p, tc.scale)
		if (r != nil) != tc.known {
			t.Errorf("%s: %v", name, r)
		}
		if r != nil && !r.At(30*time.Second).Equal(first.Add(30*time.Minute)) {
			t.Errorf("%s: the middle is %v", name, r.At(30*time.Second))
		}
	}
}

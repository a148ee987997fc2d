package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// The table of steps says of each what the search says, and where one that held was not faithful.
func TestStepsOfASearch(t *testing.T) {
	step := func(number int, broke string, limits ...results.Limit) results.Step {
		s := results.Step{Number: number, Text: "4s at 1x", Broke: broke}
		s.Ledger.OK, s.Verdict.Limits, s.Verdict.Faithful = 10, limits, len(limits) == 0
		return s
	}
	lag := results.Limit{What: "lag", Whose: results.Tool}
	s := &results.Summary{
		Steps: []results.Step{step(1, ""), step(2, "", lag, results.Limit{What: "errors", Whose: results.Target}), step(3, "p99>1s/1s", lag), step(4, "p99>1s/1s", lag), step(5, "", lag), step(6, "", lag)},
		Capacity: &results.Capacity{Steps: []results.CapacityStep{
			{Number: 1, Held: true}, {Number: 2, Held: true}, {Number: 3, Broke: "p99>1s/1s"}, {Number: 4, Broke: "p99>1s/1s", NotJudged: "lag p99 was 2 s"}, {Number: 5},
		}},
	}
	p := stepsPart(s, nil)
	for i, want := range []string{"yes", "yes, not faithful (lag)", "broke: p99>1s/1s", "not judged: the tool was late", "stopped", dash} {
		if got := p.Table.Rows[i][len(p.Table.Head)-1]; got != want {
			t.Errorf("step %d: %q, want %q", i+1, got, want)
		}
	}
	if head := p.Table.Head[len(p.Table.Head)-1]; head != "held" || !slices.Contains(p.Notes, heldNotFaithfulNote) {
		t.Errorf("%s %v", head, p.Notes)
	}
	s.Steps, s.Capacity.Steps = s.Steps[:2], s.Capacity.Steps[:2]
	if got := heldUp(s); !strings.Contains(got, "none. Requests left late in a step that held") {
		t.Error(got)
	}
	s.Steps[1] = step(2, "")
	if p = stepsPart(s, nil); slices.Contains(p.Notes, heldNotFaithfulNote) {
		t.Errorf("%v", p.Notes)
	}
}

// What held though most of it failed is told so in every place that says what a search found.
func TestCapacityHeldFailing(t *testing.T) {
	held := func(failed int64) *results.Run {
		r := run(t)
		r.Summary.Capacity = &results.Capacity{
			Ended: results.SearchFound, Tempo: 3200, HeldMean: 515, Interval: [2]float64{3200, 3300}, Broke: "p99>500ms/1s", Says: "As it was.",
			Steps: []results.CapacityStep{{Number: 1, TimeScale: 3200, Held: true, OK: 1000 - failed, Failed: failed}},
		}
		if failed > 50 {
			r.Summary.Capacity.Advice = "give --stop-on errors>5%/1s"
		}
		return r
	}
	for failed, want := range map[int64]bool{0: false, 50: false, 768: true} {
		r := held(failed)
		lines := briefLines(r, nil, Next{})
		capacity := ""
		for _, l := range lines {
			if strings.HasPrefix(l, "capacity") {
				capacity = l
			}
		}
		const says = "77 % failed in a step that held"
		_, mood := verdictOf(&r.Summary)
		for where, text := range map[string]string{"verdict": strings.ToLower(lines[0]), "capacity": capacity, "page": holds(&r.Summary), "figure": causeFigure(&r.Summary, nil).Beside} {
			if strings.Contains(text, says) != want {
				t.Errorf("%d failed, %s: %q", failed, where, text)
			}
		}
		if strings.Contains(capacity, "; give --stop-on errors>5%/1s") != want || (mood == "bad") != want {
			t.Errorf("%d failed: %q, %s", failed, capacity, mood)
		}
		var b bytes.Buffer
		if err := WriteRun(&b, Text, r, nil); err != nil || strings.Contains(b.String(), "yes, 77 % failed") != want {
			t.Errorf("%d failed: %v\n%s", failed, err, b.String())
		}
	}
	c := new(compare.Comparison)
	c.Base.Name, c.Candidate.Name = "a.rpr", "b.rpr"
	c.Base.Summary.Capacity, c.Candidate.Summary.Capacity = held(0).Summary.Capacity, held(768).Summary.Capacity
	if got := strings.Join(capacitiesLead(c), " "); !strings.Contains(got, "b.rpr found no capacity (77 % failed in a step that held, and its conditions do not count that): which of the two holds more is not known.") {
		t.Error(got)
	}
}

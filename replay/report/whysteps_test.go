package report

import (
	"strings"
	"testing"

	"reprise/replay/cause"
)

func TestWhyNamesTheStep(t *testing.T) {
	in := func(number int, called string, n int64, share float64) cause.StepShare {
		return cause.StepShare{StepSpan: cause.StepSpan{Number: number, Called: called}, Requests: n, Share: share}
	}
	for _, tc := range []struct {
		name    string
		measure cause.Measure
		steps   []cause.StepShare
		want    string // "" for nothing of steps
	}{
		{"none", cause.ServiceTime, nil, ""},
		{"one", cause.ServiceTime, []cause.StepShare{in(3, "rush", 90, 1)}, "; of those that were slow all were in step 3 (rush)."},
		{"nearly one", cause.Failing, []cause.StepShare{in(1, "", 3, 0.03), in(2, "", 97, 0.97)}, "; of those that failed 97 % were in step 2."},
		{"two", cause.CompletionTime, []cause.StepShare{in(1, "", 40, 0.4), in(2, "b", 55, 0.55), in(3, "", 5, 0.05)}, "; of those that were late 55 % were in step 2 (b) and 40 % in step 1."},
		{"all over", cause.NeverCompleted, []cause.StepShare{in(1, "", 40, 0.4), in(2, "", 30, 0.3), in(3, "", 30, 0.3)}, "; of those that were never completed 40 % were in step 1, the others in 2 more steps."},
	} {
		f := &cause.Finding{Measure: tc.measure, Requests: 90, Share: 0.3, Steps: tc.steps, FailedWith: 0.5, With: cause.Quantiles{P50: 3e8}, Where: []cause.Condition{{Attribute: cause.Kind, Values: []string{"help"}}}}
		got := findingSays(f, 300)
		if tc.want == "" && strings.Contains(got, "step") || !strings.HasSuffix(got, tc.want) {
			t.Errorf("%s: %q, want it to end in %q", tc.name, got, tc.want)
		}
		if n := len(stepsJSON(f)); n != len(tc.steps) {
			t.Errorf("%s: %d steps in JSON", tc.name, n)
		}
	}
}

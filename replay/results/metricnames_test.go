package results

import (
	"slices"
	"strings"
	"testing"

	"reprise/replay/pace"
)

// No step is called as a metric is: a condition that begins so is one on the whole run.
func TestNoStepIsCalledAsAMetric(t *testing.T) {
	names := slices.Concat(quantileNames(), timeNames(), countNames(), answerNames(), rateNames(), []string{"moved", "faithful", backlog, completionNever, "status.503"})
	for _, name := range names {
		name, _, _ = strings.Cut(name, ".")
		for _, as := range []string{name, strings.ToUpper(name)} {
			if _, err := pace.ParseShape(as + ": 5 at 1x"); err == nil || !strings.Contains(err.Error(), "a metric of --expect") {
				t.Errorf("%s: %v", as, err)
			}
		}
	}
	if _, err := pace.ParseShape("peak: 5 at 1x; lag2: 5 at 1x"); err != nil {
		t.Error(err)
	}
}

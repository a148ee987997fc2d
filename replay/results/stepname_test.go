package results

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestStepNames holds that each step has a name in JSON, and the one that a condition finds it by.
func TestStepNames(t *testing.T) {
	for want, step := range map[string]Step{"step5": {Number: 5, Text: "5m at 2x"}, "rush": {Number: 2, Name: "rush"}} {
		text, err := json.Marshal([]Step{step})
		if err != nil || !strings.Contains(string(text), `"name":"`+want+`"`) || !strings.Contains(string(text), `"ledger":`) {
			t.Errorf("%s: %.300s, %v", want, text, err)
		}
		if !called(step.Name, step.Number, want) {
			t.Errorf("no condition finds %s", want)
		}
	}
}

package compare

import (
	"slices"
	"strings"
	"testing"
)

func TestParseFailOn(t *testing.T) {
	for _, tc := range []struct {
		names string
		list  []Condition // nil for an error, which says
		says  string
	}{
		{"regression", []Condition{FailRegression, FailInvalid}, ""},
		{"regression,regression", []Condition{FailRegression, FailInvalid}, ""},
		{"inconclusive", []Condition{FailRegression, FailInvalid, FailInconclusive}, ""},
		{"unfaithful, difference", []Condition{FailRegression, FailInvalid, FailDifference, FailUnfaithful}, ""},
		{"none", []Condition{FailNone}, ""},
		{"none,none", []Condition{FailNone}, ""},
		{"none,difference", nil, "none stands alone: it says that nothing fails, and difference is given too"},
		{"maybe", nil, `"maybe" is none of regression, invalid, inconclusive, difference, unfaithful, none`},
		{"regression,", nil, `"" is none of`},
	} {
		f, err := ParseFailOn(strings.Split(tc.names, ","))
		if err == nil && !slices.Equal(f.List(), tc.list) || err != nil && (tc.list != nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: %v, %v", tc.names, f.List(), err)
		}
	}
	if _, err := ParseFailOn(nil); err == nil {
		t.Error("an empty list names nothing")
	}
	if got := FailOn(nil).List(); !slices.Equal(got, []Condition{FailRegression, FailInvalid}) {
		t.Errorf("the zero value fails on %v", got)
	}
}

// TestFails holds which gates each comparison passes.
func TestFails(t *testing.T) {
	unfaithful := []Reason{{What: "unfaithful"}}
	for _, tc := range []struct {
		name string
		c    Comparison
		on   FailOn
		want []Condition
	}{
		{"regressed", Comparison{Verdict: Regressed}, nil, []Condition{FailRegression}},
		{"regressed, and something else is listed", Comparison{Verdict: Regressed}, FailOn{FailInconclusive}, []Condition{FailRegression}},
		{"regressed, and nothing fails", Comparison{Verdict: Regressed}, FailOn{FailNone}, nil},
		{"invalid", Comparison{Verdict: Invalid}, nil, []Condition{FailInvalid}},
		{"invalid, and nothing fails", Comparison{Verdict: Invalid}, FailOn{FailNone}, nil},
		{"inconclusive", Comparison{Verdict: Inconclusive}, nil, nil},
		{"inconclusive is listed", Comparison{Verdict: Inconclusive}, FailOn{FailInconclusive}, []Condition{FailInconclusive}},
		{"improved", Comparison{Verdict: Improved}, FailOn{FailInconclusive, FailDifference, FailUnfaithful}, nil},
		{"unfaithful", Comparison{Verdict: Equivalent, Doubts: unfaithful}, nil, nil},
		{"unfaithful is listed", Comparison{Verdict: Equivalent, Doubts: unfaithful}, FailOn{FailUnfaithful}, []Condition{FailUnfaithful}},
		{"unfaithful and so invalid", Comparison{Verdict: Invalid, Invalid: unfaithful, Doubts: unfaithful}, FailOn{FailUnfaithful}, []Condition{FailInvalid}},
		{"another status", Comparison{Verdict: Equivalent, Join: Join{StatusChanged: 1}}, nil, nil},
		{"another status is listed", Comparison{Verdict: Equivalent, Join: Join{StatusChanged: 1}}, FailOn{FailDifference}, []Condition{FailDifference}},
		{"a new status beside a baseline", Comparison{Verdict: Equivalent, NewStatuses: []NewStatus{{}}}, FailOn{FailDifference}, []Condition{FailDifference}},
		{"another body", Comparison{Verdict: Equivalent, Answers: &Answers{Findings: []AnswerFinding{{Verdict: AnswerChanged}}}}, FailOn{FailDifference}, []Condition{FailDifference}},
		{"another status under lag", Comparison{Verdict: Invalid, Invalid: unfaithful, Join: Join{StatusChanged: 1}}, FailOn{FailDifference}, []Condition{FailInvalid, FailDifference}},
		{"another plan", Comparison{Verdict: Invalid, Invalid: []Reason{{What: "plan"}}, Join: Join{StatusChanged: 1}}, FailOn{FailDifference}, []Condition{FailInvalid}},
	} {
		tc.c.FailOn = tc.on
		if got := tc.c.Fails(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

package session

import (
	"strings"
	"testing"

	"reprise/replay/results"
)

// What helps where the first step breaks depends on how its requests failed.
func TestSearchAdvice(t *testing.T) {
	for _, tc := range []struct {
		ok             int64
		status, errors map[string]int64
		late           bool
		want           string
		lower          bool
	}{
		{ok: 50, status: map[string]int64{"200": 50, "503": 50}, lower: true, want: "Begin lower"},
		{ok: 5, status: map[string]int64{"200": 5, "503": 95}, lower: true, want: "Begin lower"},
		{status: map[string]int64{"429": 100}, lower: true, want: "Begin lower"},
		{errors: map[string]int64{"timeout": 100}, lower: true, want: "Begin lower"},
		{ok: 90, status: map[string]int64{"200": 90}, errors: map[string]int64{"connect": 10}, late: true, lower: true, want: "may have died"},
		{status: map[string]int64{"401": 100}, want: "answers of 401: sign the requests (Keys)"},
		{status: map[string]int64{"403": 60, "500": 40}, want: "answers of 403"},
		{status: map[string]int64{"404": 100}, want: "its paths and its host (PathRewrite, Host)"},
		{status: map[string]int64{"500": 100}, want: "look at the target's log"},
		{errors: map[string]int64{"connect": 100}, want: "took no connection"},
		{errors: map[string]int64{"reset": 100}, want: "look at the target's log"},
		{errors: map[string]int64{"unsigned": 100}, want: "failed on this machine (unsigned)"},
	} {
		step := &results.CapacityStep{OK: tc.ok, Failed: 100 - tc.ok}
		x := &search{Session: &Session{o: Options{Tempo: Tempo{TimeScale: 4}}}, refused: refusedBy(step, &results.Summary{Status: tc.status, Errors: tc.errors})}
		x.refused.late = tc.late
		if got := x.advice(); !strings.Contains(got, tc.want) || strings.Contains(got, "Begin lower, as with TimeScale 1.") != tc.lower {
			t.Errorf("%v, %v: %q", tc.status, tc.errors, got)
		}
	}
}

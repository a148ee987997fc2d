package session

import (
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// TestStepThatTheToolSpoiled holds what of the tool's makes a step of a search tell nothing, and that the value which was met is told.
func TestStepThatTheToolSpoiled(t *testing.T) {
	on, err := results.ParseStopOn("p99>500ms/5s,errors>50%/5s")
	if err != nil {
		t.Fatal(err)
	}
	x := &search{Session: &Session{o: Options{StopOn: on}}}
	slow := replay.Broken{Condition: "p99>500ms/5s", Value: "503.3ms", At: 6 * time.Second}
	late := slow
	late.Tool = "without what the tool itself was late by, the condition would not have been met"
	errs := replay.Broken{Condition: "errors>50%/5s", Value: "60%"}
	moved := results.Limit{What: "moved", Whose: results.Tool, Text: "the curve moved."}
	lag := results.Limit{What: "lag", Whose: results.Tool, Text: "lag was long."}
	for _, tc := range []struct {
		name       string
		ended, met *replay.Broken
		limits     []results.Limit
		want       string
	}{
		{"it held", nil, nil, nil, ""},
		{"it held, on another curve", nil, nil, []results.Limit{moved}, "the curve moved."},
		{"it held, with lag", nil, nil, []results.Limit{lag}, ""},
		{"the target is slow", &slow, nil, nil, ""},
		{"the target is slow, after the tool's lateness alone met the condition", &slow, &late, nil, ""},
		{"the target is slow, and the curve moved by what is little beside that", &slow, nil, []results.Limit{moved}, ""},
		{"the target is slow, and lag is much beside that", &slow, nil, []results.Limit{lag}, "p99>500ms/5s was met (it was 503.3ms), but lag was long."},
		{"the target fails on another curve", &errs, nil, []results.Limit{moved, lag}, "errors>50%/5s was met (it was 60%), but the curve moved."},
		{"it is over, and was slow by the tool alone", nil, &late, nil, "p99>500ms/5s was met (it was 503.3ms), but without what the tool itself was late by"},
	} {
		p := &playedStep{doubt: tc.met}
		p.end.Stopped = tc.ended
		s := &results.Summary{}
		s.Verdict.Limits = tc.limits
		if got := x.toolLate(s, p); got != tc.want && (tc.want == "" || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

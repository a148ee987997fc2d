package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"reprise/replay/cause"
)

// TestLoadIsTold holds that what of the load is unlike recorded traffic is told where something is slow, and only there, and that a
// summary does not tell it twice.
func TestLoadIsTold(t *testing.T) {
	report := cause.Report{
		Requests: 600, WhyNot: &cause.WhyNot{Reason: cause.NoPattern},
		Load: []cause.Unlike{{Pattern: cause.TooFewSenders, Try: cause.OtherSenders}, {Pattern: cause.KindsInBatches, Try: cause.ShuffleKinds}, {Pattern: cause.RepeatedIDs, Try: cause.FreshIDs}},
		Traffic: cause.Traffic{
			People: 1, TopPerson: 1, RecordedPeople: 809, RecordedTopPerson: 0.0056, SameKindNext: 0.98, SameKindByChance: 0.33, RepeatedIDs: 200,
		},
	}
	y := &Why{Report: &report, Again: Again{Corpus: "day.rpz", Target: "http://127.0.0.1:9000"}, Named: func(option string) string { return "--" + option }}
	var text bytes.Buffer
	if err := WriteWhy(&text, Text, y); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"One person sent everything; in the corpus there are 809, and the most of one is 0.56 %.", "the same kind 98 % of the time, and would be 33 % of the time",
		"200 requests have a message id that was sent before", "--ShuffleKinds",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), want) {
			t.Errorf("the text does not say %q:\n%s", want, &text)
		}
	}
	if lead := y.lead(true); len(lead) != 4 || !strings.HasPrefix(lead[1], "why (the test's own): One person") {
		t.Errorf("lead: %q", lead)
	}
	var doc struct{ Load []unlikeJSON }
	raw, err := json.Marshal(y.json())
	if err != nil || json.Unmarshal(raw, &doc) != nil || len(doc.Load) != 3 || doc.Load[1].Pattern != "kinds_in_batches" || !strings.Contains(doc.Load[1].Try, "reprise replay day.rpz") {
		t.Errorf("%+v, %v", doc, err)
	}
	report.Traffic.People, report.Traffic.TopPerson = 12, 0.4
	if says := y.unlikeSays(report.Load[0]); !strings.HasPrefix(says, "12 people sent everything, one of them 40 % of it; in the corpus") {
		t.Error(says)
	}
	report.Findings = []cause.Finding{{Pattern: cause.KindsInBatches, Whose: cause.OfTest}}
	if lead := y.lead(true); len(lead) != 1 {
		t.Errorf("lead beside a finding of the test's own: %q", lead)
	}
	report.Findings, report.WhyNot = nil, &cause.WhyNot{Reason: cause.NothingSlow}
	if y.loadPart() != nil || len(y.lead(true)) != 1 || y.json().Load != nil {
		t.Error("it is told where nothing is slow")
	}
}

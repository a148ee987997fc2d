package publish

import (
	"testing"
	"time"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/payload"
)

// TestUnreadSorts holds what an audit is told of the values of payloads that no dialect reads.
func TestUnreadSorts(t *testing.T) {
	policy, err := asPolicy(t, "version: 1\nvendors: {other: {fields: {queue: keep, full.text: keep}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	u := unreadFields{all.Table().Unread(), policy.KeepsUnread(all.Table())}
	r := &capture.Record{Time: time.Date(2026, 11, 23, 7, 55, 47, 0, time.UTC)}
	const nothing = audit.FieldSort(99)
	for _, tc := range []struct {
		name, value string
		literal     bool
		want        audit.FieldSort
	}{
		{"a", "", false, nothing},
		{"a", "true", true, nothing},
		{"a", "123456", true, nothing},
		{"a", "1234567", true, audit.Brief},
		{"a", "14153212345", true, audit.Number},
		{"a", "4153212345", false, audit.Number},
		{"a", "+447911123456", false, audit.Number},
		{"a", "(415) 321-2345", false, audit.Number},
		{"a", "447911123456", true, audit.Made},
		{"a", "51.5073518", true, audit.Brief},
		{"a", "1795420547", true, audit.Common},
		{"a", "1295420547", true, audit.Brief},
		{"a", "2026-11-23", false, audit.Common},
		{"birth_date", "2026-11-23", false, audit.Brief},
		{"a", "1984-05-12", false, audit.Brief},
		{"api_version", "2024-04", false, audit.Common},
		{"a", "203.0.113.77", false, audit.Brief},
		{"a", "212.555.1234", false, audit.Number},
		{"a", "-122.4194155", false, audit.Made},
		{"a", "122.4194155", true, audit.Brief},
		{"a", "Margaret Whitfield", false, audit.Personal},
		{"a", "Margaret", false, audit.Made},
		{"a", "Pat", false, audit.Brief},
		{"a", "19.99", false, nothing},
		{"a", "07:05", false, nothing},
		{"a", "0000000", false, audit.Common},
		{"x.type", "message.received", false, audit.Common},
		{"x.type", "14153212345", false, audit.Number},
		{"x.queue", "eu-west", false, audit.Common},
		{"x.queue", "margaret@skynet.com", false, audit.Made},
		{"full.text", "my mother asked", false, audit.Personal},
		{"a", "margaret@skynet.com", false, audit.Made},
	} {
		got, tells := u.sort(r, dialect.Field{Part: payload.InBody, Name: tc.name, Value: tc.value, Literal: tc.literal})
		if !tells {
			got = nothing
		}
		if got != tc.want {
			t.Errorf("%s: %s is of sort %d, want %d", tc.name, tc.value, got, tc.want)
		}
	}
	if anonymize.LooksLikeEnum("my mother") || !anonymize.LooksLikeEnum("MO_TEXT") {
		t.Error("what looks like a word of a program")
	}
}

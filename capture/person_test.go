package capture

import "testing"

func TestPerson(t *testing.T) {
	for _, tc := range []struct {
		name            string
		r               Record
		handset, person string
	}{
		{"a message", Record{Kind: Help, Message: Message{From: "14155550100", To: "1888", Person: "+14155550100"}}, "14155550100", "+14155550100"},
		{"a receipt", Record{Kind: Status, Message: Message{From: "1888", To: "14155550100", Person: "+14155550100"}}, "14155550100", "+14155550100"},
		{"not annotated", Record{Kind: Help, Message: Message{From: "14155550100"}}, "14155550100", "14155550100"},
		{"no SMS event", Record{Message: Message{From: "14155550100"}}, "", ""},
		{"nobody", Record{Kind: Help}, "", ""},
	} {
		if h, p := tc.r.Handset(), tc.r.Person(); h != tc.handset || p != tc.person {
			t.Errorf("%s: handset %q, person %q, want %q, %q", tc.name, h, p, tc.handset, tc.person)
		}
	}
}

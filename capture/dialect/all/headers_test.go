package all

import "testing"

func TestListsHeader(t *testing.T) {
	for name, want := range map[string]bool{
		"Telnyx-Signature-Ed25519": true, "i-twilio-idempotency-token": true, "x-12025550143": false, "x-unlisted": false, "": false,
	} {
		if got := Table().ListsHeader(name); got != want {
			t.Errorf("ListsHeader(%q) = %v, want %v", name, got, want)
		}
	}
}

package anonymize

import "testing"

func TestRecognise(t *testing.T) {
	for _, tc := range []struct {
		text               string
		key, ledger, count bool
	}{
		{string(NewKey()), true, false, false},
		{string(NewKey()) + "x", false, false, false},
		{ledgerMagic + "0123 wide\n", false, true, false},
		{"reprise-ledger 2 0123\n", false, true, false},
		{countMagic + " 0123 3 wide\n", false, false, true},
		{"", false, false, false},
	} {
		text := []byte(tc.text)
		if IsKey(text) != tc.key || IsLedger(text) != tc.ledger || IsCount(text) != tc.count {
			t.Errorf("%q: key %v, ledger %v, count %v", tc.text, IsKey(text), IsLedger(text), IsCount(text))
		}
	}
}

package results

import "testing"

func TestOfLag(t *testing.T) {
	for what, want := range map[string]bool{
		"lag": true, "moved": true, "duration": true,
		"shed": false, "unsent": false, "unsigned": false, "changed": false, "arrival": false, "timeout": false,
	} {
		if l := (Limit{What: what}); l.OfLag() != want {
			t.Errorf("%s: %v", what, !want)
		}
	}
}

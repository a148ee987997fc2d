package cause

import "testing"

func TestDefinitions(t *testing.T) {
	seen := make(map[string]bool)
	for i, d := range Definitions() {
		if d.Attribute != Attribute(i) {
			t.Errorf("place %d has attribute %d", i, d.Attribute)
		}
		if d.Name == "" || d.Is == "" || seen[d.Name] {
			t.Errorf("%d: name %q, definition %q: empty, or twice", i, d.Name, d.Is)
		}
		seen[d.Name] = true
	}
	if got := Attribute(attributes).String(); got != "unknown" {
		t.Errorf("an attribute that is not there is called %q", got)
	}
}

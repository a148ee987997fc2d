package replay

import "testing"

func TestCollides(t *testing.T) {
	mine := &Identity{Run: "a", Target: "t", People: "p", IDs: "i"}
	for _, tc := range []struct {
		name        string
		other       *Identity
		people, ids bool
	}{
		{"the same corpus and seed", &Identity{"b", "t", "p", "i"}, true, true},
		{"another seed", &Identity{"b", "t", "p", "j"}, true, false},
		{"another target", &Identity{"b", "u", "p", "i"}, false, false},
		{"other people", &Identity{"b", "t", "q", "j"}, false, false},
		{"a share of the same run", &Identity{"a", "t", "p", "i"}, false, false},
		{"a program that does not say", nil, false, false},
	} {
		if people, ids := mine.Collides(tc.other); people != tc.people || ids != tc.ids {
			t.Errorf("%s: %v %v, want %v %v", tc.name, people, ids, tc.people, tc.ids)
		}
	}
	var c Control
	c.Identify(*mine)
	if s := c.Status(); s.Identity == nil || *s.Identity != *mine {
		t.Errorf("status %+v", s)
	}
}

package all

import (
	"testing"

	"reprise/capture/dialect/profile"
)

// TestVendorsAreWhole holds that a vendor leaves no part empty without a reason, and that names are told apart.
func TestVendorsAreWhole(t *testing.T) {
	names := map[string]bool{}
	orders := map[int]string{}
	profiles := map[string]bool{} // which share one place, behind the others, in the order of their names
	for _, v := range profile.Shipped() {
		profiles[v.Name] = true
	}
	for _, v := range Table().All() {
		for _, part := range v.Check() {
			t.Errorf("%s: %s is empty and Lacks gives no reason, or it is not and Lacks gives one", v.Name, part)
		}
		for _, name := range append(v.FormerNames, v.Name) {
			if names[name] {
				t.Errorf("%s: the name %q is another vendor's too", v.Name, name)
			}
			names[name] = true
		}
		if m := v.Maker; m != nil && !profiles[v.Name] {
			if orders[m.Order] != "" || m.Order < 1 {
				t.Errorf("%s: its maker's order, %d, is that of %q", v.Name, m.Order, orders[m.Order])
			}
			orders[m.Order] = v.Name
		}
	}
}

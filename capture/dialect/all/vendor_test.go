package all

import (
	"testing"
)

// TestVendorsAreWhole holds that a vendor leaves no part empty without a reason, and that names are told apart.
func TestVendorsAreWhole(t *testing.T) {
	names := map[string]bool{}
	orders := map[int]string{}
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
		if m := v.Maker; m != nil {
			if orders[m.Order] != "" || m.Order < 1 {
				t.Errorf("%s: its maker's order, %d, is that of %q", v.Name, m.Order, orders[m.Order])
			}
			orders[m.Order] = v.Name
		}
	}
}

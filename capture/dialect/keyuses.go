package dialect

import (
	"maps"
	"slices"
	"sync"

	"reprise/capture"
)

// KeyUses chooses keys and counts for which requests there were some. It may be used by several goroutines at once; a nil one chooses none.
type KeyUses struct {
	keys    *Keyring
	vendors map[string]*Vendor

	mu       sync.Mutex
	sieve    Sieve
	uses     []int64          // by keyRule.place
	unsigned map[string]int64 // by vendor
}

// NewKeyUses returns one that has counted nothing.
func NewKeyUses(k *Keyring, table Table) *KeyUses {
	u := &KeyUses{keys: k, vendors: make(map[string]*Vendor), uses: make([]int64, len(k.rules)), unsigned: make(map[string]int64)}
	for _, v := range table.All() {
		u.vendors[v.Name] = v
	}
	return u
}

// Choose is VendorKeys.Choose for a request whose Vendor is known. One without a key is counted where its vendor signs and there is a key of
// any vendor.
func (u *KeyUses) Choose(r *capture.Record) *Key {
	if rule := u.rule(r); rule != nil {
		return rule.of(r.Seq)
	}
	return nil
}

// Candidates is VendorKeys.Candidates for a request whose Vendor is known.
func (u *KeyUses) Candidates(r *capture.Record) []*Key {
	if rule := u.rule(r); rule != nil {
		return rule.keys
	}
	return nil
}

func (u *KeyUses) rule(r *capture.Record) *keyRule {
	if u == nil || len(u.keys.rules) == 0 {
		return nil
	}
	v := u.vendors[r.Vendor]
	if v == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	rule := u.keys.Of(r.Vendor).rule(v, r, &u.sieve)
	switch {
	case rule != nil:
		u.uses[rule.place]++
	case v.Scheme != nil:
		u.unsigned[r.Vendor]++
	}
	return rule
}

// Unused are the selectors that no request had, without their shares.
func (u *KeyUses) Unused() (selectors []Selector) {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, rule := range u.keys.rules {
		if u.uses[rule.place] == 0 {
			selectors = append(selectors, rule.selector)
		}
	}
	return selectors
}

// Unsigned says of how many of a vendor's requests no key was.
func (u *KeyUses) Unsigned(vendor string) int64 {
	if u == nil {
		return 0
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.unsigned[vendor]
}

// Vendors are those of which requests had no key, sorted.
func (u *KeyUses) Vendors() []string {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Sorted(maps.Keys(u.unsigned))
}

// Keys is the keyring that is chosen from.
func (u *KeyUses) Keys() *Keyring {
	if u == nil {
		return nil
	}
	return u.keys
}

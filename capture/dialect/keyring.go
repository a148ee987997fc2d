package dialect

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/splitmix"
)

// Keyring holds the keys by which requests are signed, or their signatures checked. Of several keys of a vendor the most specific one
// is a request's: one for its account goes before one for its path, and the longest path before all others. It does not change, and may
// be used by several goroutines at once.
type Keyring struct {
	vendors map[string]*VendorKeys
	rules   []*keyRule
}

// Key is a secret, and for which requests it is.
type Key struct {
	Selector Selector
	Secret   []byte
	rule     *keyRule
}

// VendorKeys are those of one vendor. A nil one holds none.
type VendorKeys struct {
	all      []Key
	accounts map[string][]*keyRule // the longest path first
	paths    []*keyRule            // for any account
}

// keyRule is the keys of one selector: one, or several of which each has a share.
type keyRule struct {
	selector Selector // without a share
	place    int      // in Keyring.rules
	keys     []*Key
	upTo     []uint64 // of the hashes of requests: those below the first are the first key's, and so on; the last key has the rest
}

// NewKeyring makes a keyring of secrets by their selectors, see ParseSelector.
func NewKeyring(secrets map[string][]byte) (*Keyring, error) {
	k := &Keyring{vendors: make(map[string]*VendorKeys)}
	for _, text := range slices.Sorted(maps.Keys(secrets)) {
		s, err := ParseSelector(text)
		if err != nil {
			return nil, err
		}
		of := k.vendors[s.Vendor]
		if of == nil {
			of = new(VendorKeys)
			k.vendors[s.Vendor] = of
		}
		of.all = append(of.all, Key{Selector: s, Secret: secrets[text]})
	}
	for _, vendor := range k.Vendors() {
		k.build(k.vendors[vendor])
	}
	for place, rule := range k.rules {
		rule.place = place
		if err := rule.divide(); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Vendors are the names of the vendors that have keys, sorted.
func (k *Keyring) Vendors() []string { return slices.Sorted(maps.Keys(k.vendors)) }

// Selective says that a request's path or contents decide by which key it is signed.
func (k *Keyring) Selective() bool {
	return slices.ContainsFunc(k.rules, func(r *keyRule) bool { return r.selector.Account != "" || r.selector.Path != "" })
}

// Of returns a vendor's keys, and nil where it has none.
func (k *Keyring) Of(vendor string) *VendorKeys {
	if k == nil {
		return nil
	}
	return k.vendors[vendor]
}

// build sorts a vendor's keys and makes their rules.
func (k *Keyring) build(of *VendorKeys) {
	slices.SortFunc(of.all, func(a, b Key) int { // of one selector the one without a share is the last
		return cmp.Or(
			cmp.Compare(b.Selector.Account, a.Selector.Account), cmp.Compare(len(b.Selector.Path), len(a.Selector.Path)),
			cmp.Compare(a.Selector.Path, b.Selector.Path), cmp.Compare(b.Selector.Share, a.Selector.Share),
		)
	})
	var rule *keyRule
	for i := range of.all {
		key := &of.all[i]
		if rule == nil || rule.selector.whole() != key.Selector.whole() {
			rule = &keyRule{selector: key.Selector}
			rule.selector.Share = 0
			k.rules = append(k.rules, rule)
			of.add(rule)
		}
		key.rule = rule
		rule.keys = append(rule.keys, key)
	}
}

func (k *VendorKeys) add(r *keyRule) {
	if r.selector.Account == "" {
		k.paths = append(k.paths, r)
		return
	}
	if k.accounts == nil {
		k.accounts = make(map[string][]*keyRule)
	}
	k.accounts[r.selector.Account] = append(k.accounts[r.selector.Account], r)
}

// divide gives each key its share of the hashes. Shares are of all requests of the selector, and leave none over: one key has the rest,
// or they are 100 % together.
func (r *keyRule) divide() error {
	sum := 0.0
	for _, key := range r.keys {
		sum += key.Selector.Share
		r.upTo = append(r.upTo, uint64(min(sum, 1)*(1<<63))<<1)
	}
	const rounding = 1e-9
	whole, last := r.selector.whole(), r.keys[len(r.keys)-1]
	switch rest := last.Selector.Share == 0; {
	case sum > 1+rounding:
		return fmt.Errorf("%s: the shares are %.6g%% together, which is more than all", whole, sum*100)
	case rest && len(r.keys) > 1 && sum > 1-rounding:
		return fmt.Errorf("%s: the shares are 100%% together, and leave nothing for the key without a share", whole)
	case !rest && sum < 1-rounding:
		return fmt.Errorf("%s: the shares are %.6g%% together, and no key has the rest: give one without a share, too", whole, sum*100)
	}
	r.upTo[len(r.upTo)-1] = math.MaxUint64
	return nil
}

// of returns the key of a request by its place in the corpus: always the same for the same place.
func (r *keyRule) of(seq int64) *Key {
	if len(r.keys) == 1 {
		return r.keys[0]
	}
	const salt = 0x6b657973 // so that who is signed how does not hang together with other draws
	hash := splitmix.Next(uint64(seq) ^ salt<<32)
	i, _ := slices.BinarySearch(r.upTo, hash)
	return r.keys[min(i, len(r.keys)-1)]
}

// One returns the key of every request of the vendor, where there is one alone; else nil.
func (k *VendorKeys) One() *Key {
	if k == nil || len(k.all) != 1 || len(k.paths) == 0 || k.paths[0].selector.Path != "" {
		return nil
	}
	return &k.all[0]
}

// Sieve is the memory in which keys are looked for. It is for one goroutine.
type Sieve struct {
	spans []Span
	value []byte
}

// Choose returns the key that a request of the vendor is signed by, and nil where no key is for it. Of several with shares its Seq
// decides. r.URL is what is sent.
func (k *VendorKeys) Choose(v *Vendor, r *capture.Record, m *Sieve) *Key {
	if rule := k.rule(v, r, m); rule != nil {
		return rule.of(r.Seq)
	}
	return nil
}

// Candidates returns the keys of which a receiver may find the request signed by any: those that have a share of it.
func (k *VendorKeys) Candidates(v *Vendor, r *capture.Record, m *Sieve) []*Key {
	if rule := k.rule(v, r, m); rule != nil {
		return rule.keys
	}
	return nil
}

// rule returns the rule that is for a request; nil where none is.
func (k *VendorKeys) rule(v *Vendor, r *capture.Record, m *Sieve) *keyRule {
	if k == nil {
		return nil
	}
	if len(k.accounts) > 0 && v != nil {
		if rule := k.byAccount(v, r, m); rule != nil {
			return rule
		}
	}
	for _, rule := range k.paths {
		if rule.selector.isUnder(r.URL) {
			return rule
		}
	}
	return nil
}

// byAccount returns the rule for one of the accounts that a request names: of several the one with the longest path, and then that of
// the first field.
func (k *VendorKeys) byAccount(v *Vendor, r *capture.Record, m *Sieve) (best *keyRule) {
	spans, err := v.Locate(m.spans[:0], r, ClassSet(Account))
	m.spans = spans[:0]
	if err != nil { // no account is known of what cannot be read
		return nil
	}
	for i := range spans {
		m.value = valueAt(m.value[:0], r, &spans[i])
		for _, rule := range k.accounts[string(m.value)] {
			if rule.selector.isUnder(r.URL) {
				if best == nil || len(rule.selector.Path) > len(best.selector.Path) {
					best = rule
				}
				break
			}
		}
	}
	return best
}

// valueAt appends the value of a field of r.
func valueAt(dst []byte, r *capture.Record, s *Span) []byte {
	src := r.Body
	switch s.Part {
	case payload.InBody:
	case payload.InHeader:
		src = bytesOf(r.Headers[s.Header].Value)
	default:
		src = bytesOf(r.URL)
	}
	raw := src[s.Start:s.End]
	if s.Plain || s.Literal {
		return append(dst, raw...)
	}
	return s.Decode(dst, raw)
}

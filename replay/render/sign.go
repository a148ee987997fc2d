package render

import (
	"fmt"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/wire"
)

// Signer puts a signature on a record that is otherwise finished. One that has a method Timed() bool which returns true
// signs the time too. It may be called by several goroutines at once, for different records; the record's strings and
// slices are not to be kept.
type Signer interface {
	Sign(r *capture.Record, s dialect.Signing) error
}

// vendor is what is known of the senders of records of one name.
type vendor struct {
	name    string
	dialect *dialect.Vendor // nil where none is called that
	signer  Signer          // nil where their requests are not signed
	timed   bool
	signs   bool // the dialect has a scheme
	// keys are those to choose from; nil where all requests have the one of secret.
	keys   *dialect.VendorKeys
	secret []byte
	// stale says that requests get no new signature, or one by another scheme, so that headers of the recorded one are to go.
	stale bool
}

// key returns the secret that the current request is signed by; ok is false where it is not signed.
func (v *vendor) key(d *scratch) (secret []byte, ok bool) {
	if v.signer == nil {
		return nil, false
	}
	if v.keys == nil {
		return v.secret, true
	}
	key := v.keys.Choose(v.dialect, &d.w.Record, &d.sieve)
	if key == nil {
		return nil, false
	}
	return key.Secret, true
}

// hold takes the keys of a vendor.
func (v *vendor) hold(keys *dialect.VendorKeys) {
	if v.keys = keys; keys == nil {
		return
	}
	if one := keys.One(); one != nil {
		v.keys, v.secret = nil, one.Secret
	}
}

// newVendors lists the dialects and signers.
func newVendors(o *Options) ([]*vendor, error) {
	var all []*vendor
	byName := make(map[string]*vendor)
	add := func(name string, d *dialect.Vendor) *vendor {
		v := &vendor{name: name, dialect: d, signs: d != nil && d.Scheme != nil}
		all, byName[name] = append(all, v), v
		return v
	}
	for _, d := range o.Table.All() {
		add(d.Name, d)
	}
	keys, err := dialect.NewKeyring(o.Sign)
	if err != nil {
		return nil, fmt.Errorf("cannot sign for %w", err)
	}
	for _, name := range keys.Vendors() { // in order, so that of two that fail always the same is named
		v := byName[name]
		if v == nil && o.Signers[name] == nil {
			return nil, fmt.Errorf("cannot sign for %q: no vendor is called that", name)
		}
		if v != nil {
			v.signer = v.dialect
			v.hold(keys.Of(name))
		}
	}
	for name, signer := range o.Signers {
		v := byName[name]
		if v == nil {
			v = add(name, nil)
		}
		v.signer = signer
		v.hold(keys.Of(name))
	}
	for _, v := range all {
		if t, ok := v.signer.(interface{ Timed() bool }); ok {
			v.timed = t.Timed()
		}
		if v.dialect != nil && v.signer != Signer(v.dialect) {
			v.stale = true
		}
	}
	return all, nil
}

// vendorOf returns what is known of a record's sender; the zero vendor where that is nothing.
func (r *Renderer) vendorOf(name string) *vendor {
	for _, v := range r.vendors {
		if v.name == name {
			return v
		}
	}
	return &r.nobody
}

// sign signs the current record by a secret, as of a moment. signed is false where that failed.
func (r *Renderer) sign(d *scratch, v *vendor, secret []byte, at time.Time) (signed bool) {
	url := r.o.SignURL
	if url == "" {
		url = d.signedURL()
	}
	return v.signer.Sign(&d.w.Record, dialect.Signing{URL: url, Secret: secret, Now: at}) == nil
}

// signedURL is wire.SignedURL of what is sent.
func (d *scratch) signedURL() string {
	if d.host != d.w.Host || d.path != d.w.URL || d.url == "" {
		d.host, d.path = d.w.Host, d.w.URL
		d.url = wire.SignedURL(d.host, d.path)
	}
	return d.url
}

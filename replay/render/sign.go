package render

import (
	"fmt"
	"sync"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/wire"
	"reprise/replay"
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

// refresher does for finished requests what makes them tell another moment.
type refresher struct {
	sync.Mutex
	scratch scratch
	by      time.Duration // how far the times of the current request move
	held    bool          // an outage held it: its payload tells when it was due, however late it is sent
	change  change
	made    []byte
}

// Refresh has a finished request tell the moment at: its times move on from the moment that it was made for, and it is
// signed again. It may be called while Render runs, and by several goroutines for different requests. A request that
// cannot be signed again stays as it is.
func (r *Renderer) Refresh(q *replay.Request, at time.Time) {
	v := r.vendorOf(q.Vendor)
	f := &r.refresher
	f.Lock()
	defer f.Unlock()
	d := &f.scratch
	if d.w.Load(q.Wire, &q.Parts) != nil {
		return
	}
	d.w.Vendor, d.w.Kind, d.w.Time = q.Vendor, q.Kind, q.Stamped
	if r.o.Restamp && v.dialect != nil {
		f.held, f.by = q.Overdue > 0, at.Sub(q.Stamped)
		if d.rewrite(v.dialect, dialect.ClassSet(dialect.Time), f.change) != nil {
			return
		}
	}
	d.w.Seq = q.Seq // by which a key with a share is chosen again
	if secret, keyed := v.key(d); keyed && !r.sign(d, v, secret, at) {
		return
	}
	d.w.Measure(&d.text)
	d.out = d.w.Append(d.out[:0], &d.parts) // not into q.Wire, which the body is a part of
	q.Wire = append(q.Wire[:0], d.out...)
	q.Parts, d.parts = d.parts, q.Parts
	q.Stamped = at
}

// restamp is the change of a field by Refresh.
func (f *refresher) restamp(dst []byte, s *dialect.Span, value []byte) ([]byte, bool) {
	if f.held && s.Part != payload.InHeader {
		return dst, false
	}
	var ok bool
	if f.made, ok = payload.AppendMoved(f.made[:0], value, f.scratch.w.Time, f.by); !ok {
		return dst, false
	}
	return encode(dst, s, f.made), true
}

package dialect

import (
	"slices"

	"reprise/capture"
)

// Kinds is a Scheme that signs in several ways, of which the headers of a recorded request say which one.
type Kinds interface {
	Scheme
	// Headers names those of signatures, of all kinds.
	Headers() []string
	// Mark returns what of the value of such a header says by which kind a request was signed, and tells nothing else: it may stay
	// where the signature goes. ok is false where the header says nothing of that. The mark of a mark is itself.
	Mark(name, value string) (mark string, ok bool)
}

// SignatureMark returns what of a header may stay where the signature goes, for Sign to sign in the same way; see Kinds.
func (v *Vendor) SignatureMark(name, value string) (mark string, ok bool) {
	k, several := v.Scheme.(Kinds)
	if !several || !v.isSignature(name) {
		return "", false
	}
	return k.Mark(name, value)
}

// Unsign takes the headers of signatures off a request that is sent without a new one: all of them, or, of one that is sent as it was
// recorded, those that are only marks. Of a vendor whose scheme is not one of Kinds it takes none.
func (v *Vendor) Unsign(r *capture.Record, recorded bool) {
	lengths, signed := v.signatureLengths, false
	for i := range r.Headers {
		name := r.Headers[i].Name
		signed = signed || lengths>>(len(name)&63)&1 == 1 && v.isSignature(name)
	}
	if !signed {
		return
	}
	r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool {
		if !recorded {
			return v.isSignature(h.Name)
		}
		mark, ok := v.SignatureMark(h.Name, h.Value)
		return ok && mark == h.Value
	})
}

func (v *Vendor) isSignature(name string) bool {
	for _, own := range v.signatures {
		if capture.SameName(name, own) {
			return true
		}
	}
	return false
}

package signature

import (
	"errors"
	"fmt"
	"slices"

	"reprise/capture"
	"reprise/capture/dialect"
)

// maxOr bounds how many schemes a vendor has.
const maxOr = 8

// addOr makes the other schemes of a profile.
func (s *Signer) addOr(p *Profile) error {
	if len(p.Or) > maxOr {
		return fmt.Errorf("signature: a vendor has more than %d schemes", maxOr)
	}
	for _, one := range p.Or {
		if len(one.Or) > 0 {
			return errors.New("signature: a scheme in or has none of its own")
		}
		other, err := NewSigner(one)
		if err != nil {
			return err
		}
		for _, before := range append([]*Signer{s}, s.or...) {
			if capture.SameName(before.profile.Header, one.Header) {
				return errors.New("signature: each scheme of a vendor has a header of its own, which tells it")
			}
		}
		s.or = append(s.or, other)
	}
	return nil
}

// kindOf returns the scheme whose header a request has: the first one where it has none.
func (s *Signer) kindOf(r *capture.Record) *Signer {
	if len(s.or) == 0 {
		return s
	}
	if _, ok := r.Header(s.profile.Header); ok {
		return s
	}
	for _, other := range s.or {
		if _, ok := r.Header(other.profile.Header); ok {
			return other
		}
	}
	return s
}

// takeOthers takes off what headers of the vendor's other schemes a request has.
func (s *Signer) takeOthers(kind *Signer, r *capture.Record) {
	if len(s.or) == 0 {
		return
	}
	own, all := kind.ownHeaders(), s.ownHeaders()
	for _, other := range s.or {
		all = append(all, other.ownHeaders()...)
	}
	r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool { return hasName(all, h.Name) && !hasName(own, h.Name) })
}

// ownHeaders are those of this scheme which a signature makes anew.
func (s *Signer) ownHeaders() (names []string) {
	for _, name := range [...]string{s.profile.Header, s.profile.TimestampHeader, s.profile.NonceHeader} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func hasName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(one string) bool { return capture.SameName(one, name) })
}

// Headers names those that hold signatures and nonces, of all the vendor's schemes.
func (s *Signer) Headers() (names []string) {
	for _, one := range append([]*Signer{s}, s.or...) {
		names = append(names, one.profile.Header)
		if one.profile.NonceHeader != "" {
			names = append(names, one.profile.NonceHeader)
		}
	}
	return names
}

// Marks says whether a header is of a scheme that is not the first one.
func (s *Signer) Marks(name string) bool {
	_, ok := s.Mark(name, "")
	return ok
}

// Mark returns nothing of a signature's value: of a scheme that is not the first one, the header's name says which it is.
func (s *Signer) Mark(name, _ string) (mark string, ok bool) {
	for _, other := range s.or {
		if capture.SameName(name, other.profile.Header) {
			return "", true
		}
	}
	return "", false
}

var _ dialect.Kinds = (*Signer)(nil)

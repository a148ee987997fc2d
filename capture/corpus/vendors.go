package corpus

import (
	"context"
	"fmt"
	"slices"

	"reprise/capture"
)

// VendorError says that a vendor that was asked for is neither known nor in the corpus.
type VendorError struct {
	Name string
	// Known are those there are, in order.
	Known []string
}

// Error names it.
func (e *VendorError) Error() string { return fmt.Sprintf("no vendor is called %q", e.Name) }

// CheckVendors refuses, by a *VendorError, a name that is neither among those that are known nor a vendor's in the corpus file at
// a path. The corpus is read only where a name is not known.
func CheckVendors(ctx context.Context, path string, names, known []string) error {
	if err := unknownVendor(names, known, nil); err == nil {
		return nil
	}
	r, err := Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	all := &Selected{r: r, want: everything()}
	if _, err := capture.Copy(ctx, counting(func(*capture.Record) error { return nil }), all); err != nil {
		return err
	}
	return unknownVendor(names, known, all.seen)
}

// CheckVendors is what the function does, for a corpus without an index that was read to its end by this selection.
func (s *Selected) CheckVendors(known []string) error {
	if s.indexed {
		return nil
	}
	return unknownVendor(s.s.Vendors, known, s.seen)
}

// unknownVendor is the error for the first name that is neither known nor seen.
func unknownVendor(names, known []string, seen map[string]bool) error {
	for _, name := range names {
		if slices.Contains(known, name) || seen[name] {
			continue
		}
		all := slices.Clone(known)
		for v := range seen {
			if !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
		slices.Sort(all)
		return &VendorError{name, all}
	}
	return nil
}

package credentials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/signature"
	"reprise/capture/output"
	"reprise/capture/yamldoc"
)

// Signing says by which keys vendors' requests are signed, or their signatures checked.
type Signing struct {
	// Keys are of the form SELECTOR=@FILE, see dialect.ParseSelector: VENDOR=@FILE, VENDOR:ACCOUNT=@FILE, VENDOR/PATH=@FILE,
	// VENDOR@30%=@FILE. Schemes, VENDOR=PRESET or VENDOR=FILE, put another scheme of signatures in place of the vendor's own.
	Keys, Schemes []string
	// KeysName and SchemesName are how the two are called in errors.
	KeysName, SchemesName string
	// Check says that signatures are checked, and not made.
	Check bool
	// Vendors are those that there are; the zero value is all that reprise knows.
	Vendors dialect.Table
}

// KeyError says that a vendor's key is none.
type KeyError struct {
	Vendor string
	// Forms are those in which the vendor's keys are taken.
	Forms string
	Err   error
}

// Error is Err's.
func (e *KeyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *KeyError) Unwrap() error { return e.Err }

// Read reads the secrets, by their selectors as dialect.NewKeyring takes them, and returns the vendors with their ways of signing. Every
// key is tried, so that none is found out to be none in the middle of a run: then the error is a *KeyError.
func (s *Signing) Read(ctx context.Context) (secrets map[string][]byte, table dialect.Table, err error) {
	if secrets, err = s.secrets(ctx); err != nil {
		return nil, table, err
	}
	if table, err = s.table(secrets); err != nil {
		return nil, table, err
	}
	return secrets, table, s.try(secrets, table)
}

// Readable are the files of keys that other users of this machine can read.
func (s *Signing) Readable() (files []string) {
	for _, v := range s.Keys {
		_, file, _ := strings.Cut(v, "=@")
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && output.OpenToOthers(info) {
			files = append(files, file)
		}
	}
	return files
}

// secrets reads the keys' files.
func (s *Signing) secrets(ctx context.Context) (map[string][]byte, error) {
	out := make(map[string][]byte)
	for _, v := range s.Keys {
		text, file, ok := strings.Cut(v, "=@")
		if !ok || text == "" || file == "" {
			return nil, fmt.Errorf("%s: write VENDOR=@FILE: the secret is read from a file", s.KeysName)
		}
		selector, err := dialect.ParseSelector(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.KeysName, err)
		}
		name := selector.String()
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%s: %s is named twice, and these requests have one key: another is for an account, VENDOR:ACCOUNT, a path, "+
				"VENDOR/PATH, or a share, VENDOR@30%%", s.KeysName, name)
		}
		secret, err := Key(ctx, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.KeysName, err)
		}
		out[name] = secret
	}
	if _, err := dialect.NewKeyring(out); err != nil {
		return nil, fmt.Errorf("%s: %w", s.KeysName, err)
	}
	return out, nil
}

// try tries every key.
func (s *Signing) try(secrets map[string][]byte, table dialect.Table) error {
	for _, v := range s.Keys {
		text, file, _ := strings.Cut(v, "=@")
		selector, _ := dialect.ParseSelector(text) // which secrets did
		d, ok := table.Named(selector.Vendor)
		if !ok {
			return fmt.Errorf("%s: no vendor is called %q; known are %s", s.KeysName, selector.Vendor, strings.Join(table.Names(), " "))
		}
		err := d.CheckKey(secrets[selector.String()], !s.Check)
		if errors.Is(err, dialect.ErrUnsupported) {
			return fmt.Errorf("%s %s: this vendor's requests cannot be signed", s.KeysName, selector.Vendor)
		}
		if err != nil {
			return &KeyError{d.Name, d.KeyForms(), fmt.Errorf("%s %s: %s: %w", s.KeysName, text, file, err)}
		}
	}
	return nil
}

// table returns the vendors, with the schemes that were given.
func (s *Signing) table(secrets map[string][]byte) (dialect.Table, error) {
	vendors := s.Vendors
	if len(vendors.All()) == 0 {
		vendors = all.Table()
	}
	keys, err := dialect.NewKeyring(secrets)
	if err != nil {
		return dialect.Table{}, err
	}
	schemes := make(map[string]dialect.Scheme)
	for _, v := range s.Schemes {
		vendor, from, ok := strings.Cut(v, "=")
		if _, known := vendors.Named(vendor); !ok || from == "" || !known {
			return dialect.Table{}, fmt.Errorf("%s: write VENDOR=PRESET or VENDOR=FILE; the vendors are %s", s.SchemesName, strings.Join(vendors.Names(), " "))
		}
		if _, twice := schemes[vendor]; twice {
			return dialect.Table{}, fmt.Errorf("%s: %s is named twice: a vendor has one scheme", s.SchemesName, vendor)
		}
		if keys.Of(vendor) == nil {
			return dialect.Table{}, fmt.Errorf("%s %s is the scheme of a key: give %s %s=@FILE too", s.SchemesName, vendor, s.KeysName, vendor)
		}
		scheme, err := readScheme(vendors, from)
		if err != nil {
			return dialect.Table{}, fmt.Errorf("%s: %w", s.SchemesName, err)
		}
		schemes[vendor] = scheme
	}
	return vendors.Signed(schemes), nil
}

// readScheme takes the name of a vendor whose scheme is that of a profile, or of a file that describes one.
func readScheme(vendors dialect.Table, from string) (dialect.Scheme, error) {
	var names []string
	for _, v := range signature.Presets(vendors) {
		if v.Name == from {
			return v.Scheme, nil
		}
		names = append(names, v.Name)
	}
	text, err := yamldoc.ReadFile(from)
	if err != nil {
		return nil, fmt.Errorf("no preset is called %q (%s), and as a file: %w", from, strings.Join(names, ", "), err)
	}
	p, err := signature.ParseProfile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return signature.New(p)
}

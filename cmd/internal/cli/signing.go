package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/generic"
)

// readSecrets reads flags of the form vendor=@file, as --sign and --verify take them. A secret never stands on
// the command line itself, where every user of the machine could read it.
func readSecrets(flag string, values []string) (map[string][]byte, error) {
	out := make(map[string][]byte)
	for _, v := range values {
		vendor, file, ok := strings.Cut(v, "=@")
		if !ok || vendor == "" || file == "" {
			return nil, misuse("%s: write VENDOR=@FILE: the secret is read from a file", flag)
		}
		secret, err := os.ReadFile(file)
		if err != nil {
			return nil, misuse("%s: %v", flag, err)
		}
		if secret = bytes.TrimSpace(secret); len(secret) == 0 {
			return nil, misuse("%s: %s is empty", flag, file)
		}
		out[vendor] = secret
	}
	return out, nil
}

// readSigning reads --sign and --sign-profile: a secret a vendor, and the vendors with their ways of signing.
func readSigning(sign, profiles []string) (secrets map[string][]byte, table dialect.Table, err error) {
	if secrets, err = readSecrets("--sign", sign); err != nil {
		return nil, table, err
	}
	if table, err = signingTable("--sign-profile", profiles); err != nil {
		return nil, table, err
	}
	for vendor, secret := range secrets {
		d, ok := table.Named(vendor)
		if !ok {
			return nil, table, misuse("--sign: no vendor is called %q; known are %s", vendor, vendorNames(table))
		}
		probe := capture.Record{Method: "POST", URL: "/"}
		if err := d.Sign(&probe, dialect.Signing{URL: "https://localhost/", Secret: secret, Now: time.Now()}); errors.Is(err, dialect.ErrUnsupported) {
			return nil, table, misuse("--sign %s: this vendor's requests cannot be signed", vendor)
		}
	}
	return secrets, table, nil
}

// signingTable returns the built-in dialects, those named by flags of the form VENDOR=PRESET or VENDOR=FILE with another
// scheme of signatures in place of the vendor's own.
func signingTable(flag string, values []string) (dialect.Table, error) {
	schemes := make(map[string]*generic.Signer)
	for _, v := range values {
		vendor, from, ok := strings.Cut(v, "=")
		if _, known := all.Table().Named(vendor); !ok || from == "" || !known {
			return dialect.Table{}, misuse("%s: write VENDOR=PRESET or VENDOR=FILE; the vendors are %s", flag, vendorNames(all.Table()))
		}
		profile, err := readProfile(from)
		if err != nil {
			return dialect.Table{}, misuse("%s: %v", flag, err)
		}
		if schemes[vendor], err = generic.NewSigner(profile); err != nil {
			return dialect.Table{}, misuse("%s: %v", flag, err)
		}
	}
	dialects := all.Table().All()
	for i, d := range dialects {
		if s := schemes[d.Name()]; s != nil {
			dialects[i] = generic.Signed(d, s)
		}
	}
	return dialect.NewTable(dialects...), nil
}

// readProfile takes the name of a published scheme or of a file that describes one.
func readProfile(from string) (generic.Profile, error) {
	if p, ok := generic.Preset(from); ok {
		return p, nil
	}
	text, err := readSettings(from)
	if err != nil {
		return generic.Profile{}, fmt.Errorf("no preset is called %q (standard-webhooks, svix, sinch, klaviyo, attentive), and as a file: %w", from, err)
	}
	p, err := generic.ParseProfile(text)
	if err != nil {
		return p, fmt.Errorf("%s: %w", from, err)
	}
	return p, nil
}

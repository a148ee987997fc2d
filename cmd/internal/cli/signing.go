package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/generic"
	"reprise/capture/source/open"
	"reprise/capture/yamldoc"
)

// readSecrets reads flags of the form vendor=@file, as --sign and --verify take them. A secret never stands on
// the command line itself, where every user of the machine could read it.
func readSecrets(ctx context.Context, flag string, values []string) (map[string][]byte, error) {
	out := make(map[string][]byte)
	for _, v := range values {
		vendor, file, ok := strings.Cut(v, "=@")
		if !ok || vendor == "" || file == "" {
			return nil, misuse("%s: write VENDOR=@FILE: the secret is read from a file", flag)
		}
		if _, twice := out[vendor]; twice {
			return nil, misuse("%s: %s is named twice: a vendor has one secret", flag, vendor)
		}
		secret, err := readKeyFile(ctx, file)
		if err != nil {
			return nil, misuse("%s: %w", flag, err)
		}
		out[vendor] = secret
	}
	return out, nil
}

// readSigning reads --sign and --sign-profile: a secret a vendor, and the vendors with their ways of signing.
func readSigning(ctx context.Context, sign, profiles []string) (secrets map[string][]byte, table dialect.Table, err error) {
	if secrets, err = readSecrets(ctx, "--sign", sign); err != nil {
		return nil, table, err
	}
	if table, err = signingTable("--sign-profile", profiles, secrets); err != nil {
		return nil, table, err
	}
	return secrets, table, checkKeys("--sign", sign, secrets, table)
}

// readVerifying reads --verify and --verify-profile, likewise.
func readVerifying(ctx context.Context, verify, profiles []string) (secrets map[string][]byte, table dialect.Table, err error) {
	if secrets, err = readSecrets(ctx, "--verify", verify); err != nil {
		return nil, table, err
	}
	if table, err = signingTable("--verify-profile", profiles, secrets); err != nil {
		return nil, table, err
	}
	return secrets, table, checkKeys("--verify", verify, secrets, table)
}

// checkKeys tries every key that was read, so that none is found out to be none in the middle of a run.
func checkKeys(flag string, values []string, secrets map[string][]byte, table dialect.Table) error {
	for _, v := range values {
		vendor, file, _ := strings.Cut(v, "=@")
		d, ok := table.Named(vendor)
		if !ok {
			return misuse("%s: no vendor is called %q; known are %s", flag, vendor, vendorNames(table))
		}
		err := d.CheckKey(secrets[vendor], flag == "--sign")
		if errors.Is(err, dialect.ErrUnsupported) {
			return misuse("%s %s: this vendor's requests cannot be signed", flag, vendor)
		}
		if err != nil {
			return withHint(misuse("%s %s: %s: %v", flag, vendor, file, err), vendor+" takes "+d.KeyForms())
		}
	}
	return nil
}

// sayReadable warns of keys that other users of this machine can read.
func sayReadable(w io.Writer, verb, flag string, values []string) {
	for _, v := range values {
		_, file, _ := strings.Cut(v, "=@")
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // where modes say nothing
			fmt.Fprintf(w, "reprise: %s: %s: %s can be read by others: chmod 600 it\n", verb, flag, file)
		}
	}
}

// maxKeyFile is more than any key's file has.
const maxKeyFile = 64 << 10

// readKeyFile reads a token or a key. Of text it leaves out the mark and the line end that editors add.
func readKeyFile(ctx context.Context, name string) ([]byte, error) {
	key, err := open.Secret(ctx, name, maxKeyFile, nil)
	switch {
	case errors.Is(err, open.ErrLarge):
		return nil, fmt.Errorf("%s is larger than 64 KiB, which no key is", name)
	case err != nil:
		return nil, err
	case bytes.HasPrefix(key, []byte("\xff\xfe")) || bytes.HasPrefix(key, []byte("\xfe\xff")):
		return nil, fmt.Errorf("%s is text in UTF-16: write it in UTF-8", name)
	}
	if utf8.Valid(key) && !bytes.ContainsFunc(key, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		key = bytes.TrimSpace(bytes.TrimPrefix(key, []byte("\ufeff")))
	}
	if len(key) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	return key, nil
}

// keyHelp is the part of a help that says in which forms keys are taken.
func keyHelp(profile string) string {
	var b strings.Builder
	b.WriteString("\n\nThe file of a key holds, for")
	for _, d := range all.Table().All() {
		if forms := d.KeyForms(); forms != "" {
			fmt.Fprintf(&b, "\n  %-7s %s", d.Name, forms)
		}
	}
	fmt.Fprintf(&b, "\nWith %s, it holds the secret as that scheme writes it. A key is tried before the first request; one that does\n"+
		"not fit ends with code 2. A line end or a byte order mark around a text is no part of it.", profile)
	return b.String()
}

// signingTable returns the built-in dialects, those named by flags of the form VENDOR=PRESET or VENDOR=FILE with another
// scheme of signatures in place of the vendor's own.
func signingTable(flag string, values []string, secrets map[string][]byte) (dialect.Table, error) {
	schemes := make(map[string]*generic.Signer)
	for _, v := range values {
		vendor, from, ok := strings.Cut(v, "=")
		if _, known := all.Table().Named(vendor); !ok || from == "" || !known {
			return dialect.Table{}, misuse("%s: write VENDOR=PRESET or VENDOR=FILE; the vendors are %s", flag, vendorNames(all.Table()))
		}
		if _, twice := schemes[vendor]; twice {
			return dialect.Table{}, misuse("%s: %s is named twice: a vendor has one scheme", flag, vendor)
		}
		if _, keyed := secrets[vendor]; !keyed {
			return dialect.Table{}, misuse("%s %s is the scheme of a key: give %s %s=@FILE too", flag, vendor, strings.TrimSuffix(flag, "-profile"), vendor)
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
		if s := schemes[d.Name]; s != nil {
			dialects[i] = d.Signed(s)
		}
	}
	return dialect.NewTable(dialects...), nil
}

// readProfile takes the name of a published scheme or of a file that describes one.
func readProfile(from string) (generic.Profile, error) {
	if p, ok := generic.Preset(from); ok {
		return p, nil
	}
	text, err := yamldoc.ReadFile(from)
	if err != nil {
		return generic.Profile{}, fmt.Errorf("no preset is called %q (standard-webhooks, svix, sinch, klaviyo, attentive), and as a file: %w", from, err)
	}
	p, err := generic.ParseProfile(text)
	if err != nil {
		return p, fmt.Errorf("%s: %w", from, err)
	}
	return p, nil
}

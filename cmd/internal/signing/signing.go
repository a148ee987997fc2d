// Package signing is what the verbs that sign and those that verify share of it: keys and schemes as flags give them, what is said of
// them, and what their help says of keys.
package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"reprise/capture/credentials"
	"reprise/capture/dialect"
	"reprise/capture/dialect/signature"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
)

// ToSign gives the keys of --sign and the schemes of --sign-profile.
func ToSign(sign, profiles []string) *credentials.Signing {
	return &credentials.Signing{Keys: sign, Schemes: profiles, KeysName: "--sign", SchemesName: "--sign-profile"}
}

// ToVerify gives the keys of --verify and the schemes of --verify-profile.
func ToVerify(verify, profiles []string) *credentials.Signing {
	return &credentials.Signing{Keys: verify, Schemes: profiles, KeysName: "--verify", SchemesName: "--verify-profile", Check: true}
}

// KeyForm is the part of a flag's help that says how keys are given; share says of which requests one with a share is.
func KeyForm(share string) string {
	return "`VENDOR=@FILE`, the file holding the token or key; VENDOR:ACCOUNT=@FILE and VENDOR/PATH=@FILE are those of an account and of a path, and go before it; " +
		"VENDOR@30%=@FILE is for that share of the requests, " + share
}

// Schemes is the part of a flag's help that says which schemes there are.
func Schemes(table dialect.Table) string {
	var names []string
	for _, v := range signature.Presets(table) {
		names = append(names, v.Name)
	}
	return "`VENDOR=PRESET|FILE` (" + strings.Join(names, ", ") + ", or JSON)"
}

// Read reads keys and schemes: secrets by their selectors, and the vendors with their ways of signing.
func Read(ctx context.Context, s *credentials.Signing, vendors dialect.Table) (map[string][]byte, dialect.Table, error) {
	s.Vendors = vendors
	secrets, table, err := s.Read(ctx)
	if key, ok := errors.AsType[*credentials.KeyError](err); ok {
		return nil, table, exit.Hint(exit.Misuse("%w", err), key.Vendor+" takes "+key.Forms)
	}
	if err != nil {
		return nil, table, exit.Misuse("%w", err)
	}
	return secrets, table, nil
}

// SayReadable warns of keys that other users of this machine can read.
func SayReadable(w io.Writer, verb string, s *credentials.Signing) {
	for _, file := range s.Readable() {
		fmt.Fprintf(w, "reprise: %s: %s: %s can be read by others: chmod 600 it\n", verb, s.KeysName, file)
	}
}

// SignNotes says which keys of --sign are for no request, and of which requests no key is.
func SignNotes(u *dialect.KeyUses) (notes []string) {
	for _, s := range u.Unused() {
		notes = append(notes, "--sign "+unused(s))
	}
	for _, vendor := range u.Vendors() {
		if n := u.Unsigned(vendor); n > 0 {
			notes = append(notes, fmt.Sprintf("%s of %s without a signature, as no --sign is for %s", wording.Count(n, "request"),
				vendor+" "+wording.Choose(n, "goes", "go"), wording.Choose(n, "it", "them")))
		}
	}
	return notes
}

// VerifyNotes says which keys of --verify that are for an account or a path no request had, and how many requests of vendors that have
// such keys had none.
func VerifyNotes(u *dialect.KeyUses) (notes []string) {
	for _, s := range u.Unused() {
		if s.Account != "" || s.Path != "" {
			notes = append(notes, "--verify "+unused(s))
		}
	}
	for _, vendor := range u.Vendors() {
		if n := u.Unsigned(vendor); n > 0 && u.Keys().Of(vendor) != nil {
			notes = append(notes, fmt.Sprintf("%s of %s not checked, as no --verify is for %s", wording.Count(n, "request"),
				vendor+" "+wording.Choose(n, "was", "were"), wording.Choose(n, "it", "them")))
		}
	}
	return notes
}

// unused says that no request had a key.
func unused(s dialect.Selector) string {
	switch {
	case s.Account != "" && s.Path != "":
		return s.String() + ": no request is of that account and path; anonymize has replaced the account's real id (reprise cat shows which ids there are)"
	case s.Account != "":
		return s.String() + ": no request is of that account; anonymize has replaced its real id (reprise cat shows which ids there are)"
	case s.Path != "":
		return s.String() + ": no request goes to that path"
	}
	return s.String() + ": no request is of that vendor"
}

// CheckURL refuses what is no URL of a request, and says what is of no use.
func CheckURL(text string, sign []string) (said string, err error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "" { // the text of err may quote a password
		return "", exit.Misuse("--sign-url: write the whole URL that the receiver is known by: https://HOST/PATH")
	}
	if len(sign) == 0 {
		said = "--sign-url is what signatures cover, and without --sign nothing is signed"
	}
	return said, nil
}

// KeyHelp is the part of a help that says in which forms keys are taken.
func KeyHelp(table dialect.Table, profile string) string {
	var b strings.Builder
	width := 0
	for _, d := range table.All() {
		if d.Scheme != nil {
			width = max(width, len(d.Name))
		}
	}
	b.WriteString("\n\nThe file of a key holds, for")
	for _, d := range table.All() {
		if forms := d.KeyForms(); forms != "" {
			fmt.Fprintf(&b, "\n  %-*s %s", width, d.Name, forms)
		}
	}
	fmt.Fprintf(&b, "\nWith %s, it holds the secret as that scheme writes it. A key is tried before the first request; one that does\n"+
		"not fit ends with code 2. A line end or a byte order mark around a text is no part of it.", profile)
	return b.String()
}

package dialecttest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
)

// CheckSigning checks that Sign and Verify agree on a sample, and that Verify misses no change. covered says
// whether the signature covers the body.
func CheckSigning(t *testing.T, d *dialect.Vendor, s Sample, signing, verifying dialect.Signing, covered bool) {
	t.Helper()
	bare := s.Record()
	if err := d.Verify(bare, verifying); !errors.Is(err, dialect.ErrUnsigned) {
		t.Errorf("Verify before Sign = %v, want ErrUnsigned", err)
	}
	r := s.Record()
	if err := d.Sign(r, signing); err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if strings.Contains(verifying.URL, "?") || strings.Contains(r.URL, "?") {
		verifying.URL, _, _ = strings.Cut(verifying.URL, "?")
		_, query, _ := strings.Cut(r.URL, "?")
		verifying.URL += "?" + query
	}
	if err := d.Verify(r, verifying); err != nil {
		t.Errorf("Verify after Sign: %v", err)
	}
	for what, change := range map[string]func(r *capture.Record, v *dialect.Signing){
		"body": func(r *capture.Record, _ *dialect.Signing) {
			r.Body = []byte(strings.Replace(string(r.Body), "e", "E", 1))
		},
		"secret": func(_ *capture.Record, v *dialect.Signing) { v.Secret = swapCase(v.Secret) },
	} {
		if what == "body" && !covered {
			continue
		}
		changed, v := r.Clone(), verifying
		change(changed, &v)
		if err := d.Verify(changed, v); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("Verify with another %s = %v, want ErrSignature", what, err)
		}
	}
	again := r.Clone()
	signing.Now = signing.Now.Add(time.Hour)
	if err := d.Sign(again, signing); err != nil || len(again.Headers) != len(r.Headers) {
		t.Errorf("signing twice gave %d headers, want %d (%v)", len(again.Headers), len(r.Headers), err)
	}
}

// swapCase changes the case of the first letter: another secret of the same form.
func swapCase(secret []byte) []byte {
	out := slices.Clone(secret)
	for i, c := range out {
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			out[i] ^= 0x20
			break
		}
	}
	return out
}

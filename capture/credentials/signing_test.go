package credentials

import (
	"os"
	"path/filepath"
	"testing"

	"reprise/capture/dialect"
	"reprise/capture/dialect/signature"
)

func TestSigningForAVendorOfOnesOwn(t *testing.T) {
	scheme, err := signature.NewSigner(signature.Profile{Header: "Acme-Signature", Template: "{url}{body}"})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Signing{Keys: []string{"acme=@" + file}, KeysName: "--sign"}
	if _, _, err := s.Read(t.Context()); err == nil {
		t.Error("a vendor that nobody knows has a key")
	}
	s.Vendors = dialect.NewTable(dialect.New(dialect.Vendor{Name: "acme", Scheme: scheme}))
	secrets, table, err := s.Read(t.Context())
	if _, ok := table.Named("acme"); err != nil || !ok || string(secrets["acme"]) != "key" {
		t.Errorf("%q, %v", secrets, err)
	}
}

package dialect

import (
	"errors"
	"time"
)

// ErrNoCertificate says that a key has a certificate, and that KeyOptions name no file for it.
var ErrNoCertificate = errors.New("its keys have certificates, which need a file of their own")

// KeyMaker is a Scheme for which keys can be made, for tests against receivers that are told to trust them.
type KeyMaker interface {
	Scheme
	// MakeKey makes a key of random bits. An error says what of the options is wrong.
	MakeKey(o KeyOptions) (TestKey, error)
	// Versions are the values of KeyOptions.Version that make a key of another kind than the usual one.
	Versions() []string
}

// KeyOptions say what a key is to be. The zero value makes one of the scheme's usual kind; a scheme with
// certificates needs a CertificateName.
type KeyOptions struct {
	// Version is that of the scheme's signatures, as it stands before them, where there are several: v1 or v1a.
	Version string
	// CertificateName is the name of the certificate's file, and CertificateURL where receivers will find it: where it is empty, that file
	// on a host that the scheme's receivers take for one of the vendor's own.
	CertificateName, CertificateURL string
	// Now is when a certificate begins to hold.
	Now time.Time
}

// TestKey is a key that was made.
type TestKey struct {
	// Secret is what its file holds, which is to be signed with.
	Secret []byte
	// Certificate is what receivers are to trust, in PEM; nil where there is none.
	Certificate []byte
	// Settings are what a receiver is told; nil where it has the same secret.
	Settings []Setting
}

// Setting is one value that a receiver is told.
type Setting struct {
	// Name is the variable of its environment that the vendor's documentation or library names, or "" where each receiver has its own.
	Name  string
	Value string
}

package signature

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	neturl "net/url"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// secretSize is how many bytes a secret has that is made: Standard Webhooks has 24 to 64.
const secretSize = 32

// MakeKey makes a key pair where the scheme has one, and a shared secret otherwise, or where the version is that of the HMAC.
func (s *Signer) MakeKey(o dialect.KeyOptions) (dialect.TestKey, error) {
	p := &s.profile
	pair := p.KeyPair
	switch version := strings.TrimSuffix(p.Prefix, ","); {
	case o.Version == "" && s.macs == nil:
		_, public, file, err := keyed.NewEd25519()
		return told(file, base64.StdEncoding.EncodeToString(public)), err
	case pair != (KeyPair{}) && (o.Version == "" || o.Version == strings.TrimSuffix(pair.Prefix, ",")):
		private, public, _, err := keyed.NewEd25519()
		return told([]byte(pair.Private+base64.StdEncoding.EncodeToString(private)+"\n"), pair.Public+base64.StdEncoding.EncodeToString(public)), err
	case o.Version != "" && (o.Version != version || s.macs == nil):
		return dialect.TestKey{}, fmt.Errorf("no signatures of the scheme begin with %s", o.Version)
	}
	bits := make([]byte, secretSize)
	_, _ = rand.Read(bits) // never fails: it aborts the program instead
	text := hex.EncodeToString(bits)
	if p.SecretEncoding == "base64" {
		text = base64.StdEncoding.EncodeToString(bits)
	}
	return dialect.TestKey{Secret: []byte(p.SecretPrefix + text + "\n")}, nil
}

// Versions names the HMAC's where the scheme has key pairs too.
func (s *Signer) Versions() []string {
	if s.profile.KeyPair == (KeyPair{}) {
		return nil
	}
	return []string{strings.TrimSuffix(s.profile.Prefix, ",")}
}

// told is a key of which the receiver is told one value.
func told(file []byte, value string) dialect.TestKey {
	return dialect.TestKey{Secret: file, Settings: []dialect.Setting{{Value: value}}}
}

// Name is the scheme's own name, beside those of the vendors that sign by it.
func (*SNS) Name() string { return snsName }

// Versions returns nil.
func (*SNS) Versions() []string { return nil }

// testHost has a name that the SDKs take for one of Amazon's, sns.REGION.amazonaws.com, and is in no region that there is.
const testHost = "sns.localtest.amazonaws.com"

// MakeKey makes a key, and a certificate that it signs itself, for the host of the certificate's URL: it may serve as that of the
// server which gives it to receivers, too.
func (*SNS) MakeKey(o dialect.KeyOptions) (dialect.TestKey, error) {
	if o.CertificateURL == "" {
		o.CertificateURL = "https://" + testHost + "/" + neturl.PathEscape(o.CertificateName)
	}
	switch {
	case o.CertificateName == "":
		return dialect.TestKey{}, dialect.ErrNoCertificate
	case o.Version != "":
		return dialect.TestKey{}, fmt.Errorf("each message says its version, and %s is none of a key", o.Version)
	case !isCertificateURL(o.CertificateURL):
		return dialect.TestKey{}, errors.New("a certificate's URL is one of https")
	}
	u, err := neturl.Parse(o.CertificateURL)
	if err != nil {
		return dialect.TestKey{}, err
	}
	private, certificate, err := keyed.NewCertified(u.Hostname(), o.Now)
	if err != nil {
		return dialect.TestKey{}, err
	}
	secret := append([]byte(certificateLine+" "+o.CertificateURL+"\n"), private...)
	return dialect.TestKey{
		Secret: append(secret, certificate...), Certificate: certificate,
		Settings: []dialect.Setting{{Name: strings.TrimSuffix(certificateLine, ":"), Value: o.CertificateURL}},
	}, nil
}

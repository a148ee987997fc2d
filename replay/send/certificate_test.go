package send

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// identity makes a certificate of its own authority, and its key, both PEM.
func identity(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes})
}

func loadIdentity(t *testing.T, cert, key []byte) *tls.Certificate {
	t.Helper()
	c, err := LoadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClientCertificates(t *testing.T) {
	known, key := identity(t, "known")
	other, otherKey := identity(t, "other")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		target := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
		target.EnableHTTP2 = true
		target.Config.ErrorLog = log.New(io.Discard, "", 0)
		target.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: version, MaxVersion: version}
		target.TLS.ClientCAs.AppendCertsFromPEM(known)
		target.StartTLS()
		t.Cleanup(target.Close)
		cas := x509.NewCertPool()
		cas.AddCert(target.Certificate())
		for _, tc := range []struct {
			name string
			cert *tls.Certificate
			want string
		}{
			{"the one it knows", loadIdentity(t, known, key), ""},
			{"another", loadIdentity(t, other, otherKey), "the target refuses the TLS client certificate ("},
			{"none", nil, "the target demands a TLS client certificate ("},
		} {
			for name, o := range engines() {
				t.Run(fmt.Sprintf("%x %s %s", version, tc.name, name), func(t *testing.T) {
					o.RootCAs, o.Certificate, o.Connections, o.verdict = cas, tc.cert, 2, patience
					e := engine(t, target.URL, o)
					_, err := e.Warm(t.Context())
					certificate := (*CertificateError)(nil)
					switch {
					case tc.want == "" && err != nil:
						t.Fatal(err)
					case tc.want != "" && (!errors.As(err, &certificate) || !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), tc.want)):
						t.Fatalf("%v, want %s", err, tc.want)
					}
					if res := send(t, e, post("hello")); res.OK() != (tc.want == "") {
						t.Errorf("status %d, %q", res.Status, res.Error)
					}
				})
			}
		}
	}
}

func TestLoadCertificate(t *testing.T) {
	cert, key := identity(t, "one")
	_, other := identity(t, "two")
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})
	for _, tc := range []struct {
		name      string
		cert, key []byte
		want      string
	}{
		{"right", cert, key, ""},
		{"both in one", append(key, cert...), append(key, cert...), ""},
		{"another's key", cert, other, "the key is not that of the certificate"},
		{"an encrypted key", cert, locked, "the key is encrypted"},
		{"no certificate", key, key, "no PEM certificate"},
		{"no key", cert, cert, "no PEM private key"},
		{"nothing", nil, nil, "no PEM certificate"},
	} {
		_, err := LoadCertificate(tc.cert, tc.key)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

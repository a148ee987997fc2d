package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/output"
)

// tlsFlags say with which certificate a sink serves TLS.
type tlsFlags struct {
	on              bool
	caOut           string
	certFile, keyIn string
}

func (o *tlsFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "tls", false, "serve HTTPS, over HTTP/2 where the client wants, with a certificate made for localhost, 127.0.0.1 and ::1")
	f.StringVar(&o.caOut, "tls-ca-out", "", "write the certificate that clients are to trust to `FILE` (PEM, for replay --cacert), with --tls")
	writes(f, "tls-ca-out", wholeFile)
	f.StringVar(&o.certFile, "cert", "", "serve HTTPS with the certificate (chain) in this PEM `FILE`")
	f.StringVar(&o.keyIn, "key", "", "the PEM `FILE` of the key that belongs to --cert")
}

// config returns nil where no TLS is asked for.
func (o *tlsFlags) config(s Streams, force bool) (*tls.Config, error) {
	switch {
	case (o.certFile == "") != (o.keyIn == ""):
		return nil, misuse("--cert and --key belong together")
	case o.certFile != "" && o.on:
		return nil, misuse("--tls makes a certificate of its own: leave out --cert and --key, or --tls")
	case o.caOut != "" && !o.on:
		return nil, misuse("--tls-ca-out is for the certificate that --tls makes")
	case o.certFile != "":
		// What tls says of a key file that it cannot read names types alone, never what stands there.
		cert, err := tls.LoadX509KeyPair(o.certFile, o.keyIn)
		if err != nil {
			return nil, misuse("--cert %s --key %s: %v", o.certFile, o.keyIn, err)
		}
		return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
	case !o.on:
		return nil, nil
	}
	cert, err := selfSigned(time.Now())
	if err != nil {
		return nil, err
	}
	if o.caOut != "" {
		if err := writeCA(s, o.caOut, force, cert.Certificate[0]); err != nil {
			return nil, err
		}
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
}

// selfSigned makes a certificate for this machine's own names. Its key is in memory alone and ends with the sink.
func selfSigned(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	of := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "reprise sink"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(30 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func writeCA(s Streams, name string, force bool, der []byte) error {
	return writeOutput(s, name, force, func(w io.Writer) error {
		if f, ok := w.(*output.File); ok { // it is public: other users' clients trust it too
			if err := f.Chmod(0o644); err != nil {
				return err
			}
		}
		return pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	})
}

package anonymize

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"

	"reprise/capture/output"
)

// NewKey returns a fresh key as its file holds it: 64 hex digits and a line feed.
func NewKey() []byte {
	var key [KeySize]byte
	_, _ = rand.Read(key[:]) // never fails: it aborts the program instead
	return append(hex.AppendEncode(nil, key[:]), '\n')
}

// ReadKey reads a key's file: what NewKey returned, or KeySize bytes. One that others can read is refused.
func ReadKey(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if output.OpenToOthers(info) {
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it", name)
	}
	const most = 2*KeySize + 2 // and a line's end
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%s is no key: 64 hex digits, as keygen writes them, or %d bytes", name, KeySize)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(text) == KeySize {
		return text, nil
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != KeySize { // the error would show what is in the file
		return nil, fmt.Errorf("%s is no key: 64 hex digits, as keygen writes them, or %d bytes", name, KeySize)
	}
	return key, nil
}

// Fingerprint names a key without telling anything of it: 16 hex digits.
func Fingerprint(key []byte) (string, error) {
	k, err := newKeys(key)
	return k.fingerprint, err
}

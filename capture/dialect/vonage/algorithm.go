package vonage

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"  // Vonage's default scheme
	"crypto/sha1" // another of Vonage's schemes
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// algorithm is how a sig is made of the parameters. An account is set to one of them.
type algorithm struct {
	name string
	// hash is that of the HMAC; nil for md5hash, the MD5 of the parameters followed by the secret.
	hash func() hash.Hash
	size int // of the sig, in hex digits
}

// algorithms lists them all. The first of those that make a sig of one size is the one that is signed with.
func algorithms() [5]algorithm {
	return [...]algorithm{
		{"md5hash", nil, 32}, {"md5", md5.New, 32}, {"sha1", sha1.New, 40}, {"sha256", sha256.New, 64}, {"sha512", sha512.New, 128},
	}
}

// secretOf splits a secret as users write it, SECRET or ALGORITHM:SECRET, and returns the algorithms that may have
// made sig: the one that is named, or else those that make a sig of that length, or else Vonage's default.
func secretOf(notation []byte, sig string) (secret []byte, may []algorithm) {
	all := algorithms()
	if name, rest, ok := bytes.Cut(notation, []byte{':'}); ok {
		for i, a := range all {
			if strings.EqualFold(a.name, string(name)) {
				return rest, all[i : i+1]
			}
		}
	}
	for _, a := range all {
		if a.size == len(sig) {
			may = append(may, a)
		}
	}
	if len(may) == 0 {
		may = all[:1]
	}
	return notation, may
}

// sum returns the sig of the parameters' string, in lower case.
func (a algorithm) sum(params, secret []byte) string {
	if a.hash == nil {
		sum := md5.Sum(append(bytes.Clone(params), secret...))
		return hex.EncodeToString(sum[:])
	}
	mac := hmac.New(a.hash, secret)
	mac.Write(params)
	return hex.EncodeToString(mac.Sum(nil))
}

package corpus

import (
	"bytes"
	"testing"
)

// TestMendMagic holds that a corpus is known where a bit of its first bytes is wrong, and nothing else is taken for one: neither what says
// that it is of another version, nor what has a damaged header, nor what is none.
func TestMendMagic(t *testing.T) {
	whole, _ := small(t)
	for bit := range 8 * magicLen {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		right, ok := MendMagic(b)
		if want := bit/8 != versionByte; ok != want || ok && !bytes.Equal(append(right, b[magicLen:]...), whole) {
			t.Errorf("bit %d: %t", bit, ok)
		}
		b[magicLen+headLen2+3] ^= 1
		if _, ok := MendMagic(b); ok {
			t.Errorf("bit %d, and the header is damaged: it is taken for a corpus", bit)
		}
	}
	foreign := bytes.Clone(whole)
	copy(foreign, "PK\x03\x04")
	for name, b := range map[string][]byte{"whole": whole, "other first bytes": foreign, "cut": foreign[:magicLen+20], "short": whole[1:5], "empty": nil} {
		if _, ok := MendMagic(b); ok {
			t.Errorf("%s is taken for a corpus with a damaged magic", name)
		}
	}
}

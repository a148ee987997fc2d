//go:build soak

package results

import "testing"

func TestSoakEveryWrongByteBeforeTheRows(t *testing.T) {
	all := []byte{1, 2, 4, 8, 16, 32, 64, 128, 3, 0x55, 0xaa, 0xfe, 0xff}
	wrongBytes(t, func(at int) []byte {
		if at < preambleSize {
			return all[:8] // of the magic and the version one bit may be wrong
		}
		return all
	})
}

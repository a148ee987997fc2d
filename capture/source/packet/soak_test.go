//go:build soak

package packet

import (
	"math/rand/v2"
	"os"
	"testing"
)

// TestSoakFlips turns bits of a whole recording over. REPRISE_SOAK_PCAP names another little-endian pcap file, compressed
// or not, of plain requests that are all read where nothing is damaged.
func TestSoakFlips(t *testing.T) {
	name := os.Getenv("REPRISE_SOAK_PCAP")
	if name == "" {
		name = recordingIn
	}
	flip(t, name, 100, 1)
	if name == recordingIn {
		flip(t, name, 2000, rand.Uint64())
	}
}

// TestSoakConversations is the long form of TestConversations.
func TestSoakConversations(t *testing.T) {
	for seed := range uint64(20_000) {
		converse(t, seed)
	}
}

// TestSoakFloods is the long form of TestFloods: a million packets of each kind.
func TestSoakFloods(t *testing.T) { floods(t, 1_000_000) }

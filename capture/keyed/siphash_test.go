package keyed

import (
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// The vectors are those of SipHash's reference implementation (vectors_sip128): key 00…0f, message 00, 01, 02 ….
func TestSipHashVectors(t *testing.T) {
	var key, message [16]byte
	for i := range key {
		key[i], message[i] = byte(i), byte(i)
	}
	k := sipKey{binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])}
	for length, want := range map[int]string{
		8:  "3b62a9ba6258f5610f83e264f31497b4",
		15: "5493e99933b0a8117e08ec0f97cfc3d9",
	} {
		sum := k.sum(binary.LittleEndian.Uint64(message[:]), message[8:length])
		got := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, sum[0]), sum[1])
		if hex.EncodeToString(got) != want {
			t.Errorf("%d bytes: %x, want %s", length, got, want)
		}
	}
}

// TestHasher: the vector of eight bytes, as a number.
func TestHasher(t *testing.T) {
	var key [16]byte
	for i := range key {
		key[i] = byte(i)
	}
	got := NewHasher(key).Sum(binary.LittleEndian.Uint64(key[:]))
	if sum := hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, got)); sum != "3b62a9ba6258f561" {
		t.Errorf("%s, want 3b62a9ba6258f561", sum)
	}
}

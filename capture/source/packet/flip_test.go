package packet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// recordingIn is a packet capture of plain requests over few connections; it ships with the program's own tests.
const recordingIn = "../../../cmd/reprise/testdata/second.pcap.gz"

// recording reads a little-endian pcap file, compressed or not, and says where its packets' headers are.
func recording(tb testing.TB, name string) (file []byte, headers []int) {
	tb.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			tb.Fatal(err)
		}
		if file, err = io.ReadAll(z); err != nil {
			tb.Fatal(err)
		}
	}
	for at := pcapHeaderSize; at < len(file); at += pcapRecordSize + int(binary.LittleEndian.Uint32(file[at+8:])) {
		headers = append(headers, at)
	}
	return file, headers
}

// flips says which bit of which byte of a recording is turned over.
type flips struct {
	name string
	at   func(file []byte, headers []int, random *rand.Rand) int
	// off is how far from the truth the sum of requests kept, skipped and missing may be, and fewer how many fewer
	// may be kept: one packet's requests.
	off, fewer int64
}

// everyKind are the places in which a flip is tried: packets' headers, the headers of what is in the packets, anything.
func everyKind() []flips {
	return []flips{
		{"packet headers", func(_ []byte, headers []int, random *rand.Rand) int {
			return headers[random.IntN(len(headers))] + random.IntN(pcapRecordSize)
		}, 1, 1},
		{"network headers", func(_ []byte, headers []int, random *rand.Rand) int {
			return headers[random.IntN(len(headers))] + pcapRecordSize + random.IntN(66)
		}, 1, 2},
		{"anywhere", func(file []byte, _ []int, random *rand.Rand) int {
			return pcapHeaderSize + random.IntN(len(file)-pcapHeaderSize)
		}, 1, 2},
	}
}

// flip turns bits over, one at a time, and holds what is read to what can be read.
func flip(t *testing.T, name string, count int, seed uint64) {
	file, headers := recording(t, name)
	whole := read(t, file)
	all := whole.account.Kept
	if sum := all + whole.skipped(); sum != whole.account.Read || whole.account.Missing != 0 || whole.account.Damaged {
		t.Fatalf("whole: %+v", whole.account)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for _, kind := range everyKind() {
		least, widest := all, int64(0)
		for range count {
			at, bit := kind.at(file, headers, random), byte(1)<<random.IntN(8)
			file[at] ^= bit
			g := read(t, file)
			file[at] ^= bit
			g.balance(t)
			sum := g.account.Kept + g.skipped() + g.account.Missing
			if sum-all > kind.off || all-sum > kind.off || all-g.account.Kept > kind.fewer {
				t.Errorf("%s, seed %d: byte %d ^ %#x: %+v", kind.name, seed, at, bit, g.account)
			}
			if field := inHeader(headers, at); field/4 == 2 && !g.account.Damaged {
				t.Errorf("%s, seed %d: byte %d ^ %#x: a captured length is damaged, and nothing says so: %+v", kind.name, seed, at, bit, g.account)
			}
			least, widest = min(least, g.account.Kept), max(widest, sum-all, all-sum)
		}
		t.Logf("%s: %d flips, at least %d of %d kept, the sum at most %d off", kind.name, count, least, all, widest)
	}
}

// inHeader returns which byte of a packet's header is at an offset of the file; 16 or more where none is.
func inHeader(headers []int, at int) int {
	field := pcapRecordSize
	for _, h := range headers {
		if h <= at {
			field = at - h
		}
	}
	return field
}

// A single bit costs a packet's requests at most, wherever it is. The long form is TestSoakFlips.
func TestFlips(t *testing.T) { flip(t, recordingIn, 12, rand.Uint64()) }

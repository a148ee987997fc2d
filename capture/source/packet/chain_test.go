package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// trapTape is a recording of thirteen requests; the body of the seventh is body.
func trapTape(tb testing.TB, body []byte) *tape {
	tp := newTape(tb)
	for i := range 13 {
		text := postAt(i)
		if i == 6 {
			text = fmt.Sprintf("POST /in/trap HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
		tp.dial(uint16(10 + i)).say(text)
	}
	return tp
}

// neverSent is a recording of requests that only the body of another holds.
func neverSent(tb testing.TB) *tape {
	tp := newTape(tb)
	for i := range 8 {
		tp.dial(uint16(500 + i)).say(strings.Replace(postAt(i), "/in/", "/evil/", 1))
	}
	return tp
}

// recordOf is a packet with its header, at the time of the one that like begins with.
func recordOf(like, data []byte, length int) []byte {
	b := slices.Clone(like[:8])
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(binary.LittleEndian.AppendUint32(b, uint32(length)), data...)
}

// later moves records on in time.
func later(records [][]byte, by int) {
	for _, r := range records {
		binary.LittleEndian.PutUint32(r, uint32(int(binary.LittleEndian.Uint32(r))+by))
	}
}

// trap is the number of the record that holds the packets that were never sent.
const trap = 6

// As long as lengths lead from header to header, nothing inside a packet is looked at, however odd the headers are.
func TestPcapInsidePackets(t *testing.T) {
	le := binary.LittleEndian
	inside := neverSent(t).file()[pcapHeaderSize:]
	lengths := func(change func(captured uint32) uint32) func([][]byte) [][]byte {
		return func(rs [][]byte) [][]byte {
			for _, r := range rs {
				le.PutUint32(r[12:], change(le.Uint32(r[8:])))
			}
			return rs
		}
	}
	const month = 30 * 86400
	for _, tc := range []struct {
		name    string
		edit    func(rs [][]byte) [][]byte
		read    int
		damaged bool
	}{
		{"nothing odd", func(rs [][]byte) [][]byte { return rs }, 13, false},
		{"an empty packet behind", func(rs [][]byte) [][]byte { return slices.Insert(rs, trap+1, recordOf(rs[trap], nil, 60)) }, 13, false},
		{"an empty packet of original length 0 behind", func(rs [][]byte) [][]byte { return slices.Insert(rs, trap+1, recordOf(rs[trap], nil, 0)) }, 13, false},
		{"an empty packet at the end", func(rs [][]byte) [][]byte { return append(rs[:trap+1], recordOf(rs[trap], nil, 60)) }, 7, false},
		{"original lengths of 0", lengths(func(uint32) uint32 { return 0 }), 13, false},
		{"captured with the checksum behind", lengths(func(n uint32) uint32 { return n - 4 }), 13, false},
		{"a packet over a megabyte", func(rs [][]byte) [][]byte {
			big := bytes.Join([][]byte{make([]byte, 1_200_000), inside, make([]byte, 100)}, nil)
			return slices.Insert(rs, trap, recordOf(rs[trap], big, len(big)))
		}, 13, false},
		{"a packet over five megabytes, begun with what was never sent", func(rs [][]byte) [][]byte {
			big := append(slices.Clone(inside), make([]byte, 5_000_000)...)
			return slices.Insert(rs, trap, recordOf(rs[trap], big, len(big)))
		}, 13, false},
		{"times jump on", func(rs [][]byte) [][]byte { later(rs[trap+1:], month); return rs }, 13, false},
		{"times jump on, captured with the checksum behind", func(rs [][]byte) [][]byte {
			later(rs[trap+1:], month)
			return lengths(func(n uint32) uint32 { return n - 4 })(rs)
		}, 13, false},
		{"times jump back", func(rs [][]byte) [][]byte { later(rs[trap+1:], -month); return rs }, 13, false},
		{"times jump on shortly before the end", func(rs [][]byte) [][]byte { later(rs[trap+1:], month); return rs[:trap+3] }, 9, false},
		{"times jump on at a packet over a megabyte", func(rs [][]byte) [][]byte {
			later(rs[trap+1:], month)
			big := make([]byte, 1_500_000)
			return slices.Insert(rs, trap+1, recordOf(rs[trap+1], big, len(big)))
		}, 13, false},
		{"the next header is damaged", func(rs [][]byte) [][]byte {
			copy(rs[trap+1], bytes.Repeat([]byte{0xff}, pcapRecordSize))
			return rs
		}, 12, true},
		{"its captured length is damaged", func(rs [][]byte) [][]byte { rs[trap][9] ^= 1; return rs }, 13, true},
		{"the file is cut inside it", func(rs [][]byte) [][]byte {
			rs[trap] = rs[trap][:len(rs[trap])-9]
			return rs[:trap+1]
		}, 6, true},
	} {
		file := trapTape(t, inside).file()
		var rs [][]byte
		at := headersOf(le, file)
		for i, from := range at {
			rs = append(rs, slices.Clone(file[from:append(at, len(file))[i+1]]))
		}
		g := read(t, append(slices.Clone(file[:pcapHeaderSize]), bytes.Join(tc.edit(rs), nil)...), 8080)
		checkTrap(t, tc.name, &g, tc.read, tc.damaged)
	}
}

func checkTrap(t *testing.T, name string, g *got, read int, damaged bool) {
	t.Helper()
	g.balance(t)
	if len(g.records) != read || g.account.Damaged != damaged {
		t.Errorf("%s: %d read, want %d; damaged %v; %+v", name, len(g.records), read, g.account.Damaged, g.account)
	}
	for _, r := range g.records {
		if strings.Contains(r.URL, "evil") {
			t.Errorf("%s: %s was never sent", name, r.URL)
		}
	}
}

// The same for pcapng: nothing inside a block is looked at, of whatever kind and size, as long as both its lengths agree.
func TestPcapngInsideBlocks(t *testing.T) {
	le := binary.LittleEndian
	o := ngOptions{link: linkEthernet, resolution: 9}
	head := append(ngSection(le), ngDescription(le, o)...)
	inside := ngFileOf(le, neverSent(t), o)[len(head):]
	long := append(slices.Clone(inside), make([]byte, 5_000_000)...)
	for _, tc := range []struct {
		name string
		edit func(blocks [][]byte) [][]byte
		read int
		bad  bool
	}{
		{"nothing odd", func(bs [][]byte) [][]byte { return bs }, 13, false},
		{"custom block", func(bs [][]byte) [][]byte { return slices.Insert(bs, trap, ngBlock(le, 0xbad, slices.Clone(inside))) }, 13, false},
		{"custom block over four megabytes", func(bs [][]byte) [][]byte { return slices.Insert(bs, trap, ngBlock(le, 0xbad, slices.Clone(long))) }, 13, false},
		{"private block over four megabytes", func(bs [][]byte) [][]byte {
			return slices.Insert(bs, trap, ngBlock(le, 0x80000001, slices.Clone(long)))
		}, 13, false},
		{"packet over four megabytes", func(bs [][]byte) [][]byte { return slices.Insert(bs, trap, ngPacket(le, 0, 0, long, false)) }, 13, false},
		{"damaged end", func(bs [][]byte) [][]byte { bs[trap][len(bs[trap])-2] ^= 4; return bs }, 13, true},
		{"damaged beginning", func(bs [][]byte) [][]byte { bs[trap][5] ^= 4; return bs }, 13, true},
		{"the file is cut inside it", func(bs [][]byte) [][]byte {
			bs[trap] = bs[trap][:len(bs[trap])-20]
			return bs[:trap+1]
		}, 6, true},
	} {
		file := ngFileOf(le, trapTape(t, inside), o)
		var bs [][]byte
		for rest := file[len(head):]; len(rest) > 0; rest = rest[le.Uint32(rest[4:]):] {
			bs = append(bs, slices.Clone(rest[:le.Uint32(rest[4:])]))
		}
		g := read(t, append(slices.Clone(head), bytes.Join(tc.edit(bs), nil)...), 8080)
		checkTrap(t, tc.name, &g, tc.read, tc.bad)
	}
}

// bombs are files that invite to look at the same bytes again and again.
func bombs() map[string]func(size int) []byte {
	record := func(sec, captured, length uint32, data int) []byte {
		var b []byte
		for _, v := range []uint32{sec, 0, captured, length} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return append(b, bytes.Repeat([]byte{0x45}, data)...)
	}
	repeat := func(pieces ...[]byte) func(int) []byte {
		one := bytes.Join(pieces, nil)
		return func(size int) []byte { return bytes.Repeat(one, size/len(one)) }
	}
	const day, month = 86400, 30 * 86400
	whole, empty := record(month, 20, 20, 20), record(month, 0, 60, 0)
	return map[string]func(size int) []byte{
		"empty packets":              repeat(whole, empty),
		"damage behind each packet":  repeat(whole, bytes.Repeat([]byte{0xff}, 20)),
		"damage behind each second":  repeat(whole, whole, bytes.Repeat([]byte{0xff}, 20)),
		"damage behind each fourth":  repeat(whole, whole, whole, whole, []byte{1}),
		"times jump":                 repeat(whole, record(3*month, 20, 20, 20)),
		"times jump, empty":          repeat(whole, record(3*month, 0, 0, 0), empty),
		"zeros":                      repeat(make([]byte, 1000)),
		"more captured than was":     repeat(record(month, 160, 20, 20), whole, whole, whole, record(month, 16, 16, 16)),
		"swallowed to the end":       repeat(record(month, 1<<16, 20, 20), whole),
		"packets over a megabyte":    repeat(whole, record(month, 2<<20, 2<<20, 0)),
		"big, and where is the rest": repeat(record(month, 1<<19, 1<<19, 20)),
		"days apart":                 repeat(whole, record(2*month, 1<<18+1, 1<<18+1, 9), record(month+day, 0, 0, 0)),
		"words": func(size int) []byte {
			random := rand.New(rand.NewPCG(1, 2))
			var b []byte
			for len(b) < size {
				b = binary.LittleEndian.AppendUint32(b, []uint32{0, 1, 4, 16, 32, month, month, 1 << 21, 0x45454545}[random.IntN(9)])
			}
			return b
		},
	}
}

// What is looked at is a multiple of the file's size, and twice for twice the file, whatever it holds.
func TestBombs(t *testing.T) {
	const size, most = 256 << 10, 300
	for name, bomb := range bombs() {
		for _, ng := range []bool{false, true} {
			var looked [2]int64
			for i := range looked {
				looked[i] = lookedAt(t, bomb(size<<i), ng)
			}
			t.Logf("%s, pcapng %v: %d and %d bytes looked at", name, ng, looked[0], looked[1])
			if looked[0] > most*size || looked[1] > 5*looked[0]/2+8*size {
				t.Errorf("%s, pcapng %v: %d and %d bytes looked at, of %d and %d", name, ng, looked[0], looked[1], size, 2*size)
			}
		}
	}
}

// lookedAt reads a file of raw packets and returns how many bytes were looked at to find out what is damaged.
func lookedAt(t *testing.T, file []byte, ng bool) int64 {
	head := newTape(t).pcap(binary.LittleEndian, true, linkRaw, 0)
	if ng {
		head = append(ngSection(binary.LittleEndian), ngDescription(binary.LittleEndian, ngOptions{link: linkRaw})...)
	}
	p, err := openFile(bytes.NewReader(append(head, file...)))
	for err == nil {
		_, err = p.next()
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, errTruncated) {
		t.Fatal(err)
	}
	if ng {
		return p.(*ngFile).looked
	}
	return p.(*pcapFile).looked
}

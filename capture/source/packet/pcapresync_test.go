package packet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// resyncTape is six requests over one connection, each in a packet of its own, and says which packets those are.
func resyncTape(tb testing.TB) (tp *tape, requests []int) {
	tp = newTape(tb)
	d := tp.open(1)
	for i := range 6 {
		requests = append(requests, len(tp.packets))
		d.say(postAt(i)).answer(answerAt(200 + i))
	}
	return tp, requests
}

// headersOf returns the offsets of a file's packet headers.
func headersOf(order binary.ByteOrder, file []byte) (at []int) {
	for n := pcapHeaderSize; n < len(file); n += pcapRecordSize + int(order.Uint32(file[n+8:])) {
		at = append(at, n)
	}
	return at
}

func insert(file []byte, at int, more []byte) []byte {
	return append(file[:at:at], append(more, file[at:]...)...)
}

// What damage costs: the packet that it is in, and nothing behind it.
func TestPcapDamage(t *testing.T) {
	type edit func(order binary.ByteOrder, file []byte, at int) []byte
	for _, tc := range []struct {
		name    string
		edit    edit
		kept    int
		missing int64
		lost    int64 // without the gap in the stream; -1: the packet
		reason  string
		damaged bool
	}{
		{"captured length too high", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+8:], o.Uint32(f[at+8:])+64)
			return f
		}, 6, 0, 4, reasonBadLength, true},
		{"captured length far too high", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+8:], o.Uint32(f[at+8:])|1<<31)
			return f
		}, 6, 0, 4, reasonBadLength, true},
		{"captured length too low", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+8:], o.Uint32(f[at+8:])-64)
			return f
		}, 6, 0, 4, reasonBadLength, true},
		{"captured length leads to the next packet but one", func(o binary.ByteOrder, f []byte, at int) []byte {
			n := o.Uint32(f[at+8:])
			next := at + pcapRecordSize + int(n)
			o.PutUint32(f[at+8:], n+pcapRecordSize+o.Uint32(f[next+8:]))
			return f
		}, 6, 0, 4, reasonBadLength, true},
		{"both lengths", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+8:], 0x20202020)
			o.PutUint32(f[at+12:], 0x20202020)
			return f
		}, 5, 1, -1, reasonBadHeader, true},
		{"both lengths, as those of a packet over a megabyte", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+8:], o.Uint32(f[at+8:])|1<<20)
			o.PutUint32(f[at+12:], o.Uint32(f[at+12:])|1<<21)
			return f
		}, 5, 1, -1, reasonBadHeader, true},
		{"original length", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+12:], 1)
			return f
		}, 6, 0, 0, "", false},
		{"seconds", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at:], o.Uint32(f[at:])^1<<30)
			return f
		}, 6, 0, 8, reasonBadTime, true},
		{"fraction of a second", func(o binary.ByteOrder, f []byte, at int) []byte {
			o.PutUint32(f[at+4:], 1<<31)
			return f
		}, 6, 0, 8, reasonBadTime, true},
		{"all of the header", func(_ binary.ByteOrder, f []byte, at int) []byte {
			copy(f[at:], bytes.Repeat([]byte{0xff}, pcapRecordSize))
			return f
		}, 5, 1, -1, reasonBadHeader, true},
		{"zeros between packets", func(_ binary.ByteOrder, f []byte, at int) []byte {
			return insert(f, at, make([]byte, 5000))
		}, 6, 0, 5000, reasonBadHeader, true},
		{"text between packets, more than is looked at at once", func(_ binary.ByteOrder, f []byte, at int) []byte {
			return insert(f, at, bytes.Repeat([]byte("junk\n"), 2_000_001))
		}, 6, 0, 10_000_005, reasonBadHeader, true},
		{"a byte too many", func(_ binary.ByteOrder, f []byte, at int) []byte { return insert(f, at, []byte{7}) }, 6, 0, 1, reasonBadHeader, true},
		{"a packet over a megabyte", func(o binary.ByteOrder, f []byte, at int) []byte {
			big := make([]byte, pcapRecordSize+maxPacket+1)
			copy(big, f[at:at+8])
			o.PutUint32(big[8:], maxPacket+1)
			o.PutUint32(big[12:], maxPacket+1)
			return insert(f, at, big)
		}, 6, 0, 0, reasonBigPacket, false},
		{"a packet of many megabytes", func(o binary.ByteOrder, f []byte, at int) []byte {
			big := make([]byte, pcapRecordSize+16<<20)
			copy(big, f[at:at+8])
			o.PutUint32(big[8:], 16<<20)
			o.PutUint32(big[12:], 17<<20)
			return insert(f, at, big)
		}, 6, 0, 0, reasonBigPacket, false},
	} {
		for i, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			order := order.(binary.ByteOrder)
			tp, requests := resyncTape(t)
			file := tp.pcap(order.(binary.AppendByteOrder), i == 0, linkEthernet, 0)
			at := headersOf(order, file)[requests[2]]
			size := int64(pcapRecordSize + order.Uint32(file[at+8:]))
			g := read(t, tc.edit(order, file, at), 8080)
			g.balance(t)
			lost := tc.lost
			if lost < 0 {
				lost = size + int64(len(postAt(2))) // the file's bytes, and the gap that they leave
			}
			if len(g.records) != tc.kept || g.account.Missing != tc.missing || g.account.Lost != lost || g.account.Damaged != tc.damaged {
				t.Errorf("%s, %v: %s; want %d kept, %d missing, %d bytes lost, damaged %v; %+v", tc.name, order, summary(&g), tc.kept, tc.missing, lost, tc.damaged, g.account)
			}
			if tc.reason != "" && g.account.Noted[tc.reason] != 1 {
				t.Errorf("%s, %v: noted %v, want one %q", tc.name, order, g.account.Noted, tc.reason)
			}
			for _, r := range g.records {
				if off := r.Time.UnixNano() - tapeStart; off < 0 || off > 1e9 {
					t.Errorf("%s, %v: a record is %d ns from the start", tc.name, order, off)
				}
			}
		}
	}
}

// The end of a file: what is cut off there is lost and said, and a damaged last packet is read.
func TestPcapEnd(t *testing.T) {
	tp := newTape(t)
	tp.open(1).say(postAt(0)).answer(answerAt(200))
	tp.open(2).say(postAt(1))
	file := tp.file()
	at := headersOf(binary.LittleEndian, file)
	last := at[len(at)-1]
	for _, tc := range []struct {
		name    string
		file    []byte
		kept    int
		lost    int64
		damaged bool
		cut     bool
	}{
		{"whole", file, 2, 0, false, false},
		{"cut inside the last packet", file[:len(file)-1], 1, int64(len(file) - 1 - last), true, true},
		{"cut inside a header", file[:last+7], 1, 7, true, true},
		{"a few bytes too many", append(bytes.Clone(file), 1, 2, 3), 2, 3, true, true},
		{"the last length is damaged", edited(file, last+9, 1), 2, 4, true, false},
	} {
		g := read(t, tc.file, 8080)
		g.balance(t)
		if len(g.records) != tc.kept || g.account.Lost != tc.lost || g.account.Damaged != tc.damaged || g.account.Cut != tc.cut {
			t.Errorf("%s: %s; %+v, want %d kept, %d lost, damaged %v, cut %v", tc.name, summary(&g), g.account, tc.kept, tc.lost, tc.damaged, tc.cut)
		}
	}
}

func edited(file []byte, at int, bits byte) []byte {
	file = bytes.Clone(file)
	file[at] ^= bits
	return file
}

// A length that is four too high makes each header behind it, shifted by as much, one that leads to the next: its fraction
// of a second is the time, its captured length the fraction.
func TestPcapShiftedHeaders(t *testing.T) {
	tp, requests := resyncTape(t)
	setTimes(tp, func(i int) int64 { return tapeStart/1e9*1e9 + int64(i)*50e3 })
	file := tp.pcap(binary.LittleEndian, false, linkEthernet, 0)
	at := headersOf(binary.LittleEndian, file)
	for _, n := range at {
		copy(file[n+pcapRecordSize:], make([]byte, 12)) // the addresses of a loopback device
	}
	for _, by := range []uint32{4, 8, 12} {
		field := file[at[requests[1]]+8:]
		binary.LittleEndian.PutUint32(field, binary.LittleEndian.Uint32(field)+by)
		g := read(t, file, 8080)
		g.balance(t)
		if len(g.records) != 6 || !g.account.Damaged || g.account.Lost != 4 {
			t.Errorf("%d too high: %s; %+v", by, summary(&g), g.account)
		}
		binary.LittleEndian.PutUint32(field, binary.LittleEndian.Uint32(field)-by)
	}
}

// Files that are odd and whole: nothing of them is damage.
func TestOddPcaps(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit func(tp *tape)
	}{
		{"all times are zero", func(tp *tape) { setTimes(tp, func(int) int64 { return 0 }) }},
		{"times jump back by years", func(tp *tape) { setTimes(tp, func(i int) int64 { return tapeStart - int64(i/5)*40e6*1e9 }) }},
		{"times jump on by months", func(tp *tape) { setTimes(tp, func(i int) int64 { return tapeStart - 80e6*1e9 + int64(i/5)*10e6*1e9 }) }},
		{"every packet is cut", func(tp *tape) {
			for i := range tp.packets {
				tp.packets[i].cut = 1
			}
		}},
	} {
		tp, _ := resyncTape(t)
		tc.edit(tp)
		if g := read(t, tp.file(), 8080); g.account.Damaged || g.account.Read != 6 {
			t.Errorf("%s: %s; %+v", tc.name, summary(&g), g.account)
		}
	}
}

func setTimes(tp *tape, at func(i int) int64) {
	for i := range tp.packets {
		tp.packets[i].at = at(i)
	}
}

// A pcapng file has a length at both ends of a block: a bit flipped in either costs nothing, and no bit costs
// more than what its packet says of requests: its own and the next.
func TestPcapngFlips(t *testing.T) {
	tp, requests := resyncTape(t)
	file := ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet, resolution: 9})
	at := len(ngSection(binary.LittleEndian)) + len(ngDescription(binary.LittleEndian, ngOptions{link: linkEthernet, resolution: 9}))
	for range requests[2] {
		at += int(binary.LittleEndian.Uint32(file[at+4:]))
	}
	size := int(binary.LittleEndian.Uint32(file[at+4:]))
	for n := range size * 8 {
		where, bit := n/8, n%8
		g := read(t, edited(file, at+where, 1<<bit), 8080)
		g.balance(t)
		name := fmt.Sprintf("byte %d ^ %#x", where, 1<<bit)
		sum := g.account.Kept + g.skipped() + g.account.Missing
		if len(g.records) < 4 || sum < 6 || sum > 7 {
			t.Errorf("%s: %s; %+v", name, summary(&g), g.account)
		}
		length := where/4 == 1 || where/4 == 5 || where >= size-4
		if length && (len(g.records) != 6 || !g.account.Damaged) {
			t.Errorf("%s: %d records, damaged %v; %+v", name, len(g.records), g.account.Damaged, g.account)
		}
	}
}

// FuzzResync puts anything anywhere into a file: what stands well before it is read, and the account balances.
func FuzzResync(f *testing.F) {
	f.Add(uint16(700), []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), false, true)
	f.Add(uint16(900), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00"), true, false)
	f.Add(uint16(1200), []byte{6, 0, 0, 0, 32, 0, 0, 0}, true, true)
	f.Fuzz(func(t *testing.T, at uint16, junk []byte, ng, over bool) {
		tp, _ := resyncTape(t)
		file := tp.file()
		if ng {
			file = ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet, resolution: 9})
		}
		begin := 200 + int(at)%(len(file)-200)
		whole := read(t, file[:begin], 8080)
		if over {
			copy(file[begin:], junk)
		} else {
			file = insert(file, begin, junk)
		}
		g := read(t, file, 8080)
		g.balance(t)
		if len(g.records) < len(whole.records)-1 || g.account.Lost < 0 || g.account.Missing < 0 {
			t.Errorf("%d records before byte %d of %d; %s; %+v", len(whole.records), begin, len(file), summary(&g), g.account)
		}
	})
}

package packet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// ngOptions say how ngFileOf writes.
type ngOptions struct {
	link       uint16
	resolution int // if_tsresol; 0: left out
	offset     int64
	old        bool // obsolete packet blocks
	snapshot   uint32
}

func ngBlock(order binary.AppendByteOrder, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, uint32(len(body)+12))
	b = append(b, body...)
	return order.AppendUint32(b, uint32(len(body)+12))
}

func ngSection(order binary.AppendByteOrder) []byte {
	b := order.AppendUint32(nil, byteOrderMagic)
	b = order.AppendUint16(order.AppendUint16(b, 1), 0)
	b = append(b, "\xff\xff\xff\xff\xff\xff\xff\xff"...)
	b = order.AppendUint16(order.AppendUint16(b, 4), 3) // an option: the application's name
	return ngBlock(order, blockSection, append(b, "abc\x00"...))
}

func ngDescription(order binary.AppendByteOrder, o ngOptions) []byte {
	b := order.AppendUint16(nil, o.link)
	b = order.AppendUint32(order.AppendUint16(b, 0), o.snapshot)
	if o.resolution != 0 {
		b = order.AppendUint16(order.AppendUint16(b, optionResolution), 1)
		b = append(b, byte(o.resolution), 0, 0, 0)
	}
	if o.offset != 0 {
		b = order.AppendUint16(order.AppendUint16(b, optionOffset), 8)
		b = order.AppendUint64(b, uint64(o.offset))
	}
	return ngBlock(order, blockInterface, b)
}

func ngPacket(order binary.AppendByteOrder, iface uint32, ticks uint64, data []byte, old bool) []byte {
	kind, b := uint32(blockPacket), order.AppendUint32(nil, iface)
	if old {
		kind, b = blockPacketOld, order.AppendUint16(order.AppendUint16(nil, uint16(iface)), 77)
	}
	b = order.AppendUint32(order.AppendUint32(b, uint32(ticks>>32)), uint32(ticks))
	b = order.AppendUint32(order.AppendUint32(b, uint32(len(data))), uint32(len(data)))
	return ngBlock(order, kind, append(b, data...))
}

func ngFileOf(order binary.AppendByteOrder, t *tape, o ngOptions) []byte {
	file := append(ngSection(order), ngDescription(order, o)...)
	for _, p := range t.packets {
		ticks := uint64(p.at-o.offset*1e9) / 1000
		switch {
		case o.resolution == 9:
			ticks = uint64(p.at - o.offset*1e9)
		case o.resolution == 0x80|30:
			ticks = uint64(p.at/1e9)<<30 | uint64(p.at%1e9)<<30/1e9
		}
		file = append(file, ngPacket(order, 0, ticks, encapsulate(o.link, 0, p.ip), o.old)...)
	}
	return file
}

func TestPcapng(t *testing.T) {
	const at = int64(tapeStart + 3e6)
	for _, tc := range []struct {
		name string
		o    ngOptions
		want int64
	}{
		{"microseconds by default", ngOptions{link: linkEthernet}, at - at%1000},
		{"nanoseconds", ngOptions{link: linkEthernet, resolution: 9}, at},
		{"nanoseconds with an offset", ngOptions{link: linkEthernet, resolution: 9, offset: 1_000_000_000}, at},
		{"binary resolution", ngOptions{link: linkEthernet, resolution: 0x80 | 30}, at - 1},
		{"cooked v2", ngOptions{link: linkCooked2, resolution: 9}, at},
		{"obsolete packet blocks", ngOptions{link: linkEthernet, resolution: 9, old: true}, at},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			tp := newTape(t)
			exchangeOn(tp.open(40000))
			g := read(t, ngFileOf(order, tp, tc.o), 8080)
			if len(g.records) != 1 || len(g.problems) != 0 {
				t.Errorf("%s, %v: %d records, %v", tc.name, order, len(g.records), g.problems)
				continue
			}
			if r := g.records[0]; r.Time.UnixNano() != tc.want || r.Response.Status != 200 {
				t.Errorf("%s, %v: time %d, want %d; status %d", tc.name, order, r.Time.UnixNano(), tc.want, r.Response.Status)
			}
		}
	}
}

// Several interfaces of different link types and resolutions, then a second section in the other byte order whose
// interfaces are numbered from 0 again, with blocks between that nobody needs.
func TestPcapngInterfacesAndSections(t *testing.T) {
	tp := newTape(t)
	d := tp.open(40000)
	exchangeOn(d)
	exchangeOn(d)
	le, be := binary.LittleEndian, binary.BigEndian
	file := append(ngSection(le), ngDescription(le, ngOptions{link: linkEthernet})...)
	file = append(file, ngDescription(le, ngOptions{link: linkCooked2, resolution: 9})...)
	for i, p := range tp.packets[:5] {
		if i%2 == 0 {
			file = append(file, ngPacket(le, 0, uint64(p.at/1000), encapsulate(linkEthernet, 0, p.ip), false)...)
		} else {
			file = append(file, ngPacket(le, 1, uint64(p.at), encapsulate(linkCooked2, 0, p.ip), false)...)
		}
		file = append(file, ngBlock(le, 5, make([]byte, 12))...)    // statistics
		file = append(file, ngBlock(le, 0xbad, make([]byte, 4))...) // unknown
	}
	file = append(file, ngSection(be)...)
	file = append(file, ngDescription(be, ngOptions{link: linkRaw, resolution: 9})...)
	for _, p := range tp.packets[5:] {
		file = append(file, ngPacket(be, 0, uint64(p.at), p.ip, false)...)
	}
	g := read(t, file, 8080)
	if len(g.records) != 2 || len(g.problems) != 0 {
		t.Fatalf("%d records, %v", len(g.records), g.problems)
	}
	for i, at := range []int64{tapeStart + 3e6, tapeStart + 5e6} {
		if got := g.records[i].Time.UnixNano(); got != at {
			t.Errorf("record %d is at %d, want %d", i, got, at)
		}
	}
}

func TestPcapngWrittenByGopacket(t *testing.T) {
	tp := newTape(t)
	exchangeOn(tp.open(40000))
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tp.packets {
		data := encapsulate(linkEthernet, 0, p.ip)
		info := gopacket.CaptureInfo{Timestamp: timeOf(p.at), CaptureLength: len(data), Length: len(data)}
		if err := w.WritePacket(info, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	g := read(t, file.Bytes(), 8080)
	if len(g.records) != 1 {
		t.Fatalf("%d records, %v", len(g.records), g.problems)
	}
	checkPost(t, &g.records[0], tapeStart+3e6)
}

// The length that a file announces is no reason to allocate it.
func TestPcapngHugeSnapshotLength(t *testing.T) {
	tp := newTape(t)
	exchangeOn(tp.open(40000))
	file := ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet, snapshot: 1 << 30})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := read(t, file)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 || len(g.records) != 1 {
		t.Errorf("%d bytes allocated for a small file, %d records", got, len(g.records))
	}
}

// A packet block that is damaged is passed over, and so is one whose length is impossible.
func TestPcapngDamage(t *testing.T) {
	le := binary.LittleEndian
	simple := ngBlock(le, blockSimple, make([]byte, 64))
	noInterface := ngPacket(le, 9, 0, make([]byte, 60), false)
	tooLong := ngPacket(le, 0, 0, make([]byte, 60), false)
	le.PutUint32(tooLong[20:], 1<<30)
	huge := ngPacket(le, 0, 0, make([]byte, maxPacket+2048), false)
	unequal := ngPacket(le, 0, 0, make([]byte, 60), false)
	le.PutUint32(unequal[len(unequal)-4:], 12)
	for _, tc := range []struct {
		name    string
		block   []byte
		reason  string
		damaged bool
		records int
	}{
		{"simple packet", simple, reasonNoTime, false, 1},
		{"no such interface", noInterface, reasonBadBlock, true, 1},
		{"captured length beyond the block", tooLong, reasonBadLength, true, 1},
		{"packet of a megabyte", huge, reasonBigPacket, false, 1},
		{"packet of many megabytes", ngPacket(le, 0, 0, make([]byte, 16<<20), false), reasonBigPacket, false, 1},
		{"lengths differ", unequal, reasonBadEnd, true, 1},
		{"length not of four bytes", append([]byte{6, 0, 0, 0, 33, 0, 0, 0}, make([]byte, 40)...), reasonBadBlock, true, 1},
	} {
		tp := newTape(t)
		exchangeOn(tp.open(40000))
		file := ngFileOf(le, tp, ngOptions{link: linkEthernet, resolution: 9})
		head := len(ngSection(le)) + len(ngDescription(le, ngOptions{link: 1, resolution: 9}))
		file = append(file[:head:head], append(tc.block, file[head:]...)...)
		g := read(t, file, 8080)
		if len(g.records) != tc.records || g.account.Noted[tc.reason] != 1 || g.account.Damaged != tc.damaged {
			t.Errorf("%s: %d records, noted %v, damaged %v", tc.name, len(g.records), g.account.Noted, g.account.Damaged)
		}
	}
}

func timeOf(ns int64) time.Time { return time.Unix(0, ns).UTC() }

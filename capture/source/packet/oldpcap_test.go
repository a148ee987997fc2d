package packet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// Old forms of the format: which length comes first depends on the version, and a libpcap that was changed for Linux has longer
// headers. The rules are those of libpcap (sf-pcap.c).
func TestOldForms(t *testing.T) {
	type form struct {
		major, minor uint16
		magic        uint32
		swapped      bool // the original length comes first
		extra        int  // bytes of a packet's header behind the lengths
	}
	forms := []form{
		{2, 4, fileMicro, false, 0},
		{2, 3, fileMicro, false, 0},
		{2, 3, fileMicro, true, 0},
		{2, 2, fileMicro, true, 0},
		{2, 1, fileMicro, true, 0},
		{2, 4, fileNano, false, 0},
		{2, 4, fileModified, false, 8},
		{2, 3, fileModified, true, 8},
		{oddMajor, 0, fileMicro, true, 0},
	}
	for _, f := range forms {
		for _, order := range []interface {
			binary.ByteOrder
			binary.AppendByteOrder
		}{binary.LittleEndian, binary.BigEndian} {
			tp := newTape(t)
			d := tp.open(1)
			for i := range 6 {
				d.say(postAt(i))
				if i == 3 {
					tp.packets[len(tp.packets)-1].cut = 10 // the lengths differ
				}
				d.answer(answerAt(200 + i))
			}
			d.close()
			usual := tp.pcap(order, f.magic == fileNano, linkEthernet, 0)
			old := append([]byte(nil), usual[:pcapHeaderSize]...)
			order.PutUint32(old, f.magic)
			order.PutUint16(old[4:], f.major)
			order.PutUint16(old[6:], f.minor)
			for at := pcapHeaderSize; at < len(usual); {
				captured, length := order.Uint32(usual[at+8:]), order.Uint32(usual[at+12:])
				first, second := captured, length
				if f.swapped {
					first, second = second, first
				}
				old = order.AppendUint32(order.AppendUint32(append(old, usual[at:at+8]...), first), second)
				old = append(old, make([]byte, f.extra)...)
				old = append(old, usual[at+pcapRecordSize:at+pcapRecordSize+int(captured)]...)
				at += pcapRecordSize + int(captured)
			}
			g := read(t, old, 8080)
			g.balance(t)
			if len(g.records) != 5 || g.records[4].Response.Status != 205 || g.account.Skipped[reasonHole] != 1 || g.account.Damaged {
				t.Errorf("%+v, %v: %s; %+v", f, order, summary(&g), g.account)
			}
			if !Detect(old) {
				t.Errorf("%+v, %v: is not taken for a capture", f, order)
			}
			if f.extra == 8 { // damage costs one packet here, too
				at := pcapHeaderSize + 24 + int(order.Uint32(old[pcapHeaderSize+map[bool]int{false: 8, true: 12}[f.swapped]:]))
				copy(old[at:], make([]byte, 16))
				if g := read(t, old, 8080); len(g.records) != 5 || !g.account.Damaged {
					t.Errorf("%+v, %v, damaged: %s; %+v", f, order, summary(&g), g.account)
				}
			}
		}
	}
	file := newTape(t).file()
	binary.LittleEndian.PutUint16(file[4:], 1)
	if _, err := openFile(bytes.NewReader(file)); err == nil || err.Error() != fmt.Sprintf("version %d of the format is not known", 1) {
		t.Errorf("version 1 of the format: %v", err)
	}
}

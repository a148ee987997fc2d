package packet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// fragmented cuts an IP packet into fragments that carry size bytes each, a multiple of 8. The last ones come first where back
// says so.
func fragmented(ip []byte, id uint16, size int, back bool) (made [][]byte) {
	header := 20
	if ip[0]>>4 == 6 {
		header = 40
	}
	data := ip[header:]
	for off := 0; off < len(data); off += size {
		part := data[off:min(len(data), off+size)]
		more := uint16(0)
		if off+size < len(data) {
			more = 1
		}
		b := slices.Clone(ip[:header])
		if header == 20 {
			binary.BigEndian.PutUint16(b[2:], uint16(20+len(part)))
			binary.BigEndian.PutUint16(b[4:], id)
			binary.BigEndian.PutUint16(b[6:], more<<13|uint16(off/8))
		} else {
			binary.BigEndian.PutUint16(b[4:], uint16(8+len(part)))
			b[6] = protoFragment
			b = append(b, ip[6], 0)
			b = append(b, be16(uint16(off)|more, 0, id)...)
		}
		made = append(made, append(b, part...))
	}
	if back {
		slices.Reverse(made)
	}
	return made
}

// inFragments cuts every packet of a tape that is longer than size; each is IP behind its EtherType.
func inFragments(tp *tape, size int, back bool) {
	var all []taped
	for i, p := range tp.packets {
		kind, ip := p.ip[:2], p.ip[2:]
		if len(ip) <= size {
			all = append(all, p)
			continue
		}
		for j, part := range fragmented(ip, uint16(i), size, back) {
			all = append(all, taped{at: p.at + int64(j)*1000, ip: append(slices.Clone(kind), part...)})
		}
	}
	tp.packets = all
}

func (t *tape) typed() []byte { return t.pcap(binary.LittleEndian, true, linkTyped, 0) }

// Packets in fragments are as whole ones, in whatever order these come, also outside of a tunnel.
func TestFragments(t *testing.T) {
	for _, names := range [][]string{{}, {wrapVXLAN}, {"VXLAN over IPv6"}, {wrapGENEVE, wrapVXLAN}, {wrapIPIP}, {"GRE,ERSPAN 2"}} {
		for _, six := range []bool{false, true} {
			for _, size := range []int{8, 64, 128} {
				for _, back := range []bool{false, true} {
					tp := newTape(t)
					tp.six = six
					tp.open(1).say(post).answer(ok).say(postAt(1)).answer(answerAt(201)).close()
					within(tp, names...)
					inFragments(tp, size, back)
					g := read(t, tp.typed())
					g.balance(t)
					if len(g.records) != 2 || g.records[0].Response.Status != 200 || g.records[1].Response.Status != 201 || len(g.problems) > 0 {
						t.Errorf("%q, six %v, %d bytes, back %v: %s; %v", names, six, size, back, summary(&g), g.problems)
					}
					if len(names) == 0 && len(g.records) > 0 && g.records[0].Time.UnixNano() != tapeStart+3e6 {
						t.Errorf("six %v: the request came at %v", six, g.records[0].Time)
					}
				}
			}
		}
	}
}

// What is wrong with fragments costs the packet that they are of.
func TestBadFragments(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(parts [][]byte) [][]byte
		want   int // requests
		reason string
	}{
		"one twice":    {func(parts [][]byte) [][]byte { return append(parts[:2:2], parts[1:]...) }, 3, ""},
		"all twice":    {func(parts [][]byte) [][]byte { return append(parts, parts...) }, 3, ""},
		"one missing":  {func(parts [][]byte) [][]byte { return append(parts[:1:1], parts[2:]...) }, 2, reasonFragment},
		"last missing": {func(parts [][]byte) [][]byte { return parts[:len(parts)-1] }, 2, reasonFragment},
		"other bytes": {func(parts [][]byte) [][]byte {
			other := slices.Clone(parts[1])
			other[len(other)-1] ^= 1
			return append([][]byte{other}, parts...)
		}, 2, reasonOverlap},
		"two that overlap": {func(parts [][]byte) [][]byte {
			other := slices.Clone(parts[1])
			other[7]++
			return append([][]byte{other}, parts...)
		}, 2, reasonOverlap},
		"beyond all": {func(parts [][]byte) [][]byte {
			other := slices.Clone(parts[1])
			other[6], other[7] = 0x3f, 0xff
			return append([][]byte{other}, parts...)
		}, 2, reasonOverlap},
	} {
		tp := newTape(t)
		d := tp.open(1).say(postAt(0)).answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).say(postAt(2)).answer(answerAt(202))
		d.close()
		within(tp)
		const at = 5 // the second request
		p := tp.packets[at]
		var parts []taped
		for _, part := range tc.change(fragmented(p.ip[2:], 7, 48, false)) {
			parts = append(parts, taped{at: p.at, ip: append(be16(typeIPv4), part...)})
		}
		tp.packets = slices.Replace(tp.packets, at, at+1, parts...)
		g := read(t, tp.typed())
		g.balance(t)
		if len(g.records) != tc.want || len(g.account.Noted) > 1 || tc.reason != "" && g.account.Noted[tc.reason] != 1 || tc.reason == "" && len(g.account.Noted) > 0 {
			t.Errorf("%s: %s; %+v", name, summary(&g), g.account)
		}
	}
}

// The number of a packet is used again after a while, whether the packet of before was whole or not.
func TestFragmentNumbersAreUsedAgain(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1)
	for i := range 6 {
		d.say(postAt(i)).answer(answerAt(200 + i))
		tp.wait(2 * time.Second)
	}
	within(tp)
	var all []taped
	for i, p := range tp.packets {
		if len(p.ip) < 100 {
			all = append(all, p)
			continue
		}
		for j, part := range fragmented(p.ip[2:], 7, 64, false) {
			if i == 5 && j == 1 {
				continue // the second request is not whole
			}
			all = append(all, taped{at: p.at, ip: append(be16(typeIPv4), part...)})
		}
	}
	tp.packets = all
	g := read(t, tp.typed())
	if len(g.records) != 5 || g.account.Noted[reasonFragment] != 1 || len(g.account.Noted) != 1 {
		t.Errorf("%s; %+v", summary(&g), g.account)
	}
}

// A flood of fragments holds no more than the budget, and every packet that is given up is counted.
func TestFloodOfFragments(t *testing.T) {
	f := newFragments()
	gaveUp := map[string]int{}
	f.gaveUp = func(_ int64, reason string) { gaveUp[reason]++ }
	random := rand.New(rand.NewPCG(1, 2))
	const packets = 100_000
	for i := range packets {
		f.now += 1000
		f.add(fragment{
			key: fragmentKey{id: uint32(i), protocol: protoTCP}, off: 8 * int64(random.IntN(4000)), more: true,
			header: make([]byte, 20), data: make([]byte, 8*(1+random.IntN(180))),
		})
		if f.held > fragmentBytes+2000 || len(f.waiting) > assembliesMost || len(f.order) > assembliesMost {
			t.Fatalf("%d bytes of %d packets are held", f.held, len(f.waiting))
		}
	}
	f.finish()
	if f.held != 0 || len(f.waiting) != 0 || gaveUp[reasonFragment] != packets {
		t.Errorf("%d bytes are held in the end; given up: %v", f.held, gaveUp)
	}
	for i := range 8192 { // one packet of as many fragments as there can be
		f.add(fragment{key: fragmentKey{protocol: protoTCP}, off: 8 * int64(i), more: true, data: make([]byte, 8)})
	}
	if f.held != 0 || gaveUp[reasonOverlap] != 1 {
		t.Errorf("%d bytes are held of a packet in 8192 fragments; given up: %v", f.held, gaveUp)
	}
}

// FuzzFragments asks that whatever fragments come, the budget is kept and what is whole is what was sent.
func FuzzFragments(f *testing.F) {
	f.Add([]byte("\x00\x01abc\x01\x00def\x02\x01"))
	f.Fuzz(func(t *testing.T, script []byte) {
		f := newFragments()
		f.gaveUp = func(int64, string) {}
		for len(script) >= 4 {
			n := min(len(script)-4, int(script[3])&^7)
			packet, _ := f.add(fragment{
				key: fragmentKey{id: uint32(script[0] & 3), protocol: script[0] >> 2}, off: int64(script[1]) * 8, more: script[2]&1 != 0,
				header: make([]byte, 40), next: 6, data: script[4 : 4+n],
			})
			if f.now += int64(script[2]) * 1e7; len(packet) > 70000 || f.held < 0 {
				t.Fatal(fmt.Sprint(len(packet), f.held))
			}
			script = script[4+n:]
		}
		if f.finish(); f.held != 0 {
			t.Fatal(f.held)
		}
	})
}

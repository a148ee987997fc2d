package packet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// networked puts the packets of a tape into networks: net says for each which one.
func networked(tp *tape, vni bool, net func(i int, fromClient bool) uint16) {
	for i := range tp.packets {
		ip := tp.packets[i].ip
		id := net(i, ip[12+3] == 3) // the client's address ends so
		if vni {
			inner := append(append([]byte{8, 0, 0, 0, 0}, append(be16(id), 0)...), wrapFrame(typeIPv4, ip)...)
			kind, b := wrapIPv4(protoUDP, wrapUDP(portVXLAN, inner))
			tp.packets[i].ip = append(be16(kind), b...)
		} else {
			tp.packets[i].ip = append(be16(typeVLAN, id, typeIPv4), ip...)
		}
	}
}

// The same addresses and ports in two VLANs or VNIs are two connections, whose directions may come in two networks each.
func TestNamesakes(t *testing.T) {
	for _, vni := range []bool{false, true} {
		for _, apart := range []uint32{0, 1, 77, 1 << 20, 1 << 30} { // how far the sequence numbers are apart
			for _, asymmetric := range []bool{false, true} {
				if asymmetric && apart < 1<<20 {
					continue // then nothing tells whose an answer is
				}
				tp := newTape(t)
				var of []int
				a, b := tp.dial(1), tp.dial(1)
				b.client, b.server = b.client+apart, b.server+2*apart
				step := func(i int, f func()) {
					f()
					for len(of) < len(tp.packets) {
						of = append(of, i)
					}
				}
				step(0, func() { a.open() })
				step(1, func() { b.open() })
				for i := range 10 {
					step(0, func() { a.say(postAt(2 * i)) })
					step(1, func() { b.say(postAt(2*i + 1)) })
					step(0, func() { a.answer(answerAt(200 + 2*i)) })
					step(1, func() { b.answer(answerAt(201 + 2*i)) })
				}
				step(0, func() { a.close() })
				step(1, func() { b.close() })
				networked(tp, vni, func(i int, fromClient bool) uint16 {
					if asymmetric && fromClient {
						return uint16(20 + of[i])
					}
					return uint16(10 + of[i])
				})
				g := read(t, tp.typed())
				g.balance(t)
				right := 0
				for _, r := range g.records {
					if r.URL == fmt.Sprintf("/in/%d", r.Response.Status-200) {
						right++
					}
				}
				if right != 20 || len(g.records) != 20 || len(g.problems) > 0 || g.account.UnpairedResponses > 0 {
					t.Errorf("VNI %v, asymmetric %v, apart %d: %s; %+v", vni, asymmetric, apart, summary(&g), g.account)
				}
			}
		}
	}
}

// A mirror that has another network for each direction still gives requests with their answers.
func TestEachDirectionInItsNetwork(t *testing.T) {
	for _, vni := range []bool{false, true} {
		tp := newTape(t)
		d := tp.open(1)
		for i := range 5 {
			d.say(postAt(i)).answer(answerAt(200 + i))
		}
		d.close()
		again := tp.dial(1)
		again.client, again.server = 900_000, 700_000
		again.open().say(postAt(5)).answer(answerAt(205)).close()
		networked(tp, vni, func(_ int, fromClient bool) uint16 {
			if fromClient {
				return 7
			}
			return 8
		})
		g := read(t, tp.typed())
		g.balance(t)
		if s := summary(&g); len(g.records) != 6 || strings.Count(s, " 20") != 6 || len(g.problems) > 0 {
			t.Errorf("VNI %v: %s; %+v", vni, s, g.account)
		}
	}
}

// What was recorded at two places, in two VLANs, comes once, whichever copies are missing.
func TestRecordedTwice(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 3))
		tp := newTape(t)
		d := tp.open(1)
		for i := range 10 {
			d.say(postAt(i)[:40]).say(postAt(i)[40:]).answer(answerAt(200 + i))
		}
		d.close()
		again := tp.dial(1)
		again.client, again.server = 900_000_000, 700_000_000
		again.open().say(postAt(10)).answer(answerAt(210)).close()
		other := newTape(t)
		other.packets = slices.Clone(tp.packets)
		networked(tp, false, func(int, bool) uint16 { return 7 })
		networked(other, false, func(int, bool) uint16 { return 8 })
		var both []taped
		for i, p := range tp.packets {
			copies := []taped{p, other.packets[i]}
			if seed%2 == 1 {
				switch random.IntN(4) {
				case 0:
					copies = copies[:1]
				case 1:
					copies = copies[1:]
				}
			}
			both = append(both, copies...)
		}
		tp.packets = both
		g := read(t, tp.typed())
		g.balance(t)
		for i, r := range g.records {
			if r.URL != fmt.Sprintf("/in/%d", i) || r.Response.Status != 200+i {
				t.Fatalf("seed %d: record %d is %s, status %d", seed, i, r.URL, r.Response.Status)
			}
		}
		if len(g.records) != 11 || len(g.problems) > 0 || g.account.Missing+g.account.UnpairedResponses > 0 {
			t.Fatalf("seed %d: %s; %+v", seed, summary(&g), g.account)
		}
	}
}

// More namesakes than there may be are given up one by one.
func TestManyNamesakes(t *testing.T) {
	tp := newTape(t)
	for i := range 40 {
		d := tp.dial(1)
		d.client, d.server = uint32(i)*100_000_000, uint32(i)*100_000_000+5
		d.open().say(postAt(i)).answer(answerAt(200))
	}
	networked(tp, true, func(i int, _ bool) uint16 { return uint16(1 + i/5) })
	g := read(t, tp.pcap(binary.LittleEndian, true, linkTyped, 0))
	g.balance(t)
	if len(g.records) != 40 || g.table.count != g.table.dead.count() {
		t.Errorf("%d records; %+v", len(g.records), g.account)
	}
}

func (l *list) count() (n int) {
	for c := l.first; c != nil; c = c.after {
		n++
	}
	return n
}

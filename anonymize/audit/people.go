package audit

import (
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/splitmix"
)

// marks are what a record and its counterpart tell of who sent what: keyed hashes, 0 for nothing.
type marks struct {
	in, out         uint64 // the person
	inText, outText uint64 // person and text
	inID, outID     uint64 // the message's id
	kind            capture.Kind
	at              time.Time // of the output
}

// people checks that the same person stays the same person, and no two become one: with the kinds and times of every
// record equal, each person's sequence of messages and its gaps are equal then. It keeps 24 bytes in a slot for each person,
// two thirds of the slots full at most, and the hash of the fake.
type people struct {
	slots []person
	count int
	fakes hashSet
	// texts and ids were seen lately: what is written twice must be written twice again. Fixed in size: it forgets.
	texts, ids [1 << 14]twin
}

// person is one of the input: who it became, and what the output tells of it. All but the first are the low halves of
// hashes: of two different ones, one in four billion passes for the same.
type person struct {
	in          uint64
	out         uint32
	kinds, gaps uint32 // the sequence of kinds, and the times between messages in seconds
	last        uint32 // Unix seconds
}

type twin struct{ in, out uint64 }

// add takes the next record, and returns the fields in which it contradicts those before it.
func (p *people) add(m *marks) (wrong []string) {
	if m.in != 0 && m.out != 0 {
		s, known := p.person(m.in)
		switch {
		case known && s.out != uint32(m.out):
			wrong = append(wrong, "person")
		case !known && p.fakes.has(m.out):
			wrong = append(wrong, "two persons")
		}
		if !known {
			s.out = uint32(m.out)
			p.fakes.add(m.out)
			s.last = uint32(m.at.Unix())
		}
		s.kinds = uint32(splitmix.Mix(uint64(s.kinds)<<8 | uint64(m.kind) + 1))
		s.gaps = uint32(splitmix.Mix(uint64(s.gaps)<<32 | uint64(uint32(m.at.Unix())-s.last)))
		s.last = uint32(m.at.Unix())
	}
	if !repeat(&p.texts[m.inText%uint64(len(p.texts))], m.inText, m.outText) {
		wrong = append(wrong, "repeated text")
	}
	if !repeat(&p.ids[m.inID%uint64(len(p.ids))], m.inID, m.outID) {
		wrong = append(wrong, "repeated id")
	}
	return wrong
}

// repeat says whether what was the same before is the same now.
func repeat(t *twin, in, out uint64) bool {
	if in == 0 {
		return true
	}
	same := t.in != in || t.out == out
	*t = twin{in, out}
	return same
}

// person returns the slot of a person.
func (p *people) person(in uint64) (s *person, known bool) {
	if 3*p.count >= 2*len(p.slots) {
		old := p.slots
		p.slots = make([]person, max(1024, 2*len(old)))
		for i := range old {
			if old[i].in != 0 {
				*p.slot(old[i].in) = old[i]
			}
		}
	}
	s = p.slot(in)
	if s.in == in {
		return s, true
	}
	s.in = in
	p.count++
	return s, false
}

func (p *people) slot(in uint64) *person {
	mask := uint64(len(p.slots) - 1)
	for i := in & mask; ; i = (i + 1) & mask {
		if s := &p.slots[i]; s.in == in || s.in == 0 {
			return s
		}
	}
}

// Unique says how many of the output's people could be told apart by whoever knows what they sent when from elsewhere. The
// traffic is kept, and so this is: it is the reason why the output is called pseudonymised.
type Unique struct {
	People int64 `json:"people"`
	// ByKinds and ByGaps are the shares of people whose sequence of kinds, or whose times between messages in whole
	// seconds, nobody else has.
	ByKinds float64 `json:"by_kinds"`
	ByGaps  float64 `json:"by_gaps"`
}

func (p *people) unique() Unique {
	u := Unique{People: int64(p.count)}
	if p.count == 0 {
		return u
	}
	share := func(of func(*person) uint32) float64 {
		all := make([]uint32, 0, p.count)
		for i := range p.slots {
			if p.slots[i].in != 0 {
				all = append(all, of(&p.slots[i]))
			}
		}
		slices.Sort(all)
		alone := 0
		for i := range all {
			if (i == 0 || all[i-1] != all[i]) && (i+1 == len(all) || all[i+1] != all[i]) {
				alone++
			}
		}
		return float64(alone) / float64(len(all))
	}
	u.ByKinds = share(func(s *person) uint32 { return s.kinds })
	u.ByGaps = share(func(s *person) uint32 { return s.gaps })
	return u
}

// mark fills in what a record and its counterpart tell.
func (s *scanner) mark(m *marks, in, out *capture.Record) {
	*m = marks{kind: out.Kind, at: out.Time, in: s.person(in), out: s.person(out)}
	if m.in != 0 && in.Message.Text != "" {
		m.inText, m.outText = s.mixed(m.in, in.Message.Text), s.mixed(m.out, out.Message.Text)
	}
	if in.Message.ID != "" {
		m.inID, m.outID = s.mixed(1, in.Message.ID), s.mixed(1, out.Message.ID)
	}
}

func (s *scanner) mixed(h uint64, text string) uint64 {
	s.number = append(s.number[:0], text...)
	return splitmix.Mix(h^s.keys.hash(s.number)) | 1
}

// person is the hash of the person behind a record, 0 where that is nobody with a telephone number.
func (s *scanner) person(r *capture.Record) uint64 {
	number := r.Person()
	if !strings.HasPrefix(number, "+") {
		return 0
	}
	s.number = append(s.number[:0], number...)
	if _, masked := shown(s.number); masked {
		return 0 // many people's numbers look like it
	}
	return s.keys.hash(s.number) | 1
}

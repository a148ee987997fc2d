package audit

import (
	"bytes"
	"time"

	"reprise/capture"
	"reprise/capture/sms"
)

// gateAddress checks that a sender or recipient of the output reaches nobody. A short code or a sender's name is
// looked up here alone: anywhere else so few characters say nothing.
func (s *scanner) gateAddress(name, value string) {
	if value == "" {
		return
	}
	s.number = append(s.number[:0], value...)
	s.party.parse(s.folder.fold(s.number))
	switch p := &s.party; {
	case p.isPhone():
		if s.number = p.full(s.number); !s.keys.safe.has(s.number) {
			s.tell(Gate, field{name: name}, 1)
		}
	case p.isShort() && s.keys.safe.given(p.digits):
	case p.isShort():
		s.lookUp(key{domain: address, text: p.digits}, field{name: name})
		if p.digits[0] >= '2' {
			s.tell(Gate, field{name: name}, 1)
		}
	case len(p.digits) > maxPhone && p.plus:
		s.tell(Gate, field{name: name}, 1)
	case len(p.digits) > maxPhone: // an id
		s.lookUp(key{domain: address, text: p.digits}, field{name: name})
	case len(p.name) > 0:
		s.gateName(name, value)
	}
}

// gateText checks a text of the output: every word is of the vocabulary, every number of the pool.
func (s *scanner) gateText(value string) {
	if value == "" {
		return
	}
	s.number = append(s.number[:0], value...)
	text := s.folder.fold(s.number)
	s.words = s.lexer.words(s.words[:0], text)
	s.groups = groups(s.groups[:0], text)
	for i := 0; i < len(s.groups); {
		n, safe := s.phone(text, s.groups[i:])
		switch {
		case n == 0:
			i++
			continue
		case safe:
			s.excuse(s.groups[i].start, s.groups[i+n-1].end)
		default:
			s.tell(Gate, textField, 1)
		}
		i += n
	}
	s.closed(textField.name)
}

// phone says how many groups, from the first, are a telephone number, and whether it is of the pool: the longest
// that is of the pool, otherwise what looks like one.
func (s *scanner) phone(text []byte, gs []group) (n int, safe bool) {
	s.digits = s.digits[:0]
	like := 0
	for j := 0; j < len(gs) && (j == 0 || gs[j].chained); j++ {
		s.digits = append(s.digits, text[gs[j].start:gs[j].end]...)
		count := len(s.digits)
		if count > maxPhone {
			break
		}
		if count < minPhone {
			continue
		}
		p := party{digits: s.digits, plus: gs[0].plus}
		s.party.digits = p.full(s.party.digits)
		if s.keys.safe.has(s.party.digits) {
			n, safe = j+1, true
		}
		if j == 0 || gs[0].plus || looksNorthAmerican(gs[:j+1]) {
			like = j + 1
		}
	}
	if safe {
		return n, true
	}
	return like, false
}

// looksNorthAmerican says whether groups are 415 555 1234, with or without the 1.
func looksNorthAmerican(gs []group) bool {
	size := func(i int) int { return gs[i].end - gs[i].start }
	if len(gs) == 4 && size(0) == 1 {
		gs = gs[1:]
	}
	return len(gs) == 3 && size(0) == 3 && size(1) == 3 && size(2) == 4
}

// excuse takes the words between two places for known.
func (s *scanner) excuse(from, to int) {
	for i := range s.words {
		if s.words[i].start >= from && s.words[i].end <= to {
			s.words[i].foreign = false
		}
	}
}

// closed counts the words that the generator cannot have written.
func (s *scanner) closed(name string) {
	count := int64(0)
	for _, w := range s.words {
		if w.foreign {
			count++
		}
	}
	if count > 0 {
		s.tell(Vocabulary, field{name: name}, count)
	}
}

// times are the first records' times, from which offsets count.
type times struct {
	in, out time.Time
}

// fidelity checks that a record is what its counterpart was, but for what must be replaced.
func (s *scanner) fidelity(in, out *capture.Record) {
	if in == nil {
		s.tell(Fidelity, field{name: recordsField}, 1)
		return
	}
	// A corpus may be moved as a whole, by weeks: weekdays and times of day are the same then.
	moved := out.Time.Sub(s.times.out) != in.Time.Sub(s.times.in) || s.times.out.Sub(s.times.in)%(7*24*time.Hour) != 0
	before, after := sms.Measure(in.Message.Text), sms.Measure(out.Message.Text)
	for _, c := range [...]struct {
		field string
		wrong bool
	}{
		{"kind", in.Kind != out.Kind},
		{"time", moved},
		{"encoding", before.Encoding != after.Encoding},
		{"segments", before.Parts != after.Parts},
		{textField.name, in.Kind.IsKeyword() && !bytes.Equal([]byte(in.Message.Text), []byte(out.Message.Text))},
	} {
		if c.wrong {
			s.tell(Fidelity, field{name: c.field}, 1)
		}
	}
}

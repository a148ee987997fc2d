package audit

import (
	"context"

	"reprise/capture"
)

// candidate is something in the output that the filter takes for a key of the input.
type candidate struct {
	domain   domain
	spelling string
	count    int64 // of records that hold it
	last     int64 // the last of these
	record   int64 // where it was first found
	field    field

	check      Check  // once it is confirmed; empty before
	whose      uint64 // of a number: the same for all its spellings
	structural bool   // the input holds it apart from any text
	common     bool   // a field of the input holds it that is the same for everyone
}

type candidates map[uint64]*candidate

// add counts one hit, at most once a record.
func (c candidates) add(k *key, record int64, f field) *candidate {
	slot := bits(k.hash, k.domain)
	found := c[slot]
	if found == nil {
		found = &candidate{domain: k.domain, spelling: k.spelling(), last: -1, record: record, field: f}
		c[slot] = found
	}
	if found.last != record {
		found.last = record
		found.count++
	}
	if f == textField && found.field != textField && k.domain == run {
		found.record, found.field = record, f
	}
	return found
}

// merge takes over what another found, and leaves it empty.
func (c candidates) merge(o candidates) {
	for slot, other := range o {
		found := c[slot]
		if found == nil {
			c[slot] = other
			continue
		}
		found.count += other.count
		found.last = max(found.last, other.last)
		inText, otherInText := found.field == textField, other.field == textField
		if found.domain == run && otherInText != inText && otherInText || otherInText == inText && other.record < found.record {
			found.record, found.field = other.record, other.field
		}
		if other.check != "" {
			found.confirm(other.check, other.whose)
		}
	}
	clear(o)
}

// confirm says that the input holds it indeed.
func (c *candidate) confirm(check Check, whose uint64) {
	if c.check == "" {
		c.check, c.whose = check, whose
	}
}

// verify reads the input again, to tell the candidates that it holds from those that the filter mistook, and
// reports the former.
func (a *auditor) verify(ctx context.Context) error {
	if len(a.found) == 0 {
		return nil
	}
	texts := a.textsFound()
	err := a.eachInput(ctx, func(h *hand, in *capture.Record) {
		h.keys.of(in, func(k key) {
			if c := a.found[bits(k.hash, k.domain)]; c != nil && c.spelling == k.spelling() {
				a.marking.Lock()
				c.confirm(k.check, k.whose)
				a.marking.Unlock()
			}
		})
		h.markCommon(a, in)
		if !texts {
			return
		}
		mine := h.runsOf(a, in.Message.Text)
		h.scan.reader.fields(in, func(f field, text []byte) {
			if f != textField {
				h.words = a.lexer.words(h.words[:0], text)
				h.markStructural(a, text, mine)
			}
		})
	})
	if err != nil {
		return err
	}
	a.settle()
	return nil
}

// markCommon marks the values that a field of the input holds which is the same for everyone.
func (h *hand) markCommon(a *auditor, in *capture.Record) {
	if a.o.Fields == nil {
		return
	}
	a.o.Fields(in, func(sort FieldSort, value []byte) {
		if sort != Common {
			return
		}
		text := h.keys.folder.fold(value)
		if h.words = a.lexer.words(h.words[:0], text); len(h.words) == 0 {
			return
		}
		if c := a.found[bits(sequence(h.words), secret)]; c != nil && c.spelling == spell(text, h.words) {
			a.marking.Lock()
			c.common = true
			a.marking.Unlock()
		}
	})
}

// settle reports the confirmed candidates, and forgets them all.
func (a *auditor) settle() {
	people := make(map[uint64]*candidate)
	best := make(map[uint64]uint64) // slots
	for slot, c := range a.found {
		// Words that the vendor's own payloads hold are no leak where payloads hold them; in a text they are.
		switch {
		case c.check == "" || c.structural && c.field != textField || c.common && c.check == Values:
		case c.whose == 0:
			a.settled(slot, c)
		default: // of the spellings that fit one place, one counts
			if p := people[c.whose]; p == nil || c.count > p.count || c.count == p.count && c.record < p.record {
				people[c.whose], best[c.whose] = c, slot
			}
		}
	}
	for _, c := range people {
		a.settled(best[c.whose], c)
	}
	clear(a.found)
}

func (a *auditor) settled(slot uint64, c *candidate) {
	a.report.add(c.check, c.record, c.field.label(), c.count)
	if a.confirmed == nil {
		a.confirmed = make(map[uint64]confirmed)
	}
	if len(a.confirmed) < maxConfirmed {
		a.confirmed[slot] = confirmed{c.check, c.structural, c.spelling}
	}
}

func (a *auditor) textsFound() bool {
	for _, c := range a.found {
		if c.domain == run {
			return true
		}
	}
	return false
}

// runsOf returns the candidates that a text of the input holds.
func (h *hand) runsOf(a *auditor, text string) map[*candidate]bool {
	if text == "" {
		return nil
	}
	var mine map[*candidate]bool
	folded := h.keys.fold(text)
	a.eachRun(folded, a.lexer.words(nil, folded), func(c *candidate) {
		if mine == nil {
			mine = make(map[*candidate]bool)
		}
		mine[c] = true
	})
	return mine
}

// markStructural marks the candidates that a record of the input holds though its own text does not.
func (h *hand) markStructural(a *auditor, text []byte, mine map[*candidate]bool) {
	a.eachRun(text, h.words, func(c *candidate) {
		if !mine[c] {
			a.marking.Lock()
			c.structural = true
			a.marking.Unlock()
		}
	})
}

// eachRun calls f for every candidate for a run among the words.
func (a *auditor) eachRun(text []byte, words []word, f func(*candidate)) {
	for i := range words {
		for n := 1; n <= runLength && i+n <= len(words); n++ {
			if !hasForeign(words[i : i+n]) {
				continue
			}
			c := a.found[bits(sequence(words[i:i+n]), run)]
			if c != nil && c.domain == run && c.spelling == spell(text, words[i:i+n]) {
				f(c)
			}
		}
	}
}

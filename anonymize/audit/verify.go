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
	var r reader
	var words []word
	texts := a.textsFound()
	err := each(ctx, a.o.In, "input", func(in *capture.Record) error {
		a.keys.of(in, func(k key) {
			if c := a.found[bits(k.hash, k.domain)]; c != nil && c.spelling == k.spelling() {
				c.confirm(k.check, k.whose)
			}
		})
		a.markCommon(in)
		if !texts {
			return nil
		}
		mine := a.runsOf(in.Message.Text)
		r.fields(in, func(f field, text []byte) {
			if f != textField {
				words = a.lexer.words(words[:0], text)
				a.markStructural(text, words, mine)
			}
		})
		return nil
	})
	if err != nil {
		return err
	}
	a.settle()
	return nil
}

// markCommon marks the values that a field of the input holds which is the same for everyone.
func (a *auditor) markCommon(in *capture.Record) {
	if a.o.Fields == nil {
		return
	}
	var words []word
	a.o.Fields(in, func(sort FieldSort, value []byte) {
		if sort != Common {
			return
		}
		text := a.keys.folder.fold(value)
		if words = a.lexer.words(words[:0], text); len(words) == 0 {
			return
		}
		if c := a.found[bits(sequence(words), secret)]; c != nil && c.check == Values && c.spelling == spell(text, words) {
			c.structural = true
		}
	})
}

// settle reports the confirmed candidates, and forgets them all.
func (a *auditor) settle() {
	people := make(map[uint64]*candidate)
	for _, c := range a.found {
		// Words that the vendor's own payloads hold are no leak where payloads hold them; in a text they are.
		switch {
		case c.check == "" || c.structural && c.field != textField:
		case c.whose == 0:
			a.report.add(c.check, c.record, c.field.label(), c.count)
		default: // of the spellings that fit one place, one counts
			if best := people[c.whose]; best == nil || c.count > best.count || c.count == best.count && c.record < best.record {
				people[c.whose] = c
			}
		}
	}
	for _, c := range people {
		a.report.add(c.check, c.record, c.field.label(), c.count)
	}
	clear(a.found)
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
func (a *auditor) runsOf(text string) map[*candidate]bool {
	if text == "" {
		return nil
	}
	var mine map[*candidate]bool
	folded := a.keys.fold(text)
	a.eachRun(folded, a.lexer.words(nil, folded), func(c *candidate) {
		if mine == nil {
			mine = make(map[*candidate]bool)
		}
		mine[c] = true
	})
	return mine
}

// markStructural marks the candidates that a record of the input holds though its own text does not.
func (a *auditor) markStructural(text []byte, words []word, mine map[*candidate]bool) {
	a.eachRun(text, words, func(c *candidate) {
		if !mine[c] {
			c.structural = true
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

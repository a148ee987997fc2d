package audit

import (
	"slices"

	"reprise/capture"
)

// briefValue is a value of sort Brief: which one of the record's fields it is, from 1, and its hash.
type briefValue struct {
	at   int
	hash uint64
}

// isBrief says whether digits are a value of sort Brief of the record at hand: an id may be as somebody's number by chance.
func (s *scanner) isBrief(hash uint64) bool {
	return slices.ContainsFunc(s.brief, func(b briefValue) bool { return b.hash == hash })
}

// briefValues reports the values of sort Brief that a record has in the same field as its counterpart. Of records that do not have as many
// fields nothing can be told.
func (s *scanner) briefValues(in *capture.Record) {
	at, next, stayed := 0, 0, int64(0)
	s.briefStayed = s.briefStayed[:0]
	s.o.Fields(in, func(sort FieldSort, value []byte) {
		at++
		for next < len(s.brief) && s.brief[next].at < at {
			next++
		}
		if sort != Brief || next == len(s.brief) || s.brief[next].at != at || s.brief[next].hash != s.keys.hash(value) {
			return
		}
		if s.words = s.lexer.words(s.words[:0], s.folder.fold(value)); hasForeign(s.words) {
			stayed++
			if s.places != nil {
				s.briefStayed = append(s.briefStayed, string(value))
			}
		}
	})
	fields := 0
	if stayed > 0 {
		s.o.Fields(s.out, func(FieldSort, []byte) { fields++ })
	}
	if stayed == 0 || fields != at {
		s.briefStayed = s.briefStayed[:0]
		return
	}
	s.report.add(Values, s.n, bodyField.label(), stayed)
}

// placeStayed notes where the values stand that briefValues found: f is one part of a field, with that value.
func (s *scanner) placeStayed(f field, value string) {
	if slices.Contains(s.briefStayed, value) {
		s.places.add(Values, s.where(f))
		s.briefPlaced = true
	}
}
